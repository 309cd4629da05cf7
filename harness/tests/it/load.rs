//! `shakedown load`, `pool` and `report merge` as a user meets them.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use shakedown_reports::Report;
use shakedown_reports::load::{Cell, Load};
use shakedown_reports::model::Outcome;
use tempfile::TempDir;

use crate::bouncer;
use crate::support::{repository, server};

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shakedown"));
    command
        .args(arguments)
        .current_dir(folder)
        .env("SHAKEDOWN_POSTGRES", server().address("postgres"))
        .env_remove("NO_COLOR");
    command
}

fn shakedown(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn report(file: &Path) -> Report {
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// Runs a command that writes a report, and returns its load and what else came of it.
fn measured(folder: &Path, arguments: &[&str]) -> (Load, Output) {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("report.json");
    let to = format!("json={}", file.display());
    let output = shakedown(folder, &[arguments, &["--out", &to]].concat());
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert!(file.is_file(), "{said}");
    (report(&file).load.unwrap(), output)
}

/// Small enough to be run often.
const SMALL: [&str; 6] = ["--rows", "100", "--warmup", "0s", "--time", "2s"];

fn check_refused(folder: &Path, arguments: &[&str], sentence: &str, hint: &str) {
    let output = shakedown(folder, arguments);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert_eq!(text(&output.stdout), "");
    assert!(said.contains(sentence), "{said}");
    let hints = said.split_once("\n\nhint: ").map_or("", |(_, hint)| hint);
    assert!(hints.contains(hint), "{said}");
}

fn mean(
    cell: &Cell,
    part: impl Fn(&shakedown_reports::load::OperationMeasured) -> &shakedown_reports::load::Histogram,
) -> f64 {
    cell.all(part).mean().as_secs_f64()
}

fn check_parts_make_up_the_whole(cell: &Cell) {
    let whole = mean(cell, |one| &one.response);
    let parts = mean(cell, |one| &one.wait) + mean(cell, |one| &one.query);
    assert!((parts / whole - 1.0).abs() < 0.01, "{}: {parts} s of {whole} s", cell.name);
}

#[test]
fn rapids_is_driven_without_any_configuration() {
    let (load, output) = measured(&repository("."), &[&["load"], SMALL.as_slice()].concat());
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.lines().last().unwrap().starts_with("measured: "), "{said}");
    assert_eq!(load.scenario.origin, "derived from the catalog");
    assert!(load.rows["public.items"] >= 100, "{:?}", load.rows);
    let [cell] = load.cells.as_slice() else { panic!("{}", load.cells.len()) };
    assert!(cell.done() > 100, "{}", cell.done());
    assert_eq!(cell.failed(), 0, "{said}");
    assert_eq!(cell.client.goose_count, cell.client.own_count);
    check_parts_make_up_the_whole(cell);
}

#[test]
fn every_built_in_scenario_of_rapids_runs_without_failures() {
    use shakedown_scenarios::builtin::{SCENARIOS, Schema};
    for builtin in SCENARIOS.iter().filter(|builtin| builtin.schema == Schema::Rapids) {
        let arguments = [
            "load",
            "--scenario",
            builtin.name,
            "--rows",
            "100",
            "--warmup",
            "0s",
            "--operations",
            "60",
            "--users",
            "3",
        ];
        let (load, output) = measured(&repository("."), &arguments);
        assert_eq!(output.status.code(), Some(0), "{}: {}", builtin.name, text(&output.stdout));
        assert_eq!(load.cells[0].done(), 60, "{}", builtin.name);
    }
}

#[test]
fn the_same_seed_gives_the_same_operations_on_another_server_database() {
    let run = |seed: &str| {
        let arguments = [
            "load",
            "--scenario",
            "working-day",
            "--rows",
            "100",
            "--warmup",
            "0s",
            "--operations",
            "300",
            "--seed",
            seed,
        ];
        let (load, _) = measured(&repository("."), &arguments);
        let counts: Vec<u64> = load.cells[0].operations.iter().map(|one| one.done).collect();
        (counts, load.cells[0].digest.clone())
    };
    let first = run("7");
    assert_eq!(first, run("7"));
    assert_ne!(first.1, run("8").1);
}

#[test]
fn pgbench_scenarios_bring_their_tables_along() {
    let (load, output) = measured(
        Path::new("/"),
        &["load", "--scenario", "tpcb-like", "--warmup", "0s", "--operations", "100"],
    );
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert_eq!(load.rows["public.pgbench_accounts"], 100_000);
    assert_eq!(load.cells[0].done(), 100);
}

#[test]
fn a_sweep_over_sizes_ends_with_advice() {
    let (load, output) = measured(
        &repository("."),
        &[
            "pool",
            "--scenario",
            "sign-in",
            "--rows",
            "100",
            "--warmup",
            "0s",
            "--time",
            "2s",
            "--pool-size",
            "1,4",
            "--users",
            "8",
        ],
    );
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert_eq!(load.cells.len(), 2);
    for cell in &load.cells {
        check_parts_make_up_the_whole(cell);
        let pool = cell.pool.as_ref().unwrap();
        let size = cell.setup.pool.as_ref().unwrap().max_connections;
        assert!(pool.max_in_use <= size, "{}", pool.max_in_use);
        assert!(pool.connects >= 1);
    }
    let advice = load.advice.unwrap();
    assert!(["pool of 1", "pool of 4"].contains(&advice.take.unwrap().as_str()));
    assert!(!advice.because.is_empty());
    assert_eq!(advice.sizes.iter().map(|one| one.size).collect::<Vec<_>>(), [1, 4]);
}

#[test]
fn a_pool_that_is_too_small_times_out_and_says_so() {
    let (load, _) = measured(
        &repository("."),
        &[
            "pool",
            "--script",
            &slow(),
            "--rows",
            "10",
            "--warmup",
            "0s",
            "--time",
            "2s",
            "--pool-size",
            "1",
            "--users",
            "8",
            "--acquire-timeout",
            "100ms",
        ],
    );
    let cell = &load.cells[0];
    assert!(cell.operations[0].failed["pool-timeout"] > 0);
    assert_eq!(cell.pool.as_ref().unwrap().timeouts, cell.operations[0].failed["pool-timeout"]);
}

/// A script whose statement takes a fifth of a second.
fn slow() -> String {
    let file = std::env::temp_dir().join(format!("shakedown-slow-{}.sql", std::process::id()));
    fs::write(&file, "SELECT pg_sleep(0.2);\n").unwrap();
    file.display().to_string()
}

#[test]
fn other_pools_are_translated_and_shown() {
    let (load, output) = measured(
        &repository("."),
        &[
            "pool",
            "--scenario",
            "sign-in",
            "--rows",
            "50",
            "--warmup",
            "0s",
            "--time",
            "2s",
            "--users",
            "4",
            "--like",
            "sqlalchemy:pool_size=1,max_overflow=2",
        ],
    );
    let [cell] = load.cells.as_slice() else { panic!("{}", load.cells.len()) };
    let pool = cell.setup.pool.as_ref().unwrap();
    assert_eq!((pool.kept, pool.max_connections), (1, 3));
    assert!(text(&output.stdout).contains("max_overflow"), "{}", text(&output.stdout));
}

/// A folder with one migration and a configuration.
fn configured(toml: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("migrations")).unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(
        "migrations/1_a.up.sql",
        "CREATE TABLE shelves (id int PRIMARY KEY, title text NOT NULL);",
    );
    write("migrations/1_a.down.sql", "DROP TABLE shelves;");
    write("shakedown.toml", toml);
    folder
}

