//! The database that every setting gets a clone of.

use std::collections::BTreeMap;

use sqlx::postgres::PgConnection;

use super::{Asked, Target, pgbench};
use crate::catalog::{self, Catalog};
use crate::database::Databases;
use crate::datagen::{self, Plan};
use crate::error::{Error, Result};
use crate::invariants::report::Subject;
use crate::prepare;
use crate::server::Server;

/// From so many rows on, building an index once is faster than adding to it row by row.
const MANY: u64 = 10_000;

/// A database with the schema and its rows, to which nobody is connected.
#[derive(Debug)]
pub(crate) struct Seeded {
    pub(crate) name: String,
    pub(crate) catalog: Catalog,
    /// How many rows each table has.
    pub(crate) rows: BTreeMap<String, u64>,
    /// What one has to know of them, a sentence each.
    pub(crate) notes: Vec<String>,
}

/// Makes it.
pub(crate) async fn seeded(
    target: &Target,
    server: &Server,
    databases: &mut Databases<'_>,
    asked: &Asked,
) -> Result<Seeded> {
    let name = match target {
        Target::Subject(subject) => prepare::scratch(subject, server, databases).await?,
        Target::Pgbench => databases.create(None).await?,
    };
    let mut connection = databases.connect(&name).await?;
    let mut notes = Vec::new();
    match target {
        Target::Subject(Subject::Project(project)) => {
            let catalog = catalog::load(&mut connection).await?;
            let tables = catalog.tables.iter().map(|table| &table.name);
            let none = tables.filter(|name| project.format.keeps(name));
            let mut rows: BTreeMap<_, _> = none.map(|name| (name.clone(), 0)).collect();
            for (name, number) in &asked.tables {
                if catalog.table(name).is_none() {
                    return Err(Error::new(format!("there is no table `{name}` to give rows to"))
                        .hint("name the table with its schema: \"public.users\" = 1000"));
                }
                rows.insert(name.clone(), *number);
            }
            let most = rows.values().copied().max().unwrap_or(0).max(asked.rows);
            let plan = Plan {
                seed: asked.seed,
                rows: rows.clone(),
                default_rows: asked.rows,
                bulk: most >= MANY,
            };
            let filled = datagen::fill(&mut connection, &catalog, &plan).await?;
            for table in &filled.tables {
                if let Some(reason) = &table.reason {
                    let wanted = rows.get(&table.name).copied().unwrap_or(asked.rows);
                    let has = table.rows;
                    notes.push(format!("{} has {has} of {wanted} rows: {reason}", table.name));
                }
            }
        }
        Target::Subject(Subject::Database(_)) => {}
        Target::Pgbench => pgbench::fill(&mut connection, asked.scale).await?,
    }
    // So that no run begins with what filling left to do.
    run(&mut connection, "VACUUM (ANALYZE)").await?;
    let rows = rows(&mut connection).await?;
    let catalog = catalog::load(&mut connection).await?;
    Ok(Seeded { name, catalog, rows, notes })
}

async fn run(connection: &mut PgConnection, sql: &'static str) -> Result<()> {
    let done = sqlx::raw_sql(sql).execute(connection).await;
    done.map(drop).map_err(|error| Error::new(format!("`{sql}` failed")).because_sql(error))
}

/// The rows of each table, as VACUUM counted them.
pub(crate) async fn rows(connection: &mut PgConnection) -> Result<BTreeMap<String, u64>> {
    let rows: Vec<(String, f64)> = sqlx::query_as(
        "SELECT format('%I.%I', n.nspname, c.relname), greatest(c.reltuples, 0)::float8 \
         FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
         WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'",
    )
    .fetch_all(connection)
    .await
    .map_err(|error| Error::new("the rows of the tables cannot be counted").because_sql(error))?;
    Ok(rows.into_iter().map(|(name, rows)| (name, rows as u64)).collect())
}
