//! What index strategies give and cost, and what to do.

use serde::Serialize;

use super::view::{Badge, Cell, Copyable, Fact, Figure, Picture, Row, Table, Told, Tone, more};
use crate::figures::{bytes, grouped, milliseconds, number, percent};
use crate::index::{Advice, Counted, Indexes, Standing, Strategy};
use crate::model::Report;
use crate::render::index::words::{clock, interval, part, signed_bytes, turn};
use crate::render::svg::{self, Axis, Dot, Mark};

/// So many strategies, operations and things that were left out are shown.
const STRATEGIES: usize = 80;
const OPERATIONS: usize = 80;
const LEFT_OUT: usize = 60;
/// So many of them are in the picture, the best first.
const DOTS: usize = 40;

/// The index strategies of a report.
#[derive(Debug, Serialize)]
pub(super) struct View {
    facts: Vec<Fact>,
    advice: Option<Advised>,
    front: Option<Picture>,
    strategies: Table,
    base: Table,
    left_out: Vec<String>,
    left_out_more: String,
    notes: Vec<String>,
    incomplete: Option<String>,
}

/// What to do about indexes.
#[derive(Debug, Serialize)]
struct Advised {
    steps: Vec<String>,
    facts: Vec<Fact>,
    up: Copyable,
    down: Copyable,
    plans: Vec<Changed>,
}

/// An operation whose plan becomes another.
#[derive(Debug, Serialize)]
struct Changed {
    name: String,
    before: String,
    after: String,
}

pub(super) fn view(report: &Report) -> Option<View> {
    let indexes = report.indexes.as_ref()?;
    let measured: Vec<&Strategy> =
        indexes.strategies.iter().filter(|one| one.effect.is_some()).take(STRATEGIES).collect();
    let facts = vec![
        Fact::new("Scenario", format!("{}, {}", indexes.scenario.name, indexes.scenario.origin)),
        Fact::new("Writes", format!("{} of all operations", percent(indexes.write_share, 1.0))),
        Fact::new("Seed", indexes.seed.to_string()),
        Fact::new(
            "Work",
            "pages looked at, a hundredth for each row read, and the write-ahead log in pages",
        ),
    ];
    let left_out = left_out(indexes);
    Some(View {
        facts,
        advice: indexes.advice.as_ref().map(|advice| advised(advice, indexes)),
        front: front(&measured, indexes),
        strategies: strategies(&measured, indexes),
        base: base(&indexes.base),
        left_out_more: more(left_out.len(), LEFT_OUT),
        left_out: left_out.into_iter().take(LEFT_OUT).collect(),
        notes: indexes.notes.iter().take(LEFT_OUT).cloned().collect(),
        incomplete: indexes.incomplete.clone(),
    })
}

fn advised(advice: &Advice, indexes: &Indexes) -> Advised {
    let steps = advice.steps.iter().map(|step| {
        format!("{} saves {} of the work: {}", step.name, percent(step.saves, 1.0), step.because)
    });
    let script = |label: &str, statements: &[String]| {
        let text: String = statements.iter().map(|sql| format!("{sql};\n")).collect();
        Copyable::new(label, &text)
    };
    let effect = &advice.effect;
    let change = |change: &crate::index::Change| {
        format!("{} to {} pages, {}", number(change.before), number(change.after), part(change))
    };
    let mut facts = vec![
        Fact::new("Reads", change(&effect.reads)),
        Fact::new("Writes", change(&effect.writes)),
        Fact::new("All", change(&effect.mix)),
        Fact::new("Bytes of indexes", signed_bytes(effect.bytes)),
        Fact::new("Worth it", turn(effect.turn)),
    ];
    facts.extend(advice.timed.as_ref().map(|timed| {
        let told = format!("{} of the time as it is, {}", interval(&timed.all), clock(&timed.all));
        Fact::new("By the clock", told)
    }));
    let pairs = indexes.base.iter().zip(&advice.operations);
    let plans = pairs.flat_map(|(before, after)| {
        before.plans.iter().zip(&after.plans).filter(|(one, other)| one.shape != other.shape).map(
            |(one, other)| Changed {
                name: before.name.clone(),
                before: one.tree.join("\n"),
                after: other.tree.join("\n"),
            },
        )
    });
    Advised {
        steps: steps.collect(),
        facts,
        up: script("statements that do it", &advice.up),
        down: script("statements that undo it", &advice.down),
        plans: plans.take(8).collect(),
    }
}

