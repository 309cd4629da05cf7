//! Runs what was derived from a schema and says of each promise whether it holds.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use super::case::{Case, Group, Outcome, Rejection};
use super::catalogue::INVARIANTS;
use super::context::Context;
use super::promise::{Evidence, Otherwise, Promise};
use super::runner::Runner;
use super::select::select;
use super::{bookkeeping, duel, generated, model, rehearsal};
use crate::catalog::{self, Catalog};
use crate::checks::Declared;
use crate::database::Databases;
use crate::error::{Error, Result};
use crate::server::Server;
use crate::source::Project;

pub use super::verdict::{Checked, Counterexample, Failure, Known, Trap, Verdict};

/// What to try, and for how long.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many generated cases each table gets.
    pub cases: usize,
    /// How long all may take; what is not reached by then is named. Without it only the generated
    /// cases have a limit: ten minutes.
    pub time: Option<Duration>,
    /// The same seed gives the same generated cases.
    pub seed: u64,
    /// Only these invariants or tables; all if there are none.
    pub only: Vec<String>,
    /// By table, the condition under which a row is live, or `none`: for those that are not
    /// found out, or wrongly.
    pub soft_deletes: BTreeMap<String, String>,
    /// What failed earlier; it is run before anything else.
    pub earlier: Vec<Failure>,
    /// The migrations that made the schema: they are run again, over tables with rows. They may
    /// be left out where the schema is all there is.
    pub project: Option<Project>,
    /// By the id of a migration: why it cannot be taken back, besides what scripts say themselves.
    pub irreversible: BTreeMap<String, Declared>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cases: 1000,
            time: None,
            seed: 1,
            only: Vec::new(),
            soft_deletes: BTreeMap::new(),
            earlier: Vec::new(),
            project: None,
            irreversible: BTreeMap::new(),
        }
    }
}

/// The database whose schema is tested. All work is done on clones of it, so that nothing
/// outlives the test; nobody may be connected to it while they are made.
#[derive(Debug, Clone, Copy)]
pub struct Db<'a> {
    pub server: &'a Server,
    pub name: &'a str,
}

/// What happens while it runs, for whoever shows progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// Rows are being found for the tables.
    Reading,
    /// There are so many promises to try.
    Planned { promises: usize },
    /// So many promises were tried since the last event.
    Tried { promises: usize },
    /// A part that takes longer began: `two sessions at once`.
    Part(&'a str),
}

/// Tries what the schema of a database promises.
///
/// ```no_run
/// use shakedown::invariants::check::{Db, Options, check};
/// # use shakedown::server::Server;
/// # async fn schema_keeps_its_promises(server: &Server) -> shakedown::error::Result<()> {
/// let db = Db { server, name: "app_test" };
/// // One invariant by its name; all of them if `only` is left out.
/// let only = vec!["cascade-closure".to_owned()];
/// let checked = check(&db, &Options { only, ..Options::default() }).await?;
/// assert_eq!(checked.wrong(), Vec::<String>::new());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// When the server cannot be reached, or the user may not make databases on it, or somebody is
/// connected to the database, or `only` names what there is not.
pub async fn check(db: &Db<'_>, options: &Options) -> Result<Checked> {
    let mut databases = Databases::on(db.server).await?;
    let checked = check_in(&mut databases, db.name, options, &mut |_| {}).await;
    databases.close().await?;
    checked
}

