//! The suite that mutants are tried with: which cases first, and what tells two outcomes apart.

use std::collections::HashSet;

use super::score::Baseline;
use crate::catalog::{Catalog, Name, Table, Type, TypeKind, TypeRef};
use crate::error::Result;
use crate::invariants::case::{Case, Group, Outcome};
use crate::invariants::runner::Runner;
use crate::sql::mentions;

/// How many statements are run before the first look, and at most before each later one.
const FIRST: usize = 200;
const LATER: usize = 2000;

/// Cases that come out the same each time, with their outcomes.
pub(super) struct Suite<'c> {
    catalog: &'c Catalog,
    parts: Vec<Part>,
}

struct Part {
    group: Group,
    outcomes: Vec<Outcome>,
    /// Every word of its statements, in lower case.
    words: HashSet<String>,
}

/// What the suite made of a mutant.
#[derive(Default)]
pub(super) struct Fate {
    pub(super) killed_by: Option<String>,
    pub(super) impaired: bool,
}

impl<'c> Suite<'c> {
    pub(super) fn of(catalog: &'c Catalog) -> Self {
        Self { catalog, parts: Vec::new() }
    }

    /// Takes those cases that were reached, and came out the same `again`.
    pub(super) fn add(&mut self, baseline: &Baseline, again: &[Outcome]) {
        let mut group = Group { setup: baseline.group.setup.clone(), cases: Vec::new() };
        let mut outcomes = Vec::new();
        let cases = baseline.group.cases.iter().zip(&baseline.outcomes).zip(again);
        for ((case, outcome), again) in cases {
            let reached = !matches!(outcome, Outcome::Unreachable(_));
            if reached && !differ(outcome, again) {
                group.cases.push(case.clone());
                outcomes.push(outcome.clone());
            }
        }
        if !outcomes.is_empty() {
            let words = statements(&group).flat_map(words).collect();
            self.parts.push(Part { group, outcomes, words });
        }
    }

    /// Runs the cases until one comes out differently: first those about what was changed, then
    /// those about what is joined to it, then the others.
    pub(super) async fn run(&self, runner: &mut Runner<'_>, changed: &Name) -> Result<Fate> {
        let tables = self.tables_of(changed);
        let neighbours = self.neighbours_of(&tables);
        let rank = |part: &&Part| match () {
            () if tables.iter().any(|name| part.names(name)) => 0,
            () if neighbours.iter().any(|name| part.names(name)) => 1,
            () => 2,
        };
        let mut parts: Vec<&Part> = self.parts.iter().collect();
        parts.sort_by_cached_key(rank);

        let mut fate = Fate::default();
        // Whether a row entered the table, now and on the unchanged schema.
        let (mut enters, mut entered) = (false, false);
        let mut refused = false;
        let (mut rest, mut limit) = (&parts[..], FIRST);
        while !rest.is_empty() && (fate.killed_by.is_none() || refused && !enters) {
            let mut size = 0;
            let fits = |part: &&&Part| {
                size += statements(&part.group).count();
                size <= limit
            };
            let (chunk, after) = rest.split_at(rest.iter().take_while(fits).count().max(1));
            (rest, limit) = (after, LATER);
            let groups: Vec<Group> = chunk.iter().map(|part| part.group.clone()).collect();
            let outcomes = runner.run(&groups).await?;
            for (part, outcomes) in chunk.iter().zip(&outcomes) {
                for ((case, before), after) in part.cases().zip(outcomes) {
                    let fills = !(enters && entered)
                        && tables.iter().any(|table| inserts(&part.group, case, table));
                    enters |= fills && succeeds(after);
                    entered |= fills && succeeds(before);
                    if fate.killed_by.is_none() && differ(before, after) {
                        fate.killed_by = Some(format!(
                            "{}: {} instead of {}",
                            case.about,
                            said(after, before, case.ops.len()),
                            said(before, after, case.ops.len())
                        ));
                        refused = succeeds(before) && !succeeds(after);
                    }
                }
            }
        }
        fate.impaired = refused && entered && !enters;
        Ok(fate)
    }

    /// The tables that a change is felt in: the one that is changed, or those that have columns of
    /// the type that is.
    fn tables_of(&self, changed: &Name) -> Vec<Name> {
        let Some(user_type) = self.catalog.types.iter().find(|it| it.name == *changed) else {
            return vec![changed.clone()];
        };
        let has = |table: &&Table| {
            table.columns.iter().any(|column| self.is_of(&column.data_type, user_type))
        };
        self.catalog.tables.iter().filter(has).map(|table| table.name.clone()).collect()
    }

