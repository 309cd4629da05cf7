//! Tables that the model says nothing of, and why.

use super::pool;
use crate::support::{block_on, scratch};
use shakedown::catalog::load;
use shakedown::invariants::model::Model;
use shakedown::invariants::runner::Runner;
use sqlx::AssertSqlSafe;

/// The reasons for which the tables t and u are left out, as lines.
fn reasons(schema: &str) -> Vec<String> {
    block_on(async {
        let scratch = scratch().await;
        let mut conn = scratch.conn().await;
        sqlx::raw_sql(AssertSqlSafe(schema.to_owned())).execute(&mut conn).await.unwrap();
        let catalog = load(&mut conn).await.unwrap();
        let mut runner = Runner::new(&mut conn, false).await.unwrap();
        let pools = [pool("t", "id", &["1", "2"]), pool("u", "id t", &["1 | 1"])];
        let pools = &pools[..1 + usize::from(catalog.tables.iter().any(|t| t.name.name == "u"))];
        let model = Model::new(&mut runner, &catalog, pools, &[]).await.unwrap();
        assert_eq!(model.tables().count() + model.left_out().len(), pools.len());
        let lines = model.left_out().iter();
        lines.map(|left_out| format!("{}: {}", left_out.table, left_out.reason)).collect()
    })
}

#[test]
fn tables_are_left_out_for_what_the_model_does_not_know() {
    let table = "CREATE TABLE t (id int PRIMARY KEY, n int)";
    let trigger = |body: &str| {
        format!(
            "{table}; CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$;
             CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()"
        )
    };
    for (schema, expected) in [
        (table.to_owned(), vec![]),
        (trigger("NEW.n := 1; RETURN NEW;"), vec![]),
        (trigger("RAISE EXCEPTION 'no';"), vec!["public.t: its trigger `g` contains RAISE"]),
        (trigger("RETURN NULL;"), vec!["public.t: its trigger `g` returns NULL"]),
        (trigger("NEW.id := 1; RETURN NEW;"), vec!["public.t: a trigger assigns `id`, which a constraint is about"]),
        (
            format!("{table}; CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING"),
            vec!["public.t: its rule `r` may do anything instead"],
        ),
        (
            "CREATE TABLE t (id int PRIMARY KEY) PARTITION BY RANGE (id)".to_owned(),
            vec!["public.t: it is a partitioned or foreign table, or a part of one"],
        ),
        (
            "CREATE TABLE t (id int)".to_owned(),
            vec!["public.t: it has no unique key of columns to tell its rows by"],
        ),
        (
            "CREATE TABLE t (id int PRIMARY KEY, during int4range, EXCLUDE USING gist (during WITH &&))".to_owned(),
            vec!["public.t: `t_during_excl` excludes rows by operators"],
        ),
        (
            "CREATE TABLE t (id int, nr int GENERATED ALWAYS AS IDENTITY PRIMARY KEY)".to_owned(),
            vec!["public.t: `nr` is numbered by the server, and the pool does not name it"],
        ),
        (
            "CREATE TABLE t (id int); CREATE TABLE u (id int PRIMARY KEY, t int)".to_owned(),
            vec!["public.t: it has no unique key of columns to tell its rows by"],
        ),
        (
            "CREATE TABLE t (id int PRIMARY KEY, n int); CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING;
             CREATE TABLE u (id int PRIMARY KEY, t int REFERENCES t)".to_owned(),
            vec![
                "public.t: its rule `r` may do anything instead",
                "public.u: it refers to `public.t`, which is left out",
            ],
        ),
        (
            "CREATE TABLE t (id numeric PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY, t int REFERENCES t)".to_owned(),
            vec!["public.u: `u_t_fkey` compares `t` with `id`, which is of another type"],
        ),
    ] {
        assert_eq!(reasons(&schema), expected, "{schema}");
    }
}