#[test]
fn a_scenario_and_all_flags_can_stand_in_the_configuration() {
    let folder = configured(
        "[load]\nscenario = \"browse\"\nusers = [3]\ntime = \"1s\"\nwarmup = \"0s\"\nrows = 20\nseed = 9\n\
         [load.tables]\n\"public.shelves\" = 40\n\
         [scenario.browse.look]\nweight = 3\nsql = \"\"\"\n\\\\set id key(shelves.id)\nSELECT title FROM shelves WHERE id = :id;\n\"\"\"\n\
         [scenario.browse.count]\nfile = \"count.sql\"\n",
    );
    fs::write(folder.path().join("count.sql"), "SELECT count(*) FROM shelves;\n").unwrap();
    let (load, output) = measured(folder.path(), &["load"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert_eq!((load.seed, load.cells[0].setup.users), (9, 3));
    assert_eq!(load.rows["public.shelves"], 40);
    let names: Vec<&str> = load.scenario.operations.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["count", "look"]);
    let [count, look] = load.cells[0].operations.as_slice() else { panic!() };
    assert!(look.done > count.done, "{} and {}", look.done, count.done);

    let (load, _) = measured(folder.path(), &["load", "--users", "1"]);
    assert_eq!(load.cells[0].setup.users, 1, "a flag is stronger than the configuration");
}

#[test]
fn a_scenario_whose_weights_are_all_zero_is_refused() {
    let folder = configured("[scenario.idle.look]\nweight = 0\nsql = \"SELECT 1;\"\n");
    let arguments = ["load", "--scenario", "idle"];
    check_refused(folder.path(), &arguments, "the weights of `idle` sum to 0", "above zero");
}

#[test]
fn two_workers_share_a_load_and_their_reports_add() {
    let out = tempfile::tempdir().unwrap();
    let file = |name: &str| out.path().join(name).display().to_string();
    for worker in ["1/2", "2/2"] {
        let to = format!("json={}", file(&worker.replace('/', "-")));
        let arguments = [
            "load",
            "--scenario",
            "sign-in",
            "--rows",
            "50",
            "--warmup",
            "0s",
            "--operations",
            "101",
            "--users",
            "3",
            "--worker",
            worker,
            "--out",
            &to,
        ];
        assert_eq!(shakedown(&repository("."), &arguments).status.code(), Some(0));
    }
    let whole = format!("json={}", file("whole"));
    let merged =
        shakedown(out.path(), &["report", "merge", &file("1-2"), &file("2-2"), "--out", &whole]);
    assert_eq!(merged.status.code(), Some(0), "{}", text(&merged.stderr));
    let load = report(Path::new(&file("whole"))).load.unwrap();
    assert_eq!(load.cells[0].done(), 101);
    assert_eq!(load.cells[0].setup.users, 3);
    assert_eq!(load.cells[0].all(|one| &one.response).count(), 101);
    check_refused(out.path(), &["report", "merge", &file("1-2")], "2/2", "all workers");
    check_refused(
        out.path(),
        &["report", "merge", &file("nowhere")],
        "cannot be read",
        "--out json=FILE",
    );
}

/// Interrupts a run once it has told how it goes, and waits for its end.
fn interrupted(mut child: Child) -> Output {
    use std::io::BufRead;
    let mut said = std::io::BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap().contains("/s  p50 ")), "it ended by itself");
    kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGINT).unwrap();
    let from = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(from.elapsed() < Duration::from_secs(60), "it does not end");
        std::thread::sleep(Duration::from_millis(50));
    }
    child.wait_with_output().unwrap()
}

