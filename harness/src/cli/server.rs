//! `shakedown server`

use std::time::Duration;

use shakedown::error::{Error, Result};
use shakedown::prepare;
use shakedown::server::Server;
use shakedown::source::{self, Project};

use super::args::ServerArgs;
use super::signals::Signals;
use super::{Verdict, config, on_server, output};

/// What the migrated database is called.
const DATABASE: &str = "shakedown";

pub(super) async fn run(args: ServerArgs, signals: &mut Signals) -> anyhow::Result<Verdict> {
    let config = config::load(args.common.config.as_deref())?;
    let mut request = config.request(&args.server, args.profile.into())?;
    request.port = args.port;
    let project = if args.empty {
        None
    } else {
        let format = args.format.or_else(|| config.migrations.format.clone());
        Some(source::load(&config.folder(args.folder), format.as_deref())?)
    };
    let server = on_server::start(&request, signals).await?;
    if !server.is_scratch() {
        return Err(Error::new(
            "`shakedown server` starts a server, but an address of a running one is given",
        )
        .hint("leave `--postgres` out, or give container, embedded or local")
        .into());
    }
    tokio::select! {
        done = migrated(&server, project.as_ref()) => done?,
        error = signals.interrupted() => return Err(error.into()),
    }
    output::print(&format!("DATABASE_URL={}\n", server.address(DATABASE)));
    output::notice("press Ctrl-C to stop the server and remove its data");
    tokio::select! {
        _ = signals.interrupted() => {}
        error = gone(&server) => return Err(error.into()),
    }
    server.stop().await?;
    Ok(Verdict::Held)
}

/// Ends when the server no longer answers, with the error that says so.
async fn gone(server: &Server) -> Error {
    loop {
        tokio::time::sleep(Duration::from_secs(5)).await;
        if let Err(error) = server.connect(None).await {
            return Error::new("the server went away").because(error);
        }
    }
}

async fn migrated(server: &Server, project: Option<&Project>) -> Result<()> {
    let mut admin = server.connect(None).await?;
    let created =
        sqlx::raw_sql("CREATE DATABASE shakedown TEMPLATE template0").execute(&mut admin).await;
    created.map_err(|error| {
        Error::new(format!("the database `{DATABASE}` cannot be made")).because(error)
    })?;
    match project {
        Some(project) => prepare::apply(project, server, DATABASE).await,
        None => Ok(()),
    }
}
