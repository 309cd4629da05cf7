//! A reference model of what a catalog promises about rows, and sequences of operations that
//! are compared with it.
//!
//! The model keeps the rows of a few tables in memory and says of each statement whether it is
//! accepted, what it changes, or which constraints may refuse it. Statements draw their values
//! from a finite [`Pool`]; what only the server can tell of these, such as the truth of a check,
//! is asked in bulk and remembered, so that a prediction takes microseconds.
//!
//! Where a table can be told nothing of, [`Model::left_out`] says why. Cases whose outcome hangs
//! on the order in which foreign keys were made are no promise of a schema, and are passed over.

mod ask;
mod committed;
mod compile;
mod cover;
mod defaults;
mod digest;
mod facts;
mod op;
mod predict;
mod prepare;
mod references;
mod run;
mod schema;
mod shrink;
mod spaces;
mod state;
mod statement;
mod strategy;
mod triggers;

use std::collections::BTreeMap;

pub use committed::{replay, run_committed};
pub use cover::LeftOut;
pub use run::{Disagreement, Ran, run};

use crate::catalog::{Catalog, Name, quote_literal};
use crate::error::Result;
use crate::invariants::case::{Case, Group, Outcome};
use crate::invariants::runner::Runner;
use crate::values::Value;
use facts::Facts;
use schema::{Means, Schema};

/// Rows of one table that sequences draw from. Their keys must not occur in the table yet, and
/// they may refer only to rows of pools.
#[derive(Debug, Clone, Default)]
pub struct Pool {
    pub table: Name,
    pub rows: Vec<PoolRow>,
}

/// The values of a row; columns that are not named take their default.
#[derive(Debug, Clone, Default)]
pub struct PoolRow {
    pub cells: BTreeMap<String, Value>,
}

/// A column by which rows are soft deleted. A table may have several, which are set together.
#[derive(Debug, Clone)]
pub struct Live {
    pub table: Name,
    pub column: String,
    /// The value of a deleted row, and that of a live one.
    pub deleted: Value,
    pub live: Value,
}

/// What a catalog promises about rows that are made from pools.
#[derive(Debug)]
pub struct Model {
    schema: Schema,
    facts: Facts,
    left_out: Vec<LeftOut>,
    digests: Vec<digest::Digest>,
    /// Rows to begin with, in an order in which most of them can be inserted.
    order: Vec<(usize, usize)>,
}

impl Model {
    /// Builds the model of the tables that have a pool.
    ///
    /// # Errors
    /// When the connection is lost, or a table may not be read.
    pub async fn new(
        runner: &mut Runner<'_>,
        catalog: &Catalog,
        pools: &[Pool],
        live: &[Live],
    ) -> Result<Self> {
        let wanted: Vec<Name> = pools.iter().map(|pool| pool.table.clone()).collect();
        let mut excluded = guarded_by_policies(runner, catalog, &wanted).await?;
        loop {
            let (covered, left_out) = cover::cover(catalog, &wanted, &excluded);
            let mut schema = compile::compile(catalog, &covered);
            let found = obstacles(catalog, &schema, pools);
            if !found.is_empty() {
                excluded.extend(found);
                continue;
            }
            let facts = prepare::prepare(runner, &mut schema, pools, live).await?;
            let digests = digest::digests(&schema, &facts);
            let taken = taken(runner, &schema, &digests).await?;
            if !taken.is_empty() {
                excluded.extend(taken);
                continue;
            }
            let mut model = Self { schema, facts, left_out, digests, order: Vec::new() };
            model.order = loop {
                let order = model.insertable();
                if !model.facts.ask_missing(runner, &model.schema).await? {
                    break order;
                }
            };
            return Ok(model);
        }
    }

    /// The tables with a pool that nothing is predicted of.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// The tables that are modelled.
    pub fn tables(&self) -> impl Iterator<Item = &Name> {
        self.schema.tables.iter().map(|table| &table.name)
    }
}

/// The tables that hold rows already with keys that sequences would give: those of a seed that a
/// default refers to, for example.
async fn taken(
    runner: &mut Runner<'_>,
    schema: &Schema,
    digests: &[digest::Digest],
) -> Result<BTreeMap<Name, String>> {
    let look = |at: usize| {
        let query = digest::read(digests, schema, &[at]);
        Case::yields("the rows of the pool", vec![query], "")
    };
    let cases: Vec<Case> = (0..schema.tables.len()).map(look).collect();
    let outcomes = runner.run(&[Group { setup: Vec::new(), cases }]).await?;
    let none = |at: usize| format!("{}: ", schema.tables[at].name);
    let holds = |(at, outcome): &(usize, Outcome)| match outcome {
        Outcome::Yielded(Some(text)) => text.trim_end() != none(*at).trim_end(),
        _ => false,
    };
    let reason = "it holds rows already that have the keys of those to be tried".to_owned();
    Ok(outcomes
        .into_iter()
        .flatten()
        .enumerate()
        .filter(holds)
        .map(|(at, _)| (schema.tables[at].name.clone(), reason.clone()))
        .collect())
}

