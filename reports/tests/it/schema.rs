//! `report.json` as a contract: its schema, what is valid, and that nothing gets lost in it.

use std::path::Path;

use jsonschema::Validator;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};
use shakedown_reports::Report;
use shakedown_reports::load::{
    Activity, Advice, Bouncer, Cell, Client, Histogram, Load, OperationMeasured, Outage,
    PoolMeasured, PoolSettings, Profile, Script, Second, ServerMeasured, Setup, Sizing, Statement,
    Validate, WaitEvent, Workload,
};
use shakedown_reports::model::{
    self, BeganWith, Chain, Change, Fate, Finding, How, Invariants, Kept, Migration, Mutant,
    Outcome, Place, Project, Promise, RoundTrip, Server, Severity, SoftDelete, Stop, Strength,
    Timings, Tool, Verdict,
};
use shakedown_reports::render::{Colour, by_name};

use crate::gate::{any_environment, any_gates, any_part};
use crate::index::any_indexes;
use crate::support::{everything, held, promises};

#[test]
fn the_committed_schema_is_that_of_the_model() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/report.json");
    let mut schema = model::json_schema();
    // Another crate of the same build may let serde_json keep the order of fields.
    schema.sort_all_objects();
    let schema = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    if std::env::var_os("UPDATE_SCHEMA").is_some_and(|value| value == "1") {
        std::fs::write(&path, &schema).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == schema,
        "reports/schema/report.json is not what the model says. If that is meant, run\n\
         \n    UPDATE_SCHEMA=1 cargo test -p shakedown-reports --test it schema\n"
    );
}

#[test]
fn the_schema_names_itself_and_describes_every_field() {
    let schema = model::json_schema();
    assert_eq!(schema["title"], "Report");
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["description"], "Everything that one run found out.");
    let mut bare = Vec::new();
    undescribed(&schema, "", &mut bare);
    assert!(bare.is_empty(), "without a description: {bare:#?}");
}

/// The properties and definitions without a description, but for the tags of enums.
fn undescribed(schema: &Value, at: &str, bare: &mut Vec<String>) {
    let Some(object) = schema.as_object() else {
        for (index, item) in schema.as_array().into_iter().flatten().enumerate() {
            undescribed(item, &format!("{at}/{index}"), bare);
        }
        return;
    };
    for (key, value) in object {
        let here = format!("{at}/{key}");
        if key == "properties" || key == "$defs" {
            let items = value.as_object().unwrap().iter();
            bare.extend(
                items
                    .filter(|(_, item)| item.get("description").is_none())
                    .filter(|(_, item)| item.get("const").is_none())
                    .map(|(name, _)| format!("{here}/{name}")),
            );
        }
        undescribed(value, &here, bare);
    }
}

#[test]
fn every_variant_and_field_is_valid() {
    for report in everything().into_iter().chain([
        promises(),
        crate::load::everything(),
        crate::index::everything(),
    ]) {
        let json = rendered(&report);
        let errors: Vec<String> = validator()
            .iter_errors(&json)
            .map(|error| format!("{}: {error}", error.instance_path))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}\n{json:#}");
    }
}

