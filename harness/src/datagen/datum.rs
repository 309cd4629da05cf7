//! One value on its way to the server, and how it is written as text.

use super::calendar;

/// A value. What has no form of its own is text, kept beside it in a buffer that is used again
/// for every value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Datum {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Uuid(u128),
    /// Days from 2000-01-01.
    Day(i64),
    /// Microseconds from midnight.
    Time(i64),
    /// Microseconds from 2000-01-01 UTC, or local where the type knows no time zone.
    Instant(i64),
    /// What stands in the buffer.
    Text,
}

/// A value that is kept, not computed: one that a check asks for, or a key read from a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kept {
    pub(super) datum: Datum,
    pub(super) text: Vec<u8>,
}

impl Kept {
    pub(super) const NULL: Self = Self { datum: Datum::Null, text: Vec::new() };

    /// The value, with its text put into the buffer.
    pub(super) fn get(&self, text: &mut Vec<u8>) -> Datum {
        if self.datum == Datum::Text {
            text.extend_from_slice(&self.text);
        }
        self.datum
    }
}

/// Writes a value that is not NULL as Postgres reads it.
pub(super) fn write(datum: Datum, text: &[u8], out: &mut Vec<u8>) {
    match datum {
        Datum::Null => {}
        Datum::Bool(value) => out.push(if value { b't' } else { b'f' }),
        Datum::Int(value) => calendar::write_number(value, out),
        Datum::Float(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Datum::Uuid(value) => write_uuid(value, out),
        Datum::Day(day) => calendar::write_day(day, out),
        Datum::Time(time) => calendar::write_time(time, out),
        Datum::Instant(instant) => {
            calendar::write_instant(instant, out);
            // Of a type without a time zone this is read over.
            out.extend_from_slice(b"+00");
        }
        Datum::Text => out.extend_from_slice(text),
    }
}

/// The value as text; `None` is NULL.
pub(super) fn to_text(datum: Datum, text: &[u8]) -> Option<String> {
    if datum == Datum::Null {
        return None;
    }
    let mut out = Vec::new();
    write(datum, text, &mut out);
    Some(String::from_utf8_lossy(&out).into_owned())
}

fn write_uuid(value: u128, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    for (at, byte) in value.to_be_bytes().into_iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        out.push(HEX[usize::from(byte >> 4)]);
        out.push(HEX[usize::from(byte & 15)]);
    }
}
