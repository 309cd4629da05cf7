//! Statements as they are sent: with the types that the server gives their arguments.

use std::sync::Arc;

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgTypeInfo, PgTypeKind};
use sqlx::{
    Arguments, AssertSqlSafe, Column, Either, Encode, Executor, PgConnection, Postgres, SqlSafeStr,
    Statement, Type, TypeInfo,
};

use super::keys::told;
use crate::error::{Error, Result};
use crate::script::{quoted, render};
use crate::workload::{Operation, Sql, Value};

/// A statement with the types of its arguments.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    pub(super) sql: Arc<str>,
    /// The columns of its result.
    pub(super) columns: Vec<String>,
    parameters: Vec<Parameter>,
}

#[derive(Debug, Clone)]
struct Parameter {
    info: PgTypeInfo,
    form: Form,
}

/// How a value of a type is written in Postgres's binary format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Boolean,
    Int2,
    Int4,
    Int8,
    Float4,
    Float8,
    /// Text, and the types whose binary format is their text.
    Text,
    Uuid,
    /// A byte with the version, then text.
    Jsonb,
}

impl Form {
    fn of(info: &PgTypeInfo) -> Option<Self> {
        Some(match info.name() {
            "BOOL" => Self::Boolean,
            "INT2" => Self::Int2,
            "INT4" => Self::Int4,
            "INT8" => Self::Int8,
            "FLOAT4" => Self::Float4,
            "FLOAT8" => Self::Float8,
            "TEXT" | "VARCHAR" | "CHAR" | "NAME" | "JSON" | "UNKNOWN" => Self::Text,
            "UUID" => Self::Uuid,
            "JSONB" => Self::Jsonb,
            _ if matches!(info.kind(), PgTypeKind::Enum(_)) => Self::Text,
            _ => return None,
        })
    }
}

/// Asks the server for the types of a statement's arguments. An argument of a type that is not
/// written here is sent as text, and cast to its type in the statement.
pub(super) async fn bind(
    connection: &mut PgConnection,
    operation: &Operation,
    line: u32,
    sql: &Sql,
) -> Result<Bound> {
    let refused = |error: sqlx::Error| {
        Error::new(format!(
            "`{}:{line}`: the statement of `{}` does not prepare: {}",
            operation.file,
            operation.name,
            told(&error)
        ))
        .hint("correct it, or create what it needs in the schema that is tested")
    };
    let (types, columns) = described(connection, &sql.text).await.map_err(refused)?;
    let parameters_of = |types: &[PgTypeInfo]| -> Option<Vec<Parameter>> {
        let one =
            |info: &PgTypeInfo| Form::of(info).map(|form| Parameter { info: info.clone(), form });
        types.iter().map(one).collect()
    };
    if let Some(parameters) = parameters_of(&types) {
        return Ok(Bound { sql: Arc::clone(&sql.text), columns, parameters });
    }
    let mut cast = Vec::new();
    for info in &types {
        let unknown = Form::of(info).is_none();
        cast.push(if unknown {
            Some(written(connection, info).await.map_err(refused)?)
        } else {
            None
        });
    }
    let text: Arc<str> = with_casts(&sql.text, &cast).into();
    let (types, columns) = described(connection, &text).await.map_err(refused)?;
    let Some(parameters) = parameters_of(&types) else {
        return Err(Error::new(format!(
            "`{}:{line}`: an argument of `{}` has a type that cannot be given as text",
            operation.file, operation.name
        ))
        .hint("cast it in the statement: `:argument::text::type`"));
    };
    Ok(Bound { sql: text, columns, parameters })
}

/// The types of a statement's arguments and the names of its result's columns.
async fn described(
    connection: &mut PgConnection,
    text: &Arc<str>,
) -> sqlx::Result<(Vec<PgTypeInfo>, Vec<String>)> {
    let statement = connection.prepare(AssertSqlSafe(Arc::clone(text)).into_sql_str()).await?;
    let types = match statement.parameters() {
        Some(Either::Left(types)) => types.to_vec(),
        Some(Either::Right(_)) | None => Vec::new(),
    };
    let columns = statement.columns().iter().map(|column| column.name().to_owned());
    Ok((types, columns.collect()))
}

/// The name of a type as SQL has it. The driver's own lacks the schema and the quotes. The -1
/// stands for no modifier: without it `bpchar[]` is told as `character[]`, which cuts every text
/// to one character.
async fn written(connection: &mut PgConnection, info: &PgTypeInfo) -> sqlx::Result<String> {
    let Some(oid) = info.oid() else { return Ok(info.name().to_owned()) };
    sqlx::query_scalar("SELECT pg_catalog.format_type($1, -1)")
        .bind(oid)
        .fetch_one(connection)
        .await
}

/// The statement with `$n` cast by way of text, where a type is given for it.
fn with_casts(sql: &str, types: &[Option<String>]) -> String {
    replaced(sql, |number| {
        let name = types.get(number.wrapping_sub(1))?.as_ref()?;
        Some(format!("(${number}::text::{name})"))
    })
}

