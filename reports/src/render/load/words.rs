//! Sentences that are broken into lines, and settings in words.

use unicode_width::UnicodeWidthStr;

use super::clean;
use crate::figures::{grouped, listed, milliseconds, number, plural, seconds};
use crate::load::{PoolSettings, Profile, Setup, Validate};

/// How wide lines of sentences are.
const WIDTH: usize = 100;

/// A sentence of the project or of ours as lines, those after the first indented by two more.
/// What follows a blank moves to the next line; a word that is too long stays as it is.
pub(in crate::render) fn paragraph(sentence: &str, indent: &str) -> String {
    let sentence = clean::line(sentence);
    let mut out = String::new();
    let mut line = indent.to_owned();
    let mut empty = true;
    for word in sentence.split(' ').filter(|word| !word.is_empty()) {
        if !empty && line.width() + 1 + word.width() > WIDTH {
            out.push_str(&line);
            out.push('\n');
            line = format!("{indent}  ");
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    format!("{out}{line}\n")
}

/// What was set for a cell.
pub(in crate::render) fn setup(setup: &Setup) -> String {
    let users = setup.users as u64;
    let mut facts = vec![format!("{} user{}", grouped(users), plural(users))];
    facts.push(match setup.rate {
        Some(rate) => format!("{} operations begun a second", number(rate)),
        None => "each begins when the last is done".to_owned(),
    });
    let limit = setup.latency_limit_ms;
    facts.extend(limit.map(|limit| format!("late above {}", milliseconds(limit))));
    if setup.think_ms > 0.0 {
        facts.push(format!("{} between two operations", milliseconds(setup.think_ms)));
    }
    facts.push(if setup.prepared { "prepared" } else { "not prepared" }.to_owned());
    let asked = match (setup.time_s, setup.operations) {
        (Some(time), _) => seconds(time),
        (None, Some(operations)) => format!("{} operations", grouped(operations)),
        (None, None) => "measured".to_owned(),
    };
    let warmup = match setup.warmup_s {
        warmup if warmup > 0.0 => format!("{asked} after {} of warm-up", seconds(warmup)),
        _ => format!("{asked} without a warm-up"),
    };
    facts.push(warmup);
    facts.extend(setup.storm.as_ref().map(|storm| format!("storm: {storm}")));
    facts.join(", ")
}

/// Through what the users reach the server.
pub(in crate::render) fn connections(setup: &Setup) -> String {
    let pool = match &setup.pool {
        Some(pool) => self::pool(pool),
        None => "each user keeps a connection of their own".to_owned(),
    };
    match &setup.bouncer {
        Some(bouncer) => format!(
            "{pool}; through {} in {} mode with a `default_pool_size` of {}",
            bouncer.name(),
            bouncer.mode,
            bouncer.pool_size
        ),
        None => pool,
    }
}

fn pool(pool: &PoolSettings) -> String {
    let mut facts = vec![format!("pool of {}", pool.max_connections)];
    if pool.min_connections > 0 {
        facts.push(format!("{} opened ahead", pool.min_connections));
    }
    if pool.kept < pool.max_connections {
        facts.push(format!("{} kept and the others closed on return", pool.kept));
    }
    facts.push(format!("waits {} at most", milliseconds(pool.acquire_timeout_ms as f64)));
    facts.push(match pool.validate {
        Validate::Never => "never validated".to_owned(),
        Validate::Always => "validated each time".to_owned(),
        Validate::IdleFor { ms } => format!("validated if idle for {}", milliseconds(ms as f64)),
    });
    let time = |ms: u64| seconds(ms as f64 / 1000.0);
    let lifetime = pool
        .max_lifetime_ms
        .map_or("no lifetime".to_owned(), |ms| format!("lifetime {}", time(ms)));
    let idle = pool
        .idle_timeout_ms
        .map_or("no idle timeout".to_owned(), |ms| format!("idle timeout {}", time(ms)));
    facts.extend([lifetime, idle]);
    facts.push(match pool.statement_cache {
        0 => "no statement cache".to_owned(),
        cache => format!("{} statements cached", grouped(cache as u64)),
    });
    facts.extend(pool.reset.as_ref().map(|reset| format!("`{reset}` on return")));
    facts.join(", ")
}

/// What the settings were translated from, and how.
pub(super) fn profile(profile: &Profile) -> String {
    let written: Vec<String> =
        profile.written.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let written = match written.as_slice() {
        [] => "its defaults".to_owned(),
        some => listed(some),
    };
    let mut out = paragraph(&format!("settings of {}: {written}", profile.of), "");
    for note in &profile.notes {
        out.push_str(&paragraph(&format!("- {note}"), "  "));
    }
    out
}
