//! Texts that match the regular expressions of a condition.

use proptest::strategy::{Strategy, ValueTree};
use proptest::string::string_regex;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::sql::expression::{Literal, literals};

/// Texts that match the patterns in the condition, up to so many of each; not all need differ.
/// The server has the last word, since its regular expressions are not quite the same.
pub(super) fn examples(condition: &str, most: u64) -> Vec<String> {
    let mut all = Vec::new();
    for literal in literals(condition) {
        let Literal::Pattern { operator, pattern } = literal else { continue };
        let regex = match operator {
            "~" | "~*" => plain(&pattern),
            _ => like(&pattern),
        };
        let Ok(strategy) = string_regex(&regex) else { continue };
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let made = (0..most).map_while(|_| strategy.new_tree(&mut runner).ok());
        all.extend(made.map(|tree| tree.current()));
    }
    all
}

/// The pattern without its anchors, and with classes that mean plain letters.
fn plain(pattern: &str) -> String {
    let inner = pattern.strip_prefix('^').unwrap_or(pattern);
    let inner = inner.strip_suffix('$').filter(|rest| !rest.ends_with('\\')).unwrap_or(inner);
    let mut out = String::with_capacity(inner.len());
    let (mut chars, mut in_class, mut negated) = (inner.chars().peekable(), false, false);
    while let Some(c) = chars.next() {
        match c {
            '\\' => match (chars.next(), in_class) {
                (Some('d'), true) => out.push_str("0-9"),
                (Some('d'), false) => out.push_str("[0-9]"),
                (Some('w'), true) => out.push_str("a-z0-9_"),
                (Some('w'), false) => out.push_str("[a-z0-9_]"),
                (Some('s'), _) => out.push(' '),
                (Some(other), _) => out.extend(['\\', other]),
                (None, _) => {}
            },
            '[' if !in_class => {
                (in_class, negated) = (true, chars.peek() == Some(&'^'));
                if negated {
                    // Of all that is not in the class, letters and digits will do.
                    out.push_str("[a-z0-9&&[^");
                    chars.next();
                } else {
                    out.push('[');
                }
            }
            ']' if in_class => {
                out.push_str(if negated { "]]" } else { "]" });
                in_class = false;
            }
            '.' if !in_class => out.push_str("[a-z0-9]"),
            other => out.push(other),
        }
    }
    out
}

/// A pattern of LIKE as a regular expression.
fn like(pattern: &str) -> String {
    let mut out = String::new();
    for c in pattern.chars() {
        match c {
            '%' => out.push_str("[a-z]{1,8}"),
            '_' => out.push_str("[a-z]"),
            c if c.is_alphanumeric() || c == ' ' => out.push(c),
            c => out.extend(['\\', c]),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_made_that_match() {
        let made = examples("(code ~ '^[A-Z]{3}-\\d{4}$'::text)", 50);
        assert_eq!(made.len(), 50);
        for text in made {
            let (letters, digits) = text.split_once('-').unwrap();
            assert!(
                letters.len() == 3 && letters.bytes().all(|c| c.is_ascii_uppercase()),
                "{text}"
            );
            assert!(digits.len() == 4 && digits.bytes().all(|c| c.is_ascii_digit()), "{text}");
        }
        assert!(
            examples("(email ~ '^[^@]+@[^@]+$'::text)", 5).iter().all(|text| text.contains('@'))
        );
        assert!(
            examples("(url ~~ 'https://%'::text)", 5)
                .iter()
                .all(|text| text.starts_with("https://"))
        );
    }
}
