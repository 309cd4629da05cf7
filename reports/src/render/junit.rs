//! JUnit XML: a test case per migration and one for the chain, as CI systems show them.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use super::{Colour, Renderer, clean, text};
use crate::model::{Chain, Finding, Migration, Report, Verdict};

pub(super) const RENDERER: Renderer = Renderer {
    name: "junit",
    summary: "JUnit XML, a test case per migration, for CI systems",
    render,
};

fn render(report: &Report, _: Colour) -> String {
    let mut suite = TestSuite::new("shakedown verify");
    suite.set_time(duration(report.duration_ms));
    for migration in &report.migrations {
        suite.add_test_case(migration_case(migration, &report.findings));
    }
    suite.add_test_case(chain_case(report));
    let mut document = Document::new(clean::line(&report.project.folder));
    document.set_time(duration(report.duration_ms));
    document.add_test_suite(suite);
    document.to_string().unwrap_or_default()
}

fn migration_case(migration: &Migration, findings: &[Finding]) -> TestCase {
    let own: Vec<&Finding> = findings
        .iter()
        .filter(|finding| !of_chain(finding))
        .filter(|finding| finding.migration.as_deref() == Some(&migration.id))
        .collect();
    let status = match &migration.verdict {
        Verdict::NotReached => skipped("the run ended before this migration"),
        Verdict::Allowed => skipped("it has findings, all of which are allowed"),
        Verdict::Untested { reason } => skipped(reason),
        Verdict::NotSelected => skipped("applied, but its round trip was not asked for"),
        _ => status(&own),
    };
    let mut case = TestCase::new(clean::line(&migration.id), status);
    case.set_classname("migrations");
    let timings = migration.timings;
    let total = [timings.up_ms, timings.down_ms, timings.reapply_ms].into_iter().flatten().sum();
    case.set_time(duration(total));
    case
}

/// The findings about the whole way, and those that are about no migration of the project.
fn chain_case(report: &Report) -> TestCase {
    let known = |id: &str| report.migrations.iter().any(|migration| migration.id == id);
    let own: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| of_chain(finding) || !finding.migration.as_deref().is_some_and(known))
        .collect();
    let status = match &report.chain {
        Chain::NotRun { reason } if own.is_empty() => skipped(reason),
        // What the user allows does not fail, but is no success either.
        Chain::Broken { .. } if report.findings.is_empty() => skipped(&text::chain(report)),
        // Its reasons are told with the migrations.
        Chain::Broken { told_by_steps: true, .. } if own.is_empty() => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(text::chain(report));
            status
        }
        _ => status(&own),
    };
    let mut case = TestCase::new("head to base to head", status);
    case.set_classname("chain");
    case
}

fn of_chain(finding: &Finding) -> bool {
    finding.rule.starts_with("chain-")
}

fn status(findings: &[&Finding]) -> TestCaseStatus {
    let Some(first) = findings.first() else { return TestCaseStatus::success() };
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type(clean::line(&first.rule));
    status.set_message(clean::line(&first.message));
    let all: Vec<String> =
        findings.iter().map(|finding| text::finding(finding, Colour::No)).collect();
    status.set_description(all.join("\n"));
    status
}

fn skipped(reason: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(clean::line(reason));
    status
}

fn duration(ms: f64) -> Duration {
    Duration::try_from_secs_f64(ms / 1000.0).unwrap_or_default()
}
