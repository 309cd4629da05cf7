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

/// The settings of a profile, as `name = value` of postgresql.conf.
pub(super) fn of(profile: Profile) -> BTreeMap<String, String> {
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
        Profile::Durable => &[],
    };
    common
        .iter()
        .chain(chosen)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}
