//! What keys with a predicate or with expressions make of values. The server is asked, so that
//! cases know which rows a partial key counts and which values an expression takes for the same.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row as _};

use super::Solved;
use super::prefer::Cells;
use super::shape::{Key, Part, Shape};
use crate::catalog::quote_ident;
use crate::error::{Error, Result};
use crate::sql::expression;
use crate::values::types::{Base, Resolved};
use crate::values::{Value, candidates, literal};

/// How many combinations of values are asked for each key.
const COMBINATIONS: usize = 400;

/// What a key makes of some values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Values of the columns that its predicate and its expressions speak of.
    pub cells: Cells,
    /// Whether its predicate is true of them; so it is if it has none.
    pub counts: bool,
    /// What its expressions come to, in their order.
    pub values: Vec<Value>,
}

/// Asks what a key makes of the values that the table takes. Nothing if it is of columns alone,
/// of the whole table.
pub(super) async fn ask(conn: &mut PgConnection, solved: &Solved, key: &Key) -> Result<Vec<Entry>> {
    let expressions: Vec<&str> =
        key.parts.iter().filter(|p| p.column.is_none()).map(|p| p.sql.as_str()).collect();
    if expressions.is_empty() && key.predicate.is_none() {
        return Ok(Vec::new());
    }
    let predicate = key.predicate.as_deref().unwrap_or("true");
    let values = expressions.iter().map(|sql| format!(", ({sql})::text"));
    let asked =
        format!("jsonb_build_array((({predicate}) IS TRUE)::text{})", values.collect::<String>());
    let tuples = tuples(solved, key, &asked);
    let queries: Vec<String> = tuples.iter().map(|cells| query(solved, cells, &asked)).collect();
    let sql = "SELECT pg_temp.shakedown_value(q) FROM unnest($1::text[]) WITH ORDINALITY AS u (q, n) ORDER BY n";
    let told = sqlx::query(AssertSqlSafe(sql)).bind(queries).fetch_all(conn).await;
    let told =
        told.map_err(|error| Error::new("the keys could not be evaluated").because_sql(error))?;
    let read = |(cells, row): (Cells, &sqlx::postgres::PgRow)| {
        let text: String = row.try_get::<Option<String>, _>(0).ok()??;
        let mut values: Vec<Value> = serde_json::from_str(&text).ok()?;
        let counts = values.first()?.as_deref() == Some("true");
        values.remove(0);
        Some(Entry { cells, counts, values })
    };
    Ok(tuples.into_iter().zip(&told).filter_map(read).collect())
}

fn query(solved: &Solved, cells: &Cells, asked: &str) -> String {
    let cells = cells.iter().filter_map(|(column, value)| {
        let (_, resolved) = solved.shape.column(column)?;
        Some(format!("{}::{} AS {}", literal(value), resolved.cast, quote_ident(column)))
    });
    let cells = cells.collect::<Vec<_>>().join(", ");
    format!("SELECT {asked} FROM (SELECT {cells}) AS {}", quote_ident(&solved.shape.name().name))
}

/// The values to ask about, those that the key itself names first.
fn tuples(solved: &Solved, key: &Key, asked: &str) -> Vec<Cells> {
    let names: Vec<&str> = solved.shape.columns().map(|(c, _)| c.name.as_str()).collect();
    let columns = expression::columns(asked, &names);
    let share =
        |room: usize| (1..).take_while(|n: &usize| n.pow(exponent(&columns)) <= room).count();
    let mut tuples = vec![Cells::new()];
    for column in &columns {
        let room = share(COMBINATIONS).max(2);
        let all = taken(solved, column);
        let named = solved.shape.column(column).map(|(_, resolved)| mentioned(key, resolved));
        let named = named.unwrap_or_default();
        // NULL is what most predicates are about.
        let telling = |value: &Value| value.as_ref().is_none_or(|text| named.contains(text));
        let (mut kept, others): (Vec<_>, Vec<_>) =
            all.iter().cloned().partition(|value| telling(value));
        // At least one value that nobody has in mind.
        kept.truncate(room - 1);
        kept.extend(others.into_iter().take(room - kept.len()));
        let values: Vec<Value> = all.into_iter().filter(|value| kept.contains(value)).collect();
        let with = |cells: &Cells, value: &Value| {
            let mut cells = cells.clone();
            cells.insert((*column).to_owned(), value.clone());
            cells
        };
        tuples = tuples
            .iter()
            .flat_map(|cells| values.iter().map(move |value| with(cells, value)))
            .take(4 * COMBINATIONS)
            .collect();
    }
    tuples
}

