//! Settings of other pools in the terms of ours, and what is lost on the way.

mod asyncpg;
mod hikaricp;
mod neon;
mod read;
mod sqlalchemy;
mod sqlx;

use std::collections::BTreeMap;

use shakedown_reports::load::{PoolSettings, Profile};

use crate::error::{Error, Result};
use read::Written;

/// Settings that were translated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translated {
    /// What the pool under test is given.
    pub settings: PoolSettings,
    /// What was written, and how it became that.
    pub profile: Profile,
    /// The PgBouncer to put in between, if the settings are for a server behind one.
    pub bouncer: Option<BouncerWish>,
}

/// A PgBouncer that settings are meant for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BouncerWish {
    /// Its `pool_mode`: `transaction`.
    pub mode: String,
    /// Its `default_pool_size`.
    pub pool_size: u32,
    /// Its `max_client_conn`.
    pub max_client_connections: u32,
}

/// A pool whose settings can be translated.
#[derive(Debug, Clone, Copy)]
pub struct PoolProfile {
    /// As it is named on the command line and in `shakedown.toml`: `sqlalchemy`.
    pub name: &'static str,
    /// One line for the help.
    pub summary: &'static str,
    /// The settings it takes.
    pub settings: &'static [&'static str],
    /// Settings as one writes them.
    pub example: &'static [(&'static str, &'static str)],
    translate: fn(&Written<'_>) -> Result<Parts>,
}

/// What a translation comes to.
struct Parts {
    /// As the pool is called where it comes from: `SQLAlchemy`.
    of: &'static str,
    settings: PoolSettings,
    notes: Vec<String>,
    bouncer: Option<BouncerWish>,
}

/// Every pool whose settings are understood.
pub static PROFILES: &[PoolProfile] =
    &[sqlx::PROFILE, sqlalchemy::PROFILE, asyncpg::PROFILE, hikaricp::PROFILE, neon::PROFILE];

/// Translates settings as they are written for the pool of this name; what is not written has
/// the default of that pool.
///
/// `Err` names a profile, a setting or a value that is not understood, and those that are.
pub fn translate(profile: &str, settings: &BTreeMap<String, String>) -> Result<Translated> {
    let profile = PROFILES.iter().find(|known| known.name == profile).ok_or_else(|| {
        let names: Vec<&str> = PROFILES.iter().map(|known| known.name).collect();
        Error::new(format!("there is no pool profile `{profile}`"))
            .hint(format!("those that exist are {}", names.join(", ")))
    })?;
    let written = Written::new(profile, settings)?;
    let Parts { of, settings: translated, notes, bouncer } = (profile.translate)(&written)?;
    if translated.acquire_timeout_ms == 0 {
        return Err(
            Error::new("nobody can come by a connection in no time").hint("give a timeout above 0")
        );
    }
    Ok(Translated {
        settings: translated,
        profile: Profile { of: of.to_owned(), written: settings.clone(), notes },
        bouncer,
    })
}

/// What is true of every pool that is not sqlx's own.
fn of_sqlx(notes: &mut Vec<String>) {
    notes.push(
        "it is run on sqlx's pool, which makes a round trip of its own when a connection is \
         returned, and counts opening and validating into the time to wait for one"
            .to_owned(),
    );
}
