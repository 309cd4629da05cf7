//! Promises that are not kept, in words.

use shakedown_reports::model::{Finding, Severity};

use super::check::{Counterexample, Trap, Verdict};
use super::place::{Places, place};
use super::promise::Promise;
use super::report::Subject;
use super::script;
use super::words::{Words, words};
use crate::catalog::Catalog;
use crate::sql;

/// Where the schema comes from, so that findings can say it.
#[derive(Debug)]
pub(super) struct Origin<'s> {
    /// The migration folder or the database.
    name: String,
    /// None of a database.
    places: Option<Places<'s>>,
}

impl<'s> Origin<'s> {
    pub(super) fn of(subject: &'s Subject) -> Self {
        let places = match subject {
            Subject::Project(project) => Some(Places::of(project)),
            Subject::Database(_) => None,
        };
        Self { name: subject.name(), places }
    }
}

/// What is broken, with the script that shows it.
pub(super) fn broken(
    verdict: &Verdict,
    counterexample: &Counterexample,
    origin: &Origin<'_>,
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
        ..finding(promise, Severity::Error, message, origin, catalog)
    }
}

/// A known trap, and the way out of it.
pub(super) fn risk(
    verdict: &Verdict,
    (trap, way_out): (&str, &str),
    seen: &Trap,
    origin: &Origin<'_>,
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
        Trap::Fact(fact) | Trap::Script { fact, .. } => (vec![fact.clone()], None),
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
    let mut told = Finding {
        notes,
        help: Some(help),
        mend,
        script,
        ..finding(promise, Severity::Risk, message, origin, catalog)
    };
    if let Trap::Script { place, .. } = seen {
        told.file.clone_from(&place.file);
        told.line = Some(place.line);
        told.places = vec![place.clone()];
    }
    told
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
    origin: &Origin<'_>,
    catalog: &Catalog,
) -> Finding {
    let places = origin.places.as_ref();
    let place = places.and_then(|all| place(all, catalog, &promise.table, &promise.object));
    Finding {
        rule: promise.invariant.clone(),
        severity,
        migration: None,
        file: place.as_ref().map_or_else(|| origin.name.clone(), |place| place.file.clone()),
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
