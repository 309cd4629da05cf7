//! Tables, views and their parts.

use std::collections::BTreeMap;

use super::{Object, Pair, Walk, What, either, order, pairs, what};
use crate::catalog::fields::fields;
use crate::catalog::mend::Mender;
use crate::catalog::{
    Catalog, Column, Constraint, Identity, Index, Kind, Name, Policy, Rule, Table, Trigger, View,
};

/// The parts of a table or view, which are compared on their own.
const PARTS: [&str; 6] = ["columns", "constraints", "indexes", "triggers", "policies", "rules"];

/// What differs in the columns and constraints of the tables that are in both,
/// by table and name: to tell what children have from their parents.
#[derive(Default)]
struct Inherited {
    columns: BTreeMap<(Name, String), What>,
    constraints: BTreeMap<(Name, String), What>,
}

impl<'a> Walk<'a> {
    pub(super) fn tables(&mut self) {
        let tables = pairs(&self.before.tables, &self.after.tables, |t| &t.name);
        let mut inherited = Inherited::default();
        for (before, after) in &tables {
            let (Some(before), Some(after)) = (before, after) else { continue };
            for pair in pairs(&before.columns, &after.columns, |c| &c.name) {
                if let Some(column) = either(pair) {
                    let key = (before.name.clone(), column.name.clone());
                    inherited.columns.insert(key, column_what(pair, before, after));
                }
            }
            for pair in pairs(&before.constraints, &after.constraints, |c| &c.name) {
                if let Some(constraint) = either(pair) {
                    let key = (before.name.clone(), constraint.name.clone());
                    inherited.constraints.insert(key, constraint_what(pair, before, after));
                }
            }
        }
        for pair in tables {
            if let (Some(before), Some(after)) = pair {
                self.table(before, after, &inherited);
            } else {
                self.report(pair, Object::table, Mender::table);
            }
        }
    }

    fn table(&mut self, before: &'a Table, after: &'a Table, inherited: &Inherited) {
        let name = &before.name;
        let fields = fields(before, after, &PARTS);
        if !fields.is_empty() {
            let mend = self.mend.table((Some(before), Some(after)));
            self.push(Object::table(before), What::Differs(fields), mend);
        }
        if let Some((old, new)) = order::reordered(&before.columns, &after.columns) {
            let what = What::ColumnOrder { before: old, after: new };
            self.push(Object::table(before), what, None);
        }
        for pair in pairs(&before.columns, &after.columns, |c| &c.name) {
            let what = column_what(pair, before, after);
            let parent = |parent: &Name, column: &Column| {
                inherited.columns.get(&(parent.clone(), column.name.clone())) == Some(&what)
            };
            let Some(column) = either(pair) else { continue };
            if is_empty(&what) || follows(&what, column.not_local, before, |p| parent(p, column)) {
                continue;
            }
            let mend = self.mend.column(name, pair);
            self.push(Object::column(name, &column.name), what, mend);
        }
        for pair in pairs(&before.constraints, &after.constraints, |c| &c.name) {
            let what = constraint_what(pair, before, after);
            let parent = |parent: &Name, constraint: &Constraint| {
                let of = constraint.attached_to.as_ref().unwrap_or(&constraint.name);
                inherited.constraints.get(&(parent.clone(), of.clone())) == Some(&what)
            };
            let Some(constraint) = either(pair) else { continue };
            let not_local = constraint.not_local || constraint.attached_to.is_some();
            if is_empty(&what) || follows(&what, not_local, before, |p| parent(p, constraint)) {
                continue;
            }
            let indexes = (index(before, &constraint.name), index(after, &constraint.name));
            let mend = self.mend.constraint(name, pair, indexes);
            self.push(Object::on(Kind::Constraint, name, &constraint.name), what, mend);
        }
        self.indexes(name, &before.indexes, &after.indexes, true, |index| {
            let changed = before.constraint(&index.name) != after.constraint(&index.name);
            index.of_constraint && changed
        });
        self.triggers(name, &before.triggers, &after.triggers, true);
        for pair in pairs(&before.policies, &after.policies, |p: &Policy| &p.name) {
            let object = |p: &Policy| Object::on(Kind::Policy, name, &p.name);
            self.report(pair, object, |m, pair| m.policy(name, pair));
        }
        self.rules(name, &before.rules, &after.rules, true);
    }

    /// Reports indexes, but for those that `is_said` already and those that come
    /// and go with the index of a partitioned table.
    fn indexes(
        &mut self,
        name: &'a Name,
        before: &'a [Index],
        after: &'a [Index],
        mend: bool,
        is_said: impl Fn(&Index) -> bool,
    ) {
        for pair in pairs(before, after, |i: &Index| &i.name) {
            // A constraint's index comes and goes with it, whatever else has its name.
            let pair = match pair {
                (Some(b), Some(a)) if b.of_constraint && !a.of_constraint => (None, Some(a)),
                (Some(b), Some(a)) if a.of_constraint && !b.of_constraint => (Some(b), None),
                pair => pair,
            };
            let Some(index) = either(pair) else { continue };
            let parent_is_gone = match (pair, &index.attached_to) {
                ((Some(_), None), Some(parent)) => !has_index(self.after, parent),
                ((None, Some(_)), Some(parent)) => !has_index(self.before, parent),
                _ => false,
            };
            if is_said(index) || parent_is_gone {
                continue;
            }
            let mut what = what(pair, &[]);
            tidy(&mut what);
            let mend = if mend { self.mend.index(name, pair) } else { None };
            self.push(Object::index(name, &index.name), what, mend);
        }
    }