/// What reads gain against what writes lose; against bytes where nothing writes.
fn front(measured: &[&Strategy], indexes: &Indexes) -> Option<Picture> {
    let writes = indexes.base.iter().any(|one| one.writes);
    let mut table = Table::new(
        "What the picture shows",
        &["#no.", "strategy", "#reads", "#writes", "#bytes", "standing"],
    );
    let mut dots = Vec::new();
    for (number, one) in (1..).zip(measured.iter().take(DOTS)) {
        let Some(effect) = &one.effect else { continue };
        let gained = 100.0 * effect.reads.part();
        let lost =
            if writes { -100.0 * effect.writes.part() } else { effect.bytes as f64 / 1_000_000.0 };
        let mark = match one.standing {
            Standing::Advised => Mark::Advised,
            Standing::Front => Mark::Front,
            _ => Mark::Beaten,
        };
        dots.push(Dot { number, at: (gained, lost), mark });
        table.push(vec![
            Cell::figure(number.to_string()),
            Cell::code(&one.name),
            Cell::figure(part(&effect.reads)),
            Cell::figure(part(&effect.writes)),
            Cell::figure(signed_bytes(effect.bytes)),
            Cell::badge(badge(&one.standing)),
        ]);
    }
    let axis = |title: &str, of: fn(&Dot) -> f64| {
        let values = || dots.iter().map(of).filter(|value| value.is_finite());
        let (low, high) = (values().fold(0.0, f64::min), values().fold(0.0, f64::max));
        let pad = ((high - low) * 0.08).max(0.5);
        let marks = svg::ticks(low - pad, high + pad).into_iter().map(|at| {
            let digits = if (high - low) < 4.0 { 1 } else { 0 };
            (at, format!("{at:.digits$}"))
        });
        Axis { title: title.to_owned(), marks: marks.collect() }
    };
    let x = axis("work that reads are spared, in %", |dot| dot.at.0);
    let y = axis(
        if writes { "work that writes cost more, in %" } else { "bytes more, in MB" },
        |dot| dot.at.1,
    );
    let title = "What strategies give to reads and cost writes";
    let count = |mark| dots.iter().filter(|dot| dot.mark == mark).count();
    let text = format!(
        "{} strategies: {} advised, {} on the front, {} beaten; down and to the right is better",
        dots.len(),
        count(Mark::Advised),
        count(Mark::Front),
        count(Mark::Beaten)
    );
    let svg = svg::front("front", title, &text, &x, &y, &dots)?;
    Some(Picture { title: title.to_owned(), text, svg, table, natural: false })
}

fn badge(standing: &Standing) -> Badge {
    match standing {
        Standing::Advised => Badge::new(Tone::Good, "◆", "advised"),
        Standing::Front => Badge::new(Tone::Good, "●", "on the front"),
        Standing::Beaten { .. } => Badge::new(Tone::Quiet, "×", "beaten"),
        Standing::Ignored => Badge::quiet("ignored"),
        Standing::NotMeasured { .. } => Badge::unknown("not measured"),
        Standing::Failed { .. } => Badge::bad("failed"),
    }
}

fn strategies(measured: &[&Strategy], indexes: &Indexes) -> Table {
    let heads = [
        "#no.",
        "strategy",
        "standing",
        "#reads",
        "#writes",
        "#all",
        "#bytes",
        "#build",
        "worth it",
        "time beside as it is",
    ];
    let mut table =
        Table::new("What each strategy changes in the work of an average operation", &heads);
    for (number, one) in (1..).zip(measured) {
        let Some(effect) = &one.effect else { continue };
        let mut notes: Vec<String> = one.create.clone();
        notes.extend(one.because.iter().take(2).cloned());
        notes.extend(one.keep.as_ref().map(|why| format!("not advised: {why}")));
        if let Standing::Beaten { by } = &one.standing {
            notes.push(format!("beaten by {by}"));
        }
        if let Some(build) = one.build.as_ref().filter(|build| !build.locks.is_empty()) {
            notes.push(format!("takes {}", build.locks.join(", ")));
        }
        let badge = badge(&one.standing);
        let (tone, faint) =
            (Some(badge.tone), matches!(one.standing, Standing::Beaten { .. } | Standing::Ignored));
        let cells = vec![
            Cell::figure(number.to_string()),
            Cell { notes, ..Cell::code(&one.name) },
            Cell::badge(badge),
            Cell::figure(part(&effect.reads)),
            Cell::figure(part(&effect.writes)),
            Cell::figure(part(&effect.mix)),
            Cell::figure(signed_bytes(effect.bytes)),
            Cell::figure(
                one.build.as_ref().map(|build| milliseconds(build.ms)).unwrap_or_default(),
            ),
            Cell::text(turn(effect.turn)),
            Cell::text(one.timed.as_ref().map(|timed| interval(&timed.all)).unwrap_or_default()),
        ];
        table.rows.push(Row { cells, tone, faint, marked: one.standing == Standing::Advised });
    }
    let all = indexes.strategies.iter().filter(|one| one.effect.is_some()).count();
    table.more = more(all, measured.len());
    table.without_blanks()
}

