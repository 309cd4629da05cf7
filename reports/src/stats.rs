//! Statistics for times on machines that others use too.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A value and where it lies with a confidence of 95 %.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The median of what was measured.
    pub median: f64,
    /// The upper end.
    pub high: f64,
    /// How many values it comes from.
    pub of: u64,
}

/// The median of values, and the interval in which that of their distribution lies with a
/// confidence of 95 %, whatever the distribution is. Nothing for fewer than six values, whose
/// extremes have less than the confidence.
///
/// The ends are order statistics: of `n` values, the number below the median is binomial with
/// p = 1/2 (Conover, Practical Nonparametric Statistics, 3.2).
pub fn median_interval(values: &[f64]) -> Option<Interval> {
    interval_at(values, 0.05)
}

/// As [`median_interval`], with any probability of the median lying outside: 0.05 for a confidence
/// of 95 %. Nothing for fewer values than that takes.
pub fn interval_at(values: &[f64], outside: f64) -> Option<Interval> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    // The extremes are the widest interval there is: the median lies beyond one of them with a
    // probability of 2^-n.
    if 2.0 * 0.5_f64.powi(i32::try_from(sorted.len()).unwrap_or(i32::MAX)) > outside {
        return None;
    }
    sorted.sort_by(f64::total_cmp);
    let from = first_rank(sorted.len(), outside / 2.0);
    let median = median(&sorted)?;
    let (low, high) = (*sorted.get(from)?, *sorted.get(sorted.len() - 1 - from)?);
    Some(Interval { low, median, high, of: sorted.len() as u64 })
}

/// The largest rank, from zero, below which the median lies with a probability of at most `tail`.
fn first_rank(count: usize, tail: f64) -> usize {
    // P(B = 0) is 2^-n, which a double holds for up to a thousand values; for more there is the
    // bound of Hoeffding, P(B <= n/2 - t) <= exp(-2 t^2 / n), which is wider.
    if count > 1_000 {
        let rank = count as f64 / 2.0 - ((1.0 / tail).ln() / 2.0 * count as f64).sqrt();
        return rank.max(1.0) as usize - 1;
    }
    let mut probability = 0.5_f64.powi(i32::try_from(count).unwrap_or(i32::MAX));
    let (mut below, mut rank) = (0.0, 0);
    for successes in 0..count {
        below += probability;
        if below > tail {
            break;
        }
        rank = successes;
        probability *= (count - successes) as f64 / (successes + 1) as f64;
    }
    rank
}

/// The middle of sorted values, or the mean of the two in the middle. Nothing of nothing.
pub fn median(sorted: &[f64]) -> Option<f64> {
    let (below, above) = (sorted.len().checked_sub(1)? / 2, sorted.len() / 2);
    Some(f64::midpoint(*sorted.get(below)?, *sorted.get(above)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ranks_are_those_of_the_binomial_distribution() {
        // Conover's table A3 for p = 1/2: with six values the ends are the extremes.
        for (count, rank) in [(6, 0), (8, 0), (9, 1), (12, 2), (20, 5), (25, 7), (50, 17)] {
            assert_eq!(first_rank(count, 0.025), rank, "{count}");
        }
    }

    #[test]
    fn with_very_many_values_the_ranks_go_on_where_they_were() {
        let (exact, approximated) = (first_rank(1_000, 0.025), first_rank(1_001, 0.025));
        assert!((468..=469).contains(&exact), "{exact}");
        assert!((0..=15).contains(&(exact - approximated)), "{exact}, {approximated}");
        let many: Vec<f64> = (0..5_000).map(f64::from).collect();
        let interval = median_interval(&many).unwrap();
        assert!(interval.low < interval.median && interval.median < interval.high);
    }

    #[test]
    fn an_outlier_moves_neither_the_median_nor_the_interval() {
        let calm: Vec<f64> = (1..=20).map(f64::from).collect();
        let mut wild = calm.clone();
        wild[19] = 1e9;
        let (calm, wild) = (median_interval(&calm).unwrap(), median_interval(&wild).unwrap());
        assert_eq!(calm, wild);
        assert_eq!((calm.low, calm.median, calm.high, calm.of), (6.0, 10.5, 15.0, 20));
    }

    #[test]
    fn more_confidence_takes_more_values_and_a_wider_interval() {
        let values: Vec<f64> = (1..=20).map(f64::from).collect();
        let (usual, sure) =
            (median_interval(&values).unwrap(), interval_at(&values, 0.01).unwrap());
        assert_eq!((sure.low, sure.high), (4.0, 17.0), "{usual:?}");
        assert_eq!((usual.low, usual.high), (6.0, 15.0));
        assert_eq!(interval_at(&[1.0; 7], 0.01), None);
        assert!(interval_at(&[1.0; 8], 0.01).is_some());
    }

    #[test]
    fn too_few_values_have_no_interval() {
        assert_eq!(median_interval(&[1.0; 5]), None);
        assert_eq!(median_interval(&[1.0, 1.0, 1.0, 1.0, 1.0, f64::NAN]), None);
        assert!(median_interval(&[1.0; 6]).is_some());
    }
}