#[test]
fn ctrl_c_ends_a_run_early_and_reports_what_was_measured() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("report.json");
    let to = format!("json={}", file.display());
    let arguments = [
        "load",
        "--scenario",
        "sign-in",
        "--rows",
        "50",
        "--warmup",
        "0s",
        "--time",
        "10m",
        "--out",
        &to,
    ];
    let child = command(&repository("."), &arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let output = interrupted(child);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("interrupted"), "{}", text(&output.stdout));
    let report = report(&file);
    assert_eq!(report.outcome, Outcome::Incomplete);
    assert!(report.load.unwrap().cells[0].done() > 0);
}

#[test]
fn wrong_words_are_refused_before_anything_is_started() {
    let rapids = repository(".");
    check_refused(
        &rapids,
        &["load", "--scenario", "nothing"],
        "there is no scenario `nothing`",
        "working-day",
    );
    check_refused(
        &rapids,
        &["load", "--script", "nowhere.sql"],
        "the script `nowhere.sql` cannot be read",
        "pgbench",
    );
    check_refused(&rapids, &["load", "--time", "soon"], "`soon` is no time", "30s");
    check_refused(&rapids, &["load", "--users", "0"], "`--users 0` drives nothing", "at least one");
    check_refused(
        &rapids,
        &["load", "--rate=-5"],
        "is no number of operations in a second",
        "above zero",
    );
    check_refused(&rapids, &["load", "--latency-limit", "1s"], "only at a rate", "--rate");
    check_refused(
        &rapids,
        &["load", "--worker", "1/4", "--users", "2"],
        "cannot share fewer users",
        "--users 4",
    );
    check_refused(&rapids, &["load", "--worker", "3/2"], "`3/2` is no worker", "1/4");
    check_refused(&rapids, &["pool", "--pool-size", "0"], "is no list of pool sizes", "1,2,4..64");
    check_refused(
        &rapids,
        &["pool", "--pool-size", "100000", "--users", "100000"],
        "the server allows",
        "larger max_connections",
    );
    check_refused(&rapids, &["pool", "--like", "sqlalchemy:pool_sise=5"], "pool_sise", "pool_size");
    check_refused(&rapids, &["load", "--storm", "restart"], "is not restarted", "--storm restart");
    let folder = configured("[load]\nrate = [5.0]\nthink = \"1s\"\n");
    check_refused(folder.path(), &["load"], "do not think where operations arrive", "either");
    let folder = configured("[load]\nuser = 3\n");
    check_refused(folder.path(), &["load"], "unknown field `user`", "");
}

