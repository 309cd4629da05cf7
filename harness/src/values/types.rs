//! What a column can hold, with its domains and modifiers looked through.

use crate::catalog::{Catalog, Domain, Name, Range, TypeKind, TypeRef};

/// The type of a column as far as making values needs to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The type below all domains.
    pub base: Base,
    /// The domains on the way there, outermost first.
    pub domains: Vec<Domain>,
    /// The type below all domains as Postgres writes it, to cast to: `numeric(10,2)`.
    pub cast: String,
}

/// The kinds of types that values can be made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    Bool,
    /// An integer of so many bits: 16, 32 or 64.
    Int(u8),
    /// Digits in all and after the point; none if it was given without.
    Numeric(Option<(u16, i16)>),
    /// A float of so many bits: 32 or 64.
    Float(u8),
    Money,
    /// `text` or `varchar`, with the largest number of characters if there is one.
    Text(Option<u32>),
    /// `char(n)`, which does not tell trailing blanks.
    Char(u32),
    /// Text that does not tell upper from lower case.
    Citext,
    Uuid,
    Date,
    Time,
    TimeTz,
    Timestamp,
    TimestampTz,
    Interval,
    Json,
    Jsonb,
    Bytea,
    Inet,
    Cidr,
    MacAddr,
    /// `bit(n)` or `bit varying(n)`: the number of bits, and whether fewer are allowed.
    Bit(Option<u32>, bool),
    TsVector,
    Point,
    Xml,
    /// The labels in their order.
    Enum(Vec<String>),
    /// A range over this subtype; a multirange of it if the flag is set.
    Range(Box<Base>, bool),
    Array(Box<Resolved>),
    /// The attributes in their order.
    Composite(Vec<Resolved>),
    /// Any other, by its name: values of it can only be taken from what the schema says.
    Other(String),
}

/// Looks a column's type up.
pub fn resolve(catalog: &Catalog, column: &TypeRef) -> Resolved {
    if column.array {
        let text = column.text.strip_suffix("[]").unwrap_or(&column.text).to_owned();
        let element = TypeRef { text, array: false, ..column.clone() };
        let base = Base::Array(Box::new(resolve(catalog, &element)));
        return Resolved { base, domains: Vec::new(), cast: column.text.clone() };
    }
    let mut resolved = Resolved {
        base: Base::Other(column.name.clone()),
        domains: Vec::new(),
        cast: column.text.clone(),
    };
    if let Some(base) = built_in(&column.name, &modifiers(&column.text)) {
        resolved.base = base;
        return resolved;
    }
    match catalog.type_of(column).map(|found| &found.kind) {
        Some(TypeKind::Enum { labels }) => resolved.base = Base::Enum(labels.clone()),
        Some(TypeKind::Domain(domain)) => {
            let below = resolve(catalog, &domain.data_type);
            resolved.base = below.base;
            resolved.cast = below.cast;
            resolved.domains.push(domain.clone());
            resolved.domains.extend(below.domains);
        }
        Some(TypeKind::Composite { attributes }) => {
            let parts = attributes.iter().map(|part| resolve(catalog, &part.data_type));
            resolved.base = Base::Composite(parts.collect());
        }
        Some(TypeKind::Range(Range { subtype, .. })) => {
            if let Some(base) = by_text(subtype) {
                resolved.base = Base::Range(Box::new(base), false);
            }
        }
        _ => {
            // A multirange is made by the way: its range knows its name.
            let name = Name::new(&column.schema, &column.name).to_string();
            let range = catalog.types.iter().find_map(|found| match &found.kind {
                TypeKind::Range(range) if range.multirange == name => Some(&range.subtype),
                _ => None,
            });
            if let Some(base) = range.and_then(|subtype| by_text(subtype)) {
                resolved.base = Base::Range(Box::new(base), true);
            }
        }
    }
    resolved
}

/// The numbers in the parentheses: `numeric(10,2)` has 10 and 2.
fn modifiers(text: &str) -> Vec<i64> {
    let inside = text.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
    inside.map_or_else(Vec::new, |(inside, _)| {
        inside.split(',').filter_map(|number| number.trim().parse().ok()).collect()
    })
}

