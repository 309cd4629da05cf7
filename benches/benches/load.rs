//! The engine beside pgbench, in turns on the same server of the durable profile: the same
//! scripts, prepared, the same number of clients on connections of their own.
//!
//! Three tables: operations in a second as a ratio; processor time for one operation beside the
//! bare driver; percentiles beside those computed from pgbench's own log of every transaction.
//! A ratio is the median of pairs, since single runs on a shared machine differ widely.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot run should say so and stop"
)]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use shakedown::database::Databases;
use shakedown::server::{self, Choice, Profile, Request, Server};
use shakedown_reports::load::Cell;
use shakedown_scenarios::engine::{self, Connections, End, Pace, Plan, Progress, Watch};
use shakedown_scenarios::{Scenario, builtin, observe, script};
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use tokio::runtime::Runtime;
use tokio::sync::watch;

const SCALE: u32 = 10;
const PAIRS: usize = 5;
const SLICE: Duration = Duration::from_secs(3);

/// A statement that takes from 2 to 50 ms in the server, each time as often as any other, so
/// that what the clients add weighs little and the percentiles are known: 26 ms, 45.2 ms, 49.5 ms.
const UNIFORM: &str = "\\set us random(2000, 50000)\nSELECT pg_sleep(:us / 1000000.0::float8);\n";

fn main() {
    // `cargo test --benches` only wants to know whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(durable());
    let mut databases = runtime.block_on(Databases::on(&server)).unwrap();
    let name = runtime.block_on(databases.create(None)).unwrap();
    let address = server.address(&name);
    let options: PgConnectOptions = address.parse().unwrap();
    let made = pgbench(&address, &["--initialize", "--quiet", "--scale", &SCALE.to_string()]);
    assert!(made.status.success(), "pgbench is needed as the peer");

    println!("operations in a second, {PAIRS} pairs of {SLICE:?}, {}", load());
    println!(
        "{:<14} {:>7} {:>10} {:>10} {:>7}",
        "script", "clients", "shakedown", "pgbench", "ratio"
    );
    for script in ["select-only", "tpcb-like"] {
        for clients in [2, 8, 32] {
            rates(&runtime, &options, &address, script, clients);
        }
    }
    cost(&runtime, &options);
    percentiles(&runtime, &options, &address);
    runtime.block_on(databases.close()).unwrap();
    runtime.block_on(server.stop()).unwrap();
}

async fn durable() -> Server {
    server::start(&Request {
        choice: Choice::Embedded,
        major: 16,
        profile: Profile::Durable,
        image: None,
        archive: None,
        cache: server::default_cache().unwrap(),
        path: server::search_path(),
        port: None,
    })
    .await
    .unwrap()
}

fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!("load average {}", load.split(' ').next().unwrap_or("unknown"))
}

fn pgbench(address: &str, arguments: &[&str]) -> std::process::Output {
    Command::new("pgbench").args(arguments).arg(address).output().unwrap()
}

