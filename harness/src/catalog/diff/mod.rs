//! Where two catalogs differ, object by object, in words and as the SQL that mends it.

mod order;
mod tables;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fields::fields;
use super::mend::Mender;
use super::{Catalog, DefaultPrivileges, Routine, Type, TypeKind};

pub use super::fields::Field;
pub use super::object::Object;

/// One object that is not the same in both catalogs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub object: Object,
    pub what: What,
    /// The statements that turn what is there after into what was there before,
    /// where that can be said.
    pub mend: Option<String>,
}

/// In what way an object is not the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It was there before and is not after.
    Missing,
    /// It is there after and was not before.
    Extra,
    /// It is there in both and differs in these.
    Differs(Vec<Field>),
    /// The columns of a table that are in both come in another order.
    ColumnOrder { before: Vec<String>, after: Vec<String> },
}

/// Every object that differs; empty if and only if the catalogs are equal.
///
/// A table, view or type that is wholly missing or extra is one change, without
/// one for each of its parts, and what follows from a change to a parent table
/// is not said again for its children. The changes come in an order in which
/// their mends can be run: first what has to go, then what has to be made or
/// altered.
pub fn diff(before: &Catalog, after: &Catalog) -> Vec<Change> {
    if before == after {
        return Vec::new();
    }
    let mut walk = Walk { before, after, mend: Mender::new(before, after), changes: Vec::new() };
    walk.objects();
    walk.tables();
    walk.views();
    walk.sequences();
    order::sort(walk.changes, before, after)
}

/// An object of the catalog before and its namesake after.
type Pair<'a, T> = (Option<&'a T>, Option<&'a T>);

/// Matches what has the same key and leaves out what is equal.
fn pairs<'a, T: PartialEq, K: Ord>(
    before: &'a [T],
    after: &'a [T],
    key: impl Fn(&'a T) -> K,
) -> Vec<Pair<'a, T>> {
    let mut pairs: BTreeMap<K, Pair<'a, T>> = BTreeMap::new();
    for item in before {
        pairs.entry(key(item)).or_default().0 = Some(item);
    }
    for item in after {
        pairs.entry(key(item)).or_default().1 = Some(item);
    }
    pairs.into_values().filter(|(before, after)| before != after).collect()
}

/// In what way the two of a pair differ.
fn what<T: Serialize>((before, after): Pair<'_, T>, skip: &[&str]) -> What {
    match (before, after) {
        (Some(before), Some(after)) => What::Differs(fields(before, after, skip)),
        (Some(_), None) => What::Missing,
        _ => What::Extra,
    }
}

/// The one of a pair that names the object: as it was, if it was there.
fn either<'a, T>((before, after): Pair<'a, T>) -> Option<&'a T> {
    before.or(after)
}

struct Walk<'a> {
    before: &'a Catalog,
    after: &'a Catalog,
    mend: Mender<'a>,
    changes: Vec<Change>,
}

impl<'a> Walk<'a> {
    fn push(&mut self, object: Object, what: What, mend: Option<Vec<String>>) {
        let mend = mend.filter(|statements| !statements.is_empty());
        let mend = mend.map(|statements| format!("{};", statements.join(";\n")));
        self.changes.push(Change { object, what, mend });
    }

    /// Reports a pair that has no parts of its own.
    fn report<T: Serialize>(
        &mut self,
        pair: Pair<'a, T>,
        object: impl Fn(&T) -> Object,
        mend: impl Fn(&Mender<'a>, Pair<'_, T>) -> Option<Vec<String>>,
    ) {
        if let Some(item) = either(pair) {
            let mend = mend(&self.mend, pair);
            self.push(object(item), what(pair, &[]), mend);
        }
    }

    /// Everything but relations.
    fn objects(&mut self) {
        let (before, after) = (self.before, self.after);
        for pair in pairs(&before.schemas, &after.schemas, |s| &s.name) {
            self.report(pair, Object::schema, Mender::schema);
        }
        for pair in pairs(&before.extensions, &after.extensions, |e| &e.name) {
            self.report(pair, Object::extension, Mender::extension);
        }
        for pair in pairs(&before.types, &after.types, |t| &t.name) {
            self.r#type(pair);
        }
        for pair in pairs(&before.routines, &after.routines, |r| &r.signature) {
            self.routine(pair);
        }
        for pair in pairs(&before.others, &after.others, |o| (o.kind, &o.name)) {
            self.report(pair, Object::other, Mender::other);
        }
        let key = |d: &'a DefaultPrivileges| (&d.role, &d.schema, &d.objects);
        for pair in pairs(&before.default_privileges, &after.default_privileges, key) {
            self.report(pair, Object::default_privileges, Mender::default_privileges);
        }
    }

