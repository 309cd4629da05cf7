//! Names and literals as Postgres writes them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The name of an object that lives in a schema. Its text is what Postgres
/// writes, quoted where it must be: `public.users`, `"My Schema".t`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name {
    /// The schema, bare.
    pub schema: String,
    /// The name in it, bare.
    pub name: String,
}

impl Name {
    /// The name `name` in the schema `schema`, both bare.
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self { schema: schema.into(), name: name.into() }
    }

    /// Another name in the same schema.
    pub fn sibling(&self, name: &str) -> Self {
        Self::new(self.schema.clone(), name)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", quote_ident(&self.schema), quote_ident(&self.name))
    }
}

impl FromStr for Name {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::new(format!("`{text}` is not a name with its schema"));
        let (schema, rest) = split_ident(text).ok_or_else(wrong)?;
        let rest = rest.strip_prefix('.').ok_or_else(wrong)?;
        match split_ident(rest) {
            Some((name, "")) => Ok(Self { schema, name }),
            _ => Err(wrong()),
        }
    }
}

impl TryFrom<String> for Name {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.to_string()
    }
}

/// Takes one identifier, quoted or not, off the front of `text`.
pub(super) fn split_ident(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(['.', '=', '/']).unwrap_or(text.len());
        return (end > 0).then(|| (text[..end].to_owned(), &text[end..]));
    };
    let mut name = String::new();
    let mut rest = quoted;
    loop {
        let end = rest.find('"')?;
        name.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(more) => {
                name.push('"');
                rest = more;
            }
            None => return Some((name, rest)),
        }
    }
}

/// Quotes an identifier where Postgres's `quote_ident` would.
pub fn quote_ident(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !KEYWORDS.split(' ').any(|keyword| keyword == name);
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// Quotes a string literal so that it reads the same whatever
/// `standard_conforming_strings` says.
pub fn quote_literal(text: &str) -> String {
    let doubled = text.replace('\'', "''");
    if text.contains('\\') {
        format!("E'{}'", doubled.replace('\\', "\\\\"))
    } else {
        format!("'{doubled}'")
    }
}

/// Quotes a body between dollar signs, with a tag that does not occur in it.
pub(super) fn quote_dollar(body: &str) -> String {
    let mut tag = String::from("$$");
    let mut n = 0;
    // A body that ends in `$` would run into the closing tag.
    while body.contains(tag.trim_end_matches('$')) && tag != "$$"
        || tag == "$$" && (body.contains("$$") || body.ends_with('$'))
    {
        tag = format!("$body{}$", if n == 0 { String::new() } else { n.to_string() });
        n += 1;
    }
    format!("{tag}{body}{tag}")
}

/// The keywords of versions 16 to 18 that cannot stand everywhere as a plain name.
const KEYWORDS: &str = "\
    all analyse analyze and any array as asc asymmetric authorization between bigint binary bit \
    boolean both case cast char character check coalesce collate collation column concurrently \
    constraint create cross current_catalog current_date current_role current_schema \
    current_time current_timestamp current_user dec decimal default deferrable desc distinct do \
    else end except exists extract false fetch float for foreign freeze from full grant greatest \
    group grouping having ilike in initially inner inout int integer intersect interval into is \
    isnull join json json_array json_arrayagg json_exists json_object json_objectagg json_query \
    json_scalar json_serialize json_table json_value lateral leading least left like limit \
    localtime localtimestamp merge_action national natural nchar none normalize not notnull null \
    nullif numeric offset on only or order out outer overlaps overlay placing position precision \
    primary real references returning right row select session_user setof similar smallint some \
    substring symmetric system_user table tablesample then time timestamp to trailing treat trim \
    true union unique user using values varchar variadic verbose when where window with \
    xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot \
    xmlserialize xmltable";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_as_written() {
        for (schema, name) in [
            ("public", "users"),
            ("My Schema", "a.b"),
            ("s", "say \"hi\""),
            ("user", "table"),
            ("ä", "1st"),
        ] {
            let name = Name::new(schema, name);
            assert_eq!(name.to_string().parse::<Name>().unwrap(), name);
        }
        assert_eq!(Name::new("public", "order").to_string(), "public.\"order\"");
        assert!("users".parse::<Name>().is_err());
        assert!("public.".parse::<Name>().is_err());
    }

    #[test]
    fn quotes_hold_what_they_quote() {
        assert_eq!(quote_literal("it's"), "'it''s'");
        assert_eq!(quote_literal(r"a\b"), r"E'a\\b'");
        assert_eq!(quote_dollar("SELECT 1"), "$$SELECT 1$$");
        assert_eq!(quote_dollar("SELECT $$x$$"), "$body$SELECT $$x$$$body$");
        assert_eq!(quote_dollar("$body$ $$"), "$body1$$body$ $$$body1$");
    }
}
