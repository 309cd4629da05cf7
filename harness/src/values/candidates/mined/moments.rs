//! Dates, times and intervals, and those next to them.

use jiff::civil::{Date, DateTime, Time};
use jiff::{Span, ToSpan};

use super::Words;

/// Words that Postgres reads as a moment that depends on the clock.
const NEAR: [&str; 4] = ["today", "yesterday", "tomorrow", "now"];

/// Whether the expression looks at what moment it is. Of constants only these say so.
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
            dates.push(text.clone());
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
            timestamps.push(text.clone());
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
        let Ok(time) = text[..end].trim().parse::<Time>() else { continue };
        for step in [Span::new(), 1.microsecond(), -1.microsecond(), 1.hour(), -1.hour()] {
            times.extend(time.checked_add(step).ok().map(|time| format!("{time}{zone}")));
        }
    }
    times
}

pub(super) fn intervals(words: &Words) -> Vec<String> {
    let mut intervals =
        vec!["0".to_owned(), "1 microsecond".to_owned(), "-1 microsecond".to_owned()];
    for text in words.texts.iter().filter(|text| is_interval(text)) {
        intervals.push(text.clone());
        intervals.push(format!("{text} 1 microsecond"));
        intervals.push(format!("{text} -1 microsecond"));
    }
    intervals
}

/// Whether a text is made of the words that Postgres writes intervals with.
fn is_interval(text: &str) -> bool {
    let units = ["year", "mon", "month", "week", "day", "hour", "minute", "min", "second", "sec"];
    !text.trim().is_empty()
        && text.split_whitespace().all(|word| {
            let unit = word.strip_suffix('s').unwrap_or(word);
            let clock = word.trim_start_matches(['+', '-']);
            units.contains(&unit)
                || word.parse::<i32>().is_ok()
                || (clock.contains(':') && clock.parse::<Time>().is_ok())
        })
}

fn is_endless(text: &str) -> bool {
    ["infinity", "-infinity"].contains(&text)
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
    let digits = |c: char| c.is_ascii_digit() || c == ':' || c == '+' || c == '-';
    let time = time.parse::<Time>().ok().filter(|_| zone.chars().all(digits))?;
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
