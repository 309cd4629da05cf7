//! The random functions of pgbench, by the formulas of its documentation.

use rand::Rng;
use rand::rngs::SmallRng;

type Result<T> = std::result::Result<T, String>;

/// An integer between both bounds, each as often as any other.
pub(super) fn uniform(low: i64, high: i64, random: &mut SmallRng) -> Result<i64> {
    bounds(low, high)?;
    Ok(random.random_range(low..=high))
}

/// Falls exponentially; a larger parameter favours the lower bound more.
pub(super) fn exponential(
    low: i64,
    high: i64,
    parameter: f64,
    random: &mut SmallRng,
) -> Result<i64> {
    bounds(low, high)?;
    if parameter <= 0.0 {
        return Err(format!("exponential parameter must be greater than zero (not {parameter})"));
    }
    let cut = (-parameter).exp();
    let uniform: f64 = 1.0 - random.random::<f64>();
    let part = -(cut + (1.0 - cut) * uniform).ln() / parameter;
    Ok(place(low, high, part))
}

/// A bell whose middle is that of the bounds; a larger parameter makes it narrower.
pub(super) fn gaussian(low: i64, high: i64, parameter: f64, random: &mut SmallRng) -> Result<i64> {
    bounds(low, high)?;
    if parameter < 2.0 {
        return Err(format!("gaussian parameter must be at least 2.0 (not {parameter})"));
    }
    loop {
        // The transform of Box and Muller.
        let (first, second): (f64, f64) = (1.0 - random.random::<f64>(), random.random());
        let normal = (-2.0 * first.ln()).sqrt() * (std::f64::consts::TAU * second).sin();
        if (-parameter..parameter).contains(&normal) {
            return Ok(place(low, high, (normal + parameter) / (2.0 * parameter)));
        }
    }
}

/// The k-th value from the lower bound with a probability proportional to k^-s.
pub(super) fn zipfian(low: i64, high: i64, s: f64, random: &mut SmallRng) -> Result<i64> {
    bounds(low, high)?;
    if !(1.001..=1000.0).contains(&s) {
        return Err(format!("zipfian parameter must be in range [1.001, 1000] (not {s})"));
    }
    let all = (high as f64 - low as f64) + 1.0;
    // Rejection from Luc Devroye, Non-Uniform Random Variate Generation, page 550.
    let b = 2.0_f64.powf(s - 1.0);
    loop {
        let (u, v): (f64, f64) = (1.0 - random.random::<f64>(), random.random());
        let x = u.powf(-1.0 / (s - 1.0)).floor();
        let t = (1.0 + 1.0 / x).powf(s - 1.0);
        if v * x * (t - 1.0) / (b - 1.0) <= t / b && x <= all {
            return Ok(low.saturating_add(x as i64 - 1));
        }
    }
}

fn bounds(low: i64, high: i64) -> Result<()> {
    if low > high {
        return Err("empty range given to random".to_owned());
    }
    if high.checked_sub(low).and_then(|range| range.checked_add(1)).is_none() {
        return Err("random range is too large".to_owned());
    }
    Ok(())
}

/// The integer at this part of the way, from 0 to below 1.
fn place(low: i64, high: i64, part: f64) -> i64 {
    let all = (high - low) as f64 + 1.0;
    (low + (all * part) as i64).min(high)
}
