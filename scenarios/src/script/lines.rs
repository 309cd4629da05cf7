//! A script's text as statements and metacommands, each with its line.

/// A piece of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece<'t> {
    /// The line on which it begins, counted from one.
    pub(super) line: u32,
    pub(super) part: Part<'t>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'t> {
    /// A statement, without the semicolon or `\gset` that ends it.
    Statement { text: &'t str, end: End<'t> },
    /// What stands behind a backslash, to the end of its line.
    Meta(&'t str),
}

/// What ends a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End<'t> {
    Semicolon,
    /// `\gset`, with its prefix.
    Gset(&'t str),
}

/// Takes a script apart. Comments between statements fall away, those within stay.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let trimmed = rest.trim_start();
        at += rest.len() - trimmed.len();
        if let Some(skip) = comment(trimmed) {
            at += skip;
        } else if let Some(meta) = trimmed.strip_prefix('\\') {
            let end = meta_end(meta);
            out.push(Piece { line: line(text, at), part: Part::Meta(meta[..end].trim_end()) });
            at += 1 + end;
        } else if let Some(empty) = trimmed.strip_prefix(';') {
            at = text.len() - empty.len();
        } else if !trimmed.is_empty() {
            let (length, end, used) = statement(trimmed);
            let body = trimmed[..length].trim_end();
            out.push(Piece { line: line(text, at), part: Part::Statement { text: body, end } });
            at += used;
        } else {
            break;
        }
    }
    out
}

fn line(text: &str, at: usize) -> u32 {
    u32::try_from(text[..at].matches('\n').count() + 1).unwrap_or(u32::MAX)
}

/// The end of a metacommand: that of its line, unless a backslash at the end continues it.
fn meta_end(text: &str) -> usize {
    let mut from = 0;
    loop {
        let Some(at) = text[from..].find('\n').map(|at| from + at) else { return text.len() };
        let before = text[..at].trim_end_matches('\r');
        if !before.ends_with('\\') {
            return at;
        }
        from = at + 1;
    }
}

/// How long the statement is, what ends it, and how much of the text is used up.
fn statement(text: &str) -> (usize, End<'_>, usize) {
    let mut at = 0;
    let mut open = 0_usize;
    while at < text.len() {
        let rest = &text[at..];
        let skip = quoted(rest);
        if skip > 0 {
            at += skip;
            continue;
        }
        match rest.as_bytes()[0] {
            b'(' => open += 1,
            b')' => open = open.saturating_sub(1),
            b';' if open == 0 => return (at, End::Semicolon, at + 1),
            b'\\' => {
                if let Some(prefix) = rest.strip_prefix("\\gset") {
                    let end = prefix.find('\n').unwrap_or(prefix.len());
                    return (at, End::Gset(prefix[..end].trim()), at + "\\gset".len() + end);
                }
                // Another metacommand ends a statement that has no semicolon.
                return (at, End::Semicolon, at);
            }
            _ => {}
        }
        at += rest.chars().next().map_or(1, char::len_utf8);
    }
    (text.len(), End::Semicolon, text.len())
}

fn comment(text: &str) -> Option<usize> {
    (text.starts_with("--") || text.starts_with("/*")).then(|| quoted(text))
}

/// How many bytes of quoted text or comment the text begins with.
pub fn quoted(text: &str) -> usize {
    let until = |open: usize, close: &str| {
        text[open..].find(close).map_or(text.len(), |at| open + at + close.len())
    };
    match text.as_bytes().first() {
        Some(b'\'') => until(1, "'"),
        Some(b'"') => until(1, "\""),
        Some(b'-') if text.starts_with("--") => until(2, "\n"),
        Some(b'/') if text.starts_with("/*") => until(2, "*/"),
        Some(b'$') => {
            let tag = text[1..].find('$').map(|at| &text[..at + 2]);
            let named = |tag: &&str| {
                let name = &tag[1..tag.len() - 1];
                !name.starts_with(|c: char| c.is_ascii_digit())
                    && name.chars().all(|c| c.is_alphanumeric() || c == '_')
            };
            tag.filter(named).map_or(0, |tag| until(tag.len(), tag))
        }
        _ => 0,
    }
}
