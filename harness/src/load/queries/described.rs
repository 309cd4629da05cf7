//! The types of a query's parameters, as the server finds them.

use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgConnection, PgTypeInfo};
use sqlx::{AssertSqlSafe, Either, Executor as _, SqlSafeStr as _, Statement as _};

use super::rows::said;
use crate::catalog::{Catalog, TypeRef};
use crate::error::{Error, Result};
use crate::values::types::resolve;

/// A parameter of a query.
#[derive(Debug, Clone)]
pub(super) struct Parameter {
    /// Counted from one.
    pub(super) number: u32,
    /// As Postgres writes it, without modifiers: `character varying`, `uuid[]`.
    pub(super) data_type: String,
    pub(super) info: PgTypeInfo,
}

/// The parameters of a query. The inner `Err` says why it does not prepare.
pub(super) async fn of(
    connection: &mut PgConnection,
    sql: &str,
) -> Result<Result<Vec<Parameter>, String>> {
    let text = AssertSqlSafe(sql.to_owned()).into_sql_str();
    let types: Vec<PgTypeInfo> = match connection.prepare(text).await {
        Ok(statement) => match statement.parameters() {
            Some(Either::Left(types)) => types.to_vec(),
            Some(Either::Right(_)) | None => Vec::new(),
        },
        Err(error) => return Ok(Err(format!("it does not prepare: {}", said(error)?))),
    };
    let oids: Vec<Oid> = types.iter().map(|info| info.oid().unwrap_or(Oid(0))).collect();
    let names = "SELECT pg_catalog.format_type(oid, -1) \
                 FROM unnest($1) WITH ORDINALITY AS t (oid, n) ORDER BY n";
    let names: Vec<String> =
        sqlx::query_scalar(names).bind(oids).fetch_all(connection).await.map_err(|error| {
            Error::new("the types of parameters cannot be told").because_sql(error)
        })?;
    let numbered = (1..).zip(types.into_iter().zip(names));
    let one = |(number, (info, data_type))| Parameter { number, data_type, info };
    Ok(Ok(numbered.map(one).collect()))
}

const TEXTS: [&str; 5] = ["text", "character varying", "character", "bpchar", "name"];
const INTEGERS: [&str; 3] = ["smallint", "integer", "bigint"];
const NUMBERS: [&str; 3] = ["numeric", "real", "double precision"];
const MOMENTS: [&str; 3] = ["date", "timestamp without time zone", "timestamp with time zone"];

/// How the value of a column becomes one of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// As it is.
    Same,
    /// By a cast, as from a time to its day.
    Cast,
    /// Not at all.
    None,
}

impl Parameter {
    /// How it can take the value of a column.
    pub(super) fn fit(&self, catalog: &Catalog, column: &TypeRef) -> Fit {
        let own = self.data_type.as_str();
        let below = resolve(catalog, column).cast;
        let (named, below) = (bare(&column.text), bare(&below));
        let both = |family: &[&str]| {
            family.contains(&own) && (family.contains(&below) || family.contains(&named))
        };
        let number = NUMBERS.contains(&own) && INTEGERS.contains(&below);
        let text = TEXTS.contains(&own) && named.ends_with("citext");
        let same = own == named || own == below || bare(own) == named;
        if same || both(&TEXTS) || both(&INTEGERS) || both(&NUMBERS) || number || text {
            Fit::Same
        } else if both(&MOMENTS) {
            Fit::Cast
        } else {
            Fit::None
        }
    }

    /// Whether it is text.
    pub(super) fn is_text(&self) -> bool {
        TEXTS.contains(&self.data_type.as_str()) || self.data_type.ends_with("citext")
    }
}

/// The name of a type without its schema and modifiers. What stands behind the modifiers stays:
/// `timestamp(3) with time zone`.
fn bare(name: &str) -> &str {
    let name = match name.rsplit_once('.') {
        Some((_, name)) if !name.contains('"') => name,
        _ => name,
    };
    name.split_once('(').filter(|(_, rest)| rest.ends_with(')')).map_or(name, |(name, _)| name)
}
