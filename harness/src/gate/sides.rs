//! The databases of both sides: the same rows, under the schema of each.
//!
//! Where the candidate only adds migrations, as nearly every release does, they are run over the
//! rows of the base, as they will be in production. Otherwise both are made from nothing.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use super::{Asked, Base, Event};
use crate::catalog::{self, Catalog, Name};
use crate::database::Databases;
use crate::error::{Error, Result};
use crate::invariants::report::Subject;
use crate::load::{self, Seeded, Target};
use crate::measure::ids;
use crate::migrate;
use crate::server::Server;
use crate::source::{Migration, Project};

/// A schema with rows.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) seeded: Seeded,
    /// The same with keys that do not differ from run to run, for counting.
    pub(super) counted: String,
    /// How long each migration took that was run over rows.
    pub(super) migrated: Vec<(String, Duration)>,
}

/// Both of them.
#[derive(Debug)]
pub(super) struct Sides {
    /// Nothing where it is not to be made.
    pub(super) base: Option<Made>,
    pub(super) candidate: Made,
    /// How they were made, a sentence each.
    pub(super) notes: Vec<String>,
}

/// Makes what is to be compared.
pub(super) async fn sides(
    project: &Project,
    server: &Server,
    databases: &mut Databases<'_>,
    asked: &Asked,
    show: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Sides> {
    show(Event::Load(load::Event::Seeding));
    let Some(Base::Project { name, project: old, .. }) = &asked.base else {
        let mut candidate = made(project, server, databases, &asked.load).await?;
        let notes = std::mem::take(&mut candidate.seeded.notes);
        return Ok(Sides { base: None, candidate, notes });
    };
    let base = made(old, server, databases, &asked.load).await.map_err(|error| {
        Error::new(format!("the base `{name}` cannot be made: {}", error.whole()))
            .hint("name a commit whose migrations apply: --against main~1")
    })?;
    let (candidate, how) = match added(old, project) {
        Some([]) => {
            let how = format!("the migrations are those of {name}, none is added");
            (on_top(&base, &[], server, databases, show).await?, how)
        }
        Some(added) => {
            let ids: Vec<String> = added.iter().map(|one| format!("`{}`", one.id)).collect();
            let how = format!("{} run over the rows of {name}", ids.join(", "));
            (on_top(&base, added, server, databases, show).await?, how)
        }
        None => {
            let how = format!(
                "migrations of {name} were changed, so that both schemas were made from nothing"
            );
            (made(project, server, databases, &asked.load).await?, how)
        }
    };
    Ok(Sides { base: Some(base), candidate, notes: vec![how] })
}

/// Makes a side from nothing.
async fn made(
    project: &Project,
    server: &Server,
    databases: &mut Databases<'_>,
    load: &load::Asked,
) -> Result<Made> {
    let target = Target::Subject(Subject::Project(project.clone()));
    let seeded = load::seeded(&target, server, databases, load).await?;
    let counted = counted(databases, &seeded.name, &seeded.catalog).await?;
    Ok(Made { seeded, counted, migrated: Vec::new() })
}

/// The migrations that the candidate adds to the base; nothing if it does not only add some.
fn added<'c>(base: &Project, candidate: &'c Project) -> Option<&'c [Migration]> {
    let same = |one: &Migration, other: &Migration| {
        one.id == other.id && one.up.text == other.up.text && one.up.batches == other.up.batches
    };
    let (old, new) = candidate.migrations.split_at_checked(base.migrations.len())?;
    let kept = base.format.name == candidate.format.name
        && base.migrations.iter().zip(old).all(|(one, other)| same(one, other));
    kept.then_some(new)
}

/// Makes the candidate by running what it adds over the rows of the base.
async fn on_top(
    base: &Made,
    added: &[Migration],
    server: &Server,
    databases: &mut Databases<'_>,
    show: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Made> {
    let name = databases.create(Some(&base.seeded.name)).await?;
    let mut migrated = Vec::new();
    for migration in added {
        show(Event::Migrating { id: &migration.id });
        let mut connection = server.connect(Some(&name)).await?;
        let begun = Instant::now();
        if let Err(failure) = migrate::run(&mut connection, &migration.up).await? {
            return Err(Error::new(format!(
                "`{}` cannot be applied to tables with rows: {}",
                migration.id, failure.message
            ))
            .hint("`shakedown invariants` shows with which rows"));
        }
        migrated.push((migration.id.clone(), begun.elapsed()));
    }
    let mut connection = databases.connect(&name).await?;
    let catalog = catalog::load(&mut connection).await?;
    // What was left alone keeps its statistics, so that nothing differs that was not changed.
    for table in changed(&mut connection, &base.seeded.catalog, &catalog).await? {
        run(&mut connection, &format!("VACUUM (ANALYZE) {table}")).await?;
    }
    let rows = load::rows(&mut connection).await?;
    drop(connection);
    let counted = counted(databases, &name, &catalog).await?;
    let seeded = Seeded { name, catalog, rows, notes: Vec::new() };
    Ok(Made { seeded, counted, migrated })
}

/// A clone in which random keys are the same in each run.
async fn counted(databases: &mut Databases<'_>, seeded: &str, catalog: &Catalog) -> Result<String> {
    let counted = databases.create(Some(seeded)).await?;
    ids::fix(&mut databases.connect(&counted).await?, catalog).await?;
    Ok(counted)
}

/// The tables that migrations defined otherwise, or whose rows they changed.
async fn changed(
    connection: &mut PgConnection,
    before: &Catalog,
    after: &Catalog,
) -> Result<Vec<Name>> {
    run(connection, "SELECT pg_catalog.pg_stat_force_next_flush()").await?;
    let written: Vec<(String, String)> = sqlx::query_as(
        "SELECT schemaname, relname FROM pg_catalog.pg_stat_user_tables \
         WHERE n_tup_ins + n_tup_upd + n_tup_del > 0",
    )
    .fetch_all(connection)
    .await
    .map_err(|error| Error::new("the server does not tell what changed").because_sql(error))?;
    let is_written = |name: &Name| {
        written.iter().any(|(schema, table)| *schema == name.schema && *table == name.name)
    };
    let tables = after
        .tables
        .iter()
        .filter(|table| before.table(&table.name) != Some(table) || is_written(&table.name));
    Ok(tables.map(|table| table.name.clone()).collect())
}

async fn run(connection: &mut PgConnection, sql: &str) -> Result<()> {
    let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await;
    done.map(drop).map_err(|error| Error::new(format!("`{sql}` failed")).because_sql(error))
}

/// The bytes of each table, index and materialized view. Those of a table are with what it keeps
/// elsewhere since it is large, in its TOAST table.
pub(super) async fn sizes(
    databases: &Databases<'_>,
    database: &str,
) -> Result<BTreeMap<String, u64>> {
    let mut connection = databases.connect(database).await?;
    let sizes: Vec<(String, i64)> = sqlx::query_as(
        "SELECT format('%I.%I', n.nspname, c.relname), pg_catalog.pg_relation_size(c.oid) \
           + coalesce(pg_catalog.pg_relation_size(nullif(c.reltoastrelid, 0)), 0) \
         FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'i', 'm') AND n.nspname !~ '^pg_' \
         AND n.nspname <> 'information_schema'",
    )
    .fetch_all(&mut connection)
    .await
    .map_err(|error| Error::new("the sizes of the tables cannot be read").because_sql(error))?;
    Ok(sizes.into_iter().map(|(name, size)| (name, u64::try_from(size).unwrap_or(0))).collect())
}
