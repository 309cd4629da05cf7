//! Mutants: the schema with one constraint changed, to tell how much a suite would notice.
//!
//! [`mutants`] makes them of a catalog, [`score`] runs a suite against each. The thirteen published
//! operators are those of the SchemaAnalyst papers, under their names there; the others are ours,
//! for what the published ones do not touch.
//!
//! No operator makes a constraint `NOT VALID`: that exempts rows that are there already, a suite
//! starts from an empty schema, and new rows are checked all the same.

mod class;
mod ddl;
mod finite;
mod normal;
mod proof;
mod score;
mod suite;

mod actions;
mod checks;
mod defaults;
mod deferral;
mod domains;
mod enums;
mod exclusions;
mod foreign_keys;
mod indexes;
mod keys;
mod not_null;
mod policies;
mod primary_keys;
mod sequences;
mod triggers;
mod types;
mod uniques;
mod views;

use serde::Serialize;

use crate::catalog::{Catalog, Name};

pub use class::Class;
pub use score::{Baseline, Count, Judged, Score, score};

/// A schema with one change, as the change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mutant {
    /// The id of the operator that made it.
    pub operator: &'static str,
    /// The table that is changed; a view, type or sequence if it is one of these.
    pub table: Name,
    /// What of it: a constraint, an index, a column, a trigger.
    pub object: String,
    /// What the change is: `drops NOT NULL of users.email`.
    pub says: String,
    /// The statements that make the change, to be run inside a transaction on the empty schema.
    pub ddl: Vec<String>,
}

/// A way of changing schemas.
#[derive(Debug)]
pub struct Operator {
    pub id: &'static str,
    /// What it does, as the end of `a mutant that ...`.
    pub summary: &'static str,
    /// Whether it is one of the thirteen that the published scores were measured with.
    pub published: bool,
    /// Makes a mutant of each place it finds.
    pub make: fn(&Catalog) -> Vec<Change>,
}

/// What an operator says of a mutant: all but which operator it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub table: Name,
    pub object: String,
    pub says: String,
    pub ddl: Vec<String>,
}

/// Every operator, in the order in which their mutants are made and, of two that come to the same
/// schema, the later is told as the duplicate.
pub static OPERATORS: &[Operator] = &[
    published("CCNullifier", "lacks a check", checks::dropped),
    published(
        "CCInExpressionRHSListExpressionElementR",
        "lacks an element of a list in a check",
        checks::element_removed,
    ),
    published(
        "CCRelationalExpressionOperatorE",
        "compares by another operator in a check",
        checks::operator_exchanged,
    ),
    published("FKCColumnPairR", "lacks a column of a foreign key", foreign_keys::pair_removed),
    published(
        "FKCColumnPairE",
        "has another column in a foreign key",
        foreign_keys::pair_exchanged,
    ),
    published("PKCColumnA", "has a further column in a primary key", primary_keys::column_added),
    published("PKCColumnR", "lacks a column of a primary key", primary_keys::column_removed),
    published("PKCColumnE", "has another column in a primary key", primary_keys::column_exchanged),
    published("NNCA", "demands a value of a further column", not_null::added),
    published("NNCR", "allows null in a column", not_null::removed),
    published("UCColumnA", "has a further column, or a further unique key", uniques::column_added),
    published("UCColumnR", "lacks a column of a unique key", uniques::column_removed),
    published("UCColumnE", "has another column in a unique key", uniques::column_exchanged),
    own("fk-on-delete", "does something else when a parent is deleted", actions::on_delete),
    own("fk-on-update", "does something else when a parent's key changes", actions::on_update),
    own("fk-match", "matches partial nulls the other way", actions::matching),
    own("deferral", "checks a constraint at another moment", deferral::changed),
    own("nulls-distinct", "takes nulls in a unique key the other way", uniques::nulls_exchanged),
    own("index-drop", "lacks a unique index", indexes::dropped),
    own("index-key", "lacks a key of a unique index", indexes::key_removed),
    own("index-nulls", "takes nulls in a unique index the other way", indexes::nulls_exchanged),
    own("index-all-rows", "has a partial unique index over all rows", indexes::predicate_removed),
    own("index-other-rows", "has it over just the other rows", indexes::predicate_negated),
    own("index-bare", "has the column itself in place of an expression", indexes::bared),
    own("exclusion-drop", "lacks an exclusion", exclusions::dropped),
    own("exclusion-element", "lacks an element of an exclusion", exclusions::element_removed),
    own("exclusion-operator", "excludes by another operator", exclusions::operator_exchanged),
    own("default-drop", "lacks a default", defaults::dropped),
    own("default-change", "has another default", defaults::changed),
    own("generated-drop", "has a plain column for a generated one", defaults::generated_dropped),
    own("generated-change", "generates another value", defaults::generated_changed),
    own(
        "identity",
        "takes given values of an identity the other way",
        defaults::identity_exchanged,
    ),
    own("type", "has a type of another width", types::changed),
    own("domain-check-drop", "lacks a check of a domain", domains::check_dropped),
    own("domain-element", "lacks an element of a list in a domain", domains::element_removed),
    own("domain-operator", "compares by another operator in a domain", domains::operator_exchanged),
    own("domain-null", "allows null in a domain", domains::null_allowed),
    own("enum-label", "lacks a label of an enum", enums::label_dropped),
    own("trigger-drop", "lacks a trigger", triggers::dropped),
    own("trigger-disable", "has a trigger disabled", triggers::disabled),
    own("trigger-after", "fires a trigger only after the row was written", triggers::postponed),
    own("policy-drop", "lacks a policy", policies::dropped),
    own("policies-off", "does not heed policies", policies::switched_off),
    own("policies-unforced", "exempts the owner from policies", policies::unforced),
    own("view-check-option", "takes rows through a view that it does not show", views::unchecked),
    own("view-filter", "shows all rows in a view", views::unfiltered),
    own("sequence-type", "counts in another width", sequences::retyped),
    own("sequence-cycle", "ends a sequence the other way", sequences::cycle_exchanged),
];

const fn published(
    id: &'static str,
    summary: &'static str,
    make: fn(&Catalog) -> Vec<Change>,
) -> Operator {
    Operator { id, summary, published: true, make }
}

const fn own(
    id: &'static str,
    summary: &'static str,
    make: fn(&Catalog) -> Vec<Change>,
) -> Operator {
    Operator { id, summary, published: false, make }
}

/// All mutants of a schema, operator by operator.
pub fn mutants(catalog: &Catalog) -> Vec<Mutant> {
    let of_operator = |operator: &'static Operator| {
        (operator.make)(catalog).into_iter().map(|change| {
            let Change { table, object, says, ddl } = change;
            Mutant { operator: operator.id, table, object, says, ddl }
        })
    };
    OPERATORS.iter().flat_map(of_operator).collect()
}
