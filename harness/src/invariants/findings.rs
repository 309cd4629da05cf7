//! Promises that are not kept, in words.

use shakedown_reports::model::{Finding, Severity};

use super::check::{Counterexample, Trap, Verdict};
use super::place::place;
use super::promise::Promise;
use super::report::Subject;
use super::script;
use super::words::{Words, words};
use crate::catalog::Catalog;
use crate::sql;

/// What is broken, with the script that shows it.
pub(super) fn broken(
    verdict: &Verdict,
    counterexample: &Counterexample,
    subject: &Subject,
    catalog: &Catalog,
) -> Finding {
    let promise = &verdict.promise;
    let message = format!(
        "`{}` of `{}` promises that {}, and that is not so",
        promise.object, promise.table, promise.says
    );
    Finding {
        notes: notes(counterexample),
        help: Some(format!(
            "`shakedown rule {}` tells how this comes about; this shows it in psql:",
            promise.invariant
        )),
        script: Some(script::psql(&promise.says, counterexample)),
        ..finding(promise, Severity::Error, message, subject, catalog)
    }
}

/// A known trap, and the way out of it.
pub(super) fn risk(
    verdict: &Verdict,
    (trap, way_out): (&str, &str),
    seen: &Trap,
    subject: &Subject,
    catalog: &Catalog,
) -> Finding {
    let promise = &verdict.promise;
    let message = format!("{trap} (`{}` of `{}`)", promise.object, promise.table);
    let is_sql = sql::statements(way_out).is_some_and(|statements| !statements.is_empty());
    let (help, mend) = match is_sql {
        true => ("the way out:".to_owned(), Some(terminated(way_out))),
        false => (way_out.to_owned(), None),
    };
    let (notes, script) = match seen {
        Trap::Fact(fact) => (vec![fact.clone()], None),
        Trap::Ran(counterexample) => {
            let Words { tried, expected, seen } = words(counterexample);
            // What else would have been better is said by the trap itself.
            let value = expected
                .strip_prefix(": the query gives ")
                .filter(|_| seen.starts_with("the query"));
            let instead = value.map(|value| format!(" instead of {value}")).unwrap_or_default();
            let seen = format!("tried {tried}: {seen}{instead}");
            (vec![seen], Some(script::psql(&promise.says, counterexample)))
        }
    };
    Finding {
        notes,
        help: Some(help),
        mend,
        script,
        ..finding(promise, Severity::Risk, message, subject, catalog)
    }
}

/// What was tried, what must come of it, and what did.
fn notes(counterexample: &Counterexample) -> Vec<String> {
    let Words { tried, expected, seen } = words(counterexample);
    vec![format!("tried: {tried}"), format!("expected{expected}"), format!("seen: {seen}")]
}

fn finding(
    promise: &Promise,
    severity: Severity,
    message: String,
    subject: &Subject,
    catalog: &Catalog,
) -> Finding {
    let place = match subject {
        Subject::Project(project) => place(project, catalog, &promise.table, &promise.object),
        Subject::Database(_) => None,
    };
    Finding {
        rule: promise.invariant.clone(),
        severity,
        migration: None,
        file: place.as_ref().map_or_else(|| subject.name(), |place| place.file.clone()),
        line: place.as_ref().map(|place| place.line),
        message,
        help: None,
        mend: None,
        promise: Some(promise.id()),
        script: None,
        notes: Vec::new(),
        places: place.into_iter().collect(),
        changes: Vec::new(),
    }
}

fn terminated(sql: &str) -> String {
    let sql = sql.trim_end();
    if sql.ends_with(';') { sql.to_owned() } else { format!("{sql};") }
}
