//! What failed as a script for psql, for people to paste.

use super::case::{Case, Expect, Outcome};
use super::check::Counterexample;
use super::promise::Duel;
use super::words::{Words, admits, expected, seen, words};

/// A script that shows on the same schema what did not come out as it must. That of a case leaves
/// nothing behind; that of a duel takes two sessions and a database that nobody needs.
///
/// It begins with what is promised (`says`), what was expected and what was seen.
pub fn psql(says: &str, counterexample: &Counterexample) -> String {
    let Words { tried, expected, seen } = words(counterexample);
    let mut out = comment(says);
    out.push_str(&comment(&format!("Tried: {tried}")));
    out.push_str(&comment(&format!("Expected{expected}")));
    out.push_str(&comment(&format!("Seen: {seen}")));
    out.push_str(&match counterexample {
        Counterexample::Case { setup, case, outcome } => of_case(setup, case, outcome),
        Counterexample::Duel { duel, .. } => of_duel(duel),
    });
    out
}

/// What to type into two sessions, in order. It is not one to be run as a file: a statement of
/// one session may wait for the other.
fn of_duel(duel: &Duel) -> String {
    let mut out = comment(
        "Open psql twice on a database with this schema that nobody needs: both sessions commit.\n\
         Paste each part where it says; where the second session waits, go on with the first.",
    );
    let mut part = |place: &str, begin: &str, statements: &[String], end: &str| {
        out.push_str(&format!("\n-- {place}\n{begin}"));
        out.extend(statements.iter().map(|sql| terminated(sql)));
        out.push_str(end);
    };
    const FIRST: &str = "In the first session:";
    const SECOND: &str = "In the second session:";
    if !duel.setup.is_empty() {
        part(FIRST, "BEGIN;\n", &duel.setup, "COMMIT;\n");
    }
    part(FIRST, "BEGIN;\n", &duel.first, "");
    if !duel.second.is_empty() {
        part(SECOND, "BEGIN;\n", &duel.second, "");
    }
    part(FIRST, "", &[], "COMMIT;\n");
    if !duel.second.is_empty() {
        part(SECOND, "", &[], "COMMIT;\n");
    }
    let asks = format!("In the first session; this must give {}:", duel.gives);
    part(&asks, "", std::slice::from_ref(&duel.then), "");
    out
}

/// The case in a transaction that is rolled back, unless it consists of transactions itself.
fn of_case(setup: &[String], case: &Case, outcome: &Outcome) -> String {
    let mut out = String::new();
    let steps = match (&case.expect, outcome) {
        (Expect::Steps(expects), Outcome::Steps(outcomes)) => Some((expects, outcomes)),
        _ => None,
    };
    // psql shows the SQLSTATE of an error only when asked to.
    out.push_str("\\set VERBOSITY verbose\n");
    if steps.is_some() {
        out.push_str("\\set ON_ERROR_ROLLBACK on\n");
    }
    match case.commits() {
        true => out.push_str(&comment("It commits: run it on a copy whose tables are empty.")),
        false => out.push_str("BEGIN;\n"),
    }
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
    if !case.commits() {
        if checked_at_end(outcome, case.ops.len()) {
            out.extend(step(case.ops.len()));
            out.push_str("SET CONSTRAINTS ALL IMMEDIATE;\n");
        }
        out.push_str("ROLLBACK;\n");
    }
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
    let sql = wrapped(sql.trim_end());
    let last = sql.lines().next_back().unwrap_or_default();
    let apart = if last.contains("--") { "\n" } else { "" };
    format!("{sql}{apart};\n")
}

/// How many bytes a line of a long statement has at most, if it can be broken.
const WIDTH: usize = 100;

/// A long statement on several lines, broken at blanks that are outside of quotes.
fn wrapped(sql: &str) -> String {
    // Where quotes may begin or end otherwise than by themselves, it stays as it is.
    let unclear = ["$", "--", "/*", "\\'", "\n"].iter().any(|mark| sql.contains(mark));
    if sql.len() <= WIDTH || unclear {
        return sql.to_owned();
    }
    let mut quote = None;
    let words = sql.split(|c: char| {
        match quote {
            None if c == '\'' || c == '"' => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ => {}
        }
        c == ' ' && quote.is_none()
    });
    let mut lines = vec![String::new()];
    for word in words {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.len() + word.len() < WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("    {word}")),
        }
    }
    lines.join("\n")
}
