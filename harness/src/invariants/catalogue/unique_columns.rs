//! `unique-columns`: no two rows agree in a key, and rows that differ in it are let in.

use super::Invariant;
use super::guard::{accepted, refused};
use super::keys::{self, Rows};
use crate::invariants::case::{Case, Expect, Group};
use crate::invariants::context::Context;
use crate::invariants::context::prefer::Cells;
use crate::invariants::context::row::{Row, insert};
use crate::invariants::context::shape::{Key, Shape};
use crate::invariants::promise::{Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "unique-columns",
    group: "uniqueness",
    page: include_str!("pages/unique-columns.md"),
    derive,
};

const STATES: &[&str] = &["23505"];

fn derive(context: &Context) -> Vec<Promise> {
    keys::keys(context).filter_map(|(shape, key)| promise(context, shape, key)).collect()
}

fn promise(context: &Context, shape: &Shape, key: &Key) -> Option<Promise> {
    let among =
        key.predicate.as_ref().map_or_else(String::new, |p| format!(" among rows with {p}"));
    let says = format!("no two rows agree in {}{among}", key.list());
    let evidence = match context.unable(shape.name()) {
        Some(reason) => Evidence::Untested(reason.to_owned()),
        None => {
            let rows = keys::rows(context, shape, key)?;
            Evidence::Cases(Tried { context, shape, key, rows }.groups())
        }
    };
    Some(keys::promise(INVARIANT.id, shape, &key.name, says, Otherwise::Broken, evidence))
}

struct Tried<'a> {
    context: &'a Context,
    shape: &'a Shape,
    key: &'a Key,
    rows: Rows,
}