    fn r#type(&mut self, pair: Pair<'a, Type>) {
        let (Some(before), Some(after)) = pair else {
            return self.report(pair, Object::r#type, Mender::r#type);
        };
        let fields = type_fields(before, after);
        if !fields.is_empty() {
            let mend = self.mend.r#type(pair);
            self.push(Object::r#type(before), What::Differs(fields), mend);
        }
        if let (TypeKind::Domain(b), TypeKind::Domain(a)) = (&before.kind, &after.kind) {
            for pair in pairs(&b.constraints, &a.constraints, |c| &c.name) {
                let name = &before.name;
                self.report(
                    pair,
                    |c| Object::domain_constraint(name, &c.name),
                    |m, pair| m.domain_constraint(name, pair),
                );
            }
        }
    }

    fn routine(&mut self, pair: Pair<'a, Routine>) {
        let mut what = what(pair, &[]);
        if let (Some(before), Some(after), What::Differs(fields)) = (pair.0, pair.1, &mut what) {
            let words = |body: &str| body.split_whitespace().collect::<Vec<_>>().join(" ");
            for field in fields.iter_mut().filter(|field| field.name == "body") {
                if words(&before.body) == words(&after.body) {
                    "body (white space only)".clone_into(&mut field.name);
                }
            }
        }
        if let Some(routine) = either(pair) {
            let mend = self.mend.routine(pair);
            self.push(Object::routine(routine), what, mend);
        }
    }

    /// Sequences, but for those that come and go with their column.
    fn sequences(&mut self) {
        for (before, after) in pairs(&self.before.sequences, &self.after.sequences, |s| &s.name) {
            match (before, after) {
                (Some(b), None) if order::goes_with_column(b, self.before, self.after) => {}
                (None, Some(a)) if order::goes_with_column(a, self.after, self.before) => {}
                (Some(b), Some(a)) if order::follows_table(b, a, self.before, self.after) => {}
                pair => self.report(pair, Object::sequence, Mender::sequence),
            }
        }
    }
}

/// The fields of a type, without a domain's constraints; of a composite type
/// each attribute by name, and their order.
fn type_fields(before: &Type, after: &Type) -> Vec<Field> {
    let kind = |t: &Type| match t.kind {
        TypeKind::Enum { .. } => "enum",
        TypeKind::Domain(_) => "domain",
        TypeKind::Composite { .. } => "composite",
        TypeKind::Range(_) => "range",
        TypeKind::Base { .. } => "base",
        TypeKind::Shell => "shell",
    };
    let said = |name: &str, before: Option<&str>, after: Option<&str>| Field {
        name: name.to_owned(),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    };
    if kind(before) != kind(after) {
        let mut fields = fields(before, after, &["kind"]);
        fields.push(said("kind", Some(kind(before)), Some(kind(after))));
        return fields;
    }
    let mut all = fields(before, after, &["kind"]);
    match (&before.kind, &after.kind) {
        (TypeKind::Composite { attributes: b }, TypeKind::Composite { attributes: a }) => {
            for pair in pairs(b, a, |attribute| &attribute.name) {
                match pair {
                    (Some(before), Some(after)) => {
                        all.extend(fields(before, after, &[]).into_iter().map(|field| Field {
                            name: format!("attribute {} {}", before.name, field.name),
                            ..field
                        }));
                    }
                    (b, a) => {
                        let name = either(pair).map_or("", |attribute| &attribute.name);
                        let text =
                            |c: Option<&'_ super::Column>| c.map(|c| c.data_type.text.clone());
                        all.push(Field {
                            name: format!("attribute {name}"),
                            before: text(b),
                            after: text(a),
                        });
                    }
                }
            }
            if let Some((before, after)) = order::reordered(b, a) {
                let (before, after) = (before.join(", "), after.join(", "));
                all.push(said("attribute order", Some(&before), Some(&after)));
            }
        }
        (TypeKind::Domain(b), TypeKind::Domain(a)) => all.extend(fields(b, a, &["constraints"])),
        _ => {
            let kinds = fields(before, after, &["name", "about"]);
            all.extend(kinds);
        }
    }
    all
}
