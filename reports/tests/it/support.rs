//! Reports to render, from a plain one to one with everything that a report can hold.

use std::collections::BTreeMap;

use shakedown_reports::Report;
use shakedown_reports::model::{
    Chain, Change, Fate, Finding, How, Invariants, Kept, Migration, Mutant, Outcome, Place,
    Project, Promise, RoundTrip, SCHEMA_VERSION, Server, Severity, SoftDelete, Stop, Strength,
    Timings, Tool, Verdict,
};

/// Everything held: twelve migrations, there and back.
pub(crate) fn held() -> Report {
    let names = [
        "create_users",
        "create_books",
        "add_email",
        "index_email",
        "add_mood",
        "create_loans",
        "loans_due",
        "view_overdue",
        "rename_title",
        "drop_legacy",
        "partition_loans",
        "grant_reader",
    ];
    let migrations = names.iter().zip(1_u32..).map(|(name, number)| {
        let number_f = f64::from(number);
        Migration {
            id: format!("{number:04}_{name}"),
            verdict: Verdict::Reversible,
            round_trip: Some(RoundTrip::Transaction),
            timings: Timings {
                up_ms: Some(number_f * 1.25),
                down_ms: Some(number_f * 0.5),
                reapply_ms: Some(number_f),
            },
        }
    });
    report(
        migrations.collect(),
        Chain::Restored { steps: 12, stops: Vec::new(), untried: None },
        Vec::new(),
    )
}

/// A report on these migrations. It held if nothing was found.
pub(crate) fn report(migrations: Vec<Migration>, chain: Chain, findings: Vec<Finding>) -> Report {
    Report {
        schema_version: SCHEMA_VERSION,
        outcome: if findings.is_empty() { Outcome::Held } else { Outcome::Found },
        tool: Tool { name: "shakedown".to_owned(), version: "0.1.0".to_owned() },
        started_at: "2026-11-22T19:37:25Z".to_owned(),
        duration_ms: 1234.5,
        project: Project {
            folder: "migrations".to_owned(),
            format: "sqlx".to_owned(),
            detected_by: Some("`0001_create_users.up.sql` has a down beside it".to_owned()),
            began_with: None,
        },
        server: Server {
            version: "16.14".to_owned(),
            way: "container".to_owned(),
            profile: Some("fast".to_owned()),
            settings: BTreeMap::from([("fsync".to_owned(), "off".to_owned())]),
        },
        migrations,
        chain,
        findings,
        allowed: BTreeMap::new(),
        invariants: None,
        strength: None,
        load: None,
        indexes: None,
        gates: None,
        parts: Vec::new(),
        environment: None,
    }
}

pub(crate) fn migration(id: &str, verdict: Verdict) -> Migration {
    let ran = Timings { up_ms: Some(3.25), down_ms: Some(1.5), reapply_ms: Some(12.0) };
    let (round_trip, timings) = match verdict {
        Verdict::NotReached => (None, Timings::default()),
        Verdict::ForwardOnly | Verdict::NotSelected => {
            (None, Timings { down_ms: None, reapply_ms: None, ..ran })
        }
        _ => (Some(RoundTrip::Clone), ran),
    };
    Migration { id: id.to_owned(), verdict, round_trip, timings }
}

/// A finding with nothing but what every finding has.
pub(crate) fn finding(rule: &str, migration: &str, message: &str) -> Finding {
    Finding {
        rule: rule.to_owned(),
        severity: Severity::Error,
        migration: Some(migration.to_owned()),
        file: format!("migrations/{migration}.up.sql"),
        line: None,
        message: message.to_owned(),
        help: None,
        mend: None,
        promise: None,
        script: None,
        notes: Vec::new(),
        places: Vec::new(),
        changes: Vec::new(),
    }
}

/// A place with `marked` marked in `text`.
pub(crate) fn place(file: &str, line: u32, text: &str, marked: &str, label: &str) -> Place {
    let start = text.find(marked).unwrap();
    Place {
        file: format!("migrations/{file}"),
        line,
        text: text.to_owned(),
        start,
        end: start + marked.len(),
        label: label.to_owned(),
    }
}

