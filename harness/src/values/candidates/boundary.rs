//! Values at the limits of a type.

use super::super::types::{Base, Resolved};
use super::{distinct, numeral, ordinary, unique, written};

/// Values at the limits of the type, all of which it accepts: the smallest and the largest, zero,
/// empty ones, the longest, the infinite, and those that are known to trip programs up.
pub fn boundary(resolved: &Resolved) -> Vec<String> {
    unique(match &resolved.base {
        Base::Text(limit) => {
            // A `name` is counted in bytes.
            texts(*limit, resolved.cast != "name")
        }
        Base::Char(length) => {
            let mut texts = texts(Some(*length), true);
            // Blanks at the end do not count.
            texts.retain(|text| text != " ");
            texts
        }
        Base::Citext => texts(None, true),
        Base::Array(element) => arrays(element),
        Base::Composite(attributes) => rows(attributes),
        Base::Timestamp | Base::TimestampTz => {
            instants(resolved.base == Base::TimestampTz, resolved.cast.contains('('))
        }
        base => of_base(base),
    })
}

/// The largest number or the longest text of a type whose values have an end that near.
pub fn largest(resolved: &Resolved) -> Option<String> {
    Some(match &resolved.base {
        Base::Int(16) => i16::MAX.to_string(),
        Base::Int(32) => i32::MAX.to_string(),
        Base::Int(_) => i64::MAX.to_string(),
        Base::Text(Some(length)) | Base::Char(length) => {
            // Longer ones do not fit into every index.
            "x".repeat(usize::try_from(*length).ok().filter(|length| *length <= 2000)?)
        }
        _ => return None,
    })
}

fn of_base(base: &Base) -> Vec<String> {
    let values: &[&str] = match base {
        Base::Bool => &["false", "true"],
        Base::Int(16) => &["0", "-1", "-32768", "32767"],
        Base::Int(32) => &["0", "-1", "-2147483648", "2147483647"],
        Base::Int(_) => &["0", "-1", "-9223372036854775808", "9223372036854775807"],
        Base::Numeric(None) => &[
            "0",
            "-1",
            "0.000000001",
            "-99999999999999999999",
            "99999999999999999999.999999",
            "NaN",
            "Infinity",
            "-Infinity",
        ],
        Base::Numeric(Some((precision, scale))) => {
            let largest = numeral::scaled(&"9".repeat(usize::from(*precision)), *scale);
            let smallest = numeral::scaled("1", *scale);
            let negative = [format!("-{smallest}"), format!("-{largest}")];
            let zero = ["0".to_owned(), smallest, largest, "NaN".to_owned()];
            return zero.into_iter().chain(negative).collect();
        }
        Base::Float(32) => &[
            "0",
            "-1",
            "1.1754944e-38",
            "3.4028235e+38",
            "-3.4028235e+38",
            "NaN",
            "Infinity",
            "-Infinity",
        ],
        Base::Float(_) => &[
            "0",
            "-1",
            "2.2250738585072014e-308",
            "1.7976931348623157e+308",
            "-1.7976931348623157e+308",
            "NaN",
            "Infinity",
            "-Infinity",
        ],
        Base::Money => &["0.00", "-0.01", "92233720368547758.07", "-92233720368547758.08"],
        Base::Uuid => {
            &["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"]
        }
        Base::Date => &[
            "epoch",
            "2024-02-29",
            "1999-12-31",
            "2000-01-01",
            "0001-01-01",
            "4714-11-24 BC",
            "5874897-12-31",
            "infinity",
            "-infinity",
        ],
        Base::Time => &["00:00:00", "23:59:59", "24:00:00"],
        Base::TimeTz => &["00:00:00+00", "23:59:59+00", "00:00:00+15:59", "24:00:00-15:59"],
        Base::Interval => {
            &["0", "-1 day", "1 microsecond", "24 hours", "178000000 years", "-178000000 years"]
        }
        Base::Json | Base::Jsonb => &[
            "{}",
            "[]",
            "null",
            "true",
            "\"\"",
            "0",
            "{\"\": null}",
            "[[[[]]]]",
            "{\"é\": \"😀\"}",
            "1e100",
        ],
        Base::Bytea => &["\\x", "\\x00", "\\xff"],
        Base::Inet => &[
            "0.0.0.0",
            "255.255.255.255",
            "0.0.0.0/0",
            "::",
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            "::ffff:192.0.2.1",
        ],
        Base::Cidr => &["0.0.0.0/0", "255.255.255.255/32", "::/0", "2001:db8::1/128"],
        Base::MacAddr => &["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"],
        Base::Bit(length, varying) => return bits(*length, *varying),
        Base::TsVector => &["", "'a'", "'a':16383", "'it''s':1A"],
        Base::Point => &["(0,0)", "(-1,-1)", "(1e+308,-1e+308)", "(NaN,Infinity)"],
        Base::Xml => &["", "text", "<é/>", "<a><b/><b/></a>"],
        Base::Enum(labels) => {
            return labels.first().into_iter().chain(labels.last()).cloned().collect();
        }
        Base::Range(subtype, multirange) => return ranges(subtype, *multirange),
        _ => &[],
    };
    values.iter().map(|value| (*value).to_owned()).collect()
}

