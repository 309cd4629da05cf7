//! Which columns are compared with each other, what they make of each other's values, and which
//! of these are equal.

use std::collections::{BTreeMap, BTreeSet};

use super::ask::{Asked, ask};
use super::facts::{Facts, NULL};
use super::schema::{Place, Schema};
use crate::catalog::{quote_ident, quote_literal};
use crate::error::Result;
use crate::invariants::runner::Runner;

/// The columns whose values are compared with each other, since foreign keys lead from one to
/// the other.
#[derive(Debug)]
pub(super) struct Spaces {
    /// The first of each has the type that decides what is equal.
    pub(super) members: Vec<Vec<Place>>,
    of: BTreeMap<Place, usize>,
}

impl Spaces {
    pub(super) fn new(schema: &Schema) -> Self {
        let places = schema.tables.iter().enumerate();
        let places = places.flat_map(|(at, table)| (0..table.columns.len()).map(move |c| (at, c)));
        let members: Vec<Vec<Place>> = places.map(|place| vec![place]).collect();
        let of = members.iter().enumerate().map(|(space, one)| (one[0], space)).collect();
        let mut spaces = Self { members, of };
        for foreign in &schema.foreign {
            for (from, to) in foreign.columns.iter().zip(&foreign.parent_columns) {
                spaces.join((foreign.child, *from), (foreign.parent, *to));
            }
        }
        spaces
    }

    fn join(&mut self, from: Place, to: Place) {
        if let (Some(from), Some(to)) = (self.of(from), self.of(to))
            && from != to
        {
            let moved = std::mem::take(&mut self.members[from]);
            self.of.extend(moved.iter().map(|place| (*place, to)));
            self.members[to].extend(moved);
        }
    }

    /// The number of the space that a column belongs to.
    pub(super) fn of(&self, place: Place) -> Option<usize> {
        self.of.get(&place).copied()
    }
}

/// Asks every column of a space what it makes of every value that may reach it.
pub(super) async fn learn_values(
    runner: &mut Runner<'_>,
    schema: &Schema,
    facts: &mut Facts,
    spaces: &Spaces,
    texts: &mut [BTreeSet<String>],
) -> Result<()> {
    let mut nulls = true;
    loop {
        let mut asked = Vec::new();
        let mut places = Vec::new();
        for (space, members) in spaces.members.iter().enumerate() {
            for &(table, at) in members {
                let column = &schema.tables[table].columns[at];
                if nulls && column.guarded {
                    asked.push(Asked::stored(table, at, column, "NULL".to_owned()));
                    places.push((space, (table, at), None));
                }
                for text in &texts[space] {
                    if facts.stored(table, at, text).is_none() {
                        asked.push(Asked::stored(table, at, column, quote_literal(text)));
                        places.push((space, (table, at), Some(text.clone())));
                    }
                }
            }
        }
        if asked.is_empty() {
            return Ok(());
        }
        nulls = false;
        let answers = ask(runner, schema, &asked).await?;
        for ((space, place, text), answer) in places.into_iter().zip(answers) {
            let Some(text) = text else {
                if let Err(refusal) = answer {
                    facts.learn_null_refused(place, refusal);
                }
                continue;
            };
            let to = answer.map(|read| {
                read.map_or(NULL, |read| {
                    texts[space].insert(read.clone());
                    facts.number(space, &read)
                })
            });
            facts.learn_stored(place, &text, to);
        }
    }
}

/// Asks which values of a space are equal: those that the type of its first column ranks alike.
pub(super) async fn learn_equality(
    runner: &mut Runner<'_>,
    schema: &Schema,
    facts: &mut Facts,
    spaces: &Spaces,
    texts: &[BTreeSet<String>],
) -> Result<()> {
    let mut asked = Vec::new();
    let mut ranked = Vec::new();
    for (members, texts) in spaces.members.iter().zip(texts) {
        let Some(&(table, at)) = members.first() else { continue };
        let value = |text: &String| match facts.stored(table, at, text) {
            Some(Ok(value)) if facts.text(*value) == Some(text.as_str()) => Some(*value),
            _ => None,
        };
        let values: Vec<_> = texts.iter().filter_map(|text| Some((text, value(text)?))).collect();
        if values.len() < 2 {
            continue;
        }
        let name = quote_ident(&schema.tables[table].columns[at].name);
        // The windows are computed over all rows before they are put together in the order of
        // their texts, which is that of `values`.
        let select = format!(
            "string_agg(rank::text, ',' ORDER BY text COLLATE \"C\") FROM (\
             SELECT format('%s', {name}) AS text, dense_rank() OVER (ORDER BY {name}) AS rank"
        );
        asked.push(Asked {
            table,
            columns: vec![at],
            rows: values.iter().map(|(text, _)| vec![quote_literal(text)]).collect(),
            select: format!("(SELECT {select} FROM pg_temp.shakedown_scratch) AS ranked)"),
        });
        ranked.push(values.into_iter().map(|(_, value)| value).collect::<Vec<_>>());
    }
    let answers = ask(runner, schema, &asked).await?;
    for (values, answer) in ranked.into_iter().zip(answers) {
        // Types without an order are no keys, so that nothing asks whether they are equal.
        let Ok(Some(ranks)) = answer else { continue };
        let ranks: Vec<&str> = ranks.split(',').collect();
        for rank in ranks.iter().collect::<BTreeSet<_>>() {
            let alike = values.iter().zip(&ranks).filter(|(_, other)| *other == rank);
            facts.equate(&alike.map(|(value, _)| *value).collect::<Vec<_>>());
        }
    }
    Ok(())
}
