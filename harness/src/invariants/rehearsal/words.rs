//! What is said of migrations that rows stand in the way of.

use crate::migrate::Failure;

pub(super) const UP_FAILS: &str =
    "the migration fails where the tables have rows, though it succeeds where they have none";

pub(super) const DOWN_FAILS: &str = "the migration cannot be taken back where the tables have rows, though it can where they have \
     none";

pub(super) const OTHER_VALUES: &str =
    "once the migration is taken back, rows do not hold what they held before it";

pub(super) const LET_DOWN_PASS: &str = "let the down script see to the rows that it cannot keep, or declare the migration: \
     -- shakedown: irreversible <reason>";

pub(super) const GIVE_BACK: &str = "let the up script keep the old values where the down script finds them, or declare the \
     migration: -- shakedown: irreversible <reason>";

/// What to do about an up script that the server refused.
pub(super) fn way_out(failure: &Failure) -> &'static str {
    match failure.sqlstate.as_str() {
        "23502" => {
            "give the column a default, or add it without NOT NULL, fill it with UPDATE and only \
             then SET NOT NULL"
        }
        "23505" => {
            "merge or remove the rows that agree in the same migration, before the constraint or \
             the index is made"
        }
        "23503" | "23514" => {
            "mend the rows before it, or ADD CONSTRAINT ... NOT VALID, which binds new rows only, \
             then mend the old ones and VALIDATE CONSTRAINT"
        }
        "22001" | "22003" | "22P02" | "42804" => {
            "say with USING what becomes of values that do not fit the new type, or mend them before"
        }
        _ => "mend the rows that are in its way before, in the same migration or in an earlier one",
    }
}
