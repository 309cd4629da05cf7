//! Endlessly many different values.

use jiff::Span;
use jiff::civil::date;

use super::super::types::{Base, Resolved};
use super::{numeral, ordinary, written};

/// The n-th of many different values of the type, counted from zero; they differ also without
/// regard to case and blanks. `None` once the type has no more, or if none can be made for it.
pub fn distinct(resolved: &Resolved, n: usize) -> Option<String> {
    match &resolved.base {
        Base::Array(element) => Some(written::array(&[Some(distinct(element, n)?)])),
        Base::Composite(attributes) => {
            let different: Vec<_> = attributes.iter().map(|part| distinct(part, n)).collect();
            different.iter().any(Option::is_some).then(|| {
                let parts = attributes.iter().zip(different).map(|(attribute, value)| {
                    value.or_else(|| ordinary(attribute).into_iter().next())
                });
                written::row(&parts.collect::<Vec<_>>())
            })
        }
        Base::Other(name) => other(name, &resolved.cast, n),
        base => of_base(base, n),
    }
}

/// The same of a type without parts that have domains. Where the type has an order, the values
/// ascend.
pub(super) fn of_base(base: &Base, n: usize) -> Option<String> {
    Some(match base {
        Base::Bool => ["true", "false"].get(n)?.to_string(),
        Base::Int(16) => i16::try_from(n.checked_add(20_001)?).ok()?.to_string(),
        Base::Int(32) => i32::try_from(n.checked_add(1_000_001)?).ok()?.to_string(),
        Base::Int(_) => n.checked_add(1_000_001)?.to_string(),
        Base::Numeric(None) => n.checked_add(1_000_001)?.to_string(),
        Base::Numeric(Some(limits)) => {
            let whole = n.checked_add(1_000_001)?.to_string();
            if i32::from(limits.0) - i32::from(limits.1) > 7 && limits.1 >= 0 {
                return numeral::fits(&whole, *limits).then_some(whole);
            }
            let digits = n.checked_add(1)?.to_string();
            (digits.len() <= usize::from(limits.0)).then(|| numeral::scaled(&digits, limits.1))?
        }
        // Larger ones run together in a float of 32 bits.
        Base::Float(_) => (n < 15_000_000).then(|| (n + 1_000_001).to_string())?,
        Base::Money => format!("{}.00", n.checked_add(1_000_001)?),
        Base::Text(limit) => word(*limit, n)?,
        Base::Char(length) => word(Some(*length), n)?,
        Base::Citext => word(None, n)?,
        Base::Uuid => {
            let low = u32::try_from(n).ok()?;
            format!("{low:08x}-0000-4000-8000-{low:012x}")
        }
        Base::Date => {
            let days = i64::try_from(n).ok()?;
            date(2001, 1, 1).checked_add(Span::new().try_days(days).ok()?).ok()?.to_string()
        }
        Base::Time => time(n)?,
        Base::TimeTz => format!("{}+00", time(n)?),
        Base::Timestamp => minute(n)?,
        Base::TimestampTz => format!("{}+00", minute(n)?),
        Base::Interval => format!("{} minutes", i32::try_from(n.checked_add(1)?).ok()?),
        Base::Json | Base::Jsonb => format!("{{\"n\": {n}}}"),
        Base::Bytea => format!("\\x{:08x}", u32::try_from(n).ok()?),
        Base::Inet => format!("10.{}", octets(n)?),
        Base::Cidr => format!("10.{}/32", octets(n)?),
        Base::MacAddr => {
            let [a, b, c, d] = u32::try_from(n).ok()?.to_be_bytes();
            format!("02:00:{a:02x}:{b:02x}:{c:02x}:{d:02x}")
        }
        Base::Bit(length, _) => {
            let width = length.map_or(32, |length| usize::try_from(length).unwrap_or(usize::MAX));
            let bits = format!("{n:b}");
            (bits.len() <= width).then(|| format!("{bits:0>width$}"))?
        }
        Base::TsVector => word(None, n)?,
        Base::Point => format!("({n},{n})"),
        Base::Xml => format!("<n>{n}</n>"),
        Base::Enum(labels) => labels.get(n)?.clone(),
        Base::Range(subtype, multirange) => {
            let lower = of_base(subtype, n.checked_mul(10)?)?;
            let upper = of_base(subtype, n.checked_mul(10)?.checked_add(5)?)?;
            written::range('[', Some(&lower), Some(&upper), ')', *multirange)
        }
        Base::Array(_) | Base::Composite(_) | Base::Other(_) => return None,
    })
}

/// A word of at most so many characters.
fn word(limit: Option<u32>, n: usize) -> Option<String> {
    let limit = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    if limit >= 12 {
        let word = format!("word{n:06}");
        return (word.len() <= limit).then_some(word);
    }
    let alphabet = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut rest = n.checked_add(1)?;
    let mut word = String::new();
    while rest > 0 {
        rest -= 1;
        word.insert(0, char::from(alphabet[rest % alphabet.len()]));
        rest /= alphabet.len();
    }
    (word.len() <= limit).then_some(word)
}

fn time(n: usize) -> Option<String> {
    let time = format!("{:02}:{:02}:{:02}", n / 3600, n / 60 % 60, n % 60);
    (n < 86_400).then_some(time)
}

fn minute(n: usize) -> Option<String> {
    let minutes = Span::new().try_minutes(i64::try_from(n).ok()?).ok()?;
    let minute = date(2001, 1, 1).at(0, 0, 0, 0).checked_add(minutes).ok()?;
    Some(minute.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

fn octets(n: usize) -> Option<String> {
    let [0, a, b, c] = u32::try_from(n).ok()?.to_be_bytes() else { return None };
    Some(format!("{a}.{b}.{c}"))
}

/// Types that Postgres or a common extension has beside those that are known in full.
fn other(name: &str, cast: &str, n: usize) -> Option<String> {
    Some(match name {
        "oid" => u32::try_from(n.checked_add(1_000_001)?).ok()?.to_string(),
        "macaddr8" => {
            let [a, b, c, d] = u32::try_from(n).ok()?.to_be_bytes();
            format!("02:00:00:00:{a:02x}:{b:02x}:{c:02x}:{d:02x}")
        }
        "hstore" => format!("n=>{n}"),
        "ltree" | "tsquery" | "lquery" => word(None, n)?,
        "pg_lsn" => format!("0/{:X}", u32::try_from(n).ok()?),
        "jsonpath" => format!("$.n{n}"),
        "box" | "lseg" => format!("({n},{n}),({},{})", n + 1, n + 1),
        "circle" => format!("<({n},{n}),1>"),
        "polygon" | "path" => format!("(({n},{n}),({},{n}),({n},{}))", n + 1, n + 1),
        "line" => format!("{{1,1,{n}}}"),
        "vector" | "halfvec" => {
            let inside = cast.split_once('(').map_or("3", |(_, rest)| rest.trim_end_matches(')'));
            let dimensions: usize = inside.parse().ok()?;
            let mut numbers = vec!["1".to_owned(); dimensions];
            *numbers.first_mut()? = n.checked_add(1)?.to_string();
            format!("[{}]", numbers.join(","))
        }
        _ => return None,
    })
}
