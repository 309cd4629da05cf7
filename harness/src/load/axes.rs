//! The settings of a sweep: every combination of what is to be tried, each with a name that says
//! only what tells it from the others.

use std::time::Duration;

use shakedown_reports::load::{PoolSettings, Validate};
use shakedown_scenarios::engine::Pace;
use shakedown_scenarios::pool::profiles::Translated;

use super::{Setting, Worker};
use crate::error::{Error, Result};
use crate::server::bouncer;

/// More settings than this are a mistake rather than a wish.
const MOST: usize = 500;

/// The `max_prepared_statements` of a PgBouncer that has it, which is its default from 1.24 on.
const PREPARED: u32 = 200;

/// What is to be tried, each list with at least one entry, but for the sizes, profiles and
/// PgBouncers: where there are none of all three, each user has a connection of its own.
#[derive(Debug, Clone)]
pub struct Axes {
    /// Those of all workers together.
    pub users: Vec<usize>,
    /// The worker that this is, whose part of the users and the rates is driven.
    pub worker: Option<Worker>,
    /// Operations in a second; nothing for a closed loop.
    pub rates: Vec<Option<f64>>,
    /// What is late under a rate.
    pub latency_limit: Option<Duration>,
    /// `max_connections`.
    pub sizes: Vec<u32>,
    pub min_connections: Vec<u32>,
    pub acquire_timeouts: Vec<Duration>,
    pub test_before_acquire: Vec<bool>,
    pub max_lifetimes: Vec<Option<Duration>>,
    pub idle_timeouts: Vec<Option<Duration>>,
    pub statement_caches: Vec<usize>,
    /// Whether statements are prepared once for each connection.
    pub prepared: Vec<bool>,
    /// The settings of other pools.
    pub profiles: Vec<Translated>,
    /// The modes in which a PgBouncer is put in between, besides the runs without one.
    pub bouncers: Vec<bouncer::Mode>,
    /// Its `default_pool_size`.
    pub bouncer_sizes: Vec<u32>,
    /// How long it lets a statement take.
    pub statement_timeout: Duration,
}

/// Every combination, the fastest changing last.
///
/// # Errors
/// If they are too many.
pub fn settings(axes: &Axes) -> Result<Vec<Setting>> {
    let mut all = Vec::new();
    for (pace, paced) in paces(axes) {
        for users in &axes.users {
            for prepared in &axes.prepared {
                let run = Run { pace, users: *users, worker: axes.worker, prepared: *prepared };
                let mut said = vec![paced.clone()];
                said.extend((axes.users.len() > 1).then(|| format!("{users} users")));
                said.extend((axes.prepared.len() > 1).then(|| prepared_words(*prepared)));
                if axes.sizes.is_empty() && axes.profiles.is_empty() && axes.bouncers.is_empty() {
                    all.push(run.with(name("own connections", &said)));
                }
                pooled(axes, run, &said, &mut all);
                translated(axes, run, &said, &mut all);
                bounced(axes, run, &said, &mut all);
            }
        }
    }
    if all.len() > MOST {
        return Err(Error::new(format!("{} settings are too many to be tried", all.len()))
            .hint("give fewer values: --pool-size 4,8,16"));
    }
    Ok(all)
}

/// What does not concern the pool.
#[derive(Debug, Clone, Copy)]
struct Run {
    pace: Pace,
    users: usize,
    worker: Option<Worker>,
    prepared: bool,
}

impl Run {
    fn with(self, name: String) -> Setting {
        Setting {
            name,
            users: self.worker.map_or(self.users, |worker| worker.share(self.users)),
            pace: self.pace,
            prepared: self.prepared,
            pool: None,
            profile: None,
            bouncer: None,
            storm: None,
        }
    }
}

fn prepared_words(prepared: bool) -> String {
    if prepared { "prepared" } else { "unprepared" }.to_owned()
}

/// Each pace, with its words where there are several.
fn paces(axes: &Axes) -> Vec<(Pace, String)> {
    let pace = |rate: &Option<f64>| match rate {
        Some(rate) => {
            let part = axes.worker.map_or(*rate, |worker| rate / f64::from(worker.of));
            let pace = Pace::Open { rate: part, limit: axes.latency_limit, burst: None };
            (pace, format!("{rate}/s"))
        }
        None => (Pace::Closed, "closed loop".to_owned()),
    };
    let several = axes.rates.len() > 1;
    let words = |(pace, words)| (pace, if several { words } else { String::new() });
    axes.rates.iter().map(pace).map(words).collect()
}

/// Says all that there is to say, with commas.
fn name(first: &str, said: &[String]) -> String {
    let said = said.iter().map(String::as_str).filter(|word| !word.is_empty());
    std::iter::once(first).chain(said).collect::<Vec<_>>().join(", ")
}

