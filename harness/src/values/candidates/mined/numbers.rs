//! Numbers and those next to them.

use super::super::numeral;
use super::Words;

/// Everything in the expression that reads as a number.
fn written(words: &Words) -> impl Iterator<Item = &String> {
    words.numbers.iter().chain(&words.texts)
}

pub(super) fn integers(words: &Words, bits: u8) -> Vec<String> {
    let limit = 1_i128 << bits.saturating_sub(1).min(63);
    let mut integers = Vec::new();
    for (digits, scale) in written(words).filter_map(|text| decimal(text)) {
        let whole = digits.div_euclid(10_i128.saturating_pow(scale));
        integers.extend([whole, whole.saturating_add(1), whole.saturating_sub(1)]);
    }
    integers.retain(|integer| (-limit..limit).contains(integer));
    integers.iter().map(ToString::to_string).collect()
}

pub(super) fn numerics(words: &Words, limits: Option<(u16, i16)>) -> Vec<String> {
    let mut numerics = Vec::new();
    for (digits, scale) in written(words).filter_map(|text| decimal(text)) {
        let finest = match limits {
            Some((_, places)) => u32::try_from(places.max(0)).unwrap_or_default(),
            // Any number of digits is kept: a step much smaller than what is written.
            None => scale + 6,
        };
        for places in [scale, scale.max(finest)] {
            let Some(factor) = 10_i128.checked_pow(places - scale) else { continue };
            let Some(digits) = digits.checked_mul(factor) else { continue };
            for digits in [Some(digits), digits.checked_add(1), digits.checked_sub(1)] {
                numerics.extend(digits.and_then(|digits| plain(digits, places)));
            }
        }
    }
    if let Some(limits) = limits {
        numerics.retain(|number| numeral::fits(number, limits));
    }
    numerics
}

pub(super) fn floats(words: &Words, bits: u8) -> Vec<String> {
    let mut floats = Vec::new();
    for text in written(words).filter(|text| decimal(text).is_some()) {
        if bits == 32 {
            let Ok(float) = text.parse::<f32>() else { continue };
            let around = [float, float.next_up(), float.next_down(), float + 1.0, float - 1.0];
            let finite = around.into_iter().filter(|float| float.is_normal() || *float == 0.0);
            floats.extend(finite.map(|float| format!("{float:e}")));
        } else {
            let Ok(float) = text.parse::<f64>() else { continue };
            let around = [float, float.next_up(), float.next_down(), float + 1.0, float - 1.0];
            let finite = around.into_iter().filter(|float| float.is_normal() || *float == 0.0);
            floats.extend(finite.map(|float| format!("{float:e}")));
        }
    }
    floats
}

/// A plain decimal number as its digits and how many of them are after the point.
fn decimal(text: &str) -> Option<(i128, u32)> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let fraction_is_digits = fraction.bytes().all(|byte| byte.is_ascii_digit());
    let digits = format!("{whole}{fraction}").parse().ok()?;
    (fraction_is_digits && fraction.len() < 30)
        .then_some((digits, u32::try_from(fraction.len()).ok()?))
}

fn plain(digits: i128, places: u32) -> Option<String> {
    let sign = if digits < 0 { "-" } else { "" };
    let places = i16::try_from(places).ok()?;
    Some(format!("{sign}{}", numeral::scaled(&digits.unsigned_abs().to_string(), places)))
}
