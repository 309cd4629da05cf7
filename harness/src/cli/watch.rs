//! `shakedown verify --watch`
//!
//! The folder is looked at several times a second. That takes some milliseconds for hundreds of
//! migrations, and works where nobody tells of changes: on network folders and in containers.

mod standing;
mod state;

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use shakedown::database::Databases;
use shakedown::error::{Error, Result};
use shakedown::run;
use shakedown::server::Server;
use shakedown::source::{self, Project};
use shakedown::verify::{Event, Options};
use shakedown_reports::Report;
use shakedown_reports::model::Outcome;
use shakedown_reports::render::{self, Colour};

use super::output;
use super::progress::Progress;
use super::signals::Signals;
use standing::Standing;
use state::{Edit, Stamps, Template, stamps};

/// How long between two looks. What is written at two of them is waited for.
const LOOK: Duration = Duration::from_millis(100);

/// What is watched.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) folder: PathBuf,
    pub(super) format: Option<String>,
    pub(super) options: Options,
    pub(super) colour: Colour,
}

/// Verifies the project, and then what is edited, until somebody has seen enough. Then it gives
/// the last outcome.
///
/// # Errors
/// When the first run cannot be made, or is interrupted.
pub(super) async fn watch(
    project: Project,
    server: &Server,
    databases: &mut Databases<'_>,
    watched: &Watched,
    signals: &mut Signals,
) -> Result<Outcome> {
    let mut standing = Standing::default();
    let stopped = tokio::select! {
        ended = go_on(project, server, databases, watched, &mut standing) => match ended {
            Ok(never) => match never {},
            Err(error) => error,
        },
        interrupted = signals.interrupted() => interrupted,
    };
    standing.outcome().ok_or(stopped)
}

async fn go_on(
    mut project: Project,
    server: &Server,
    databases: &mut Databases<'_>,
    watched: &Watched,
    standing: &mut Standing,
) -> Result<Infallible> {
    let mut seen = stamps(&watched.folder);
    let report = pass(&project, server, databases, &watched.options, watched.colour).await?;
    standing.tested(&report);
    // Most often it is the newest that is being written, so that the state before it is made ahead.
    // Where that fails, the run after an edit says why.
    let mut template = Template::default();
    let newest = project.migrations.len().saturating_sub(1);
    let _ = template.before(&project, newest, server, databases).await;
    output::notice(&format!("watching {}; press Ctrl-C to end", watched.folder.display()));
    loop {
        seen = until_changed(&watched.folder, &seen).await;
        let read = match source::load(&watched.folder, watched.format.as_deref()) {
            Ok(read) => read,
            Err(error) => {
                tell(&error);
                standing.unreadable();
                continue;
            }
        };
        let edit = Edit::between(&project, &read);
        project = read;
        let Some(only) = standing.due(&project, &edit) else { continue };
        rule(&edit);
        let tested = async {
            let Some(first) = only.first() else {
                return pass(&project, server, databases, &watched.options, watched.colour).await;
            };
            let index = project.migrations.iter().position(|migration| migration.id == *first);
            // What cannot be applied before it is found, and told, by a run from the beginning.
            let after = template.before(&project, index.unwrap_or(0), server, databases).await?;
            let options = Options { from: None, to: None, only, after, ..watched.options.clone() };
            pass(&project, server, databases, &options, watched.colour).await
        };
        match tested.await {
            Ok(report) => standing.tested(&report),
            Err(error) => {
                tell(&error);
                standing.untested();
            }
        }
    }
}

/// Verifies once, prints and returns the report, and leaves nothing but what was there.
async fn pass(
    project: &Project,
    server: &Server,
    databases: &mut Databases<'_>,
    options: &Options,
    colour: Colour,
) -> Result<Report> {
    let before = databases.names().to_vec();
    let progress = Progress::start("reading the catalog");
    let mut show = |event: Event<'_>| progress.show(&event);
    let done = run::verify(project, server, databases, options, &mut show).await;
    progress.end();
    for made in databases.names().to_vec() {
        if !before.contains(&made) {
            databases.drop(&made).await?;
        }
    }
    let (report, _) = done?;
    output::print(&render::text(&report, colour));
    Ok(report)
}

/// Waits until something in the folder is other than it was, and then until it stays so.
async fn until_changed(folder: &Path, seen: &Stamps) -> Stamps {
    let mut earlier = seen.clone();
    loop {
        tokio::time::sleep(LOOK).await;
        let now = stamps(folder);
        if now == earlier && now != *seen {
            return now;
        }
        earlier = now;
    }
}

/// A line between the reports: when, and what was edited.
fn rule(edit: &Edit) {
    let now = Timestamp::now().strftime("%H:%M:%S");
    let removed = edit.removed.iter().map(|id| format!("{id} is gone"));
    let told: Vec<String> = edit.changed.iter().cloned().chain(removed).collect();
    let told = if told.is_empty() { "once more".to_owned() } else { told.join(", ") };
    output::print(&format!("\n---- {now} UTC: {told}\n\n"));
}

fn tell(error: &Error) {
    let hint = error.hint_text().map(|hint| format!("\n\nhint: {hint}"));
    output::notice(&format!("error: {}{}", error.whole(), hint.unwrap_or_default()));
}
