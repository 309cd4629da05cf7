//! SARIF, held to what its standard and GitHub's code scanning ask for.

use proptest::prelude::*;
use serde_json::Value;
use shakedown_reports::Report;
use shakedown_reports::model::{Finding, Outcome, Severity};
use shakedown_reports::render::{Colour, by_name};

use crate::schema::any_report;
use crate::support::{column_order, finding, held, promises, trace};

fn sarif(report: &Report) -> Value {
    let text = (by_name("sarif").unwrap().render)(report, Colour::No);
    serde_json::from_str(&text).unwrap()
}

fn found(findings: Vec<Finding>) -> Report {
    Report { findings, outcome: Outcome::Found, ..held() }
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// What the standard demands of the objects that we write: which fields there must be, of which
/// type, which values they may have, and that references within the file lead somewhere.
fn check(log: &Value) {
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().unwrap().ends_with("sarif-2.1.0.json"));
    only(log, &["$schema", "version", "runs"]);
    let run = &log["runs"][0];
    only(run, &["tool", "invocations", "results", "columnKind"]);
    let driver = &run["tool"]["driver"];
    only(driver, &["name", "version", "rules"]);
    assert!(driver["name"].is_string() && driver["version"].is_string());
    assert!(run["invocations"][0]["executionSuccessful"].is_boolean());
    let rules = list(driver, "rules");
    let mut ids: Vec<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    for rule in rules {
        only(rule, &["id", "shortDescription", "help", "defaultConfiguration"]);
        check_message(&rule["shortDescription"]);
        check_message(&rule["help"]);
        check_level(&rule["defaultConfiguration"]["level"]);
    }
    for result in list(run, "results") {
        let fields = ["ruleId", "ruleIndex", "level", "message", "locations", "relatedLocations"];
        only(result, &[&fields[..], &["partialFingerprints", "properties"]].concat());
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(result["ruleId"], rules[index]["id"]);
        check_level(&result["level"]);
        check_message(&result["message"]);
        assert_eq!(list(result, "locations").len(), 1);
        for location in list(result, "locations").iter().chain(list(result, "relatedLocations")) {
            only(location, &["physicalLocation", "message"]);
            check_place(&location["physicalLocation"]);
        }
        let prints = result["partialFingerprints"].as_object().unwrap();
        assert!(!prints.is_empty() && prints.values().all(Value::is_string), "{prints:?}");
        assert!(result["properties"].is_object());
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), rules.len(), "each rule is there once");
}

/// The standard allows no field that it does not name.
fn only(object: &Value, fields: &[&str]) {
    for key in object.as_object().unwrap().keys() {
        assert!(fields.contains(&key.as_str()), "`{key}` is not known here: {object:#}");
    }
}

fn check_message(message: &Value) {
    only(message, &["text"]);
    assert!(message["text"].is_string());
}

fn check_level(level: &Value) {
    assert!(["note", "warning", "error"].contains(&level.as_str().unwrap()), "{level}");
}

/// An address has only the characters of RFC 3986, and no scheme unless it says `file`.
fn check_place(place: &Value) {
    only(place, &["artifactLocation", "region"]);
    let artifact = &place["artifactLocation"];
    only(artifact, &["uri", "uriBaseId"]);
    let uri = artifact["uri"].as_str().unwrap();
    let path = uri.strip_prefix("file://").unwrap_or(uri);
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        let mut digits = || bytes.by_ref().take(2).all(|digit| digit.is_ascii_hexdigit());
        let fine = byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        assert!(fine || byte == b'%' && digits(), "{uri}");
    }
    assert!(!path.is_empty() && artifact.get("uriBaseId").is_some() != uri.starts_with("file://"));
    if let Some(region) = place.get("region") {
        only(region, &["startLine", "endLine", "snippet"]);
        let (start, end) = (region["startLine"].as_u64(), region["endLine"].as_u64());
        assert!(start.unwrap() >= 1 && end >= start, "{region}");
    }
}

