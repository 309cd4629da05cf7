//! Values for parameters that no column tells anything about.

use sqlx::TypeInfo as _;
use sqlx::postgres::{PgTypeInfo, PgTypeKind};

/// What a variable is set to, by the type of its parameter. Nothing if no value is known.
pub(super) fn by_type(info: &PgTypeInfo) -> Option<String> {
    let value = match info.kind() {
        PgTypeKind::Enum(labels) => return labels.first().map(|label| text(label)),
        PgTypeKind::Domain(below) => return by_type(below),
        PgTypeKind::Array(_) => "'{}'",
        PgTypeKind::Range(_) => "'empty'",
        _ => match info.name() {
            "BOOL" => "random(0, 1)",
            "INT2" | "INT4" | "INT8" | "NUMERIC" | "FLOAT4" | "FLOAT8" | "MONEY" | "OID" => {
                "random(1, 100)"
            }
            "TEXT" | "VARCHAR" | "CHAR" | "NAME" | "UNKNOWN" | "BYTEA" => "fake(word)",
            "UUID" => "fake(uuid)",
            // Postgres understands this word in place of a time.
            "DATE" | "TIME" | "TIMETZ" | "TIMESTAMP" | "TIMESTAMPTZ" => "'now'",
            "INTERVAL" => "'1 day'",
            "JSON" | "JSONB" => "'{}'",
            "INET" | "CIDR" => "'127.0.0.1'",
            _ if info.name().eq_ignore_ascii_case("citext") => "fake(word)",
            _ => return None,
        },
    };
    Some(value.to_owned())
}

fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}
