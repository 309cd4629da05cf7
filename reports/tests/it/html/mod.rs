//! The page for people, as text: what is on it, and that nothing breaks out of it. What it is in a
//! browser is in `chromium`.

mod large;
mod page;
mod words;

pub(crate) use words::hostile;

use shakedown_reports::Report;
use shakedown_reports::model::{Chain, Outcome, Part, Verdict};
use shakedown_reports::render::{Colour, by_name};

use crate::gate::gated;
use crate::support::{column_order, migration, promises, strength, trace};
use crate::{index, load};

pub(crate) fn html(report: &Report) -> String {
    (by_name("html").unwrap().render)(report, Colour::Yes)
}

/// One run of everything, with something in each section.
pub(crate) fn whole() -> Report {
    let irreversible = Verdict::Irreversible { reason: "the old numbers are gone".to_owned() };
    let untested = Verdict::Untested { reason: "a role is shared".to_owned() };
    let part = |name: &str, outcome, left_out: &[&str]| Part {
        name: name.to_owned(),
        outcome,
        duration_ms: 12_345.6,
        reason: None,
        late: false,
        left_out: left_out.iter().map(|&one| one.to_owned()).collect(),
    };
    let mut found = vec![trace(), column_order()];
    found.extend(promises().findings);
    Report {
        outcome: Outcome::Found,
        migrations: vec![
            migration("0001_create_users", Verdict::Reversible),
            migration("0002_drop_email", Verdict::Flawed),
            migration("0003_add_mood", Verdict::Flawed),
            migration("0004_forget", irreversible),
            migration("0005_role", untested),
            migration("0006_later", Verdict::ForwardOnly),
            migration("0007_last", Verdict::NotReached),
        ],
        chain: Chain::Broken { steps: 7, told_by_steps: true },
        findings: found,
        invariants: promises().invariants,
        strength: strength().strength,
        load: swept().load,
        indexes: index::everything().indexes,
        parts: vec![
            part("verify", Some(Outcome::Found), &[]),
            part(
                "pool",
                Some(Outcome::Held),
                &["sizes above 32, for which the time was too short"],
            ),
            Part { reason: Some("there is no base".to_owned()), ..part("gate", None, &[]) },
        ],
        ..gated()
    }
}

/// Sizes of a pool, one of which is recommended.
pub(crate) fn swept() -> Report {
    let cells = vec![
        load::pooled(1, 900, 60.0, 1.0),
        load::pooled(2, 1_700, 34.0, 1.1),
        load::pooled(4, 2_900, 18.0, 1.3),
        load::pooled(8, 4_100, 9.0, 1.9),
        load::pooled(16, 4_150, 0.5, 3.8),
    ];
    let mut report = load::report(cells);
    let load = report.load.as_mut().unwrap();
    load.advice = Some(shakedown_reports::load::advise(&load.cells, &Default::default()));
    report
}
