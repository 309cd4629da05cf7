//! `shakedown load` and `shakedown pool`

use std::time::Duration;

use shakedown::database::Databases;
use shakedown::error::Error;
use shakedown::run;
use shakedown::server::Profile;
use shakedown_scenarios::builtin::SCENARIOS;
use tokio::sync::watch;

use super::args::LoadArgs;
use super::drive::{self, Defaults};
use super::live::Live;
use super::signals::Signals;
use super::{Verdict, config, on_server, output};

/// One setting, long enough for a p99.
pub(super) const LOAD: Defaults = Defaults {
    users: 8,
    time: Duration::from_secs(30),
    warmup: Duration::from_secs(5),
    rounds: 1,
    sizes: None,
    advise: false,
};

/// Many settings, each in two rounds.
const POOL: Defaults = Defaults {
    users: 64,
    time: Duration::from_secs(10),
    warmup: Duration::from_secs(1),
    rounds: 2,
    sizes: Some("1,2,4..64"),
    advise: true,
};

pub(super) async fn load(args: LoadArgs, signals: &mut Signals) -> anyhow::Result<Verdict> {
    drive(args, LOAD, signals).await
}

pub(super) async fn pool(args: LoadArgs, signals: &mut Signals) -> anyhow::Result<Verdict> {
    drive(args, POOL, signals).await
}

async fn drive(
    args: LoadArgs,
    defaults: Defaults,
    signals: &mut Signals,
) -> anyhow::Result<Verdict> {
    let config = config::load(args.common.config.as_deref())?;
    if args.drive.scenario.as_deref() == Some("help") {
        return Ok(list(&config));
    }
    let file = match defaults.advise {
        true => config.pool.clone().or(config.load.clone()),
        false => config.load.clone(),
    };
    let wanted = args.drive.clone().or(file);
    let request = config.request(&args.server, Profile::Durable)?;
    let target = drive::target(&config, &args.target, &wanted, &request)?;
    let asked = drive::asked(&config, &wanted, &request, defaults)?;
    let outs = output::open(&args.target.project.out)?;

    let server = on_server::start(&request, signals).await?;
    let (stop, stopped) = watch::channel(false);
    let work = async |databases: &mut Databases<'_>, live: &mut Live| {
        let mut show = |event: shakedown::load::Event<'_>| live.show(&event);
        run::load(&target, &server, databases, &asked, stopped, &mut show).await
    };
    let report = on_server::live(&server, given_up(signals, stop), work).await?;
    output::report(&report, outs, args.common.color)?;
    server.stop().await?;
    Ok(report.outcome.into())
}

/// The first Ctrl-C ends the run early, with its report; the second gives everything up.
pub(super) async fn given_up(signals: &mut Signals, stop: watch::Sender<bool>) -> Error {
    signals.interrupted().await;
    output::notice("ending early; what was measured is reported");
    let _ = stop.send(true);
    signals.interrupted().await
}

/// The scenarios there are.
fn list(config: &config::Config) -> Verdict {
    let own = config.scenario.keys().map(|name| (name.as_str(), "of shakedown.toml"));
    let all: Vec<(&str, &str)> =
        own.chain(SCENARIOS.iter().map(|one| (one.name, one.summary))).collect();
    let width = all.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let lines: String =
        all.iter().map(|(name, summary)| format!("  {name:width$}  {summary}\n")).collect();
    output::print(&lines);
    Verdict::Held
}