/// Like [`check`], with databases that the caller closes however it ends.
///
/// # Errors
/// As those of [`check`].
pub async fn check_in(
    databases: &mut Databases<'_>,
    name: &str,
    options: &Options,
    progress: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Checked> {
    let deadline = options.time.map(|time| Instant::now() + time);
    let late = || deadline.is_some_and(|deadline| Instant::now() > deadline);
    progress(Event::Reading);
    let clone = databases.create(Some(name)).await?;
    let mut conn = databases.connect(&clone).await?;
    let catalog = catalog::load(&mut conn).await?;
    let mut checked = Checked { schema: digest(&catalog)?, ..Checked::default() };
    let catalog = bookkeeping::without(&mut conn, catalog).await?;
    let only = select(&options.only, &catalog)?;
    let options = &Options { only, ..options.clone() };
    let context = Context::load(&mut conn, catalog, &options.soft_deletes).await?;
    let (duels, cases): (Vec<Promise>, Vec<Promise>) = promises(&context, &options.only)
        .into_iter()
        .partition(|promise| matches!(promise.evidence, Evidence::Duels(_)));
    progress(Event::Planned { promises: duels.len() + cases.len() });

    let mut runner = Runner::new(&mut conn, context.deferred).await?;
    let is_made = |failure: &Failure| {
        let id = failure.promise.id();
        let mut made = cases.iter().chain(&duels).map(Promise::id);
        // Those of generated cases are made while they run.
        failure.promise.invariant == generated::ID || made.any(|other| other == id)
    };
    for failure in &options.earlier {
        let known = again(&mut runner, databases, name, failure).await?;
        match known {
            Known::Broken(_) | Known::Risk(_) if is_made(failure) => {
                // The stored promise has only the case that failed; the suite that is made of the
                // verdicts needs them all.
                let id = failure.promise.id();
                let whole = cases.iter().chain(&duels).find(|promise| promise.id() == id);
                let promise = whole.unwrap_or(&failure.promise).clone();
                checked.verdicts.push(Verdict { promise, known });
                progress(Event::Tried { promises: whole.iter().len() });
            }
            Known::Untested { .. } if is_made(failure) => {
                checked.verdicts.push(Verdict { promise: failure.promise.clone(), known });
            }
            // It holds, or nothing promises it any more.
            _ => checked.gone.push(failure.clone()),
        }
    }
    let failed: Vec<String> = checked.verdicts.iter().map(|v| v.promise.id()).collect();
    let open = |promise: &Promise| !failed.contains(&promise.id());
    for promise in cases.into_iter().filter(open) {
        if late() {
            checked.not_reached.push(promise.id());
            continue;
        }
        let known = judge(&mut runner, &promise).await?;
        checked.verdicts.push(Verdict { promise, known });
        progress(Event::Tried { promises: 1 });
    }
    progress(Event::Part("generated cases and sequences"));
    let (verdicts, not_reached, generated) =
        generated::verdicts(databases, name, &context, options, &failed, deadline).await?;
    checked.verdicts.extend(verdicts);
    checked.not_reached.extend(not_reached);
    checked.cases = runner.ran + generated;
    if !duels.is_empty() {
        progress(Event::Part("two sessions at once"));
    }
    for promise in duels.into_iter().filter(open) {
        if late() {
            checked.not_reached.push(promise.id());
            continue;
        }
        let known = fight(databases, name, &promise).await?;
        checked.cases += promise.cases();
        checked.verdicts.push(Verdict { promise, known });
        progress(Event::Tried { promises: 1 });
    }
    checked.soft_deletes = context.soft_deletes;
    drop(conn);
    databases.drop(&clone).await?;
    if options.project.is_some() {
        progress(Event::Part("migrations over tables with rows"));
    }
    let rehearsed = rehearsal::verdicts(databases, options, deadline).await?;
    checked.cases += rehearsed.cases();
    checked.verdicts.extend(rehearsed.verdicts);
    checked.not_reached.extend(rehearsed.not_reached);
    checked.remarks = rehearsed.remarks;
    Ok(checked)
}

/// The digest by which a schema is known: the same if and only if the catalog is.
///
/// # Errors
/// When the catalog cannot be written down, which is a bug.
pub fn digest(catalog: &Catalog) -> Result<String> {
    let json = serde_json::to_vec(catalog)
        .map_err(|error| Error::new("the catalog cannot be written down").because(error))?;
    Ok(Sha256::digest(&json).iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}

/// The promises of a schema, by the registry: those of the named invariants and tables, or all.
pub fn promises(context: &Context, only: &[String]) -> Vec<Promise> {
    let wanted = |promise: &Promise| {
        let table = promise.table.to_string();
        only.is_empty()
            || only.iter().any(|name| {
                *name == promise.invariant || *name == table || *name == promise.table.name
            })
    };
    let all = INVARIANTS.iter().flat_map(|invariant| (invariant.derive)(context));
    all.filter(wanted).collect()
}

/// Finds out whether a promise holds that is tried by cases, or told by the catalog.
async fn judge(runner: &mut Runner<'_>, promise: &Promise) -> Result<Known> {
    let groups = match &promise.evidence {
        Evidence::Cases(groups) => groups,
        Evidence::Seen(fact) => return Ok(Known::Risk(Trap::Fact(fact.clone()))),
        Evidence::Untested(reason) => return Ok(Known::Untested { reason: reason.clone() }),
        Evidence::Duels(_) => return Ok(Known::Untested { reason: "it takes a clone".to_owned() }),
    };
    if promise.cases() == 0 {
        return Ok(Known::Untested { reason: "no case of it could be made".to_owned() });
    }
    let outcomes = runner.run(groups).await?;
    let mut first = None;
    for (group, outcomes) in groups.iter().zip(outcomes) {
        for (case, outcome) in group.cases.iter().zip(outcomes) {
            if case.admits(&outcome) {
                continue;
            }
            match alone(runner, promise, group, case, outcome).await? {
                // What could not be run does not hide what went wrong elsewhere.
                Known::Untested { reason } => {
                    first.get_or_insert(Known::Untested { reason });
                }
                known => return Ok(known),
            }
        }
    }
    Ok(first.unwrap_or(Known::Holds { cases: promise.cases() }))
}

/// Runs a case that went wrong again by itself: only what goes wrong each time counts.
async fn alone(
    runner: &mut Runner<'_>,
    promise: &Promise,
    group: &Group,
    case: &Case,
    before: Outcome,
) -> Result<Known> {
    if let Outcome::Unreachable(rejection) = &before {
        return Ok(unreachable(rejection));
    }
    let again = Group { setup: group.setup.clone(), cases: vec![case.clone()] };
    let outcome = runner.run(&[again]).await?.into_iter().flatten().next();
    let (setup, case) = (group.setup.clone(), case.clone());
    Ok(match outcome {
        Some(outcome) if !case.admits(&outcome) => {
            wrong(promise, Counterexample::Case { setup, case, outcome })
        }
        _ => Known::Untested {
            reason: format!("what comes of {} differs from run to run", case.about),
        },
    })
}

/// Runs the duels of a promise, each on a clone of its own.
async fn fight(databases: &mut Databases<'_>, name: &str, promise: &Promise) -> Result<Known> {
    let Evidence::Duels(duels) = &promise.evidence else {
        return Ok(Known::Holds { cases: 0 });
    };
    for duel in duels {
        let clone = databases.create(Some(name)).await?;
        let mut first = databases.connect(&clone).await?;
        let mut second = databases.connect(&clone).await?;
        let ended = duel::duel(&mut first, &mut second, duel).await;
        drop((first, second));
        databases.drop(&clone).await?;
        match ended? {
            duel::Ended::Refused(rejection) => return Ok(unreachable(&rejection)),
            duel::Ended::Gave(gave) if gave.as_deref() == Some(duel.gives.as_str()) => {}
            duel::Ended::Gave(gave) => {
                return Ok(wrong(promise, Counterexample::Duel { duel: duel.clone(), gave }));
            }
        }
    }
    Ok(Known::Holds { cases: duels.len() })
}

/// What is known now of the promise of a stored failure, by running what failed again.
pub(super) async fn again(
    runner: &mut Runner<'_>,
    databases: &mut Databases<'_>,
    name: &str,
    failure: &Failure,
) -> Result<Known> {
    if let Counterexample::Case { case, .. } = &failure.counterexample
        && case.commits()
    {
        return committed(databases, name, &failure.promise, case).await;
    }
    let evidence = failure.counterexample.evidence();
    let promise = Promise { evidence, ..failure.promise.clone() };
    match promise.evidence {
        Evidence::Duels(_) => fight(databases, name, &promise).await,
        _ => judge(runner, &promise).await,
    }
}

/// Runs a case of whole transactions on a clone.
async fn committed(
    databases: &mut Databases<'_>,
    name: &str,
    promise: &Promise,
    case: &Case,
) -> Result<Known> {
    let clone = databases.create(Some(name)).await?;
    let mut conn = databases.connect(&clone).await?;
    let outcome = model::replay(&mut conn, case).await;
    drop(conn);
    databases.drop(&clone).await?;
    let outcome = outcome?;
    if case.admits(&outcome) {
        return Ok(Known::Holds { cases: 1 });
    }
    let case = case.clone();
    Ok(wrong(promise, Counterexample::Case { setup: Vec::new(), case, outcome }))
}

fn wrong(promise: &Promise, counterexample: Counterexample) -> Known {
    match promise.otherwise {
        Otherwise::Broken => Known::Broken(counterexample),
        Otherwise::Risk { .. } => Known::Risk(Trap::Ran(counterexample)),
    }
}

fn unreachable(rejection: &Rejection) -> Known {
    Known::Untested {
        reason: format!("the rows it starts from are refused: {}", rejection.message),
    }
}
