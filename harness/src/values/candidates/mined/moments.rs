//! Dates, times and intervals, and those next to them.

use jiff::civil::{Date, DateTime, Time};
use jiff::{Span, ToSpan};

use super::Words;

/// Words that Postgres reads as a moment that depends on the clock.
const NEAR: [&str; 4] = ["today", "yesterday", "tomorrow", "now"];

/// The moments before and after all others.
const ENDS: [&str; 2] = ["infinity", "-infinity"];

/// Whether the expression looks at what moment it is.
fn looks_at_the_clock(words: &Words) -> bool {
    words.calls(&[
        "now",
        "current_date",
        "current_timestamp",
        "localtimestamp",
        "clock_timestamp",
        "statement_timestamp",
        "transaction_timestamp",
        "age",
    ])
}

pub(super) fn dates(words: &Words) -> Vec<String> {
    let mut dates = Vec::new();
    for text in &words.texts {
        if let Some(date) = date(text) {
            dates.extend(around(date).map(|date| date.to_string()));
        } else if is_endless(text) {
            dates.extend(ENDS.map(str::to_owned));
        }
    }
    dates.extend(parts(words).iter().map(ToString::to_string));
    if looks_at_the_clock(words) {
        // No `now`, which a date reads as `today`.
        dates.extend(NEAR[..3].iter().map(|word| (*word).to_owned()));
    }
    dates
}

pub(super) fn timestamps(words: &Words) -> Vec<String> {
    let mut timestamps = Vec::new();
    for text in &words.texts {
        if is_endless(text) {
            timestamps.extend(ENDS.map(str::to_owned));
        }
        let Some((moment, zone)) = moment(text) else { continue };
        for step in [Span::new(), 1.microsecond(), -1.microsecond(), 1.day(), -1.day()] {
            let next = moment.checked_add(step).ok();
            timestamps
                .extend(next.map(|next| format!("{}{zone}", next.to_string().replace('T', " "))));
        }
    }
    timestamps.extend(parts(words).iter().map(|date| format!("{date} 00:00:00")));
    if looks_at_the_clock(words) {
        timestamps.extend(NEAR.map(str::to_owned));
    }
    timestamps
}

pub(super) fn times(words: &Words, zone: &str) -> Vec<String> {
    let mut times = Vec::new();
    for text in &words.texts {
        let end = text.find(['+', '-']).unwrap_or(text.len());
        let zone = if zone.is_empty() || end == text.len() { zone } else { &text[end..] };
        let Some(time) = time(&text[..end]).filter(|_| is_zone(zone)) else { continue };
        for step in [Span::new(), 1.microsecond(), -1.microsecond(), 1.hour(), -1.hour()] {
            times.extend(time.checked_add(step).ok().map(|time| format!("{time}{zone}")));
        }
    }
    times
}

/// A time with hours and minutes at least.
fn time(text: &str) -> Option<Time> {
    text.parse().ok().filter(|_| text.contains(':'))
}

/// Whether this can stand behind a time: nothing or an offset such as `+02` or `-03:30`.
fn is_zone(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    text.len() - digits.len() == usize::from(!digits.is_empty())
        && digits.len() <= 5
        && digits.chars().all(|c| c.is_ascii_digit() || c == ':')
}

pub(super) fn intervals(words: &Words) -> Vec<String> {
    let mut intervals: Vec<String> =
        ["0", "1 microsecond", "-1 microsecond"].map(str::to_owned).into();
    for text in &words.texts {
        let Some((units, clock)) = interval(text) else { continue };
        for microseconds in [clock, clock + 1, clock - 1] {
            intervals.push(format!("{units}{microseconds} microseconds"));
        }
    }
    intervals
}

/// The units of an interval as Postgres writes it, and its clock in microseconds:
/// `1 day 02:00:00` has `1 day ` and the microseconds of two hours.
fn interval(text: &str) -> Option<(String, i64)> {
    let mut units = String::new();
    let mut clock = 0;
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        let unsigned = word.trim_start_matches(['+', '-']);
        if let Some(time) = time(unsigned) {
            let since = time.since(Time::midnight()).ok()?.total(jiff::Unit::Second).ok()?;
            // Microseconds of a day are far from where a float loses them.
            let microseconds = (since * 1e6).round() as i64;
            clock = if word.starts_with('-') { -microseconds } else { microseconds };
        } else {
            let count: i32 = word.parse().ok()?;
            let unit = words.next()?;
            let known = ["year", "mon", "month", "week", "day", "hour", "minute", "second"];
            if !known.contains(&unit.strip_suffix('s').unwrap_or(unit)) {
                return None;
            }
            units.push_str(&format!("{count} {unit} "));
        }
    }
    Some((units, clock))
}

fn is_endless(text: &str) -> bool {
    ENDS.contains(&text)
}

/// The date that a date or a timestamp begins with.
fn date(text: &str) -> Option<Date> {
    moment(text).map(|(moment, _)| moment.date())
}

/// The moment and the zone that is written behind it.
fn moment(text: &str) -> Option<(DateTime, &str)> {
    if let Ok(date) = text.parse::<Date>()
        && text.len() == 10
    {
        return Some((date.at(0, 0, 0, 0), ""));
    }
    let (date, time) = text.split_once(' ')?;
    let end = time.find(['+', '-']).unwrap_or(time.len());
    let (time, zone) = time.split_at(end);
    let time = self::time(time).filter(|_| is_zone(zone))?;
    Some((date.parse::<Date>().ok()?.to_datetime(time), zone))
}

fn around(date: Date) -> impl Iterator<Item = Date> {
    let steps = [Span::new(), 1.day(), -1.day()];
    steps.into_iter().filter_map(move |step| date.checked_add(step).ok())
}

/// Dates of each year that is a number in the expression, of each month and of each weekday, if it
/// looks at parts of dates.
fn parts(words: &Words) -> Vec<Date> {
    if !words.calls(&["extract", "date_part", "date_trunc"]) {
        return Vec::new();
    }
    let mut dates = Vec::new();
    for year in words.numbers.iter().filter_map(|number| number.parse::<i16>().ok()) {
        if let (1000..=9998, Ok(date)) = (year, Date::new(year, 1, 1)) {
            dates.extend(around(date));
            dates.extend(date.checked_add(1.year()).into_iter().flat_map(around));
        }
    }
    dates.extend((1..=12).filter_map(|month| Date::new(2024, month, 1).ok()));
    dates.extend((10..=16).filter_map(|day| Date::new(2024, 3, day).ok()));
    dates.extend(Date::new(2024, 12, 31));
    dates
}
