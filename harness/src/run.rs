//! From what was found to the report.

use std::collections::BTreeMap;
use std::time::Instant;

use jiff::Timestamp;
use shakedown_reports::model::{self, Chain, Outcome, Report, SCHEMA_VERSION, Tool, Verdict};

use crate::catalog;
use crate::database::Databases;
use crate::error::Result;
#[cfg(feature = "load")]
use crate::index;
use crate::invariants::check::{self, Checked};
use crate::invariants::report::{Judgement, Subject, Told, told};
use crate::invariants::select::select;
use crate::invariants::strength;
use crate::invariants::suite::{self, Suite};
#[cfg(feature = "load")]
use crate::load::{self, Target};
use crate::prepare;
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
        tool: tool(),
        started_at: started_at.to_string(),
        duration_ms: started.elapsed().as_secs_f64() * 1000.0,
        project: migrations_of(project),
        server: told_of(server),
        migrations,
        chain,
        findings,
        allowed,
        invariants: None,
        strength: None,
        load: None,
        indexes: None,
    };
    Ok((report, kept))
}

/// Whether nothing stood in the way of a test that was asked for.
fn all_tried(migrations: &[model::Migration], chain: &Chain) -> bool {
    let untested =
        migrations.iter().any(|migration| matches!(migration.verdict, Verdict::Untested { .. }));
    !untested && !matches!(chain, Chain::Restored { untried: Some(_), .. })
}

/// What is asked about the promises of a schema.
#[derive(Debug, Default)]
pub struct Asked {
    pub options: check::Options,
    /// What to try instead of what the schema itself promises.
    pub suite: Option<Suite>,
    pub judgement: Judgement,
    /// Whether to make a suite of what was derived.
    pub make_suite: bool,
}

/// What came of the promises of a schema.
#[derive(Debug)]
pub struct Tested {
    pub report: Report,
    pub checked: Checked,
    /// If it was asked for.
    pub suite: Option<Suite>,
}

