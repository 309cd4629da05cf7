//! Loads a table without its indexes and foreign keys, and builds them again over all rows,
//! which takes a fraction of the time that keeping them up row by row does.
//!
//! All of it is one transaction, so that whatever fails leaves the table as it was. The
//! statements that build again are those by which a difference between two catalogs is mended,
//! so that names, comments, options and the rest come back too. Triggers of users are not
//! touched.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _};

use super::filler::{Filler, Refusal, refusal};
use super::load;
use crate::catalog::{Catalog, Constraint, ConstraintKind, Name, Table, diff, quote_ident};

/// Fewer rows are not worth it.
const FEW: u64 = 1000;

/// For sorting the keys of indexes; back to what it was at the end of the transaction.
const MEMORY: &str = "SET LOCAL maintenance_work_mem = '256MB'";

/// Loads a table so; why that cannot be, else.
pub(super) async fn load(
    filler: &mut Filler<'_>,
    at: usize,
) -> Result<Result<u64, Refusal>, sqlx::Error> {
    let Some((drops, builds)) = statements(filler.catalog, &filler.catalog.tables[at]) else {
        let message = "they cannot all be dropped and built again".to_owned();
        return Ok(Err(Refusal { code: String::new(), message }));
    };
    let mut savepoint = filler.conn.begin().await?;
    let loaded = async {
        run(&mut savepoint, MEMORY).await?;
        run(&mut savepoint, &drops.join(";\n")).await?;
        let rows = load::copy(&mut savepoint, &filler.world, at).await?;
        run(&mut savepoint, "SET CONSTRAINTS ALL IMMEDIATE").await?;
        run(&mut savepoint, &builds.join("\n")).await?;
        Ok(rows)
    };
    let loaded = loaded.await;
    match loaded {
        Ok(rows) => {
            savepoint.commit().await?;
            Ok(Ok(rows))
        }
        Err(error) => {
            let refusal = refusal(error)?;
            savepoint.rollback().await?;
            Ok(Err(refusal))
        }
    }
}

/// Whether a table is worth loading so.
pub(super) fn pays(filler: &Filler<'_>, at: usize) -> bool {
    filler.plan.bulk && filler.world.tables[at].rows.count() >= FEW
}

async fn run(conn: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await.map(|_| ())
}

/// The statements that drop what slows rows down, and those that build it again.
fn statements(catalog: &Catalog, table: &Table) -> Option<(Vec<String>, Vec<String>)> {
    if table.partition_key.is_some() {
        return None;
    }
    let points = |constraint: &Constraint| {
        constraint.references.as_ref().is_some_and(|references| references.table == table.name)
    };
    let touched = |other: &&Table| other.name == table.name || other.constraints.iter().any(points);
    let tables: Vec<Table> = catalog.tables.iter().filter(touched).cloned().collect();
    let before = Catalog { tables, ..Catalog::default() };
    let mut after = before.clone();
    let mut without_references = before.clone();
    let mut drops = Vec::new();
    let mut last = Vec::new();
    for other in &mut without_references.tables {
        let own = other.name == table.name;
        other
            .constraints
            .retain(|constraint| constraint.references.is_none() || !own && !points(constraint));
    }
    for other in &mut after.tables {
        let own = other.name == table.name;
        let goes = |constraint: &Constraint| match constraint.kind {
            ConstraintKind::ForeignKey => own || points(constraint),
            ConstraintKind::Check | ConstraintKind::NotNull => false,
            _ => own,
        };
        for constraint in other.constraints.iter().filter(|constraint| goes(constraint)) {
            // That of a partition goes with its parent's.
            if constraint.attached_to.is_none() {
                let drop = drop(&other.name, constraint);
                // A key can go only after those that point to it.
                let place = if constraint.references.is_some() { 0 } else { drops.len() };
                drops.insert(place, drop);
            }
        }
        other.constraints.retain(|constraint| !goes(constraint));
        if own {
            let indexes = std::mem::take(&mut other.indexes);
            for index in indexes {
                if !index.valid {
                    other.indexes.push(index);
                    continue;
                }
                // The index that identifies rows is forgotten when it goes.
                if table.replica_identity == format!("index {}", quote_ident(&index.name)) {
                    let index = quote_ident(&index.name);
                    let name = &table.name;
                    last.push(Some(format!(
                        "ALTER TABLE {name} REPLICA IDENTITY USING INDEX {index};"
                    )));
                }
                if !index.of_constraint {
                    drops.push(format!("DROP INDEX {}", other.name.sibling(&index.name)));
                }
            }
        }
    }
    // Foreign keys come last, since they stand on the keys.
    let changes = diff(&without_references, &after).into_iter();
    let changes = changes.chain(diff(&before, &without_references));
    let builds = changes.map(|change| change.mend).chain(last);
    Some((drops, builds.collect::<Option<_>>()?))
}

fn drop(table: &Name, constraint: &Constraint) -> String {
    format!("ALTER TABLE {table} DROP CONSTRAINT {}", quote_ident(&constraint.name))
}
