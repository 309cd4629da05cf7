//! Words of the tested project as Markdown on GitHub. They may hold anything, and must become
//! neither a format, an element, a link, a mention of a person nor a reference to an issue.

use crate::render::clean;

/// Stands between the characters of a mention or a reference, and is not seen.
const NOTHING: &str = "&#8203;";

/// Longer sentences are cut: the whole is in the JSON report.
const SENTENCE: usize = 600;

/// Longer names are cut.
const NAME: usize = 200;

/// A sentence. What it has in backticks becomes code.
pub(super) fn prose(words: &str) -> String {
    let words = clean::short(&clean::line(words), SENTENCE);
    let pieces: Vec<&str> = words.split('`').collect();
    // Without its other half, the last backtick stands for itself.
    let paired = pieces.len() - usize::from(pieces.len().is_multiple_of(2));
    let mut out = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        if at >= paired {
            out.push_str("&#96;");
        }
        match at % 2 == 1 && at < paired && !piece.is_empty() {
            true => out.push_str(&code(piece)),
            false => out.push_str(&plain(piece, out.is_empty())),
        }
    }
    out
}

/// A name or a piece of SQL in one line, as code.
pub(super) fn code(words: &str) -> String {
    let words = clean::short(&clean::line(words), NAME);
    let harmless =
        |char: char| char.is_alphanumeric() || " !#$%&'()*+,-./:;<=>?@[]^_{}~\"".contains(char);
    // The plain form shows every character as it is, but for those that would end it. A comment
    // could pass for the mark by which ours is found.
    let comment = words.contains("<!--");
    if words.trim() == words && !words.is_empty() && !comment && words.chars().all(harmless) {
        return format!("`{words}`");
    }
    let inside: String =
        words.chars().map(|char| entity(char, char.is_ascii_punctuation())).collect();
    // Neither a link nor an address of mail is found across what is put between.
    format!("<code>{}</code>", inside.replace("&#64;", &format!("&#64;{NOTHING}")))
}

/// Lines of SQL that can be copied, in a fence that nothing in them ends. Nothing if it is too long
/// to be shown.
pub(super) fn sql(text: &str) -> Option<String> {
    const LONGEST: usize = 4_000;
    let text = clean::text(text.trim_end());
    if text.len() > LONGEST {
        return None;
    }
    let longest = text.split(|char| char != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    Some(format!("{fence}sql\n{text}\n{fence}\n"))
}

/// What opens to show more. `summary` is a word of ours.
pub(super) fn details(summary: &str, inside: &str) -> String {
    format!("<details><summary>{summary}</summary>\n\n{inside}\n</details>\n")
}

fn plain(words: &str, first: bool) -> String {
    let mut out = String::new();
    for (at, char) in words.chars().enumerate() {
        let begins_a_list = first && at == 0 && begins_a_list(words);
        // These mean something within a line; the others do only where a line begins.
        let special = char.is_ascii_punctuation() && !",;:.-()'\"?/%=+".contains(char);
        out.push_str(&entity(char, special || begins_a_list));
        if matches!(char, '@' | '#') {
            out.push_str(NOTHING);
        }
    }
    // What GitHub would make links of.
    for link in ["://", "www.", "WWW.", "GH-", "gh-"] {
        let (head, tail) = link.split_at(link.len() - 1);
        out = out.replace(link, &format!("{head}{NOTHING}{tail}"));
    }
    out
}

/// Whether words at the beginning of a line would be an item of a list, or a line below a heading.
fn begins_a_list(words: &str) -> bool {
    let behind = words.trim_start_matches(|char: char| char.is_ascii_digit());
    words.starts_with(['-', '+', '='])
        || behind.len() < words.len() && behind.starts_with(['.', ')'])
}

fn entity(char: char, special: bool) -> String {
    if special && !char.is_whitespace() {
        format!("&#{};", u32::from(char))
    } else {
        char.to_string()
    }
}
