//! Where the report goes.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{IsTerminal, Write, stderr, stdout};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use shakedown::error::{Error, Result};
use shakedown_reports::Report;
use shakedown_reports::render::{self, Colour, RENDERERS, Renderer};

use tempfile::NamedTempFile;

use super::args::ColorArg;

/// A file that a report will be written to. What can be wrong with its path is found out
/// before the long part, and what it held stays until the new report is whole.
#[derive(Debug)]
pub(super) struct Out {
    renderer: &'static Renderer,
    path: PathBuf,
    target: Target,
}

#[derive(Debug)]
enum Target {
    /// Printed, in place of the text.
    Stdout,
    /// Written beside its place and renamed, so that nothing half written is ever there.
    Beside,
    /// A pipe or a device, which cannot be replaced.
    Special(File),
}

/// Opens what `--out` names.
pub(super) fn open(wanted: &[String]) -> Result<Vec<Out>> {
    let outs: Vec<Out> = wanted.iter().map(|text| open_one(text)).collect::<Result<_>>()?;
    let printed = outs.iter().filter(|out| matches!(out.target, Target::Stdout));
    if printed.count() > 1 {
        return Err(Error::new("only one format can be printed with `--out FORMAT=-`")
            .hint("name a file for each of the others"));
    }
    Ok(outs)
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
    if path == Path::new("-") {
        return Ok(Out { renderer, path, target: Target::Stdout });
    }
    // A link stays, and what it points to is written.
    let path = std::fs::canonicalize(&path).unwrap_or(path);
    let target = target(&path).map_err(|error| not_written(&path, error))?;
    Ok(Out { renderer, path, target })
}

/// Finds out before the long part whether a file can be written, and leaves it as it is.
pub(super) fn check_writable(path: &Path) -> Result<()> {
    target(path).map(drop).map_err(|error| not_written(path, error))
}

fn target(path: &Path) -> std::io::Result<Target> {
    match std::fs::metadata(path) {
        Ok(there) if there.is_file() => drop(OpenOptions::new().append(true).open(path)?),
        Ok(_) => return Ok(Target::Special(OpenOptions::new().write(true).open(path)?)),
        Err(_) => {}
    }
    // It goes again at once, so that a run that is killed leaves nothing.
    beside(path).map(|_| Target::Beside)
}

/// A file in the same folder.
fn beside(path: &Path) -> std::io::Result<NamedTempFile> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    tempfile::Builder::new()
        .prefix(".shakedown-")
        .permissions(Permissions::from_mode(0o644))
        .tempfile_in(folder.unwrap_or(Path::new(".")))
        // Its name is nothing to the user.
        .map_err(|error| error.kind().into())
}

fn not_written(path: &Path, error: std::io::Error) -> Error {
    Error::new(format!("the file `{}` cannot be written", path.display()))
        .because(error)
        .hint("name a file in a folder that exists, can be written and has space")
}

impl Out {
    fn write(self, report: &Report) -> Result<()> {
        let text = (self.renderer.render)(report, Colour::No);
        let written = match self.target {
            Target::Stdout => {
                print(&text);
                Ok(())
            }
            Target::Special(mut file) => file.write_all(text.as_bytes()),
            Target::Beside => beside(&self.path).and_then(|mut file| {
                file.write_all(text.as_bytes())?;
                file.persist(&self.path).map(drop).map_err(|error| error.error)
            }),
        };
        written.map_err(|error| not_written(&self.path, error))
    }
}

/// Prints the report as text, unless another format is printed in its place, and writes all that
/// `--out` names.
pub(super) fn report(report: &Report, outs: Vec<Out>, color: ColorArg) -> Result<()> {
    if !outs.iter().any(|out| matches!(out.target, Target::Stdout)) {
        print(&render::text(report, colour(color)));
    }
    outs.into_iter().try_for_each(|out| out.write(report))
}

/// Prints data. Whoever closed the pipe wanted no more, which is no error.
pub(super) fn print(text: &str) {
    let mut out = stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

/// Prints what is not data. Whoever closed the pipe wanted no more of it either.
pub(super) fn notice(text: &str) {
    let _ = writeln!(stderr(), "{text}");
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
