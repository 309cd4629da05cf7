//! The advice as a migration of the project.

use jiff::Timestamp;
use shakedown::error::Result;
use shakedown::source::write::{Draft, write};
use shakedown::source::{Project, load};
use shakedown::sql::without_concurrently;
use shakedown_reports::Report;
use shakedown_reports::index::Advice;

use crate::cli::output;

/// Writes it, and says where. Nothing is written where nothing is advised.
pub(super) fn write_advice(project: &Project, report: &Report) -> Result<()> {
    let advice = report.indexes.as_ref().and_then(|indexes| indexes.advice.as_ref());
    let Some(advice) = advice else {
        output::notice("no migration is written, since nothing is advised");
        return Ok(());
    };
    // It may have got another migration meanwhile.
    let project = load(&project.folder, Some(project.format.name))?;
    let drafted = write(&project, &draft(advice))?;
    for note in &drafted.notes {
        output::notice(&format!("note: {note}"));
    }
    for file in &drafted.files {
        output::notice(&format!("wrote {}", file.path.display()));
    }
    Ok(())
}

fn draft(advice: &Advice) -> Draft {
    let concurrently =
        advice.up.iter().chain(&advice.down).any(|sql| without_concurrently(sql) != *sql);
    let names: Vec<&str> = advice.steps.iter().map(|step| step.name.as_str()).collect();
    let today = Timestamp::now().strftime("%Y-%m-%d");
    Draft {
        name: "tune_indexes".to_owned(),
        up: advice.up.clone(),
        down: advice.down.clone(),
        in_transaction: !concurrently,
        comment: Some(format!(
            "Measured by shakedown index on {today}: {} of the work of the workload is saved by\n{}.",
            format_args!("{:.0} %", advice.effect.mix.part() * 100.0),
            names.join(", ")
        )),
    }
}
