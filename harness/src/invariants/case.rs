//! Cases: what is done to a schema, and what must come of it.

use serde::{Deserialize, Serialize};

/// Cases that start from the same rows. Everything a group does is rolled back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Statements that make the rows that all its cases need. They must succeed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub setup: Vec<String>,
    pub cases: Vec<Case>,
}

/// Statements to run in order, and what must come of them.
///
/// A statement is one SQL statement without its semicolon, with every value written out, so
/// that it runs in psql as it stands. Only one that begins with `SELECT ` may ask for a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// What is tried, as a phrase: `a second row with the same email`.
    pub about: String,
    pub ops: Vec<String>,
    pub expect: Expect,
}

/// What must come of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expect {
    /// Every statement succeeds, as do the constraints that are checked at the end.
    Accepted,
    /// The last statement, or what is checked at the end, fails with one of these SQLSTATEs.
    Rejected {
        sqlstates: Vec<String>,
        /// The constraint or index that must have refused it, where only one can.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        constraint: Option<String>,
    },
    /// The last statement is a query that gives this value, as text.
    Yields(Option<String>),
    /// Each statement has this outcome of its own; a failed one is undone, and the next one runs.
    /// The last entry is what the check at the end comes to.
    Steps(Vec<Expect>),
}

/// What came of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Accepted,
    Rejected(Rejection),
    Yielded(Option<String>),
    Steps(Vec<Outcome>),
    /// The rows that the case starts from could not be made.
    Unreachable(Rejection),
}

/// The server's refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// The statement that was refused, counted from zero; their number if it was the check at
    /// the end.
    pub op: usize,
    pub sqlstate: String,
    /// The constraint or index that refused it; empty if none did.
    pub constraint: String,
    pub message: String,
}

impl Case {
    pub fn accepted(about: impl Into<String>, ops: Vec<String>) -> Self {
        Self { about: about.into(), ops, expect: Expect::Accepted }
    }

    /// The last of `ops` must fail with one of `sqlstates`.
    pub fn rejected(about: impl Into<String>, ops: Vec<String>, sqlstates: &[&str]) -> Self {
        let sqlstates = sqlstates.iter().map(|state| (*state).to_owned()).collect();
        Self { about: about.into(), ops, expect: Expect::Rejected { sqlstates, constraint: None } }
    }

    /// The last of `ops` is a query that must give `value`.
    pub fn yields(about: impl Into<String>, ops: Vec<String>, value: &str) -> Self {
        Self { about: about.into(), ops, expect: Expect::Yields(Some(value.to_owned())) }
    }

    /// Says which constraint or index must refuse it.
    #[must_use]
    pub fn by(mut self, name: &str) -> Self {
        if let Expect::Rejected { constraint, .. } = &mut self.expect {
            *constraint = Some(name.to_owned());
        }
        self
    }

    /// Whether its statements are whole transactions that commit, so that it has to run on a
    /// clone, outside of any other transaction.
    pub fn commits(&self) -> bool {
        self.ops.iter().any(|op| op == "COMMIT")
    }

    /// Whether `outcome` is what must come of this case.
    pub fn admits(&self, outcome: &Outcome) -> bool {
        admits(&self.expect, outcome, self.ops.len())
    }
}

fn admits(expect: &Expect, outcome: &Outcome, ops: usize) -> bool {
    match (expect, outcome) {
        (Expect::Accepted, Outcome::Accepted | Outcome::Yielded(_)) => true,
        (Expect::Rejected { sqlstates, constraint }, Outcome::Rejected(rejection)) => {
            rejection.op + 1 >= ops
                && sqlstates.contains(&rejection.sqlstate)
                && constraint.as_ref().is_none_or(|name| *name == rejection.constraint)
        }
        (Expect::Yields(expected), Outcome::Yielded(value)) => expected == value,
        (Expect::Steps(expected), Outcome::Steps(outcomes)) => {
            expected.len() == outcomes.len()
                && expected.iter().zip(outcomes).all(|(expect, outcome)| admits(expect, outcome, 0))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejection(op: usize, sqlstate: &str) -> Outcome {
        Outcome::Rejected(Rejection {
            op,
            sqlstate: sqlstate.to_owned(),
            constraint: "t_key".to_owned(),
            message: String::new(),
        })
    }

    #[test]
    fn only_the_last_statement_may_be_what_is_refused() {
        let two = vec!["INSERT".to_owned(), "INSERT".to_owned()];
        let case = Case::rejected("twice", two, &["23505"]);
        assert!(case.admits(&rejection(1, "23505")));
        assert!(case.admits(&rejection(2, "23505")), "also by what is checked at the end");
        assert!(!case.admits(&rejection(0, "23505")));
        assert!(!case.admits(&rejection(1, "23503")));
        assert!(!case.admits(&Outcome::Accepted));
        assert!(case.clone().by("t_key").admits(&rejection(1, "23505")));
        assert!(!case.by("another_key").admits(&rejection(1, "23505")));
    }

    #[test]
    fn steps_are_compared_one_by_one() {
        let expect = Expect::Steps(vec![Expect::Accepted, Expect::Accepted]);
        let case = Case { about: String::new(), ops: vec!["X".to_owned()], expect };
        assert!(case.admits(&Outcome::Steps(vec![Outcome::Accepted, Outcome::Accepted])));
        assert!(!case.admits(&Outcome::Steps(vec![Outcome::Accepted])));
        assert!(!case.admits(&Outcome::Steps(vec![Outcome::Accepted, rejection(0, "23503")])));
    }
}
