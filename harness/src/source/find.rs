//! Where in a project its migrations are.

use std::collections::VecDeque;
use std::path::Path;

use super::{Detection, FORMATS, Folder};

/// The folders of a project, without those that hold what others wrote.
#[derive(Debug, Default)]
pub struct Found {
    /// Those that some format takes for its own, the nearest first. What is below is not looked at.
    pub migrations: Vec<Folder>,
    /// All others, those above first.
    pub others: Vec<Folder>,
}

/// For which database migrations are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dialect {
    /// The path names Postgres.
    Postgres,
    /// The path names no database.
    Unnamed,
    /// The path names another one.
    Other,
}

/// Looks through a folder and all that is below it, as far as a project reaches: not into hidden
/// folders, nor into those of packages and of what is built.
pub fn find(start: Folder) -> Found {
    // Enough for `core/server/store/database/migrate/postgres`, and an end for a whole home folder.
    const DEPTH: usize = 8;
    const FOLDERS: usize = 5_000;
    let mut found = Found::default();
    let mut queue = VecDeque::from([(start, 0)]);
    let mut seen = 1;
    while let Some((folder, depth)) = queue.pop_front() {
        if FORMATS.iter().any(|format| (format.detect)(&folder) != Detection::No) {
            found.migrations.push(folder);
            continue;
        }
        for name in folder.folders() {
            let not_ours = ["node_modules", "target", "vendor"].contains(&name);
            if name.starts_with('.') || not_ours || depth == DEPTH || seen == FOLDERS {
                continue;
            }
            // A link may lead out of the project, or back up.
            let linked = folder.join(name).is_symlink();
            let Some(inner) = folder.subfolder(name).ok().filter(|_| !linked) else { continue };
            seen += 1;
            queue.push_back((inner, depth + 1));
        }
        found.others.push(folder);
    }
    found
}

/// For which database the migrations of a folder are, as far as the words of its path say.
pub fn dialect(folder: &Path) -> Dialect {
    const POSTGRES: &[&str] = &["postgres", "postgresql", "pg", "pgsql", "psql"];
    const OTHERS: &[&str] = &[
        "sqlite",
        "sqlite3",
        "mysql",
        "mariadb",
        "mssql",
        "sqlserver",
        "oracle",
        "clickhouse",
        "duckdb",
        "spanner",
    ];
    let path = folder.to_string_lossy().to_lowercase();
    // The last word counts, as in `sqlite_to_postgres/sqlite`.
    let words = path.rsplit(|character: char| !character.is_ascii_alphanumeric());
    let mut named = words.filter_map(|word| match word {
        word if POSTGRES.contains(&word) => Some(Dialect::Postgres),
        word if OTHERS.contains(&word) => Some(Dialect::Other),
        _ => None,
    });
    named.next().unwrap_or(Dialect::Unnamed)
}
