//! Whether the rates of two sizes differ by more than their own noise.

use super::{SAME, Tried};
use crate::figures::{grouped, listed, percent};
use crate::load::Cell;

/// With fewer seconds nothing is said of their spread.
const SECONDS_NEEDED: usize = 5;

/// Rates that differ by less than this many standard errors cannot be told apart: with 2, one
/// pair of equal sizes in twenty would be.
const ERRORS: f64 = 2.0;

/// What the noise means, in two sentences at most: which sizes give the same as the best, and
/// what speaks against the choice, if the noise is larger than what counts as the same.
pub(super) fn same(tried: &[Tried<'_>], best: &Tried<'_>) -> (Option<String>, Option<String>) {
    let Some(of_best) = error(best.cell) else {
        let few = tried.len() > 1;
        let told = || {
            format!(
                "`{}` has fewer than {SECONDS_NEEDED} whole seconds, so that the noise of the \
                 rates is not known: measure longer, with `--time 30s`",
                best.sizing.cell
            )
        };
        return (None, few.then(told));
    };
    // The standard error of a difference of two means.
    let noise = |one: &Tried<'_>| error(one.cell).map(|error| ERRORS * error.hypot(of_best));
    let alike: Vec<(&Tried<'_>, f64)> = tried
        .iter()
        .filter(|one| one.sizing.size != best.sizing.size)
        .filter_map(|one| Some((one, noise(one)?)))
        .filter(|(one, noise)| best.sizing.rate - one.sizing.rate <= *noise)
        .collect();
    if alike.is_empty() {
        return (None, None);
    }
    let sizes: Vec<String> = alike.iter().map(|(one, _)| one.sizing.size.to_string()).collect();
    let largest = alike.iter().map(|(_, noise)| *noise).fold(0.0, f64::max);
    let told = format!(
        "the rates with {} connections cannot be told from that with {}: two standard errors of \
         their seconds are {} ({} seconds)",
        listed(&sizes),
        best.sizing.size,
        percent(largest, best.sizing.rate),
        grouped(whole_seconds(best.cell).len() as u64)
    );
    let coarse = alike.iter().any(|(one, _)| one.sizing.rate < best.sizing.rate * (1.0 - SAME));
    if coarse {
        (
            None,
            Some(format!("{told}, so that a smaller pool may do; measure longer, with `--time`")),
        )
    } else {
        (Some(told), None)
    }
}

/// The standard error of the mean of the rates of single seconds, as if these did not depend on
/// one another: their standard deviation over the root of their number.
fn error(cell: &Cell) -> Option<f64> {
    let rates = whole_seconds(cell);
    if rates.len() < SECONDS_NEEDED {
        return None;
    }
    let count = rates.len() as f64;
    let mean = rates.iter().sum::<f64>() / count;
    let squares: f64 = rates.iter().map(|rate| (rate - mean).powi(2)).sum();
    Some((squares / (count - 1.0) / count).sqrt())
}

/// The operations done in each whole second. Seconds in which nothing happened are not listed in
/// a cell, and the last one is seldom whole.
fn whole_seconds(cell: &Cell) -> Vec<f64> {
    let mut rates = vec![0.0; cell.measured_s.clamp(0.0, 1e6) as usize];
    for second in &cell.seconds {
        if let Some(rate) = usize::try_from(second.at).ok().and_then(|at| rates.get_mut(at)) {
            *rate += second.done() as f64;
        }
    }
    rates
}
