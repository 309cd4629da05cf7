//! The rows that the queries return.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Oid;
use crate::catalog::about::{About, Grant, list, masked, or_default};
use crate::catalog::{
    Action, ConstraintKind, DefaultPrivileges, Extension, Kind, Match, Name, OwnedBy, Policy,
    Range, Routine, Rule, Schema, Table, Trigger, View,
};

/// Everything the one statement returns, by the name of the query.
#[derive(Deserialize)]
pub(in crate::catalog) struct Rows {
    pub(super) schemas: Option<BTreeMap<Oid, Schema>>,
    pub(super) extensions: Option<BTreeMap<Oid, Extension>>,
    pub(super) names: Names,
    pub(super) types: Option<BTreeMap<Oid, TypeRow>>,
    pub(super) sequences: Option<BTreeMap<Oid, SequenceRow>>,
    pub(super) tables: Option<BTreeMap<Oid, Table>>,
    pub(super) columns: Option<Vec<ColumnRow>>,
    pub(super) constraints: Option<Vec<ConstraintRow>>,
    pub(super) indexes: Option<Vec<IndexRow>>,
    pub(super) triggers: Option<BTreeMap<String, Trigger>>,
    pub(super) policies: Option<BTreeMap<String, Policy>>,
    pub(super) rules: Option<BTreeMap<String, Rule>>,
    pub(super) views: Option<BTreeMap<Oid, View>>,
    pub(super) routines: Option<BTreeMap<Oid, Routine>>,
    pub(super) default_privileges: Option<Vec<DefaultPrivileges>>,
    pub(super) operators: Option<Vec<OtherRow>>,
    pub(super) text_search: Option<Vec<OtherRow>>,
    pub(super) foreign: Option<Vec<OtherRow>>,
    pub(super) replication: Option<Vec<OtherRow>>,
    pub(super) rarities: Option<Vec<OtherRow>>,
    pub(super) remarks: Remarks,
}

/// What columns and indexes name by oid.
#[derive(Deserialize)]
pub(super) struct Names {
    pub(super) types: Option<BTreeMap<Oid, NamedType>>,
    pub(super) collations: Option<BTreeMap<Oid, String>>,
    pub(super) operator_classes: Option<BTreeMap<Oid, String>>,
}

#[derive(Deserialize)]
pub(super) struct NamedType {
    pub(super) schema: String,
    pub(super) name: String,
    pub(super) array: bool,
    pub(super) storage: u8,
    pub(super) collation: Oid,
}

/// What is said about objects from outside, by catalog, oid and column.
#[derive(Deserialize)]
pub(super) struct Remarks {
    #[serde(deserialize_with = "or_default")]
    pub(super) comments: BTreeMap<String, String>,
    #[serde(deserialize_with = "or_default")]
    pub(super) labels: Vec<(String, String, String)>,
    #[serde(deserialize_with = "or_default")]
    pub(super) extensions: Vec<(String, String)>,
}

impl Remarks {
    /// Adds to `about` what is said about the object `oid` of the catalog `class`,
    /// or about one of its columns.
    pub(super) fn add(&self, about: &mut About, class: &str, oid: Oid, column: i16) {
        self.add_key(about, &format!("{class}/{oid}/{column}"));
    }

    pub(super) fn add_key(&self, about: &mut About, key: &str) {
        about.comment = self.comments.get(key).cloned();
        let labels = self.labels.iter().filter(|(of, ..)| of == key);
        about.labels =
            labels.map(|(_, provider, label)| (provider.clone(), label.clone())).collect();
        let extensions = self.extensions.iter().filter(|(of, _)| of == key);
        about.extensions = extensions.map(|(_, extension)| extension.clone()).collect();
    }
}

