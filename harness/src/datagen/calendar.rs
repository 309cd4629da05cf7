//! Days and times as numbers, and as Postgres reads them.

/// Microseconds of a second, an hour and a day.
pub(super) const SECOND: i64 = 1_000_000;
pub(super) const HOUR: i64 = 3600 * SECOND;
pub(super) const DAY: i64 = 24 * HOUR;

/// The day `year-01-01`, counted from 2000-01-01 as Postgres does.
pub(super) const fn new_year(year: i64) -> i64 {
    let before = year - 1;
    365 * year + before / 4 - before / 100 + before / 400 - 730_484
}

/// Writes a day as `2024-02-29`.
pub(super) fn write_day(day: i64, out: &mut Vec<u8>) {
    // Counted from 0000-03-01, so that the leap day ends a year (Howard Hinnant,
    // "chrono-Compatible Low-Level Date Algorithms").
    let shifted = day + 730_425;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    write_padded(year, 4, out);
    out.push(b'-');
    write_padded(month, 2, out);
    out.push(b'-');
    write_padded(day, 2, out);
}

/// Writes a time of day as `13:05:09.000120`.
pub(super) fn write_time(micros: i64, out: &mut Vec<u8>) {
    write_padded(micros / HOUR, 2, out);
    out.push(b':');
    write_padded(micros / (60 * SECOND) % 60, 2, out);
    out.push(b':');
    write_padded(micros / SECOND % 60, 2, out);
    out.push(b'.');
    write_padded(micros % SECOND, 6, out);
}

/// Writes an instant, in microseconds from 2000-01-01 UTC, as `2024-02-29 13:05:09.000120`.
pub(super) fn write_instant(micros: i64, out: &mut Vec<u8>) {
    write_day(micros.div_euclid(DAY), out);
    out.push(b' ');
    write_time(micros.rem_euclid(DAY), out);
}

/// Writes a number with zeros in front up to the width.
pub(super) fn write_padded(number: i64, width: usize, out: &mut Vec<u8>) {
    let digits = number.checked_ilog10().unwrap_or(0) as usize + 1;
    out.extend(std::iter::repeat_n(b'0', width.saturating_sub(digits)));
    write_number(number, out);
}

/// Writes a number.
pub(super) fn write_number(number: i64, out: &mut Vec<u8>) {
    if number < 0 {
        out.push(b'-');
    }
    let start = out.len();
    let mut rest = number.unsigned_abs();
    loop {
        out.push(b'0' + (rest % 10) as u8);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out[start..].reverse();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(micros: i64) -> String {
        let mut out = Vec::new();
        write_instant(micros, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn instants_read_as_postgres_writes_them() {
        assert_eq!(instant(0), "2000-01-01 00:00:00.000000");
        assert_eq!(instant(-1), "1999-12-31 23:59:59.999999");
        assert_eq!(instant(new_year(2024) * DAY), "2024-01-01 00:00:00.000000");
        assert_eq!(instant((new_year(2024) + 59) * DAY + HOUR), "2024-02-29 01:00:00.000000");
        assert_eq!(instant((new_year(1970)) * DAY), "1970-01-01 00:00:00.000000");
    }
}