#[test]
fn a_command_of_a_script_that_is_not_supported_is_named_with_its_line() {
    let folder = configured("");
    fs::write(folder.path().join("a.sql"), "SELECT 1;\n\\shell rm\n").unwrap();
    check_refused(
        folder.path(),
        &["load", "--script", "a.sql"],
        "`a.sql:2`: `\\shell` is not supported",
        "",
    );
}

#[test]
fn failures_of_operations_end_with_exit_code_1_and_are_named() {
    let folder = configured("");
    fs::write(folder.path().join("a.sql"), "INSERT INTO shelves VALUES (1, 'a');\n").unwrap();
    let (load, output) = measured(
        folder.path(),
        &["load", "--script", "a.sql", "--rows", "0", "--warmup", "0s", "--operations", "20"],
    );
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(load.cells[0].operations[0].failed["23505"], 19);
    let said = text(&output.stdout);
    assert!(said.lines().last().unwrap().contains("23505"), "{said}");
}

#[test]
fn in_a_pipe_it_is_told_every_few_seconds_how_it_goes() {
    let output = shakedown(
        &repository("."),
        &[
            "load",
            "--scenario",
            "sign-in",
            "--rows",
            "50",
            "--warmup",
            "0s",
            "--time",
            "7s",
            "--users",
            "1",
        ],
    );
    let said = text(&output.stderr);
    assert!(
        said.lines().any(|line| line.contains("/s  p50 ") && line.contains(" s left")),
        "{said}"
    );
}

