//! Databases that have the schema to be tested.

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use crate::database::Databases;
use crate::error::{Error, Result};
use crate::invariants::report::Subject;
use crate::migrate;
use crate::server::Server;
use crate::source::Project;

/// Makes a scratch database with the schema of `subject` and gives its name. A database of the
/// user is cloned and otherwise left alone.
///
/// # Errors
/// When a migration cannot be applied, or the database cannot be cloned.
pub async fn scratch(
    subject: &Subject,
    server: &Server,
    databases: &mut Databases<'_>,
) -> Result<String> {
    match subject {
        Subject::Database(name) => databases.copy_of(name).await,
        Subject::Project(project) => {
            let name = databases.create(None).await?;
            apply(project, server, &name).await?;
            Ok(name)
        }
    }
}

/// Applies every migration of a project to a database, each in a session of its own as when each
/// is deployed by itself.
///
/// # Errors
/// When a migration cannot be applied.
pub async fn apply(project: &Project, server: &Server, database: &str) -> Result<()> {
    let mut connection = server.connect(Some(database)).await?;
    bookkeeping(project, &mut connection).await?;
    for migration in &project.migrations {
        let mut connection = server.connect(Some(database)).await?;
        if let Err(failure) = migrate::run(&mut connection, &migration.up).await? {
            return Err(Error::new(format!(
                "`{}` cannot be applied: {}",
                migration.id, failure.message
            ))
            .hint("`shakedown verify` shows where"));
        }
    }
    Ok(())
}

/// Makes the table in which the runner of a project notes what it applied.
///
/// # Errors
/// When it cannot be made.
pub(crate) async fn bookkeeping(project: &Project, connection: &mut PgConnection) -> Result<()> {
    let bookkeeping = AssertSqlSafe(project.format.bookkeeping.to_owned());
    let made = sqlx::raw_sql(bookkeeping).execute(connection).await;
    made.map(|_| ()).map_err(|error| {
        Error::new("the table of the migration runner cannot be made").because_sql(error)
    })
}
