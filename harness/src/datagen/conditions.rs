//! What the rows of a table must satisfy, as SQL conditions that the server evaluates.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Row as _};

use crate::catalog::{self, Catalog, ConstraintKind, Match, quote_ident};
use crate::sql::expression;
use crate::values::types::resolve;

use super::world::Table;

/// A condition that no row may make false.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condition {
    /// As for people: ``check `positive` ``.
    pub(super) says: String,
    pub(super) sql: String,
    /// The columns that decide it, through generated ones to what they are generated from.
    pub(super) columns: Vec<usize>,
}

/// The columns that an expression names, through generated ones to what they are generated from.
pub(super) fn columns(table: &catalog::Table, text: &str) -> Vec<usize> {
    let names: Vec<_> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let place = |name: &str| names.iter().position(|other| *other == name);
    let mut found = Vec::new();
    for at in expression::columns(text, &names).into_iter().filter_map(place) {
        match &table.columns[at].generated {
            Some(generated) => found.extend(columns(table, &generated.expression)),
            None => found.push(at),
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The checks of the table, of its domains, and what foreign keys say of NULLs.
pub(super) fn conditions(catalog: &Catalog, table: &catalog::Table) -> Vec<Condition> {
    let mut all = Vec::new();
    let mut add = |says: String, sql: String| {
        let columns = columns(table, &sql);
        all.push(Condition { says, sql, columns });
    };
    for constraint in &table.constraints {
        if let (ConstraintKind::Check, Some(sql)) = (constraint.kind, &constraint.expression) {
            add(format!("check `{}`", constraint.name), sql.clone());
        }
        let full = |references: &catalog::References| references.matching == Match::Full;
        if constraint.columns.len() > 1 && constraint.references.as_ref().is_some_and(full) {
            let nulls =
                constraint.columns.iter().map(|name| format!("{} IS NULL", quote_ident(name)));
            let nulls = nulls.collect::<Vec<_>>();
            let (all, none) = (nulls.join(" AND "), nulls.join(" OR "));
            add(format!("foreign key `{}`", constraint.name), format!("({all}) = ({none})"));
        }
    }
    for column in &table.columns {
        for domain in resolve(catalog, &column.data_type).domains {
            for constraint in &domain.constraints {
                let sql =
                    expression::with_value(&constraint.expression, &quote_ident(&column.name));
                add(format!("check `{}` of its domain", constraint.name), sql);
            }
        }
    }
    all
}

/// What a partitioned table takes: a row must fit one of its partitions.
pub(super) async fn partitions(
    conn: &mut PgConnection,
    table: &catalog::Table,
) -> Result<Option<Condition>, sqlx::Error> {
    let query = "SELECT pg_catalog.pg_get_partition_constraintdef(relid) \
                 FROM pg_catalog.pg_partition_tree($1::regclass) WHERE isleaf ORDER BY relid";
    let rows = sqlx::query(query).bind(table.name.to_string()).fetch_all(conn).await?;
    let parts: Option<Vec<String>> = rows.iter().map(|row| row.get(0)).collect();
    Ok(parts.filter(|parts| !parts.is_empty()).map(|parts| {
        let sql = format!("({})", parts.join(") OR ("));
        Condition { says: "bounds of its partitions".into(), columns: columns(table, &sql), sql }
    }))
}

/// How many statements one question may take: more means that most rows are refused by errors.
const PATIENCE: u32 = 200;

/// How long one statement may take: a check may call what waits.
const LIMIT: &str = "SET LOCAL statement_timeout = '10s'";

/// SQLSTATE of a statement that ran longer than it may.
const CANCELLED: &str = "57014";

/// Asks the server which of the rows satisfy all conditions. The rows hold texts of `columns`;
/// a row that raises an error satisfies none.
pub(super) async fn satisfied(
    conn: &mut PgConnection,
    about: &catalog::Table,
    table: &Table,
    columns: &[usize],
    conditions: &[&Condition],
    rows: &[Vec<Option<String>>],
) -> Result<Vec<bool>, sqlx::Error> {
    let query = query(about, table, columns, conditions);
    let mut satisfied = vec![false; rows.len()];
    let mut spans = vec![(0, rows.len())];
    let mut asked = 0;
    while let Some((start, end)) = spans.pop() {
        asked += 1;
        if start == end || asked > PATIENCE {
            continue;
        }
        let mut asking = sqlx::query(AssertSqlSafe(query.as_str()));
        for at in 0..columns.len() {
            let column: Vec<_> = rows[start..end].iter().map(|row| row[at].clone()).collect();
            asking = asking.bind(column);
        }
        let mut savepoint = conn.begin().await?;
        sqlx::raw_sql(LIMIT).execute(&mut *savepoint).await?;
        let found = asking.fetch_all(&mut *savepoint).await;
        // Nothing was changed but the limit, which goes with it.
        savepoint.rollback().await?;
        match found {
            Ok(found) => {
                for row in found {
                    let number = usize::try_from(row.get::<i64, _>(0)).unwrap_or(0);
                    satisfied[start + number - 1] = true;
                }
            }
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(CANCELLED) => {
                break;
            }
            Err(sqlx::Error::Database(_)) => {
                if end - start > 1 {
                    let middle = usize::midpoint(start, end);
                    spans.extend([(start, middle), (middle, end)]);
                }
            }
            Err(other) => return Err(other),
        }
    }
    Ok(satisfied)
}

fn query(
    about: &catalog::Table,
    table: &Table,
    columns: &[usize],
    conditions: &[&Condition],
) -> String {
    let number = "\"number of the row\"";
    let names = (0..columns.len()).map(|n| format!("c{n}")).collect::<Vec<_>>().join(", ");
    let arrays =
        (1..=columns.len()).map(|n| format!("${n}::text[]")).collect::<Vec<_>>().join(", ");
    let typed = columns.iter().enumerate().map(|(n, at)| {
        let column = &table.columns[*at];
        format!("c{n}::{} AS {}", column.cast, quote_ident(&column.name))
    });
    let typed = typed.collect::<Vec<_>>().join(", ");
    let mut from = format!(
        "(SELECT {number}, {typed} \
         FROM unnest({arrays}) WITH ORDINALITY AS raw ({names}, {number}))"
    );
    let named = |expression: &str| {
        conditions
            .iter()
            .any(|condition| expression::columns(&condition.sql, &[expression]).len() == 1)
    };
    let generated = about.columns.iter().filter(|column| named(&column.name));
    let generated: Vec<_> = generated
        .filter_map(|column| Some((&column.name, &column.generated.as_ref()?.expression)))
        .map(|(name, expression)| format!("({expression}) AS {}", quote_ident(name)))
        .collect();
    let name = quote_ident(&about.name.name);
    if !generated.is_empty() {
        from = format!("(SELECT {name}.*, {} FROM {from} AS {name})", generated.join(", "));
    }
    let all = conditions.iter().map(|condition| format!("({}) IS NOT FALSE", condition.sql));
    let all = all.collect::<Vec<_>>().join(" AND ");
    format!("SELECT {number} FROM {from} AS {name} WHERE {all}")
}
