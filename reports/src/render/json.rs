//! The whole report as JSON, as `schema/report.json` describes it.

use super::{Colour, Renderer};
use crate::model::Report;

pub(super) const RENDERER: Renderer = Renderer {
    name: "json",
    summary: "everything, for programs; the other formats can be made from it",
    render,
};

fn render(report: &Report, _: Colour) -> String {
    // The report is plain data with string keys, so that writing it cannot fail.
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}