/// A down that leaves things behind, with all that can be said of it.
pub(crate) fn trace() -> Finding {
    let up = "CREATE TYPE mood AS ENUM ('sad', 'ok');";
    let down = "ALTER TABLE users DROP COLUMN mood;";
    let change = |object: &str, how, details: &[&str], mend: Option<&str>| Change {
        object: object.to_owned(),
        how,
        details: details.iter().map(|&detail| detail.to_owned()).collect(),
        mend: mend.map(str::to_owned),
    };
    Finding {
        file: "migrations/0003_add_mood.down.sql".to_owned(),
        line: Some(1),
        help: Some(
            "add to `migrations/0003_add_mood.down.sql`:\n  \
             DROP TYPE public.mood;\n  \
             CREATE INDEX users_email ON public.users (email);"
                .to_owned(),
        ),
        notes: vec![
            "so the migration cannot be applied again: type \"mood\" already exists".to_owned(),
        ],
        places: vec![
            place("0003_add_mood.down.sql", 1, down, down, "this down does not restore it"),
            place("0003_add_mood.up.sql", 12, up, up, "the up changes it here"),
        ],
        changes: vec![
            change("type public.mood", How::LeftBehind, &[], Some("DROP TYPE public.mood")),
            change("index public.users_email", How::Lost, &[], None),
            change("column public.users.name", How::Differs, &["not null: yes, now no"], None),
        ],
        ..finding(
            "down-leaves-trace",
            "0003_add_mood",
            "taking back `0003_add_mood` leaves 3 objects not as they were",
        )
    }
}

/// Columns that are in another order.
pub(crate) fn column_order() -> Finding {
    let down = "ALTER TABLE users ADD COLUMN email text;";
    Finding {
        severity: Severity::Warning,
        file: "migrations/0002_drop_email.down.sql".to_owned(),
        line: Some(3),
        help: Some(
            "nothing but `SELECT *`, `INSERT` without a column list and `COPY` sees the order; \
             if none of them matters, allow it: --allow column-order"
                .to_owned(),
        ),
        places: vec![place(
            "0002_drop_email.down.sql",
            3,
            down,
            down,
            "columns are added at the end of a table",
        )],
        changes: vec![Change {
            object: "columns of public.users".to_owned(),
            how: How::Differs,
            details: vec!["order: id, email, name, now id, name, email".to_owned()],
            mend: None,
        }],
        ..finding(
            "column-order",
            "0002_drop_email",
            "taking back `0002_drop_email` leaves the columns in another order",
        )
    }
}

/// Every variant there is, and every optional field both with and without a value.
pub(crate) fn everything() -> Vec<Report> {
    let verdicts = [
        Verdict::Reversible,
        Verdict::Irreversible { reason: "the old numbers are gone".to_owned() },
        Verdict::ForwardOnly,
        Verdict::Flawed,
        Verdict::Allowed,
        Verdict::Untested { reason: "a role is shared".to_owned() },
        Verdict::NotSelected,
        Verdict::NotReached,
    ];
    let mut migrations: Vec<Migration> =
        verdicts.into_iter().map(|verdict| migration("0003_add_mood", verdict)).collect();
    migrations[0].round_trip = Some(RoundTrip::Transaction);
    let stop = Stop { migration: "0001".to_owned(), reason: "it is irreversible".to_owned() };
    let chains = [
        Chain::Restored { steps: 3, stops: Vec::new(), untried: None },
        Chain::Restored { steps: 3, stops: vec![stop], untried: None },
        Chain::Broken { steps: 2, told_by_steps: false },
        Chain::Broken { steps: 2, told_by_steps: true },
        Chain::NotRun { reason: "since there is nothing to take back".to_owned() },
    ];
    let bare = Finding { migration: None, ..finding("irreversible-unused", "x", "no such one") };
    let findings = vec![trace(), column_order(), bare];
    let mut reports: Vec<Report> = chains
        .into_iter()
        .map(|chain| report(migrations.clone(), chain, findings.clone()))
        .collect();
    reports[1].allowed.insert("column-order".to_owned(), 2);
    reports[2].project.detected_by = None;
    reports[3].server.profile = None;
    reports.push(held());
    reports
}

/// A promise of the schema and what came of it.
pub(crate) fn promise(invariant: &str, table: &str, object: &str, verdict: Kept) -> Promise {
    Promise {
        invariant: invariant.to_owned(),
        table: table.to_owned(),
        object: object.to_owned(),
        says: format!("no two rows agree in what {object} says"),
        verdict,
    }
}