    /// Whether a column's type is `user_type`, or a domain over it.
    fn is_of(&self, column: &TypeRef, user_type: &Type) -> bool {
        match self.catalog.type_of(column) {
            Some(found) if found.name == user_type.name => true,
            Some(Type { kind: TypeKind::Domain(domain), .. }) => {
                self.is_of(&domain.data_type, user_type)
            }
            _ => false,
        }
    }

    /// The tables that foreign keys join to these, and the views that show them.
    fn neighbours_of(&self, tables: &[Name]) -> Vec<Name> {
        let mut found = Vec::new();
        for table in &self.catalog.tables {
            let to = table.constraints.iter().filter_map(|it| it.references.as_ref());
            for parent in to.map(|to| &to.table) {
                if tables.contains(parent) {
                    found.push(table.name.clone());
                }
                if tables.contains(&table.name) {
                    found.push(parent.clone());
                }
            }
        }
        let shows = |definition: &str| tables.iter().any(|table| mentions(definition, &table.name));
        let views = self.catalog.views.iter().filter(|view| shows(&view.definition));
        found.extend(views.map(|view| view.name.clone()));
        found
    }
}

impl Part {
    fn cases(&self) -> impl Iterator<Item = (&Case, &Outcome)> {
        self.group.cases.iter().zip(&self.outcomes)
    }

    fn names(&self, object: &Name) -> bool {
        words(&object.name).all(|word| self.words.contains(&word))
    }
}

fn statements(group: &Group) -> impl Iterator<Item = &String> {
    group.setup.iter().chain(group.cases.iter().flat_map(|case| &case.ops))
}

fn words(text: impl AsRef<str>) -> impl Iterator<Item = String> {
    let parts = |text: &str| -> Vec<String> {
        let parts = text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$');
        parts.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
    };
    parts(text.as_ref()).into_iter()
}

/// Whether a case, or what it starts from, puts a row into a table.
fn inserts(group: &Group, case: &Case, table: &Name) -> bool {
    group.setup.iter().chain(&case.ops).any(|statement| {
        let into = statement.get(..12).filter(|start| start.eq_ignore_ascii_case("INSERT INTO "));
        let target = into.and_then(|_| statement[12..].split('(').next());
        target.is_some_and(|target| mentions(target, &table.name))
    })
}

fn succeeds(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Accepted | Outcome::Yielded(_) => true,
        Outcome::Rejected(_) | Outcome::Unreachable(_) => false,
        Outcome::Steps(steps) => steps.iter().all(succeeds),
    }
}

/// Whether a user would notice. By which constraint a statement is refused does not count, and
/// neither do the words.
fn differ(one: &Outcome, other: &Outcome) -> bool {
    match (one, other) {
        (Outcome::Accepted, Outcome::Accepted) => false,
        (Outcome::Yielded(one), Outcome::Yielded(other)) => one != other,
        (Outcome::Rejected(one), Outcome::Rejected(other))
        | (Outcome::Unreachable(one), Outcome::Unreachable(other)) => {
            (one.op, &one.sqlstate) != (other.op, &other.sqlstate)
        }
        (Outcome::Steps(one), Outcome::Steps(other)) => {
            one.len() != other.len() || one.iter().zip(other).any(|(one, other)| differ(one, other))
        }
        _ => true,
    }
}

/// An outcome as the object of `instead of`; of steps, the first that `other` does not have.
/// `ops`: how many statements the case has.
fn said(outcome: &Outcome, other: &Outcome, ops: usize) -> String {
    match (outcome, other) {
        (Outcome::Accepted, _) => "accepted".to_owned(),
        (Outcome::Yielded(value), _) => value.as_ref().map_or("NULL", String::as_str).to_owned(),
        (Outcome::Rejected(rejection), _) => {
            let place = match rejection.op {
                op if op >= ops => "at the end".to_owned(),
                op => format!("at statement {}", op + 1),
            };
            format!("refused with {} {place}", rejection.sqlstate)
        }
        (Outcome::Unreachable(rejection), _) => {
            format!("refused with {} in what it starts from", rejection.sqlstate)
        }
        (Outcome::Steps(steps), Outcome::Steps(others)) => {
            let pairs = steps.iter().zip(others).enumerate();
            let mut apart = pairs.filter(|(_, (one, other))| differ(one, other));
            apart.next().map_or_else(String::new, |(at, (one, other))| match one {
                Outcome::Rejected(rejection) => {
                    format!("refused with {} at step {}", rejection.sqlstate, at + 1)
                }
                _ => format!("{} at step {}", said(one, other, ops), at + 1),
            })
        }
        (Outcome::Steps(_), _) => "steps".to_owned(),
    }
}
