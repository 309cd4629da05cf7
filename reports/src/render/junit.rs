//! JUnit XML, as CI systems show it: a test case per migration and one for the chain, or one per
//! promise of the schema, one per cell of a load, or one per operation and strategy of indexes.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use super::gates::words;
use super::{Colour, Renderer, clean, load, text};
use crate::gate::{self, Gates};
use crate::index::{Indexes, Origin, Standing};
use crate::load::{Cell, Load};
use crate::model::{
    Chain, Finding, Invariants, Kept, Migration, Outcome, Part, Promise, Report, Severity, Verdict,
};

pub(super) const RENDERER: Renderer = Renderer {
    name: "junit",
    summary: "JUnit XML, a test case per migration, promise, load or strategy, for CI",
    render,
};

fn render(report: &Report, _: Colour) -> String {
    let mut suites: Vec<TestSuite> = Vec::new();
    suites.extend(report.invariants.as_ref().map(|all| promises(all, &report.findings)));
    suites.extend(report.load.as_ref().map(|load| cells(load, report.outcome)));
    suites.extend(report.indexes.as_ref().map(strategies));
    suites.extend(report.gates.as_ref().map(gates));
    if suites.is_empty() || !report.migrations.is_empty() {
        suites.insert(0, migrations(report));
    }
    if !report.parts.is_empty() {
        suites.push(parts(&report.parts));
    }
    if let [only] = suites.as_mut_slice() {
        only.set_time(duration(report.duration_ms));
    }
    let mut document = Document::new(clean::line(&report.project.folder));
    document.set_time(duration(report.duration_ms));
    for suite in suites {
        document.add_test_suite(suite);
    }
    document.to_string().unwrap_or_default()
}

/// A case for each gate. What could not be decided is an error, since it did not pass.
fn gates(gates: &Gates) -> TestSuite {
    let mut suite = TestSuite::new("shakedown gate");
    for gate in &gates.gates {
        let told = format!("{} {}", words::values(gate), words::change(gate));
        let failed = |kind| {
            let mut status = TestCaseStatus::non_success(kind);
            status.set_message(clean::line(&told));
            status.set_description(clean::text(&gate.notes.join("\n")));
            status
        };
        let status = match &gate.verdict {
            gate::Verdict::Pass => TestCaseStatus::success(),
            gate::Verdict::Regress => failed(NonSuccessKind::Failure),
            gate::Verdict::Inconclusive => failed(NonSuccessKind::Error),
            gate::Verdict::Allowed { reason } => skipped(reason),
        };
        let mut case = TestCase::new(clean::line(&words::what(gate)), status);
        case.set_classname("gate");
        suite.add_test_case(case);
    }
    suite
}

/// A case for each part of a run: one that did not run has not passed.
fn parts(parts: &[Part]) -> TestSuite {
    let mut suite = TestSuite::new("shakedown run");
    for part in parts {
        let error = |message: &str| {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(clean::line(message));
            status
        };
        let status = match (&part.outcome, &part.reason) {
            // What it found is told in the suite of its own.
            (Some(Outcome::Held | Outcome::Found), _) => TestCaseStatus::success(),
            (Some(Outcome::Incomplete), why) => {
                error(why.as_deref().unwrap_or("not all of it could be done"))
            }
            (None, Some(why)) if part.late => skipped(why),
            (None, why) => error(why.as_deref().unwrap_or("it did not run")),
        };
        let mut case = TestCase::new(clean::line(&part.name), status);
        case.set_classname("part");
        case.set_time(duration(part.duration_ms));
        suite.add_test_case(case);
    }
    suite
}

fn migrations(report: &Report) -> TestSuite {
    let mut suite = TestSuite::new("shakedown verify");
    for migration in &report.migrations {
        suite.add_test_case(migration_case(migration, &report.findings));
    }
    suite.add_test_case(chain_case(report));
    suite
}

fn promises(invariants: &Invariants, findings: &[Finding]) -> TestSuite {
    let mut suite = TestSuite::new("shakedown invariants");
    for promise in &invariants.promises {
        suite.add_test_case(promise_case(promise, findings));
    }
    for what in &invariants.not_reached {
        let status = skipped("the time did not suffice for it");
        let mut case = TestCase::new(clean::line(what), status);
        case.set_classname("not reached");
        suite.add_test_case(case);
    }
    let others: Vec<&Finding> =
        findings.iter().filter(|finding| finding.rule == ALLOWANCE_UNUSED).collect();
    let mut case = TestCase::new("allowances", status(&others));
    case.set_classname("configuration");
    suite.add_test_case(case);
    suite
}

