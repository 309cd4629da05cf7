//! The repository's own schema keeps what it promises.

use shakedown::database::Databases;
use shakedown::invariants::check::{Checked, Db, Known, Options, check};
use shakedown::invariants::strength::strength;
use shakedown::{migrate, source};

use crate::support::{block_on, repository, server};

/// A database with all migrations of a folder applied, and its name.
pub(super) async fn migrated(folder: &str) -> (Databases<'static>, String) {
    let mut databases = Databases::on(server()).await.unwrap();
    let name = databases.create(None).await.unwrap();
    for migration in source::load(&repository(folder), None).unwrap().migrations {
        let mut conn = databases.connect(&name).await.unwrap();
        migrate::run(&mut conn, &migration.up).await.unwrap().unwrap();
    }
    (databases, name)
}

async fn checked(options: &Options) -> Checked {
    let (databases, name) = migrated("migrations").await;
    let checked = check(&Db { server: server(), name: &name }, options).await.unwrap();
    databases.close().await.unwrap();
    checked
}

#[test]
fn rapids_keeps_every_promise() {
    block_on(async {
        let checked = checked(&Options::default()).await;
        assert_eq!(checked.wrong(), Vec::<String>::new());
        assert_eq!(checked.not_reached, Vec::<String>::new());
        let mut generated = 0;
        for verdict in &checked.verdicts {
            match verdict.known {
                Known::Holds { cases } => {
                    assert!(cases > 0, "{}", verdict.promise.id());
                    if verdict.promise.invariant == "rows-follow-the-model" {
                        generated += cases;
                    }
                }
                Known::Risk(_) => {}
                ref known => panic!("{}: {known:?}", verdict.promise.id()),
            }
        }
        assert!(checked.verdicts.len() > 200, "{}", checked.verdicts.len());
        // A thousand for each of the four tables, less those that hang on an order.
        assert!(generated > 3500, "{generated}");
        let risks = checked.verdicts.iter().filter(|v| matches!(v.known, Known::Risk(_)));
        let risks: Vec<String> = risks.map(|verdict| verdict.promise.id()).collect();
        assert_eq!(risks, ["conflict-arbiter:public.users:users_live_email_key"]);
    });
}

#[test]
fn every_mutant_of_rapids_that_is_not_equivalent_is_noticed() {
    block_on(async {
        let (mut databases, name) = migrated("migrations").await;
        let options = Options::default();
        let score = strength(&mut databases, &name, &options, &mut |_, _| {}).await.unwrap();
        databases.close().await.unwrap();
        let alive: Vec<&str> = score.alive().map(|judged| judged.mutant.says.as_str()).collect();
        assert_eq!(alive, Vec::<&str>::new());
        assert!(score.total(true).normal >= 200, "{:?}", score.total(true));
        assert!(score.total(false).normal >= 300, "{:?}", score.total(false));
    });
}