#[test]
fn pgbouncer_is_put_in_between_in_both_modes_with_and_without_prepared_statements() {
    if !bouncer::installed() {
        return;
    }
    let (load, output) = measured(
        &repository("."),
        &[
            "pool",
            "--scenario",
            "sign-in",
            "--rows",
            "50",
            "--warmup",
            "0s",
            "--time",
            "2s",
            "--rounds",
            "1",
            "--users",
            "8",
            "--pool-size",
            "8",
            "--pgbouncer",
            "transaction,session",
            // With fewer, some of the pool's connections would wait for ever in session mode.
            "--pgbouncer-pool-size",
            "8",
            "--prepared",
            "on,off",
        ],
    );
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let through: Vec<&Cell> =
        load.cells.iter().filter(|cell| cell.setup.bouncer.is_some()).collect();
    assert_eq!((load.cells.len(), through.len()), (6, 4));
    for cell in through {
        let bouncer = cell.setup.bouncer.as_ref().unwrap();
        assert_eq!(bouncer.pool_size, 8);
        let failed = &cell.operations[0].failed;
        if bouncer.mode == "transaction" && !keeps_prepared(bouncer.version.as_deref().unwrap()) {
            // A statement is prepared on one connection to the server and run on another: always
            // with those that are kept, now and then with those that are not, which sqlx prepares
            // too, a round trip before it runs them.
            let clashes = ["26000", "42P05", "08P01", "0A000"];
            assert!(failed.keys().all(|state| clashes.contains(&state.as_str())), "{failed:?}");
            assert!(!cell.setup.prepared || cell.failed() > 0, "{}: {said}", cell.name);
            assert_eq!(cell.failed() > 0, cell.remarks.iter().any(|it| it.contains("BEGIN")));
        } else {
            assert_eq!(cell.failed(), 0, "{}: {said}", cell.name);
        }
        assert!(cell.done() > 0, "{}", cell.name);
        check_parts_make_up_the_whole(cell);
    }
}

/// Whether it keeps prepared statements over transactions, as from 1.21 on.
fn keeps_prepared(version: &str) -> bool {
    let minor = version.split('.').nth(1).and_then(|minor| minor.parse::<u32>().ok());
    minor.is_some_and(|minor| minor >= 21)
}

#[test]
fn a_server_that_is_restarted_in_the_middle_comes_back_and_it_shows_when() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("report.json");
    let to = format!("json={}", file.display());
    // Each connection is nearly always in the middle of a statement, so that a restart hits some:
    // one that idles is found gone and replaced before anything fails.
    let script = out.path().join("wait.sql");
    std::fs::write(&script, "SELECT pg_sleep(0.01);\n").unwrap();
    let output = command(
        &repository("."),
        &[
            "load",
            "--script",
            &script.display().to_string(),
            "--rows",
            "50",
            "--warmup",
            "0s",
            "--time",
            "9s",
            "--users",
            "4",
            "--pool-size",
            "4",
            "--storm",
            "restart,lifetimes,cold-start,burst",
            "--out",
            &to,
        ],
    )
    .env("SHAKEDOWN_POSTGRES", "embedded")
    .output()
    .unwrap();
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert!(file.is_file(), "{said}");
    let load = report(&file).load.unwrap();
    assert_eq!(load.cells.len(), 5, "{said}");
    let named = |storm: &str| {
        load.cells.iter().find(|cell| cell.setup.storm.as_deref() == Some(storm)).unwrap()
    };
    let restart = named("server restart");
    assert!(restart.failed() > 0, "{said}");
    assert!(!restart.outages.is_empty(), "{said}");
    assert!(restart.outages[0].until_s.is_some(), "{said}");
    assert!(restart.seconds.last().unwrap().done() > 0, "it recovers");
    let lifetimes = named("all lifetimes end");
    assert!(lifetimes.pool.as_ref().unwrap().connects >= 4);
    assert_eq!(lifetimes.failed(), 0, "{said}");
    let cold = named("cold start");
    assert_eq!(cold.pool.as_ref().unwrap().connect.count(), 4, "the first operations open them");
    let burst = named("burst");
    // Ten times of half what it can do is due for a sixth of the time, and waits for its turn.
    let waited = burst.all(|one| &one.response).max();
    assert!(waited > Duration::from_millis(500), "{waited:?}");
    // What a storm breaks was to be found out.
    assert_eq!(output.status.code(), Some(0), "{said}");
}
