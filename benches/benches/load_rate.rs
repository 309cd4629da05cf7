//! The engine beside pgbench, in turns on the same server of the durable profile: operations in a
//! second of the same scripts, prepared, with the same number of clients on connections of their
//! own. A ratio is the median of pairs.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot run should say so and stop"
)]

use shakedown::database::Databases;
use shakedown::server::Profile;
use shakedown_benches::peer::{PAIRS, SLICE, engine, is_installed, load, median, pgbench, tables};
use shakedown_benches::{alone, start, state};
use shakedown_scenarios::builtin;
use sqlx::postgres::PgConnectOptions;
use tokio::runtime::Runtime;

const ID: &str = "load/operations in a second, beside pgbench";

fn main() {
    if !alone::chosen(ID) || !is_installed(ID) {
        return;
    }
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(start(Profile::Durable)).unwrap();
    state(ID, &server);
    let mut databases = runtime.block_on(Databases::on(&server)).unwrap();
    let name = runtime.block_on(tables(&mut databases, |name| server.address(name)));
    let (address, options) = (server.address(&name), server.options(&name).unwrap());

    println!("{ID}: {PAIRS} pairs of {SLICE:?}, {}", load());
    println!(
        "{:<14} {:>7} {:>10} {:>10} {:>7}",
        "script", "clients", "shakedown", "pgbench", "ratio"
    );
    for script in ["select-only", "tpcb-like"] {
        for clients in [2, 8, 32] {
            rates(&runtime, &options, &address, script, clients);
        }
    }
    runtime.block_on(databases.close()).unwrap();
    runtime.block_on(server.stop()).unwrap();
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
    let ours = || {
        let scenario = builtin::scenario(script, 1).unwrap().unwrap();
        engine(runtime, options, scenario, clients).rate()
    };
    let (mut own, mut peer, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for pair in 0..PAIRS {
        // Who goes first changes, so that neither always finds the warmer caches.
        let (ours, theirs) = if pair % 2 == 0 {
            let ours = ours();
            (ours, theirs(address, script, clients))
        } else {
            let theirs = theirs(address, script, clients);
            (ours(), theirs)
        };
        own.push(ours);
        peer.push(theirs);
        ratios.push(ours / theirs);
    }
    let (own, peer, ratio) = (median(&mut own), median(&mut peer), median(&mut ratios));
    println!("{script:<14} {clients:>7} {own:>10.0} {peer:>10.0} {ratio:>7.2}");
}
