//! A case as a script for psql, for people to paste.

use super::case::{Expect, Outcome};
use super::check::Counterexample;
use super::words::{admits, difference, expected, seen};

/// A script that shows on the same schema what came of a case, and leaves nothing behind.
///
/// It begins with what is promised (`says`), what must come of the case and what was seen.
pub fn psql(says: &str, counterexample: &Counterexample) -> String {
    let Counterexample { case, setup, outcome } = counterexample;
    let mut out = comment(says);
    out.push_str(&comment(&format!("Tried: {}", case.about)));
    let difference = difference(case, outcome);
    let at = match difference.step {
        Some(step) if step > case.ops.len() => " at the end".to_owned(),
        Some(step) => format!(" of statement {step}"),
        None => String::new(),
    };
    out.push_str(&comment(&format!("Expected{at}: {}", difference.expected)));
    out.push_str(&comment(&format!("Seen: {}", difference.seen)));

    let steps = match (&case.expect, outcome) {
        (Expect::Steps(expects), Outcome::Steps(outcomes)) => Some((expects, outcomes)),
        _ => None,
    };
    // psql shows the SQLSTATE of an error only when asked to.
    out.push_str("\\set VERBOSITY verbose\n");
    if steps.is_some() {
        out.push_str("\\set ON_ERROR_ROLLBACK on\n");
    }
    out.push_str("BEGIN;\n");
    if !setup.is_empty() {
        out.push_str("-- The rows it starts from.\n");
        out.extend(setup.iter().map(|sql| terminated(sql)));
        out.push_str("-- What is tried.\n");
    }
    let step = |index: usize| -> Option<String> {
        let (expect, outcome) = steps.and_then(|(e, o)| e.get(index).zip(o.get(index)))?;
        Some(match admits(expect, outcome) {
            true => comment(&format!("{}. {}", index + 1, expected(expect))),
            false => comment(&format!(
                "{}. expected: {}; seen: {}",
                index + 1,
                expected(expect),
                seen(outcome)
            )),
        })
    };
    for (index, op) in case.ops.iter().enumerate() {
        out.extend(step(index));
        out.push_str(&terminated(op));
    }
    if checked_at_end(outcome, case.ops.len()) {
        out.extend(step(case.ops.len()));
        out.push_str("SET CONSTRAINTS ALL IMMEDIATE;\n");
    }
    out.push_str("ROLLBACK;\n");
    if steps.is_some() {
        out.push_str("\\set ON_ERROR_ROLLBACK off\n");
    }
    out.push_str("\\set VERBOSITY default\n");
    out
}

/// Whether the check at the end is a part of what was seen. After a refused statement it would
/// only be refused too, since the transaction is over.
fn checked_at_end(outcome: &Outcome, ops: usize) -> bool {
    match outcome {
        Outcome::Accepted | Outcome::Steps(_) => true,
        Outcome::Rejected(rejection) => rejection.op >= ops,
        Outcome::Yielded(_) | Outcome::Unreachable(_) => false,
    }
}

/// The text as comment lines, whatever it holds.
fn comment(text: &str) -> String {
    text.lines().map(|line| format!("-- {line}\n")).collect()
}

/// A statement with its semicolon, which must not become a part of a comment at its end.
fn terminated(sql: &str) -> String {
    let sql = sql.trim_end();
    let last = sql.lines().next_back().unwrap_or_default();
    let apart = if last.contains("--") { "\n" } else { "" };
    format!("{sql}{apart};\n")
}
