//! What the benchmarks share: a server of a stated profile, schemas on it, and groups that say
//! where they ran.
//!
//! Every benchmark compares ways of doing one thing in the same run, since absolute times on a
//! shared machine say little; read the ratio. `cargo bench -p shakedown-benches -- --list` shows
//! all of them, and `--bench lookup` runs one file only. A benchmark whose server cannot be
//! started fails; a peer that is not installed is named on stderr as left out.

pub mod alone;
pub mod peer;
pub mod schema;

use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, SamplingMode};
use shakedown::error::Result;
use shakedown::server::{self, Choice, Profile, Request, Server};
use tokio::runtime::Runtime;

/// Asks for an embedded server, which needs nothing that is installed.
///
/// # Errors
/// When there is no folder for a cache.
pub fn request(profile: Profile) -> Result<Request> {
    Ok(Request {
        choice: Choice::Embedded,
        major: 16,
        profile,
        image: None,
        archive: None,
        cache: server::default_cache()?,
        path: server::search_path(),
        port: None,
        neonctl: None,
    })
}

/// Starts an embedded server.
///
/// # Errors
/// When the binaries are neither cached nor to be had.
pub async fn start(profile: Profile) -> Result<Server> {
    server::start(&request(profile)?).await
}

/// A group of benchmarks on this server. Its profile is said once on stderr, so that no figure
/// stands there without it.
pub fn group<'c>(
    criterion: &'c mut Criterion,
    id: &str,
    server: &Server,
) -> BenchmarkGroup<'c, WallTime> {
    state(id, server);
    quick(criterion, id)
}

/// A group that is over in seconds, so that all benchmarks together take minutes.
pub fn quick<'c>(criterion: &'c mut Criterion, id: &str) -> BenchmarkGroup<'c, WallTime> {
    let mut group = criterion.benchmark_group(id);
    group.sample_size(20);
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    group
}

/// The same for what takes 20 ms and more: few samples, in each as many rounds as in any other.
pub fn slow<'c>(
    criterion: &'c mut Criterion,
    id: &str,
    server: &Server,
) -> BenchmarkGroup<'c, WallTime> {
    let mut group = group(criterion, id, server);
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.measurement_time(Duration::from_secs(4));
    group
}

/// Says on stderr what the benchmarks of this id run on.
#[expect(clippy::print_stderr, reason = "figures go to stdout")]
pub fn state(id: &str, server: &Server) {
    let profile = server.profile.map_or("user's own".to_owned(), |profile| profile.to_string());
    let settings: Vec<String> =
        server.settings.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    eprintln!(
        "{id}: PostgreSQL {}, {profile} profile, beyond the defaults {}",
        server.version,
        settings.join(", ")
    );
}

/// Says on stderr that the benchmark of this id does not run.
#[expect(clippy::print_stderr, reason = "figures go to stdout")]
pub fn left_out(id: &str, reason: &str) {
    eprintln!("left out: {id}, since {reason}");
}

/// Measures what is done over and over on one connection; `one` is given the number of the round.
pub fn each(
    group: &mut BenchmarkGroup<'_, WallTime>,
    runtime: &Runtime,
    name: &str,
    mut one: impl AsyncFnMut(u64),
) {
    group.bench_function(name, |bench| {
        bench.iter_custom(|rounds| {
            runtime.block_on(async {
                let begun = Instant::now();
                for round in 0..rounds {
                    one(round).await;
                }
                begun.elapsed()
            })
        });
    });
}
