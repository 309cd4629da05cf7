//! SARIF 2.1.0, which code scanning reads: a rule for each kind of finding, a result for each one.
//!
//! Only findings are in it, since a result needs a place in a file; gates and load have none.

mod log;

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Colour, Renderer, clean};
use crate::identity;
use crate::model::{Finding, Outcome, Place, Report, Severity};
use log::{
    ArtifactLocation, Driver, Invocation, Level, Location, Log, Message, Notification, Physical,
    Properties, Region, ResultOf, Rule, RuleDefaults, Run, Snippet, Tool,
};

pub(super) const RENDERER: Renderer = Renderer {
    name: "sarif",
    summary: "SARIF 2.1.0, the findings for code scanning and editors",
    render,
};

/// GitHub refuses a file with more results than that.
const RESULTS: usize = 25_000;

/// So many further places of a result are shown by GitHub.
const PLACES: usize = 100;

/// What stays as it is in the path of an address, by RFC 3986: unreserved characters and `/`.
const PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

fn render(report: &Report, _: Colour) -> String {
    let mut findings: Vec<Finding> = report.findings.iter().map(clean::finding).collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let more = findings.len().saturating_sub(RESULTS);
    findings.truncate(RESULTS);
    let rules = rules(&findings);
    let mut seen = BTreeMap::new();
    let results = findings.iter().map(|finding| result(finding, &rules, &mut seen)).collect();
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: clean::line(&report.tool.name),
                    version: clean::line(&report.tool.version),
                    rules,
                },
            },
            invocations: [Invocation {
                execution_successful: report.outcome != Outcome::Incomplete,
                tool_execution_notifications: left_out(more),
            }],
            results,
            column_kind: "unicodeCodePoints",
        }],
    };
    // The log is plain data with string keys, so that writing it cannot fail.
    let mut text = serde_json::to_string_pretty(&log).unwrap_or_default();
    text.push('\n');
    text
}

fn left_out(more: usize) -> Vec<Notification> {
    let told = Notification {
        level: Level::Warning,
        message: Message::new(format!("and {more} more findings, all in the JSON report")),
    };
    if more > 0 { vec![told] } else { Vec::new() }
}

/// A rule for each id, in the order of the findings, with the help of its first finding.
fn rules(findings: &[Finding]) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for finding in findings {
        if rules.iter().any(|rule| rule.id == finding.rule) {
            continue;
        }
        let page = format!("`shakedown rule {}` explains it", finding.rule);
        let help = match &finding.help {
            Some(help) => format!("{help}\n\n{page}"),
            None => page,
        };
        rules.push(Rule {
            short_description: Message::new(finding.rule.replace('-', " ")),
            help: Message::new(help),
            default_configuration: RuleDefaults { level: level(finding.severity) },
            id: finding.rule.clone(),
        });
    }
    rules
}

fn result(finding: &Finding, rules: &[Rule], seen: &mut BTreeMap<String, usize>) -> ResultOf {
    let told = match &finding.help {
        Some(help) => format!("{}\n{help}", finding.message),
        None => finding.message.clone(),
    };
    let first = finding.places.first();
    let own = |place: &&Place| place.file == finding.file && Some(place.line) == finding.line;
    let others = finding.places.iter().skip(usize::from(first.filter(own).is_some()));
    ResultOf {
        rule_id: finding.rule.clone(),
        rule_index: rules.iter().position(|rule| rule.id == finding.rule).unwrap_or_default(),
        level: level(finding.severity),
        message: Message::new(told),
        locations: [Location {
            physical_location: Physical {
                artifact_location: artifact(&finding.file),
                region: finding.line.map(|line| region(line, first.filter(own))),
            },
            message: None,
        }],
        related_locations: others.take(PLACES).map(related).collect(),
        partial_fingerprints: BTreeMap::from([("shakedown/v1", fingerprint(finding, seen))]),
        properties: Properties {
            migration: finding.migration.clone(),
            promise: finding.promise.clone(),
            mend: finding.mend.clone(),
            notes: finding.notes.clone(),
        },
    }
}

fn level(severity: Severity) -> Level {
    match severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
        Severity::Risk => Level::Note,
    }
}

fn related(place: &Place) -> Location {
    Location {
        physical_location: Physical {
            artifact_location: artifact(&place.file),
            region: Some(region(place.line, Some(place))),
        },
        message: Some(&place.label).filter(|label| !label.is_empty()).map(Message::new),
    }
}

/// The lines of a place; lines count from one.
fn region(line: u32, place: Option<&Place>) -> Region {
    let start_line = line.max(1);
    let lines = place.map_or(0, |place| place.text.trim_end().matches('\n').count());
    Region {
        start_line,
        end_line: start_line.saturating_add(u32::try_from(lines).unwrap_or(0)),
        snippet: place.map(|place| Snippet { text: place.text.clone() }),
    }
}

/// The address of a file: relative to where the command ran, unless its path is absolute.
fn artifact(file: &str) -> ArtifactLocation {
    let mut path = file;
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.trim_start_matches('/');
    }
    let path = if path.is_empty() { "." } else { path };
    let encoded = utf8_percent_encode(path, PATH).to_string();
    if path.starts_with('/') {
        return ArtifactLocation { uri: format!("file://{encoded}"), uri_base_id: None };
    }
    ArtifactLocation { uri: encoded, uri_base_id: Some("%SRCROOT%") }
}

/// By which code scanning knows a finding again when lines have moved. The second one of the same
/// kind has another one than the first.
fn fingerprint(finding: &Finding, seen: &mut BTreeMap<String, usize>) -> String {
    let mut parts = identity::of(finding).to_vec();
    parts.extend(identity::objects(finding));
    let hash = format!("{:016x}", fnv(parts.join("\0").as_bytes()));
    let count = seen.entry(hash.clone()).or_default();
    *count += 1;
    format!("{hash}:{count}")
}

/// FNV-1a with 64 bits, which stays the same between versions of this program, unlike the hashes
/// of the standard library (G. Fowler, L. C. Noll, K.-P. Vo, draft-eastlake-fnv).
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
