//! What an earlier report counted, as a base.
//!
//! Counts do not depend on the machine, so that they can be compared across machines and days, if
//! the same was done on the same rows. Times can only be compared where the machine and the server
//! are the same, and then say little: see [`super::moments`].

use std::collections::BTreeMap;

use shakedown_reports::model::{self, Environment};
use shakedown_reports::{Report, load};
use shakedown_scenarios::{Scenario, script};

use super::tally::Tally;
use crate::environment;
use crate::error::{Error, Result};

/// A base that was stored.
#[derive(Debug)]
pub(super) struct Baseline<'r> {
    name: &'r str,
    report: &'r Report,
    pub(super) tally: Tally,
    pub(super) scenario: Scenario,
    rows: &'r BTreeMap<String, u64>,
    seed: u64,
}

/// Takes what a report of `gate` or `index` counted.
pub(super) fn baseline<'r>(name: &'r str, report: &'r Report) -> Result<Baseline<'r>> {
    let (operations, sizes, scenario, rows, seed) = match (&report.gates, &report.indexes) {
        (Some(gates), _) => (
            &gates.candidate.operations,
            gates.candidate.sizes.clone(),
            gates.scenario.as_ref(),
            &gates.rows,
            gates.seed,
        ),
        (None, Some(indexes)) => {
            let scenario = Some(&indexes.scenario);
            (&indexes.base, BTreeMap::new(), scenario, &indexes.rows, indexes.seed)
        }
        (None, None) => {
            return Err(Error::new(format!("`{name}` holds nothing that was counted"))
                .hint("make one that does: shakedown gate --out json=baseline.json"));
        }
    };
    let scenario = scenario.filter(|scenario| !scenario.operations.is_empty());
    let scenario = scenario.ok_or_else(|| {
        Error::new(format!("`{name}` does not say which scenario was counted"))
            .hint("make it anew: shakedown gate --out json=baseline.json")
    })?;
    let tally = Tally { operations: operations.clone(), sizes };
    Ok(Baseline { name, report, tally, scenario: read(name, scenario)?, rows, seed })
}

/// The major version of a server: `16` of `16.14`.
fn major(version: &str) -> &str {
    version.split(['.', ' ']).next().unwrap_or(version)
}

/// The workload from its scripts.
fn read(name: &str, workload: &load::Workload) -> Result<Scenario> {
    let operations = workload.operations.iter().map(|one| {
        let file = format!("{name}: {}", one.name);
        script::read(&one.name, one.weight, 1, &file, &one.text).map_err(Error::from)
    });
    Ok(Scenario {
        name: workload.name.clone(),
        origin: workload.origin.clone(),
        operations: operations.collect::<Result<_>>()?,
    })
}

impl Baseline<'_> {
    /// Refuses to compare with another schema, other rows, or another major version of the server,
    /// which plans and stores otherwise.
    pub(super) fn fits(
        &self,
        rows: &BTreeMap<String, u64>,
        seed: u64,
        version: &str,
    ) -> Result<()> {
        if !self.rows.is_empty()
            && !rows.is_empty()
            && !rows.keys().any(|t| self.rows.contains_key(t))
        {
            return Err(Error::new(format!(
                "`{}` is of another project: they have no table in common",
                self.name
            ))
            .hint("count a base of this one: shakedown gate --out json=baseline.json"));
        }
        let there = &self.report.server.version;
        if major(there) != major(version) {
            return Err(Error::new(format!(
                "`{}` was counted on PostgreSQL {there}, and this is {version}",
                self.name
            ))
            .hint(format!("--pg-version {}, or count the base again", major(there))));
        }
        if seed != self.seed {
            return Err(Error::new(format!(
                "`{}` was counted with seed {}, and this is {seed}",
                self.name, self.seed
            ))
            .hint(format!("--seed {}", self.seed)));
        }
        let other = self.rows.iter().find_map(|(table, before)| {
            let now = rows.get(table)?;
            (now != before).then_some((table, before, now))
        });
        match other {
            Some((table, before, now)) => Err(Error::new(format!(
                "`{}` was counted with {before} rows in {table}, and now there are {now}",
                self.name
            ))
            .hint("give the same `--rows`, or count the base again: --out json=baseline.json")),
            None => Ok(()),
        }
    }

    /// What one has to know of it, a sentence each.
    pub(super) fn notes(&self, version: &str) -> Vec<String> {
        let there = &self.report.server.version;
        let version = (there != version).then(|| {
            format!("`{}` was counted on PostgreSQL {there}, and this is {version}", self.name)
        });
        let incomplete = self.report.gates.as_ref().and_then(|gates| gates.incomplete.as_ref());
        let incomplete = incomplete.map(|why| format!("`{}` is not whole: {why}", self.name));
        version.into_iter().chain(incomplete).collect()
    }

    /// Its times by operation, in milliseconds, where they can be set beside those of this machine
    /// and this server; else why they are not compared, a sentence.
    pub(super) fn times(
        &self,
        server: &model::Server,
    ) -> std::result::Result<&BTreeMap<String, f64>, String> {
        let times = self.report.gates.as_ref().map(|gates| &gates.candidate.times);
        let times = times.filter(|times| !times.is_empty());
        let here = environment::here();
        let why = match (times, &self.report.environment) {
            (None, _) => "it holds none".to_owned(),
            (_, None) => "it does not say on which machine they were measured".to_owned(),
            (_, Some(there)) if machine(there) != machine(&here) => format!(
                "they were measured on another machine ({}, {} processors)",
                there.processor.as_deref().unwrap_or("unknown processor"),
                there.processors
            ),
            _ if self.report.server != *server => format!(
                "they were measured on another server ({}), or with other settings",
                told(&self.report.server)
            ),
            _ if server.profile.is_none() => {
                "a server at an address may be another one, or do other work".to_owned()
            }
            (Some(times), _) => return Ok(times),
        };
        Err(format!(
            "times of `{}` are not compared, since {why}; `--against` measures both in turns",
            self.name
        ))
    }

    /// How busy the machine was when its times were measured, if that is known.
    pub(super) fn load_average(&self) -> Option<f64> {
        self.report.environment.as_ref()?.load_average
    }
}

/// What makes a machine the same one. How busy it is changes from moment to moment.
fn machine(environment: &Environment) -> Environment {
    Environment { load_average: None, ..environment.clone() }
}

/// `embedded 16.14, durable`
fn told(server: &model::Server) -> String {
    let profile = server.profile.as_ref().map(|profile| format!(", {profile}"));
    format!("{} {}{}", server.way, server.version, profile.unwrap_or_default())
}