fn built_in(name: &str, modifiers: &[i64]) -> Option<Base> {
    let length = modifiers.first().and_then(|n| u32::try_from(*n).ok());
    let range = |base| Base::Range(Box::new(base), false);
    let multirange = |base| Base::Range(Box::new(base), true);
    Some(match name {
        "bool" => Base::Bool,
        "int2" => Base::Int(16),
        "int4" => Base::Int(32),
        "int8" => Base::Int(64),
        "numeric" => Base::Numeric(match modifiers {
            [precision] => Some((u16::try_from(*precision).ok()?, 0)),
            [precision, scale] => {
                Some((u16::try_from(*precision).ok()?, i16::try_from(*scale).ok()?))
            }
            _ => None,
        }),
        "float4" => Base::Float(32),
        "float8" => Base::Float(64),
        "money" => Base::Money,
        "text" | "name" => Base::Text((name == "name").then_some(63)),
        "varchar" => Base::Text(length),
        "bpchar" => length.map_or(Base::Text(None), Base::Char),
        "citext" => Base::Citext,
        "uuid" => Base::Uuid,
        "date" => Base::Date,
        "time" => Base::Time,
        "timetz" => Base::TimeTz,
        "timestamp" => Base::Timestamp,
        "timestamptz" => Base::TimestampTz,
        "interval" => Base::Interval,
        "json" => Base::Json,
        "jsonb" => Base::Jsonb,
        "bytea" => Base::Bytea,
        "inet" => Base::Inet,
        "cidr" => Base::Cidr,
        "macaddr" => Base::MacAddr,
        "bit" => Base::Bit(Some(length.unwrap_or(1)), false),
        "varbit" => Base::Bit(length, true),
        "tsvector" => Base::TsVector,
        "point" => Base::Point,
        "xml" => Base::Xml,
        "int4range" => range(Base::Int(32)),
        "int8range" => range(Base::Int(64)),
        "numrange" => range(Base::Numeric(None)),
        "daterange" => range(Base::Date),
        "tsrange" => range(Base::Timestamp),
        "tstzrange" => range(Base::TimestampTz),
        "int4multirange" => multirange(Base::Int(32)),
        "int8multirange" => multirange(Base::Int(64)),
        "nummultirange" => multirange(Base::Numeric(None)),
        "datemultirange" => multirange(Base::Date),
        "tsmultirange" => multirange(Base::Timestamp),
        "tstzmultirange" => multirange(Base::TimestampTz),
        _ => return None,
    })
}

/// The built-in type that Postgres writes so when it spells types out.
fn by_text(text: &str) -> Option<Base> {
    let bare = text.split('(').next().unwrap_or(text).trim();
    let name = match bare {
        "boolean" => "bool",
        "smallint" => "int2",
        "integer" => "int4",
        "bigint" => "int8",
        "real" => "float4",
        "double precision" => "float8",
        "character varying" => "varchar",
        "timestamp without time zone" => "timestamp",
        "timestamp with time zone" => "timestamptz",
        "time without time zone" => "time",
        "time with time zone" => "timetz",
        other => other,
    };
    built_in(name, &modifiers(text))
}

impl Resolved {
    /// Whether one of its domains forbids NULL.
    pub fn not_null(&self) -> bool {
        self.domains.iter().any(|domain| domain.not_null)
    }
}

impl Base {
    /// Whether it holds words: `text`, `varchar`, `char` or `citext`.
    pub fn is_text(&self) -> bool {
        matches!(self, Self::Text(_) | Self::Char(_) | Self::Citext)
    }

    /// Whether it holds numbers with or without fractions.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Int(_) | Self::Numeric(_) | Self::Float(_) | Self::Money)
    }

    /// Whether it holds a point in time: a date or a timestamp.
    pub fn is_instant(&self) -> bool {
        matches!(self, Self::Date | Self::Timestamp | Self::TimestampTz)
    }
}
