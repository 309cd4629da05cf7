//! What was there before an edit: files, migrations, and a database.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use shakedown::database::Databases;
use shakedown::error::Result;
use shakedown::prepare;
use shakedown::server::Server;
use shakedown::source::{Down, Migration, Project, Script};
use shakedown::verify::Applied;

/// When each file was written, and how long it is.
pub(super) type Stamps = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// The files of a folder and of those in it, as diesel has them. What cannot be read is not there.
pub(super) fn stamps(folder: &Path) -> Stamps {
    let entries = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
    let mut stamps = Stamps::new();
    for entry in entries(folder) {
        let path = entry.path();
        let below = if path.is_dir() {
            entries(&path).map(|entry| entry.path()).collect()
        } else {
            vec![path]
        };
        for file in below {
            if let Ok(there) = fs::metadata(&file) {
                stamps.insert(file, (there.modified().ok(), there.len()));
            }
        }
    }
    stamps
}

/// What was done to a project.
#[derive(Debug, Default)]
pub(super) struct Edit {
    /// The ids of the migrations that are new or have other scripts, in their order.
    pub(super) changed: Vec<String>,
    /// The ids of those that are no longer there.
    pub(super) removed: Vec<String>,
}

impl Edit {
    pub(super) fn between(before: &Project, now: &Project) -> Self {
        let by_id = |project: &Project| -> BTreeMap<String, (String, String)> {
            let all = project.migrations.iter();
            all.map(|migration| (migration.id.clone(), scripts(migration))).collect()
        };
        let (old, new) = (by_id(before), by_id(now));
        let differs = |migration: &&Migration| old.get(&migration.id) != new.get(&migration.id);
        Self {
            changed: now.migrations.iter().filter(differs).map(|one| one.id.clone()).collect(),
            removed: old.keys().filter(|id| !new.contains_key(*id)).cloned().collect(),
        }
    }
}

/// The texts of a migration, with how they are run.
fn scripts(migration: &Migration) -> (String, String) {
    let told = |script: &Script| format!("{:?}{}", script.batches, script.text);
    let down = match &migration.down {
        Down::Script(script) => told(script),
        Down::Missing => "missing".to_owned(),
        Down::ForwardOnly => "forward only".to_owned(),
    };
    (told(&migration.up), down)
}

/// A database with the migrations before the one that is edited, kept from one edit to the next.
#[derive(Debug, Default)]
pub(super) struct Template {
    database: Option<String>,
    /// The ids and ups that are applied to it.
    applied: Vec<(String, String)>,
}

impl Template {
    /// The state before the migration at `index`, if those before it can be applied.
    ///
    /// # Errors
    /// When the server fails.
    pub(super) async fn before(
        &mut self,
        project: &Project,
        index: usize,
        server: &Server,
        databases: &mut Databases<'_>,
    ) -> Result<Option<Applied>> {
        let wanted: Vec<(String, String)> = project.migrations[..index]
            .iter()
            .map(|migration| (migration.id.clone(), scripts(migration).0))
            .collect();
        if self.database.is_none() || self.applied != wanted {
            if let Some(old) = self.database.take() {
                databases.drop(&old).await?;
            }
            let new = databases.create(None).await?;
            let mut part = project.clone();
            part.migrations.truncate(index);
            if prepare::apply(&part, server, &new).await.is_err() {
                databases.drop(&new).await?;
                return Ok(None);
            }
            self.database = Some(new);
            self.applied = wanted;
        }
        Ok(self.database.clone().map(|database| Applied {
            database,
            migrations: index,
            stays: true,
        }))
    }
}