fn base(base: &[Counted]) -> Table {
    let heads = [
        "operation",
        "#share",
        "",
        "#pages",
        "#rows read",
        "#returned",
        "#WAL",
        "#HOT",
        "#failed",
        "plan",
    ];
    let mut table = Table::new("Each operation in the schema as it is, on average", &heads);
    for one in base {
        let wal = one.each(|counters| counters.wal_bytes);
        let (hot, updates) = (one.counters.hot_updates as f64, one.counters.updates as f64);
        let plans: Vec<&str> = one.plans.iter().map(|plan| plan.shape.as_str()).collect();
        let failed = format!("{} of {}", grouped(one.failed), grouped(one.times));
        table.push(vec![
            Cell { notes: one.failure.iter().cloned().collect(), ..Cell::code(&one.name) },
            Cell::figure(percent(one.share, 1.0)),
            Cell::text(if one.writes { "writes" } else { "reads" }),
            Cell::figure(number(one.each(|counters| counters.buffers))),
            Cell::figure(number(one.each(|counters| counters.rows_read))),
            Cell::figure(number(one.each(|counters| counters.rows_returned))),
            Cell::figure(if wal > 0.0 { bytes(wal.round()) } else { String::new() }),
            Cell::figure(if updates > 0.0 { percent(hot, updates) } else { String::new() }),
            Cell::figure(if one.failed > 0 { failed } else { String::new() }),
            Cell::text(plans.join("; ")),
        ]);
    }
    table.capped(OPERATIONS).without_blanks()
}

/// What has no figures, and why.
fn left_out(indexes: &Indexes) -> Vec<String> {
    let of = |one: &Strategy| match &one.standing {
        Standing::Ignored => Some(format!("{}: the planner has no use for it", one.name)),
        Standing::Failed { message } => Some(format!("{} cannot be made: {message}", one.name)),
        Standing::NotMeasured { reason } => {
            Some(format!("{}: not measured, since {reason}", one.name))
        }
        _ => None,
    };
    indexes.strategies.iter().filter_map(of).chain(indexes.left_out.iter().cloned()).collect()
}

/// What it says on top of the page.
pub(super) fn told(report: &Report) -> Option<Told> {
    let indexes = report.indexes.as_ref()?;
    let failed = indexes.base.iter().filter(|one| one.failed > 0).count();
    let mut clause = match &indexes.advice {
        Some(advice) => format!(
            "{} change{} of indexes save{} {} of the work",
            grouped(advice.steps.len() as u64),
            if advice.steps.len() == 1 { "" } else { "s" },
            if advice.steps.len() == 1 { "s" } else { "" },
            percent(advice.effect.mix.part(), 1.0)
        ),
        None => "the indexes are best left as they are".to_owned(),
    };
    if failed > 0 {
        clause = format!("{failed} of {} operations fail; {clause}", indexes.base.len());
    }
    if let Some(why) = &indexes.incomplete {
        clause.push_str(&format!(", and the trial ended early: {why}"));
    }
    let figures = indexes.advice.iter().map(|advice| {
        Figure::new(
            Tone::Quiet,
            percent(advice.effect.mix.part(), 1.0),
            "of the work saved by indexes",
        )
    });
    Some(Told {
        clause,
        bad: indexes.outcome() != crate::model::Outcome::Held,
        figures: figures.collect(),
    })
}
