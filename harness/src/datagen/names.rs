//! What a column holds, guessed from its name.

use super::name_patterns::{ABSENT, AMOUNTS, MOMENTS, PEOPLE, SHARES, WORDS};

/// What texts a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    Email,
    FirstName,
    LastName,
    FullName,
    UserName,
    PasswordHash,
    Token,
    Company,
    Job,
    Phone,
    Street,
    City,
    State,
    Zip,
    Country,
    CountryCode,
    TimeZone,
    Locale,
    Currency,
    Url,
    Domain,
    Ip,
    UserAgent,
    FileName,
    MimeType,
    Color,
    Slug,
    Code,
    Status,
    Role,
    Title,
    Paragraph,
    Uuid,
    Word,
}

/// What numbers a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Amount {
    /// Money, in units with cents where the type has fractions.
    Price,
    /// Money in hundredths.
    Cents,
    Quantity,
    Age,
    Year,
    Percent,
    Rating,
    Latitude,
    Longitude,
    Bytes,
    Version,
    Position,
    Any,
}

/// What the texts of a column of this name in this table are.
pub(super) fn words(table: &str, column: &str) -> Words {
    let (table, column) = (plain(table), plain(column));
    let people = PEOPLE.iter().any(|pattern| matches(pattern, &table));
    if people && column == "name" {
        return Words::FullName;
    }
    first(WORDS, &column).unwrap_or(Words::Word)
}

pub(super) fn amount(column: &str) -> Amount {
    first(AMOUNTS, &plain(column)).unwrap_or(Amount::Any)
}

/// The place of a moment in a row's life; `None` if it is a date of birth.
pub(super) fn moment(column: &str) -> Option<u8> {
    let column = plain(column);
    let born = matches("*birth*", &column) || matches("dob", &column);
    (!born).then(|| first(MOMENTS, &column).unwrap_or(3))
}

/// What of a hundred rows have this flag set.
pub(super) fn share(column: &str) -> u8 {
    first(SHARES, &plain(column)).unwrap_or(30)
}

/// What of a hundred rows have no value in this column, if none is needed.
pub(super) fn absent(column: &str) -> u8 {
    first(ABSENT, &plain(column)).unwrap_or(12)
}

fn first<T: Copy>(table: &[(&str, T)], name: &str) -> Option<T> {
    table.iter().find(|(pattern, _)| matches(pattern, name)).map(|(_, kind)| *kind)
}

/// The name in small letters with `_` between its words: `firstName` is `first_name`.
fn plain(name: &str) -> String {
    let mut plain = String::with_capacity(name.len() + 4);
    let mut small = false;
    for c in name.chars() {
        if c.is_uppercase() && small {
            plain.push('_');
        }
        small = c.is_lowercase() || c.is_numeric();
        if c.is_alphanumeric() {
            plain.extend(c.to_lowercase());
        } else {
            plain.push('_');
        }
    }
    plain
}

/// Whether the pattern fits the whole name; `*` stands for anything, `_` only for itself.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_columns_hold_in_any_spelling() {
        assert_eq!(words("users", "email"), Words::Email);
        assert_eq!(words("users", "firstName"), Words::FirstName);
        assert_eq!(words("Users", "hashed_password"), Words::PasswordHash);
        assert_eq!(words("users", "name"), Words::FullName);
        assert_eq!(words("categories", "name"), Words::Title);
        assert_eq!(words("t", "x"), Words::Word);
        assert_eq!(amount("amount_cents"), Amount::Cents);
        assert_eq!(moment("date_of_birth"), None);
        assert!(moment("created_at") < moment("updatedAt"));
        assert!(moment("starts_at") < moment("ends_at"));
    }

    #[test]
    fn a_star_stands_for_anything_and_nothing_else_does() {
        assert!(matches("*ip", "ship") && !matches("ip", "ship"));
        assert!(matches("*customer*name*", "the_customer_s_name"));
        assert!(!matches("to_*", "photo_x"));
    }
}
