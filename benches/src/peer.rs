//! pgbench and the engine of Shakedown, doing the same on the same database.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run should say so and stop")]

use std::fs;
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

use shakedown::database::Databases;
use shakedown_reports::load::Cell;
use shakedown_scenarios::Scenario;
use shakedown_scenarios::engine::{self, Connections, End, Pace, Plan, Progress, Watch};
use sqlx::postgres::PgConnectOptions;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::left_out;

/// The scale of pgbench's tables: a million accounts.
pub const SCALE: u32 = 10;
/// How often each of two is measured: single runs on a shared machine differ widely.
pub const PAIRS: usize = 5;
/// How long each is measured at a time; goose counts in whole seconds.
pub const SLICE: Duration = Duration::from_secs(2);

/// Whether pgbench is there; if not, the benchmark of this id is said to be left out.
pub fn is_installed(id: &str) -> bool {
    let asked = Command::new("pgbench").arg("--version").output();
    let there = asked.is_ok_and(|asked| asked.status.success());
    if !there {
        left_out(id, "there is no pgbench on PATH");
    }
    there
}

/// Runs pgbench on the database of this address.
pub fn pgbench(address: &str, arguments: &[&str]) -> Output {
    Command::new("pgbench").args(arguments).arg(address).output().unwrap()
}

/// Makes a scratch database with pgbench's tables, and gives its name.
pub async fn tables(databases: &mut Databases<'_>, address: impl Fn(&str) -> String) -> String {
    let name = databases.create(None).await.unwrap();
    let scale = SCALE.to_string();
    let made = pgbench(&address(&name), &["--initialize", "--quiet", "--scale", &scale]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    name
}

/// Runs the scenario for one slice in a closed loop, prepared, each user on a connection of its
/// own.
pub fn engine(
    runtime: &Runtime,
    options: &PgConnectOptions,
    scenario: Scenario,
    users: usize,
) -> Cell {
    let plan = Plan {
        name: scenario.name.clone(),
        scenario: Arc::new(scenario),
        users,
        pace: Pace::Closed,
        think: Duration::ZERO,
        warmup: Duration::ZERO,
        end: End::Time(SLICE),
        seed: 1,
        scale: SCALE.into(),
        prepared: true,
        connections: Connections::Own(options.clone()),
        statement_timeout: Duration::from_secs(30),
        profile: None,
        bouncer: None,
        storm: None,
        observe: None,
    };
    let (_keep, stop) = watch::channel(false);
    let progress = watch::Sender::new(Progress::default());
    runtime.block_on(engine::run(&plan, Watch { stop, progress })).unwrap()
}

/// How busy the machine is, in words.
pub fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!("load average {}", load.split(' ').next().unwrap_or("unknown"))
}

/// The one in the middle.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
