//! The whole way from the head down and up again, every script committed.

use crate::catalog::{self, Catalog, Change};
use crate::checks::session::{self, Reader};
use crate::database::Databases;
use crate::error::Result;
use crate::migrate::Failure;
use crate::source::{Down, Migration};

/// How the way ended. `at` is an index into the migrations it was made over.
#[derive(Debug)]
pub(crate) enum Travelled {
    /// Down and up again; what differs at the bottom, mild as it is, and at the head.
    There {
        below: Vec<Change>,
        head: Vec<Change>,
    },
    /// All the way down, where the catalog differs; the way up was not tried.
    DiffersBelow {
        changes: Vec<Change>,
    },
    DownFailed {
        at: usize,
        failure: Failure,
    },
    UpFailed {
        at: usize,
        failure: Failure,
    },
}

/// Takes `migrations` back, last first, and applies them again. `below` is the catalog
/// before the first of them, `head` the one after the last. `progress` hears of each script.
///
/// # Errors
/// When the server fails.
pub(crate) async fn travel(
    databases: &Databases<'_>,
    reader: &mut Reader,
    migrations: &[Migration],
    below: &Catalog,
    head: &Catalog,
    mut progress: impl FnMut(),
) -> Result<Travelled> {
    for (at, migration) in migrations.iter().enumerate().rev() {
        let Down::Script(down) = &migration.down else { continue };
        if let Err(failure) = session::run(databases, reader.database(), down).await? {
            return Ok(Travelled::DownFailed { at, failure });
        }
        progress();
    }
    let below = catalog::diff(below, &reader.catalog(databases).await?);
    // Where only columns have another order, every up can still do its work.
    if below.iter().any(|change| !change.is_column_order()) {
        return Ok(Travelled::DiffersBelow { changes: below });
    }
    for (at, migration) in migrations.iter().enumerate() {
        if let Err(failure) = session::run(databases, reader.database(), &migration.up).await? {
            return Ok(Travelled::UpFailed { at, failure });
        }
        progress();
    }
    let head = catalog::diff(head, &reader.catalog(databases).await?);
    Ok(Travelled::There { below, head })
}
