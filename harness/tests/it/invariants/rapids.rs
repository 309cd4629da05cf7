//! The repository's own schema keeps what it promises.

use shakedown::database::Databases;
use shakedown::invariants::check::{Checked, Db, Known, Options, check};
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
        let mut wrong = String::new();
        for verdict in &checked.verdicts {
            if std::env::var("TELL").is_ok() {
                eprintln!(
                    "{}: {}: {:?}",
                    verdict.promise.id(),
                    verdict.promise.says,
                    verdict.known
                );
            }
            if matches!(verdict.known, Known::Broken(_) | Known::Untested { .. }) {
                wrong.push_str(&format!("{}: {:?}\n", verdict.promise.id(), verdict.known));
            }
        }
        assert_eq!(wrong, "");
        assert!(checked.verdicts.len() > 20, "{}", checked.verdicts.len());
        assert!(checked.cases > 30, "{}", checked.cases);
    });
}
