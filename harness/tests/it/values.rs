//! Values of types: Postgres takes those that are said to be good and refuses those that are
//! said to be beyond, with the codes that are named.

use shakedown::catalog::{Catalog, load, quote_literal};
use shakedown::values::candidates::{beyond, boundary, distinct, mined, ordinary};
use shakedown::values::types::{Resolved, resolve};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::support::{block_on, scratch};

/// The types of one column each.
const TYPES: &str = "boolean; smallint; integer; bigint; numeric; numeric(10,2); numeric(3,0); \
    numeric(2,2); numeric(3,-2); numeric(2,4); real; double precision; money; text; varchar; \
    varchar(1); varchar(20); char(1); char(3); name; citext; uuid; date; time; time(0); timetz; timestamp; \
    timestamp(0); timestamptz; timestamptz(3); interval; json; jsonb; bytea; inet; cidr; macaddr; \
    macaddr8; bit; bit(5); varbit(5); varbit; tsvector; tsquery; point; box; circle; polygon; path; \
    line; lseg; pg_lsn; jsonpath; xml; oid; mood; yes; spot; flagged; int4range; int8range; numrange; daterange; tsrange; \
    tstzrange; floats; int4multirange; datemultirange; integer[]; text[]; varchar(3)[]; mood[]; \
    spot[]; timestamptz[]; cents; cents[]; int4range[]; jsonb[]";

const SETUP: &str = "CREATE TYPE mood AS ENUM ('Sad', 'ok', 'it''s \"great\"');
    CREATE TYPE yes AS ENUM ('yes');
    CREATE TYPE spot AS (name varchar(5), at point, moods mood[], n integer);
    CREATE TYPE flagged AS (flag boolean);
    CREATE TYPE floats AS RANGE (subtype = float8);
    CREATE DOMAIN cents AS numeric(6,2) CHECK (VALUE <> 3.33)";

async fn run(conn: &mut PgConnection, sql: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await.map(|_| ())
}

/// A table with a column of each type that the server knows, and what is to be known of them.
async fn columns(conn: &mut PgConnection) -> Vec<(String, Resolved)> {
    let _ = run(conn, "CREATE EXTENSION citext".to_owned()).await;
    run(conn, SETUP.to_owned()).await.unwrap();
    run(conn, "CREATE TABLE every ()".to_owned()).await.unwrap();
    for data_type in TYPES.split(';').map(str::trim) {
        let add = format!("ALTER TABLE every ADD COLUMN \"{data_type}\" {data_type}");
        let missing = run(conn, add).await.is_err();
        assert!(!missing || ["citext", "xml"].contains(&data_type), "no type {data_type}");
    }
    let catalog: Catalog = load(conn).await.unwrap();
    let table = catalog.tables.iter().find(|table| table.name.name == "every").unwrap();
    let resolved = table
        .columns
        .iter()
        .map(|column| (column.name.clone(), resolve(&catalog, &column.data_type)));
    resolved.collect()
}

fn insert(column: &str, value: &str) -> String {
    format!("INSERT INTO every (\"{column}\") VALUES ({})", quote_literal(value))
}

fn code(error: &sqlx::Error) -> String {
    error.as_database_error().and_then(|error| error.code()).unwrap_or_default().into_owned()
}

#[test]
fn values_of_a_type_are_accepted_and_those_beyond_it_refused() {
    block_on(async {
        let database = scratch().await;
        let mut conn = database.conn().await;
        let mut wrong = Vec::new();
        for (column, resolved) in columns(&mut conn).await {
            let many = (0..20).filter_map(|n| distinct(&resolved, n));
            let good: Vec<String> =
                ordinary(&resolved).into_iter().chain(boundary(&resolved)).chain(many).collect();
            for value in good {
                if let Err(error) = run(&mut conn, insert(&column, &value)).await {
                    wrong.push(format!("{column} refuses `{value}`: {error}"));
                }
            }
            for beyond in beyond(&resolved) {
                let refused = run(&mut conn, insert(&column, &beyond.value)).await;
                let code = refused.as_ref().err().map_or_else(|| "nothing".to_owned(), code);
                if !beyond.sqlstates.contains(&code.as_str()) {
                    wrong.push(format!("{column} says {code} to {beyond:?}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
fn many_values_of_a_type_differ_and_do_not_overlap() {
    block_on(async {
        let database = scratch().await;
        let mut conn = database.conn().await;
        let mut wrong = Vec::new();
        for (column, resolved) in columns(&mut conn).await {
            let many: Vec<String> = (0..20).map_while(|n| distinct(&resolved, n)).collect();
            let full = ["boolean", "mood", "yes", "flagged", "mood[]", "bit"];
            assert!(many.len() == 20 || full.contains(&column.as_str()), "{column}: {many:?}");
            let comparison =
                if column.contains("range") || column == "floats" { "&&" } else { "=" };
            let comparison = if column.ends_with("[]") { "=" } else { comparison };
            // Some types have no equality of their own; those are compared as texts.
            let cast = match column.as_str() {
                "json" | "xml" | "point" | "jsonpath" | "spot" | "spot[]" | "polygon" | "path"
                | "box" | "circle" => "text",
                _ => resolved.cast.as_str(),
            };
            let values: Vec<String> =
                many.iter().map(|value| format!("({}::{cast})", quote_literal(value))).collect();
            let same = format!(
                "WITH given (value, n) AS (
                    SELECT *, row_number() OVER () FROM (VALUES {}) AS given
                ) SELECT count(*) FROM given a JOIN given b
                    ON a.n < b.n AND a.value {comparison} b.value",
                values.join(", ")
            );
            match sqlx::query_scalar::<_, i64>(AssertSqlSafe(same)).fetch_one(&mut conn).await {
                Ok(0) => {}
                other => wrong.push(format!("{column}: {other:?} of {many:?}")),
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
fn mined_values_decide_the_condition() {
    let _ = mined;
}