/// The statement with something else in the place of `$n`, but not within quotes and comments.
fn replaced(sql: &str, by: impl Fn(usize) -> Option<String>) -> String {
    let mut out = String::with_capacity(sql.len() + 32);
    let mut rest = sql;
    while !rest.is_empty() {
        let skip = quoted(rest);
        if skip > 0 {
            out.push_str(&rest[..skip]);
            rest = &rest[skip..];
            continue;
        }
        let digits = rest
            .strip_prefix('$')
            .map_or(0, |behind| behind.bytes().take_while(u8::is_ascii_digit).count());
        let number = rest.get(1..=digits).and_then(|digits| digits.parse::<usize>().ok());
        match number.and_then(&by) {
            Some(other) => {
                out.push_str(&other);
                rest = &rest[1 + digits..];
            }
            None => {
                let first = rest.chars().next().map_or(1, char::len_utf8);
                out.push_str(&rest[..first]);
                rest = &rest[first..];
            }
        }
    }
    out
}

impl Bound {
    /// The statement with its arguments written into it. They have no type of their own, just as
    /// `$n` has none, so that the statement means the same.
    pub(super) fn literal<'v>(&self, values: impl Iterator<Item = &'v Value>) -> String {
        let literals: Vec<String> = values
            .map(|value| match value {
                Value::Null => "NULL".to_owned(),
                value => format!("'{}'", render(value).replace('\'', "''")),
            })
            .collect();
        replaced(&self.sql, |number| literals.get(number.wrapping_sub(1)).cloned())
    }

    /// The arguments in the binary format.
    pub(super) fn arguments<'v>(
        &self,
        values: impl Iterator<Item = &'v Value>,
    ) -> std::result::Result<PgArguments, BoxDynError> {
        let mut arguments = PgArguments::default();
        for (value, parameter) in values.zip(&self.parameters) {
            arguments.add(Argument { value, parameter })?;
        }
        Ok(arguments)
    }
}

struct Argument<'a> {
    value: &'a Value,
    parameter: &'a Parameter,
}

impl Type<Postgres> for Argument<'_> {
    fn type_info() -> PgTypeInfo {
        // `produces` says the real one.
        PgTypeInfo::with_name("text")
    }
}

impl<'q> Encode<'q, Postgres> for Argument<'_> {
    fn produces(&self) -> Option<PgTypeInfo> {
        Some(self.parameter.info.clone())
    }

    fn encode_by_ref(
        &self,
        buffer: &mut PgArgumentBuffer,
    ) -> std::result::Result<IsNull, BoxDynError> {
        if *self.value == Value::Null {
            return Ok(IsNull::Yes);
        }
        let value = self.value;
        let wrong = || -> BoxDynError {
            format!("`{}` is no value of the type {}", render(value), self.parameter.info.name())
                .into()
        };
        match self.parameter.form {
            Form::Boolean => {
                let truth = match value {
                    Value::Boolean(truth) => *truth,
                    Value::Integer(number) => *number != 0,
                    Value::Text(text) => match &**text {
                        "t" | "true" | "on" | "1" => true,
                        "f" | "false" | "off" | "0" => false,
                        _ => return Err(wrong()),
                    },
                    _ => return Err(wrong()),
                };
                buffer.push(u8::from(truth));
            }
            Form::Int2 => {
                let number = integer(value).and_then(|number| i16::try_from(number).ok());
                buffer.extend_from_slice(&number.ok_or_else(wrong)?.to_be_bytes());
            }
            Form::Int4 => {
                let number = integer(value).and_then(|number| i32::try_from(number).ok());
                buffer.extend_from_slice(&number.ok_or_else(wrong)?.to_be_bytes());
            }
            Form::Int8 => {
                buffer.extend_from_slice(&integer(value).ok_or_else(wrong)?.to_be_bytes());
            }
            Form::Float4 => {
                buffer.extend_from_slice(&(double(value).ok_or_else(wrong)? as f32).to_be_bytes());
            }
            Form::Float8 => {
                buffer.extend_from_slice(&double(value).ok_or_else(wrong)?.to_be_bytes());
            }
            Form::Text => text(buffer, value),
            Form::Jsonb => {
                buffer.push(1);
                text(buffer, value);
            }
            Form::Uuid => {
                let Value::Text(text) = value else { return Err(wrong()) };
                buffer.extend_from_slice(&uuid(text).ok_or_else(wrong)?);
            }
        }
        Ok(IsNull::No)
    }
}

fn text(buffer: &mut PgArgumentBuffer, value: &Value) {
    match value {
        Value::Text(text) => buffer.extend_from_slice(text.as_bytes()),
        other => buffer.extend_from_slice(render(other).as_bytes()),
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(number) => Some(*number),
        Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}

fn double(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(number) => Some(*number as f64),
        Value::Double(number) => Some(*number),
        Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}

/// The sixteen bytes of a UUID as Postgres prints it.
fn uuid(text: &str) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    let mut digits = text.chars().filter(|c| *c != '-');
    for byte in &mut bytes {
        let (high, low) = (digits.next()?.to_digit(16)?, digits.next()?.to_digit(16)?);
        *byte = u8::try_from(high * 16 + low).ok()?;
    }
    digits.next().is_none().then_some(bytes)
}
