//! What a scratch server is told beyond Postgres's defaults.

use std::collections::BTreeMap;
use std::fmt;

/// What a scratch server is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// For verification: nothing survives a crash, and nothing waits for a disk.
    Fast,
    /// For load: Postgres's defaults, so that the numbers are honest.
    Durable,
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fast => "fast",
            Self::Durable => "durable",
        })
    }
}

/// What counts statements, for whoever measures a server under load. Its own settings stay at
/// their defaults: statements at the top only, and without their planning.
pub(super) const STATEMENTS: &str = "pg_stat_statements";

/// The setting that names what a server loads at its start.
pub(super) const PRELOADED: &str = "shared_preload_libraries";

/// The settings of a profile, as `name = value` of postgresql.conf. `statements`: whether the
/// server can load what counts statements.
pub(super) fn of(profile: Profile, statements: bool) -> BTreeMap<String, String> {
    let common = [("max_connections", "200")];
    let fast = [
        ("fsync", "off"),
        ("synchronous_commit", "off"),
        ("full_page_writes", "off"),
        // Cloning by FILE_COPY asks for two checkpoints; without this each could be spread out.
        ("checkpoint_timeout", "1h"),
        ("autovacuum", "off"),
    ];
    let chosen = match profile {
        Profile::Fast => fast.as_slice(),
        Profile::Durable if statements => &[(PRELOADED, STATEMENTS)],
        Profile::Durable => &[],
    };
    common
        .iter()
        .chain(chosen)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}
