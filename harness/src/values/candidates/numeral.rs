//! Decimal numbers as digits, since `numeric` has more of them than any number of Rust.

/// `digits` times ten to the minus `scale`: 12345 and 2 make `123.45`, 7 and -2 make `700`.
pub(super) fn scaled(digits: &str, scale: i16) -> String {
    let Ok(places) = usize::try_from(scale) else {
        return format!("{digits}{}", "0".repeat(usize::from(scale.unsigned_abs())));
    };
    if places == 0 {
        return digits.to_owned();
    }
    let padded = format!("{digits:0>width$}", width = places + 1);
    let (whole, fraction) = padded.split_at(padded.len() - places);
    format!("{whole}.{fraction}")
}

/// Whether `numeric(precision, scale)` keeps a plain decimal number as it is.
pub(super) fn fits(number: &str, (precision, scale): (u16, i16)) -> bool {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole = whole.trim_start_matches('-').trim_start_matches('0');
    let rounded = usize::from(scale.min(0).unsigned_abs());
    let zeros = whole.len() - whole.trim_end_matches('0').len();
    let room = i32::from(precision) - i32::from(scale);
    i32::try_from(whole.len()).is_ok_and(|digits| digits <= room)
        && (whole.is_empty() || zeros >= rounded)
        && i32::try_from(fraction.len()).is_ok_and(|places| places <= i32::from(scale.max(0)))
}
