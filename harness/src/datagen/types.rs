//! Ordinary values by type.

use super::calendar::{DAY, HOUR, SECOND, new_year, write_number};
use super::datum::{Datum, write};
use super::dice::Dice;
use super::distinct::{distinct, nth};
use super::names::{Amount, Words};
use super::words;
use crate::values::types::Base;

/// The day that rows begin on: what is made is the same on any day.
pub(super) const FIRST_DAY: i64 = new_year(2024);

/// The columns' share in what a row is about.
pub(super) struct Row {
    /// Stands at the person that it is about.
    pub(super) person: Dice,
    /// Stands at the times of its life.
    pub(super) life: Dice,
}

/// What is known of a column from its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hints {
    pub(super) words: Words,
    pub(super) amount: Amount,
    /// The place of this moment in a row's life; `None` for a date of birth.
    pub(super) moment: Option<u8>,
    /// What of a hundred rows have this flag set.
    pub(super) share: u8,
}

/// An ordinary value of the type; `None` if it is not known how to make one.
pub(super) fn ordinary(
    base: &Base,
    hints: Hints,
    row: &Row,
    dice: &mut Dice,
    text: &mut Vec<u8>,
) -> Option<Datum> {
    Some(match base {
        Base::Bool => Datum::Bool(dice.percent(hints.share)),
        Base::Int(bits) => {
            let largest = i64::MAX >> (64 - bits);
            Datum::Int(number(hints.amount, 0, dice).clamp(-largest, largest))
        }
        Base::Numeric(limits) => decimal(*limits, hints.amount, dice, text),
        Base::Float(_) => Datum::Float(number(hints.amount, 4, dice) as f64 / 10_000.0),
        Base::Money => decimal(Some((12, 2)), Amount::Price, dice, text),
        Base::Text(_) | Base::Char(_) | Base::Citext => {
            words::write(hints.words, dice, row.person.clone(), None, longest(base), text);
            Datum::Text
        }
        Base::Uuid => uuid(dice),
        Base::Date => Datum::Day(instant(hints.moment, row, dice).div_euclid(DAY)),
        Base::Timestamp | Base::TimestampTz => Datum::Instant(instant(hints.moment, row, dice)),
        Base::Time => Datum::Time(dice.between(7 * 60, 20 * 60) * 60 * SECOND),
        Base::TimeTz => {
            write(Datum::Time(dice.between(7 * 60, 20 * 60) * 60 * SECOND), &[], text);
            text.extend_from_slice(b"+00");
            Datum::Text
        }
        Base::Enum(labels) => {
            // Twice: the earlier a label, the more frequent.
            let at = dice.below(labels.len() as u64).min(dice.below(labels.len() as u64));
            return nth(base, at, text);
        }
        Base::Json | Base::Jsonb => {
            text.extend_from_slice(b"{\"tags\": [\"");
            let mut inner = Vec::new();
            words::write(Words::Word, dice, row.person.clone(), None, 20, &mut inner);
            text.append(&mut inner);
            text.extend_from_slice(b"\"], \"count\": ");
            write_number(dice.between(0, 99), text);
            text.push(b'}');
            Datum::Text
        }
        Base::Range(..) => nth(base, dice.below(distinct(base).min(10_000)), text)?,
        Base::Array(element) => {
            let mut inner = Vec::new();
            text.push(b'{');
            for at in 0..dice.between(1, 3) {
                inner.clear();
                let made = ordinary(&element.base, hints, row, dice, &mut inner)?;
                if at > 0 {
                    text.push(b',');
                }
                quote(made, &inner, text);
            }
            text.push(b'}');
            Datum::Text
        }
        Base::Composite(attributes) => {
            let mut inner = Vec::new();
            text.push(b'(');
            for (at, attribute) in attributes.iter().enumerate() {
                inner.clear();
                let made = ordinary(&attribute.base, hints, row, dice, &mut inner)?;
                if at > 0 {
                    text.push(b',');
                }
                quote(made, &inner, text);
            }
            text.push(b')');
            Datum::Text
        }
        Base::Interval
        | Base::Inet
        | Base::Cidr
        | Base::MacAddr
        | Base::Bytea
        | Base::Bit(..)
        | Base::TsVector
        | Base::Point
        | Base::Xml => nth(base, dice.below(distinct(base).min(1000)), text)?,
        Base::Other(_) => return None,
    })
}

