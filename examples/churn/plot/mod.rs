//! Frames lost around each change, as a picture.
//!
//! Above, every change of the call; below, the mean course of a change: what part of the frames
//! sent so long after it was lost, at adds and updates on the left, at removals on the right.

mod axes;
mod svg;

use axes::{Axes, Labels};
use svg::{Anchor, Picture};

use crate::world::changes::{Change, PROFILE_LEN, STEP, Step};
use crate::world::settings::Settings;
use crate::world::simulation::Outcomes;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 660.0;
const LEFT: f64 = 70.0;

/// The plot as a file.
pub(crate) fn draw(settings: &Settings, outcomes: &Outcomes) -> String {
    let mut picture = Picture::new(WIDTH, HEIGHT);
    let title = "Frames lost around changes of the group";
    picture.text((LEFT, 32.0), "title", Anchor::Start, title);
    picture.text((LEFT, 52.0), "small", Anchor::Start, subtitle(settings));
    legend(&mut picture);
    all_changes(&mut picture, settings, outcomes.changes.all());
    let [adds, removals] = &outcomes.changes.profiles;
    let most = highest_share(adds).max(highest_share(removals));
    let panels = [
        ("After an add or update", adds, LEFT),
        ("After a removal", removals, WIDTH / 2.0 + 50.0),
    ];
    for (title, profile, left) in panels {
        mean_course(&mut picture, title, profile, left, most);
    }
    picture.finish(title, &subtitle(settings))
}

fn subtitle(settings: &Settings) -> String {
    let holding = if settings.holding {
        "with a holding buffer"
    } else {
        "without a holding buffer"
    };
    format!(
        "{} members, {} minutes of virtual time, seed {}; epochs up to {} ms late, sending moves {} ms \
         later, at removals at once; {holding}",
        settings.members,
        settings.length / 60_000,
        settings.seed,
        settings.spread,
        settings.delay
    )
}

fn legend(picture: &mut Picture) {
    let entries = [
        ("change", "lost to the change of key"),
        ("newcomer", "lost in a newcomer's first epoch"),
        ("held", "opened after waiting in the holding buffer"),
        ("network", "lost in the network (below)"),
    ];
    let mut x = LEFT;
    for (class, text) in entries {
        picture.bar(class, (x, 66.0), (11.0, 11.0), text);
        picture.text((x + 16.0, 76.0), "small", Anchor::Start, text);
        x += 40.0 + 6.0 * text.len() as f64;
    }
}

/// A bar for each change, at its time.
fn all_changes(picture: &mut Picture, settings: &Settings, changes: &[Change]) {
    let total = |change: &Change| change.lost + change.lost_of_new + change.held;
    let most = changes.iter().map(total).max().unwrap_or(0);
    let axes = Axes {
        left: LEFT,
        top: 115.0,
        width: WIDTH - LEFT - 30.0,
        height: 200.0,
        most_x: settings.length as f64 / 60_000.0,
        most_y: (most as f64 * 1.1).max(1.0),
    };
    axes.draw(
        picture,
        &Labels {
            title: "Every change",
            x: "minutes",
            y: "frames × receivers",
        },
    );
    let width = (axes.width / changes.len().max(1) as f64 * 0.6).clamp(1.0, 10.0);
    for change in changes {
        let x = axes.x(change.at as f64 / 60_000.0) - width / 2.0;
        let hint = format!(
            "epoch {}, {:?}: {} lost, {} of a newcomer, {} waited",
            change.epoch, change.kind, change.lost, change.lost_of_new, change.held
        );
        let parts = [
            ("change", change.lost),
            ("newcomer", change.lost_of_new),
            ("held", change.held),
        ];
        let parts = parts.map(|(class, count)| (class, count as f64));
        stack(picture, &axes, (x, width), &parts, &hint);
    }
}

/// The share of frames that were lost, by when they were sent behind a change.
fn mean_course(picture: &mut Picture, title: &str, profile: &[Step], left: f64, most: f64) {
    let axes = Axes {
        left,
        top: 400.0,
        width: WIDTH / 2.0 - 90.0,
        height: 200.0,
        most_x: PROFILE_LEN as f64 / 1_000.0,
        most_y: (most * 1.1).max(0.1),
    };
    axes.draw(
        picture,
        &Labels {
            title,
            x: "sent so many seconds behind the change",
            y: "% of frames × receivers",
        },
    );
    let width = axes.width * STEP as f64 / PROFILE_LEN as f64;
    for (number, step) in profile.iter().enumerate() {
        let seconds = (number as u64 * STEP) as f64 / 1_000.0;
        let parts = [
            ("network", step.network),
            ("change", step.change),
            ("newcomer", step.new_sender),
        ];
        let parts = parts.map(|(class, count)| (class, share(count, step.sent)));
        let hint = format!(
            "{seconds} s: of {} sent, {} lost in the network, {} to the change, {} of newcomers",
            step.sent, step.network, step.change, step.new_sender
        );
        stack(picture, &axes, (axes.x(seconds), width), &parts, &hint);
    }
}

/// Bars on top of each other.
fn stack(
    picture: &mut Picture,
    axes: &Axes,
    (x, width): (f64, f64),
    parts: &[(&str, f64)],
    hint: &str,
) {
    let mut below = 0.0;
    for (class, value) in parts {
        if *value > 0.0 {
            let (bottom, top) = (axes.y(below), axes.y(below + value));
            picture.bar(class, (x, top), (width, bottom - top), hint);
            below += value;
        }
    }
}

fn highest_share(profile: &[Step]) -> f64 {
    let shares = profile
        .iter()
        .map(|step| share(step.network + step.change + step.new_sender, step.sent));
    shares.fold(0.0, f64::max)
}

fn share(part: u64, whole: u64) -> f64 {
    part as f64 * 100.0 / (whole as f64).max(1.0)
}
