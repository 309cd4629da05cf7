//! The script of a query: its variables, and the query with them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use super::rows::{Rows, said};
use super::values::Values;
use super::{Query, described, plan, writes};
use crate::catalog::{Catalog, Name, quote_ident};
use crate::error::{Error, Result};
use crate::load::derive::draft::variable;
use crate::load::derive::source::sources;
use crate::sql::{self, parameters, written};

/// What can be planned, by its first word.
const PLANNED: [&str; 8] =
    ["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "VALUES", "TABLE"];

/// The script of a query. The inner `Err` says why there is none.
pub(super) async fn of(
    connection: &mut PgConnection,
    catalog: &Catalog,
    query: &Query,
    rows: &mut Rows,
) -> Result<Result<String, String>> {
    if let Some(why) = not_planned(&query.sql) {
        return Ok(Err(why));
    }
    let parameters = match described::of(connection, &query.sql).await? {
        Ok(parameters) => parameters,
        Err(why) => return Ok(Err(why)),
    };
    let plan = match planned(connection, &query.sql).await? {
        Ok(plan) => plan,
        Err(why) => return Ok(Err(why)),
    };
    let sources = sources(catalog, &|_| false, &[]);
    let writes = match writes::writes(catalog, &sources, &query.sql) {
        Ok(writes) => writes,
        Err(why) => return Ok(Err(format!("no row can be inserted, since {why}"))),
    };
    let mut uses = plan::uses(&plan, catalog);
    let known = |table: &Name, column: &str| {
        catalog.table(table).is_some_and(|table| table.column(column).is_some())
    };
    uses.retain(|one| known(&one.table, &one.column));
    let mut asked: BTreeSet<(Name, String)> =
        uses.iter().map(|one| (one.table.clone(), one.column.clone())).collect();
    for write in &writes {
        asked.insert((write.source.table.name.clone(), write.column.name.clone()));
        asked.extend(write.parent.clone());
    }
    rows.ask(connection, asked).await?;
    let values = Values {
        catalog,
        rows,
        parameters: &parameters,
        uses: &uses,
        writes: &writes,
        pages: written::pages(&query.sql),
        how: if plan::modifies(&plan) { "uniform" } else { "zipf" },
    };
    let mut sets = Sets::default();
    let values = match values.all(&mut sets) {
        Ok(values) => values,
        Err(why) => return Ok(Err(why)),
    };
    let text = parameters::substituted(&query.sql, |number| values.get(&number).cloned());
    Ok(Ok(format!("{}{text};\n", sets.text)))
}

/// Why a text is no query, if it is none.
fn not_planned(text: &str) -> Option<String> {
    // What our parser does not understand may still be a query to Postgres.
    match sql::statements(text)?.as_slice() {
        [one] => {
            let first = one.kind.split(' ').next().unwrap_or_default();
            let planned = PLANNED.contains(&first) || first == "PAREN";
            (!planned).then(|| format!("`{}` is nothing that is planned", one.kind))
        }
        all => Some(format!("it holds {} statements instead of one", all.len())),
    }
}

/// The plan of a query whatever its parameters are. The inner `Err` says why there is none.
async fn planned(connection: &mut PgConnection, sql: &str) -> Result<Result<Value, String>> {
    let question = sqlx::raw_sql(AssertSqlSafe(plan::question(sql))).fetch_one(connection).await;
    match question {
        Ok(row) => row
            .try_get::<Value, _>(0)
            .map(Ok)
            .map_err(|error| Error::new("the plan of a query cannot be read").because_sql(error)),
        Err(error) => Ok(Err(format!("it cannot be planned: {}", said(error)?))),
    }
}

/// The variables of a script.
#[derive(Debug, Default)]
pub(super) struct Sets {
    text: String,
    taken: BTreeSet<String>,
    /// Those that come from rows, by what is behind `\set`.
    keys: BTreeMap<String, String>,
    /// The number that tells a row from others of its table, by the table and who asks.
    numbers: BTreeMap<(Name, String), usize>,
}

impl Sets {
    /// Sets a variable whose name is at best `wanted`, and returns it with its colon.
    pub(super) fn set(&mut self, wanted: &str, value: &str) -> String {
        let wanted = variable(wanted, self.taken.len());
        let numbered = (2..).map(|number| format!("{wanted}_{number}"));
        let mut names = std::iter::once(wanted.clone()).chain(numbered);
        let name = names.find(|name| self.taken.insert(name.clone())).unwrap_or_default();
        self.text.push_str(&format!("\\set {name} {value}\n"));
        format!(":{name}")
    }

    /// A variable, at best of the name `wanted`, with a column of a row that exists. All that is
    /// asked for by the same `who` is of one row.
    pub(super) fn key(
        &mut self,
        wanted: &str,
        (table, column): (&Name, &str),
        how: &str,
        who: &str,
    ) -> String {
        let next = 1 + self.numbers.keys().filter(|(known, _)| known == table).count();
        let number = *self.numbers.entry((table.clone(), who.to_owned())).or_insert(next);
        let number = if number == 1 { String::new() } else { format!(", {number}") };
        let value = format!("key({table}.{}, {how}{number})", quote_ident(column));
        if let Some(known) = self.keys.get(&value) {
            return known.clone();
        }
        let name = self.set(wanted, &value);
        self.keys.insert(value, name.clone());
        name
    }

    /// Adds a line that sets a variable that nobody else has.
    pub(super) fn add(&mut self, line: &str) {
        self.text.push_str(line);
    }
}