#[test]
fn a_finding_is_a_result_with_its_rule_its_places_and_its_mend() {
    let mend = Some("DROP TYPE public.mood;".to_owned());
    let log = sarif(&found(vec![column_order(), Finding { mend, ..trace() }]));
    check(&log);
    let result = &log["runs"][0]["results"][0];
    assert_eq!(
        (&result["ruleId"], &result["level"]),
        (&"down-leaves-trace".into(), &"error".into())
    );
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "migrations/0003_add_mood.down.sql");
    assert_eq!(place["region"]["startLine"], 1);
    assert_eq!(place["region"]["snippet"]["text"], "ALTER TABLE users DROP COLUMN mood;");
    let related = &result["relatedLocations"][0];
    assert_eq!(related["message"]["text"], "the up changes it here");
    assert_eq!(related["physicalLocation"]["region"]["startLine"], 12);
    assert_eq!(result["properties"]["mend"], "DROP TYPE public.mood;");
    assert_eq!(result["properties"]["migration"], "0003_add_mood");
    let rule = &log["runs"][0]["tool"]["driver"]["rules"][0];
    assert!(rule["help"]["text"].as_str().unwrap().contains("shakedown rule down-leaves-trace"));
    assert_eq!(list(&log["runs"][0], "results").len(), 2);
}

#[test]
fn a_fingerprint_outlives_moved_lines_and_other_words_and_tells_two_apart() {
    let print = |log: &Value, at: usize| {
        log["runs"][0]["results"][at]["partialFingerprints"]["shakedown/v1"].clone()
    };
    let mut moved = trace();
    (moved.line, moved.message) = (Some(99), "other words".to_owned());
    let before = sarif(&found(vec![trace(), trace()]));
    let after = sarif(&found(vec![moved]));
    assert_eq!(print(&before, 0), print(&after, 0));
    assert_ne!(print(&before, 0), print(&before, 1));
    let other = Finding { migration: Some("0004".to_owned()), ..trace() };
    assert_ne!(print(&before, 0), print(&sarif(&found(vec![other])), 0));
}

#[test]
fn paths_are_relative_addresses_whatever_they_hold() {
    for (file, uri) in [
        ("./db/migrations/1 ä.sql", "db/migrations/1%20%C3%A4.sql"),
        ("javascript:alert(1)", "javascript%3Aalert%281%29"),
        ("a#b?c%d\\e", "a%23b%3Fc%25d%5Ce"),
        ("/srv/m/1.sql", "file:///srv/m/1.sql"),
        ("../m/1.sql", "../m/1.sql"),
        ("", "."),
    ] {
        let log = sarif(&found(vec![Finding { file: file.to_owned(), ..trace() }]));
        check(&log);
        let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], uri);
    }
}

#[test]
fn a_risk_is_a_note_and_brackets_are_no_links() {
    let log = sarif(&promises());
    check(&log);
    let levels: Vec<&Value> =
        list(&log["runs"][0], "results").iter().map(|one| &one["level"]).collect();
    assert_eq!(levels, ["error", "note", "note"]);
    let log = sarif(&found(vec![finding("x", "1", r"see [here](https://evil.example) \[")]));
    let text = log["runs"][0]["results"][0]["message"]["text"].as_str().unwrap();
    assert_eq!(text, r"see \[here\](https://evil.example) \\\[");
}

#[test]
fn more_results_than_code_scanning_takes_are_counted() {
    let mut all = vec![Finding { severity: Severity::Risk, ..finding("risk", "1", "x") }; 25_000];
    all.push(finding("down-fails", "1", "x"));
    let log = sarif(&found(all));
    assert_eq!(list(&log["runs"][0], "results").len(), 25_000);
    assert_eq!(log["runs"][0]["results"][0]["ruleId"], "down-fails");
    let told = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["message"];
    assert_eq!(told["text"], "and 1 more findings, all in the JSON report");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_report_is_as_the_standard_says(report in any_report()) {
        let log = sarif(&report);
        check(&log);
        prop_assert_eq!(list(&log["runs"][0], "results").len(), report.findings.len());
    }
}
