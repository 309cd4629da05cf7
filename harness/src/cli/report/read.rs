//! Stored reports, read with care: a file may be anything.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use shakedown::error::{Error, Result};
use shakedown_reports::Report;
use shakedown_reports::stored::{self, Unreadable};

/// A report that `--out json=FILE` wrote.
pub(in crate::cli) fn read(file: &Path) -> Result<Report> {
    let name = file.display();
    let unreadable = |why: Unreadable| Error::new(format!("`{name}` {why}")).hint(why.hint());
    let failed = |error: std::io::Error| {
        Error::new(format!("the report `{name}` cannot be read"))
            .because(error)
            .hint("name a file that `--out json=FILE` wrote")
    };
    if file.is_dir() {
        return Err(Error::new(format!("`{name}` is a folder and no report"))
            .hint("name a file in it that `--out json=FILE` wrote"));
    }
    let mut bytes = Vec::new();
    // One byte more than a report may have, which tells that there is more.
    let opened = File::open(file).map_err(failed)?;
    opened.take(stored::LONGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > stored::LONGEST {
        return Err(unreadable(Unreadable::TooLong));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| unreadable(Unreadable::Other("it is not text in UTF-8".to_owned())))?;
    stored::parse(&text).map_err(unreadable)
}
