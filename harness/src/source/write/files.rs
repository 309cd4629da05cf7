//! Files that are all written or not at all.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use super::NewFile;
use crate::error::{Error, Result};

/// Files and folders that go again when this is dropped, unless they are kept.
#[derive(Debug, Default)]
pub(super) struct Created {
    paths: Vec<PathBuf>,
}

impl Created {
    /// Leaves everything where it is.
    pub(super) fn keep(mut self) {
        self.paths.clear();
    }
}

impl Drop for Created {
    fn drop(&mut self) {
        for path in self.paths.iter().rev() {
            // Whoever drops this reports an error already, which matters more.
            let _ = if path.is_dir() { fs::remove_dir(path) } else { fs::remove_file(path) };
        }
    }
}

/// Creates the files and the folder of each, where it is not there.
///
/// # Errors
/// If a file is there already or cannot be written; what was created until then is removed.
pub(super) fn create(files: &[NewFile]) -> Result<Created> {
    let mut created = Created::default();
    for NewFile { path, text } in files {
        let unwritten = |e: std::io::Error| {
            let shown = path.display();
            match e.kind() {
                ErrorKind::AlreadyExists => Error::new(format!("`{shown}` is there already"))
                    .hint("move it out of the folder, and start again"),
                _ => Error::new(format!("cannot write `{shown}`"))
                    .because(e)
                    .hint("see that the folder can be written to and that the disk is not full"),
            }
        };
        if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
            fs::create_dir(folder).map_err(unwritten)?;
            created.paths.push(folder.to_owned());
        }
        let mut file =
            OpenOptions::new().write(true).create_new(true).open(path).map_err(unwritten)?;
        created.paths.push(path.clone());
        file.write_all(text.as_bytes()).map_err(unwritten)?;
    }
    Ok(created)
}