/// The most characters that a text type takes.
pub(super) fn longest(base: &Base) -> usize {
    match base {
        Base::Text(Some(longest)) | Base::Char(longest) => *longest as usize,
        _ => 1000,
    }
}

/// A random UUID (version 4).
pub(super) fn uuid(dice: &mut Dice) -> Datum {
    let random = u128::from(dice.next()) << 64 | u128::from(dice.next());
    Datum::Uuid(random & !(0xf << 76) & !(0xc << 60) | 4 << 76 | 8 << 60)
}

/// Writes an IP address of a private network.
pub(super) fn write_address(n: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(b"10");
    for shift in [16, 8, 0] {
        out.push(b'.');
        write_number(((n >> shift) & 0xff).cast_signed(), out);
    }
}

/// A number in units of the `10 ^ -scale`.
fn number(amount: Amount, scale: u32, dice: &mut Dice) -> i64 {
    let unit = 10_i64.pow(scale.min(6));
    let mut within = |low: i64, high: i64| dice.between(low * unit, high * unit);
    match amount {
        // Most things are cheap, and a few are not.
        Amount::Price => within(1, 100).min(within(1, 1000)),
        Amount::Cents => within(100, 10_000).min(within(100, 100_000)),
        Amount::Quantity => within(1, 5).min(within(1, 20)) / unit * unit,
        Amount::Age => within(18, 90) / unit * unit,
        Amount::Year => within(1990, 2025) / unit * unit,
        Amount::Percent if scale > 0 => within(0, 1),
        Amount::Percent => within(0, 100),
        Amount::Rating => within(1, 5),
        Amount::Latitude => within(-60, 70),
        Amount::Longitude => within(-180, 180),
        Amount::Bytes => within(100, 1_000_000),
        Amount::Version => within(1, 5) / unit * unit,
        Amount::Position => within(1, 100) / unit * unit,
        Amount::Any => within(1, 1000),
    }
}

fn decimal(
    limits: Option<(u16, i16)>,
    amount: Amount,
    dice: &mut Dice,
    text: &mut Vec<u8>,
) -> Datum {
    let scale = limits.map_or(2, |(_, scale)| u32::try_from(scale).unwrap_or(0).min(6));
    let mut units = number(amount, scale, dice);
    if let Some((precision, _)) = limits {
        units %= 10_i64.pow(u32::from(precision.min(18)));
    }
    let unit = 10_i64.pow(scale);
    if units < 0 {
        text.push(b'-');
    }
    write_number((units / unit).abs(), text);
    if scale > 0 {
        text.push(b'.');
        super::calendar::write_padded((units % unit).abs(), scale as usize, text);
    }
    Datum::Text
}

/// A moment of the row's life, in an order that all its columns keep: what comes first is drawn
/// first, and each step takes up to some days. A birth lies decades before.
fn instant(moment: Option<u8>, row: &Row, dice: &mut Dice) -> i64 {
    let mut life = row.life.clone();
    let mut at = FIRST_DAY * DAY + life.between(0, 600 * DAY / SECOND) * SECOND;
    let Some(moment) = moment else {
        return at - dice.between(18 * 365, 80 * 365) * DAY;
    };
    for _ in 0..moment {
        at += DAY + life.between(0, 7 * DAY);
    }
    // Within the step, so that two columns of one place are not the same to the microsecond.
    at + if moment == 0 { 0 } else { dice.between(0, HOUR - 1) }
}

/// A value within an array or a composite value, between double quotes.
pub(super) fn quote(datum: Datum, inner: &[u8], text: &mut Vec<u8>) {
    let mut plain = Vec::new();
    write(datum, inner, &mut plain);
    text.push(b'"');
    for byte in plain {
        if matches!(byte, b'"' | b'\\') {
            text.push(b'\\');
        }
        text.push(byte);
    }
    text.push(b'"');
}
