//! From what was found to the report.

use std::time::Instant;

use jiff::Timestamp;
use shakedown_reports::model::{self, Chain, Outcome, Report, SCHEMA_VERSION, Tool, Verdict};

use crate::database::Databases;
use crate::error::Result;
use crate::server::Server;
use crate::source::Project;
use crate::verify::{self, Event, Options, Verified};

/// Verifies a project on a server and reports on it. The second value names the databases
/// that were kept, each with what is in it.
///
/// # Errors
/// When the options name what does not exist, or the server fails.
pub async fn verify(
    project: &Project,
    server: &Server,
    databases: &mut Databases<'_>,
    options: &Options,
    progress: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<(Report, Vec<(String, String)>)> {
    let started_at = Timestamp::now();
    let started = Instant::now();
    let Verified { migrations, chain, findings, allowed, kept } =
        verify::verify(project, databases, options, progress).await?;
    let outcome = match findings.is_empty() {
        false => Outcome::Found,
        true if all_tried(&migrations, &chain) => Outcome::Held,
        true => Outcome::Incomplete,
    };
    let report = Report {
        schema_version: SCHEMA_VERSION,
        outcome,
        tool: Tool { name: "shakedown".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        started_at: started_at.to_string(),
        duration_ms: started.elapsed().as_secs_f64() * 1000.0,
        project: model::Project {
            folder: project.folder.display().to_string(),
            format: project.format.name.to_owned(),
            detected_by: project.detected.clone(),
        },
        server: model::Server {
            version: server.version.clone(),
            way: server.way.to_string(),
            profile: server.profile.map(|profile| profile.to_string()),
            settings: server.settings.clone(),
        },
        migrations,
        chain,
        findings,
        allowed,
        invariants: None,
    };
    Ok((report, kept))
}

/// Whether nothing stood in the way of a test that was asked for.
fn all_tried(migrations: &[model::Migration], chain: &Chain) -> bool {
    let untested =
        migrations.iter().any(|migration| matches!(migration.verdict, Verdict::Untested { .. }));
    !untested && !matches!(chain, Chain::Restored { untried: Some(_), .. })
}