    fn triggers(
        &mut self,
        name: &'a Name,
        before: &'a [Trigger],
        after: &'a [Trigger],
        mend: bool,
    ) {
        for pair in pairs(before, after, |t: &Trigger| &t.name) {
            let Some(trigger) = either(pair) else { continue };
            let mut what = what(pair, &[]);
            tidy(&mut what);
            let mend = if mend { self.mend.trigger(name, pair) } else { None };
            self.push(Object::on(Kind::Trigger, name, &trigger.name), what, mend);
        }
    }

    fn rules(&mut self, name: &'a Name, before: &'a [Rule], after: &'a [Rule], mend: bool) {
        for pair in pairs(before, after, |r: &Rule| &r.name) {
            let object = |r: &Rule| Object::on(Kind::Rule, name, &r.name);
            self.report(pair, object, |m, pair| if mend { m.rule(name, pair) } else { None });
        }
    }

    pub(super) fn views(&mut self) {
        for pair in pairs(&self.before.views, &self.after.views, |v| &v.name) {
            if let (Some(before), Some(after)) = pair {
                self.view(before, after);
            } else {
                self.report(pair, Object::view, Mender::view);
            }
        }
    }

    fn view(&mut self, before: &'a View, after: &'a View) {
        let name = &before.name;
        let remade = self.mend.is_remade(before, after);
        let fields = fields(before, after, &PARTS);
        if !fields.is_empty() {
            let mend = self.mend.view((Some(before), Some(after)));
            self.push(Object::view(before), What::Differs(fields), mend);
        }
        // Which columns there are, and their types, is part of the definition.
        let redefined = before.definition != after.definition;
        if let Some((old, new)) =
            order::reordered(&before.columns, &after.columns).filter(|_| !redefined)
        {
            let what = What::ColumnOrder { before: old, after: new };
            self.push(Object::view(before), what, None);
        }
        for pair in pairs(&before.columns, &after.columns, |c: &Column| &c.name) {
            let Some(column) = either(pair) else { continue };
            let what = match pair {
                (Some(before), Some(after)) if redefined => {
                    What::Differs(self::fields(before, after, &["type", "collation", "storage"]))
                }
                _ if redefined => continue,
                pair => what(pair, &[]),
            };
            if is_empty(&what) {
                continue;
            }
            let mend = if remade { None } else { self.mend.column(name, pair) };
            self.push(Object::column(name, &column.name), what, mend);
        }
        self.indexes(name, &before.indexes, &after.indexes, !remade, |_| false);
        self.triggers(name, &before.triggers, &after.triggers, !remade);
        self.rules(name, &before.rules, &after.rules, !remade);
    }
}

/// Whether a change in a child follows from the same one in a parent.
fn follows(what: &What, not_local: bool, child: &Table, has_same: impl Fn(&Name) -> bool) -> bool {
    let parents = child.partition.iter().map(|partition| &partition.of).chain(&child.inherits);
    let can = not_local || matches!(what, What::Differs(_));
    can && parents.into_iter().any(has_same)
}

/// How a column differs. That it is inherited from more or fewer tables is not
/// said again where the table says so.
fn column_what(pair: Pair<'_, Column>, before: &Table, after: &Table) -> What {
    let skip = unless_moved(before, after);
    let mut like = pair.1.cloned();
    if let (Some(b), Some(a)) = (identity(pair.0), like.as_mut().and_then(|c| c.identity.as_mut()))
    {
        // The sequence of an identity takes these over from its table.
        if before.about.owner != after.about.owner {
            a.sequence.about = a.sequence.about.handed_over(b.sequence.about.owner.as_deref());
        }
        if before.unlogged != after.unlogged {
            a.sequence.unlogged = b.sequence.unlogged;
        }
    }
    what((pair.0, like.as_ref()), skip)
}

fn identity(column: Option<&Column>) -> Option<&Identity> {
    column.and_then(|column| column.identity.as_ref())
}

fn constraint_what(pair: Pair<'_, Constraint>, before: &Table, after: &Table) -> What {
    let mut what = what(pair, unless_moved(before, after));
    tidy(&mut what);
    what
}

fn unless_moved(before: &Table, after: &Table) -> &'static [&'static str] {
    let moved = before.inherits != after.inherits || before.partition != after.partition;
    if moved { &["inherited", "not_local", "attached_to"] } else { &[] }
}

/// Leaves out the definition where other fields say the same.
fn tidy(what: &mut What) {
    if let What::Differs(fields) = what
        && fields.iter().any(|field| !REMARKS.contains(&field.name.as_str()))
    {
        fields.retain(|field| field.name != "definition");
    }
}

/// Fields that a definition does not hold, and itself.
const REMARKS: [&str; 6] =
    ["definition", "comment", "labels", "extensions", "enabled", "clustered"];

fn is_empty(what: &What) -> bool {
    matches!(what, What::Differs(fields) if fields.is_empty())
}

fn index<'a>(table: &'a Table, name: &str) -> Option<&'a Index> {
    table.indexes.iter().find(|index| index.name == name)
}

fn has_index(catalog: &Catalog, name: &Name) -> bool {
    let mut tables = catalog.tables.iter().filter(|table| table.name.schema == name.schema);
    tables.any(|table| index(table, &name.name).is_some())
}