#[test]
fn a_field_more_or_less_or_of_another_type_is_not_valid() {
    let whole = rendered(&everything()[1]);
    assert!(validator().is_valid(&whole));
    let mut more = Vec::new();
    for at in [
        "",
        "/tool",
        "/project",
        "/server",
        "/chain",
        "/chain/stops/0",
        "/migrations/0",
        "/migrations/0/timings",
        "/migrations/0/verdict",
        "/migrations/1/verdict",
        "/findings/0",
        "/findings/0/places/0",
        "/findings/0/changes/0",
    ] {
        more.push(edited(&whole, at, |object| object["colour"] = json!("blue")));
    }
    let tested = rendered(&promises());
    for at in ["/invariants", "/invariants/promises/0/verdict", "/invariants/soft_deletes/0"] {
        more.push(edited(&tested, at, |object| object["colour"] = json!("blue")));
    }
    let driven = rendered(&crate::load::everything());
    for at in [
        "/load",
        "/load/scenario/operations/0",
        "/load/cells/0/setup/pool",
        "/load/cells/0/setup/pool/validate",
        "/load/cells/0/operations/0/response",
        "/load/cells/0/server/statements/0",
    ] {
        more.push(edited(&driven, at, |object| object["colour"] = json!("blue")));
    }
    let tried = rendered(&crate::index::everything());
    for at in [
        "/indexes",
        "/indexes/base/0/counters",
        "/indexes/base/0/plans/0",
        "/indexes/strategies/0/effect/reads",
        "/indexes/strategies/0/effect/turn",
        "/indexes/strategies/0/standing",
        "/indexes/advice/steps/0",
        "/indexes/advice/timed/all",
    ] {
        more.push(edited(&tried, at, |object| object["colour"] = json!("blue")));
    }
    let mut wrong = Vec::new();
    for (at, other) in [
        ("/indexes/strategies/0/standing/kind", json!("fine")),
        ("/indexes/strategies/0/origin", json!("mine")),
        ("/indexes/base/0/counters/buffers", json!(-1)),
        ("/indexes/advice/effect/bytes", json!("1 kB")),
    ] {
        wrong.push(edited(&tried, at, |value| *value = other));
    }
    for (at, other) in [
        ("/load/cells/0/setup/pool/validate/kind", json!("sometimes")),
        ("/load/cells/0/operations/0/done", json!(-1)),
        ("/load/cells/0/operations/0/wait/hdr", json!(3)),
    ] {
        wrong.push(edited(&driven, at, |value| *value = other));
    }
    for (at, gone) in [
        ("/findings/0", "rule"),
        ("/findings/2", "notes"),
        ("/migrations/1/verdict", "reason"),
        ("/migrations/0/verdict", "kind"),
        ("/chain", "steps"),
        ("", "schema_version"),
    ] {
        wrong.push(edited(&whole, at, |object| {
            object.as_object_mut().unwrap().remove(gone).unwrap();
        }));
    }
    for (at, other) in [
        ("/findings/0/rule", json!(3)),
        ("/findings/0/line", json!("3")),
        ("/findings/0/line", json!(-1)),
        ("/findings/0/severity", json!("fatal")),
        ("/findings/0/notes", json!("a note")),
        ("/migrations/0/verdict", json!("reversible")),
        ("/migrations/0/verdict/kind", json!("Reversible")),
        ("/migrations/0/timings/up_ms", json!("3 ms")),
        ("/chain/steps", json!(1.5)),
        ("/outcome", json!(null)),
        ("/allowed/column-order", json!("often")),
    ] {
        wrong.push(edited(&whole, at, |value| *value = other));
    }
    // What we write is exactly as the schema says; what we read may come from a later version
    // that knows more.
    for json in more {
        assert!(!validator().is_valid(&json), "the schema allows {json:#}");
        assert!(
            serde_json::from_value::<Report>(json.clone()).is_ok(),
            "it does not read {json:#}"
        );
    }
    for json in wrong {
        assert!(!validator().is_valid(&json), "the schema allows {json:#}");
        assert!(serde_json::from_value::<Report>(json.clone()).is_err(), "it reads {json:#}");
    }
}

