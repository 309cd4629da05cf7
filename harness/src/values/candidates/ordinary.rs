//! Values that nobody would wonder at.

use super::super::types::{Base, Resolved};
use super::{distinct, numeral, unique, written};

/// Values that any column of this type takes, the most ordinary first; all different, at least two
/// where the type has two and at most eight. None for types that none can be made for.
pub fn ordinary(resolved: &Resolved) -> Vec<String> {
    let values = match &resolved.base {
        Base::Array(element) => {
            let elements: Vec<_> = ordinary(element).into_iter().take(3).map(Some).collect();
            let mut arrays: Vec<_> =
                (1..=elements.len()).map(|n| written::array(&elements[..n])).collect();
            arrays.extend(
                elements.iter().skip(1).map(|one| written::array(std::slice::from_ref(one))),
            );
            arrays.push("{}".to_owned());
            arrays
        }
        Base::Composite(attributes) => {
            let attributes: Vec<Vec<String>> = attributes.iter().map(ordinary).collect();
            let rows = (0..4).map(|n| {
                let parts =
                    attributes.iter().map(|values| values.get(n % values.len().max(1)).cloned());
                written::row(&parts.collect::<Vec<_>>())
            });
            rows.collect()
        }
        Base::Other(_) => (0..4).filter_map(|n| distinct(resolved, n)).collect(),
        base => of_base(base),
    };
    unique(values).into_iter().take(8).collect()
}

fn of_base(base: &Base) -> Vec<String> {
    let values: &[&str] = match base {
        Base::Bool => &["true", "false"],
        Base::Int(_) => &["1", "2", "3", "10", "42", "100"],
        Base::Numeric(None) => &["1", "2", "10", "42", "0.5", "99.99"],
        Base::Numeric(Some(limits)) => {
            let natural = ["1", "2", "10", "42", "0.5", "99.99"].map(str::to_owned);
            let natural = natural.into_iter().filter(|number| numeral::fits(number, *limits));
            let steps = ["1", "2", "5"].map(|digits| numeral::scaled(digits, limits.1));
            return natural.chain(steps).collect();
        }
        Base::Float(_) => &["1", "2", "10", "42", "0.5", "99.5"],
        Base::Money => &["1.00", "2.50", "10.00", "99.99"],
        Base::Text(limit) => return words(*limit),
        Base::Char(length) => return words(Some(*length)),
        Base::Citext => return words(None),
        Base::Uuid => &[
            "6f1d2c3a-8b4e-4f5a-9c6d-7e8f90a1b2c3",
            "0b9e8d7c-6a5f-4e4d-8c3b-2a1908f7e6d5",
            "c4b3a291-7f6e-4d5c-a4b3-c2d1e0f9a8b7",
        ],
        Base::Date => &["2024-03-15", "2023-01-01", "2020-07-04", "2024-12-31"],
        Base::Time => &["09:00:00", "12:30:00", "17:45:30"],
        Base::TimeTz => &["09:00:00+00", "12:30:00+00", "17:45:30+00"],
        Base::Timestamp => &["2024-03-15 10:30:00", "2023-01-01 00:00:00", "2020-07-04 18:15:42"],
        Base::TimestampTz => {
            &["2024-03-15 10:30:00+00", "2023-01-01 00:00:00+00", "2020-07-04 18:15:42+00"]
        }
        Base::Interval => &["1 day", "1 hour", "30 minutes", "7 days", "1 year"],
        Base::Json | Base::Jsonb => {
            &["{}", "{\"a\": 1}", "{\"a\": 2, \"b\": \"two\"}", "[1, 2]", "\"text\"", "1"]
        }
        Base::Bytea => &["\\xdeadbeef", "\\x0102", "\\x61"],
        Base::Inet => &["192.0.2.1", "198.51.100.7", "2001:db8::1", "192.0.2.9/24"],
        Base::Cidr => &["192.0.2.0/24", "198.51.100.0/24", "2001:db8::/32"],
        Base::MacAddr => &["08:00:2b:01:02:03", "02:00:5e:10:00:01"],
        Base::Bit(length, _) => return bits(*length),
        Base::TsVector => &["'apple':1", "'banana':1 'cherry':2", "'word'"],
        Base::Point => &["(1,2)", "(0.5,-1)", "(10,20)"],
        Base::Xml => &["<a/>", "<a>text</a>", "<b c=\"d\"/>"],
        Base::Enum(labels) => return labels.clone(),
        Base::Range(_, _) => {
            return (0..4).filter_map(|n| distinct::of_base(base, n)).collect();
        }
        Base::Array(_) | Base::Composite(_) | Base::Other(_) => &[],
    };
    values.iter().map(|value| (*value).to_owned()).collect()
}

fn words(limit: Option<u32>) -> Vec<String> {
    let limit = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let words = ["apple", "banana", "cherry", "date", "elder", "fig"];
    words.map(|word| word.chars().take(limit).collect()).into()
}

fn bits(length: Option<u32>) -> Vec<String> {
    let length = length.map_or(4, |length| usize::try_from(length).unwrap_or(usize::MAX));
    let tail = "0".repeat(length.saturating_sub(1));
    vec![format!("1{tail}"), format!("0{tail}"), "1".repeat(length)]
}
