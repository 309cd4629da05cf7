//! Rows for schemas of many kinds: they go in, and what does not is told.

use shakedown::catalog::{self, Catalog, Name};
use shakedown::datagen::{Filled, Plan, fill};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row as _};

use crate::support::{Scratch, repository, scratch};

struct Filling {
    #[expect(dead_code, reason = "the database lives as long as its connection is used")]
    scratch: Scratch,
    conn: PgConnection,
    catalog: Catalog,
}

async fn schema(sql: &str) -> Filling {
    let scratch = scratch().await;
    let mut conn = scratch.conn().await;
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut conn).await.unwrap();
    let catalog = catalog::load(&mut conn).await.unwrap();
    Filling { scratch, conn, catalog }
}

impl Filling {
    async fn fill(&mut self, rows: u64) -> Filled {
        self.fill_as(&Plan { seed: 1, default_rows: rows, ..Plan::default() }).await
    }

    async fn fill_as(&mut self, plan: &Plan) -> Filled {
        fill(&mut self.conn, &self.catalog, plan).await.unwrap()
    }

    /// The one value of a query, as text.
    async fn ask(&mut self, sql: &str) -> String {
        let query = format!("SELECT ({sql})::text");
        let row = sqlx::query(AssertSqlSafe(query)).fetch_one(&mut self.conn).await.unwrap();
        row.get::<Option<String>, _>(0).unwrap_or_else(|| "NULL".to_owned())
    }

    /// A hash of all that all tables hold.
    async fn content(&mut self) -> String {
        let mut all = String::new();
        for table in self.catalog.tables.clone() {
            let name = &table.name;
            let hash = format!(
                "SELECT md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM {name} AS t"
            );
            all.push_str(&self.ask(&hash).await);
        }
        all
    }
}

fn told(filled: &Filled, table: &str) -> (u64, String) {
    let table = filled.table(&Name::new("public", table)).expect(table);
    (table.rows, table.reason.clone().unwrap_or_default())
}

#[track_caller]
fn full(filled: &Filled, rows: u64) {
    for table in &filled.tables {
        assert_eq!((table.rows, table.reason.as_deref()), (rows, None), "{}", table.name);
    }
}

/// The RAPIDS schema at its head.
async fn rapids() -> Filling {
    let mut it = schema("").await;
    let mut files: Vec<_> = std::fs::read_dir(repository("migrations"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".up.sql"))
        .collect();
    files.sort();
    for file in files {
        let sql = std::fs::read_to_string(file).unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut it.conn).await.unwrap();
    }
    it.catalog = catalog::load(&mut it.conn).await.unwrap();
    it
}

#[tokio::test]
async fn the_rapids_schema_is_filled_with_rows_that_look_real() {
    let mut it = rapids().await;
    let filled = it.fill(300).await;
    full(&filled, 300);
    assert_eq!(
        it.ask("SELECT count(*) FROM users WHERE email LIKE '%_._%@example.___'").await,
        "300"
    );
    assert_eq!(it.ask("SELECT count(*) FROM users WHERE created_at > updated_at").await, "0");
    assert_eq!(it.ask("SELECT count(*) FROM users WHERE deleted_at < updated_at").await, "0");
    assert_eq!(
        it.ask("SELECT count(*) FROM users WHERE hashed_password !~ '^\\$argon2id\\$'").await,
        "0"
    );
}

#[tokio::test]
async fn checks_keep_flags_and_times_in_agreement() {
    let mut it = rapids().await;
    it.fill(300).await;
    let deleted: u32 = it.ask("SELECT count(*) FROM users WHERE is_deleted").await.parse().unwrap();
    assert!((1..60).contains(&deleted), "{deleted} of 300 are deleted");
    let statuses = it.ask("SELECT count(DISTINCT status) FROM invoices").await;
    assert_eq!(statuses, "4", "every status occurs");
    let instants = it.ask("SELECT count(DISTINCT paid_at) > 20 FROM invoices").await;
    assert_eq!(instants, "true", "times vary although a check is about them");
}

