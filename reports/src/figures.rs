//! Figures as people read them: with their unit, and with as many digits as they are worth.

use std::time::Duration;

/// A whole number with its thousands apart: `14,233`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Three significant digits, and all digits before the point: `4,115`, `12.3`, `0.125`.
pub(crate) fn number(number: f64) -> String {
    if !number.is_finite() {
        return "?".to_owned();
    }
    // What rounds up to the next power of ten must not get a digit more for it.
    match number.abs() {
        size if size >= 99.95 => {
            let sign = if number < 0.0 { "-" } else { "" };
            format!("{sign}{}", grouped(size.round() as u64))
        }
        size if size >= 9.995 => format!("{number:.1}"),
        size if size >= 0.9995 || size == 0.0 => format!("{number:.2}"),
        _ => format!("{number:.3}"),
    }
}

/// A time in the unit that suits it: `812 µs`, `12.3 ms`, `1.50 s`.
pub(crate) fn time(time: Duration) -> String {
    milliseconds(time.as_secs_f64() * 1000.0)
}

/// A time that is given in milliseconds, as [`time`] writes it.
pub(crate) fn milliseconds(ms: f64) -> String {
    match ms {
        ms if ms >= 999.5 => format!("{} s", number(ms / 1000.0)),
        ms if ms >= 0.9995 => format!("{} ms", number(ms)),
        // What took no time is recorded as a nanosecond.
        ms if (0.0..0.000_01).contains(&ms) => "0".to_owned(),
        ms if ms > 0.0 => format!("{} µs", number(ms * 1000.0)),
        _ => "?".to_owned(),
    }
}

/// A time that is given in seconds, in seconds: `30.0 s`.
pub(crate) fn seconds(seconds: f64) -> String {
    format!("{} s", number(seconds))
}

/// A part of a whole: `12.3 %`. A part of nothing has none.
pub(crate) fn percent(part: f64, whole: f64) -> String {
    let share = 100.0 * part / whole;
    match share {
        share if !share.is_finite() => "?".to_owned(),
        share if share >= 99.95 || share == 0.0 => format!("{share:.0} %"),
        share => format!("{share:.1} %"),
    }
}

/// A size in memory or on disk: `812 B`, `1.50 MB`.
pub fn bytes(bytes: f64) -> String {
    const UNITS: [(f64, &str); 3] = [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")];
    match UNITS.iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{} {name}", number(bytes / unit)),
        None if bytes.fract() == 0.0 => format!("{bytes:.0} B"),
        None => format!("{} B", number(bytes)),
    }
}

/// `s` behind the name of things of which there are several or none.
pub(crate) fn plural(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// Several things as one has them in a sentence: `1, 2 and 4`.
pub(crate) fn listed(things: &[String]) -> String {
    match things {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_and_a_unit_that_suits_them() {
        for (nanoseconds, written) in [
            (0, "0"),
            (1, "0"),
            (950, "0.950 µs"),
            (1_234, "1.23 µs"),
            (123_400, "123 µs"),
            (999_900, "1.00 ms"),
            (12_345_000, "12.3 ms"),
            (999_700_000, "1.00 s"),
            (99_960_000_000, "100 s"),
            (3_600_000_000_000, "3,600 s"),
        ] {
            assert_eq!(time(Duration::from_nanos(nanoseconds)), written);
        }
    }

    #[test]
    fn numbers_are_as_long_as_they_are_worth() {
        for (value, written) in [
            (1_234_567.8, "1,234,568"),
            (99.96, "100"),
            (99.94, "99.9"),
            (9.996, "10.0"),
            (1.234, "1.23"),
            (0.0, "0.00"),
            (0.1234, "0.123"),
            (-1234.0, "-1,234"),
            (f64::NAN, "?"),
        ] {
            assert_eq!(number(value), written);
        }
        assert_eq!(percent(1.0, 3.0), "33.3 %");
        assert_eq!(percent(3.0, 3.0), "100 %");
        assert_eq!(percent(0.0, 0.0), "?");
        assert_eq!(bytes(1_500_000.0), "1.50 MB");
        assert_eq!(bytes(812.0), "812 B");
    }
}
