//! Failures that were found, kept as files: each as JSON, to be run again first the next time,
//! with the psql script beside it for people.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::check::{Checked, Failure, Known};
use super::promise::Promise;
use super::script;
use crate::error::{Error, Result};

/// Where failures are kept, below the folder of `shakedown.toml`.
pub const FOLDER: &str = ".shakedown/failures";

/// The longest part of a promise's id that its file name shows.
const LONGEST_NAME: usize = 80;

/// What is broken in a schema, as it is stored.
pub fn failures(checked: &Checked) -> Vec<Failure> {
    let broken = checked.verdicts.iter().filter_map(|verdict| match &verdict.known {
        Known::Broken(counterexample) => Some((&verdict.promise, counterexample)),
        _ => None,
    });
    broken
        .map(|(promise, counterexample)| Failure {
            // The rest of what it was tried by would only make the file long.
            promise: Promise { evidence: counterexample.evidence(), ..promise.clone() },
            schema: checked.schema.clone(),
            counterexample: counterexample.clone(),
        })
        .collect()
}

/// The failures in a folder, by the names of their files. A folder that is not there holds none.
///
/// # Errors
/// When the folder or a file in it cannot be read, or a file holds no failure.
pub fn load(folder: &Path) -> Result<Vec<Failure>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(not_read(folder, error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| not_read(folder, error))?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    files.sort();
    files.iter().map(|file| load_one(file)).collect()
}

fn load_one(file: &Path) -> Result<Failure> {
    let text = fs::read_to_string(file).map_err(|error| not_read(file, error))?;
    serde_json::from_str(&text).map_err(|error| {
        Error::new(format!("`{}` holds no stored failure", file.display()))
            .because(error)
            .hint("remove the file; what still fails is found and stored again")
    })
}

/// Stores failures. There is one for each promise: a newer one takes the place of an older.
///
/// # Errors
/// When the folder or a file in it cannot be written.
pub fn save(folder: &Path, failures: &[Failure]) -> Result<()> {
    if failures.is_empty() {
        return Ok(());
    }
    fs::create_dir_all(folder).map_err(|error| not_written(folder, error))?;
    for failure in failures {
        let file = folder.join(name(&failure.promise.id()));
        let sql = script::psql(&failure.promise.says, &failure.counterexample);
        write(&file.with_extension("sql"), &sql)?;
        write(&file, &json(failure, &file)?)?;
    }
    Ok(())
}

/// Removes failures that no longer fail; those that are not stored are passed over.
///
/// # Errors
/// When a file is there and cannot be removed.
pub fn forget(folder: &Path, gone: &[Failure]) -> Result<()> {
    for failure in gone {
        let file = folder.join(name(&failure.promise.id()));
        for file in [file.with_extension("sql"), file] {
            match fs::remove_file(&file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::new(format!("`{}` cannot be removed", file.display()))
                        .because(error)
                        .hint("remove it by hand: what it tells no longer fails"));
                }
                _ => {}
            }
        }
    }
    if !gone.is_empty() {
        // Only an empty folder goes.
        let _ = fs::remove_dir(folder);
    }
    Ok(())
}

/// The name of a failure's file, with the ending `.json`: the id of its promise as far as file
/// systems like it, and some digits of its hash to tell apart what looks the same then.
pub fn name(promise: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let safe: String =
        promise.chars().map(|c| if plain(c) { c } else { '-' }).take(LONGEST_NAME).collect();
    let hash = Sha256::digest(promise.as_bytes());
    let digits: String = hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("{safe}-{digits}.json")
}

/// A value as indented JSON with a line break at the end.
pub(super) fn json(value: &impl Serialize, file: &Path) -> Result<String> {
    let text = serde_json::to_string_pretty(value).map_err(|error| not_written(file, error.into()));
    Ok(text? + "\n")
}

/// Writes a file whole or not at all.
pub(super) fn write(file: &Path, text: &str) -> Result<()> {
    let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    let written = tempfile::Builder::new()
        .prefix(".shakedown-")
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .tempfile_in(folder.unwrap_or(Path::new(".")))
        .and_then(|mut beside| {
            io::Write::write_all(&mut beside, text.as_bytes())?;
            beside.persist(file).map(drop).map_err(|error| error.error)
        });
    written.map_err(|error| not_written(file, error))
}

fn not_read(path: &Path, error: io::Error) -> Error {
    Error::new(format!("`{}` cannot be read", path.display())).because(error)
}

fn not_written(path: &Path, error: io::Error) -> Error {
    Error::new(format!("`{}` cannot be written", path.display()))
        .because(error)
        .hint("see that its folder is there, can be written and has space")
}

/// The script that is stored beside a failure.
pub fn script_of(folder: &Path, promise: &str) -> PathBuf {
    folder.join(name(promise)).with_extension("sql")
}