#[tokio::test]
async fn the_same_seed_gives_the_same_rows_and_another_does_not() {
    let mut contents = Vec::new();
    for seed in [1, 1, 2] {
        let mut it = rapids().await;
        it.fill_as(&Plan { seed, default_rows: 100, ..Plan::default() }).await;
        contents.push(it.content().await);
    }
    assert_eq!(contents[0], contents[1]);
    assert_ne!(contents[0], contents[2]);
}

#[tokio::test]
async fn bulk_mode_gives_the_same_rows_and_leaves_the_schema_as_it_was() {
    let mut it = rapids().await;
    let extra = "COMMENT ON INDEX items_pkey IS 'by id';
        COMMENT ON CONSTRAINT items_owner_id_fkey ON items IS 'whose';
        ALTER TABLE items REPLICA IDENTITY USING INDEX items_pkey;
        ALTER TABLE users CLUSTER ON users_pkey;
        ALTER INDEX items_category_id_idx SET (fillfactor = 70);
        ALTER INDEX users_live_email_key ALTER COLUMN 1 SET STATISTICS 500;
        CREATE TABLE people (name text) INHERITS (users);
        CREATE TABLE visits (user_id uuid REFERENCES users) PARTITION BY LIST (user_id);
        CREATE TABLE all_visits PARTITION OF visits DEFAULT;
        CREATE VIEW titles AS SELECT id, title FROM items GROUP BY id";
    sqlx::raw_sql(extra).execute(&mut it.conn).await.unwrap();
    it.catalog = catalog::load(&mut it.conn).await.unwrap();
    let plan = Plan { seed: 1, default_rows: 1500, bulk: true, ..Plan::default() };
    let filled = it.fill_as(&plan).await;
    assert!(filled.tables.iter().all(|table| table.rows == 1500), "{filled:?}");
    // The view stands on the primary key, so that items were filled in the ordinary way.
    let (_, reason) = told(&filled, "items");
    assert!(reason.starts_with("its indexes stayed while rows came in: cannot drop"), "{reason}");
    assert_eq!(told(&filled, "users"), (1500, String::new()));
    let after = catalog::load(&mut it.conn).await.unwrap();
    assert_eq!(catalog::diff(&it.catalog, &after), []);
    let bulk =
        it.ask("SELECT md5(string_agg(u::text, ',' ORDER BY id)) FROM ONLY users AS u").await;

    let mut plain = rapids().await;
    plain.fill(1500).await;
    let same = "SELECT md5(string_agg(u::text, ',' ORDER BY id)) FROM users AS u";
    assert_eq!(plain.ask(same).await, bulk);
}

#[tokio::test]
async fn rows_can_be_added_to_rows() {
    let mut it = rapids().await;
    full(&it.fill(50).await, 50);
    full(&it.fill(70).await, 70);
    assert_eq!(it.ask("SELECT count(*) FROM invoices").await, "120");
}

#[tokio::test]
async fn cycles_are_cut_where_a_key_may_be_null_or_deferred() {
    let mut it = schema(
        "CREATE TABLE teams (id serial PRIMARY KEY, name text NOT NULL UNIQUE, captain_id int);
         CREATE TABLE players (id serial PRIMARY KEY, team_id int NOT NULL REFERENCES teams);
         ALTER TABLE teams ADD FOREIGN KEY (captain_id) REFERENCES players;
         CREATE TABLE a (id int PRIMARY KEY, b_id int NOT NULL);
         CREATE TABLE b (id int PRIMARY KEY, a_id int NOT NULL REFERENCES a DEFERRABLE);
         ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b DEFERRABLE;
         CREATE TABLE c (id int PRIMARY KEY, d_id int NOT NULL);
         CREATE TABLE d (id int PRIMARY KEY, c_id int NOT NULL REFERENCES c);
         ALTER TABLE c ADD FOREIGN KEY (d_id) REFERENCES d;
         CREATE TABLE e (id int PRIMARY KEY, d_id int NOT NULL REFERENCES d);
         CREATE TABLE f (id int PRIMARY KEY, d_id int REFERENCES d)",
    )
    .await;
    let filled = it.fill(40).await;
    for table in ["teams", "players", "a", "b", "f"] {
        assert_eq!(told(&filled, table), (40, String::new()), "{table}");
    }
    assert_eq!(it.ask("SELECT count(captain_id) > 20 FROM teams").await, "true");
    let stuck = "`public.c` and `public.d` need rows of each other before they can have any";
    assert_eq!(told(&filled, "c"), (0, stuck.to_owned()));
    assert_eq!(told(&filled, "e"), (0, "it needs rows of `public.d`".to_owned()));
}

