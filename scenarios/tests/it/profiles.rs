//! Settings of other pools become ours, and nothing is lost without a word.

use std::collections::BTreeMap;

use shakedown_reports::load::{PoolSettings, Validate};
use shakedown_scenarios::error::Error;
use shakedown_scenarios::pool::profiles::{BouncerWish, PROFILES, Translated, translate};

fn written(settings: &[(&str, &str)]) -> BTreeMap<String, String> {
    settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn translated(profile: &str, settings: &[(&str, &str)]) -> Translated {
    translate(profile, &written(settings)).unwrap()
}

fn refused(profile: &str, settings: &[(&str, &str)]) -> Error {
    translate(profile, &written(settings)).unwrap_err()
}

fn noted(translated: &Translated, words: &str) -> bool {
    translated.profile.notes.iter().any(|note| note.contains(words))
}

#[test]
fn every_profile_has_an_example_that_translates_and_refuses_what_it_does_not_know() {
    for profile in PROFILES {
        assert!(!profile.summary.is_empty() && !profile.example.is_empty(), "{}", profile.name);
        let of_example = translated(profile.name, profile.example);
        assert_eq!(of_example.profile.written, written(profile.example));
        assert_ne!(of_example, translated(profile.name, &[]), "{}", profile.name);
        let error = refused(profile.name, &[("max_conns", "5")]);
        assert!(error.message.contains("`max_conns`"), "{error}");
        let hint = error.hint.unwrap();
        assert!(profile.settings.iter().all(|known| hint.contains(known)), "{hint}");
    }
}

#[test]
fn every_setting_changes_something_or_is_named_in_a_note() {
    let values = ["2", "0.25", "1s", "False", "true", "None", "NullPool", "60000"];
    for profile in PROFILES {
        let plain = translated(profile.name, &[]);
        for setting in profile.settings {
            let taken: Vec<Translated> = values
                .iter()
                .filter_map(|value| translate(profile.name, &written(&[(setting, value)])).ok())
                .collect();
            let told = |one: &Translated| {
                one.settings != plain.settings
                    || one.bouncer != plain.bouncer
                    || one.profile.notes != plain.profile.notes
                    || noted(one, &format!("`{setting}`"))
            };
            assert!(taken.iter().any(told), "{}: `{setting}` is lost", profile.name);
        }
    }
}

#[test]
fn sqlx_is_taken_as_it_is() {
    assert_eq!(translated("sqlx", &[]).settings, PoolSettings::default());
    let given = translated(
        "sqlx",
        &[
            ("max_connections", "20"),
            ("min_connections", "2"),
            ("acquire_timeout", "500ms"),
            ("test_before_acquire", "false"),
            ("max_lifetime", "none"),
            ("idle_timeout", "5min"),
            ("statement_cache_capacity", "0"),
        ],
    );
    assert_eq!(
        given.settings,
        PoolSettings {
            max_connections: 20,
            min_connections: 2,
            kept: 20,
            acquire_timeout_ms: 500,
            validate: Validate::Never,
            max_lifetime_ms: None,
            idle_timeout_ms: Some(300_000),
            statement_cache: 0,
            reset: None,
        }
    );
    assert!(given.profile.notes.is_empty());
}

#[test]
fn sqlalchemy_keeps_its_pool_size_and_closes_the_overflow() {
    let plain = translated("sqlalchemy", &[]);
    assert_eq!(
        plain.settings,
        PoolSettings {
            max_connections: 15,
            min_connections: 0,
            kept: 5,
            acquire_timeout_ms: 30_000,
            validate: Validate::Never,
            max_lifetime_ms: None,
            idle_timeout_ms: None,
            statement_cache: 100,
            reset: None,
        }
    );
    assert_eq!(plain.profile.of, "SQLAlchemy");
    assert!(noted(&plain, "`pool_size` 5 + `max_overflow` 10: at most 15 connections, of which 5"));
    let given = translated(
        "sqlalchemy",
        &[
            ("pool_size", "20"),
            ("max_overflow", "0"),
            ("pool_timeout", "2.5"),
            ("pool_recycle", "3600"),
            ("pool_pre_ping", "True"),
            ("pool_use_lifo", "True"),
        ],
    );
    assert_eq!((given.settings.max_connections, given.settings.kept), (20, 20));
    assert_eq!(given.settings.acquire_timeout_ms, 2_500);
    assert_eq!(given.settings.max_lifetime_ms, Some(3_600_000));
    assert_eq!(given.settings.validate, Validate::Always);
    assert!(noted(&given, "`pool_use_lifo` is not translated"));
}

#[test]
fn a_null_pool_keeps_no_connection_and_takes_no_size() {
    let none = translated("sqlalchemy", &[("poolclass", "sqlalchemy.pool.NullPool")]);
    assert_eq!((none.settings.max_connections, none.settings.kept), (97, 0));
    let error = refused("sqlalchemy", &[("poolclass", "NullPool"), ("pool_size", "5")]);
    assert_eq!(error.message, "`NullPool` takes no `pool_size`");
}

#[test]
fn what_has_no_limit_is_refused_with_what_to_write() {
    for (name, value) in [("max_overflow", "-1"), ("pool_size", "0")] {
        let error = refused("sqlalchemy", &[(name, value)]);
        assert_eq!(error.message, format!("`{name} = {value}` sets no limit to the connections"));
        assert!(error.hint.unwrap().contains("max_overflow = 10"));
    }
}

#[test]
fn asyncpg_resets_each_connection_and_waits_for_ever() {
    let plain = translated("asyncpg", &[]);
    assert_eq!(
        plain.settings,
        PoolSettings {
            max_connections: 10,
            min_connections: 10,
            kept: 10,
            acquire_timeout_ms: 30_000,
            validate: Validate::Never,
            max_lifetime_ms: None,
            idle_timeout_ms: Some(300_000),
            statement_cache: 100,
            reset: Some(
                "SELECT pg_advisory_unlock_all(); CLOSE ALL; UNLISTEN *; RESET ALL;".to_owned()
            ),
        }
    );
    assert!(noted(&plain, "`timeout`: asyncpg waits for a connection for ever"));
    assert!(noted(&plain, "`max_queries` 50000 is not translated"));
    let never = translated(
        "asyncpg",
        &[("max_inactive_connection_lifetime", "0"), ("timeout", "5"), ("max_size", "20")],
    );
    assert_eq!(never.settings.idle_timeout_ms, None);
    assert_eq!(never.settings.acquire_timeout_ms, 5_000);
    assert_eq!(never.settings.max_connections, 20);
    assert!(!noted(&never, "for ever"));
    assert!(refused("asyncpg", &[("max_size", "5")]).message.contains("`min_size` 10 is larger"));
}

#[test]
fn hikaricp_has_a_fixed_size_and_validates_what_was_idle() {
    let plain = translated("hikaricp", &[]);
    assert_eq!(
        plain.settings,
        PoolSettings {
            max_connections: 10,
            min_connections: 10,
            kept: 10,
            acquire_timeout_ms: 30_000,
            validate: Validate::IdleFor { ms: 500 },
            max_lifetime_ms: Some(1_800_000),
            idle_timeout_ms: None,
            statement_cache: 100,
            reset: None,
        }
    );
    let given = translated(
        "hikaricp",
        &[("minimumIdle", "2"), ("maxLifetime", "0"), ("keepaliveTime", "120000")],
    );
    assert_eq!(given.settings.min_connections, 2);
    assert_eq!(given.settings.idle_timeout_ms, Some(600_000));
    assert_eq!(given.settings.max_lifetime_ms, None);
    assert!(noted(&given, "`keepaliveTime` is not translated"));
    assert!(refused("hikaricp", &[("connectionTimeout", "100")]).message.contains("100"));
}

#[test]
fn neon_has_a_bouncer_for_nine_tenths_of_the_compute() {
    let pools = [("0.25", 93), ("1", 377), ("4", 1_510), ("9", 3_600), ("56", 3_600)];
    for (cu, pool_size) in pools {
        let of = translated("neon", &[("cu", cu)]);
        let wish = BouncerWish {
            mode: "transaction".to_owned(),
            pool_size,
            max_client_connections: 10_000,
        };
        assert_eq!(of.bouncer, Some(wish), "{cu}");
        assert_eq!((of.settings.max_connections, of.settings.kept), (1, 1));
        assert!(of.settings.statement_cache > 0);
    }
    assert!(noted(&translated("neon", &[]), "`max_connections` = 104, 7 of them reserved"));
    assert_eq!(translated("neon", &[("pool_size", "3")]).settings.max_connections, 3);
    for cu in ["0", "0.3", "8.5", "57", "NaN", "big"] {
        assert!(refused("neon", &[("cu", cu)]).message.contains("is not a compute size"), "{cu}");
    }
}

#[test]
fn values_that_are_none_are_named() {
    for (profile, name, value, wanted) in [
        ("sqlx", "acquire_timeout", "5 days", "a time as `30s`"),
        ("sqlx", "acquire_timeout", "none", "a time as `30s`"),
        ("sqlx", "max_connections", "0", "a number of connections, 1 or more"),
        ("sqlalchemy", "pool_timeout", "soon", "a number of seconds"),
        ("sqlalchemy", "pool_timeout", "1e300", "a number of seconds"),
        ("sqlalchemy", "pool_pre_ping", "yes", "true or false"),
        ("sqlalchemy", "poolclass", "StaticPool", "NullPool"),
        ("sqlalchemy", "max_overflow", "99999999999", "a number of connections"),
        ("asyncpg", "statement_cache_size", "-1", "a number of statements"),
        ("asyncpg", "max_queries", "0", "a number of queries"),
        ("hikaricp", "maxLifetime", "30s", "milliseconds"),
    ] {
        let error = refused(profile, &[(name, value)]);
        assert!(error.message.contains(&format!("`{name} = {value}`")), "{error}");
        assert!(error.message.contains(wanted), "{error}");
    }
    assert!(refused("sqlx", &[("acquire_timeout", "0")]).hint.unwrap().contains("above 0"));
    let unknown = refused("c3p0", &[]);
    assert_eq!(unknown.message, "there is no pool profile `c3p0`");
    assert!(unknown.hint.unwrap().contains("sqlx, sqlalchemy, asyncpg, hikaricp, neon"));
}
