//! Puts rows in and takes them out again, to learn what the server makes of them.

use std::collections::BTreeMap;

use sqlx::postgres::PgConnection;

use super::row::{self, Row};
use super::shape::Shape;
use super::{Context, ROWS, Refused, order};
use crate::error::Result;
use crate::invariants::case::{Case, Group, Outcome};
use crate::invariants::runner::Runner;
use crate::values::literal;

impl Context {
    /// Puts the first rows of the newest table in and takes them out again, to learn whether the
    /// server takes them and what its triggers make of them. Tells whether their keys are taken.
    pub(super) async fn try_rows(&mut self, conn: &mut PgConnection) -> Result<bool> {
        let Some(last) = self.tables.last() else { return Ok(false) };
        if last.unable.is_some() {
            return Ok(false);
        }
        let rows: Vec<Row> =
            (0..ROWS).map_while(|n| self.build(last, n, &BTreeMap::new())).collect();
        let Some(first) = rows.first() else {
            let why = self.without_parents(&last.shape);
            self.refuse(why);
            return Ok(false);
        };
        let look = rewritten_columns(&last.shape, first);
        let alone = Case::yields("a row", vec![first.insert(), look], "");
        let mut groups = vec![Group { setup: self.setup(&[first]), cases: vec![alone] }];
        for count in 2..=rows.len() {
            let some: Vec<&Row> = rows[..count].iter().collect();
            let setup = self.setup(&some);
            let ops = some.iter().map(|row| row.insert()).collect();
            groups.push(Group { setup, cases: vec![Case::accepted("several rows", ops)] });
        }
        let mut runner = Runner::new(conn, self.deferred).await?;
        let mut outcomes = runner.run(&groups[..1]).await?;
        if matches!(outcomes[0][0], Outcome::Yielded(_)) {
            outcomes.extend(runner.run(&groups[1..]).await?);
        }
        let outcomes: Vec<Outcome> = outcomes.into_iter().flatten().collect();
        let Some(last) = self.tables.last_mut() else { return Ok(false) };
        match outcomes.first() {
            Some(Outcome::Yielded(columns)) => {
                let columns = columns.as_deref().unwrap_or_default();
                last.rewritten =
                    columns.split('\u{1f}').filter(|c| !c.is_empty()).map(str::to_owned).collect();
            }
            Some(Outcome::Rejected(rejection) | Outcome::Unreachable(rejection)) => {
                let taken = matches!(rejection.sqlstate.as_str(), "23505" | "23P01");
                let refused = Refused {
                    setup: groups[0].setup.clone(),
                    insert: first.insert(),
                    sqlstate: rejection.sqlstate.clone(),
                };
                self.refuse(format!("every row is refused: {}", rejection.message));
                if let Some(last) = self.tables.last_mut() {
                    last.refused = Some(refused);
                }
                return Ok(taken);
            }
            _ => {}
        }
        let more =
            outcomes[1..].iter().take_while(|outcome| **outcome == Outcome::Accepted).count();
        last.rows = 1 + more;
        last.known = rows;
        Ok(false)
    }

    /// Why no row could be built though the checks have solutions.
    fn without_parents(&self, shape: &Shape) -> String {
        if let Some(cycle) = order::required_cycle(&self.shapes().collect::<Vec<_>>(), shape) {
            return format!("each row needs another one first: {cycle}");
        }
        let empty =
            shape.links.iter().find(|link| link.required && self.row(&link.parent, 0).is_none());
        match empty {
            Some(link) => format!("it needs rows of {}, which takes none", link.parent),
            None => "no values were found that go together".to_owned(),
        }
    }

    fn refuse(&mut self, why: String) {
        if let Some(last) = self.tables.last_mut() {
            last.unable = Some(why);
        }
    }
}

/// A query that names the columns in which the row is not as it was given.
fn rewritten_columns(shape: &Shape, row: &Row) -> String {
    let compared = row.cells.iter().filter_map(|(name, value)| {
        let (_, resolved) = shape.column(name).filter(|_| row::is_comparable(shape, name))?;
        let name_sql = crate::catalog::quote_ident(name);
        Some(format!(
            "CASE WHEN {name_sql} IS DISTINCT FROM {}::{} THEN {} END",
            literal(value),
            resolved.cast,
            crate::catalog::quote_literal(name)
        ))
    });
    let compared: Vec<String> = compared.collect();
    if compared.is_empty() {
        return "SELECT ''".to_owned();
    }
    row.select(&format!("concat_ws(E'\\x1f', {})", compared.join(", ")))
}
