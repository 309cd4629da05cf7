//! The engine's percentiles beside those computed from pgbench's own log of every transaction, of
//! a statement whose percentiles are known beforehand.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot run should say so and stop"
)]

use std::fs;
use std::path::Path;

use shakedown::database::Databases;
use shakedown::server::Profile;
use shakedown_benches::peer::{PAIRS, SLICE, engine, is_installed, load, pgbench};
use shakedown_benches::{alone, start, state};
use shakedown_reports::load::Cell;
use shakedown_scenarios::{Scenario, script};
use tokio::runtime::Runtime;

const ID: &str = "load/percentiles, beside pgbench's log";
const CLIENTS: usize = 16;

/// A statement that takes from 2 to 50 ms in the server, each time as often as any other, so
/// that what the clients add weighs little and the percentiles are known: 26 ms, 45.2 ms, 49.5 ms.
const UNIFORM: &str = "\\set us random(2000, 50000)\nSELECT pg_sleep(:us / 1000000.0::float8);\n";

fn main() {
    if !alone::chosen(ID) || !is_installed(ID) {
        return;
    }
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(start(Profile::Durable)).unwrap();
    state(ID, &server);
    let mut databases = runtime.block_on(Databases::on(&server)).unwrap();
    let name = runtime.block_on(databases.create(None)).unwrap();
    let (address, options) = (server.address(&name), server.options(&name).unwrap());

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("uniform.sql");
    fs::write(&file, UNIFORM).unwrap();
    let (mut theirs, mut all) = (Vec::new(), None::<Cell>);
    for _ in 0..PAIRS {
        theirs.extend(logged(folder.path(), &file, &address));
        let operation = script::read("uniform", 1, 1, "uniform.sql", UNIFORM).unwrap();
        let scenario =
            Scenario { name: "uniform".into(), origin: "here".into(), operations: vec![operation] };
        let cell = engine(&runtime, &options, scenario, CLIENTS);
        match &mut all {
            Some(all) => all.operations[0].add(&cell.operations[0]),
            None => all = Some(cell),
        }
    }
    theirs.sort_by(f64::total_cmp);
    let ours = all.unwrap().operations.remove(0).response;
    println!(
        "{ID}: a statement of 2 to 50 ms, {CLIENTS} clients, {} operations here, {} in the log, {}",
        ours.count(),
        theirs.len(),
        load()
    );
    println!("{:>6} {:>12} {:>12} {:>7}", "", "shakedown", "pgbench", "ratio");
    for part in [0.5, 0.9, 0.99] {
        let own = ours.percentile(part).as_secs_f64() * 1e3;
        let peer = theirs[(theirs.len() as f64 * part) as usize] / 1e3;
        let name = format!("p{}", part * 100.0);
        println!("{name:>6} {own:>9.3} ms {peer:>9.3} ms {:>7.3}", own / peer);
    }
    runtime.block_on(databases.close()).unwrap();
    runtime.block_on(server.stop()).unwrap();
}

/// The latencies of every transaction in microseconds, as pgbench logs them.
fn logged(folder: &Path, file: &Path, address: &str) -> Vec<f64> {
    let prefix = folder.join("log").display().to_string();
    let (clients, seconds) = (CLIENTS.to_string(), SLICE.as_secs().to_string());
    let file = file.to_str().unwrap();
    let ran = pgbench(
        address,
        &[
            ["-n", "-M", "prepared", "-c", &clients, "-j", "2", "-T", &seconds].as_slice(),
            &["--log", "--log-prefix", &prefix, "-f", file],
        ]
        .concat(),
    );
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let mut latencies = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path != Path::new(file) {
            let text = fs::read_to_string(&path).unwrap();
            // client, transaction, latency, script, seconds, microseconds
            let latency = |line: &str| line.split(' ').nth(2).unwrap().parse::<f64>().unwrap();
            latencies.extend(text.lines().map(latency));
            fs::remove_file(&path).unwrap();
        }
    }
    latencies
}
