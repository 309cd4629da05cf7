//! Values just beyond what a type takes.

use super::super::types::{Base, Resolved};
use super::{distinct, numeral, ordinary, written};

/// A value that the type must refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beyond {
    /// What is wrong with it, to follow "a value with" or stand alone: `one character too many`.
    pub about: String,
    pub value: String,
    /// One of these is the code of the refusal.
    pub sqlstates: Vec<&'static str>,
}

/// Values just beyond what the type takes. Those that are too long are only refused when they are
/// stored: an explicit cast to `varchar(n)` or `bit(n)` cuts them off instead.
pub fn beyond(resolved: &Resolved) -> Vec<Beyond> {
    match &resolved.base {
        // A `name` that is too long is cut off.
        Base::Text(_) if resolved.cast == "name" => Vec::new(),
        Base::Array(element) => {
            let mut all = of_base(&resolved.base);
            all.extend(beyond(element).into_iter().take(2).map(|beyond| Beyond {
                about: format!("an element: {}", beyond.about),
                value: written::array(&[Some(beyond.value)]),
                sqlstates: beyond.sqlstates,
            }));
            all
        }
        Base::Composite(attributes) => rows(attributes),
        base => of_base(base),
    }
}

fn of_base(base: &Base) -> Vec<Beyond> {
    let values: &[(&str, &str, &[&'static str])] = match base {
        Base::Bool => &[("no boolean", "maybe", &["22P02"]), ("nothing", "", &["22P02"])],
        Base::Int(bits) => return integers(*bits),
        Base::Numeric(limits) => return numerics(*limits),
        Base::Float(32) => &[("too large", "1e39", &["22003"]), ("no number", "one", &["22P02"])],
        Base::Float(_) => &[("too large", "1e309", &["22003"]), ("no number", "one", &["22P02"])],
        Base::Money => {
            &[("too large", "92233720368547758.08", &["22003"]), ("no number", "one", &["22P02"])]
        }
        Base::Text(Some(limit)) | Base::Char(limit) => return too_long(*limit),
        Base::Text(None) | Base::Citext => &[],
        Base::Uuid => &[
            ("no UUID", "not-a-uuid", &["22P02"]),
            ("a digit too few", "6f1d2c3a-8b4e-4f5a-9c6d-7e8f90a1b2c", &["22P02"]),
            ("nothing", "", &["22P02"]),
        ],
        Base::Date => &[
            ("a day that was not", "2023-02-29", &["22008"]),
            ("too late", "5874898-01-01", &["22008"]),
            ("too early", "4714-11-23 BC", &["22008"]),
            ("no date", "someday", &["22007"]),
            ("nothing", "", &["22007"]),
        ],
        Base::Time => &[("too late", "24:00:01", &["22008"]), ("no time", "later", &["22007"])],
        Base::TimeTz => &[
            ("too late", "24:00:01+00", &["22008"]),
            ("no such zone", "12:00:00+17", &["22009"]),
            ("no time", "later", &["22007"]),
        ],
        Base::Timestamp => &[
            ("a day that was not", "2023-02-29 12:00:00", &["22008"]),
            ("too late", "294277-01-01 00:00:00", &["22008"]),
            ("no timestamp", "someday", &["22007"]),
        ],
        Base::TimestampTz => &[
            ("a day that was not", "2023-02-29 12:00:00+00", &["22008"]),
            ("too late", "294277-01-01 00:00:00+00", &["22008"]),
            ("no timestamp", "someday", &["22007"]),
        ],
        Base::Interval => &[
            ("too long", "200000000 years", &["22008", "22015"]),
            ("no interval", "a while", &["22007"]),
        ],
        Base::Json => &[("half an object", "{", &["22P02"]), ("nothing", "", &["22P02"])],
        Base::Jsonb => &[
            ("half an object", "{", &["22P02"]),
            ("nothing", "", &["22P02"]),
            ("an escaped zero byte", "\"\\u0000\"", &["22P05"]),
            ("half a surrogate pair", "\"\\ud800\"", &["22P02"]),
        ],
        Base::Bytea => &[
            ("half a byte", "\\x0", &["22023", "22P02"]),
            ("no hexadecimal digits", "\\xzz", &["22023", "22P02"]),
        ],
        Base::Inet => &[
            ("a part too large", "256.0.0.1", &["22P02"]),
            ("a mask too long", "192.0.2.1/33", &["22P02"]),
        ],
        Base::Cidr => &[
            ("bits right of the mask", "192.0.2.1/24", &["22P02"]),
            ("a mask too long", "192.0.2.0/33", &["22P02"]),
        ],
        Base::MacAddr => &[
            ("no hexadecimal digit", "08:00:2b:01:02:0g", &["22P02"]),
            ("a part too few", "08:00:2b:01:02", &["22P02"]),
        ],
        Base::Bit(length, varying) => return bits(*length, *varying),
        Base::TsVector => &[("an open quote", "'a", &["42601"])],
        Base::Point => &[("one coordinate", "(1)", &["22P02"])],
        Base::Xml => &[("an open tag", "<a>", &["2200N", "2200M"])],
        Base::Enum(labels) => return labels_beside(labels),
        Base::Range(subtype, multirange) => return ranges(subtype, *multirange),
        Base::Array(_) => &[("half an array", "{", &["22P02"]), ("no array", "x", &["22P02"])],
        Base::Composite(_) | Base::Other(_) => &[],
    };
    values.iter().map(|(about, value, sqlstates)| made(about, *value, sqlstates)).collect()
}

fn made(about: &str, value: impl Into<String>, sqlstates: &[&'static str]) -> Beyond {
    Beyond { about: about.to_owned(), value: value.into(), sqlstates: sqlstates.to_vec() }
}

fn integers(bits: u8) -> Vec<Beyond> {
    let above = 1_i128 << bits.saturating_sub(1).min(63);
    vec![
        made("one above the largest", above.to_string(), &["22003"]),
        made("one below the smallest", (-above - 1).to_string(), &["22003"]),
        made("a fraction", "1.5", &["22P02"]),
        made("nothing", "", &["22P02"]),
    ]
}

fn numerics(limits: Option<(u16, i16)>) -> Vec<Beyond> {
    let mut all = vec![made("no number", "one", &["22P02"]), made("nothing", "", &["22P02"])];
    if let Some((precision, scale)) = limits {
        let digits = format!("1{}", "0".repeat(usize::from(precision)));
        let large = numeral::scaled(&digits, scale);
        all.insert(0, made("one digit too many", large, &["22003"]));
        all.push(made("infinity", "Infinity", &["22003"]));
    }
    all
}

fn too_long(limit: u32) -> Vec<Beyond> {
    // Postgres allows some ten million, which is too much to send for this little.
    let length = usize::try_from(limit).unwrap_or(usize::MAX);
    if length > 100_000 {
        return Vec::new();
    }
    vec![
        made("one character too many", "x".repeat(length + 1), &["22001"]),
        made("one character of two bytes too many", "é".repeat(length + 1), &["22001"]),
    ]
}

fn bits(length: Option<u32>, varying: bool) -> Vec<Beyond> {
    let mut all = vec![made("no bit", "2", &["22P02"])];
    if let Some(length) = length.and_then(|length| usize::try_from(length).ok()) {
        let code: &[&str] = if varying { &["22001"] } else { &["22026"] };
        all.push(made("one bit too many", "1".repeat(length + 1), code));
        if !varying {
            all.push(made("one bit too few", "1".repeat(length.saturating_sub(1)), code));
        }
    }
    all
}

fn labels_beside(labels: &[String]) -> Vec<Beyond> {
    let mut all = Vec::new();
    let first = labels.first().map_or("", String::as_str);
    for (about, label) in [
        ("a label in another case", first.to_uppercase()),
        ("a label in another case", first.to_lowercase()),
        ("a label with a blank", format!("{first} ")),
        ("a label that it does not have", "no such label".to_owned()),
        ("nothing", String::new()),
    ] {
        let told = all.iter().any(|before: &Beyond| before.value == label);
        // Labels have at most 63 bytes.
        if !labels.contains(&label) && !told && label.len() < 64 {
            all.push(made(about, label, &["22P02"]));
        }
    }
    all
}

fn ranges(subtype: &Base, multirange: bool) -> Vec<Beyond> {
    let malformed = if multirange { "[" } else { "{}" };
    let mut all = vec![made("no range", malformed, &["22P02"])];
    if let (Some(lower), Some(upper)) =
        (distinct::of_base(subtype, 0), distinct::of_base(subtype, 5))
    {
        let reversed = written::range('[', Some(&upper), Some(&lower), ')', multirange);
        all.push(made("a range with its ends reversed", reversed, &["22000"]));
    }
    if let Base::Int(bits) = subtype {
        let largest = ((1_i128 << bits.saturating_sub(1).min(63)) - 1).to_string();
        let range = written::range('[', None, Some(&largest), ']', multirange);
        all.push(made("a range that includes the largest number", range, &["22003"]));
    }
    all
}

fn rows(attributes: &[Resolved]) -> Vec<Beyond> {
    let plain: Vec<Option<String>> =
        attributes.iter().map(|attribute| ordinary(attribute).into_iter().next()).collect();
    let mut more = plain.clone();
    more.push(Some("1".to_owned()));
    let mut all = vec![made("one attribute too many", written::row(&more), &["22P02"])];
    for (n, attribute) in attributes.iter().enumerate() {
        for beyond in beyond(attribute).into_iter().take(2) {
            let mut parts = plain.clone();
            parts[n] = Some(beyond.value);
            let about = format!("attribute {}: {}", n + 1, beyond.about);
            all.push(Beyond { about, value: written::row(&parts), sqlstates: beyond.sqlstates });
        }
    }
    all
}
