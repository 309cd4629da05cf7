//! Rows that went through earlier migrations, as they do in production: a migration may fill a
//! column for a later one.

use crate::catalog;
use crate::checks::session;
use crate::database::Databases;
use crate::error::Result;
use crate::source::{Migration, Script};
use crate::sql;

/// A database whose rows were there before a migration that wrote to them, and go through those
/// that follow.
pub(super) struct Carried {
    pub(super) database: String,
    /// The statements by which that migration wrote to rows.
    pub(super) written: Vec<String>,
}

impl Carried {
    /// Applies the next migration, and says whether it is taken.
    ///
    /// # Errors
    /// When the server fails.
    pub(super) async fn takes(
        &self,
        databases: &Databases<'_>,
        migration: &Migration,
    ) -> Result<bool> {
        Ok(session::run(databases, &self.database, &migration.up).await?.is_ok())
    }

    /// Whether what was written went to a table that this migration names.
    ///
    /// # Errors
    /// When the server fails.
    pub(super) async fn wrote_for(
        &self,
        databases: &Databases<'_>,
        migration: &Migration,
    ) -> Result<bool> {
        let catalog = catalog::load(&mut databases.connect(&self.database).await?).await?;
        Ok(catalog.tables.iter().any(|table| {
            let names = |text: &str| sql::mentions(text, &table.name.name);
            names(&migration.up.text) && self.written.iter().any(|written| names(written))
        }))
    }
}

/// The statements of a script that may write to rows.
pub(super) fn written_by(script: &Script) -> Vec<String> {
    let mut written = Vec::new();
    for message in script.messages() {
        let statements = sql::statements(message).unwrap_or_default();
        let writes = |kind: &str| matches!(kind, "UPDATE" | "DELETE" | "INSERT" | "MERGE" | "DO");
        let found = statements.iter().filter(|statement| writes(&statement.kind));
        written.extend(found.map(|statement| message[statement.range.clone()].to_owned()));
    }
    written
}