fn texts(limit: Option<u32>, in_characters: bool) -> Vec<String> {
    let longest = limit.map_or(1000, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    // Longer ones than this are slow to move about and say nothing more.
    let longest = longest.min(100_000);
    let mut texts = vec![String::new(), " ".to_owned(), "a".to_owned(), "x".repeat(longest)];
    if in_characters {
        texts.push("é".repeat(longest));
        texts.push("😀".to_owned());
    }
    let awkward = ["'", "\\", "\"", "%", "é", "NULL", "a b", "O'Brien \\ \"x\""];
    let fit = awkward.into_iter().filter(|text| text.chars().count() <= longest);
    texts.extend(fit.map(str::to_owned));
    texts
}

/// The limits of timestamps. Where the column rounds, the last moment would be rounded beyond.
fn instants(zone: bool, rounded: bool) -> Vec<String> {
    let zone = if zone { "+00" } else { "" };
    let last = if rounded { "" } else { ".999999" };
    vec![
        "epoch".to_owned(),
        format!("2024-02-29 12:00:00{zone}"),
        format!("1999-12-31 23:59:59{zone}"),
        format!("2024-03-15 10:30:00.000001{zone}"),
        format!("0001-01-01 00:00:00{zone}"),
        format!("4714-11-24 00:00:00{zone} BC"),
        format!("294276-12-31 23:59:59{last}{zone}"),
        "infinity".to_owned(),
        "-infinity".to_owned(),
    ]
}

fn bits(length: Option<u32>, varying: bool) -> Vec<String> {
    let length = length.map_or(64, |length| usize::try_from(length).unwrap_or(usize::MAX));
    let mut bits = vec!["0".repeat(length), "1".repeat(length)];
    if varying {
        bits.extend([String::new(), "0".to_owned(), "1".to_owned()]);
    }
    bits
}

fn ranges(subtype: &Base, multirange: bool) -> Vec<String> {
    let mut ranges = vec![if multirange { "{}" } else { "empty" }.to_owned()];
    ranges.push(written::range('(', None, None, ')', multirange));
    if let Some(point) = distinct::of_base(subtype, 0) {
        ranges.push(written::range('[', Some(&point), None, ')', multirange));
        ranges.push(written::range('(', None, Some(&point), ')', multirange));
        ranges.push(written::range('[', Some(&point), Some(&point), ']', multirange));
    }
    if matches!(subtype, Base::Date | Base::Timestamp | Base::TimestampTz) {
        ranges.push(written::range('[', Some("-infinity"), Some("infinity"), ']', multirange));
    }
    ranges
}

fn arrays(element: &Resolved) -> Vec<String> {
    let mut arrays = vec!["{}".to_owned()];
    if !element.not_null() {
        arrays.push(written::array(&[None]));
    }
    if let Some(one) = ordinary(element).into_iter().next() {
        let one = Some(one);
        arrays.push(written::array(std::slice::from_ref(&one)));
        arrays.push(written::array(&[one.clone(), one.clone()]));
        let inner = written::array(std::slice::from_ref(&one));
        arrays.push(format!("{{{inner},{inner}}}"));
        arrays.push(written::array(&vec![one; 100]));
    }
    arrays
        .extend(boundary(element).into_iter().take(6).map(|value| written::array(&[Some(value)])));
    arrays
}

fn rows(attributes: &[Resolved]) -> Vec<String> {
    let plain: Vec<Option<String>> =
        attributes.iter().map(|attribute| ordinary(attribute).into_iter().next()).collect();
    let absent = attributes
        .iter()
        .zip(&plain)
        .map(|(attribute, value)| if attribute.not_null() { value.clone() } else { None });
    let mut rows = vec![written::row(&absent.collect::<Vec<_>>())];
    for (n, attribute) in attributes.iter().enumerate() {
        for value in boundary(attribute).into_iter().take(3) {
            let mut parts = plain.clone();
            parts[n] = Some(value);
            rows.push(written::row(&parts));
        }
    }
    rows
}
