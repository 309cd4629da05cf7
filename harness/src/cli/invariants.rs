//! `shakedown invariants`

use std::path::PathBuf;
use std::time::Duration;

use shakedown::database::Databases;
use shakedown::error::{Error, Result};
use shakedown::invariants::check::{self, Options};
use shakedown::invariants::report::{Judgement, Subject};
use shakedown::invariants::store;
use shakedown::invariants::suite::Suite;
use shakedown::run::{self, Asked, Tested};
use shakedown::server::{Profile, Request, Server};
use shakedown::source;

use super::args::{Deny, InvariantsAction, InvariantsArgs, SchemaOptions};
use super::config::Config;
use super::drive::duration;
use super::progress::Progress;
use super::signals::Signals;
use super::{Verdict, config, on_server, output, replay, rule};

pub(super) async fn run(args: InvariantsArgs, signals: &mut Signals) -> anyhow::Result<Verdict> {
    match args.action {
        Some(InvariantsAction::Replay(args)) => replay::run(*args, signals).await,
        Some(InvariantsAction::List) => Ok(rule::list_invariants()),
        None if args.mutate => mutate(args, signals).await,
        None => test(args, signals).await,
    }
}

async fn test(args: InvariantsArgs, signals: &mut Signals) -> anyhow::Result<Verdict> {
    // Whatever can be wrong with the words of the user is found out before the long part.
    let config = config::load(args.schema.common.config.as_deref())?;
    let (request, subject) = place(&config, args.folder, &args.schema)?;
    let folder = failures(&config, &args.schema);
    let time = args.time.or_else(|| config.invariants.time.clone());
    let defaults = Options::default();
    let options = Options {
        cases: args.cases.or(config.invariants.cases).unwrap_or(defaults.cases),
        time: time.as_deref().map(at_most).transpose()?,
        // Short enough to be typed again.
        seed: args.seed.unwrap_or_else(|| rand::random::<u32>().into()),
        only: args.only,
        soft_deletes: config.soft_deletes()?,
        earlier: store::load(&folder)?,
        irreversible: config.irreversible()?,
        ..defaults
    };
    let deny = |what| args.deny.contains(&what) || config.invariants.deny.contains(&what);
    let judgement = Judgement {
        allow: config.allowed()?,
        deny_risk: deny(Deny::Risk),
        whole: options.only.is_empty() && args.suite.is_none(),
    };
    let asked = Asked {
        options,
        suite: args.suite.as_deref().map(Suite::load).transpose()?,
        judgement,
        make_suite: args.save_suite.is_some(),
    };
    let outs = output::open(&args.out)?;
    args.save_suite.as_deref().map(output::check_writable).transpose()?;

    let server = on_server::start(&request, signals).await?;
    let Tested { report, checked, suite } = tested(&subject, &server, &asked, signals).await?;
    output::report(&report, outs, args.schema.common.color)?;
    if let Some((file, suite)) = args.save_suite.zip(suite) {
        suite.save(&file)?;
        let (kept, all) = (suite.promises.len(), checked.verdicts.len());
        output::notice(&format!(
            "{kept} of {all} promises are kept in {}; the others have no cases to keep",
            file.display()
        ));
    }
    for remark in &checked.remarks {
        output::notice(remark);
    }
    let failed = store::failures(&checked);
    store::forget(&folder, &checked.gone)?;
    store::save(&folder, &failed)?;
    if !failed.is_empty() {
        output::notice(&format!(
            "what failed is kept in {}; `shakedown invariants replay` runs it again",
            folder.display()
        ));
    }
    server.stop().await?;
    Ok(report.outcome.into())
}

/// Measures how much the derived cases notice.
async fn mutate(args: InvariantsArgs, signals: &mut Signals) -> anyhow::Result<Verdict> {
    let config = config::load(args.schema.common.config.as_deref())?;
    let (request, subject) = place(&config, args.folder, &args.schema)?;
    let options = Options { soft_deletes: config.soft_deletes()?, ..Options::default() };
    let outs = output::open(&args.out)?;

    let server = on_server::start(&request, signals).await?;
    let progress = Progress::start("deriving what is tried");
    let mut show = |done, of| progress.show_mutants(done, of);
    let work = async |databases: &mut Databases<'_>| {
        run::strength(&subject, &server, databases, &options, &mut show).await
    };
    let report = on_server::with_databases(&server, signals.interrupted(), work).await;
    progress.end();
    let report = report?;
    output::report(&report, outs, args.schema.common.color)?;
    server.stop().await?;
    Ok(report.outcome.into())
}

async fn tested(
    subject: &Subject,
    server: &Server,
    asked: &Asked,
    signals: &mut Signals,
) -> Result<Tested> {
    let progress = Progress::start("making the schema");
    let mut show = |event: check::Event<'_>| progress.show_promises(event);
    let work = async |databases: &mut Databases<'_>| {
        run::invariants(subject, server, databases, asked, &mut show).await
    };
    let done = on_server::with_databases(server, signals.interrupted(), work).await;
    progress.end();
    done
}

/// The server to use and what to test there.
pub(super) fn place(
    config: &Config,
    folder: Option<PathBuf>,
    options: &SchemaOptions,
) -> Result<(Request, Subject)> {
    let request = config.request(&options.server, Profile::Fast)?;
    let subject = match &options.database {
        Some(name) => {
            config::holds(&request, name)?;
            Subject::Database(name.clone())
        }
        None => {
            let format = options.format.as_deref().or(config.migrations.format.as_deref());
            Subject::Project(source::load(&config.folder(folder), format)?)
        }
    };
    Ok((request, subject))
}

/// Where failures are kept.
pub(super) fn failures(config: &Config, options: &SchemaOptions) -> PathBuf {
    options.failures.clone().unwrap_or_else(|| config.home().join(store::FOLDER))
}

/// How long a run may take, which is no time of nothing.
fn at_most(text: &str) -> Result<Duration> {
    let time = duration(text)?;
    if time.is_zero() {
        return Err(Error::new(format!("`{text}` is no time that a run can take"))
            .hint("write it as 30s, 5m or 1h30m"));
    }
    Ok(time)
}