#[tokio::test]
async fn rows_refer_to_earlier_rows_of_their_own_table() {
    let mut it = schema(
        "CREATE TABLE folders (id uuid PRIMARY KEY, parent_id uuid REFERENCES folders);
         CREATE TABLE strict (id int PRIMARY KEY, parent_id int NOT NULL REFERENCES strict);
         CREATE TABLE queue (id int PRIMARY KEY, after int UNIQUE REFERENCES queue);
         CREATE TABLE tenants (id int PRIMARY KEY);
         CREATE TABLE nodes (
             tenant_id int NOT NULL REFERENCES tenants, id int NOT NULL, parent_id int,
             PRIMARY KEY (tenant_id, id),
             FOREIGN KEY (tenant_id, parent_id) REFERENCES nodes (tenant_id, id))",
    )
    .await;
    let plan = Plan {
        seed: 3,
        default_rows: 60,
        rows: [(Name::new("public", "tenants"), 4)].into(),
        bulk: false,
    };
    let filled = it.fill_as(&plan).await;
    for table in ["folders", "strict", "queue", "nodes"] {
        assert_eq!(told(&filled, table), (60, String::new()), "{table}");
        let column = if table == "queue" { "after" } else { "parent_id" };
        let ask = format!("SELECT count({column}) > 20 FROM {table}");
        assert_eq!(it.ask(&ask).await, "true", "{table}");
    }
}

#[tokio::test]
async fn keys_of_several_columns_agree_in_what_they_share() {
    let mut it = schema(
        "CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
         CREATE TABLE users (tenant_id uuid REFERENCES tenants, id bigint GENERATED ALWAYS AS IDENTITY,
             email text NOT NULL, PRIMARY KEY (tenant_id, id), UNIQUE (tenant_id, email));
         CREATE TABLE projects (tenant_id uuid REFERENCES tenants, id int,
             lead_id bigint, PRIMARY KEY (tenant_id, id),
             FOREIGN KEY (tenant_id, lead_id) REFERENCES users (tenant_id, id));
         CREATE TABLE members (tenant_id uuid NOT NULL REFERENCES tenants, project_id int NOT NULL,
             user_id bigint NOT NULL, PRIMARY KEY (tenant_id, project_id, user_id),
             FOREIGN KEY (tenant_id, project_id) REFERENCES projects,
             FOREIGN KEY (tenant_id, user_id) REFERENCES users)",
    )
    .await;
    let rows = [("tenants", 5), ("users", 50), ("projects", 20), ("members", 100)];
    let rows = rows.map(|(name, rows)| (Name::new("public", name), rows)).into();
    let filled = it.fill_as(&Plan { seed: 1, rows, ..Plan::default() }).await;
    assert_eq!(told(&filled, "members"), (100, String::new()));
    assert_eq!(it.ask("SELECT count(DISTINCT tenant_id) FROM members").await, "5");
    assert_eq!(it.ask("SELECT count(lead_id) > 10 FROM projects").await, "true");
    // The identity goes on after what was filled in.
    assert_eq!(it.ask("SELECT count(*) FROM users").await, "50");
    let next =
        "INSERT INTO users (tenant_id, email) SELECT id, 'x' FROM tenants LIMIT 1 RETURNING id";
    let next = sqlx::query(next).fetch_one(&mut it.conn).await.unwrap().get::<i64, _>(0);
    assert_eq!(next, 51);
}

