//! When operations begin, and which ones: both follow from the seed alone, so that the n-th
//! operation of a run is the same however many users there are and however fast they are.

use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::{Burst, End, Pace, Plan};
use crate::workload::Scenario;

/// One operation to be done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Turn {
    /// Its number, counted from zero in the warm-up and anew in the measurement.
    pub(super) number: u64,
    /// Whether it belongs to the measurement.
    pub(super) measured: bool,
    /// When it is due, since the run began; nothing in a closed loop, where it is due at once.
    pub(super) due: Option<Duration>,
}

/// The arrivals of an open loop, in order.
#[derive(Debug, Clone)]
pub(super) struct Arrivals {
    random: SmallRng,
    seed: u64,
    rate: f64,
    burst: Option<Burst>,
    warmup: f64,
    end: End,
    measured: bool,
    /// Since the beginning of the phase, in seconds.
    at: f64,
    number: u64,
}

impl Arrivals {
    /// Those of a plan; nothing for a closed loop.
    pub(super) fn of(plan: &Plan) -> Option<Self> {
        let Pace::Open { rate, burst, .. } = plan.pace else { return None };
        Some(Self {
            random: random_of(plan.seed, u64::MAX, false),
            seed: plan.seed,
            rate,
            burst,
            warmup: plan.warmup.as_secs_f64(),
            end: plan.end,
            measured: false,
            at: 0.0,
            number: 0,
        })
    }

    /// The time after which the waiting times used up `unit`, which is drawn from the unit
    /// exponential distribution: what makes arrivals a Poisson process of a rate that changes.
    fn advance(&mut self, mut unit: f64) {
        let Some(burst) = self.burst.filter(|_| self.measured) else {
            self.at += unit / self.rate;
            return;
        };
        let from = burst.from.as_secs_f64();
        let until = from + burst.time.as_secs_f64();
        for (end, rate) in [(from, self.rate), (until, self.rate * burst.times)] {
            let room = (end - self.at).max(0.0) * rate;
            if unit < room {
                self.at += unit / rate;
                return;
            }
            unit -= room;
            self.at = self.at.max(end);
        }
        self.at += unit / self.rate;
    }
}

impl Iterator for Arrivals {
    type Item = Turn;

    fn next(&mut self) -> Option<Turn> {
        // One minus a number below one is never zero, of which there is no logarithm.
        let unit = -(1.0 - self.random.random::<f64>()).ln();
        self.advance(unit);
        if !self.measured && self.at >= self.warmup {
            self.random = random_of(self.seed, u64::MAX, true);
            (self.measured, self.at, self.number) = (true, 0.0, 0);
            return self.next();
        }
        let over = match self.end {
            End::Time(time) => self.at >= time.as_secs_f64(),
            End::Operations(number) => self.number >= number,
        };
        if self.measured && over {
            return None;
        }
        let begin = if self.measured { self.warmup } else { 0.0 };
        let due = Some(Duration::from_secs_f64(begin + self.at));
        let turn = Turn { number: self.number, measured: self.measured, due };
        self.number += 1;
        Some(turn)
    }
}

/// The random numbers of one operation.
pub(super) fn random_of(seed: u64, number: u64, measured: bool) -> SmallRng {
    // SplitMix64's increment tells neighbouring numbers apart; `seed_from_u64` does the mixing.
    let mixed =
        seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ u64::from(measured).rotate_right(1);
    SmallRng::seed_from_u64(mixed)
}

/// Draws an operation by the weights.
#[derive(Debug, Clone)]
pub(super) struct Mix {
    /// The sum of the weights up to and with each operation.
    sums: Vec<u32>,
}

impl Mix {
    pub(super) fn of(scenario: &Scenario) -> Self {
        let mut sum = 0;
        let add = |operation: &crate::workload::Operation| {
            sum += operation.weight;
            sum
        };
        Self { sums: scenario.operations.iter().map(add).collect() }
    }

    pub(super) fn draw(&self, random: &mut SmallRng) -> usize {
        let all = self.sums.last().copied().unwrap_or(0).max(1);
        let drawn = random.random_range(0..all);
        self.sums.partition_point(|sum| *sum <= drawn)
    }
}