/// Tests what a schema promises on a scratch database, and reports on it.
///
/// # Errors
/// When the schema cannot be made, the options name what it does not have, or the server fails.
pub async fn invariants(
    subject: &Subject,
    server: &Server,
    databases: &mut Databases<'_>,
    asked: &Asked,
    progress: &mut (dyn FnMut(check::Event<'_>) + Send),
) -> Result<Tested> {
    let started_at = Timestamp::now();
    let started = Instant::now();
    let database = prepare::scratch(subject, server, databases).await?;
    let mut connection = databases.connect(&database).await?;
    let catalog = catalog::load(&mut connection).await?;
    let only = select(&asked.options.only, &catalog)?;
    let project = match subject {
        Subject::Project(project) => Some(project.clone()),
        Subject::Database(_) => None,
    };
    let options = check::Options { only, project, ..asked.options.clone() };
    let checked = match &asked.suite {
        Some(suite) => suite::run(&mut connection, suite, check::digest(&catalog)?).await?,
        None => {
            // Nobody may be connected to what is cloned.
            drop(connection);
            check::check_in(databases, &database, &options, progress).await?
        }
    };
    let seed = asked.suite.as_ref().map_or(options.seed, |suite| suite.seed);
    let suite = match asked.make_suite {
        true => {
            Some(suite::derive(&mut databases.connect(&database).await?, &checked, seed).await?)
        }
        false => None,
    };
    let Told { outcome, invariants, findings, allowed } =
        told(&checked, seed, subject, &catalog, &asked.judgement);
    let report = Report {
        schema_version: SCHEMA_VERSION,
        outcome,
        tool: tool(),
        started_at: started_at.to_string(),
        duration_ms: started.elapsed().as_secs_f64() * 1000.0,
        project: subject_of(subject),
        server: told_of(server),
        migrations: Vec::new(),
        chain: Chain::NotRun {
            reason: "since only what the schema promises was tested".to_owned(),
        },
        findings,
        allowed,
        invariants: Some(invariants),
        strength: None,
        load: None,
        indexes: None,
    };
    Ok(Tested { report, checked, suite })
}

/// Measures how much of what can be changed in a schema is noticed by what is derived from it. What
/// is not noticed is no fault of the schema, so that it always holds.
///
/// # Errors
/// As those of [`invariants`].
pub async fn strength(
    subject: &Subject,
    server: &Server,
    databases: &mut Databases<'_>,
    options: &check::Options,
    progress: &mut (dyn FnMut(usize, usize) + Send),
) -> Result<Report> {
    let started_at = Timestamp::now();
    let started = Instant::now();
    let database = prepare::scratch(subject, server, databases).await?;
    let score = strength::strength(databases, &database, options, progress).await?;
    Ok(Report {
        schema_version: SCHEMA_VERSION,
        outcome: Outcome::Held,
        tool: tool(),
        started_at: started_at.to_string(),
        duration_ms: started.elapsed().as_secs_f64() * 1000.0,
        project: subject_of(subject),
        server: told_of(server),
        migrations: Vec::new(),
        chain: Chain::NotRun { reason: "since only mutants of the schema were tried".to_owned() },
        findings: Vec::new(),
        allowed: BTreeMap::new(),
        invariants: None,
        strength: Some(score.told()),
        load: None,
        indexes: None,
    })
}

/// Drives load on a schema, and reports on it. Once `stop` is true, what runs is ended and what
/// was measured is reported.
///
/// # Errors
/// As those of [`load::run`].
#[cfg(feature = "load")]
pub async fn load(
    target: &Target,
    server: &Server,
    databases: &mut Databases<'_>,
    asked: &load::Asked,
    stop: tokio::sync::watch::Receiver<bool>,
    progress: &mut (dyn FnMut(load::Event<'_>) + Send),
) -> Result<Report> {
    let started_at = Timestamp::now();
    let started = Instant::now();
    let load = load::run(target, server, databases, asked, stop, progress).await?;
    Ok(Report {
        schema_version: SCHEMA_VERSION,
        outcome: load.outcome(),
        tool: tool(),
        started_at: started_at.to_string(),
        duration_ms: started.elapsed().as_secs_f64() * 1000.0,
        project: target_of(target, asked.scale),
        server: told_of(server),
        migrations: Vec::new(),
        chain: Chain::NotRun { reason: "since only load was driven".to_owned() },
        findings: Vec::new(),
        allowed: BTreeMap::new(),
        invariants: None,
        strength: None,
        load: Some(load),
        indexes: None,
    })
}

/// Tries index strategies on a schema, and reports on them. Once `stop` is true, what was counted
/// is reported.
///
/// # Errors
/// As those of [`index::run`].
#[cfg(feature = "load")]
pub async fn indexes(
    target: &Target,
    server: &Server,
    databases: &mut Databases<'_>,
    asked: &index::Asked,
    stop: tokio::sync::watch::Receiver<bool>,
    progress: &mut (dyn FnMut(index::Event<'_>) + Send),
) -> Result<Report> {
    let started_at = Timestamp::now();
    let started = Instant::now();
    let indexes = index::run(target, server, databases, asked, stop, progress).await?;
    Ok(Report {
        schema_version: SCHEMA_VERSION,
        outcome: indexes.outcome(),
        tool: tool(),
        started_at: started_at.to_string(),
        duration_ms: started.elapsed().as_secs_f64() * 1000.0,
        project: target_of(target, asked.load.scale),
        server: told_of(server),
        migrations: Vec::new(),
        chain: Chain::NotRun { reason: "since only indexes were tried".to_owned() },
        findings: Vec::new(),
        allowed: BTreeMap::new(),
        invariants: None,
        strength: None,
        load: None,
        indexes: Some(indexes),
    })
}

#[cfg(feature = "load")]
fn target_of(target: &Target, scale: u32) -> model::Project {
    match target {
        Target::Subject(subject) => subject_of(subject),
        Target::Pgbench => model::Project {
            folder: format!("the tables of pgbench at scale {scale}"),
            format: "pgbench".to_owned(),
            detected_by: None,
        },
    }
}

fn subject_of(subject: &Subject) -> model::Project {
    match subject {
        Subject::Project(project) => migrations_of(project),
        Subject::Database(name) => model::Project {
            folder: name.clone(),
            format: "database".to_owned(),
            detected_by: Some("a clone of it was tested".to_owned()),
        },
    }
}

fn tool() -> Tool {
    Tool { name: "shakedown".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
}

fn migrations_of(project: &Project) -> model::Project {
    model::Project {
        folder: project.folder.display().to_string(),
        format: project.format.name.to_owned(),
        detected_by: project.detected.clone(),
    }
}

fn told_of(server: &Server) -> model::Server {
    model::Server {
        version: server.version.clone(),
        way: server.way.to_string(),
        profile: server.profile.map(|profile| profile.to_string()),
        settings: server.settings.clone(),
    }
}
