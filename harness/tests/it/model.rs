//! The model of what a catalog promises: thousands of generated operations come out on a real
//! server as the model says, and where a schema does something else than its catalog says, the
//! smallest operations that show it are found.

mod agrees;
mod left_out;
mod lies;

use std::time::{Duration, Instant};

use shakedown::catalog::{Catalog, Name, load};
use shakedown::invariants::case::Expect;
use shakedown::invariants::model::{
    Disagreement, Live, Model, Pool, PoolRow, Ran, run, run_committed,
};
use shakedown::invariants::runner::Runner;
use sqlx::AssertSqlSafe;

use crate::support::scratch;

/// A pool written as a table: its name, its columns, and a line for each row. `-` leaves the
/// column out, `NULL` is NULL.
pub(crate) fn pool(table: &str, columns: &str, rows: &[&str]) -> Pool {
    let columns: Vec<_> = columns.split(' ').collect();
    let rows = rows.iter().map(|row| {
        let values: Vec<_> = row.split('|').map(str::trim).collect();
        assert_eq!(values.len(), columns.len(), "{row}");
        let cells = columns.iter().zip(values).filter(|(_, value)| *value != "-");
        let cells = cells.map(|(column, value)| {
            ((*column).to_owned(), (value != "NULL").then(|| value.to_owned()))
        });
        PoolRow { cells: cells.collect() }
    });
    Pool { table: Name::new("public", table), rows: rows.collect() }
}

pub(crate) fn live(table: &str, column: &str, deleted: Option<&str>, live: Option<&str>) -> Live {
    Live {
        table: Name::new("public", table),
        column: column.to_owned(),
        deleted: deleted.map(str::to_owned),
        live: live.map(str::to_owned),
    }
}

/// What a schema says, and what is really there.
pub(crate) struct Tried<'a> {
    pub(crate) says: &'a str,
    /// Changes the schema after its catalog was read.
    pub(crate) lie: &'a str,
    pub(crate) pools: Vec<Pool>,
    pub(crate) live: Vec<Live>,
}

pub(crate) fn deadline() -> Instant {
    Instant::now() + Duration::from_secs(120)
}

fn deferrable(catalog: &Catalog) -> bool {
    catalog.tables.iter().flat_map(|table| &table.constraints).any(|c| c.deferrable)
}

impl Tried<'_> {
    /// Runs so many cases, a tenth as many sequences, and a few that are committed.
    pub(crate) async fn run(&self, cases: usize, committed: usize) -> (Ran, Ran) {
        let scratch = scratch().await;
        let (mut conn, mut other) = (scratch.conn().await, scratch.conn().await);
        let sql = |sql: &str| AssertSqlSafe(sql.to_owned());
        sqlx::raw_sql(sql(self.says)).execute(&mut conn).await.unwrap();
        let catalog = load(&mut conn).await.unwrap();
        sqlx::raw_sql(sql(self.lie)).execute(&mut conn).await.unwrap();
        let mut runner = Runner::new(&mut conn, deferrable(&catalog)).await.unwrap();
        let mut model = Model::new(&mut runner, &catalog, &self.pools, &self.live).await.unwrap();
        assert_eq!(model.left_out(), [], "all tables are modelled");
        let ran = run(&mut runner, &mut model, cases, cases / 10, 7, deadline()).await.unwrap();
        let committed =
            run_committed(&mut runner, &mut other, &mut model, committed, 7, deadline());
        (ran, committed.await.unwrap())
    }
}

/// The disagreement as a script with what was expected and what came.
pub(crate) fn told(found: &Disagreement) -> String {
    let expected = match &found.case.expect {
        Expect::Steps(steps) => steps.iter().map(|step| format!("{step:?}\n")).collect(),
        other => format!("{other:?}"),
    };
    let lines: Vec<_> = found.setup.iter().chain(&found.case.ops).cloned().collect();
    format!("{};\n\nexpected\n{expected}\ncame {:#?}", lines.join(";\n"), found.outcome)
}