#[derive(Deserialize)]
pub(super) struct TypeRow {
    pub(super) name: Name,
    pub(super) about: About,
    pub(super) kind: String,
    pub(super) labels: Option<Vec<String>>,
    pub(super) relation: Oid,
    pub(super) domain: Option<DomainRow>,
    pub(super) range: Option<Range>,
    pub(super) base: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct DomainRow {
    pub(super) r#type: Oid,
    pub(super) type_text: String,
    pub(super) collation: Option<String>,
    pub(super) default: Option<String>,
    pub(super) not_null: bool,
    pub(super) constraints: Option<Vec<DomainConstraintRow>>,
}

#[derive(Deserialize)]
pub(super) struct DomainConstraintRow {
    pub(super) oid: Oid,
    pub(super) name: String,
    pub(super) expression: String,
    pub(super) definition: String,
    pub(super) validated: bool,
}

#[derive(Deserialize)]
pub(super) struct SequenceRow {
    pub(super) name: Name,
    pub(super) about: About,
    pub(super) unlogged: bool,
    pub(super) r#type: String,
    pub(super) start: i64,
    pub(super) increment: i64,
    pub(super) minimum: i64,
    pub(super) maximum: i64,
    pub(super) cache: i64,
    pub(super) cycle: bool,
    pub(super) owned_by: Option<OwnedBy>,
    pub(super) identity_of: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct ColumnRow {
    pub(super) relation: Oid,
    pub(super) number: i16,
    pub(super) name: String,
    pub(super) r#type: Oid,
    pub(super) type_text: String,
    pub(super) collation: Oid,
    pub(super) not_null: bool,
    pub(super) storage: u8,
    pub(super) expression: Option<String>,
    pub(super) rare: Option<RareColumn>,
}

/// What few columns have.
#[derive(Deserialize)]
pub(super) struct RareColumn {
    pub(super) generated: String,
    pub(super) identity: String,
    pub(super) compression: String,
    pub(super) statistics: Option<i32>,
    pub(super) inherited: i32,
    pub(super) local: bool,
    #[serde(deserialize_with = "list")]
    pub(super) options: Vec<String>,
    #[serde(deserialize_with = "masked")]
    pub(super) server_options: Vec<String>,
    #[serde(deserialize_with = "list")]
    pub(super) privileges: Vec<Grant>,
}

#[derive(Deserialize)]
pub(super) struct ConstraintRow {
    pub(super) relation: Oid,
    pub(super) oid: Oid,
    pub(super) name: String,
    pub(super) kind: ConstraintKind,
    pub(super) columns: Option<Vec<i16>>,
    pub(super) definition: String,
    pub(super) expression: Option<String>,
    pub(super) references: Option<ReferencesRow>,
    pub(super) operators: Option<Vec<String>>,
    pub(super) deferrable: bool,
    pub(super) initially_deferred: bool,
    pub(super) validated: bool,
    pub(super) disabled: bool,
    pub(super) no_inherit: bool,
    pub(super) local: bool,
    pub(super) inherited: i32,
    pub(super) attached_to: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct ReferencesRow {
    pub(super) relation: Oid,
    pub(super) table: Name,
    pub(super) columns: Vec<i16>,
    pub(super) on_update: Action,
    pub(super) on_delete: Action,
    pub(super) r#match: Match,
    pub(super) set_columns: Option<Vec<i16>>,
}

#[derive(Deserialize)]
pub(super) struct IndexRow {
    pub(super) relation: Oid,
    pub(super) oid: Oid,
    pub(super) name: String,
    pub(super) method: String,
    pub(super) of_constraint: bool,
    pub(super) unique: bool,
    pub(super) nulls_not_distinct: bool,
    pub(super) valid: bool,
    pub(super) ready: bool,
    pub(super) clustered: bool,
    pub(super) keys: usize,
    pub(super) columns: String,
    pub(super) classes: String,
    pub(super) collations: String,
    pub(super) ordering: String,
    pub(super) expressions: Option<Vec<String>>,
    pub(super) predicate: Option<String>,
    pub(super) definition: Option<String>,
    #[serde(deserialize_with = "list")]
    pub(super) options: Vec<String>,
    pub(super) tablespace: Option<String>,
    pub(super) attached_to: Option<Name>,
}

#[derive(Deserialize)]
pub(super) struct OtherRow {
    pub(super) key: String,
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) bare: Vec<Option<String>>,
    pub(super) about: About,
    #[serde(deserialize_with = "masked")]
    pub(super) options: Vec<String>,
    pub(super) definition: String,
}
