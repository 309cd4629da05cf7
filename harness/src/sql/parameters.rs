//! The parameters of a statement: `$1`, and the names that tools write in their place.
//!
//! Found by hand and not by the parser, since those names are no SQL of Postgres.

/// A parameter as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parameter<'t> {
    /// `$1`
    Number(u32),
    /// `:name` of aiosql, `@name`, `sqlc.arg(name)` and `sqlc.narg(name)` of sqlc.
    Named(&'t str),
}

/// The numbers of the parameters, each once, in their order.
pub fn parameters(text: &str) -> Vec<u32> {
    let mut numbers = Vec::new();
    rewritten(text, |parameter| {
        if let Parameter::Number(number) = parameter {
            numbers.push(number);
        }
        None
    });
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// The text with each `$n` replaced for which there is something.
pub fn substituted(text: &str, with: impl Fn(u32) -> Option<String>) -> String {
    rewritten(text, |parameter| match parameter {
        Parameter::Number(number) => with(number),
        Parameter::Named(_) => None,
    })
}

/// The text with names of parameters replaced by numbers behind those that it has: the same name
/// by the same number.
pub fn numbered(text: &str) -> String {
    let last = parameters(text).last().copied().unwrap_or(0);
    let mut names: Vec<String> = Vec::new();
    rewritten(text, |parameter| {
        let Parameter::Named(name) = parameter else { return None };
        let at = names.iter().position(|known| known == name).unwrap_or_else(|| {
            names.push(name.to_owned());
            names.len() - 1
        });
        Some(format!("${}", last as usize + at + 1))
    })
}

/// The text with its numbers moved together, so that they are 1, 2, 3 in the same order.
pub fn renumbered(text: &str) -> String {
    let numbers = parameters(text);
    substituted(text, |number| {
        let at = numbers.iter().position(|known| *known == number)?;
        Some(format!("${}", at + 1))
    })
}

/// Goes through the parameters outside of strings, names and comments, and replaces those for
/// which there is something.
fn rewritten(text: &str, mut with: impl FnMut(Parameter<'_>) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut at, mut before) = (0, ' ');
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let skip = quoted(rest, before);
        let (length, new) = match parameter(rest, before).filter(|_| skip == 0) {
            Some((parameter, length)) => (length, with(parameter)),
            // `::` is a cast.
            None if rest.starts_with("::") => (2, None),
            None => (skip.max(first.len_utf8()), None),
        };
        out.push_str(new.as_deref().unwrap_or(&rest[..length]));
        before = rest[..length].chars().next_back().unwrap_or(' ');
        at += length;
    }
    out
}

/// A parameter that the text begins with, and how many bytes it has.
fn parameter(text: &str, before: char) -> Option<(Parameter<'_>, usize)> {
    if is_word(before) {
        return None;
    }
    if let Some(call) = ["sqlc.arg(", "sqlc.narg("].iter().find_map(|call| text.strip_prefix(call))
    {
        let inside = &call[..call.find(')')?];
        let length = text.len() - call.len() + inside.len() + 1;
        return Some((Parameter::Named(inside.trim().trim_matches(['\'', '"'])), length));
    }
    let mut rest = text.chars();
    let sign = rest.next()?;
    let rest = rest.as_str();
    let word = &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())];
    let named = word.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let parameter = match sign {
        '$' => {
            let digits = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len());
            return Some((Parameter::Number(word[..digits].parse().ok()?), 1 + digits));
        }
        // Behind a word or bracket it is a slice, `list[low:high]`.
        ':' if named && ![')', ']', '"'].contains(&before) => Parameter::Named(word),
        // Operators have signs around it: `@@to_tsquery(...)`, `<@list`.
        '@' if named && !"+-*/<>=~!@#%^&|`?".contains(before) => Parameter::Named(word),
        _ => return None,
    };
    Some((parameter, 1 + word.len()))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// How many bytes of a string, a quoted name or a comment the text begins with. What does not end
/// goes on to the end of the text.
fn quoted(text: &str, before: char) -> usize {
    let until = |open: usize, close: &str| {
        text[open..].find(close).map_or(text.len(), |at| open + at + close.len())
    };
    match text.as_bytes().first() {
        // A doubled quote ends one string and begins the next, which comes to the same.
        Some(b'\'') => until(1, "'"),
        Some(b'"') => until(1, "\""),
        Some(b'e' | b'E') if text[1..].starts_with('\'') && !is_word(before) => escaped(text),
        Some(b'-') if text.starts_with("--") => until(2, "\n"),
        Some(b'/') if text.starts_with("/*") => nested(text),
        Some(b'$') if !is_word(before) => {
            let Some(tag) = text[1..].find('$').map(|at| &text[..at + 2]) else { return 0 };
            let name = &tag[1..tag.len() - 1];
            let is_tag =
                name.chars().all(is_word) && !name.starts_with(|c: char| c.is_ascii_digit());
            if is_tag { until(tag.len(), tag) } else { 0 }
        }
        _ => 0,
    }
}

/// The length of `E'...'`, in which a backslash takes the next character along.
fn escaped(text: &str) -> usize {
    let mut characters = text.char_indices().skip(2);
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => drop(characters.next()),
            '\'' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of a comment, which may hold others.
fn nested(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_tool_become_numbers() {
        for (text, expected) in [
            ("a = :id AND b = :b_2 OR c = :id", "a = $1 AND b = $2 OR c = $1"),
            ("a = @id and b = @name::text", "a = $1 and b = $2::text"),
            ("a = sqlc.arg(id) AND b = sqlc.narg('name')", "a = $1 AND b = $2"),
            ("a = $2 AND b = :id AND c = $1", "a = $2 AND b = $3 AND c = $1"),
            ("(:a, :b)", "($1, $2)"),
            ("LIMIT :n", "LIMIT $1"),
        ] {
            assert_eq!(numbered(text), expected);
        }
    }

    #[test]
    fn what_only_looks_like_a_name_stays() {
        for text in [
            "a::text",
            "a :: text",
            "':id' || 'it''s :id' || E'\\':id'",
            "\"a:b\" -- :id\n/* :id /* @id */ @id */",
            "$$ :id $$ || $tag$ @id $tag$",
            "list[1:2] || list[low:high]",
            "a @> b AND c @@ d AND e <@f AND g @@to_tsquery('x') AND @ -5 > 1",
            "to_char(t, 'HH24:MI:SS')",
            "mail@example",
            "x := 1",
        ] {
            assert_eq!(numbered(text), text);
        }
    }

    #[test]
    fn numbers_are_found_and_replaced_outside_of_strings() {
        let text = "a = $2 AND b = '$3' AND c = $10 -- $4\n AND f$5 = $2";
        assert_eq!(parameters(text), [2, 10]);
        assert_eq!(renumbered(text), "a = $1 AND b = '$3' AND c = $2 -- $4\n AND f$5 = $1");
        let with = substituted(text, |number| (number == 2).then(|| ":x".to_owned()));
        assert_eq!(with, "a = :x AND b = '$3' AND c = $10 -- $4\n AND f$5 = :x");
    }
}
