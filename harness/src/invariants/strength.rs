//! How strong the derived suite is: how many changes of the schema it would notice.

use super::bookkeeping;
use super::case::Group;
use super::check::{Options, promises};
use super::context::Context;
use super::mutate::{self, Baseline, Score};
use super::promise::{Evidence, Promise};
use super::runner::Runner;
use crate::catalog::{self, Catalog, TableKind};
use crate::database::Databases;
use crate::error::{Error, Result};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

/// Derives the suite of a database's schema and runs it against each mutant of that schema, on a
/// clone without rows. `progress` is told how many mutants are done, of how many.
///
/// # Errors
/// When the server fails, or the user may not do what the mutants need.
pub async fn strength(
    databases: &mut Databases<'_>,
    name: &str,
    options: &Options,
    progress: &mut (dyn FnMut(usize, usize) + Send),
) -> Result<Score> {
    let clone = databases.create(Some(name)).await?;
    let mut conn = databases.connect(&clone).await?;
    let catalog = catalog::load(&mut conn).await?;
    let catalog = bookkeeping::without(&mut conn, catalog).await?;
    empty(&mut conn, &catalog).await?;
    let context = Context::load(&mut conn, catalog.clone(), &options.soft_deletes).await?;
    let groups = groups(promises(&context, &options.only));
    let outcomes = Runner::new(&mut conn, context.deferred).await?.run(&groups).await?;
    let baselines: Vec<Baseline> = groups
        .into_iter()
        .zip(outcomes)
        .map(|(group, outcomes)| Baseline { group, outcomes })
        .collect();
    let score = mutate::score(&mut conn, &catalog, &baselines, progress).await?;
    drop(conn);
    databases.drop(&clone).await?;
    Ok(score)
}

/// The cases of all promises; those that need a clone of their own are not among them.
fn groups(promises: Vec<Promise>) -> Vec<Group> {
    let cases = promises.into_iter().filter_map(|promise| match promise.evidence {
        Evidence::Cases(groups) => Some(groups),
        _ => None,
    });
    cases.flatten().collect()
}

/// Removes all rows, since a constraint cannot be added where old rows violate it.
pub(super) async fn empty(conn: &mut PgConnection, catalog: &Catalog) -> Result<()> {
    let own = catalog.tables.iter().filter(|table| table.kind != TableKind::Foreign);
    let names: Vec<String> = own.map(|table| table.name.to_string()).collect();
    if names.is_empty() {
        return Ok(());
    }
    let sql = format!("TRUNCATE {} CASCADE", names.join(", "));
    let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await;
    done.map(|_| ())
        .map_err(|error| Error::new("the tables of the clone cannot be emptied").because_sql(error))
}
