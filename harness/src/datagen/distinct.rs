//! Values by type that all differ from each other: the n-th of them, and how many there are.

use super::calendar::{DAY, HOUR, SECOND, write_number};
use super::datum::{Datum, to_text, write};
use super::dice::Dice;
use super::names::Words;
use super::types::{FIRST_DAY, longest, quote, uuid, write_address};
use super::{tail, words};
use crate::values::types::Base;

/// The n-th of the values of this type that differ from each other, counted from zero; `None`
/// if it is not known how to make them. Those of ranges do not overlap either.
pub(super) fn nth(base: &Base, n: u64, text: &mut Vec<u8>) -> Option<Datum> {
    let number = n.cast_signed();
    match base {
        Base::Bool => return Some(Datum::Bool(n == 1)),
        Base::Int(_) => return Some(Datum::Int(number + 1)),
        Base::Float(_) => return Some(Datum::Float((number + 1) as f64)),
        Base::Uuid => return Some(uuid(&mut Dice::at(0x5eed, n))),
        Base::Date => return Some(Datum::Day(FIRST_DAY + number)),
        Base::Time => return Some(Datum::Time(number * SECOND / 1000)),
        Base::Timestamp | Base::TimestampTz => {
            return Some(Datum::Instant(FIRST_DAY * DAY + number * 60 * SECOND));
        }
        Base::TimeTz => {
            write(Datum::Time(number * SECOND / 1000), &[], text);
            text.extend_from_slice(b"+00");
        }
        Base::Numeric(_) | Base::Money => write_number(number + 1, text),
        Base::Text(_) | Base::Char(_) | Base::Citext => {
            let row = Dice::at(0x5eed, n);
            words::write(Words::Code, &mut row.clone(), row, Some(n), longest(base), text);
        }
        Base::Enum(labels) => {
            text.extend_from_slice(labels.get(usize::try_from(n).ok()?)?.as_bytes());
        }
        Base::Interval => {
            write_number(number + 1, text);
            text.extend_from_slice(b" minutes");
        }
        Base::Json | Base::Jsonb => {
            text.extend_from_slice(b"{\"number\": ");
            write_number(number, text);
            text.push(b'}');
        }
        Base::Bytea => text.extend_from_slice(format!("\\x{n:016x}").as_bytes()),
        Base::Inet => write_address(n, text),
        Base::Cidr => {
            write_address(n, text);
            text.extend_from_slice(b"/32");
        }
        Base::MacAddr => {
            let byte = |at: u32| (n >> (8 * at)) & 0xff;
            let (a, b, c, d) = (byte(3), byte(2), byte(1), byte(0));
            text.extend_from_slice(format!("02:00:{a:02x}:{b:02x}:{c:02x}:{d:02x}").as_bytes());
        }
        Base::Bit(bits, _) => {
            let bits = bits.unwrap_or(32) as usize;
            text.extend_from_slice(format!("{n:0bits$b}").as_bytes());
        }
        Base::TsVector => text.extend_from_slice(format!("word{n}").as_bytes()),
        Base::Point => text.extend_from_slice(format!("({n},{n})").as_bytes()),
        Base::Xml => text.extend_from_slice(format!("<row n=\"{n}\"/>").as_bytes()),
        Base::Range(of, many) => {
            let end = |n: u64| {
                let mut inner = Vec::new();
                let made = slot(of, n, &mut inner)?;
                to_text(made, &inner)
            };
            let range = format!("[\"{}\",\"{}\")", end(n)?, end(n + 1)?);
            let range = if *many { format!("{{{range}}}") } else { range };
            text.extend_from_slice(range.as_bytes());
        }
        Base::Array(element) => {
            let mut inner = Vec::new();
            let made = nth(&element.base, n, &mut inner)?;
            text.push(b'{');
            quote(made, &inner, text);
            text.push(b'}');
        }
        Base::Composite(attributes) => {
            let mut inner = Vec::new();
            let made = nth(&attributes.first()?.base, n, &mut inner)?;
            text.push(b'(');
            quote(made, &inner, text);
            text.extend(std::iter::repeat_n(b',', attributes.len() - 1));
            text.push(b')');
        }
        Base::Other(_) => return None,
    }
    Some(Datum::Text)
}

/// The beginning of the n-th of the spans that follow each other without overlapping: an hour
/// of the time types, a day of dates, ten of numbers.
pub(super) fn slot(base: &Base, n: u64, text: &mut Vec<u8>) -> Option<Datum> {
    let number = n.cast_signed();
    Some(match base {
        Base::Timestamp | Base::TimestampTz => Datum::Instant(FIRST_DAY * DAY + number * HOUR),
        Base::Int(_) => Datum::Int(number * 10),
        Base::Float(_) => Datum::Float((number * 10) as f64),
        Base::Numeric(_) => {
            write_number(number * 10, text);
            Datum::Text
        }
        _ => nth(base, n, text)?,
    })
}

/// How many values `nth` tells apart.
pub(super) fn distinct(base: &Base) -> u64 {
    match base {
        Base::Bool => 2,
        Base::Int(bits) => (1 << (bits - 1)) - 1,
        Base::Numeric(Some((precision, scale))) => {
            let digits = (i32::from(*precision) - i32::from(*scale)).clamp(0, 18);
            10_u64.pow(digits.unsigned_abs()) - 1
        }
        Base::Float(32) => 1 << 24,
        Base::Float(_) => 1 << 53,
        Base::Text(_) | Base::Char(_) | Base::Citext => tail::distinct(longest(base)),
        Base::Enum(labels) => labels.len() as u64,
        Base::Date => 2_000_000,
        Base::Time | Base::TimeTz => 86_400_000,
        Base::Timestamp | Base::TimestampTz => 100_000_000_000,
        Base::Inet | Base::Cidr | Base::MacAddr => 1 << 24,
        Base::Bit(bits, _) => 1_u64.checked_shl(bits.unwrap_or(32)).unwrap_or(u64::MAX),
        Base::Range(of, _) => distinct(of) / 10,
        Base::Array(element) => distinct(&element.base),
        Base::Composite(attributes) => attributes.first().map_or(1, |first| distinct(&first.base)),
        Base::Other(_) => 0,
        Base::Numeric(None)
        | Base::Money
        | Base::Uuid
        | Base::Interval
        | Base::Json
        | Base::Jsonb
        | Base::Bytea
        | Base::TsVector
        | Base::Point
        | Base::Xml => u64::MAX,
    }
}
