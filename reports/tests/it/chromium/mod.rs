//! The page for people in a real browser. `.ci/chromium.sh` installs one where it is missing.

mod browser;
mod looks;
mod quiet;
mod use_it;

use shakedown_reports::Report;

use crate::gate::gated;
use crate::html::{hostile, swept, whole};
use crate::{load, support};

/// Reports that together have every section and every kind of picture.
fn reports() -> Vec<(&'static str, Report)> {
    vec![
        ("everything", whole()),
        ("one cell", load::everything()),
        ("sizes of a pool", swept()),
        ("gates", gated()),
        ("what held", support::held()),
        ("hostile words", hostile()),
    ]
}
