//! Values of types: Postgres takes those that are said to be good and refuses those that are
//! said to be beyond, with the codes that are named.

use shakedown::catalog::{Catalog, load, quote_literal};
use shakedown::values::candidates::{beyond, boundary, distinct, mined, ordinary};
use shakedown::values::types::{Resolved, resolve};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::support::{block_on, scratch};

/// The types of one column each.
const TYPES: &str = "boolean; smallint; integer; bigint; numeric; numeric(10,2); numeric(5,2); numeric(10,0); numeric(3,0); \
    numeric(2,2); numeric(3,-2); numeric(2,4); real; double precision; money; text; varchar; \
    varchar(1); varchar(5); varchar(10); varchar(20); char(1); char(2); char(3); name; citext; uuid; date; time; time(0); timetz; timestamp; \
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

/// Conditions as Postgres writes them, on a column `c` of the type.
const CONDITIONS: &[(&str, &str)] = &[
    ("boolean", "c"),
    ("integer", "((c >= 1) AND (c <= 5))"),
    ("integer", "(c > '-5'::integer)"),
    ("smallint", "(c <> 32767)"),
    ("bigint", "((c % (7)::bigint) = 0)"),
    ("integer", "(c = ANY (ARRAY[3, 5, 8]))"),
    ("numeric", "(c > 0.5)"),
    ("numeric(5,2)", "(c <= 99.99)"),
    ("numeric(10,0)", "(c >= (0)::numeric)"),
    ("real", "(c < (0.1)::real)"),
    ("double precision", "(c >= (0)::double precision)"),
    ("money", "(c > (10)::money)"),
    ("text", "(length(c) = 3)"),
    ("text", "(char_length(c) >= 99999)"),
    ("varchar(10)", "(length((c)::text) > 9)"),
    ("text", "(octet_length(c) <= 8)"),
    ("text", "(length(TRIM(BOTH FROM c)) > 0)"),
    ("text", "(c <> ''::text)"),
    ("text", "(c = lower(c)) AND (c <> 'Root'::text)"),
    ("text", "(c = TRIM(BOTH FROM c)) AND (c <> 'root'::text)"),
    (
        "varchar(5)",
        "((c)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))",
    ),
    ("text", "(c ~ '^[A-Z]{2}-\\d{4}$'::text)"),
    ("text", "(c ~ E'^[a-z]+\\\\.[a-z]+$'::text)"),
    ("text", "(c ~* '^[^@[:space:]]+@[^@\\s]+\\.[a-z]{2,}$'::text)"),
    ("text", "(c !~ '[[:upper:]]'::text)"),
    ("text", "(c ~ '^(?=.*\\d)[a-z0-9]{8,}$'::text)"),
    ("text", "(c ~ '^#?([a-f0-9]{6}|[a-f0-9]{3})$'::text)"),
    ("text", "(c ~~ 'http%://_%'::text)"),
    ("citext", "(c ~~* 'A\\_b%'::citext)"),
    ("text", "(c ~ similar_to_escape('(foo|bar)%'::text))"),
    ("text", "(POSITION(('@'::text) IN (c)) > 1)"),
    ("char(2)", "(c = upper((c)::text)) AND (c <> 'zz'::bpchar)"),
    ("uuid", "(c <> '00000000-0000-0000-0000-000000000000'::uuid)"),
    ("date", "(c >= '2020-02-29'::date)"),
    ("date", "(EXTRACT(year FROM c) > (1999)::numeric)"),
    ("date", "(EXTRACT(isodow FROM c) < (6)::numeric)"),
    ("date", "(c <= CURRENT_DATE)"),
    ("time", "(c < '12:00:00'::time without time zone)"),
    ("timetz", "(c < '12:00:00+02'::time with time zone)"),
    ("timestamp", "(c > '2020-01-01 00:00:00'::timestamp without time zone)"),
    ("timestamp", "(c < 'infinity'::timestamp without time zone)"),
    ("timestamptz", "(c > '2020-01-01 00:00:00+00'::timestamp with time zone)"),
    ("timestamptz", "(c <= now())"),
    ("interval", "(c > '1 day 02:00:00'::interval)"),
    ("interval", "(c >= '00:00:00'::interval)"),
    ("jsonb", "(c ? 'name'::text)"),
    ("jsonb", "(jsonb_typeof(c) = 'object'::text)"),
    ("jsonb", "(jsonb_typeof((c -> 'tags'::text)) = 'array'::text)"),
    ("jsonb", "((c ->> 'kind'::text) = ANY (ARRAY['dog'::text, 'cat'::text]))"),
    ("jsonb", "(((c ->> 'size'::text))::text = '5'::text)"),
    (
        "jsonb",
        "CASE WHEN (jsonb_typeof(c) = 'array'::text) THEN (jsonb_array_length(c) <= 3) ELSE true END",
    ),
    ("bytea", "(octet_length(c) = 32)"),
    ("inet", "(c << '10.0.0.0/8'::inet)"),
    ("inet", "(family(c) = 4)"),
    ("cidr", "(masklen((c)::inet) >= 24)"),
    ("varbit", "(length(c) > 4)"),
    ("mood", "(c <> 'ok'::mood)"),
    ("int4range", "(NOT isempty(c))"),
    ("int4range", "((lower(c) >= 0) AND (upper(c) <= 100))"),
    ("int4range", "(c <@ '[0,100)'::int4range)"),
    ("daterange", "(c && '[2020-01-01,2021-01-01)'::daterange)"),
    ("tstzrange", "(NOT upper_inf(c))"),
    ("int4multirange", "(c <> '{}'::int4multirange)"),
    ("integer[]", "(array_length(c, 1) <= 3)"),
    ("text[]", "(cardinality(c) > 0)"),
    ("text[]", "(c <@ ARRAY['red'::text, 'green'::text])"),
    ("text[]", "(array_position(c, NULL::text) IS NULL)"),
    ("integer[]", "(0 < ALL (c))"),
    ("spot", "((c).n > 10)"),
    ("cents", "(c > (5)::numeric)"),
];

