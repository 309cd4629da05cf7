//! Our own connection to a server that is watched, which is made anew when it is lost.

use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection};

/// Under this name our sessions are told from those of the users.
pub(super) const NAME: &str = "shakedown observer";

/// How long a server may be away before we give up asking it.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long is waited before it is tried again.
const PAUSE: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(super) struct Session {
    options: PgConnectOptions,
    connection: Option<PgConnection>,
}

impl Session {
    pub(super) async fn open(options: &PgConnectOptions) -> sqlx::Result<Self> {
        let options = options
            .clone()
            .application_name(NAME)
            .options([("statement_timeout", "10s")])
            .disable_statement_logging();
        let connection = Some(connect(&options).await?);
        Ok(Self { options, connection })
    }

    /// The connection, after a look whether it is still there. Waits for a server that is away,
    /// for a few seconds.
    pub(super) async fn connection(&mut self) -> sqlx::Result<&mut PgConnection> {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.once().await {
                Ok(connection) => return Ok(self.connection.insert(connection)),
                Err(error) if Instant::now() >= until => return Err(error),
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// The same without waiting.
    pub(super) async fn now(&mut self) -> sqlx::Result<&mut PgConnection> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => connect(&self.options).await?,
        };
        Ok(self.connection.insert(connection))
    }

    /// Gives up a connection that failed.
    pub(super) fn lost(&mut self) {
        self.connection = None;
    }

    async fn once(&mut self) -> sqlx::Result<PgConnection> {
        if let Some(mut connection) = self.connection.take()
            && matches!(tokio::time::timeout(PATIENCE, connection.ping()).await, Ok(Ok(())))
        {
            return Ok(connection);
        }
        connect(&self.options).await
    }
}

async fn connect(options: &PgConnectOptions) -> sqlx::Result<PgConnection> {
    let connecting = tokio::time::timeout(PATIENCE, options.connect());
    let mut connection = connecting.await.map_err(|_| sqlx::Error::PoolTimedOut)??;
    // What we ask is no statement of the users. Only a superuser may say so, and it only matters
    // where the database under test is also the one that we are connected to.
    let _ = connection.execute("SET pg_stat_statements.track = 'none'").await;
    Ok(connection)
}