#[tokio::test]
async fn keys_of_few_values_end_with_them() {
    let mut it = schema(
        "CREATE TYPE size AS ENUM ('s', 'm', 'l');
         CREATE TABLE flags (flag boolean NOT NULL UNIQUE);
         CREATE TABLE sizes (size size, flag boolean, PRIMARY KEY (size, flag));
         CREATE TABLE users (id int PRIMARY KEY);
         CREATE TABLE profiles (user_id int PRIMARY KEY REFERENCES users, bio text);
         CREATE TABLE follows (a int REFERENCES users, b int REFERENCES users, PRIMARY KEY (a, b));
         CREATE TABLE nothing (x int UNIQUE NULLS NOT DISTINCT);
         CREATE TABLE short (code char(2) PRIMARY KEY)",
    )
    .await;
    let rows = [(Name::new("public", "users"), 10)].into();
    let filled = it.fill_as(&Plan { seed: 1, rows, default_rows: 60, bulk: false }).await;
    let only = |n: u64, of: &str| (n, format!("there are only {n} different values of ({of})"));
    assert_eq!(told(&filled, "flags"), only(2, "flag"));
    assert_eq!(told(&filled, "sizes"), only(6, "size, flag"));
    assert_eq!(told(&filled, "profiles"), only(10, "user_id"));
    for table in ["follows", "nothing", "short"] {
        assert_eq!(told(&filled, table), (60, String::new()), "{table}");
    }
}

#[tokio::test]
async fn partial_and_expression_indexes_are_heeded() {
    let mut it = schema(
        "CREATE TABLE users (id int PRIMARY KEY, email varchar(30) NOT NULL, is_deleted boolean NOT NULL);
         CREATE UNIQUE INDEX ON users (lower(email)) WHERE NOT is_deleted;
         CREATE TABLE addresses (id int PRIMARY KEY, user_id int NOT NULL REFERENCES users,
             is_default boolean NOT NULL, city text);
         CREATE UNIQUE INDEX ON addresses (user_id) WHERE is_default;
         CREATE TABLE settings (id int PRIMARY KEY, is_current boolean NOT NULL);
         CREATE UNIQUE INDEX ON settings (is_current) WHERE is_current",
    )
    .await;
    let rows = [(Name::new("public", "users"), 20)].into();
    let filled = it.fill_as(&Plan { seed: 1, rows, default_rows: 200, bulk: false }).await;
    assert_eq!(told(&filled, "addresses"), (200, String::new()));
    assert_eq!(told(&filled, "settings"), (200, String::new()));
    assert_eq!(it.ask("SELECT count(*) > 0 FROM addresses WHERE is_default").await, "true");
}

#[tokio::test]
async fn exclusions_and_ranges_do_not_overlap() {
    let mut it = schema(
        "CREATE EXTENSION btree_gist;
         CREATE TABLE rooms (id int PRIMARY KEY);
         CREATE TABLE bookings (room_id int NOT NULL REFERENCES rooms, during tstzrange NOT NULL,
             EXCLUDE USING gist (room_id WITH =, during WITH &&));
         CREATE TABLE stays (room_id int NOT NULL, starts_at timestamptz NOT NULL,
             ends_at timestamptz NOT NULL, CHECK (ends_at > starts_at),
             EXCLUDE USING gist (room_id WITH =, tstzrange(starts_at, ends_at) WITH &&));
         CREATE TYPE floatrange AS RANGE (subtype = float8);
         CREATE TABLE ranges (a int4range, b numrange, c daterange, d floatrange, e int4multirange)",
    )
    .await;
    full(&it.fill(200).await, 200);
    assert_eq!(it.ask("SELECT count(*) FROM bookings WHERE isempty(during)").await, "0");
}