/// The tables whose policies hold for this user, who may see only part of the rows.
async fn guarded_by_policies(
    runner: &mut Runner<'_>,
    catalog: &Catalog,
    wanted: &[Name],
) -> Result<BTreeMap<Name, String>> {
    let secured = wanted.iter().filter(|name| catalog.table(name).is_some_and(|t| t.row_security));
    let secured: Vec<_> = secured.collect();
    let active = |name: &&Name| {
        let name = quote_literal(&name.to_string());
        Case::yields("", vec![format!("SELECT row_security_active({name})::text")], "")
    };
    let cases = secured.iter().map(active).collect();
    let outcomes = runner.run(&[Group { setup: Vec::new(), cases }]).await?;
    let outcomes = outcomes.into_iter().flatten();
    let subject =
        |(_, outcome): &(&Name, Outcome)| *outcome != Outcome::Yielded(Some("false".into()));
    let reason = || "its policies hold for this user".to_owned();
    Ok(secured
        .into_iter()
        .zip(outcomes)
        .filter(subject)
        .map(|(name, _)| (name.clone(), reason()))
        .collect())
}

/// What else keeps tables out, now that their columns are looked up.
fn obstacles(catalog: &Catalog, schema: &Schema, pools: &[Pool]) -> BTreeMap<Name, String> {
    let mut found = BTreeMap::new();
    for (at, table) in schema.tables.iter().enumerate() {
        let omitted = |column: &str| {
            let mut rows =
                pools.iter().filter(|pool| pool.table == table.name).flat_map(|p| &p.rows);
            rows.any(|row| !row.cells.contains_key(column))
        };
        let depended_on = defaults::depended_on(schema, at);
        let numbered = table.columns.iter().enumerate().find(|(at, column)| {
            let told = table.key.contains(at) || depended_on.contains(at);
            column.identity && told && omitted(&column.name)
        });
        if table.key.is_empty() {
            found.insert(
                table.name.clone(),
                "it has no unique key of columns to tell its rows by".into(),
            );
        } else if let Some((_, column)) = numbered {
            let reason = format!(
                "`{}` is numbered by the server, and the pool does not name it",
                column.name
            );
            found.insert(table.name.clone(), reason);
        } else if let Some(reason) = ambiguous(catalog, schema, at) {
            found.insert(table.name.clone(), reason);
        }
    }
    for foreign in &schema.foreign {
        let columns = &schema.tables[foreign.child].columns;
        let generated = foreign.columns.iter().find(|&&column| columns[column].generated.is_some());
        let sets =
            [foreign.on_delete, foreign.on_update].contains(&crate::catalog::Action::SetDefault);
        let varies = foreign.columns.iter().find(|&&column| {
            let column = &columns[column];
            column.identity
                || column.default.as_deref().is_some_and(|text| !defaults::is_constant(text))
        });
        let name = &schema.tables[foreign.child].name;
        if generated.is_some() {
            found.insert(name.clone(), format!("`{}` is about a generated column", foreign.name));
        } else if sets && varies.is_some() {
            let reason = format!("`{}` sets a default that is another each time", foreign.name);
            found.insert(name.clone(), reason);
        }
    }
    found
}

/// Whether one of a table's deferred constraints shares its name with one that is not: they can
/// then not be deferred again apart.
fn ambiguous(catalog: &Catalog, schema: &Schema, at: usize) -> Option<String> {
    let table = catalog.table(&schema.tables[at].name)?;
    let deferred = table.constraints.iter().filter(|constraint| constraint.initially_deferred);
    let names: Vec<_> = deferred.map(|constraint| constraint.name.as_str()).collect();
    let others = catalog.tables.iter().filter(|other| other.name.schema == table.name.schema);
    let mut others = others.flat_map(|other| &other.constraints);
    let other = others.find(|c| !c.initially_deferred && names.contains(&c.name.as_str()))?;
    Some(format!("another constraint is called `{}` and is not deferred", other.name))
}

impl Means {
    /// Whether a column that is left out holds something that is known.
    fn is_known(&self) -> bool {
        matches!(self, Self::Known(_))
    }
}
