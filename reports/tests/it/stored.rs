//! Files that are read as reports, whatever they hold.

use proptest::prelude::*;
use serde_json::{Value, json};
use shakedown_reports::Report;
use shakedown_reports::render::{Colour, RENDERERS, by_name};
use shakedown_reports::stored::{Unreadable, parse};

use crate::gate::gated;
use crate::schema::any_report;
use crate::support::held;

fn written(report: &Report) -> String {
    (by_name("json").unwrap().render)(report, Colour::No)
}

/// The JSON of a load, changed in one place.
fn edited(at: &str, value: Value) -> String {
    let mut json: Value = serde_json::from_str(&written(&crate::load::everything())).unwrap();
    *json.pointer_mut(at).unwrap_or_else(|| panic!("nothing at {at}")) = value;
    json.to_string()
}

/// Why it is not read, in a sentence that can be printed.
fn refused(text: &str) -> String {
    let why = parse(text).unwrap_err();
    assert!(!why.hint().is_empty());
    crate::render::assert_harmless(&why.to_string());
    why.to_string()
}

#[test]
fn what_was_written_is_read_also_with_a_byte_order_mark() {
    let text = written(&gated());
    assert_eq!(parse(&text).unwrap(), gated());
    assert_eq!(parse(&format!("\u{feff}\n{text}")).unwrap(), gated());
}

#[test]
fn what_is_no_report_is_named() {
    assert_eq!(refused(" \n"), "is empty");
    let junit = (by_name("junit").unwrap().render)(&held(), Colour::No);
    assert_eq!(refused(&junit), "is XML and no JSON report");
    for (text, told) in [
        ("garbage", "expected value"),
        ("{}", "missing field `schema_version`"),
        ("[1]", "no report"),
        ("{\"schema_version\": 1}", "missing field `outcome`"),
        ("{\"schema_version\": 0}", "no version 0"),
        ("{\"schema_version\": -1}", "invalid value"),
        ("{\"schema_version\": 1, \"outcome\": \"\\u001b[31m\\u0007\"}", "unknown variant"),
    ] {
        let why = refused(text);
        assert!(why.starts_with("is no report of this program: ") && why.contains(told), "{why}");
    }
}

#[test]
fn a_newer_version_says_who_wrote_it_and_what_to_do() {
    let text = r#"{"schema_version": 2, "tool": {"name": "shakedown", "version": "2.0\u001b[1m"},
        "load": 7, "outcome": {"new": true}}"#;
    let why = refused(text);
    assert!(why.starts_with("has version 2 of the format, written by shakedown 2.0"), "{why}");
    assert!(why.ends_with("; this program knows version 1"), "{why}");
    assert!(parse(text).unwrap_err().hint().starts_with("update shakedown"));
}

#[test]
fn a_report_that_was_cut_anywhere_is_named_as_cut_off() {
    let text = written(&gated());
    let text = text.trim_end();
    for end in (1..text.len()).step_by(97) {
        assert_eq!(parse(&text[..end]), Err(Unreadable::CutOff), "{end}");
    }
}

#[test]
fn depth_length_and_numbers_do_no_harm() {
    assert!(refused(&"[".repeat(1_000_000)).contains("no report"));
    let deep = format!("{{\"schema_version\": 1, \"tool\": {}", "{\"a\":".repeat(100_000));
    assert!(!refused(&deep).is_empty());
    let long = " ".repeat(129 * 1024 * 1024);
    assert_eq!(parse(&long), Err(Unreadable::TooLong));
    assert!(refused("{\"schema_version\": 1e999}").contains("number out of range"));
    for (at, value) in [
        ("/load/cells/0/operations/0/done", json!(-1)),
        ("/load/cells/0/operations/0/done", json!(1e300)),
        ("/load/cells/0/measured_s", json!("1")),
    ] {
        assert!(refused(&edited(at, value)).starts_with("is no report"), "{at}");
    }
}

#[test]
fn a_histogram_cannot_ask_for_more_memory_than_ours_take() {
    let at = "/load/cells/0/operations/0/response/hdr";
    for hdr in ["", "!", "AAAA", "HISTFAAAAA=="] {
        assert!(refused(&edited(at, json!(hdr))).starts_with("is no report"), "{hdr}");
    }
    // Five digits up to the highest value there is: fifty megabytes for each of these few bytes.
    use base64::Engine;
    let mut head = vec![0x1c, 0x84, 0x93, 0x13, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5];
    head.extend(1_u64.to_be_bytes());
    head.extend(u64::MAX.to_be_bytes());
    head.extend(1_f64.to_be_bytes());
    let huge = base64::engine::general_purpose::STANDARD.encode(&head);
    assert!(refused(&edited(at, json!(huge))).contains("it is none of this program"));
    let json: Value = serde_json::from_str(&written(&crate::load::everything())).unwrap();
    let operations = vec![json["load"]["cells"][0]["operations"][0].clone(); 4_001];
    let why = refused(&edited("/load/cells/0/operations", Value::Array(operations)));
    assert!(why.contains("4001 operations"), "{why}");
}

#[test]
fn the_largest_numbers_are_rendered_in_every_format() {
    let mut report = crate::load::everything();
    let load = report.load.as_mut().unwrap();
    let cell = &mut load.cells[0];
    for operation in &mut cell.operations {
        operation.done = u64::MAX;
        operation.retried = u64::MAX;
        operation.skipped = u64::MAX;
        operation.late = u64::MAX;
        operation.failed.values_mut().for_each(|count| *count = u64::MAX);
    }
    let server = cell.server.as_mut().unwrap();
    server.activity.states.values_mut().for_each(|count| *count = u64::MAX);
    server.activity.waits.iter_mut().for_each(|wait| wait.seen = u64::MAX);
    for statement in &mut server.statements {
        (statement.calls, statement.rows) = (u64::MAX, u64::MAX);
        (statement.blocks_hit, statement.blocks_read) = (u64::MAX, u64::MAX);
        statement.wal_bytes = u64::MAX;
    }
    cell.outages.iter_mut().for_each(|outage| outage.failed = u64::MAX);
    let mut many = report.clone();
    let load = many.load.as_mut().unwrap();
    load.cells.push(load.cells[0].clone());
    for report in [report, many] {
        let read = parse(&written(&report)).unwrap();
        for renderer in RENDERERS {
            assert!(!(renderer.render)(&read, Colour::No).is_empty() || renderer.name == "github");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_any_report_becomes_with_one_byte_changed_is_read_or_refused(
        report in any_report(), at in any::<prop::sample::Index>(), byte in 0_u8..128
    ) {
        let mut text = written(&Report { schema_version: 1, ..report }).into_bytes();
        let at = at.index(text.len());
        text[at] = byte;
        if let Ok(text) = String::from_utf8(text) {
            match parse(&text) {
                Ok(report) => RENDERERS.iter().for_each(|one| drop((one.render)(&report, Colour::No))),
                Err(why) => crate::render::assert_harmless(&why.to_string()),
            }
        }
    }
}