fn ours(runtime: &Runtime, options: &PgConnectOptions, scenario: Scenario, users: usize) -> Cell {
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

/// pgbench's rate, without the time in which its connections are made.
fn theirs(address: &str, script: &str, clients: usize) -> f64 {
    let (clients, seconds) = (clients.to_string(), SLICE.as_secs().to_string());
    let ran = pgbench(
        address,
        &["-n", "-b", script, "-M", "prepared", "-c", &clients, "-j", "2", "-T", &seconds],
    );
    let out = String::from_utf8_lossy(&ran.stdout).into_owned();
    let line = out.lines().find(|line| line.starts_with("tps = ")).unwrap();
    line["tps = ".len()..].split(' ').next().unwrap().parse().unwrap()
}

fn rates(
    runtime: &Runtime,
    options: &PgConnectOptions,
    address: &str,
    script: &str,
    clients: usize,
) {
    let scenario = || builtin::scenario(script, 1).unwrap().unwrap();
    let (mut own, mut peer, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for pair in 0..PAIRS {
        // Who goes first changes, so that neither always finds the warmer caches.
        let (ours, theirs) = if pair % 2 == 0 {
            let ours = ours(runtime, options, scenario(), clients).rate();
            (ours, theirs(address, script, clients))
        } else {
            let theirs = theirs(address, script, clients);
            (ours(runtime, options, scenario(), clients).rate(), theirs)
        };
        own.push(ours);
        peer.push(theirs);
        ratios.push(ours / theirs);
    }
    let (own, peer, ratio) = (median(&mut own), median(&mut peer), median(&mut ratios));
    println!("{script:<14} {clients:>7} {own:>10.0} {peer:>10.0} {ratio:>7.2}");
}

/// The processor time of this process for one operation, beside the bare driver doing the same.
fn cost(runtime: &Runtime, options: &PgConnectOptions) {
    let users = 8;
    let (mut own, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        let cell =
            ours(runtime, options, builtin::scenario("select-only", 1).unwrap().unwrap(), users);
        own.push(cell.client.cpu_s * 1e6 / cell.client.own_count as f64);
        bare.push(driver(runtime, options, users));
    }
    let (own, bare) = (median(&mut own), median(&mut bare));
    println!();
    println!("processor time of the client for one operation, select-only, {users} clients");
    println!("engine {own:.2} µs, bare driver {bare:.2} µs, difference {:.2} µs", own - bare);
}

/// Microseconds of processor time for one query of the bare driver.
fn driver(runtime: &Runtime, options: &PgConnectOptions, users: usize) -> f64 {
    let done = Arc::new(AtomicU64::new(0));
    let rows = i64::from(SCALE) * 100_000;
    let used = runtime.block_on(async {
        let mut connections = Vec::new();
        for _ in 0..users {
            connections.push(options.clone().disable_statement_logging().connect().await.unwrap());
        }
        let (before, began) = (observe::own_cpu(), Instant::now());
        let one = |(user, mut connection): (usize, sqlx::PgConnection)| {
            let done = Arc::clone(&done);
            tokio::spawn(async move {
                let mut key = user as i64;
                while began.elapsed() < SLICE {
                    key = (key * 48_271 + 11) % rows;
                    sqlx::query("SELECT abalance FROM pgbench_accounts WHERE aid = $1")
                        .bind(i32::try_from(key + 1).unwrap())
                        .execute(&mut connection)
                        .await
                        .unwrap();
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
        };
        let tasks: Vec<_> = connections.into_iter().enumerate().map(one).collect();
        for task in tasks {
            task.await.unwrap();
        }
        observe::own_cpu() - before
    });
    used.as_secs_f64() * 1e6 / done.load(Ordering::Relaxed) as f64
}

/// Percentiles of the same script, from pgbench's log of every transaction and from ours.
fn percentiles(runtime: &Runtime, options: &PgConnectOptions, address: &str) {
    let clients = 16;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("uniform.sql");
    fs::write(&file, UNIFORM).unwrap();
    let (mut theirs, mut all) = (Vec::new(), None::<Cell>);
    for _ in 0..PAIRS {
        theirs.extend(logged(folder.path(), &file, address, clients));
        let operation = script::read("uniform", 1, 1, "uniform.sql", UNIFORM).unwrap();
        let scenario =
            Scenario { name: "uniform".into(), origin: "here".into(), operations: vec![operation] };
        let cell = ours(runtime, options, scenario, clients);
        match &mut all {
            Some(all) => all.operations[0].add(&cell.operations[0]),
            None => all = Some(cell),
        }
    }
    theirs.sort_by(f64::total_cmp);
    let ours = all.unwrap().operations.remove(0).response;
    println!();
    println!(
        "percentiles of a statement of 2 to 50 ms, {clients} clients, {} operations here, {} in pgbench's log",
        ours.count(),
        theirs.len()
    );
    println!("{:>6} {:>12} {:>12} {:>7}", "", "shakedown", "pgbench", "ratio");
    for part in [0.5, 0.9, 0.99] {
        let own = ours.percentile(part).as_secs_f64() * 1e3;
        let peer = theirs[(theirs.len() as f64 * part) as usize] / 1e3;
        println!(
            "{:>6} {own:>9.3} ms {peer:>9.3} ms {:>7.3}",
            format!("p{}", part * 100.0),
            own / peer
        );
    }
}

/// The latencies of every transaction in microseconds, as pgbench logs them.
fn logged(folder: &Path, file: &Path, address: &str, clients: usize) -> Vec<f64> {
    let prefix = folder.join("log");
    let ran = Command::new("pgbench")
        .args(["-n", "-M", "prepared", "-c", &clients.to_string(), "-j", "2", "-T"])
        .arg(SLICE.as_secs().to_string())
        .args(["--log", "--log-prefix"])
        .arg(&prefix)
        .arg("-f")
        .arg(file)
        .arg(address)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let mut latencies = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path != *file {
            let text = fs::read_to_string(&path).unwrap();
            // client, transaction, latency, script, seconds, microseconds
            let latency = |line: &str| line.split(' ').nth(2).unwrap().parse::<f64>().unwrap();
            latencies.extend(text.lines().map(latency));
            fs::remove_file(&path).unwrap();
        }
    }
    latencies
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
