//! Every invariant has a page with a schema on which it holds and one on which it fails.

use std::fs;

use shakedown::invariants::catalogue::{INVARIANTS, Invariant};
use shakedown::invariants::check::{Checked, Db, Known, Options, check};
use shakedown::prepare;
use shakedown::source::{self, Project};
use sqlx::AssertSqlSafe;
use tempfile::TempDir;

use crate::support::{block_on, scratch, server};

/// The SQL of a part of the page.
fn example<'a>(invariant: &'a Invariant, part: &str) -> &'a str {
    let heading = format!("\n## {part}\n");
    let text = invariant.page.split_once(&heading);
    let (_, text) = text.unwrap_or_else(|| panic!("{} has no part `{part}`", invariant.id));
    let text = text.split("\n## ").next().unwrap_or_default();
    let (_, text) = text.split_once("```sql\n").expect("SQL");
    text.split_once("```").expect("the end of the SQL").0
}

/// The migrations of an example, if it has scripts: each begins with the name of its file.
fn scripts(sql: &str) -> Option<(TempDir, Project)> {
    let folder = tempfile::tempdir().unwrap();
    for script in format!("\n{sql}").split("\n-- ").skip(1) {
        let (name, text) = script.split_once('\n')?;
        if name.ends_with(".sql") {
            fs::write(folder.path().join(name), text).unwrap();
        }
    }
    let project = source::load(folder.path(), None).ok()?;
    Some((folder, project))
}

async fn tried(invariant: &Invariant, part: &str) -> Checked {
    let database = scratch().await;
    let sql = example(invariant, part);
    let scripts = scripts(sql);
    if let Some((_, project)) = &scripts {
        prepare::apply(project, server(), &database.name).await.unwrap();
    } else {
        let mut conn = database.conn().await;
        let sql = AssertSqlSafe(sql.to_owned());
        sqlx::raw_sql(sql).execute(&mut conn).await.unwrap_or_else(|error| {
            panic!("{} {part}: {error}", invariant.id);
        });
    }
    let only = vec![invariant.id.to_owned()];
    let project = scripts.map(|(_, project)| project);
    let options = Options { only, project, ..Options::default() };
    check(&Db { server: server(), name: &database.name }, &options).await.unwrap()
}

fn told(checked: &Checked) -> String {
    let verdicts = checked.verdicts.iter();
    let lines =
        verdicts.map(|v| format!("  {}: {}: {:?}\n", v.promise.id(), v.promise.says, v.known));
    lines.collect()
}

/// Those whose ids begin with what `INVARIANT` says, while one is being written.
fn chosen() -> impl Iterator<Item = &'static Invariant> {
    let wanted = std::env::var("INVARIANT").unwrap_or_default();
    INVARIANTS.iter().filter(move |invariant| invariant.id.starts_with(&wanted))
}

#[test]
fn every_invariant_holds_on_the_schema_of_its_page() {
    block_on(async {
        let mut wrong = String::new();
        for invariant in chosen() {
            let checked = tried(invariant, "Holds").await;
            let holds = |known: &Known| matches!(known, Known::Holds { cases } if *cases > 0);
            let all = checked.verdicts.iter().all(|verdict| holds(&verdict.known));
            if checked.verdicts.is_empty() || !all {
                wrong.push_str(&format!("{}:\n{}", invariant.id, told(&checked)));
            }
        }
        assert_eq!(wrong, "");
    });
}

#[test]
fn every_invariant_fails_on_the_other_schema_of_its_page() {
    block_on(async {
        let mut wrong = String::new();
        for invariant in chosen() {
            let checked = tried(invariant, "Fails").await;
            let fails = |known: &Known| matches!(known, Known::Broken(_) | Known::Risk(_));
            let untested = |known: &Known| matches!(known, Known::Untested { .. });
            if !checked.verdicts.iter().any(|verdict| fails(&verdict.known))
                || checked.verdicts.iter().any(|verdict| untested(&verdict.known))
            {
                wrong.push_str(&format!("{}:\n{}", invariant.id, told(&checked)));
            }
        }
        assert_eq!(wrong, "");
    });
}

#[test]
fn every_page_says_what_is_promised_how_it_is_tried_and_what_goes_wrong() {
    for invariant in INVARIANTS {
        let page = invariant.page;
        assert!(page.starts_with(&format!("# {}\n\n", invariant.id)), "{}", invariant.id);
        assert!(invariant.summary().ends_with('.'), "{}", invariant.id);
        for part in ["How it is tried", "What commonly goes wrong", "Holds", "Fails"] {
            assert!(page.contains(&format!("\n## {part}\n")), "{} lacks `{part}`", invariant.id);
        }
    }
}
