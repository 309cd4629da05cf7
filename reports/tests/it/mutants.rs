//! What people get to see of how much the derived tests notice.

use insta::assert_snapshot;
use shakedown_reports::Report;
use shakedown_reports::model::Fate;
use shakedown_reports::render::{self, Colour};

use crate::render::{assert_harmless, without_codes};
use crate::support::strength;

#[test]
fn a_line_per_kind_of_change_then_what_was_not_noticed_then_the_share() {
    assert_snapshot!(text(&strength()), @r"
    migrations: format sqlx (`0001_create_users.up.sql` has a down beside it)
    PostgreSQL 16.14, container, fast profile

      operator    killed  of  equivalent  duplicate  impaired  stillborn
      NNCR             1   1           2
      PKCColumnR       1   1
      type             0   1                      1                    1
      enum-label       0   0                                1

    survived (1):
      type: makes users.age a bigint

    equivalent, since a primary key is never NULL (2):
      NNCR: drops NOT NULL of users.id
      NNCR: drops NOT NULL of orders.id

    killed 2 of 3 mutants (66.7 %); published operators 2 of 2
    ");
}

#[test]
fn only_what_can_be_noticed_counts() {
    let mut report = strength();
    let mutants = &mut report.strength.as_mut().unwrap().mutants;
    mutants.retain(|mutant| !matches!(mutant.fate, Fate::Killed { .. } | Fate::Survived));
    assert_eq!(last(&report), "killed 0 of 0 mutants; published operators 0 of 0");
}

#[test]
fn colours_change_nothing_but_the_colour() {
    let coloured = render::text(&strength(), Colour::Yes);
    assert!(coloured.contains("\u{1b}["), "{coloured}");
    assert_eq!(without_codes(&coloured), text(&strength()));
}

#[test]
fn nothing_from_the_schema_steers_the_terminal() {
    let mut report = strength();
    for mutant in &mut report.strength.as_mut().unwrap().mutants {
        mutant.says = "\u{1b}[2J\nkilled 9 of 9 mutants\u{202e}".to_owned();
        mutant.operator = mutant.says.clone();
        if let Fate::Equivalent { rule } = &mut mutant.fate {
            *rule = mutant.says.clone();
        }
    }
    assert_harmless(&text(&report));
    assert_eq!(text(&report).lines().filter(|line| line.starts_with("killed")).count(), 1);
}

fn text(report: &Report) -> String {
    render::text(report, Colour::No)
}

fn last(report: &Report) -> String {
    text(report).lines().last().unwrap().to_owned()
}
