//! Whose are `.up.sql` and `.down.sql`? Several runners take the same names and treat the
//! files differently, so that the folder's surroundings have to tell.

use std::path::Path;

use super::{Detection, Folder};

/// Turns off the transaction, if the file begins with it: a byte order mark or an empty line
/// before it and sqlx does not see it.
pub(super) const NO_TRANSACTION: &str = "-- no-transaction";

/// A runner of `.up.sql` and `.down.sql` files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Runner {
    Sqlx,
    GolangMigrate,
    Maragudk,
}

/// A runner, and what gave it away.
pub(super) struct Found {
    runner: Runner,
    because: String,
}

impl Found {
    pub(super) fn detection_for(self, runner: Runner) -> Detection {
        if self.runner == runner { Detection::Yes(self.because) } else { Detection::No }
    }
}

/// Says whose pairs the folder holds; `None` if it holds no numbered ones.
pub(super) fn runner(folder: &Folder) -> Option<Found> {
    let ups: Vec<&str> = folder.files().filter(|name| name.ends_with(".up.sql")).collect();
    let first = *ups.first()?;
    let (manifest, text) = manifest(folder.path()).unwrap_or_default();
    if text.contains("maragu.dev/migrate") || text.contains("maragudk/migrate") {
        let because = format!("`{first}`, and the nearest `go.mod` requires maragudk/migrate");
        return Some(Found { runner: Runner::Maragudk, because });
    }

    let numbered: Vec<&str> = ups.into_iter().filter(|name| number(name).is_some()).collect();
    let first = *numbered.first()?;
    let (runner, because) = if let Some((a, b)) = lettered(&numbered) {
        (Runner::Maragudk, format!("`{a}` and `{b}` share a number and are told apart by letters"))
    } else if let Some(name) = without_transaction(folder) {
        (Runner::Sqlx, format!("`{name}` begins with `{NO_TRANSACTION}`"))
    } else {
        let (runner, because) = match (manifest, number(first).unwrap_or_default().len()) {
            ("Cargo.toml", _) => (Runner::Sqlx, "belongs to a Rust project, by its `Cargo.toml`"),
            ("go.mod", _) => (Runner::GolangMigrate, "belongs to a Go project, by its `go.mod`"),
            (_, 1..=6) => {
                (Runner::GolangMigrate, "is numbered in sequence, as golang-migrate does")
            }
            (_, 10) => (Runner::GolangMigrate, "is numbered by the second, as golang-migrate does"),
            (_, 14) => (Runner::Sqlx, "is numbered by its date, as sqlx does"),
            _ => (Runner::Sqlx, "is named `<version>_<name>.up.sql`"),
        };
        (runner, format!("`{first}` {because}"))
    };
    Some(Found { runner, because })
}

/// A pair's file that says what only sqlx reads.
fn without_transaction(folder: &Folder) -> Option<&str> {
    let of_pair = |name: &&str| name.ends_with(".up.sql") || name.ends_with(".down.sql");
    let mut pairs = folder.files().filter(of_pair).filter(|name| number(name).is_some());
    pairs.find(|name| folder.glimpse(name).starts_with(NO_TRANSACTION))
}

/// The digits before the first `_`.
fn number(name: &str) -> Option<&str> {
    let (digits, _) = name.split_once('_')?;
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// Two names such as `0001_a_users` and `0001_b_items`. The same number without letters is
/// a mistake that the runner will name, not a way of numbering.
fn lettered<'a>(names: &[&'a str]) -> Option<(&'a str, &'a str)> {
    let letter = |name: &str| {
        let mut parts = name.split('_').skip(1);
        parts.next().is_some_and(|part| part.len() == 1 && part.as_bytes()[0].is_ascii_alphabetic())
    };
    let mut neighbours = names.windows(2).map(|two| (two[0], two[1]));
    neighbours.find(|(a, b)| number(a) == number(b) && letter(a) && letter(b))
}

/// The nearest `Cargo.toml` or `go.mod` in the folder or above it, within the repository,
/// and its text. Where both lie side by side, neither tells anything.
fn manifest(folder: &Path) -> Option<(&'static str, String)> {
    let folder = folder.canonicalize().ok()?;
    for above in folder.ancestors() {
        let (cargo, go) = (above.join("Cargo.toml"), above.join("go.mod"));
        match (cargo.is_file(), go.is_file()) {
            (true, false) => return Some(("Cargo.toml", String::new())),
            (false, true) => {
                return Some(("go.mod", std::fs::read_to_string(go).unwrap_or_default()));
            }
            (true, true) => return None,
            (false, false) if above.join(".git").exists() => return None,
            (false, false) => {}
        }
    }
    None
}
