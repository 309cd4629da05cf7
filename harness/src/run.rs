//! From what was found to the report.

use std::collections::BTreeMap;
#[cfg(feature = "load")]
use std::path::Path;
use std::time::Instant;

use jiff::Timestamp;
#[cfg(feature = "load")]
use shakedown_reports::gate::{self as gates, Gates, Inconclusive, Side};
use shakedown_reports::model::{
    self, Chain, Environment, Outcome, Report, SCHEMA_VERSION, Tool, Verdict,
};

use crate::catalog;
use crate::database::Databases;
use crate::environment;
use crate::error::Result;
#[cfg(feature = "load")]
use crate::gate;
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
    let begun = Begun::now();
    let Verified { migrations, chain, findings, allowed, kept } =
        verify::verify(project, databases, options, progress).await?;
    let outcome = match findings.is_empty() {
        false => Outcome::Found,
        true if all_tried(&migrations, &chain) => Outcome::Held,
        true => Outcome::Incomplete,
    };
    let report = Report {
        migrations,
        chain,
        findings,
        allowed,
        ..begun.report(outcome, migrations_of(project), told_of(server), "")
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
#[derive(Debug, Clone, Default)]
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
    let begun = Begun::now();
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
        findings,
        allowed,
        invariants: Some(invariants),
        ..begun.report(
            outcome,
            subject_of(subject),
            told_of(server),
            "since only what the schema promises was tested",
        )
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
    let begun = Begun::now();
    let database = prepare::scratch(subject, server, databases).await?;
    let score = strength::strength(databases, &database, options, progress).await?;
    Ok(Report {
        strength: Some(score.told()),
        ..begun.report(
            Outcome::Held,
            subject_of(subject),
            told_of(server),
            "since only mutants of the schema were tried",
        )
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
    let begun = Begun::now();
    let load = load::run(target, server, databases, asked, stop, progress).await?;
    let outcome = load.outcome();
    Ok(Report {
        load: Some(load),
        ..begun.report(
            outcome,
            target_of(target, asked.scale),
            told_of(server),
            "since only load was driven",
        )
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
    let begun = Begun::now();
    let indexes = index::run(target, server, databases, asked, stop, progress).await?;
    let outcome = indexes.outcome();
    Ok(Report {
        indexes: Some(indexes),
        ..begun.report(
            outcome,
            target_of(target, asked.load.scale),
            told_of(server),
            "since only indexes were tried",
        )
    })
}

/// Measures a candidate beside a base, and reports whether it may go on. Once `stop` is true, what
/// was measured is judged.
///
/// # Errors
/// As those of [`gate::run`].
#[cfg(feature = "load")]
pub async fn gates(
    project: &Project,
    server: &Server,
    databases: &mut Databases<'_>,
    asked: &gate::Asked,
    stop: tokio::sync::watch::Receiver<bool>,
    progress: &mut (dyn FnMut(gate::Event<'_>) + Send),
) -> Result<Report> {
    let begun = Begun::now();
    let gates = gate::run(project, server, databases, asked, stop, progress).await?;
    let outcome = gates.outcome();
    let since = "since only a release was judged";
    Ok(Report {
        gates: Some(gates),
        ..begun.report(outcome, migrations_of(project), told_of(server), since)
    })
}

/// Judges what criterion saved in a folder, and reports on it. No server takes part.
///
/// # Errors
/// As those of [`gate::criterion::read`].
#[cfg(feature = "load")]
pub fn criterion(
    folder: &Path,
    baseline: &str,
    tolerance: f64,
    allow: &BTreeMap<String, String>,
    inconclusive: Inconclusive,
) -> Result<Report> {
    let begun = Begun::now();
    let saved = gate::criterion::read(folder, baseline)?;
    let (judged, notes) = gate::allowed(gates::criterion(&saved.estimates, tolerance), allow);
    let side = |name: &str| Side {
        name: name.to_owned(),
        migrations: None,
        operations: Vec::new(),
        sizes: BTreeMap::new(),
        times: BTreeMap::new(),
    };
    let gates = Gates {
        candidate: side("the newest run"),
        base: Some(side(baseline)),
        scenario: None,
        rows: BTreeMap::new(),
        seed: 0,
        floor: None,
        gates: judged,
        inconclusive,
        left_out: saved.left_out,
        notes,
        incomplete: None,
    };
    let project = model::Project {
        folder: folder.display().to_string(),
        format: "criterion".to_owned(),
        detected_by: None,
        began_with: None,
    };
    let server = model::Server {
        version: "none".to_owned(),
        way: "none".to_owned(),
        profile: None,
        settings: BTreeMap::new(),
    };
    let outcome = gates.outcome();
    let since = "since only benchmarks were compared";
    Ok(Report { gates: Some(gates), ..begun.report(outcome, project, server, since) })
}

#[cfg(feature = "load")]
fn target_of(target: &Target, scale: u32) -> model::Project {
    match target {
        Target::Subject(subject) => subject_of(subject),
        Target::Pgbench => model::Project {
            folder: format!("the tables of pgbench at scale {scale}"),
            format: "pgbench".to_owned(),
            detected_by: None,
            began_with: None,
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
            began_with: None,
        },
    }
}

/// A run that has begun.
#[derive(Debug)]
pub(crate) struct Begun {
    at: Timestamp,
    clock: Instant,
    environment: Environment,
}

impl Begun {
    pub(crate) fn now() -> Self {
        Self { at: Timestamp::now(), clock: Instant::now(), environment: environment::here() }
    }

    /// A report of several parts, of which nothing is there yet.
    #[cfg(feature = "load")]
    pub(crate) fn whole(&self, outcome: Outcome, project: &Project) -> Report {
        let server = model::Server {
            version: "none".to_owned(),
            way: "none".to_owned(),
            profile: None,
            settings: BTreeMap::new(),
        };
        self.report(outcome, migrations_of(project), server, "since it was not reached")
    }

    /// A report of nothing yet. `since` says why the chain of migrations did not run: `since only
    /// load was driven`.
    pub(crate) fn report(
        &self,
        outcome: Outcome,
        project: model::Project,
        server: model::Server,
        since: &str,
    ) -> Report {
        Report {
            schema_version: SCHEMA_VERSION,
            outcome,
            tool: tool(),
            started_at: self.at.to_string(),
            duration_ms: self.clock.elapsed().as_secs_f64() * 1000.0,
            project,
            server,
            migrations: Vec::new(),
            chain: Chain::NotRun { reason: since.to_owned() },
            findings: Vec::new(),
            allowed: BTreeMap::new(),
            invariants: None,
            strength: None,
            load: None,
            indexes: None,
            gates: None,
            parts: Vec::new(),
            environment: Some(self.environment.clone()),
        }
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
        began_with: None,
    }
}

/// The server as a report tells it.
pub(crate) fn told_of(server: &Server) -> model::Server {
    model::Server {
        version: server.version.clone(),
        way: server.way.to_string(),
        profile: server.profile.map(|profile| profile.to_string()),
        settings: server.settings.clone(),
    }
}
