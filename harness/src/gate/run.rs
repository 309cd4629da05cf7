//! A gate from its first table to its verdicts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use shakedown_reports::figures::bytes;
use shakedown_reports::gate::{self, Gate, Gates, Side};
use shakedown_reports::stats::Interval;
use shakedown_scenarios::Scenario;
use tokio::sync::watch;

use super::operations::{refused, without};
use super::sides::{Made, Sides, sides};
use super::stored;
use super::tally::{Tally, tally};
use super::{Asked, Base, Event, allowed, limits, moments, pooled, timed};
use crate::database::Databases;
use crate::error::{Error, Result};
use crate::invariants::report::Subject;
use crate::load::{self, Setting, Target};
use crate::measure::count::samples;
use crate::measure::{Bench, quiet};
use crate::run;
use crate::server::Server;
use crate::source::Project;

/// What both sides have in common.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    pub(super) bench: Bench<'a>,
    pub(super) asked: &'a Asked,
    /// When there is no more time for times.
    pub(super) until: Instant,
    pub(super) stop: watch::Receiver<bool>,
}

impl Stage<'_> {
    /// Whether nothing more is wanted.
    pub(super) fn stopped(&self) -> bool {
        *self.stop.borrow()
    }
}

/// The part of the time that is kept for users on a pool, where there is one, as one of so many.
const KEPT_FOR_POOL: u32 = 3;

/// What was decided, and what there is to tell.
#[derive(Debug, Default)]
struct Found {
    gates: Vec<Gate>,
    floor: Option<Interval>,
    base_times: BTreeMap<String, f64>,
    candidate_times: BTreeMap<String, f64>,
    left_out: Vec<String>,
    notes: Vec<String>,
}

/// Measures a candidate, beside a base if there is one, and judges it. Once `stop` is true, what
/// was measured is judged.
///
/// # Errors
/// When a schema cannot be made or a script is wrong, when the server does not count statements,
/// when a stored report does not fit, or a limit speaks of what is not there.
pub async fn run(
    project: &Project,
    server: &Server,
    databases: &mut Databases<'_>,
    asked: &Asked,
    stop: watch::Receiver<bool>,
    show: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Gates> {
    let stored = match &asked.base {
        Some(Base::Stored { name, report }) => Some(stored::baseline(name, report)?),
        Some(Base::Project { .. }) | None => None,
    };
    let mut found = Found::default();
    let (mut stage, sides, broken, counted, loud) = quiet::during(server, async {
        let mut sides = sides(project, server, databases, asked, show).await?;
        found.notes.append(&mut sides.notes);
        if let Some(stored) = &stored {
            stored.fits(&sides.candidate.seeded.rows, asked.load.seed, &server.version)?;
            found.notes.extend(stored.notes(&server.version));
        }
        show(Event::Load(load::Event::Deriving));
        let scenario = match &stored {
            Some(stored) => stored.scenario.clone(),
            None => scenario(project, server, databases, asked, &mut sides, &mut found).await?,
        };
        let bench = Bench { server, load: &asked.load, scenario: Arc::new(scenario) };
        let bench = possible(bench, sides.base.as_ref(), &mut found).await?;
        limits::known(&asked.limits, project, &bench.scenario, &sides.candidate)?;
        let stage = Stage { bench, asked, until: Instant::now() + asked.budget, stop };
        let broken = refused(&stage.bench, &sides.candidate.seeded.name).await?;
        let loud = quiet::begin(server).await?;
        let counted = both(&stage, databases, &sides, &broken, show).await?;
        Ok((stage, sides, broken, counted, loud))
    })
    .await?;
    let (old, new) = counted;
    let still = loud.is_none();
    found.notes.extend(loud);
    let old = old.or(stored.as_ref().map(|stored| stored.tally.clone()));
    something_done(&stage.bench.scenario, old.as_ref(), &new)?;
    match &old {
        Some(old) => found.compare(old, &new, asked),
        None => found.gates.extend(gate::failures(&new.operations)),
    }
    if !still {
        found.gates.retain(|gate| gate.measure != "wal_bytes");
    }

    let works = |at: usize| !broken.contains_key(&at) && new.operations[at].failed == 0;
    stage.until = Instant::now() + asked.budget;
    if asked.timed {
        found.times(&mut stage, databases, &sides, stored.as_ref(), &works, show).await?;
    }
    let judged = limits::judge(&stage, databases, &sides.candidate, &new, &broken, show).await?;
    // Where limits are all that is asked, and none of them says anything, nothing was judged.
    let nothing = asked.base.is_none() && !asked.limits.is_empty() && judged.gates.is_empty();
    found.gates.extend(judged.gates);
    found.left_out.extend(judged.left_out);
    let (gates, unused) = allowed::allowed(found.gates, &asked.allow);
    found.notes.extend(unused);

    let ended = stage.stopped().then(|| "the run was ended early".to_owned());
    let ended = ended.or_else(|| nothing.then(|| "no limit could be judged".to_owned()));
    Ok(Gates {
        candidate: Side {
            name: project.folder.display().to_string(),
            migrations: Some(project.migrations.len()),
            operations: new.operations,
            sizes: new.sizes,
            times: found.candidate_times,
        },
        base: match (&asked.base, old) {
            (Some(base), Some(old)) => Some(side(base, old, found.base_times)),
            _ => None,
        },
        scenario: Some(load::told(&stage.bench.scenario)),
        rows: sides.candidate.seeded.rows,
        seed: asked.load.seed,
        floor: found.floor,
        gates,
        inconclusive: asked.inconclusive,
        left_out: found.left_out,
        notes: found.notes,
        incomplete: ended,
    })
}

/// The workload, which is that of the base: what the deployed application does.
async fn scenario(
    project: &Project,
    server: &Server,
    databases: &mut Databases<'_>,
    asked: &Asked,
    sides: &mut Sides,
    found: &mut Found,
) -> Result<Scenario> {
    let of = match &asked.base {
        Some(Base::Project { project, .. }) => project,
        _ => project,
    };
    let seeded = &mut sides.base.as_mut().unwrap_or(&mut sides.candidate).seeded;
    let target = Target::Subject(Subject::Project(of.clone()));
    let mut scenario = load::scenario(&target, server, databases, &asked.load, seeded).await?;
    found.notes.append(&mut seeded.notes);
    scenario.operations.retain(|operation| operation.weight > 0);
    Ok(scenario)
}

/// Refuses a workload of which nothing can be done on either side: whatever is counted of that says
/// nothing.
fn something_done(scenario: &Scenario, old: Option<&Tally>, new: &Tally) -> Result<()> {
    let mut all = new.operations.iter().chain(old.iter().flat_map(|old| &old.operations));
    if all.any(|one| one.done() > 0) {
        return Ok(());
    }
    let why = new.operations.iter().find_map(|one| one.failure.clone()).unwrap_or_default();
    Err(Error::new(format!("no operation of `{}` can be done: {why}", scenario.name))
        .hint("correct the script; `shakedown load` with the same one shows all that fails"))
}

/// Leaves out what cannot be done on the base either.
async fn possible<'b>(
    bench: Bench<'b>,
    base: Option<&Made>,
    found: &mut Found,
) -> Result<Bench<'b>> {
    let Some(base) = base else { return Ok(bench) };
    let refused = refused(&bench, &base.seeded.name).await?;
    let (scenario, sentences) = without(&bench.scenario, &refused)?;
    found.left_out.extend(sentences);
    Ok(Bench { scenario, ..bench })
}

