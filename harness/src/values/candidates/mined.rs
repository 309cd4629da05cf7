//! Values that decide a condition: its constants, what lies next to them, and what matches the
//! patterns in it or just does not.

mod moments;
mod numbers;
mod patterns;
mod shapes;
mod texts;

use super::super::types::{Base, Resolved};
use super::unique;
use crate::sql::expression::{Literal, functions, literals};

/// Further ones would be tried at the cost of other columns.
const MOST: usize = 200;

/// What an expression says of the values it is about.
struct Words {
    /// Numbers as they are written.
    numbers: Vec<String>,
    /// All other constants but patterns.
    texts: Vec<String>,
    /// Operators and patterns.
    patterns: Vec<(&'static str, String)>,
    /// The names of functions, lower case.
    functions: Vec<String>,
}

impl Words {
    fn of(expression: &str) -> Self {
        let functions = functions(expression);
        let mut words =
            Self { numbers: Vec::new(), texts: Vec::new(), patterns: Vec::new(), functions };
        for literal in literals(expression) {
            match literal {
                Literal::Number(number) => words.numbers.push(number),
                Literal::Text(text) | Literal::Interval(text) => words.texts.push(text),
                Literal::Pattern { operator, pattern } => words.patterns.push((operator, pattern)),
            }
        }
        words
    }

    fn calls(&self, names: &[&str]) -> bool {
        self.functions.iter().any(|name| names.contains(&name.as_str()))
    }

    /// The whole numbers from one below to one above each that is written, none of them negative
    /// or above `most`: lengths and numbers of elements to try.
    fn counts(&self, most: usize) -> Vec<usize> {
        let mut counts = Vec::new();
        for number in &self.numbers {
            let Ok(count) = number.parse::<usize>() else { continue };
            let around = [count.checked_sub(1), Some(count), count.checked_add(1)];
            counts.extend(around.into_iter().flatten().filter(|count| *count <= most));
        }
        counts
    }
}

/// Values that decide `expression` when a column of this type has them. It is given as Postgres
/// writes it, and may be about other columns too. All values are different, and all are such that
/// the type below the domains reads them.
pub fn mined(expression: &str, resolved: &Resolved) -> Vec<String> {
    let words = Words::of(expression);
    unique(of_type(&words, resolved)).into_iter().take(MOST).collect()
}

fn of_type(words: &Words, resolved: &Resolved) -> Vec<String> {
    match &resolved.base {
        Base::Array(element) => shapes::arrays(words, element),
        Base::Composite(attributes) => shapes::rows(words, attributes),
        Base::Text(_) if resolved.cast == "name" => texts::texts(words, Some(63), true),
        base => of_base(words, base),
    }
}

fn of_base(words: &Words, base: &Base) -> Vec<String> {
    match base {
        Base::Bool => vec!["true".to_owned(), "false".to_owned()],
        Base::Int(bits) => numbers::integers(words, *bits),
        Base::Numeric(limits) => numbers::numerics(words, *limits),
        Base::Money => numbers::numerics(words, Some((16, 2))),
        Base::Float(bits) => numbers::floats(words, *bits),
        Base::Text(limit) => texts::texts(words, *limit, false),
        Base::Char(length) => texts::texts(words, Some(*length), false),
        Base::Citext => texts::texts(words, None, false),
        Base::Uuid => texts::uuids(words),
        Base::Date => moments::dates(words),
        Base::Timestamp | Base::TimestampTz => moments::timestamps(words),
        Base::Time => moments::times(words, ""),
        Base::TimeTz => moments::times(words, "+00"),
        Base::Interval => moments::intervals(words),
        Base::Json | Base::Jsonb => shapes::json(words),
        Base::Bytea => texts::bytes(words),
        Base::Inet => texts::addresses(words),
        Base::Cidr => texts::networks(words),
        Base::Bit(length, varying) => texts::bits(words, *length, *varying),
        Base::Enum(labels) => labels.clone(),
        Base::Range(subtype, multirange) => shapes::ranges(words, subtype, *multirange),
        // What their constants look like is not known here.
        Base::MacAddr
        | Base::TsVector
        | Base::Point
        | Base::Xml
        | Base::Array(_)
        | Base::Composite(_)
        | Base::Other(_) => Vec::new(),
    }
}
