//! What must come of a case and what came of it, in words.

use super::case::{Case, Expect, Outcome, Rejection};
use super::check::Counterexample;

/// As many SQLSTATEs of a case, at most, are told as what it must be refused with.
const MEANT: usize = 3;

/// What did not come out as it must, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) tried: String,
    /// Begins with the colon, or with what it is about where that is not all of it:
    /// ` of statement 2: accepted`.
    pub(super) expected: String,
    pub(super) seen: String,
}

/// What was tried, what must come of it, and what did.
pub(super) fn words(counterexample: &Counterexample) -> Words {
    match counterexample {
        Counterexample::Case { case, outcome, .. } => {
            let Difference { step, expected, seen } = difference(case, outcome);
            let at = match step {
                Some(step) if step > case.ops.len() => " at the end".to_owned(),
                Some(step) => format!(" of statement {step}"),
                None => String::new(),
            };
            Words { tried: case.about.clone(), expected: format!("{at}: {expected}"), seen }
        }
        Counterexample::Duel { duel, gave } => Words {
            tried: duel.about.clone(),
            expected: format!(": the query at the end gives {}", value_in_words(Some(&duel.gives))),
            seen: format!("it gives {}", value_in_words(gave.as_deref())),
        },
    }
}

/// How a case came out otherwise than it must.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Difference {
    /// The statement it is about, counted from one, where the case is judged by each of its
    /// statements. One more than there are means the check at the end.
    step: Option<usize>,
    expected: String,
    seen: String,
}

/// The difference between what must come of a case and what came of it: the first one, where
/// each statement has an outcome of its own.
fn difference(case: &Case, outcome: &Outcome) -> Difference {
    if let (Expect::Steps(expects), Outcome::Steps(outcomes)) = (&case.expect, outcome) {
        let differs = expects.iter().zip(outcomes).position(|(expect, seen)| !admits(expect, seen));
        if let Some(at) = differs {
            return Difference {
                step: Some(at + 1),
                expected: expected(&expects[at]),
                seen: seen(&outcomes[at]),
            };
        }
    }
    let mut told = seen(outcome);
    if let Outcome::Rejected(Rejection { op, .. }) = outcome {
        if *op >= case.ops.len() {
            told = format!("{told}, when it was checked at the end");
        } else if op + 1 < case.ops.len() {
            told = format!("{told}, already at statement {}", op + 1);
        }
    }
    Difference { step: None, expected: expected(&case.expect), seen: told }
}

/// Whether one step came out as it must.
pub(super) fn admits(expect: &Expect, outcome: &Outcome) -> bool {
    let step = Case { about: String::new(), ops: Vec::new(), expect: expect.clone() };
    step.admits(outcome)
}

/// What must come of a case: ``refused with 23505 (unique violation) by `users_email_key` ``.
pub(super) fn expected(expect: &Expect) -> String {
    match expect {
        Expect::Accepted => "accepted".to_owned(),
        Expect::Rejected { sqlstates, constraint } => {
            // So many are named where it does not matter which it is.
            if sqlstates.len() > MEANT {
                return "refused".to_owned();
            }
            let states: Vec<String> = sqlstates.iter().map(|state| named(state)).collect();
            let by = constraint.as_ref().map(|name| format!(" by `{name}`")).unwrap_or_default();
            format!("refused with {}{by}", states.join(" or "))
        }
        Expect::Yields(value) => format!("the query gives {}", value_in_words(value.as_deref())),
        Expect::Steps(steps) => steps.iter().map(expected).collect::<Vec<_>>().join(", then "),
    }
}

/// What came of a case, in the same words.
pub(super) fn seen(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Accepted => "accepted".to_owned(),
        Outcome::Rejected(rejection) => refused("refused with", rejection),
        Outcome::Yielded(value) => format!("the query gives {}", value_in_words(value.as_deref())),
        Outcome::Steps(steps) => steps.iter().map(seen).collect::<Vec<_>>().join(", then "),
        Outcome::Unreachable(rejection) => {
            refused("the rows it starts from cannot be made:", rejection)
        }
    }
}

fn refused(how: &str, rejection: &Rejection) -> String {
    let by = match rejection.constraint.as_str() {
        "" => String::new(),
        name => format!(" by `{name}`"),
    };
    // Most messages only say the same again.
    let told = !by.is_empty() && rejection.message.contains(&rejection.constraint);
    let said = match rejection.message.as_str() {
        message if message.is_empty() || told => String::new(),
        message => format!(": {message}"),
    };
    format!("{how} {}{by}{said}", named(&rejection.sqlstate))
}

fn value_in_words(value: Option<&str>) -> String {
    value.map_or_else(|| "NULL".to_owned(), |value| format!("`{value}`"))
}

/// A SQLSTATE with the name of its condition, if it is one that schemas raise.
fn named(sqlstate: &str) -> String {
    let name = match sqlstate {
        "22001" => "string too long",
        "22003" => "number out of range",
        "22P02" => "invalid text for the type",
        "23001" => "restrict violation",
        "23502" => "not null violation",
        "23503" => "foreign key violation",
        "23505" => "unique violation",
        "23514" => "check violation",
        "23P01" => "exclusion violation",
        "27000" => "triggered data change violation",
        "428C9" => "value for a generated column",
        "42501" => "insufficient privilege",
        "44000" => "check option violation",
        "57014" => "ran too long",
        "P0001" => "raised exception",
        _ => return sqlstate.to_owned(),
    };
    format!("{sqlstate} ({name})")
}