impl Tried<'_> {
    fn groups(&self) -> Vec<Group> {
        let mut groups = Vec::new();
        let mut try_rows = |rows: &[&Row], cases: Vec<Case>| {
            if !cases.is_empty() {
                groups.push(Group { setup: self.context.setup(rows), cases });
            }
        };
        let Rows { one, twin, other } = &self.rows;
        try_rows(&[one, twin], self.agreeing(twin));
        if self.apart(one, other) {
            try_rows(&[one, other], self.differing(other));
        }
        for near in self.near() {
            let about = format!("two rows that differ in {} alone", near.0);
            let ops = vec![one.insert(), near.1.insert()];
            try_rows(&[one, &near.1], vec![accepted(self.context, self.shape, about, ops)]);
        }
        for (about, spelt) in self.spelt() {
            try_rows(&[one, &spelt], vec![self.refuses(&about, &spelt, vec![spelt.insert()])]);
        }
        if let Some(outside) = self.outside() {
            try_rows(&[one, &outside], self.uncounted(&outside));
        }
        if let Some((null, twin)) = self.nulls() {
            let ops = vec![null.insert(), twin.insert()];
            let case = refused(
                self.context,
                self.shape,
                "two rows with the same key and NULL in it",
                ops,
                STATES,
                None,
            );
            try_rows(&[&null, &twin], vec![case]);
        }
        groups
    }

    /// Whether both rows are let in.
    fn apart(&self, one: &Row, other: &Row) -> bool {
        !keys::meet_elsewhere(self.context, self.shape, None, one, other)
    }

    /// That the last of these statements is refused, after the first row went in.
    fn refuses(&self, about: &str, twin: &Row, ops: Vec<String>) -> Case {
        let one = &self.rows.one;
        let alone = !keys::meet_elsewhere(self.context, self.shape, Some(self.key), one, twin);
        let by = alone.then_some(self.key.name.as_str());
        let ops = [vec![one.insert()], ops].concat();
        refused(self.context, self.shape, about, ops, STATES, by)
    }

    fn agreeing(&self, twin: &Row) -> Vec<Case> {
        let mut cases =
            vec![self.refuses("a second row with the same key", twin, vec![twin.insert()])];
        let mut together =
            self.refuses("two rows with the same key in one statement", twin, Vec::new());
        together.ops = vec![insert(&[&self.rows.one, twin])];
        cases.push(together);
        if self.key.deferrable {
            let name = self.shape.name().sibling(&self.key.name);
            let ops = vec![
                format!("SET CONSTRAINTS {name} DEFERRED"),
                self.rows.one.insert(),
                twin.insert(),
            ];
            let expect = vec![
                Expect::Accepted,
                Expect::Accepted,
                Expect::Accepted,
                Expect::Rejected { sqlstates: vec![STATES[0].to_owned()], constraint: None },
            ];
            let about = "a second row with the same key, looked at in the end".to_owned();
            cases.push(Case { about, ops, expect: Expect::Steps(expect) });
        }
        cases
    }

    fn differing(&self, other: &Row) -> Vec<Case> {
        let one = &self.rows.one;
        let both = vec![one.insert(), other.insert()];
        let mut cases = vec![accepted(self.context, self.shape, "two rows that differ", both)];
        let columns = self.key.columns();
        if keys::updatable(self.shape, &columns)
            && let Some(assignments) = keys::assignments(one, &columns)
        {
            let ops = vec![other.insert(), other.set(&assignments)];
            let moved = other.clone().like(one, &columns);
            cases.push(self.refuses("an update to the key of another row", &moved, ops));
        }
        cases
    }

    /// For each column of a longer key, a row that differs from the first in that column alone.
    fn near(&self) -> Vec<(String, Row)> {
        let columns = self.key.columns();
        let one = &self.rows.one;
        let near = |column: &&str| {
            let mut same = keys::cells(&self.rows.twin, &columns);
            same.extend(self.counted());
            same.remove(*column);
            let row = self.context.unlike(one, &same)?;
            let differs = keys::meet(self.context, self.shape, self.key, one, &row) == Some(false);
            (differs && row.text(column).is_some() && self.apart(one, &row))
                .then(|| ((*column).to_owned(), row))
        };
        columns.iter().filter(|_| self.key.parts.len() > 1).filter_map(near).collect()
    }

    /// Rows whose columns differ though the expressions of the key come to the same.
    fn spelt(&self) -> Vec<(String, Row)> {
        let one = &self.rows.one;
        let plain: Vec<&str> = self.key.parts.iter().filter_map(|p| p.column.as_deref()).collect();
        let entries = self.context.entries(self.shape.name(), &self.key.name);
        let spelt = entries.iter().filter_map(|entry| {
            let mut same = entry.cells.clone();
            same.extend(keys::cells(one, &plain));
            let differs =
                entry.cells.iter().any(|(column, value)| one.cells.get(column) != Some(value));
            let row = (differs && entry.counts).then(|| self.context.unlike(one, &same))??;
            let met = keys::meet(self.context, self.shape, self.key, one, &row) == Some(true);
            let told = entry.cells.iter().map(|(column, value)| match value {
                Some(text) => format!("{column} `{text}`"),
                None => format!("no {column}"),
            });
            let told: Vec<String> = told.collect();
            met.then(|| (format!("the same key, spelt with {}", told.join(" and ")), row))
        });
        if self.key.parts.iter().all(|part| part.column.is_some()) {
            return Vec::new();
        }
        spelt.take(6).collect()
    }

    /// A row with the key of the first that the predicate leaves out.
    fn outside(&self) -> Option<Row> {
        self.key.predicate.as_ref()?;
        let entries = self.context.entries(self.shape.name(), &self.key.name);
        let own = keys::cells(&self.rows.one, &self.key.columns());
        entries.iter().filter(|entry| !entry.counts).find_map(|entry| {
            let mut same = entry.cells.clone();
            let agrees =
                own.iter().all(|(column, value)| same.get(column).is_none_or(|v| v == value));
            same.extend(own.clone());
            self.context.unlike(&self.rows.one, &same).filter(|_| agrees)
        })
    }

    fn uncounted(&self, outside: &Row) -> Vec<Case> {
        let one = &self.rows.one;
        let mut cases = Vec::new();
        if !keys::meet_elsewhere(self.context, self.shape, Some(self.key), one, outside) {
            let about = "a row with the same key that the condition leaves out";
            let ops = vec![one.insert(), outside.insert()];
            cases.push(accepted(self.context, self.shape, about, ops));
        }
        let mut same = keys::cells(outside, &self.key.columns());
        let uncounted = self.counted();
        same.extend(keys::cells(outside, &names(&uncounted)));
        if let Some(second) = self.context.unlike(outside, &same)
            && self.apart(outside, &second)
        {
            let ops = vec![outside.insert(), second.insert()];
            let about = "two rows with the same key that the condition leaves out";
            if self.context.setup(&[one, outside]) == self.context.setup(&[one, outside, &second]) {
                cases.push(accepted(self.context, self.shape, about, ops));
            }
        }
        let moved = self.linked(&names(&uncounted));
        if let (Some(assignments), true) =
            (keys::assignments(&self.rows.twin, &moved), keys::updatable(self.shape, &moved))
            && !moved.is_empty()
        {
            let about = "an update that makes the condition count the row";
            let ops = vec![outside.insert(), outside.set(&assignments)];
            cases.push(self.refuses(about, outside, ops));
        }
        cases
    }

    /// The columns with those that checks link to them, which must change together.
    fn linked(&self, columns: &[&str]) -> Vec<&str> {
        let components = self.context.components(self.shape.name()).iter();
        let linked = components.filter(|component| {
            component.columns.iter().any(|own| columns.contains(&own.as_str()))
        });
        linked.flat_map(|component| component.columns.iter().map(String::as_str)).collect()
    }

    /// The values by which the predicate counts the first row, in columns that are not in the key.
    fn counted(&self) -> Cells {
        let entries = self.context.entries(self.shape.name(), &self.key.name);
        let named = entries.first().map(|entry| names(&entry.cells)).unwrap_or_default();
        let own = self.key.columns();
        let named: Vec<&str> = named.into_iter().filter(|name| !own.contains(name)).collect();
        keys::cells(&self.rows.one, &named)
    }

    /// Two rows that agree in the key with NULL in it, where NULLs are not distinct.
    fn nulls(&self) -> Option<(Row, Row)> {
        if !self.key.nulls_not_distinct {
            return None;
        }
        let columns = self.key.columns();
        let nullable = columns.iter().find(|column| !self.shape.not_null(column))?;
        let mut same = keys::cells(&self.rows.one, &columns);
        same.extend(self.counted());
        same.insert((*nullable).to_owned(), None);
        let null = self.context.full(self.shape.name(), 0, &same)?;
        let twin = self.context.unlike(&null, &same)?;
        Some((null, twin))
    }
}

fn names(cells: &Cells) -> Vec<&str> {
    cells.keys().map(String::as_str).collect()
}
