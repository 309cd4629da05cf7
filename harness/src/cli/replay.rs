//! `shakedown invariants replay`

use std::path::Path;

use shakedown::database::Databases;
use shakedown::error::{Error, Result};
use shakedown::invariants::check::Failure;
use shakedown::invariants::replay::{self, Fate, Replayed};
use shakedown::invariants::{script, store};
use shakedown::prepare;

use super::args::ReplayArgs;
use super::invariants::{failures, place};
use super::progress::Progress;
use super::signals::Signals;
use super::{Verdict, config, on_server, output};

pub(super) async fn run(args: ReplayArgs, signals: &mut Signals) -> anyhow::Result<Verdict> {
    let config = config::load(args.schema.common.config.as_deref())?;
    let (request, subject) = place(&config, args.migrations, &args.schema)?;
    let folder = failures(&config, &args.schema);
    let stored = chosen(store::load(&folder)?, args.name.as_deref(), &folder)?;
    if stored.is_empty() {
        output::print("no failures are stored\n");
        return Ok(Verdict::Held);
    }

    let server = on_server::start(&request, signals).await?;
    let progress = Progress::start("running what failed before");
    let work = async |databases: &mut Databases<'_>| {
        let database = prepare::scratch(&subject, &server, databases).await?;
        replay::replay(databases, &database, &stored).await
    };
    let done = on_server::with_databases(&server, signals.interrupted(), work).await;
    progress.end();
    let replayed = done?;
    server.stop().await?;

    for Replayed { failure, fate } in &replayed {
        output::print(&clean(&told(failure, fate, &folder)));
    }
    let of = |wanted| replayed.iter().filter(move |replayed| replayed.fate == wanted);
    let holding: Vec<Failure> = of(Fate::Holds).map(|replayed| replayed.failure.clone()).collect();
    let fail = of(Fate::StillFails).count();
    let unfit = replayed.len() - fail - holding.len();
    let untried = if unfit > 0 { format!(", could not be run: {unfit}") } else { String::new() };
    output::print(&format!("fail still: {fail}, hold now: {}{untried}\n", holding.len()));
    store::forget(&folder, &holding)?;
    if unfit > 0 {
        output::notice(&format!(
            "what does not fit the schema any more can be removed from {}",
            folder.display()
        ));
    }
    Ok(match (fail, unfit) {
        (0, 0) => Verdict::Held,
        (0, _) => Verdict::Incomplete,
        _ => Verdict::Found,
    })
}

/// One failure and what became of it, with the script if it still fails.
fn told(failure: &Failure, fate: &Fate, folder: &Path) -> String {
    let promise = failure.promise.id();
    match fate {
        Fate::StillFails => {
            let file = store::script_of(folder, &promise);
            let script = script::psql(&failure.promise.says, &failure.counterexample);
            format!("still fails: {promise}\n  as {} shows:\n\n{script}\n", file.display())
        }
        Fate::Untested(reason) => format!("could not be run: {promise}, since {reason}\n"),
        Fate::Holds => format!("holds now: {promise}\n"),
    }
}

/// The text without what a terminal would obey; the stored script has the values as they are.
fn clean(text: &str) -> String {
    let obeyed = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    text.replace(obeyed, "\u{fffd}")
}

/// The failures that the user names by the id of a promise, its beginning, or a file.
fn chosen(stored: Vec<Failure>, name: Option<&str>, folder: &Path) -> Result<Vec<Failure>> {
    let Some(name) = name else { return Ok(stored) };
    let file = Path::new(name).file_stem().unwrap_or_default().to_string_lossy();
    let is_meant = |failure: &Failure| {
        let promise = failure.promise.id();
        let stored_as = store::name(&promise);
        promise.starts_with(name)
            || stored_as == name
            || stored_as.trim_end_matches(".json") == file
    };
    let known: Vec<String> = stored.iter().map(|failure| failure.promise.id()).collect();
    let chosen: Vec<Failure> = stored.into_iter().filter(is_meant).collect();
    if !chosen.is_empty() {
        return Ok(chosen);
    }
    let known = match known.is_empty() {
        true => "none are stored".to_owned(),
        false => format!("stored are {}", known.join(", ")),
    };
    Err(Error::new(format!("no failure of the name `{name}` is stored in `{}`", folder.display()))
        .hint(known))
}