fn exponent(columns: &[&str]) -> u32 {
    u32::try_from(columns.len()).unwrap_or(u32::MAX).clamp(1, 16)
}

/// The constants of a key's predicate and expressions.
fn mentioned(key: &Key, resolved: &Resolved) -> Vec<String> {
    let expressions = key.parts.iter().filter(|part| part.column.is_none()).map(|part| &part.sql);
    let texts = expressions.chain(&key.predicate);
    texts.flat_map(|text| candidates::mined(text, resolved)).collect()
}

/// The values of a column in rows that the table takes.
fn taken(solved: &Solved, column: &str) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::new();
    for component in &solved.components {
        let Some(at) = component.columns.iter().position(|name| name == column) else { continue };
        for combo in component.combos.iter().filter(|combo| combo.is_good()) {
            if !values.contains(&combo.cells[at]) {
                values.push(combo.cells[at].clone());
            }
        }
    }
    values
}

/// Values of a column that tell what keys and exclusions make of it: the constants of predicates
/// and expressions, other spellings of the first value, ranges that overlap and ones that touch.
pub(super) fn telling(shape: &Shape, column: &str, first: Option<&String>) -> Vec<String> {
    let Some((_, resolved)) = shape.column(column) else { return Vec::new() };
    let names = [column];
    let speaks = |sql: &str| !expression::columns(sql, &names).is_empty();
    let mut texts = Vec::new();
    for key in &shape.keys {
        let named = mentioned(key, resolved);
        let computed = |part: &&Part| part.column.is_none() && speaks(&part.sql);
        let computed = key.parts.iter().any(|part| computed(&part));
        if computed || key.predicate.as_deref().is_some_and(speaks) {
            texts.extend(named.into_iter().filter(|text| plausible(&resolved.base, text)));
        }
        if computed && let (true, Some(first)) = (resolved.base.is_text(), first) {
            texts.extend([first.to_uppercase(), format!("{first} ")]);
        }
    }
    let elements = shape.table.constraints.iter().filter(|found| !found.operators.is_empty());
    let mut elements = elements.flat_map(|found| &found.columns);
    match &resolved.base {
        Base::Range(subtype, false) if elements.any(|element| element == column) => {
            texts.extend(POINTS.iter().filter_map(|(from, to)| between(subtype, *from, *to)));
        }
        base if elements.any(|element| element.contains("range(") && speaks(element)) => {
            texts.extend((0..5).filter_map(|n| point(base, n)));
        }
        _ => {}
    }
    texts.retain(|text| fits(&resolved.base, text));
    texts
}

/// Three spans between points: the second overlaps the first, the third touches it.
pub const POINTS: [(usize, usize); 3] = [(0, 2), (1, 3), (2, 4)];

/// The `n`-th of five points of a type that spans are made of, in ascending order.
pub fn point(base: &Base, n: usize) -> Option<String> {
    match base {
        Base::Int(_) | Base::Numeric(_) => Some((11 + n).to_string()),
        Base::Date => Some(format!("2011-01-{:02}", n + 1)),
        Base::Timestamp => Some(format!("2011-01-01 {:02}:00:00", n + 10)),
        Base::TimestampTz => Some(format!("2011-01-01 {:02}:00:00+00", n + 10)),
        _ => None,
    }
}

/// The range from one point up to another, which is not in it.
pub fn between(subtype: &Base, from: usize, to: usize) -> Option<String> {
    Some(format!("[{},{})", point(subtype, from)?, point(subtype, to)?))
}

/// Whether a constant that stands somewhere in an expression can be a value of this type: it may
/// be meant for another column.
fn plausible(base: &Base, text: &str) -> bool {
    match base {
        Base::Int(_) => text.parse::<i16>().is_ok(),
        Base::Numeric(None) | Base::Float(_) => text.parse::<f32>().is_ok(),
        Base::Bool => matches!(text, "true" | "false"),
        Base::Enum(labels) => labels.iter().any(|label| label == text),
        base => base.is_text(),
    }
}

/// Whether a text is not too long for the type.
fn fits(base: &Base, text: &str) -> bool {
    match base {
        Base::Text(Some(limit)) | Base::Char(limit) => {
            u32::try_from(text.chars().count()).is_ok_and(|length| length <= *limit)
        }
        _ => true,
    }
}
