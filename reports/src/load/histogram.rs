//! A histogram of times.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::serialization::{Deserializer, Serializer, V2Serializer};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

/// How many digits of a time are kept: any value is right to one part in a thousand.
const DIGITS: u8 = 3;

/// What is longer counts as this, so that a histogram stays small.
const LONGEST: Duration = Duration::from_secs(3600);

/// Times in nanoseconds, each kept to three digits, as an HDR histogram. Two of them add
/// without loss, so that the percentiles of several workers are those of all their times.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram(hdrhistogram::Histogram<u64>);

impl Default for Histogram {
    fn default() -> Self {
        // The bounds of the lowest and highest value are within those that the library takes.
        #[expect(clippy::expect_used, reason = "three digits are always allowed")]
        Self(hdrhistogram::Histogram::new(DIGITS).expect("three digits are allowed"))
    }
}

/// A histogram that takes a few hundred bytes instead of a hundred kilobytes, for those of which
/// there are many. It is written as the histogram itself is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "Histogram")]
#[schemars(with = "Histogram")]
pub struct Packed(Written);

impl Packed {
    /// How many times were counted.
    pub fn count(&self) -> u64 {
        self.0.count
    }

    /// The median.
    pub fn p50(&self) -> Duration {
        Duration::from_nanos(self.0.p50_ns)
    }

    /// The 99th percentile.
    pub fn p99(&self) -> Duration {
        Duration::from_nanos(self.0.p99_ns)
    }

    /// The histogram itself.
    pub fn unpack(&self) -> Histogram {
        // What is packed was a histogram, so that it can be read.
        Histogram::read(&self.0).unwrap_or_default()
    }
}

impl From<Histogram> for Packed {
    fn from(histogram: Histogram) -> Self {
        histogram.pack()
    }
}

/// Times in nanoseconds, to three digits: figures to read, and the whole to compute with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Written {
    /// How many times there are.
    count: u64,
    /// Their mean.
    mean_ns: f64,
    /// The median.
    p50_ns: u64,
    /// The 90th percentile.
    p90_ns: u64,
    /// The 99th percentile.
    p99_ns: u64,
    /// The 99.9th percentile.
    p999_ns: u64,
    /// The longest.
    max_ns: u64,
    /// All of them as an HDR histogram in its V2 encoding and base64, from which the figures
    /// beside it are computed.
    hdr: String,
}

impl Histogram {
    /// Counts one time. What is longer than an hour counts as an hour.
    pub fn record(&mut self, time: Duration) {
        self.record_many(time, 1);
    }

    /// Counts one time as often as that.
    pub fn record_many(&mut self, time: Duration, count: u64) {
        let nanoseconds = u64::try_from(time.min(LONGEST).as_nanos()).unwrap_or(u64::MAX);
        // It grows by itself, so that any value has a place.
        let _ = self.0.record_n(nanoseconds.max(1), count);
    }

    /// Adds all times of another one.
    pub fn add(&mut self, other: &Self) {
        // An automatically growing histogram takes any other.
        let _ = self.0.add(&other.0);
    }

    /// Forgets all times, and keeps the memory.
    pub fn clear(&mut self) {
        self.0.reset();
    }

    /// How many times were counted.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The time that this part of all times does not exceed: 0.99 for the 99th percentile.
    pub fn percentile(&self, part: f64) -> Duration {
        Duration::from_nanos(self.0.value_at_quantile(part))
    }

    /// The mean; zero of nothing.
    pub fn mean(&self) -> Duration {
        Duration::from_nanos(self.0.mean() as u64)
    }

    /// The longest; zero of nothing.
    pub fn max(&self) -> Duration {
        Duration::from_nanos(self.0.max())
    }

    /// The same, small.
    pub fn pack(&self) -> Packed {
        Packed(self.write())
    }

    fn write(&self) -> Written {
        let mut bytes = Vec::new();
        // Writing to memory does not fail, and the counts are far from overflowing.
        let _ = V2Serializer::new().serialize(&self.0, &mut bytes);
        Written {
            count: self.0.len(),
            mean_ns: self.0.mean(),
            p50_ns: self.0.value_at_quantile(0.5),
            p90_ns: self.0.value_at_quantile(0.9),
            p99_ns: self.0.value_at_quantile(0.99),
            p999_ns: self.0.value_at_quantile(0.999),
            max_ns: self.0.max(),
            hdr: STANDARD.encode(bytes),
        }
    }

    fn read(written: &Written) -> Result<Self, String> {
        let bytes = STANDARD.decode(&written.hdr).map_err(|error| error.to_string())?;
        bounded(&bytes)?;
        let mut read: hdrhistogram::Histogram<u64> = Deserializer::new()
            .deserialize(&mut bytes.as_slice())
            .map_err(|error| error.to_string())?;
        read.auto(true);
        if read.len() != written.count {
            return Err(format!("it says {} times and holds {}", written.count, read.len()));
        }
        Ok(Self(read))
    }
}

/// Refuses what would take more memory than any of ours: that follows from the digits and the
/// highest value in the head of the encoding, whatever comes behind it.
fn bounded(bytes: &[u8]) -> Result<(), String> {
    // A word each for the cookie, the length, the offset and the digits, then the lowest and the
    // highest value with eight bytes each.
    let (Some(digits), Some(highest)) = (bytes.get(12..16), bytes.get(24..32)) else {
        return Err("it is no HDR histogram".to_owned());
    };
    let highest = highest.iter().fold(0, |value: u64, byte| value << 8 | u64::from(*byte));
    // A histogram that grows by itself ends below the next power of two.
    if digits != [0, 0, 0, DIGITS] || u128::from(highest) > LONGEST.as_nanos() * 2 {
        return Err("it is none of this program".to_owned());
    }
    Ok(())
}

impl Serialize for Histogram {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.write().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Histogram {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&Written::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Histogram {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Histogram".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Written::json_schema(generator)
    }
}