/// sqlx's pool at every combination of its settings.
fn pooled(axes: &Axes, run: Run, said: &[String], all: &mut Vec<Setting>) {
    let mut kinds = vec![(PoolSettings::default(), Vec::<String>::new())];
    kinds = crossed(&kinds, &axes.min_connections, |pool, min| {
        pool.min_connections = *min;
        format!("min {min}")
    });
    kinds = crossed(&kinds, &axes.acquire_timeouts, |pool, timeout| {
        pool.acquire_timeout_ms = milliseconds(*timeout);
        format!("acquire_timeout {timeout:?}")
    });
    kinds = crossed(&kinds, &axes.test_before_acquire, |pool, test| {
        pool.validate = if *test { Validate::Always } else { Validate::Never };
        format!("test_before_acquire {}", if *test { "on" } else { "off" })
    });
    kinds = crossed(&kinds, &axes.max_lifetimes, |pool, lifetime| {
        pool.max_lifetime_ms = lifetime.map(milliseconds);
        lifetime.map_or("no max_lifetime".to_owned(), |time| format!("max_lifetime {time:?}"))
    });
    kinds = crossed(&kinds, &axes.idle_timeouts, |pool, timeout| {
        pool.idle_timeout_ms = timeout.map(milliseconds);
        timeout.map_or("no idle_timeout".to_owned(), |time| format!("idle_timeout {time:?}"))
    });
    kinds = crossed(&kinds, &axes.statement_caches, |pool, cache| {
        pool.statement_cache = *cache;
        format!("statement cache {cache}")
    });
    for (pool, words) in kinds {
        for size in &axes.sizes {
            let words: Vec<String> = words.iter().chain(said).cloned().collect();
            let pool = PoolSettings {
                max_connections: *size,
                kept: *size,
                min_connections: pool.min_connections.min(*size),
                ..pool.clone()
            };
            let setting = run.with(name(&format!("pool of {size}"), &words));
            all.push(Setting { pool: Some(pool), ..setting });
        }
    }
}

type Kinds = Vec<(PoolSettings, Vec<String>)>;

/// Every kind with every value; `set` puts a value in and says so in words, which are only kept
/// where there are several.
fn crossed<T>(kinds: &Kinds, values: &[T], set: impl Fn(&mut PoolSettings, &T) -> String) -> Kinds {
    let mut out = Vec::new();
    for (pool, words) in kinds {
        for value in values {
            let (mut pool, mut words) = (pool.clone(), words.clone());
            let word = set(&mut pool, value);
            words.extend((values.len() > 1).then_some(word));
            out.push((pool, words));
        }
    }
    out
}

/// The settings of other pools, some of which bring a PgBouncer along.
fn translated(axes: &Axes, run: Run, said: &[String], all: &mut Vec<Setting>) {
    for Translated { settings, profile, bouncer } in &axes.profiles {
        let written: Vec<String> =
            profile.written.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let first = format!("{} {}", profile.of, written.join(" "));
        let bouncer = bouncer.as_ref().map(|wish| bouncer::Wanted {
            mode: if wish.mode == "session" {
                bouncer::Mode::Session
            } else {
                bouncer::Mode::Transaction
            },
            pool_size: wish.pool_size,
            max_client_conn: wish.max_client_connections,
            prepared_statements: PREPARED,
            statement_timeout: axes.statement_timeout,
        });
        let setting = run.with(name(first.trim_end(), said));
        all.push(Setting {
            pool: Some(settings.clone()),
            profile: Some(profile.clone()),
            bouncer,
            ..setting
        });
    }
}

/// A PgBouncer in each mode, in front of which every user finds a connection at once.
fn bounced(axes: &Axes, run: Run, said: &[String], all: &mut Vec<Setting>) {
    for mode in &axes.bouncers {
        for size in &axes.bouncer_sizes {
            let users = u32::try_from(run.users).unwrap_or(u32::MAX);
            let setting = run.with(name(&format!("PgBouncer of {size}, {mode} mode"), said));
            all.push(Setting {
                pool: Some(PoolSettings {
                    max_connections: users,
                    kept: users,
                    ..PoolSettings::default()
                }),
                bouncer: Some(bouncer::Wanted {
                    mode: *mode,
                    pool_size: *size,
                    max_client_conn: users.saturating_add(10),
                    prepared_statements: PREPARED,
                    statement_timeout: axes.statement_timeout,
                }),
                ..setting
            });
        }
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Sizes as people write them: `1,2,4..64`, where `a..b` doubles from a to b.
///
/// # Errors
/// If that cannot be read, or is not above zero.
pub fn sizes(text: &str) -> Result<Vec<u32>> {
    let wrong = || {
        Error::new(format!("`{text}` is no list of pool sizes"))
            .hint("write numbers above zero and ranges that double: 1,2,4..64")
    };
    let mut all = Vec::new();
    for part in text.split(',') {
        let number = |text: &str| text.trim().parse::<u32>().ok().filter(|number| *number > 0);
        match part.split_once("..") {
            Some((from, to)) => {
                let (from, to) = number(from).zip(number(to)).ok_or_else(wrong)?;
                if from > to {
                    return Err(wrong());
                }
                let mut size = from;
                while size < to {
                    all.push(size);
                    size = size.saturating_mul(2);
                }
                all.push(to);
            }
            None => all.push(number(part).ok_or_else(wrong)?),
        }
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}
