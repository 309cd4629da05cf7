//! Which mutants count: those that are no schema, the same schema or another mutant's do not.

use std::collections::HashMap;

use serde::Serialize;
use sqlx::postgres::PgConnection;

use super::Mutant;
use super::normal::{RULES, apart};
use super::proof::checks_agree;
use crate::catalog::Catalog;
use crate::error::Result;

/// Why a mutant of a check is equivalent that the server found no value to tell by.
const SAME_CHECKS: &str = "the checks of the table refuse the same values, however these lie";

/// What kind of mutant it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// It lets in other rows than the schema does: a suite should notice.
    Normal,
    /// It lets in the same rows, by this rule.
    Equivalent(String),
    /// It is the same as this earlier mutant.
    Duplicate(String),
    /// The server refuses to make it, with this message.
    Stillborn(String),
    /// No row of the suite can enter the table any more: everything notices.
    Impaired,
}

/// Tells equivalent and duplicate mutants, which come to it one by one.
pub(super) struct Judge<'c> {
    catalog: &'c Catalog,
    /// What the earlier ones come to, and what they do.
    seen: HashMap<String, String>,
}

impl<'c> Judge<'c> {
    pub(super) fn of(catalog: &'c Catalog) -> Self {
        Self { catalog, seen: HashMap::new() }
    }

    /// `mutated`: the catalog as it is after the mutant's change. `conn` has that schema.
    pub(super) async fn class(
        &mut self,
        conn: &mut PgConnection,
        mutant: &Mutant,
        mutated: &Catalog,
    ) -> Result<Class> {
        let mut before = apart(self.catalog, mutated);
        let mut after = apart(mutated, self.catalog);
        for rule in RULES {
            rule.apply(&mut before);
            rule.apply(&mut after);
            if before == after {
                return Ok(Class::Equivalent(rule.says.to_owned()));
            }
        }
        // Tables that turned out to be the same say nothing.
        let left = (apart(&before, &after), apart(&after, &before));
        if checks_agree(conn, self.catalog, &left.0, &left.1).await? {
            return Ok(Class::Equivalent(SAME_CHECKS.to_owned()));
        }
        let key = format!("{left:?}");
        Ok(match self.seen.get(&key) {
            Some(earlier) => Class::Duplicate(earlier.clone()),
            None => {
                self.seen.insert(key, mutant.says.clone());
                Class::Normal
            }
        })
    }
}