#[test]
fn mined_values_decide_their_condition_either_way() {
    block_on(async {
        let database = scratch().await;
        let mut conn = database.conn().await;
        let columns = columns(&mut conn).await;
        let mut wrong = Vec::new();
        for (data_type, condition) in CONDITIONS {
            let Some((_, resolved)) = columns.iter().find(|(column, _)| column == data_type) else {
                // A server may lack citext.
                continue;
            };
            let (mut holds, mut fails) = (0, 0);
            for value in mined(condition, resolved) {
                let (value, cast) = (quote_literal(&value), &resolved.cast);
                let decide = format!("SELECT {condition} FROM (SELECT {value}::{cast} AS c) AS t");
                match sqlx::query_scalar::<_, Option<bool>>(AssertSqlSafe(decide))
                    .fetch_one(&mut conn)
                    .await
                {
                    Ok(Some(true)) => holds += 1,
                    Ok(_) => fails += 1,
                    Err(error) => wrong.push(format!("{condition} of {value}: {error}")),
                }
            }
            if holds == 0 || fails == 0 {
                wrong.push(format!(
                    "{data_type} {condition}: {holds} hold, {fails} do not: {:?}",
                    mined(condition, resolved)
                ));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
fn mined_values_can_be_read_whatever_the_condition_is_about() {
    let everything: Vec<&str> = CONDITIONS.iter().map(|(_, condition)| *condition).collect();
    let everything = everything.join(" AND ")
        + " AND (n < 9223372036854775807) AND (n > '-99999999999999999999'::numeric)
            AND (x <> '\"'::text) AND (x <> 'a,b)]}'::text) AND (n <> 1e30)";
    block_on(async {
        let database = scratch().await;
        let mut conn = database.conn().await;
        let mut wrong = Vec::new();
        for (column, resolved) in columns(&mut conn).await {
            for value in mined(&everything, &resolved) {
                if resolved.domains.is_empty()
                    && let Err(error) = run(&mut conn, insert(&column, &value)).await
                {
                    wrong.push(format!("{column} refuses `{value}`: {error}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}
