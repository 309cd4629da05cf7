//! Texts that match a pattern.

use proptest::strategy::{Strategy, ValueTree};
use proptest::string::string_regex;
use proptest::test_runner::TestRunner;

/// How many texts are made of one regular expression.
const SAMPLES: usize = 6;

/// Texts that match, the shortest first; the same ones each time. None if the pattern has
/// something that is not known here, and some may not match if it looks ahead or back.
pub(super) fn matching(operator: &str, pattern: &str) -> Vec<String> {
    match operator {
        "~~" | "~~*" => like(pattern),
        "similar to" => {
            let regex: String = pattern
                .chars()
                .map(|c| match c {
                    '%' => "[a-z]*".to_owned(),
                    '_' => "[a-z]".to_owned(),
                    '.' | '^' | '$' => format!("\\{c}"),
                    c => c.to_string(),
                })
                .collect();
            samples(&regex)
        }
        _ => samples(&translated(pattern)),
    }
}

/// `%` as nothing and as some letters, `_` as one letter.
fn like(pattern: &str) -> Vec<String> {
    let expand = |any: &str| {
        let mut text = String::new();
        let mut characters = pattern.chars();
        while let Some(c) = characters.next() {
            match c {
                '%' => text.push_str(any),
                '_' => text.push('a'),
                '\\' => text.extend(characters.next()),
                c => text.push(c),
            }
        }
        text
    };
    vec![expand(""), expand("abc")]
}

fn samples(regex: &str) -> Vec<String> {
    let Ok(strategy) = string_regex(regex) else { return Vec::new() };
    let mut runner = TestRunner::deterministic();
    let mut samples = Vec::new();
    for n in 0..SAMPLES {
        let Ok(mut tree) = strategy.new_tree(&mut runner) else { break };
        // The first is made as simple as it gets.
        let mut steps = if n == 0 { 1000 } else { 0 };
        while steps > 0 && tree.simplify() {
            steps -= 1;
        }
        samples.push(tree.current());
    }
    samples
}

/// A regular expression of Postgres in the syntax of the generator, which knows neither anchors
/// nor looking ahead, and means all of Unicode by `\d`, `\w`, `.` and negated brackets.
fn translated(pattern: &str) -> String {
    let mut regex = String::new();
    let mut rest = pattern;
    let mut in_brackets = false;
    while let Some(c) = rest.chars().next() {
        let ahead = ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|group| rest.starts_with(group));
        if ahead && !in_brackets {
            rest = after_group(rest);
            continue;
        }
        let mut length = c.len_utf8();
        match c {
            '\\' => {
                let escaped = rest[1..].chars().next().unwrap_or('\\');
                length = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
                let class = match escaped {
                    'd' => Some("0-9"),
                    'w' => Some("A-Za-z0-9_"),
                    's' => Some(" "),
                    _ => None,
                };
                match (class, escaped) {
                    (Some(class), _) if in_brackets => regex.push_str(class),
                    (Some(class), _) => regex.push_str(&format!("[{class}]")),
                    (None, 'y' | 'Y' | 'm' | 'M' | 'A' | 'Z') => {}
                    (None, 'D' | 'W' | 'S') => {
                        regex.push_str(if escaped == 'S' { "[!-~]" } else { "[.:#]" });
                    }
                    (None, _) => regex.push_str(&rest[..length]),
                }
            }
            '[' if in_brackets => {
                // `[:alpha:]`, or a bracket as such.
                let class = rest.starts_with("[:").then(|| rest.find(":]")).flatten();
                match class {
                    Some(end) => {
                        length = end + 2;
                        regex.push_str(&rest[..length]);
                    }
                    None => regex.push_str("\\["),
                }
            }
            '[' => {
                in_brackets = true;
                let negated = rest.starts_with("[^");
                length = if negated { 2 } else { 1 };
                regex.push_str(if negated { "[ -~&&[^" } else { "[[" });
                // A closing bracket that comes first is one as such.
                if rest[length..].starts_with(']') {
                    regex.push_str("\\]");
                    length += 1;
                }
            }
            ']' if in_brackets => {
                in_brackets = false;
                regex.push_str("]]");
            }
            '&' | '~' if in_brackets => regex.push_str(&format!("\\{c}")),
            '^' | '$' if !in_brackets => {}
            '.' if !in_brackets => regex.push_str("[a-z0-9]"),
            c => regex.push(c),
        }
        rest = &rest[length..];
    }
    regex
}

/// What follows the group that the text begins with.
fn after_group(text: &str) -> &str {
    let mut depth = 0_usize;
    let mut escaped = false;
    for (place, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return &text[place + c.len_utf8()..];
        }
    }
    ""
}