/// What is broken about a promise, with the script that shows it.
pub(crate) fn broken(promise: &Promise) -> Finding {
    Finding {
        migration: None,
        promise: Some(promise.id()),
        file: "migrations/0002_create_orders.up.sql".to_owned(),
        line: Some(4),
        help: Some(format!(
            "`shakedown rule {}` tells how this comes about; this script shows it:",
            promise.invariant
        )),
        notes: vec![
            "tried: deleting a user who has an order".to_owned(),
            "expected: it succeeds".to_owned(),
            "seen: refused with 23503".to_owned(),
        ],
        places: vec![place(
            "0002_create_orders.up.sql",
            4,
            "    buyer uuid NOT NULL REFERENCES users ON DELETE SET NULL",
            "buyer",
            "",
        )],
        script: Some(
            "-- deleting a user leaves the orders without a buyer\nBEGIN;\nDELETE FROM users;\nROLLBACK;\n"
                .to_owned(),
        ),
        ..finding(&promise.invariant, "", "a user with orders cannot be deleted")
    }
}

/// A known trap, and the way out of it.
pub(crate) fn risk(promise: &Promise, line: u32) -> Finding {
    Finding {
        severity: Severity::Risk,
        line: Some(line),
        help: Some("make the index ignore case:".to_owned()),
        mend: Some(format!("CREATE UNIQUE INDEX ON {} (lower(email));", promise.table)),
        notes: vec!["tried: the same email in capitals".to_owned()],
        places: Vec::new(),
        file: "migrations/0001_create_users.up.sql".to_owned(),
        message: format!("two rows of `{}` can differ in case alone", promise.table),
        ..broken(promise)
    }
}

/// Promises with every verdict there is.
pub(crate) fn promises() -> Report {
    let holds = |cases| Kept::Holds { cases };
    let users = "public.users";
    let promises = vec![
        promise("unique", users, "users_pkey", holds(1203)),
        promise("unique", "public.orders", "orders_pkey", holds(12_400)),
        promise("cascade", "public.orders", "orders_buyer_fkey", Kept::Broken),
        promise("cascade", "public.orders", "orders_shop_fkey", holds(7)),
        promise("unique-ignores-case", users, "users_email_key", Kept::Risk),
        promise("unique-ignores-case", "public.shops", "shops_email_key", Kept::Risk),
        promise("check-null", users, "age", Kept::Allowed { reason: "old rows".to_owned() }),
        promise(
            "check-null",
            "public.audit",
            "kind",
            Kept::Untested { reason: "the trigger `audit_guard` refuses every row".to_owned() },
        ),
    ];
    let findings = vec![risk(&promises[4], 3), broken(&promises[2]), risk(&promises[5], 9)];
    let mut report = report(
        Vec::new(),
        Chain::NotRun { reason: "since only what the schema promises was tested".to_owned() },
        findings,
    );
    report.allowed.insert("check-null".to_owned(), 1);
    report.invariants = Some(Invariants {
        schema: "3f9a1c".to_owned(),
        seed: 42,
        cases: 13_610,
        promises,
        soft_deletes: vec![SoftDelete {
            table: users.to_owned(),
            column: "deleted_at".to_owned(),
            live: "deleted_at IS NULL".to_owned(),
            because: vec!["its name".to_owned(), "an index has it as its predicate".to_owned()],
        }],
        not_reached: vec!["public.log".to_owned(), "public.visits".to_owned()],
    });
    report
}

/// Mutants with every fate there is.
pub(crate) fn strength() -> Report {
    let mutant = |operator: &str, published, says: &str, fate| Mutant {
        operator: operator.to_owned(),
        published,
        table: "public.users".to_owned(),
        object: "email".to_owned(),
        says: says.to_owned(),
        fate,
    };
    let killed = || Fate::Killed { by: "a row without email: accepted instead of refused".into() };
    let rule = "a primary key is never NULL";
    let mutants = vec![
        mutant("NNCR", true, "drops NOT NULL of users.email", killed()),
        mutant("NNCR", true, "drops NOT NULL of users.id", Fate::Equivalent { rule: rule.into() }),
        mutant("NNCR", true, "drops NOT NULL of orders.id", Fate::Equivalent { rule: rule.into() }),
        mutant("PKCColumnR", true, "lacks users_pkey", killed()),
        mutant("type", false, "makes users.age a bigint", Fate::Survived),
        mutant("type", false, "makes users.age an int", Fate::Duplicate { of: "the same".into() }),
        mutant("type", false, "makes users.at a date", Fate::Stillborn { reason: "no".into() }),
        mutant("enum-label", false, "lacks `new` of state", Fate::Impaired),
    ];
    let mut report = report(
        Vec::new(),
        Chain::NotRun { reason: "since only mutants of the schema were tried".to_owned() },
        Vec::new(),
    );
    report.strength = Some(Strength { mutants });
    report
}
