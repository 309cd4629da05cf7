//! `shakedown server`

use std::time::Duration;

use shakedown::catalog;
use shakedown::datagen::{self, Filled, Plan};
use shakedown::error::{Error, Result};
use shakedown::prepare;
use shakedown::server::Server;
use shakedown::source::{self, Project};

use super::args::ServerArgs;
use super::progress::Progress;
use super::signals::Signals;
use super::{Verdict, config, on_server, output};

/// What the migrated database is called.
const DATABASE: &str = "shakedown";

/// From so many rows on, building an index once is faster than adding to it row by row.
const MANY: u64 = 10_000;

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
            "`shakedown server` starts a server of its own, but one that there is already is given",
        )
        .hint("leave `--postgres` out, or give container, embedded or local")
        .into());
    }
    tokio::select! {
        done = migrated(&server, project.as_ref()) => done?,
        error = signals.interrupted() => return Err(error.into()),
    }
    if let Some((project, rows)) = project.as_ref().zip(args.rows) {
        let progress = Progress::start("filling the tables");
        let filled = tokio::select! {
            filled = filled(&server, project, rows, args.seed) => filled,
            error = signals.interrupted() => Err(error),
        };
        progress.end();
        tell(&filled?, rows);
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

/// Fills all tables but that of the migration runner.
async fn filled(server: &Server, project: &Project, rows: u64, seed: u64) -> Result<Filled> {
    let mut connection = server.connect(Some(DATABASE)).await?;
    let catalog = catalog::load(&mut connection).await?;
    let names = catalog.tables.iter().map(|table| &table.name);
    let none = names.filter(|name| project.format.keeps(name)).map(|name| (name.clone(), 0));
    let plan = Plan { seed, rows: none.collect(), default_rows: rows, bulk: rows >= MANY };
    datagen::fill(&mut connection, &catalog, &plan).await
}

/// Names the tables that are not filled as asked for, with the reason.
fn tell(filled: &Filled, rows: u64) {
    for table in &filled.tables {
        if let Some(reason) = &table.reason {
            let (name, has) = (&table.name, table.rows);
            output::notice(&format!("{name} has {has} of {rows} rows: {reason}"));
        }
    }
}
