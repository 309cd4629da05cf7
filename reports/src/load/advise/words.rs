//! The sentences of a recommendation.

use super::{Asked, Tried};
use crate::figures::{grouped, listed, milliseconds, number, percent, plural, time};
use crate::load::{Cell, Sizing};

/// Which size is taken, with the figures that it rests on.
pub(super) fn choice(take: &Tried<'_>, best: &Tried<'_>, fits: bool, asked: &Asked) -> String {
    let Sizing { size, rate, p99_wait_ms, .. } = &take.sizing;
    let best = if best.sizing.size == *size {
        "which is the best".to_owned()
    } else {
        format!("the best is {} with {}", number(best.sizing.rate), best.sizing.size)
    };
    let rate = number(*rate);
    let wait = milliseconds(*p99_wait_ms);
    let done = grouped(take.cell.done());
    let limit = asked.max_wait_ms.map(milliseconds);
    match limit {
        None => format!(
            "a pool of {size} is the smallest within 3 % of the best rate: {rate} operations a \
             second ({done} done), {best}; the p99 wait is {wait}"
        ),
        Some(limit) if fits => format!(
            "a pool of {size} is the smallest within 3 % of the best rate whose p99 wait is \
             within {limit}: {rate} operations a second ({done} done), {best}; the p99 wait is \
             {wait}"
        ),
        Some(limit) => format!(
            "no size within 3 % of the best rate keeps the p99 wait within {limit}; a pool of \
             {size} has the least, {wait}, at {rate} operations a second ({done} done), {best}"
        ),
    }
}

/// What Little's law says of the size.
pub(super) fn busy(take: &Tried<'_>, needed: f64) -> String {
    let hold = take.cell.pool.as_ref().map(|pool| pool.hold.mean()).unwrap_or_default();
    format!(
        "by Little's law {} connections are busy on average, which is {} of {}: {} operations a \
         second, each of which has one for {}",
        number(needed),
        percent(needed, take.sizing.size.into()),
        take.sizing.size,
        number(take.sizing.rate),
        time(hold)
    )
}

/// How many instances with a pool of this size fit.
pub(super) fn instances(size: u32, fit: u32, room: u32, most: u32, reserved: u32) -> String {
    let of = format!(
        "the {room} connections that `max_connections` = {most} leaves beside {reserved} reserved"
    );
    match fit {
        0 => format!("a pool of {size} does not fit into {of}"),
        1 => format!("1 instance of the application fits into {of}"),
        many => format!("{many} instances of the application fit into {of}"),
    }
}

/// The load of a cell in words: `64 users`, `64 users at 500 operations a second`.
pub(super) fn load(cell: &Cell) -> String {
    let users = cell.setup.users as u64;
    let rate = cell.setup.rate.map(|rate| format!(" at {} operations a second", number(rate)));
    format!("{} user{}{}", grouped(users), plural(users), rate.unwrap_or_default())
}

/// Why there is nothing to recommend.
pub(super) fn nothing_to_compare(cells: &[Cell], compared: &[&Cell]) -> String {
    if compared.is_empty() {
        let count = cells.len() as u64;
        return format!(
            "no size can be named: none of the {} cell{} had a pool alone and ran to its end",
            grouped(count),
            plural(count)
        );
    }
    let names: Vec<String> = compared.iter().map(|cell| format!("`{}`", cell.name)).collect();
    format!("no size can be named: nothing was done in {}", listed(&names))
}
