//! Columns of a result as values of variables, for `\gset`.

use jiff::Timestamp;
use sqlx::postgres::{PgRow, PgTypeKind, PgValueRef};
use sqlx::{Row, TypeInfo, ValueRef};

use crate::workload::Value;

/// The value of a column, which comes in Postgres's binary format.
///
/// `Err` says what to do if its type cannot be taken.
pub(super) fn value(row: &PgRow, column: usize) -> Result<Value, String> {
    let raw = row.try_get_raw(column).map_err(|error| error.to_string())?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let info = raw.type_info().into_owned();
    let name = info.name().to_owned();
    let is_text = matches!(info.kind(), PgTypeKind::Enum(_));
    read(&raw, &name, is_text).ok_or_else(|| {
        format!(
            "`\\gset` takes no value of the type {name}; cast the column to text in the statement"
        )
    })
}

fn read(raw: &PgValueRef<'_>, name: &str, is_text: bool) -> Option<Value> {
    let bytes = raw.as_bytes().ok()?;
    Some(match name {
        "BOOL" => Value::Boolean(*bytes.first()? != 0),
        "INT2" => Value::Integer(i16::from_be_bytes(bytes.try_into().ok()?).into()),
        "INT4" => Value::Integer(i32::from_be_bytes(bytes.try_into().ok()?).into()),
        "INT8" => Value::Integer(i64::from_be_bytes(bytes.try_into().ok()?)),
        "FLOAT4" => Value::Double(f32::from_be_bytes(bytes.try_into().ok()?).into()),
        "FLOAT8" => Value::Double(f64::from_be_bytes(bytes.try_into().ok()?)),
        "UUID" => Value::Text(uuid(bytes.try_into().ok()?).into()),
        "TIMESTAMPTZ" => Value::Text(format!("{}+00", moment(bytes)?).into()),
        "TIMESTAMP" => Value::Text(moment(bytes)?.into()),
        "TEXT" | "VARCHAR" | "CHAR" | "NAME" | "JSON" | "UNKNOWN" => text(bytes)?,
        "JSONB" => text(bytes.get(1..)?)?,
        _ if is_text => text(bytes)?,
        _ => return None,
    })
}

fn text(bytes: &[u8]) -> Option<Value> {
    Some(Value::Text(std::str::from_utf8(bytes).ok()?.into()))
}

fn uuid(bytes: [u8; 16]) -> String {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// Microseconds since 2000 as Postgres reads them.
fn moment(bytes: &[u8]) -> Option<String> {
    let micros = i64::from_be_bytes(bytes.try_into().ok()?);
    match micros {
        i64::MAX => return Some("infinity".to_owned()),
        i64::MIN => return Some("-infinity".to_owned()),
        _ => {}
    }
    // Postgres counts from 2000, jiff from 1970.
    let moment = Timestamp::from_microsecond(micros.checked_add(946_684_800_000_000)?).ok()?;
    Some(moment.strftime("%Y-%m-%d %H:%M:%S%.6f").to_string())
}
