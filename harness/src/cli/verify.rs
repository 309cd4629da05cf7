//! `shakedown verify`

use std::future::pending;
use std::io::{IsTerminal, stdin};

use shakedown::checks::RULES;
use shakedown::database::Databases;
use shakedown::error::{Error, Result};
use shakedown::server::{Choice, Profile, Server};
use shakedown::source;
use shakedown::{run, verify};
use shakedown_reports::model::BeganWith;

use super::args::VerifyArgs;
use super::progress::Progress;
use super::signals::Signals;
use super::watch::{self, Watched};
use super::{Verdict, config, on_server, output};

pub(super) async fn run(args: VerifyArgs, signals: &mut Signals) -> anyhow::Result<Verdict> {
    // Whatever can be wrong with the words of the user is found out before the long part.
    let config = config::load(args.common.config.as_deref())?;
    let folder = config.folder(args.project.folder);
    let format = args.project.format.or_else(|| config.migrations.format.clone());
    let request = config.request(&args.server, Profile::Fast)?;
    let project = source::load(&folder, format.as_deref())?;
    let allow = args.allow.into_iter().chain(config.verify.allow.iter().cloned());
    let options = verify::Options {
        from: args.from,
        to: args.to,
        only: args.only,
        allow: allow.map(known_rule).collect::<Result<_>>()?,
        irreversible: config.irreversible()?,
        keep: args.keep,
        after: None,
    };
    if let Some(name) = &args.database {
        config::holds(&request, name)?;
    }
    let outs = output::open(&args.project.out)?;

    let stays = matches!(request.choice, Choice::Url(_));
    if options.keep && !stays && !stdin().is_terminal() {
        return Err(Error::new(
            "`--keep` needs a terminal here, since the server goes away with this command",
        )
        .hint("give a server that stays: --postgres postgres://...")
        .into());
    }
    let server = on_server::start(&request, signals).await?;
    if args.watch {
        let colour = output::colour(args.common.color);
        let watched = Watched { folder, format, options, colour };
        let work = async |databases: &mut Databases<'_>| {
            watch::watch(project, &server, databases, &watched, signals).await
        };
        // It minds signals itself, since they are how it ends well.
        let outcome = on_server::with_databases(&server, pending(), work).await?;
        server.stop().await?;
        return Ok(outcome.into());
    }
    let progress = Progress::start("reading the catalog");
    let mut show = |event: verify::Event<'_>| progress.show(&event);
    let work = async |databases: &mut Databases<'_>| {
        let Some(name) = &args.database else {
            return run::verify(&project, &server, databases, &options, &mut show).await;
        };
        let after = Some(verify::clone_of(name, &project, databases, &options).await?);
        let options = verify::Options { after, ..options.clone() };
        let (mut report, kept) =
            run::verify(&project, &server, databases, &options, &mut show).await?;
        report.project.began_with = options
            .after
            .map(|after| BeganWith { database: name.clone(), applied: after.migrations });
        Ok((report, kept))
    };
    let done = on_server::with_databases(&server, signals.interrupted(), work).await;
    progress.end();
    let (report, kept) = done?;
    output::report(&report, outs, args.common.color)?;
    if !kept.is_empty() {
        stay(&server, &kept, signals).await;
    }
    server.stop().await?;
    Ok(report.outcome.into())
}

pub(super) fn known_rule(id: String) -> Result<String> {
    if RULES.iter().any(|rule| rule.id == id) {
        return Ok(id);
    }
    let known: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    Err(Error::new(format!("there is no rule `{id}`"))
        .hint(format!("known are {}", known.join(", "))))
}

type Kept = Vec<(String, String)>;

/// Says how to reach what was kept. A scratch server lives only as long as we do.
async fn stay(server: &Server, kept: &Kept, signals: &mut Signals) {
    for (database, what) in kept {
        output::notice(&format!("kept: {what}\n  psql '{}'", server.address(database)));
    }
    if server.is_scratch() || server.branch().is_some() {
        output::notice("press Ctrl-C when you have seen enough");
        signals.interrupted().await;
    } else {
        output::notice("drop them with DROP DATABASE when you have seen enough");
    }
}
