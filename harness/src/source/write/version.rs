//! What a new migration is called: its neighbours' way of counting goes on.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};

/// The id of a migration named `name` that follows the one with the id `last`; `None` if that
/// has no number, or one after which none comes.
pub(super) fn following(last: &str, name: &str, now: Timestamp) -> Option<String> {
    // Diesel's own first migration has zeros, which say nothing of how it writes the time.
    let last = match last.strip_prefix("00000000000000_diesel") {
        Some(rest) => format!("0000-00-00-000000_diesel{rest}"),
        None => last.to_owned(),
    };
    let digits_and_dashes = |c: char| c.is_ascii_digit() || c == '-';
    let end = last.find(|c| !digits_and_dashes(c)).unwrap_or(last.len());
    let version = last[..end].trim_end_matches('-');
    let digits: String = version.chars().filter(char::is_ascii_digit).collect();
    let begins_with_digit = version.starts_with(|c: char| c.is_ascii_digit());
    let next = if begins_with_digit { next(&digits, now) } else { None }?;

    let rest = &last[version.len()..];
    let words = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
    let separator = &rest[..rest.len() - words.len()];
    let separator = if separator.is_empty() { "_" } else { separator };
    let hyphenated = words.contains('-') && !words.contains('_');
    let name = if hyphenated { name.replace('_', "-") } else { name.to_owned() };
    Some(format!("{}{separator}{name}", dashed(version, &next)))
}

/// The version after this one, as digits of the same width where they suffice.
fn next(digits: &str, now: Timestamp) -> Option<String> {
    let width = digits.len();
    if let Some(time) = next_time(digits, now) {
        return Some(time);
    }
    let one_more = digits.parse::<u128>().ok()?.checked_add(1)?;
    let since_1970 = match width {
        10 => now.as_second(),
        13 => now.as_millisecond(),
        _ => 0,
    };
    // A number of that width with zeros in front is counted, not a time.
    let since_1970 = if digits.starts_with('0') { 0 } else { since_1970 };
    let next = one_more.max(u128::try_from(since_1970).unwrap_or(0));
    Some(format!("{next:0width$}"))
}

/// The later of now and the time after this one, to the day, minute or second as the digits
/// are; `None` if they are no time.
fn next_time(digits: &str, now: Timestamp) -> Option<String> {
    const FORMAT: &str = "%Y%m%d%H%M%S";
    let width = digits.len();
    let step: Span = match width {
        8 => 1.day(),
        12 => 1.minute(),
        14 => 1.second(),
        _ => return None,
    };
    let now = now.to_zoned(TimeZone::UTC).datetime();
    let next = if digits == "00000000000000" {
        now
    } else {
        let last = DateTime::strptime(FORMAT, format!("{digits:0<14}")).ok()?;
        // Else a number that is counted looks like a year of the first century.
        let last = Some(last).filter(|last| last.year() >= 1970)?;
        now.max(last.checked_add(step).ok()?)
    };
    let mut text = next.strftime(FORMAT).to_string();
    text.truncate(width);
    Some(text)
}

/// The digits, with dashes where the pattern has them.
fn dashed(pattern: &str, digits: &str) -> String {
    if pattern.bytes().filter(u8::is_ascii_digit).count() != digits.len() {
        return digits.to_owned();
    }
    let mut digits = digits.chars();
    pattern.chars().filter_map(|c| if c == '-' { Some(c) } else { digits.next() }).collect()
}
