//! The built-in scenarios: on the RAPIDS schema, and those of pgbench by its own names.

use crate::error::Result;
use crate::script;
use crate::workload::Scenario;

/// A scenario that comes with the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Builtin {
    pub name: &'static str,
    /// One line on who does this.
    pub summary: &'static str,
    /// Whose tables it is about.
    pub schema: Schema,
    /// Each with its name, its weight and its script.
    pub operations: &'static [(&'static str, u32, &'static str)],
}

/// The tables that a built-in scenario is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// Those of the RAPIDS schema.
    Rapids,
    /// Those that `pgbench -i` makes.
    Pgbench,
}

macro_rules! operation {
    ($folder:literal, $name:literal, $weight:literal) => {
        ($name, $weight, include_str!(concat!($folder, "/", $name, ".sql")))
    };
}

/// Every built-in scenario.
pub static SCENARIOS: &[Builtin] = &[
    Builtin {
        name: "working-day",
        summary: "people sign in, look at their items, make some and delete some",
        schema: Schema::Rapids,
        operations: &[
            operation!("rapids", "sign-in", 10),
            operation!("rapids", "first-page", 40),
            operation!("rapids", "next-page", 15),
            operation!("rapids", "search-titles", 5),
            operation!("rapids", "create", 15),
            operation!("rapids", "soft-delete", 4),
            operation!("rapids", "restore", 1),
            operation!("rapids", "count-active", 10),
        ],
    },
    Builtin {
        name: "sign-in",
        summary: "an account is looked up by its address",
        schema: Schema::Rapids,
        operations: &[operation!("rapids", "sign-in", 1)],
    },
    Builtin {
        name: "list-by-offset",
        summary: "a user's items newest first, a page counted from the beginning",
        schema: Schema::Rapids,
        operations: &[operation!("rapids", "list-by-offset", 1)],
    },
    Builtin {
        name: "list-by-keyset",
        summary: "a user's items newest first, a page behind an item",
        schema: Schema::Rapids,
        operations: &[operation!("rapids", "next-page", 1)],
    },
    Builtin {
        name: "create",
        summary: "items are made, one in a transaction",
        schema: Schema::Rapids,
        operations: &[operation!("rapids", "create", 1)],
    },
    Builtin {
        name: "bulk-create",
        summary: "a hundred items are made: one by one, by one statement, by COPY",
        schema: Schema::Rapids,
        operations: &[
            operation!("rapids", "create-one-by-one", 1),
            operation!("rapids", "create-by-one-statement", 1),
            operation!("rapids", "create-by-copy", 1),
        ],
    },
    Builtin {
        name: "soft-delete",
        summary: "an item is made, deleted and restored",
        schema: Schema::Rapids,
        operations: &[operation!("rapids", "delete-and-restore", 1)],
    },
    Builtin {
        name: "count-active",
        summary: "the items of a user that can be seen are counted",
        schema: Schema::Rapids,
        operations: &[operation!("rapids", "count-active", 1)],
    },
    Builtin {
        name: "search-titles",
        summary: "items are searched by a word of their title",
        schema: Schema::Rapids,
        operations: &[operation!("rapids", "search-titles", 1)],
    },
    Builtin {
        name: "tpcb-like",
        summary: "pgbench's default script, on its own tables",
        schema: Schema::Pgbench,
        operations: &[operation!("pgbench", "tpcb-like", 1)],
    },
    Builtin {
        name: "simple-update",
        summary: "pgbench's -N, on its own tables",
        schema: Schema::Pgbench,
        operations: &[operation!("pgbench", "simple-update", 1)],
    },
    Builtin {
        name: "select-only",
        summary: "pgbench's -S, on its own tables",
        schema: Schema::Pgbench,
        operations: &[operation!("pgbench", "select-only", 1)],
    },
];

/// The one of this name, or the only one whose name begins so.
pub fn named(name: &str) -> Option<&'static Builtin> {
    let exact = SCENARIOS.iter().find(|builtin| builtin.name == name);
    let mut beginning = SCENARIOS.iter().filter(|builtin| builtin.name.starts_with(name));
    exact.or_else(|| beginning.next().filter(|_| beginning.next().is_none()))
}

/// The scenario that [`named`] finds; nothing if there is none. `tries` is how often its
/// transactions are tried.
pub fn scenario(name: &str, tries: u32) -> Option<Result<Scenario>> {
    let builtin = named(name)?;
    let operation = |(name, weight, text): &(&str, u32, &str)| {
        script::read(name, *weight, tries, &format!("{name}.sql, built in"), text)
    };
    let operations: Result<Vec<_>> = builtin.operations.iter().map(operation).collect();
    Some(operations.map(|operations| Scenario {
        name: builtin.name.to_owned(),
        origin: "built in".to_owned(),
        operations,
    }))
}
