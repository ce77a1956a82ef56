//! The plot of the example: whatever happened in the call, it is a picture that can be read.

use crate::plot;
use crate::world::settings::Settings;
use crate::world::simulation;

fn plot_of(settings: &Settings) -> String {
    let outcomes = simulation::run(settings, &mut |_| {});
    plot::draw(settings, &outcomes)
}

/// The numbers of an attribute, of all elements that have it.
fn numbers(svg: &str, attribute: &str) -> Vec<f64> {
    let start = format!(" {attribute}=\"");
    svg.split(&start)
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().parse().unwrap())
        .collect()
}

#[test]
fn a_plot_has_a_title_axes_with_units_and_both_backgrounds() {
    let svg = plot_of(&Settings::new(6, 1, 1));
    for text in [
        "<title id=\"title\">Frames lost around changes of the group</title>",
        ">minutes</text>",
        ">frames × receivers</text>",
        ">After an add or update</text>",
        ">After a removal</text>",
        ">% of frames × receivers</text>",
        ">lost to the change of key</text>",
        "prefers-color-scheme: dark",
        "6 members, 1 minutes of virtual time, seed 1",
    ] {
        assert!(svg.contains(text), "{text}");
    }
    for element in ["text", "rect", "title", "svg", "style"] {
        let opened = svg.matches(&format!("<{element} ")).count()
            + svg.matches(&format!("<{element}>")).count();
        let page = usize::from(element == "rect");
        let closed = svg.matches(&format!("</{element}>")).count();
        assert_eq!(opened, closed + page, "{element}");
    }
}

#[test]
fn every_bar_lies_inside_the_picture_and_one_stands_for_every_kind_of_loss() {
    let mut settings = Settings::new(6, 1, 2);
    settings.delay = 0;
    let svg = plot_of(&settings);
    assert!(!svg.contains("NaN") && !svg.contains("inf\""));
    for (attribute, most) in [("x", 960.0), ("y", 660.0), ("width", 960.0)] {
        let inside = |value: &f64| (0.0..=most).contains(value);
        assert!(numbers(&svg, attribute).iter().all(inside), "{attribute}");
    }
    let bars = |class: &str| svg.matches(&format!("<rect class=\"{class}\"")).count();
    // One of each is the legend's.
    assert!(bars("change") > 10 && bars("network") > 10 && bars("newcomer") > 1);
    assert_eq!(bars("held"), 1);
    settings.holding = true;
    let svg = plot_of(&settings);
    assert_eq!(svg.matches("<rect class=\"change\"").count(), 1);
    assert!(svg.matches("<rect class=\"held\"").count() > 5);
}
