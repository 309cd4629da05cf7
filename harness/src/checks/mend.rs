//! SQL that restores a catalog, tried before it is shown: advice that fails, or that does not
//! restore all, is worse than none.

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use crate::catalog::{self, Catalog, Change, Kind, Object, What, quote_ident};
use crate::checks::session::lost;
use crate::error::Result;
use crate::source::Script;
use crate::sql;

/// Statements that were seen to restore a catalog, but perhaps for the order of columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mend {
    pub(crate) statements: Vec<String>,
    /// Whether they are the mends of the single changes, with nothing taken for a rename.
    pub(crate) one_by_one: bool,
}

/// Finds out what turns the database of the connection into `before`, and leaves it as it is.
/// Nothing if no such statements are known. What `up` renamed is renamed back.
///
/// # Errors
/// When the server fails.
pub(crate) async fn tried(
    connection: &mut PgConnection,
    before: &Catalog,
    up: &Script,
) -> Result<Option<Mend>> {
    let changes = catalog::diff(before, &catalog::load(connection).await?);
    let renames = renames(&changes, up);
    let mut found = None;
    if !renames.is_empty() {
        found = rolled_back(connection, before, &renames).await?;
    }
    match found {
        Some(mend) => Ok(Some(mend)),
        None => rolled_back(connection, before, &[]).await,
    }
}

async fn rolled_back(
    connection: &mut PgConnection,
    before: &Catalog,
    renames: &[String],
) -> Result<Option<Mend>> {
    sqlx::raw_sql("BEGIN").execute(&mut *connection).await.map_err(lost)?;
    let found = attempt(connection, before, renames).await;
    sqlx::raw_sql("ROLLBACK").execute(connection).await.map_err(lost)?;
    found
}

async fn attempt(
    connection: &mut PgConnection,
    before: &Catalog,
    renames: &[String],
) -> Result<Option<Mend>> {
    let mut statements = Vec::new();
    for rename in renames {
        if run(connection, "SAVEPOINT rename").await && run(connection, rename).await {
            statements.push(rename.clone());
        } else {
            run(connection, "ROLLBACK TO SAVEPOINT rename").await;
        }
    }
    let one_by_one = statements.is_empty();
    let changes = catalog::diff(before, &catalog::load(connection).await?);
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

/// What undoes the renames of `up` that show in the changes: one object is missing, and
/// another of its kind is there instead, in the same place, and a statement says so.
fn renames(changes: &[Change], up: &Script) -> Vec<String> {
    let statements: Vec<&str> = up
        .messages()
        .flat_map(|message| {
            let parsed = sql::statements(message).unwrap_or_default();
            parsed.into_iter().map(|statement| &message[statement.range])
        })
        .filter(|statement| sql::mentions(statement, "rename"))
        .collect();
    let said = |old: &Object, new: &Object| {
        statements.iter().any(|statement| {
            sql::mentions(statement, old.bare_name()) && sql::mentions(statement, new.bare_name())
        })
    };
    let of = |what: What| {
        changes.iter().filter(move |change| change.what == what).map(|change| &change.object)
    };
    of(What::Missing)
        .flat_map(|missing| of(What::Extra).map(move |extra| (missing, extra)))
        .filter(|(missing, extra)| missing.kind == extra.kind && place(missing) == place(extra))
        .filter(|(missing, extra)| said(missing, extra))
        .filter_map(|(missing, extra)| rename(missing.kind, &place(missing), extra, missing))
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
