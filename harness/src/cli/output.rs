//! Where the report goes.

use std::fs::File;
use std::io::{IsTerminal, Write, stderr, stdout};
use std::path::PathBuf;

use shakedown::error::{Error, Result};
use shakedown_reports::Report;
use shakedown_reports::render::{self, Colour, RENDERERS, Renderer};

use super::args::ColorArg;

/// A file that a report will be written to. It is opened before the long part, so that a
/// wrong path fails at once.
#[derive(Debug)]
pub(super) struct Out {
    renderer: &'static Renderer,
    path: PathBuf,
    file: File,
}

/// Opens what `--out` names.
pub(super) fn open(wanted: &[String]) -> Result<Vec<Out>> {
    wanted.iter().map(|text| open_one(text)).collect()
}

fn open_one(text: &str) -> Result<Out> {
    let known: Vec<&str> = RENDERERS.iter().map(|renderer| renderer.name).collect();
    let (name, path) = text.split_once('=').ok_or_else(|| {
        Error::new(format!("`--out {text}` names no file"))
            .hint(format!("write --out {}=<file>", known.join("|")))
    })?;
    let renderer = render::by_name(name).ok_or_else(|| {
        Error::new(format!("`{name}` is no report format"))
            .hint(format!("give one of {}", known.join(", ")))
    })?;
    let path = PathBuf::from(path);
    let file = File::create(&path).map_err(|error| {
        Error::new(format!("the report `{}` cannot be written", path.display()))
            .because(error)
            .hint("name a file in a folder that exists and can be written")
    })?;
    Ok(Out { renderer, path, file })
}

impl Out {
    pub(super) fn write(mut self, report: &Report) -> Result<()> {
        let text = (self.renderer.render)(report, Colour::No);
        self.file.write_all(text.as_bytes()).map_err(|error| {
            Error::new(format!("the report `{}` cannot be written", self.path.display()))
                .because(error)
        })
    }
}

/// Prints data. Whoever closed the pipe wanted no more, which is no error.
pub(super) fn print(text: &str) {
    let mut out = stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

/// Prints what is not data.
#[expect(clippy::print_stderr, reason = "notices go to stderr, and this is where they do")]
pub(super) fn notice(text: &str) {
    eprintln!("{text}");
}

/// Whether stdout gets colours.
pub(super) fn colour(arg: ColorArg) -> Colour {
    let wanted = match arg {
        ColorArg::Always => true,
        ColorArg::Never => false,
        ColorArg::Auto => {
            let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            stdout().is_terminal()
                && !refused
                && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    };
    if wanted { Colour::Yes } else { Colour::No }
}

/// Whether somebody watches.
pub(super) fn somebody_watches() -> bool {
    stderr().is_terminal()
}
