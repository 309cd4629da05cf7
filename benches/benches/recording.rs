//! Keeping times: the histogram of reports, in which every time of a run is recorded, beside the
//! library that it is made of. It takes no server.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run should say so and stop")]

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use shakedown_benches::quick;
use shakedown_reports::load::Histogram;

/// Nanoseconds from 50 µs to 50 ms, as often short as long on a scale of logarithms, from a fixed
/// seed.
fn times(count: usize) -> Vec<u64> {
    let mut state = 1_u64;
    let mut next = || {
        // Knuth's MMIX: the upper half of a linear congruential generator is good enough here.
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 32) as f64 / f64::from(u32::MAX)
    };
    (0..count).map(|_| (50_000.0 * 1000_f64.powf(next())) as u64).collect()
}

/// As the histogram of reports makes it: three digits, as many buckets as it takes.
fn bare() -> hdrhistogram::Histogram<u64> {
    hdrhistogram::Histogram::new(3).unwrap()
}

fn one_time(criterion: &mut Criterion) {
    let times = times(4096);
    let mut group = quick(criterion, "recording/one time");
    let (mut ours, mut bare) = (Histogram::default(), bare());
    let mut at = 0;
    group.bench_function("histogram of reports", |bench| {
        bench.iter(|| {
            at = (at + 1) % times.len();
            ours.record(black_box(Duration::from_nanos(times[at])));
        });
    });
    group.bench_function("hdrhistogram, bare", |bench| {
        bench.iter(|| {
            at = (at + 1) % times.len();
            bare.record(black_box(times[at])).unwrap();
        });
    });
    group.finish();
}

fn percentile(criterion: &mut Criterion) {
    let times = times(1_000_000);
    let (mut ours, mut bare) = (Histogram::default(), bare());
    for &time in &times {
        ours.record(Duration::from_nanos(time));
        bare.record(time).unwrap();
    }
    let same = bare.value_at_quantile(0.99);
    assert_eq!(ours.percentile(0.99), Duration::from_nanos(same), "the 99th percentile");
    let mut group = quick(criterion, "recording/percentile of a million");
    group.bench_function("histogram of reports", |bench| {
        bench.iter(|| ours.percentile(black_box(0.99)));
    });
    group.bench_function("hdrhistogram, bare", |bench| {
        bench.iter(|| bare.value_at_quantile(black_box(0.99)));
    });
    group.bench_function("all times, sorted", |bench| {
        bench.iter(|| {
            let mut times = times.clone();
            times.sort_unstable();
            times[times.len() / 100 * 99]
        });
    });
    group.finish();
}

criterion_group!(benches, one_time, percentile);
criterion_main!(benches);
