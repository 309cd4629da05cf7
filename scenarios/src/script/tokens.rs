//! An expression's text as tokens.

use std::sync::Arc;

use crate::workload::Value;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Value(Value),
    /// `:name`
    Variable(String),
    /// A word, as it is written; quotes of a quoted one stay.
    Word(String),
    Sign(&'static str),
}

/// The signs, the longest first.
const SIGNS: &[&str] = &[
    "<>", "!=", "<=", ">=", "<<", ">>", "||", "+", "-", "*", "/", "%", "=", "<", ">", "(", ")",
    ",", "&", "|", "#", "~", ".",
];

/// Takes an expression apart. `Err` says what cannot be read.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_digit()
            || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit()))
        {
            number(rest, &mut out)?
        } else if first == ':' {
            let length = word(&rest[1..]);
            if length == 0 {
                return Err("`:` without the name of a variable".to_owned());
            }
            out.push(Token::Variable(rest[1..=length].to_owned()));
            length + 1
        } else if first == '\'' {
            let (value, length) = string(rest)?;
            out.push(Token::Value(Value::Text(value)));
            length
        } else if first == '"' {
            let length = name(rest)?;
            out.push(Token::Word(rest[..length].to_owned()));
            length
        } else if first == '\\' {
            // A backslash before the end of a line continues it.
            1
        } else if word(rest) > 0 {
            let length = word(rest);
            out.push(Token::Word(rest[..length].to_owned()));
            length
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
            let sign = sign.ok_or_else(|| format!("`{first}` has no meaning here"))?;
            out.push(Token::Sign(sign));
            sign.len()
        };
        rest = rest[length..].trim_start();
    }
    Ok(out)
}

fn word(text: &str) -> usize {
    text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len())
}

/// How long the quoted name is, in which a quote is written twice.
fn name(text: &str) -> Result<usize, String> {
    let mut length = 1;
    loop {
        let end = text[length..].find('"').ok_or("a quoted name without an end")?;
        length += end + 1;
        if !text[length..].starts_with('"') {
            return Ok(length);
        }
        length += 1;
    }
}

fn number(text: &str, out: &mut Vec<Token>) -> Result<usize, String> {
    let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let mut length = digits(text);
    let mut whole = true;
    if text[length..].starts_with('.') {
        whole = false;
        length += 1 + digits(&text[length + 1..]);
    }
    if text[length..].starts_with(['e', 'E']) {
        let sign = usize::from(text[length + 1..].starts_with(['+', '-']));
        let exponent = digits(&text[length + 1 + sign..]);
        if exponent > 0 {
            whole = false;
            length += 1 + sign + exponent;
        }
    }
    let text = &text[..length];
    let value = if whole {
        // The smallest integer is written as minus a number that is one too large; the parser
        // puts them together.
        match text.parse::<u64>() {
            Ok(number) if number <= i64::MIN.unsigned_abs() => Value::Integer(number.cast_signed()),
            _ => return Err(format!("`{text}` is too large for an integer")),
        }
    } else {
        Value::Double(text.parse().map_err(|_| format!("`{text}` is no number"))?)
    };
    out.push(Token::Value(value));
    Ok(length)
}

fn string(text: &str) -> Result<(Arc<str>, usize), String> {
    let mut value = String::new();
    let mut rest = &text[1..];
    loop {
        let end = rest.find('\'').ok_or("a text without its closing quote")?;
        value.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        if !rest.starts_with('\'') {
            return Ok((value.into(), text.len() - rest.len()));
        }
        value.push('\'');
        rest = &rest[1..];
    }
}
