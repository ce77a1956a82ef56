//! A panel of a plot: two axes with numbers, and where a value lies between them.

use super::svg::{Anchor, Picture};

pub(crate) struct Axes {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// The value at the right end; the left one is 0.
    pub(crate) most_x: f64,
    /// The value at the top; the bottom is 0.
    pub(crate) most_y: f64,
}

/// What stands at a panel.
pub(crate) struct Labels<'a> {
    pub(crate) title: &'a str,
    pub(crate) x: &'a str,
    pub(crate) y: &'a str,
}

impl Axes {
    pub(crate) fn x(&self, value: f64) -> f64 {
        self.left + self.width * value / self.most_x
    }

    pub(crate) fn y(&self, value: f64) -> f64 {
        self.top + self.height * (1.0 - value / self.most_y)
    }

    pub(crate) fn draw(&self, picture: &mut Picture, labels: &Labels<'_>) {
        let (bottom, right) = (self.top + self.height, self.left + self.width);
        picture.text(
            (self.left, self.top - 10.0),
            "",
            Anchor::Start,
            labels.title,
        );
        for value in steps(self.most_y) {
            let y = self.y(value);
            picture.line("grid", (self.left, y), (right, y));
            picture.text((self.left - 6.0, y + 4.0), "small", Anchor::End, value);
        }
        for value in steps(self.most_x) {
            let x = self.x(value);
            picture.line("axis", (x, bottom), (x, bottom + 4.0));
            picture.text((x, bottom + 17.0), "small", Anchor::Middle, value);
        }
        picture.line("axis", (self.left, bottom), (right, bottom));
        picture.line("axis", (self.left, self.top), (self.left, bottom));
        let middle = self.left + self.width / 2.0;
        picture.text((middle, bottom + 33.0), "small", Anchor::Middle, labels.x);
        picture.upwards((self.left - 46.0, self.top + self.height / 2.0), labels.y);
    }
}

/// About five round numbers from 0 to `most`.
fn steps(most: f64) -> impl Iterator<Item = f64> {
    let rough = most / 5.0;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= rough)
        .unwrap_or(rough);
    let count = (most / step + 1e-9).floor();
    (0..=5)
        .map(f64::from)
        .filter(move |number| *number <= count)
        // Multiples of a tenth are not exact.
        .map(move |number| (number * step * 1e6).round() / 1e6)
}
