//! Work on a server: started, minded and cleaned up however it ends.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use shakedown::database::Databases;
use shakedown::error::{Error, Result};
use shakedown::server::{self, Request, Server, Way};

use super::live::Live;
use super::output;
use super::progress::Progress;
use super::signals::Signals;

/// Starts the server, says in a line what was taken and why, and minds Ctrl-C meanwhile.
pub(super) async fn start(request: &Request, signals: &mut Signals) -> Result<Server> {
    let progress = Progress::start("starting Postgres");
    let started = tokio::select! {
        started = server::start(request) => started,
        error = signals.interrupted() => Err(error),
    };
    progress.end();
    let server = started?;
    if !server.passed_over.is_empty() {
        let why = server.passed_over.join("; ");
        output::notice(&format!(
            "using {} Postgres {} ({why})",
            article(server.way),
            server.version
        ));
    }
    if let Some(branch) = server.branch() {
        output::notice(&format!(
            "using the branch `{branch}` with Postgres {}, which is deleted at the end",
            server.version
        ));
    }
    Ok(server)
}

fn article(way: Way) -> &'static str {
    match way {
        Way::Container => "a containerised",
        Way::Embedded => "an embedded",
        Way::Local => "the local",
        Way::Url | Way::Neon => "the given",
    }
}

/// As [`with_databases`], with a line that says what goes on.
pub(super) async fn live<T>(
    server: &Server,
    interrupted: impl Future<Output = Error>,
    work: impl AsyncFnOnce(&mut Databases<'_>, &mut Live) -> Result<T>,
) -> Result<T> {
    let mut live = Live::start();
    let work = async |databases: &mut Databases<'_>| work(databases, &mut live).await;
    let done = with_databases(server, interrupted, work).await;
    live.end();
    done
}

/// Runs with scratch databases that are dropped however it ends. `interrupted` ends with the
/// error to return when the work is to be given up.
pub(super) async fn with_databases<T>(
    server: &Server,
    interrupted: impl Future<Output = Error>,
    work: impl AsyncFnOnce(&mut Databases<'_>) -> Result<T>,
) -> Result<T> {
    let mut databases = Databases::on(server).await?;
    let outcome = tokio::select! {
        outcome = AssertUnwindSafe(work(&mut databases)).catch_unwind() => outcome,
        error = interrupted => Ok(Err(error)),
    };
    let closed = databases.close().await;
    let outcome: Result<T> = outcome.unwrap_or_else(|_| {
        Err(Error::new("shakedown has a bug: it panicked, as told above")
            .hint("please report it with the migration that it happened on"))
    });
    match (outcome, closed) {
        // What was found out is worth more than a tidy end; the next start clears what is left.
        (Ok(done), Err(error)) => {
            output::notice(&format!("scratch databases may be left behind: {}", error.whole()));
            Ok(done)
        }
        (outcome, _) => outcome,
    }
}
