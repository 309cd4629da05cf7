//! What each part is asked, with what is wrong with the configuration found out before anything runs.

use std::cmp::Reverse;
use std::path::Path;
use std::time::Duration;

use clap::Parser;
use shakedown::error::Result;
use shakedown::invariants::check;
use shakedown::invariants::report::Judgement;
use shakedown::load::{self, Workload, queries};
use shakedown::server::Request;
use shakedown::source::Project;
use shakedown::{gate, index, run, verify};

use crate::cli::args::{Deny, Drive, GateArgs};
use crate::cli::config::Config;
use crate::cli::drive::{self, Defaults};
use crate::cli::init::found::application;
use crate::cli::load::LOAD;
use crate::cli::verify::known_rule;
use crate::cli::{gate as gates, index as indexes};

/// The sizes of a pool that are tried, and the users who share it. How long is said by the budget.
pub(super) const SIZES: u32 = 4;
const POOL: Defaults = Defaults {
    users: 16,
    time: Duration::from_secs(5),
    warmup: Duration::from_millis(500),
    rounds: 1,
    sizes: Some("2,4,8,16"),
    advise: true,
};

/// What all parts are asked.
pub(super) struct Asked {
    pub(super) verify: verify::Options,
    pub(super) invariants: run::Asked,
    pub(super) pool: load::Asked,
    pub(super) index: index::Asked,
    /// Nothing if none is configured; `Err` says why it cannot be done.
    pub(super) gate: Option<Result<gate::Asked>>,
    /// Whether the number of rows may be chosen, since nobody said it.
    pub(super) any_rows: bool,
    /// What one has to know of the workload, a sentence each.
    pub(super) notes: Vec<String>,
}

/// Reads all of it from the configuration. `durable` is the server that load runs on.
pub(super) fn asked(
    config: &Config,
    folder: &Path,
    project: &Project,
    durable: &Request,
) -> Result<Asked> {
    let mut notes = Vec::new();
    let own = config.pool.clone().or(config.load.clone());
    let any_rows = own.rows.is_none();
    let wanted = Drive { time: None, operations: None, warmup: None, rounds: None, ..own };
    let mut pool = drive::asked(config, &wanted, durable, POOL)?;
    let mut load = drive::asked(config, &config.load.clone(), durable, LOAD)?;
    if matches!(load.workload, Workload::Derived) {
        load.workload = of_application(config, &mut notes);
    }
    if matches!(pool.workload, Workload::Derived) {
        pool.workload = load.workload.clone();
    }
    Ok(Asked {
        verify: verify::Options {
            allow: config.verify.allow.iter().cloned().map(known_rule).collect::<Result<_>>()?,
            irreversible: config.irreversible()?,
            ..verify::Options::default()
        },
        invariants: invariants(config)?,
        pool,
        index: index::Asked {
            load,
            given: indexes::strategies(config, &[])?,
            propose: false,
            drop_unused: false,
            budget: Duration::ZERO,
            timed: true,
        },
        gate: gate(config, folder, project, durable)?,
        any_rows,
        notes,
    })
}

fn invariants(config: &Config) -> Result<run::Asked> {
    let usual = check::Options::default();
    Ok(run::Asked {
        options: check::Options {
            cases: config.invariants.cases.unwrap_or(usual.cases),
            seed: rand::random::<u32>().into(),
            soft_deletes: config.soft_deletes()?,
            irreversible: config.irreversible()?,
            ..usual
        },
        suite: None,
        judgement: Judgement {
            allow: config.allowed()?,
            deny_risk: config.invariants.deny.contains(&Deny::Risk),
            whole: true,
        },
        make_suite: false,
    })
}

/// The gate, if one is configured. A commit that is not there hinders only this part.
fn gate(
    config: &Config,
    folder: &Path,
    project: &Project,
    request: &Request,
) -> Result<Option<Result<gate::Asked>>> {
    // As if nobody had given a flag.
    let none = GateArgs::parse_from(["gate"]);
    gates::check(&none, config)?;
    let wanted = config.gate.against.is_some() || !config.gate.limits.is_empty();
    Ok(wanted.then(|| gates::asked(&none, config, folder, project, request)))
}

/// The queries of the application: those that sqlx keeps beside the configuration, else the largest
/// folder of named ones that is found; else what the catalog suggests.
fn of_application(config: &Config, notes: &mut Vec<String>) -> Workload {
    let offline = config.home().join(".sqlx");
    let folder = if offline.is_dir() {
        offline
    } else {
        let mut found = application(&config.home().join("."));
        found.sort_by_key(|one| Reverse(one.count));
        let mut found = found.into_iter();
        let Some(first) = found.next() else { return Workload::Derived };
        let others: Vec<String> = found.map(|one| format!("`{}`", one.path.display())).collect();
        if !others.is_empty() {
            notes.push(format!("the queries of {} are not driven", others.join(", ")));
        }
        config.home().join(first.path)
    };
    match queries::of_path(&folder) {
        Ok(queries) => {
            let origin = format!("the queries of {}", folder.display());
            Workload::Queries { queries, origin, left_out: Vec::new(), found: true }
        }
        Err(error) => {
            notes.push(format!("the queries of `{}`: {}", folder.display(), error.whole()));
            Workload::Derived
        }
    }
}