fn cells(load: &Load, outcome: Outcome) -> TestSuite {
    let mut suite = TestSuite::new("shakedown load");
    for cell in &load.cells {
        let mut case = TestCase::new(clean::line(&cell.name), cell_status(cell, outcome));
        case.set_classname(clean::line(&load.scenario.name));
        case.set_time(duration(cell.measured_s * 1000.0));
        suite.add_test_case(case);
    }
    suite
}

/// A case for each operation of the workload and for each strategy: a strategy that is not worth it
/// passes, since nothing is wrong with the project. One that cannot be made is an error only if the
/// user asked for it.
fn strategies(indexes: &Indexes) -> TestSuite {
    let mut suite = TestSuite::new("shakedown index");
    for operation in &indexes.base {
        let status = if operation.failed > 0 {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(clean::line(operation.failure.as_deref().unwrap_or("it failed")));
            status
        } else {
            TestCaseStatus::success()
        };
        let mut case = TestCase::new(clean::line(&operation.name), status);
        case.set_classname(clean::line(&indexes.scenario.name));
        suite.add_test_case(case);
    }
    for strategy in &indexes.strategies {
        let status = match &strategy.standing {
            Standing::NotMeasured { reason } => skipped(reason),
            Standing::Failed { message } if strategy.origin != Origin::Given => skipped(message),
            Standing::Failed { message } => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
                status.set_message(clean::line(message));
                status
            }
            _ => TestCaseStatus::success(),
        };
        let mut case = TestCase::new(clean::line(&strategy.name), status);
        case.set_classname("strategies");
        suite.add_test_case(case);
    }
    suite
}

/// What ended early is an error and no failure: it says nothing of the project.
fn cell_status(cell: &Cell, outcome: Outcome) -> TestCaseStatus {
    let found = load::failures(cell).filter(|_| outcome == Outcome::Found);
    let (kind, told) = match (found, &cell.ended_early) {
        (Some(failures), _) => (NonSuccessKind::Failure, failures),
        (None, Some(why)) => (NonSuccessKind::Error, clean::line(why)),
        (None, None) => return TestCaseStatus::success(),
    };
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(told);
    status
}

/// A risk passes, with what is to be known of it in its output, unless it was made to fail.
fn promise_case(promise: &Promise, findings: &[Finding]) -> TestCase {
    let id = promise.id();
    let own: Vec<&Finding> =
        findings.iter().filter(|finding| finding.promise.as_deref() == Some(&id)).collect();
    let (risks, failures): (Vec<&Finding>, Vec<&Finding>) =
        own.into_iter().partition(|finding| finding.severity == Severity::Risk);
    let status = match &promise.verdict {
        Kept::Allowed { reason } => skipped(&format!("allowed: {reason}")),
        Kept::Untested { reason } => skipped(reason),
        Kept::OutOfScope { reason } => skipped(&format!("not modelled: {reason}")),
        Kept::Holds { .. } | Kept::Broken | Kept::Risk => status(&failures),
    };
    let name = format!("{} {}: {}", promise.table, promise.object, promise.says);
    let mut case = TestCase::new(clean::line(&name), status);
    case.set_classname(clean::line(&promise.invariant));
    if let Some(risk) = risks.first() {
        case.set_system_out(text::finding(risk, Colour::No));
    }
    case
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
        .filter(|finding| of_verify(finding))
        .filter(|finding| of_chain(finding) || !finding.migration.as_deref().is_some_and(known))
        .collect();
    let status = match &report.chain {
        Chain::NotRun { reason } if own.is_empty() => skipped(reason),
        // What the user allows does not fail, but is no success either.
        Chain::Broken { .. } if own.is_empty() && !report.findings.iter().any(of_verify) => {
            skipped(&text::chain(report))
        }
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

/// The rule of an allowance in the configuration that no promise needs.
const ALLOWANCE_UNUSED: &str = "allowance-unused";

/// Whether it is about migrations, and not about what they make.
fn of_verify(finding: &Finding) -> bool {
    finding.promise.is_none() && finding.rule != ALLOWANCE_UNUSED
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
