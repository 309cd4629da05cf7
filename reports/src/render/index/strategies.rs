//! What each strategy gives and costs, side by side.

use super::details;
use super::words::{interval, part, signed_bytes, turn};
use crate::figures::{grouped, milliseconds, number, percent};
use crate::index::{Effect, Indexes, Standing, Strategy};
use crate::render::load::words::paragraph;
use crate::table::{Cell, Table};

/// So many that are beaten are listed; of the others only the number is told.
const BEATEN: usize = 12;

/// The columns that have something in them.
struct Columns {
    reads: bool,
    writes: bool,
    timed: bool,
}

pub(super) fn render(indexes: &Indexes) -> String {
    let has_figures = |one: &&Strategy| one.effect.is_some() && one.standing != Standing::Ignored;
    let is_beaten = |one: &&Strategy| matches!(one.standing, Standing::Beaten { .. });
    let (beaten, front): (Vec<&Strategy>, Vec<&Strategy>) =
        indexes.strategies.iter().filter(has_figures).partition(is_beaten);
    let hidden = beaten.len().saturating_sub(BEATEN) as u64;
    let shown: Vec<&Strategy> = front.into_iter().chain(beaten.into_iter().take(BEATEN)).collect();
    let Some(effect) = shown.iter().find_map(|one| one.effect) else {
        return "no strategy was measured\n".to_owned();
    };
    let columns = Columns {
        reads: indexes.base.iter().any(|one| !one.writes),
        writes: indexes.base.iter().any(|one| one.writes),
        timed: shown.iter().any(|one| one.timed.is_some()),
    };
    let mut table = Table::default();
    table.push(columns.heads());
    table.push(columns.as_is(&effect));
    for strategy in &shown {
        table.push(columns.row(strategy));
    }
    let mut out = "what each strategy changes in the work of an average operation\n".to_owned();
    out.push_str(&table.render());
    if hidden > 0 {
        let told = format!("and {} more that are beaten; --out json= has them", grouped(hidden));
        out.push_str(&paragraph(&told, "    "));
    }
    out.push_str(&columns.legend(indexes));
    out.push('\n');
    for strategy in shown {
        out.push_str(&details::render(strategy, &indexes.base));
    }
    out
}

impl Columns {
    /// One row of cells, of which those fall out that no strategy has.
    fn cells(&self, [name, reads, writes, all, bytes, build, turn, time]: [Cell; 8]) -> Vec<Cell> {
        let mut cells = vec![name];
        cells.extend(self.reads.then_some(reads));
        cells.extend(self.writes.then_some(writes));
        // Of operations of one kind there is no share of the other at which anything turns.
        cells.extend([all, bytes, build]);
        cells.extend((self.reads && self.writes).then_some(turn));
        cells.extend(self.timed.then_some(time));
        cells
    }

    fn heads(&self) -> Vec<Cell> {
        self.cells([
            Cell::left(""),
            Cell::right("reads"),
            Cell::right("writes"),
            Cell::right("all"),
            Cell::right("bytes"),
            Cell::right("build"),
            Cell::left("worth it"),
            Cell::left("time beside as it is"),
        ])
    }

    fn as_is(&self, effect: &Effect) -> Vec<Cell> {
        self.cells([
            Cell::left("  as it is, in pages"),
            Cell::right(number(effect.reads.before)),
            Cell::right(number(effect.writes.before)),
            Cell::right(number(effect.mix.before)),
            Cell::left(""),
            Cell::left(""),
            Cell::left(""),
            Cell::left(""),
        ])
    }

    fn row(&self, strategy: &Strategy) -> Vec<Cell> {
        let name = Cell::left(details::marked(strategy));
        let Some(effect) = strategy.effect else { return vec![name] };
        let build = strategy.build.as_ref().map(|build| milliseconds(build.ms));
        let time = strategy.timed.as_ref().map(|timed| interval(&timed.all));
        self.cells([
            name,
            Cell::right(part(&effect.reads)),
            Cell::right(part(&effect.writes)),
            Cell::right(part(&effect.mix)),
            Cell::right(signed_bytes(effect.bytes)),
            Cell::right(build.unwrap_or_default()),
            Cell::left(turn(effect.turn)),
            Cell::left(time.unwrap_or_default()),
        ])
    }

    /// What the marks and columns mean.
    fn legend(&self, indexes: &Indexes) -> String {
        let mut told = vec![
            "+ advised; * nothing else on its tables is better in reads, writes and bytes at once"
                .to_owned(),
            "work: pages looked at, a hundredth for each row read, and the write-ahead log in pages"
                .to_owned(),
        ];
        if self.reads && self.writes {
            told.push(format!(
                "worth it: while so many of all operations write; {} do now",
                percent(indexes.write_share, 1.0)
            ));
        } else {
            let absent = if self.reads { "writes" } else { "reads" };
            told.push(format!("nothing {absent} in this workload: what it costs then is unknown"));
        }
        if self.timed {
            told.push("time: the median and where it lies at 95 %; below 1 is faster".to_owned());
        }
        told.into_iter().map(|line| paragraph(&line, "  ")).collect()
    }
}