#[tokio::test]
async fn rows_go_to_partitions_that_are_there() {
    let mut it = schema(
        "CREATE TABLE events (id bigint GENERATED ALWAYS AS IDENTITY, created_at timestamptz NOT NULL,
             PRIMARY KEY (id, created_at)) PARTITION BY RANGE (created_at);
         CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2021-01-01') TO ('2021-02-01');
         CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2022-01-01') TO (MAXVALUE);
         CREATE TABLE regions (id int, region text NOT NULL) PARTITION BY LIST (region);
         CREATE TABLE regions_eu PARTITION OF regions FOR VALUES IN ('de', 'fr')
             PARTITION BY RANGE (id);
         CREATE TABLE regions_eu_1 PARTITION OF regions_eu FOR VALUES FROM (0) TO (100);
         CREATE TABLE regions_us PARTITION OF regions FOR VALUES IN ('us');
         CREATE TABLE hashed (id uuid PRIMARY KEY) PARTITION BY HASH (id);
         CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
         CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1);
         CREATE TABLE tiny (id int PRIMARY KEY) PARTITION BY RANGE (id);
         CREATE TABLE tiny_1 PARTITION OF tiny FOR VALUES FROM (10) TO (20);
         CREATE TABLE tiny_2 PARTITION OF tiny FOR VALUES FROM (50) TO (60);
         CREATE TABLE bare (id int) PARTITION BY RANGE (id)",
    )
    .await;
    let filled = it.fill(100).await;
    for table in ["events", "regions", "hashed"] {
        assert_eq!(told(&filled, table), (100, String::new()), "{table}");
    }
    assert_eq!(told(&filled, "tiny").0, 20);
    assert_eq!(told(&filled, "bare"), (0, "it has no partitions".to_owned()));
    assert_eq!(it.ask("SELECT count(*) > 10 FROM events_1").await, "true");
    assert_eq!(it.ask("SELECT count(*) > 10 FROM regions_eu_1").await, "true");
}

#[tokio::test]
async fn domains_and_checks_across_columns_are_satisfied() {
    let mut it = schema(
        "CREATE DOMAIN code AS text NOT NULL CHECK (VALUE ~ '^[A-Z]{3}-[0-9]{4}$');
         CREATE DOMAIN positive AS numeric(8,2) CHECK (VALUE > 0);
         CREATE TABLE products (code code PRIMARY KEY, other code, price positive,
             sale_price positive, CHECK (sale_price < price), stars int CHECK (stars BETWEEN 3 AND 4));
         CREATE TABLE posts (id int PRIMARY KEY, status text NOT NULL
                 CHECK (status IN ('draft', 'live')), published_at timestamptz,
             CHECK ((status = 'live') = (published_at IS NOT NULL)));
         CREATE TABLE notes (id int PRIMARY KEY, post_id int REFERENCES posts,
             code text REFERENCES products, CHECK (num_nonnulls(post_id, code) = 1));
         CREATE TABLE periods (starts_on date, ends_on date, CHECK (starts_on < ends_on),
             days int GENERATED ALWAYS AS (ends_on - starts_on) STORED CHECK (days < 1000));
         CREATE TABLE lines (post_id int REFERENCES posts, line int CHECK (line BETWEEN 1 AND 5),
             PRIMARY KEY (post_id, line))",
    )
    .await;
    full(&it.fill(150).await, 150);
    assert_eq!(it.ask("SELECT count(DISTINCT price) > 20 FROM products").await, "true");
    assert_eq!(it.ask("SELECT count(DISTINCT status) FROM posts").await, "2");
    assert_eq!(it.ask("SELECT count(post_id) > 20 AND count(code) > 20 FROM notes").await, "true");
}

