//! Fills the RAPIDS schema with a million users and five million items, and tells how long that
//! took and how much memory this process had at most:
//! `cargo run --release -p shakedown-benches --example million`.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "it is there to tell, or to stop")]

use std::time::Instant;

use shakedown::catalog::{self, Name};
use shakedown::database::Databases;
use shakedown::datagen::{self, Plan};
use shakedown::invariants::report::Subject;
use shakedown::prepare;
use shakedown::server::Profile;
use shakedown_benches::{schema, start};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let server = start(Profile::Fast).await.unwrap();
    let mut databases = Databases::on(&server).await.unwrap();
    let subject = Subject::Project(schema::rapids().unwrap());
    let name = prepare::scratch(&subject, &server, &mut databases).await.unwrap();
    let mut connection = databases.connect(&name).await.unwrap();
    let schema = catalog::load(&mut connection).await.unwrap();
    let rows = [("users", 1_000_000), ("items", 5_000_000), ("categories", 100)];
    let rows = rows.map(|(name, rows)| (Name::new("public", name), rows)).into();
    let start = Instant::now();
    let plan = Plan { seed: 1, rows, bulk: true, ..Plan::default() };
    let filled = datagen::fill(&mut connection, &schema, &plan).await.unwrap();
    let seconds = start.elapsed().as_secs_f64();
    for table in &filled.tables {
        println!("{} {} {}", table.name, table.rows, table.reason.as_deref().unwrap_or(""));
    }
    let all: u64 = filled.tables.iter().map(|table| table.rows).sum();
    println!("{all} rows in {seconds:.1} s: {:.0} rows/s", all as f64 / seconds);
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM: unknown");
    println!("{peak}");
    drop(connection);
    databases.close().await.unwrap();
    server.stop().await.unwrap();
}
