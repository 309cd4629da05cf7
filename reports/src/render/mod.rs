//! The output formats: one file and one line in [`RENDERERS`] each.

pub(crate) mod clean;
mod difference;
pub(crate) mod gates;
mod github;
mod html;
mod index;
mod json;
mod junit;
mod load;
mod markdown;
mod mutants;
mod problems;
pub(crate) mod promises;
mod run;
mod sarif;
mod svg;
pub(crate) mod text;

use crate::model::Report;
pub use difference::difference;
pub use markdown::markdown;

/// The report for people, as it is printed on the terminal.
pub fn text(report: &Report, colour: Colour) -> String {
    (text::RENDERER.render)(report, colour)
}

/// A format that a report can be written in.
#[derive(Debug, Clone, Copy)]
pub struct Renderer {
    /// As `--out <name>=<file>` takes it.
    pub name: &'static str,
    /// One line for the help.
    pub summary: &'static str,
    /// Makes the whole document. The second argument says whether colours may be used;
    /// only formats for the terminal heed it.
    pub render: fn(&Report, Colour) -> String,
}

/// Whether the output may hold terminal colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    Yes,
    No,
}

/// Every format there is.
pub static RENDERERS: &[Renderer] = &[
    text::RENDERER,
    json::RENDERER,
    junit::RENDERER,
    github::RENDERER,
    sarif::RENDERER,
    markdown::RENDERER,
    markdown::COMMENT,
    html::RENDERER,
];

/// The format of this name.
pub fn by_name(name: &str) -> Option<&'static Renderer> {
    RENDERERS.iter().find(|renderer| renderer.name == name)
}