#[tokio::test]
async fn types_names_and_tables_of_every_kind_are_filled() {
    let mut it = schema(
        "CREATE TYPE mood AS ENUM ('sad', 'it''s ok', 'back\\slash');
         CREATE TYPE point3 AS (x int, y numeric, label text);
         CREATE SCHEMA \"My Schema\";
         CREATE TABLE \"My Schema\".\"select\" (\"from\" int PRIMARY KEY, \"a \"\"b\"\"\" mood NOT NULL);
         CREATE TABLE everything (
             id bigserial PRIMARY KEY, a boolean, b smallint, c real, d double precision, e money,
             f numeric, g numeric(3,3), h varchar(4), i char(3), j bytea, k date, l time, m timetz,
             n timestamp, o interval, p json, q jsonb, r inet, s cidr, t macaddr, u bit(3),
             v varbit(9), w tsvector, x point, y xml, z mood[], aa text[], ab point3, ac int[],
             ad uuid, ae name, af oid, ag int GENERATED ALWAYS AS (b * 2) STORED);
         CREATE TABLE base (id int PRIMARY KEY, email text NOT NULL);
         CREATE TABLE derived (phone text NOT NULL) INHERITS (base);
         CREATE TABLE alone ();
         CREATE TABLE counted (id int GENERATED BY DEFAULT AS IDENTITY (START 1000 INCREMENT -10
                 MINVALUE -9999 MAXVALUE 1000) PRIMARY KEY)",
    )
    .await;
    let filled = it.fill(100).await;
    full(&filled, 100);
    assert_eq!(it.ask("SELECT count(*) FROM derived WHERE email LIKE '%@%'").await, "100");
    assert_eq!(it.ask("SELECT min(id) FROM counted").await, "10");
    assert_eq!(it.ask("SELECT nextval('counted_id_seq')").await, "0");
}

#[tokio::test]
async fn what_cannot_be_filled_is_named_with_the_reason() {
    let mut it = schema(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'closed for the season'; END $$;
         CREATE FUNCTION odd() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN IF NEW.id % 2 = 0 THEN RETURN NULL; END IF; RETURN NEW; END $$;
         CREATE TABLE guarded (id int PRIMARY KEY);
         CREATE TRIGGER refuse BEFORE INSERT ON guarded FOR EACH ROW EXECUTE FUNCTION refuse();
         CREATE TABLE children (id int PRIMARY KEY, guarded_id int NOT NULL REFERENCES guarded);
         CREATE TABLE orphans (id int PRIMARY KEY, guarded_id int REFERENCES guarded);
         CREATE TABLE halved (id int PRIMARY KEY);
         CREATE TRIGGER odd BEFORE INSERT ON halved FOR EACH ROW EXECUTE FUNCTION odd();
         CREATE TABLE of_halved (id int PRIMARY KEY, halved_id int NOT NULL REFERENCES halved);
         CREATE TABLE impossible (id int PRIMARY KEY, x int NOT NULL, CONSTRAINT never CHECK (x * x = -1));
         CREATE EXTENSION file_fdw;
         CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
         CREATE FOREIGN TABLE away (id int) SERVER files OPTIONS (filename '/dev/null');
         CREATE TABLE fine (id int PRIMARY KEY);
         CREATE TABLE pairs (a int REFERENCES fine, b int REFERENCES fine,
             CONSTRAINT differ CHECK (a <> b), PRIMARY KEY (a, b))",
    )
    .await;
    let filled = it.fill(30).await;
    let refused = "it refuses every row that was tried: closed for the season";
    assert_eq!(told(&filled, "guarded"), (0, refused.to_owned()));
    assert_eq!(told(&filled, "children"), (0, "it needs rows of `public.guarded`".to_owned()));
    assert_eq!(told(&filled, "orphans"), (30, String::new()));
    assert_eq!(told(&filled, "halved"), (15, "its triggers left out 15 of 30 rows".to_owned()));
    assert_eq!(told(&filled, "of_halved"), (30, String::new()));
    let never = "no values were found that its check `never` allows";
    assert_eq!(told(&filled, "impossible"), (0, never.to_owned()));
    assert_eq!(told(&filled, "away"), (0, "its rows live on another server".to_owned()));
    assert_eq!(told(&filled, "fine"), (30, String::new()));
    let some = "its check `differ` allows 29 of the 30 rows that were made";
    assert_eq!(told(&filled, "pairs"), (29, some.to_owned()));
}
