//! The kinds of objects.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::Error;

macro_rules! kinds {
    ($($kind:ident $words:literal,)*) => {
        /// A kind of object that a user can name. Its text is Postgres's word for it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum Kind {
            $($kind,)*
        }

        impl Kind {
            /// All kinds, in an order in which objects can be made.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// Postgres's word for it, in lower case.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $words,)*
                }
            }
        }
    };
}

kinds! {
    Schema "schema",
    Extension "extension",
    Language "language",
    Collation "collation",
    Type "type",
    Domain "domain",
    ForeignDataWrapper "foreign data wrapper",
    Server "server",
    UserMapping "user mapping",
    Sequence "sequence",
    Function "function",
    Procedure "procedure",
    Transform "transform",
    Cast "cast",
    Aggregate "aggregate",
    Operator "operator",
    AccessMethod "access method",
    OperatorFamily "operator family",
    OperatorClass "operator class",
    Conversion "conversion",
    TextSearchParser "text search parser",
    TextSearchTemplate "text search template",
    TextSearchDictionary "text search dictionary",
    TextSearchConfiguration "text search configuration",
    Table "table",
    ForeignTable "foreign table",
    Column "column",
    Index "index",
    Constraint "constraint",
    View "view",
    MaterializedView "materialized view",
    Statistics "statistics",
    Policy "policy",
    Rule "rule",
    Trigger "trigger",
    EventTrigger "event trigger",
    Publication "publication",
    Subscription "subscription",
    DefaultPrivileges "default privileges",
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for Kind {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        let kind = Self::ALL.iter().copied().find(|kind| kind.as_str() == text);
        kind.ok_or_else(|| Error::new(format!("`{text}` is not a kind of object")))
    }
}

impl From<Kind> for String {
    fn from(kind: Kind) -> Self {
        kind.as_str().to_owned()
    }
}
