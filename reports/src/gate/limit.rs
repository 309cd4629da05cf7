//! Limits that the user sets: `p99 < 50ms`, `p99(first-page) < 10ms`, `wait_share <= 20%`.
//!
//! A limit is a measure, perhaps with what it is of in brackets, a comparison, and a value with its
//! unit. Where nothing stands in brackets, it is that of the whole.

use std::collections::BTreeMap;

use super::{Gate, Kind, MEASURES, Verdict};

/// What a limit can be set to, with the unit that values of it have in a report.
const OTHERS: &[(&str, &str)] = &[
    ("p50", "ms"),
    ("p90", "ms"),
    ("p95", "ms"),
    ("p99", "ms"),
    ("p999", "ms"),
    ("max", "ms"),
    ("mean", "ms"),
    ("rate", "operations/s"),
    ("error_share", "%"),
    ("wait_share", "%"),
    ("timeouts", ""),
    ("migration_time", "ms"),
    ("size", "bytes"),
];

/// The units that a value may have, with the one of a report and how many of those it is.
const UNITS: &[(&str, &str, f64)] = &[
    ("us", "ms", 0.001),
    ("ms", "ms", 1.0),
    ("s", "ms", 1_000.0),
    ("min", "ms", 60_000.0),
    ("%", "%", 1.0),
    ("B", "bytes", 1.0),
    ("kB", "bytes", 1_024.0),
    ("MB", "bytes", 1_048_576.0),
    ("GB", "bytes", 1_073_741_824.0),
];

/// A limit that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// As the user wrote it.
    pub text: String,
    /// The name of the measure.
    pub measure: String,
    /// The operation, relation or migration; nothing for the whole.
    pub subject: Option<String>,
    comparison: Comparison,
    /// In the unit that the measure has in a report.
    value: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Below,
    AtMost,
    Equal,
    AtLeast,
    Above,
}

/// Longer ones first, since `<` begins `<=`.
const COMPARISONS: &[(&str, Comparison)] = &[
    ("<=", Comparison::AtMost),
    (">=", Comparison::AtLeast),
    ("==", Comparison::Equal),
    ("<", Comparison::Below),
    (">", Comparison::Above),
];

/// A value that a limit may be set to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Value {
    /// In the unit of its measure.
    pub value: f64,
    /// How many operations, or the like, it comes from; of none it says nothing.
    pub of: u64,
}

/// All values that were measured, by measure and subject.
pub type Values = BTreeMap<(String, Option<String>), Value>;

/// The names of all measures that a limit can be set to.
pub fn measures() -> Vec<&'static str> {
    let others = OTHERS.iter().map(|(name, _)| *name);
    others.chain(MEASURES.iter().map(|measure| measure.name)).collect()
}

fn unit_of(measure: &str) -> Option<&'static str> {
    let others = OTHERS.iter().find(|(name, _)| *name == measure).map(|(_, unit)| *unit);
    others.or(MEASURES.iter().find(|one| one.name == measure).map(|one| one.unit))
}

impl Limit {
    /// Reads a limit. `Err` is a sentence that says what is wrong with it, and what there is.
    pub fn parse(text: &str) -> Result<Self, String> {
        let found = COMPARISONS
            .iter()
            .filter_map(|(sign, comparison)| Some((text.find(sign)?, *sign, *comparison)))
            .min_by_key(|(at, sign, _)| (*at, usize::MAX - sign.len()));
        let Some((at, sign, comparison)) = found else {
            return Err(format!("`{text}` compares nothing; write `p99 < 50ms`"));
        };
        let (what, value) = (text[..at].trim(), text[at + sign.len()..].trim());
        let (measure, subject) = match what.split_once('(') {
            None => (what, None),
            Some((measure, rest)) => {
                let subject = rest.strip_suffix(')').map(str::trim);
                let subject = subject.filter(|subject| !subject.is_empty());
                let subject = subject.ok_or_else(|| {
                    format!("`{text}` has no end to its bracket; write `p99(first-page) < 50ms`")
                })?;
                (measure.trim(), Some(subject.to_owned()))
            }
        };
        let Some(unit) = unit_of(measure) else {
            let known = measures();
            let near = known.iter().max_by(|one, other| {
                similarity(measure, one).total_cmp(&similarity(measure, other))
            });
            let meant = near.filter(|near| similarity(measure, near) > 0.5);
            let known = known.join(", ");
            return Err(match meant {
                Some(near) => format!(
                    "there is no measure `{measure}` in `{text}`, perhaps `{near}` is meant; \
                     known are {known}"
                ),
                None => format!("there is no measure `{measure}` in `{text}`; known are {known}"),
            });
        };
        let value = number(text, value, unit)?;
        Ok(Self { text: text.to_owned(), measure: measure.to_owned(), subject, comparison, value })
    }

