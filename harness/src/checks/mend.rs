//! SQL that restores a catalog, tried before it is shown: advice that fails, or that does not
//! restore all, is worse than none.

use std::collections::BTreeMap;

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use crate::catalog::{self, Catalog, Change, Kind, Object, What, quote_ident};
use crate::checks::session::lost;
use crate::error::Result;

/// Statements that were seen to restore a catalog, but perhaps for the order of columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mend {
    pub(crate) statements: Vec<String>,
    /// Whether they are the mends of the single changes, with nothing taken for a rename.
    pub(crate) one_by_one: bool,
}

/// Finds out what turns the database of the connection into `before`, and leaves it as it is.
/// Nothing if no such statements are known.
///
/// # Errors
/// When the server fails.
pub(crate) async fn tried(connection: &mut PgConnection, before: &Catalog) -> Result<Option<Mend>> {
    sqlx::raw_sql("BEGIN").execute(&mut *connection).await.map_err(lost)?;
    let found = attempt(connection, before).await;
    sqlx::raw_sql("ROLLBACK").execute(connection).await.map_err(lost)?;
    found
}

async fn attempt(connection: &mut PgConnection, before: &Catalog) -> Result<Option<Mend>> {
    let mut changes = catalog::diff(before, &catalog::load(connection).await?);
    let mut statements = Vec::new();
    for rename in renames(&changes) {
        // A guess, which the comparison at the end proves or not.
        if run(connection, "SAVEPOINT guess").await && run(connection, &rename).await {
            statements.push(rename);
        } else {
            run(connection, "ROLLBACK TO SAVEPOINT guess").await;
        }
    }
    let one_by_one = statements.is_empty();
    if !one_by_one {
        changes = catalog::diff(before, &catalog::load(connection).await?);
    }
    for change in changes.iter().filter(|change| !change.is_column_order()) {
        let Some(mend) = &change.mend else { return Ok(None) };
        if !run(connection, mend).await {
            return Ok(None);
        }
        statements.push(mend.clone());
    }
    let left = catalog::diff(before, &catalog::load(connection).await?);
    Ok(left.iter().all(Change::is_column_order).then_some(Mend { statements, one_by_one }))
}

/// Whether Postgres took it.
async fn run(connection: &mut PgConnection, sql: &str) -> bool {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.is_ok()
}

/// Renames that would explain why one object is missing and another of its kind is there
/// instead, in the same place.
fn renames(changes: &[Change]) -> Vec<String> {
    /// The objects of one kind in one place that are gone, and those that are new.
    #[derive(Default)]
    struct Exchanged<'a> {
        missing: Vec<&'a Object>,
        extra: Vec<&'a Object>,
    }
    let mut exchanged: BTreeMap<(Kind, String), Exchanged<'_>> = BTreeMap::new();
    for change in changes {
        let object = &change.object;
        let here = exchanged.entry((object.kind, place(object))).or_default();
        match change.what {
            What::Missing => here.missing.push(object),
            What::Extra => here.extra.push(object),
            What::Differs(_) | What::ColumnOrder { .. } => {}
        }
    }
    exchanged
        .into_iter()
        .filter_map(|((kind, place), here)| match (&here.missing[..], &here.extra[..]) {
            ([missing], [extra]) => rename(kind, &place, extra, missing),
            _ => None,
        })
        .collect()
}

/// What the object is part of: its schema, or its table.
fn place(object: &Object) -> String {
    let own = quote_ident(object.bare_name());
    object.name.strip_suffix(&own).unwrap_or_default().trim_end_matches('.').to_owned()
}

fn rename(kind: Kind, place: &str, from: &Object, to: &Object) -> Option<String> {
    let (old, new) = (quote_ident(from.bare_name()), quote_ident(to.bare_name()));
    match kind {
        Kind::Column | Kind::Constraint => {
            let kind = kind.as_str().to_uppercase();
            Some(format!("ALTER TABLE {place} RENAME {kind} {old} TO {new};"))
        }
        Kind::Table | Kind::Index | Kind::Type | Kind::Sequence | Kind::View => {
            Some(format!("ALTER {} {} RENAME TO {new};", kind.as_str().to_uppercase(), from.name))
        }
        _ => None,
    }
}