#[test]
fn json_is_for_people_too_and_ends_in_a_line_break() {
    let text = (by_name("json").unwrap().render)(&held(), Colour::Yes);
    assert!(text.starts_with("{\n  \"schema_version\": 1,\n  \"outcome\": \"held\",\n"), "{text}");
    assert!(text.ends_with("}\n"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_report_comes_back_from_json_as_it_was(report in any_report()) {
        let text = (by_name("json").unwrap().render)(&report, Colour::No);
        prop_assert_eq!(&serde_json::from_str::<Report>(&text).unwrap(), &report);
        prop_assert!(validator().is_valid(&rendered(&report)));
    }

    #[test]
    fn any_report_can_be_rendered_for_terminals_and_for_ci(report in any_report()) {
        let text = (by_name("text").unwrap().render)(&report, Colour::No);
        crate::render::assert_harmless(&text);
        let coloured = (by_name("text").unwrap().render)(&report, Colour::Yes);
        prop_assert_eq!(crate::render::without_codes(&coloured), text);
        let xml = (by_name("junit").unwrap().render)(&report, Colour::No);
        crate::render::assert_harmless(&xml);
        let cases = crate::render::parsed(&xml).descendants().filter(|n| n.has_tag_name("testcase")).count();
        let sections = [
            report.indexes.as_ref().map(|all| all.base.len() + all.strategies.len()),
            report.load.as_ref().map(|load| load.cells.len()),
            report.invariants.as_ref().map(|all| all.promises.len() + all.not_reached.len() + 1),
            report.gates.as_ref().map(|gates| gates.gates.len()),
        ];
        let alone = sections.iter().all(Option::is_none);
        let migrations = match alone || !report.migrations.is_empty() {
            true => report.migrations.len() + 1,
            false => 0,
        };
        let listed = sections.iter().flatten().sum::<usize>() + migrations + report.parts.len();
        prop_assert_eq!(cases, listed);
    }
}

fn validator() -> Validator {
    jsonschema::validator_for(&model::json_schema()).unwrap()
}

fn rendered(report: &Report) -> Value {
    let text = (by_name("json").unwrap().render)(report, Colour::No);
    serde_json::from_str(&text).unwrap()
}

fn edited(json: &Value, at: &str, edit: impl FnOnce(&mut Value)) -> Value {
    let mut json = json.clone();
    edit(json.pointer_mut(at).unwrap_or_else(|| panic!("nothing at {at}")));
    json
}

/// Words that a project may hold, mean ones among them.
pub(crate) fn words() -> impl Strategy<Value = String> {
    let mean = proptest::sample::select(vec![
        "",
        "it's \"quoted\" \\",
        "\u{1b}[31mred\u{1b}[0m",
        "a\0b\u{7}\u{9b}31m\u{7f}",
        "\u{202e}txt.exe\u{2066}",
        "two\nlines\r\nor three\r",
        "tab\tstop ",
        "👩‍👩‍👧 مرحبا 日本語",
        "]]><script>&amp;",
        "\u{fffe}\u{ffff}\u{feff}",
    ]);
    prop_oneof![mean.prop_map(str::to_owned), any::<String>(), "[a-z_0-9]{1,12}"]
}

/// Milliseconds with three places, as the harness rounds them.
pub(crate) fn ms() -> impl Strategy<Value = f64> {
    any::<u32>().prop_map(|us| f64::from(us) / 1000.0)
}

pub(crate) fn any_report() -> impl Strategy<Value = Report> {
    let ends = (
        any::<u32>(),
        prop_oneof![Just(Outcome::Held), Just(Outcome::Incomplete), Just(Outcome::Found)],
        words(),
        ms(),
    );
    let tool = (words(), words()).prop_map(|(name, version)| Tool { name, version });
    let began_with =
        (words(), 0..999_usize).prop_map(|(database, applied)| BeganWith { database, applied });
    let project = (words(), words(), option::of(words()), option::of(began_with)).prop_map(
        |(folder, format, detected_by, began_with)| Project {
            folder,
            format,
            detected_by,
            began_with,
        },
    );
    let server = (words(), words(), option::of(words()), btree_map(words(), words(), 0..3))
        .prop_map(|(version, way, profile, settings)| Server { version, way, profile, settings });
    let facts = (tool, project, server, btree_map(words(), 0..9_usize, 0..3));
    let found = (vec(any_migration(), 0..4), any_chain(), vec(any_finding(), 0..3));
    let rest = (
        option::of(any_invariants()),
        option::of(any_strength()),
        // Boxed, since all of them together are too much for the stack of a thread.
        option::weighted(0.3, any_load().boxed()),
        option::weighted(0.3, any_indexes().boxed()),
        option::weighted(0.3, any_gates().boxed()),
        (vec(any_part(), 0..3), option::of(any_environment())),
    );
    (ends, facts, found, rest).prop_map(|(ends, facts, found, rest)| {
        let (invariants, strength, load, indexes, gates, (parts, environment)) = rest;
        let (schema_version, outcome, started_at, duration_ms) = ends;
        let (tool, project, server, allowed) = facts;
        let (migrations, chain, findings) = found;
        Report {
            load,
            schema_version,
            outcome,
            tool,
            started_at,
            duration_ms,
            project,
            server,
            migrations,
            chain,
            findings,
            allowed,
            invariants,
            strength,
            indexes,
            gates,
            parts,
            environment,
        }
    })
}

fn any_invariants() -> impl Strategy<Value = Invariants> {
    let verdict = prop_oneof![
        (0..99_999_usize).prop_map(|cases| Kept::Holds { cases }),
        Just(Kept::Broken),
        Just(Kept::Risk),
        words().prop_map(|reason| Kept::Allowed { reason }),
        words().prop_map(|reason| Kept::Untested { reason }),
        words().prop_map(|reason| Kept::OutOfScope { reason }),
    ];
    let promise = (words(), words(), words(), words(), verdict).prop_map(
        |(invariant, table, object, says, verdict)| Promise {
            invariant,
            table,
            object,
            says,
            verdict,
        },
    );
    let soft_delete = (words(), words(), words(), vec(words(), 0..3))
        .prop_map(|(table, column, live, because)| SoftDelete { table, column, live, because });
    let counts = (words(), any::<u64>(), 0..99_999_usize);
    (counts, vec(promise, 0..4), vec(soft_delete, 0..2), vec(words(), 0..15)).prop_map(
        |((schema, seed, cases), promises, soft_deletes, not_reached)| Invariants {
            schema,
            seed,
            cases,
            promises,
            soft_deletes,
            not_reached,
        },
    )
}

fn any_strength() -> impl Strategy<Value = Strength> {
    let fate = prop_oneof![
        words().prop_map(|by| Fate::Killed { by }),
        Just(Fate::Survived),
        words().prop_map(|rule| Fate::Equivalent { rule }),
        words().prop_map(|of| Fate::Duplicate { of }),
        Just(Fate::Impaired),
        words().prop_map(|reason| Fate::Stillborn { reason }),
    ];
    let mutant = (words(), any::<bool>(), words(), words(), words(), fate).prop_map(
        |(operator, published, table, object, says, fate)| Mutant {
            operator,
            published,
            table,
            object,
            says,
            fate,
        },
    );
    vec(mutant, 0..4).prop_map(|mutants| Strength { mutants })
}

pub(crate) fn any_workload() -> impl Strategy<Value = Workload> {
    let script =
        (words(), 0..9_u32, words()).prop_map(|(name, weight, text)| Script { name, weight, text });
    (words(), words(), vec(script, 0..3)).prop_map(|(name, origin, operations)| Workload {
        name,
        origin,
        operations,
    })
}

fn any_load() -> impl Strategy<Value = Load> {
    let facts = (btree_map(words(), any::<u64>(), 0..3), any::<u64>(), option::of(words()));
    let told = (option::of(any_advice()), option::of(words()), vec(words(), 0..2));
    (any_workload(), facts, vec(any_cell(), 0..3), told).prop_map(
        |(scenario, (rows, seed, worker), cells, (advice, incomplete, notes))| Load {
            scenario,
            rows,
            seed,
            worker,
            cells,
            advice,
            incomplete,
            notes,
        },
    )
}

fn any_advice() -> impl Strategy<Value = Advice> {
    let sizing = (any::<u32>(), words(), ms(), ms())
        .prop_map(|(size, cell, rate, p99_wait_ms)| Sizing { size, cell, rate, p99_wait_ms });
    let told = (option::of(words()), vec(words(), 0..3), vec(words(), 0..3));
    let facts = (option::of(any::<u32>()), option::of(ms()), option::of(any::<u32>()));
    (told, vec(sizing, 0..3), facts).prop_map(
        |((take, because, warnings), sizes, (knee, needed, instances))| Advice {
            take,
            because,
            warnings,
            sizes,
            knee,
            needed,
            instances,
        },
    )
}

fn any_cell() -> impl Strategy<Value = Cell> {
    let names = (words(), words(), ms());
    let measured = (vec(any_operation(), 0..3), vec(any_second(), 0..3), option::of(any_pool()));
    let client = (ms(), 0..99_usize, any::<u64>(), any::<u64>()).prop_map(
        |(cpu_s, processors, goose_count, own_count)| Client {
            cpu_s,
            processors,
            goose_count,
            own_count,
        },
    );
    let outage = (ms(), option::of(ms()), words(), 0..99_u64)
        .prop_map(|(from_s, until_s, with, failed)| Outage { from_s, until_s, with, failed });
    let told = (vec(outage, 0..2), vec(words(), 0..2), option::of(words()));
    let sides = (client, option::of(any_server()));
    (names, any_setup(), measured, sides, told).prop_map(|(names, setup, measured, sides, told)| {
        let (name, digest, measured_s) = names;
        let (operations, seconds, pool) = measured;
        let (client, server) = sides;
        let (outages, remarks, ended_early) = told;
        Cell {
            name,
            setup,
            measured_s,
            digest,
            operations,
            seconds,
            pool,
            client,
            server,
            outages,
            remarks,
            ended_early,
        }
    })
}

fn any_setup() -> impl Strategy<Value = Setup> {
    let load = (0..999_usize, option::of(ms()), option::of(ms()), ms());
    let length = (ms(), option::of(ms()), option::of(any::<u64>()), any::<bool>());
    let profile = (words(), btree_map(words(), words(), 0..3), vec(words(), 0..3))
        .prop_map(|(of, written, notes)| Profile { of, written, notes });
    let bouncer = (option::of(words()), words(), any::<u32>())
        .prop_map(|(version, mode, pool_size)| Bouncer { version, mode, pool_size });
    let between = (option::of(any_pool_settings()), option::of(profile), option::of(bouncer));
    (load, length, between, option::of(words())).prop_map(|(load, length, between, storm)| {
        let (users, rate, latency_limit_ms, think_ms) = load;
        let (warmup_s, time_s, operations, prepared) = length;
        let (pool, profile, bouncer) = between;
        Setup {
            users,
            rate,
            latency_limit_ms,
            think_ms,
            warmup_s,
            time_s,
            operations,
            prepared,
            pool,
            profile,
            bouncer,
            storm,
        }
    })
}

fn any_pool_settings() -> impl Strategy<Value = PoolSettings> {
    let validate = prop_oneof![
        Just(Validate::Never),
        Just(Validate::Always),
        any::<u64>().prop_map(|ms| Validate::IdleFor { ms }),
    ];
    let sizes = (any::<u32>(), any::<u32>(), any::<u32>(), 0..999_usize);
    let times = (any::<u64>(), option::of(any::<u64>()), option::of(any::<u64>()));
    (sizes, times, validate, option::of(words())).prop_map(|(sizes, times, validate, reset)| {
        let (max_connections, min_connections, kept, statement_cache) = sizes;
        let (acquire_timeout_ms, max_lifetime_ms, idle_timeout_ms) = times;
        PoolSettings {
            max_connections,
            min_connections,
            kept,
            acquire_timeout_ms,
            validate,
            max_lifetime_ms,
            idle_timeout_ms,
            statement_cache,
            reset,
        }
    })
}

fn any_histogram() -> impl Strategy<Value = Histogram> {
    vec(any::<u32>(), 0..5).prop_map(|times| {
        let mut histogram = Histogram::default();
        for time in times {
            histogram.record(std::time::Duration::from_nanos(u64::from(time) * 50));
        }
        histogram
    })
}

fn any_operation() -> impl Strategy<Value = OperationMeasured> {
    let counts = (0..1_000_000_u64, btree_map(words(), 0..99_u64, 0..3));
    let rest = (0..99_u64, 0..99_u64, 0..99_u64);
    let times = (any_histogram(), any_histogram(), any_histogram());
    (words(), counts, rest, times).prop_map(|(name, (done, failed), rest, times)| {
        let (retried, skipped, late) = rest;
        let (response, wait, query) = times;
        OperationMeasured { name, done, failed, retried, skipped, late, response, wait, query }
    })
}

fn any_second() -> impl Strategy<Value = Second> {
    let response = vec(any_histogram().prop_map(|times| times.pack()), 0..3);
    (any::<u64>(), 0..99_u64, 0..99_u64, response, option::of(any::<u32>())).prop_map(
        |(at, failed, skipped, response, in_use)| Second { at, failed, skipped, response, in_use },
    )
}

fn any_pool() -> impl Strategy<Value = PoolMeasured> {
    let times = vec(any_histogram(), 5);
    (times, 0..99_u64, any::<u64>(), ms(), any::<u32>()).prop_map(
        |(mut times, timeouts, connects, mean_in_use, max_in_use)| {
            let mut next = || times.pop().unwrap_or_default();
            PoolMeasured {
                permit: next(),
                connect: next(),
                validate: next(),
                hold: next(),
                release: next(),
                timeouts,
                connects,
                mean_in_use,
                max_in_use,
            }
        },
    )
}

fn any_server() -> impl Strategy<Value = ServerMeasured> {
    let names = prop_oneof![
        words(),
        Just("pg_stat_database.blks_hit".to_owned()),
        Just("pg_stat_database.blks_read".to_owned()),
        Just("pg_stat_wal.wal_bytes".to_owned()),
    ];
    let wait = (words(), 0..999_u64).prop_map(|(event, seen)| WaitEvent { event, seen });
    let states = btree_map(words(), 0..999_u64, 0..3);
    let activity = (any::<u64>(), states, vec(wait, 0..9), any::<u64>()).prop_map(
        |(samples, states, waits, max_waiting_locks)| Activity {
            samples,
            states,
            waits,
            max_waiting_locks,
        },
    );
    let facts = (option::of(ms()), btree_map(names, ms(), 0..4), activity);
    (facts, vec(any_statement(), 0..7), vec(words(), 0..2)).prop_map(
        |((cpu_s, counters, activity), statements, missing)| ServerMeasured {
            cpu_s,
            counters,
            activity,
            statements,
            missing,
        },
    )
}

fn any_statement() -> impl Strategy<Value = Statement> {
    let counts = (any::<u64>(), any::<u64>(), any::<u64>(), any::<u64>(), any::<u64>());
    let plan = (option::of(words()), option::of(words()));
    (any::<i64>(), words(), (ms(), ms()), counts, plan).prop_map(
        |(query_id, text, (total_ms, mean_ms), counts, (plan, plan_of))| {
            let (calls, rows, blocks_hit, blocks_read, wal_bytes) = counts;
            Statement {
                query_id,
                text,
                calls,
                total_ms,
                mean_ms,
                rows,
                blocks_hit,
                blocks_read,
                wal_bytes,
                plan,
                plan_of,
            }
        },
    )
}

fn any_migration() -> impl Strategy<Value = Migration> {
    let verdict = prop_oneof![
        Just(Verdict::Reversible),
        words().prop_map(|reason| Verdict::Irreversible { reason }),
        Just(Verdict::ForwardOnly),
        Just(Verdict::Flawed),
        Just(Verdict::Allowed),
        words().prop_map(|reason| Verdict::Untested { reason }),
        Just(Verdict::NotSelected),
        Just(Verdict::NotReached),
    ];
    let round_trip = option::of(prop_oneof![Just(RoundTrip::Transaction), Just(RoundTrip::Clone)]);
    let timings = (option::of(ms()), option::of(ms()), option::of(ms()))
        .prop_map(|(up_ms, down_ms, reapply_ms)| Timings { up_ms, down_ms, reapply_ms });
    (words(), verdict, round_trip, timings).prop_map(|(id, verdict, round_trip, timings)| {
        Migration { id, verdict, round_trip, timings }
    })
}

fn any_chain() -> impl Strategy<Value = Chain> {
    let stop = (words(), words()).prop_map(|(migration, reason)| Stop { migration, reason });
    prop_oneof![
        (0..99_usize, proptest::collection::vec(stop, 0..3))
            .prop_map(|(steps, stops)| Chain::Restored { steps, stops, untried: None }),
        (0..99_usize, any::<bool>())
            .prop_map(|(steps, told_by_steps)| Chain::Broken { steps, told_by_steps }),
        words().prop_map(|reason| Chain::NotRun { reason }),
    ]
}

fn any_finding() -> impl Strategy<Value = Finding> {
    let severity =
        prop_oneof![Just(Severity::Risk), Just(Severity::Warning), Just(Severity::Error)];
    let names = (words(), severity, option::of(words()), words(), option::of(1..999_u32));
    let said = (words(), option::of(words()), vec(words(), 0..3));
    // A stored report may have been changed by hand: marks may lie outside of their text.
    let place = (words(), 1..9999_u32, words(), 0..40_usize, 0..40_usize, words()).prop_map(
        |(file, line, text, start, end, label)| Place { file, line, text, start, end, label },
    );
    let how = prop_oneof![Just(How::LeftBehind), Just(How::Lost), Just(How::Differs)];
    let change = (words(), how, vec(words(), 0..3), option::of(words()))
        .prop_map(|(object, how, details, mend)| Change { object, how, details, mend });
    (names, said, vec(place, 0..3), vec(change, 0..15)).prop_map(
        |((rule, severity, migration, file, line), (message, help, notes), places, changes)| {
            Finding {
                rule,
                severity,
                file,
                line,
                message,
                mend: help.clone(),
                promise: migration.clone(),
                script: help.clone(),
                migration,
                help,
                notes,
                places,
                changes,
            }
        },
    )
}
