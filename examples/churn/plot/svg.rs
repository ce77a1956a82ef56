//! The little of SVG that a plot needs. Colours follow the reader's light or dark background.

use core::fmt::{Display, Write};

const STYLE: &str = "\
text { font: 13px system-ui, sans-serif; fill: #222 } \
.title { font-size: 17px; font-weight: 600 } \
.small { font-size: 11px; fill: #555 } \
.page { fill: #fff } \
.axis { stroke: #555; stroke-width: 1 } \
.grid { stroke: #ccc; stroke-width: 0.5 } \
.network { fill: #9a9a9a } \
.change { fill: #c4312b } \
.newcomer { fill: #d99000 } \
.held { fill: #2a78c2 } \
@media (prefers-color-scheme: dark) { \
text { fill: #e6e6e6 } \
.small { fill: #b0b0b0 } \
.page { fill: #16181c } \
.axis { stroke: #b0b0b0 } \
.grid { stroke: #444 } \
.network { fill: #7d7d7d } \
.change { fill: #ff6b63 } \
.newcomer { fill: #f0b840 } \
.held { fill: #6bb0f0 } }";

/// A picture that grows downwards.
pub(crate) struct Picture {
    body: String,
    width: f64,
    height: f64,
}

/// Where text stands to its point.
#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

impl Picture {
    pub(crate) fn new(width: f64, height: f64) -> Self {
        Self {
            body: String::new(),
            width,
            height,
        }
    }

    pub(crate) fn text(
        &mut self,
        (x, y): (f64, f64),
        class: &str,
        anchor: Anchor,
        text: impl Display,
    ) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let text = escaped(&text.to_string());
        self.add(&format!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" class=\"{class}\" text-anchor=\"{anchor}\">{text}</text>"
        ));
    }

    /// Text that reads upwards.
    pub(crate) fn upwards(&mut self, (x, y): (f64, f64), text: &str) {
        let text = escaped(text);
        self.add(&format!(
            "<text class=\"small\" text-anchor=\"middle\" transform=\"translate({x:.1} {y:.1}) rotate(-90)\">{text}</text>"
        ));
    }

    pub(crate) fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        self.add(&format!(
            "<line class=\"{class}\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>",
            from.0, from.1, to.0, to.1
        ));
    }

    /// A rectangle, with a text that is shown when the reader points at it.
    pub(crate) fn bar(
        &mut self,
        class: &str,
        (x, y): (f64, f64),
        (width, height): (f64, f64),
        hint: &str,
    ) {
        let hint = escaped(hint);
        self.add(&format!(
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"><title>{hint}</title></rect>"
        ));
    }

    pub(crate) fn finish(self, title: &str, description: &str) -> String {
        let Self {
            body,
            width,
            height,
        } = self;
        let (title, description) = (escaped(title), escaped(description));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             role=\"img\" aria-labelledby=\"title description\">\n\
             <title id=\"title\">{title}</title>\n<desc id=\"description\">{description}</desc>\n\
             <style>{STYLE}</style>\n\
             <rect class=\"page\" width=\"{width}\" height=\"{height}\"/>\n{body}</svg>\n"
        )
    }

    fn add(&mut self, element: &str) {
        // A string takes everything.
        let _ = writeln!(self.body, "{element}");
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
