//! Annotations of GitHub Actions: lines that its runner takes from the output of a step and shows
//! beside the lines of the files that they name.
//!
//! The form is that of "Workflow commands for GitHub Actions" in its manual; what has to be escaped
//! follows from how the runner reads them.

use super::problems::{self, Problem};
use super::{Colour, Renderer, clean};
use crate::figures::grouped;
use crate::model::{Report, Severity};

pub(super) const RENDERER: Renderer = Renderer {
    name: "github",
    summary: "annotations for GitHub Actions, which reads them from the output: --out github=-",
    render,
};

/// So many annotations of one kind are shown for a step; the platform drops the rest.
const SHOWN: usize = 10;

/// The most characters of a title that the platform takes.
const TITLE: usize = 255;

/// So many characters of a message are shown; the platform takes 64 kB.
const MESSAGE: usize = 4_000;

fn render(report: &Report, _: Colour) -> String {
    let all = problems::of(report);
    let mut out = String::new();
    for (severity, kind) in
        [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Risk, "notice")]
    {
        let own: Vec<&Problem> =
            all.iter().filter(|problem| problem.severity == severity).collect();
        // The last one is needed to say how many more there are.
        let shown = if own.len() > SHOWN { SHOWN - 1 } else { own.len() };
        out.extend(own[..shown].iter().map(|problem| annotation(kind, problem)));
        if shown < own.len() {
            let more = grouped((own.len() - shown) as u64);
            out += &format!("::{kind} title=shakedown::and {more} more, all in the report\n");
        }
    }
    out
}

fn annotation(kind: &str, problem: &Problem) -> String {
    let mut properties = Vec::new();
    if let Some(file) = &problem.file {
        properties.push(format!("file={}", property(file)));
        properties.extend(problem.line.map(|line| format!("line={line}")));
    }
    properties.push(format!("title={}", property(&clean::short(&problem.title, TITLE))));
    let message = data(&clean::short(&problem.message, MESSAGE));
    format!("::{kind} {}::{message}\n", properties.join(","))
}

/// A message. Its line breaks are escaped, so that nothing in it begins a line of its own, which
/// the runner might take for another command.
fn data(words: &str) -> String {
    words.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which `,` and `:` would end.
fn property(words: &str) -> String {
    data(words).replace(':', "%3A").replace(',', "%2C")
}
