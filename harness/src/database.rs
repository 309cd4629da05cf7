//! Scratch databases: made by us, named so that it shows, and dropped by us.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection};

use crate::error::{Error, Result};
use crate::server::Server;

/// The scratch databases of one run on one server.
///
/// While it lives, it shares an advisory lock whose key is the run's id. The name of every
/// database holds that id too, so that a later run can tell those of the living from those
/// that a killed run left.
#[derive(Debug)]
pub struct Databases<'server> {
    server: &'server Server,
    admin: PgConnection,
    made: Vec<String>,
}

impl<'server> Databases<'server> {
    /// Connects to the server's maintenance database and removes what killed runs left there.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn on(server: &'server Server) -> Result<Self> {
        let admin = Self::admin(server).await?;
        let mut databases = Self { server, admin, made: Vec::new() };
        databases.sweep().await?;
        Ok(databases)
    }

    /// A connection to the maintenance database that holds the lock of this run.
    async fn admin(server: &Server) -> Result<PgConnection> {
        let mut admin = server.connect(None).await?;
        let key = key_of(server.run_id());
        sqlx::query("SELECT pg_catalog.pg_advisory_lock_shared($1)")
            .bind(key)
            .execute(&mut admin)
            .await
            .map_err(lost)?;
        Ok(admin)
    }

    /// Makes an empty database, or a clone of `template`, which is one of ours: who is connected
    /// to it is cut off.
    ///
    /// # Errors
    /// When the user may not create databases, or the disk is full.
    pub async fn create(&mut self, template: Option<&str>) -> Result<String> {
        if let Some(template) = template {
            // Somebody who watches all databases may be connected to ours, too. Where we may not
            // end their sessions, CREATE DATABASE says so.
            let end = "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity \
                       WHERE datname = $1 AND backend_type = 'client backend'";
            let _ = sqlx::query(end).bind(template).execute(&mut self.admin).await;
        }
        self.clone_of(template).await
    }

    /// Makes a clone of a database of the user, which is only read: nobody who is connected to
    /// it is cut off, so that nobody may be.
    ///
    /// # Errors
    /// When there is no such database, somebody is connected to it, or the user may not clone it.
    pub async fn copy_of(&mut self, database: &str) -> Result<String> {
        self.clone_of(Some(database)).await
    }

    async fn clone_of(&mut self, template: Option<&str>) -> Result<String> {
        let name = self.server.next_name();
        // `template0` holds nothing that somebody added to this server's `template1`.
        let source = template.unwrap_or("template0");
        // Copying files is the faster way for a scratch server, whose checkpoints cost
        // nothing; elsewhere the write-ahead log is the way that disturbs others least.
        let strategy = if self.server.is_scratch() { "FILE_COPY" } else { "WAL_LOG" };
        let sql = format!("CREATE DATABASE {name} TEMPLATE {} STRATEGY {strategy}", quoted(source));
        self.made.push(name.clone());
        self.run(sql).await.map_err(|error| not_created(&name, error))?;
        if let Some(template) = template {
            self.copy_settings(template, &name).await?;
        }
        Ok(name)
    }

    /// Gives a clone what `ALTER DATABASE ... SET` said of its template, which cloning leaves out.
    async fn copy_settings(&mut self, template: &str, clone: &str) -> Result<()> {
        let settings = "SELECT split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1), \
               (SELECT rolname::text FROM pg_catalog.pg_roles AS r WHERE r.oid = s.setrole) \
             FROM pg_catalog.pg_db_role_setting AS s \
             JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase, unnest(s.setconfig) AS setting \
             WHERE d.datname = $1";
        let settings: Vec<(String, String, Option<String>)> = sqlx::query_as(settings)
            .bind(template)
            .fetch_all(&mut self.admin)
            .await
            .map_err(lost)?;
        for (name, value, role) in settings {
            // FROM CURRENT takes the value as it is, also where it is a list.
            let set =
                sqlx::query("SELECT pg_catalog.set_config($1, $2, false)").bind(&name).bind(value);
            set.execute(&mut self.admin).await.map_err(lost)?;
            let name = quoted(&name);
            let of = match role {
                Some(role) => format!("ROLE {} IN DATABASE {clone}", quoted(&role)),
                None => format!("DATABASE {clone}"),
            };
            let sql = format!("ALTER {of} SET {name} FROM CURRENT; RESET {name}");
            self.run(sql).await.map_err(lost)?;
        }
        Ok(())
    }

    /// Opens a connection to a scratch database.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn connect(&self, name: &str) -> Result<PgConnection> {
        self.server.connect(Some(name)).await
    }

    /// Those that this value made and that are still there.
    pub fn names(&self) -> &[String] {
        &self.made
    }

    /// Drops a database that this value made.
    ///
    /// # Errors
    /// When the server is gone.
    pub async fn drop(&mut self, name: &str) -> Result<()> {
        self.run(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.map_err(lost)?;
        self.made.retain(|made| made != name);
        Ok(())
    }

    /// Gives whoever connects to a database of ours a setting from then on.
    ///
    /// # Errors
    /// When the server is gone, or does not know the setting.
    pub async fn set(&mut self, name: &str, setting: &str, value: &str) -> Result<()> {
        let value = value.replace('\'', "''");
        self.run(format!("ALTER DATABASE {name} SET {setting} = '{value}'")).await.map_err(lost)
    }

    /// Takes a database out of our hands: it gets a name that no run clears away.
    ///
    /// # Errors
    /// When the server is gone, or somebody is connected to the database.
    pub async fn keep(&mut self, name: &str) -> Result<String> {
        let kept = format!("kept_{name}");
        self.run(format!("ALTER DATABASE {name} RENAME TO {kept}")).await.map_err(lost)?;
        self.made.retain(|made| made != name);
        Ok(kept)
    }

    /// Drops every database that is still there.
    ///
    /// # Errors
    /// When the server is gone.
    pub async fn close(mut self) -> Result<()> {
        for name in std::mem::take(&mut self.made) {
            self.run(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.map_err(lost)?;
        }
        self.admin.close().await.map_err(lost)
    }

    /// Drops the databases of runs that no longer hold their lock.
    async fn sweep(&mut self) -> Result<()> {
        // pg_locks shows the two halves of the key apart, and shows locks taken in any database.
        let orphans: Vec<String> = sqlx::query_scalar(
            "SELECT datname FROM pg_catalog.pg_database \
             WHERE datname ~ '^shakedown_[0-9a-f]{16}_[0-9]+$' AND NOT EXISTS ( \
               SELECT FROM pg_catalog.pg_locks \
               WHERE locktype = 'advisory' AND granted AND objsubid = 1 \
                 AND lpad(to_hex(classid::bigint), 8, '0') || lpad(to_hex(objid::bigint), 8, '0') \
                   = substr(datname, 11, 16))",
        )
        .fetch_all(&mut self.admin)
        .await
        .map_err(lost)?;
        for name in orphans {
            // Another run may be sweeping too; whoever is first drops it.
            let _ = self.run(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
        Ok(())
    }

    async fn run(&mut self, sql: String) -> Result<(), sqlx::Error> {
        let done = sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&mut self.admin).await;
        let Err(error) = done else { return Ok(()) };
        // The server may have gone away and come back since the last statement.
        match Self::admin(self.server).await {
            Ok(admin) if is_lost(&error) => self.admin = admin,
            _ => return Err(error),
        }
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.admin).await.map(|_| ())
    }
}

fn not_created(name: &str, error: sqlx::Error) -> Error {
    let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default();
    let hint = match &*code {
        "42501" => {
            "the user of the address needs the right to create databases: ALTER ROLE <user> CREATEDB"
        }
        "53100" => "free some space on the disk of the server",
        "55006" => {
            "a database can only be cloned while nobody is connected to it: try again later, or \
             clone a restored dump of it"
        }
        "3D000" => "name a database that is there: psql --list shows them",
        _ => "see the server's log for more",
    };
    Error::new(format!("the scratch database `{name}` cannot be created"))
        .because_sql(error)
        .hint(hint)
}

/// Whether the session is over; 57P01 to 57P05 end one.
fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => error.code().is_some_and(|code| code.starts_with("57P")),
        _ => true,
    }
}

fn lost(error: sqlx::Error) -> Error {
    Error::new("the server did not do what was asked of it").because_sql(error)
}

/// The lock key that stands for a run: the number its sixteen hexadecimal digits spell.
fn key_of(run: &str) -> i64 {
    u64::from_str_radix(run, 16).map_or(0, u64::cast_signed)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
