//! `shakedown verify`

use std::io::{IsTerminal, stdin};
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use shakedown::checks::RULES;
use shakedown::database::Databases;
use shakedown::error::{Error, Result};
use shakedown::server::{self, Choice, Profile, Request, Server, Way};
use shakedown::source::{self, Project};
use shakedown::{run, verify};
use shakedown_reports::Report;
use shakedown_reports::model::Outcome;
use shakedown_reports::render;

use super::args::VerifyArgs;
use super::progress::Progress;
use super::signals::Signals;
use super::{Verdict, config, output};

pub(super) async fn run(args: VerifyArgs, signals: &mut Signals) -> anyhow::Result<Verdict> {
    // Whatever can be wrong with the words of the user is found out before the long part.
    let config = config::load(args.common.config.as_deref())?;
    let folder = config.folder(args.folder);
    let format = args.format.or_else(|| config.migrations.format.clone());
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
    };
    let outs = output::open(&args.out)?;

    let stays = matches!(request.choice, Choice::Url(_));
    if options.keep && !stays && !stdin().is_terminal() {
        return Err(Error::new(
            "`--keep` needs a terminal here, since the server goes away with this command",
        )
        .hint("give a server that stays: --postgres postgres://...")
        .into());
    }
    let server = start(&request, signals).await?;
    let (report, kept) = on_server(&project, &server, &options, signals).await?;
    output::print(&render::text(&report, output::colour(args.common.color)));
    for out in outs {
        out.write(&report)?;
    }
    if !kept.is_empty() {
        stay(&server, &kept, signals).await;
    }
    server.stop().await?;
    Ok(match report.outcome {
        Outcome::Held => Verdict::Held,
        Outcome::Found => Verdict::Found,
        Outcome::Incomplete => Verdict::Incomplete,
    })
}

fn known_rule(id: String) -> Result<String> {
    if RULES.iter().any(|rule| rule.id == id) {
        return Ok(id);
    }
    let known: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    Err(Error::new(format!("there is no rule `{id}`"))
        .hint(format!("known are {}", known.join(", "))))
}

/// Starts the server, says in a line what was taken and why, and minds Ctrl-C meanwhile.
pub(super) async fn start(request: &Request, signals: &mut Signals) -> Result<Server> {
    let progress = Progress::start("starting Postgres");
    let started = tokio::select! {
        started = server::start(request) => started,
        error = signals.interrupted() => Err(error),
    };
    progress.end();
    let server = started?;
    if !server.passed_over.is_empty() {
        let why = server.passed_over.join("; ");
        output::notice(&format!(
            "using {} Postgres {} ({why})",
            article(server.way),
            server.version
        ));
    }
    Ok(server)
}

fn article(way: Way) -> &'static str {
    match way {
        Way::Container => "a containerised",
        Way::Embedded => "an embedded",
        Way::Local => "the local",
        Way::Url => "the given",
    }
}

type Kept = Vec<(String, String)>;

/// Runs with scratch databases that are dropped however it ends.
async fn on_server(
    project: &Project,
    server: &Server,
    options: &verify::Options,
    signals: &mut Signals,
) -> Result<(Report, Kept)> {
    let mut databases = Databases::on(server).await?;
    let progress = Progress::start("reading the catalog");
    let mut show = |event: verify::Event<'_>| progress.show(&event);
    let work = run::verify(project, server, &mut databases, options, &mut show);
    let outcome = tokio::select! {
        outcome = AssertUnwindSafe(work).catch_unwind() => outcome,
        error = signals.interrupted() => Ok(Err(error)),
    };
    progress.end();
    let closed = databases.close().await;
    let outcome = outcome.unwrap_or_else(|_| {
        Err(Error::new("shakedown has a bug: it panicked, as told above")
            .hint("please report it with the migration that it happened on"))
    })?;
    closed?;
    Ok(outcome)
}

/// Says how to reach what was kept. A scratch server lives only as long as we do.
async fn stay(server: &Server, kept: &Kept, signals: &mut Signals) {
    for (database, what) in kept {
        output::notice(&format!("kept: {what}\n  psql '{}'", server.address(database)));
    }
    if server.is_scratch() {
        output::notice("press Ctrl-C when you have seen enough");
        signals.interrupted().await;
    } else {
        output::notice("drop them with DROP DATABASE when you have seen enough");
    }
}
