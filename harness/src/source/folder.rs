//! A migration folder, listed once.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// A folder and what it holds, as it was when it was opened.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
    entries: Vec<Entry>,
}

/// A file or a folder in a [`Folder`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name without the path.
    pub name: String,
    /// Whether it is a folder; a link counts as what it points to.
    pub is_folder: bool,
}

impl Folder {
    /// Lists a folder.
    ///
    /// # Errors
    /// If there is no such folder, if it is a file, if it cannot be listed, or if a name in
    /// it is not UTF-8.
    pub fn open(path: &Path) -> Result<Self> {
        let shown = path.display();
        let metadata = fs::metadata(path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => Error::new(format!("there is no folder `{shown}`"))
                .hint("give the folder with the migrations, as seen from where you are"),
            _ => Error::new(format!("cannot look at `{shown}`")).because(e),
        })?;
        if !metadata.is_dir() {
            let parent = path.parent().filter(|p| !p.as_os_str().is_empty());
            let parent = parent.unwrap_or(Path::new("."));
            return Err(Error::new(format!("`{shown}` is a file, not a folder"))
                .hint(format!("give the folder it lies in: `{}`", parent.display())));
        }
        let unlisted = |e| Error::new(format!("cannot list the folder `{shown}`")).because(e);
        let mut entries = Vec::new();
        for entry in fs::read_dir(path).map_err(unlisted)? {
            let entry = entry.map_err(unlisted)?;
            let name = entry.file_name().into_string().map_err(|name| {
                Error::new(format!("a file name in `{shown}` is not UTF-8: `{}`", name.display()))
                    .hint("rename that file, or move it out of the folder")
            })?;
            match fs::metadata(entry.path()) {
                // Reading a pipe or a socket would wait for ever.
                Ok(kind) if !kind.is_dir() && !kind.is_file() => {}
                Ok(kind) => entries.push(Entry { name, is_folder: kind.is_dir() }),
                // A dangling link stays in the list, so that reading it says what is wrong.
                Err(_) => entries.push(Entry { name, is_folder: false }),
            }
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self { path: path.to_owned(), entries })
    }

    /// The path as the user gave it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Files and folders, sorted by the bytes of their names.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The names of the files, sorted by their bytes.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter(|e| !e.is_folder).map(|e| e.name.as_str())
    }

    /// The names of the folders in it, sorted by their bytes.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter(|e| e.is_folder).map(|e| e.name.as_str())
    }

    /// Whether there is a file of that name.
    pub fn has_file(&self, name: &str) -> bool {
        self.files().any(|file| file == name)
    }

    /// The path of an entry, as the user would type it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Lists a folder in it.
    ///
    /// # Errors
    /// As [`Folder::open`].
    pub fn subfolder(&self, name: &str) -> Result<Self> {
        Self::open(&self.join(name))
    }

    /// The text of a file, byte for byte: a byte order mark and `\r\n` stay, since the
    /// runners send them too.
    ///
    /// # Errors
    /// If the file cannot be read, is not UTF-8, or has a NUL byte, which would end the
    /// query early.
    pub fn read(&self, name: &str) -> Result<String> {
        let path = self.join(name);
        let bytes = fs::read(&path)
            .map_err(|e| Error::new(format!("cannot read `{}`", path.display())).because(e))?;
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(e) => return Err(bad_byte(&path, e.as_bytes(), e.utf8_error().valid_up_to())),
        };
        match text.find('\0') {
            Some(at) => Err(bad_byte(&path, text.as_bytes(), at)),
            None => Ok(text),
        }
    }

    /// What can be seen of a file, for telling formats apart: an unreadable file looks empty
    /// and a byte that is not UTF-8 is replaced. Reading the file for good then fails.
    pub(super) fn glimpse(&self, name: &str) -> String {
        let bytes = fs::read(self.join(name)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

fn bad_byte(path: &Path, bytes: &[u8], at: usize) -> Error {
    let before = &bytes[..at];
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    let column = at - before.iter().rposition(|b| *b == b'\n').map_or(0, |newline| newline + 1) + 1;
    let utf16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    let from = if utf16 || bytes[at] == 0 { "UTF-16" } else { "LATIN1" };
    let shown = path.display();
    Error::new(format!(
        "`{shown}` is not UTF-8 text: byte {column} of line {line} is 0x{:02X}",
        bytes[at]
    ))
    .hint(format!("save it as UTF-8, for example with `iconv -f {from} -t UTF-8`, if it is {from}"))
}