/// Counts the same operations on both sides.
async fn both(
    stage: &Stage<'_>,
    databases: &mut Databases<'_>,
    sides: &Sides,
    broken: &BTreeMap<usize, String>,
    show: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<(Option<Tally>, Tally)> {
    let first = sides.base.as_ref().unwrap_or(&sides.candidate);
    let trial = databases.create(Some(&first.counted)).await?;
    let nothing = BTreeMap::new();
    // Both sides do as much as the first does.
    let refused = if sides.base.is_some() { &nothing } else { broken };
    let samples = samples(&stage.bench, &trial, |at| !refused.contains_key(&at)).await?;
    databases.drop(&trial).await?;
    let old = match &sides.base {
        Some(base) => {
            show(Event::Counting { side: "the base" });
            Some(tally(stage, databases, &base.counted, &samples, &nothing).await?)
        }
        None => None,
    };
    show(Event::Counting { side: "the candidate" });
    let new = tally(stage, databases, &sides.candidate.counted, &samples, broken).await?;
    Ok((old, new))
}

fn side(base: &Base, tally: Tally, times: BTreeMap<String, f64>) -> Side {
    let (name, migrations) = match base {
        Base::Project { name, project, .. } => (name.clone(), Some(project.migrations.len())),
        Base::Stored { name, .. } => (name.clone(), None),
    };
    Side { name, migrations, operations: tally.operations, sizes: tally.sizes, times }
}

impl Found {
    /// Gates on what was counted.
    fn compare(&mut self, old: &Tally, new: &Tally, asked: &Asked) {
        self.gates.extend(gate::counters(&old.operations, &new.operations, &asked.tolerances));
        self.gates.extend(gate::sizes(&old.sizes, &new.sizes, &asked.tolerances));
        self.left_out.extend(gate::failing_on_both(&old.operations, &new.operations));
        for after in &new.operations {
            let before = old.operations.iter().find(|before| before.name == after.name);
            let Some(before) = before else { continue };
            let told = |plan: String| format!("`{}`: {plan}", after.name);
            self.notes.extend(gate::changed_plans(before, after).into_iter().map(told));
        }
        let only = |these: &Tally, those: &Tally| -> Vec<String> {
            let own = these.sizes.iter().filter(|(name, _)| !those.sizes.contains_key(*name));
            own.map(|(name, size)| format!("`{name}` ({})", bytes(*size as f64))).collect()
        };
        for (names, what) in
            [(only(new, old), "only in the candidate"), (only(old, new), "only in the base")]
        {
            if !names.is_empty() {
                self.notes.push(format!("{what}: {}", names.join(", ")));
            }
        }
    }

    /// Times, beside those of whatever there is to compare with.
    async fn times(
        &mut self,
        stage: &mut Stage<'_>,
        databases: &mut Databases<'_>,
        sides: &Sides,
        stored: Option<&stored::Baseline<'_>>,
        works: &(dyn Fn(usize) -> bool + Sync),
        show: &mut (dyn FnMut(Event<'_>) + Send),
    ) -> Result<()> {
        let candidate = sides.candidate.seeded.name.as_str();
        match (stored, &sides.base) {
            (Some(stored), _) => match stored.times(&run::told_of(stage.bench.server)) {
                Ok(times) => {
                    let then = (times, stored.load_average());
                    self.since(stage, databases, candidate, then, works, show).await?;
                }
                Err(why) => self.left_out.push(why),
            },
            (None, Some(base)) => {
                let names = [base.seeded.name.as_str(), candidate];
                self.time(stage, databases, names, works, show).await?;
            }
            // What is measured for a later run has times as well.
            (None, None) if stage.asked.limits.is_empty() => {
                let times = timed::timed(stage, databases, [candidate; 2], works, show).await?;
                if times.candidate.is_empty() {
                    self.left_out.push("times by a later run: none could be measured".to_owned());
                }
                (self.floor, self.candidate_times) = (times.floor, times.candidate);
            }
            (None, None) => {}
        }
        Ok(())
    }

    /// A gate on the times since a stored report, with how busy the machine was then.
    async fn since(
        &mut self,
        stage: &Stage<'_>,
        databases: &mut Databases<'_>,
        candidate: &str,
        (then, load): (&BTreeMap<String, f64>, Option<f64>),
        works: &(dyn Fn(usize) -> bool + Sync),
        show: &mut (dyn FnMut(Event<'_>) + Send),
    ) -> Result<()> {
        let now = timed::timed(stage, databases, [candidate; 2], works, show).await?;
        let operations = &stage.bench.scenario.operations;
        let share = |name: &str| {
            let own = operations.iter().find(|one| one.name == name);
            own.map_or(0.0, |one| stage.bench.scenario.share(one))
        };
        match moments::gate(then, &now, share, load) {
            Ok(gate) => self.gates.push(gate),
            Err(why) => self.left_out.push(why),
        }
        self.floor = now.floor;
        (self.base_times, self.candidate_times) = (then.clone(), now.candidate);
        Ok(())
    }

    /// Gates on times, until the time is over.
    async fn time(
        &mut self,
        stage: &mut Stage<'_>,
        databases: &mut Databases<'_>,
        names: [&str; 2],
        works: &(dyn Fn(usize) -> bool + Sync),
        show: &mut (dyn FnMut(Event<'_>) + Send),
    ) -> Result<()> {
        let settings = settings(stage.asked);
        if let Some(Base::Project { unread: Some(why), .. }) = &stage.asked.base {
            self.left_out.push(format!("users on a pool, since {why}"));
        }
        let pool = settings.is_some_and(|both| both.iter().any(|one| one.pool.is_some()));
        let end = stage.until;
        if pool {
            stage.until = end - stage.asked.budget / KEPT_FOR_POOL;
        }
        let times = timed::timed(stage, databases, names, works, show).await?;
        stage.until = end;
        self.gates.extend(times.gates);
        self.floor = times.floor;
        (self.base_times, self.candidate_times) = (times.base, times.candidate);
        self.left_out.extend(times.left_out);
        if let (Some(settings), true) = (settings, pool) {
            self.gates.push(pooled::pooled(stage, databases, names, settings, works, show).await?);
        }
        Ok(())
    }
}

/// How base and candidate are driven.
fn settings(asked: &Asked) -> Option<[&Setting; 2]> {
    let candidate = asked.load.settings.first()?;
    match &asked.base {
        // How the base is driven is not known.
        Some(Base::Project { unread: Some(_), .. }) => None,
        Some(Base::Project { setting, .. }) => {
            Some([setting.as_deref().unwrap_or(candidate), candidate])
        }
        _ => None,
    }
}
