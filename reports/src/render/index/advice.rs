//! What to do, why, and as SQL.

use super::plans;
use super::words::{clock, interval, part, signed_bytes};
use crate::figures::{grouped, number, percent};
use crate::index::{Advice, Change, Indexes, Timed, Turn};
use crate::render::clean;
use crate::render::load::words::paragraph;
use crate::stats::Interval;
use crate::table::{Cell, Table};

pub(super) fn render(advice: &Advice, indexes: &Indexes) -> String {
    let mut out = "\nadvice\n".to_owned();
    for (number, step) in advice.steps.iter().enumerate() {
        let told = format!(
            "{}. {}, which saves {} of the work{}",
            number + 1,
            step.name,
            percent(step.saves, 1.0),
            if number == 0 { "" } else { " that is left" },
        );
        out.push_str(&paragraph(&told, "  "));
        out.push_str(&paragraph(&step.because, "     "));
    }
    out.push('\n');
    out.push_str(&together(advice, indexes));
    out.push_str(&paragraph(&worth(advice, indexes), "  "));
    out.push_str(&plans::render(&indexes.base, &advice.operations));
    out.push_str("\nup:\n");
    out.push_str(&script(&advice.up));
    out.push_str("down:\n");
    out.push_str(&script(&advice.down));
    out
}

/// What all steps come to together: work by the counts, and time by the clock.
fn together(advice: &Advice, indexes: &Indexes) -> String {
    let (effect, timed) = (&advice.effect, &advice.timed);
    let mut table = Table::default();
    let time = timed.as_ref().map(|timed| {
        format!("time beside as it is, {} rounds; below 1 is faster", grouped(timed.all.of))
    });
    table.push(vec![
        Cell::left("together, an average operation"),
        Cell::right("before"),
        Cell::right("after"),
        Cell::right("change"),
        Cell::over(time.unwrap_or_default()),
    ]);
    let mut row = |name: &str, change: &Change, time: Option<&Interval>| {
        let (ratio, word) = time.map(|time| (interval(time), clock(time))).unwrap_or_default();
        table.push(vec![
            Cell::left(format!("  {name}")),
            Cell::right(number(change.before)),
            Cell::right(number(change.after)),
            Cell::right(part(change)),
            Cell::left(ratio),
            Cell::left(word),
        ]);
    };
    if indexes.base.iter().any(|one| !one.writes) {
        row("reads, pages of work", &effect.reads, of(timed, |timed| timed.reads.as_ref()));
    }
    if indexes.base.iter().any(|one| one.writes) {
        row("writes, pages of work", &effect.writes, of(timed, |timed| timed.writes.as_ref()));
    }
    row("all, pages of work", &effect.mix, of(timed, |timed| Some(&timed.all)));
    table.push(vec![
        Cell::left("  bytes of all indexes"),
        Cell::left(""),
        Cell::left(""),
        Cell::right(signed_bytes(effect.bytes)),
    ]);
    table.render()
}

/// A part of the times, if they were measured.
fn of<'a>(
    timed: &'a Option<Timed>,
    part: impl Fn(&'a Timed) -> Option<&'a Interval>,
) -> Option<&'a Interval> {
    timed.as_ref().and_then(part)
}

/// For which mixes it is worth it, and whether the clock agrees.
fn worth(advice: &Advice, indexes: &Indexes) -> String {
    let now = percent(indexes.write_share, 1.0);
    let writes = |share: f64| percent(share, 1.0);
    let all_write = indexes.base.iter().all(|one| one.writes);
    let none_writes = indexes.base.iter().all(|one| !one.writes);
    let mut told = match advice.effect.turn {
        _ if none_writes => {
            "nothing in this workload writes: what writes would pay is not known".to_owned()
        }
        _ if all_write => {
            "nothing in this workload reads: what reads would gain is not known".to_owned()
        }
        Turn::Always => format!("worth it at any share of writes; {now} of all operations write"),
        Turn::Never => format!("worth it at no share of writes; {now} of all operations write"),
        Turn::Same => "it makes no difference to the work".to_owned(),
        Turn::Below { share } => format!(
            "worth it while less than {} of all operations write; {now} do now",
            writes(share)
        ),
        Turn::Above { share } => format!(
            "worth it while more than {} of all operations write; {now} do now",
            writes(share)
        ),
    };
    let seen = advice.timed.as_ref().map(|timed| match clock(&timed.all) {
        "faster" => "the clock sees it too",
        "slower" => "but by the clock it is slower",
        _ => "the clock sees no difference",
    });
    if let Some(seen) = seen {
        told.push_str("; ");
        told.push_str(seen);
    }
    told
}

/// Statements below each other, each of whose lines is set in, so that none passes for one of ours.
pub(in crate::render) fn script(statements: &[String]) -> String {
    let lines = |sql: &String| format!("  {};\n", clean::text(sql).replace('\n', "\n  "));
    statements.iter().map(lines).collect()
}
