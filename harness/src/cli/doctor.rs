//! `shakedown doctor`

use std::time::Instant;

use shakedown::error::Error;
use shakedown::server::{self, Choice, Profile, Request};

use super::args::DoctorArgs;
use super::progress::Progress;
use super::signals::Signals;
use super::{Verdict, config, output};

/// Starts a server in each way. It holds if at least one works, since `auto` then finds it.
pub(super) async fn run(args: DoctorArgs, signals: &mut Signals) -> anyhow::Result<Verdict> {
    let config = config::load(args.common.config.as_deref())?;
    let request = config.request(&args.server, Profile::Fast)?;
    let mut ways = vec![
        ("container", Choice::Container),
        ("local", Choice::Local),
        ("embedded", Choice::Embedded),
    ];
    let given = match request.choice {
        Choice::Url(_) => Some(("url", "the address given is used")),
        Choice::Neon(_) => Some(("neon", "a branch of the project given is used")),
        _ => None,
    };
    if let Some((name, _)) = given {
        ways.insert(0, (name, request.choice.clone()));
    }
    let mut working = Vec::new();
    for (name, choice) in ways {
        let request = Request { choice, ..request.clone() };
        let progress = Progress::start(&format!("trying {name}"));
        let started = Instant::now();
        let tried = tokio::select! {
            tried = server::start(&request) => tried,
            error = signals.interrupted() => return Err(error.into()),
        };
        progress.end();
        match tried {
            Ok(server) => {
                let took = started.elapsed().as_secs_f64();
                output::print(&format!(
                    "{name:<10} works: PostgreSQL {}, up in {took:.1} s\n",
                    server.version
                ));
                server.stop().await?;
                working.push(name);
            }
            Err(error) => output::print(&tell(name, &error)),
        }
    }
    match working.first() {
        Some(first) => {
            let taken = match given {
                Some((name, taken)) if name == *first => taken.to_owned(),
                _ => format!("`--postgres auto` takes {first}"),
            };
            output::print(&format!("\n{taken}\n"));
            Ok(Verdict::Held)
        }
        None => Err(Error::new("no way to a Postgres server works here")
            .hint("follow one of the hints above; an installed PostgreSQL 16 is the simplest")
            .into()),
    }
}

fn tell(name: &str, error: &Error) -> String {
    let mut text = format!("{name:<10} does not work: {}\n", error.whole());
    if let Some(hint) = error.hint_text() {
        text.push_str(&format!("{:<10} hint: {hint}\n", ""));
    }
    text
}