    /// Whether it holds. `Err` is a sentence that says that there is no such value, and which there
    /// are.
    pub fn judge(&self, values: &Values) -> Result<Gate, String> {
        let key = (self.measure.clone(), self.subject.clone());
        let Some(Value { value, of }) = values.get(&key).copied() else {
            let of_measure = values.keys().filter(|(measure, _)| *measure == self.measure);
            let subjects: Vec<&str> =
                of_measure.filter_map(|(_, subject)| subject.as_deref()).collect();
            return Err(match (&self.subject, subjects.is_empty()) {
                (Some(subject), false) => format!(
                    "`{}`: there is no `{subject}`; there are {}",
                    self.text,
                    subjects.join(", ")
                ),
                (None, false) => {
                    format!("`{}` needs one of: {}", self.text, subjects.join(", "))
                }
                (_, true) => format!("`{}`: `{}` was not measured", self.text, self.measure),
            });
        };
        if of == 0 {
            let what = self
                .subject
                .as_deref()
                .map_or("nothing".to_owned(), |subject| format!("not once `{subject}`"));
            return Ok(self.not_measured(&format!("{what} was done without failing")));
        }
        let holds = match self.comparison {
            Comparison::Below => value < self.value,
            Comparison::AtMost => value <= self.value,
            Comparison::Equal => value == self.value,
            Comparison::AtLeast => value >= self.value,
            Comparison::Above => value > self.value,
        };
        Ok(Gate {
            kind: Kind::Limit,
            subject: self.subject.clone(),
            measure: self.text.clone(),
            unit: unit_of(&self.measure).unwrap_or_default().to_owned(),
            base: None,
            candidate: Some(value),
            ratio: None,
            floor: None,
            tolerance: None,
            of,
            verdict: if holds { Verdict::Pass } else { Verdict::Regress },
            notes: Vec::new(),
        })
    }
}

impl Limit {
    /// The gate where nothing is known of the value, with the reason as a sentence.
    pub fn not_measured(&self, why: &str) -> Gate {
        Gate {
            kind: Kind::Limit,
            subject: self.subject.clone(),
            measure: self.text.clone(),
            unit: unit_of(&self.measure).unwrap_or_default().to_owned(),
            base: None,
            candidate: None,
            ratio: None,
            floor: None,
            tolerance: None,
            of: 0,
            verdict: Verdict::Inconclusive,
            notes: vec![why.to_owned()],
        }
    }
}

/// A number and its unit, in the unit of the measure.
fn number(text: &str, value: &str, wanted: &str) -> Result<f64, String> {
    let end = value.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_'));
    let (digits, unit) = value.split_at(end.unwrap_or(value.len()));
    let unit = unit.trim();
    let number: f64 = digits
        .replace('_', "")
        .parse()
        .map_err(|_| format!("`{value}` in `{text}` is no number; write `p99 < 50ms`"))?;
    if unit.is_empty() && !matches!(wanted, "ms" | "%") {
        return Ok(number);
    }
    let known: Vec<&str> =
        UNITS.iter().filter(|(_, of, _)| *of == wanted).map(|(name, _, _)| *name).collect();
    match UNITS.iter().find(|(name, of, _)| *name == unit && *of == wanted) {
        Some((_, _, factor)) => Ok(number * factor),
        None if known.is_empty() => Err(format!("`{text}` takes a plain number, without `{unit}`")),
        None => Err(format!("`{value}` in `{text}` needs a unit: {}", known.join(", "))),
    }
}

/// How much of two names is the same, from 0 to 1: twice the longest common subsequence by the
/// length of both.
fn similarity(one: &str, other: &str) -> f64 {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut best = vec![0_usize; other.len() + 1];
    for a in &one {
        let mut diagonal = 0;
        for (at, b) in other.iter().enumerate() {
            let above = best[at + 1];
            best[at + 1] = if a == b { diagonal + 1 } else { above.max(best[at]) };
            diagonal = above;
        }
    }
    2.0 * best[other.len()] as f64 / (one.len() + other.len()).max(1) as f64
}
