//! `shakedown report`

mod read;

use shakedown::error::{Error, Result};
use shakedown_reports::compare::{self, Course};
use shakedown_reports::{Report, merge, render};

use super::args::{DiffArgs, MergeArgs, ReportAction, ReportArgs};
use super::{Verdict, output};
pub(in crate::cli) use read::read;

pub(super) fn run(args: ReportArgs) -> anyhow::Result<Verdict> {
    match (args.action, args.report) {
        (Some(ReportAction::Merge(args)), _) => merged(&args),
        (Some(ReportAction::Diff(args)), _) => differing(&args),
        (None, file) => {
            let outs = output::open(&args.out)?;
            let report = read(&file.unwrap_or_default())?;
            output::report(&report, outs, args.common.color)?;
            Ok(report.outcome.into())
        }
    }
}

fn merged(args: &MergeArgs) -> anyhow::Result<Verdict> {
    let outs = output::open(&args.out)?;
    let reports: Vec<Report> = args.reports.iter().map(|file| read(file)).collect::<Result<_>>()?;
    let report = merge::merge(reports).map_err(|why| {
        Error::new(why)
            .hint("give the reports of all workers of one load, written with `--out json=FILE`")
    })?;
    output::report(&report, outs, args.common.color)?;
    Ok(report.outcome.into())
}

fn differing(args: &DiffArgs) -> anyhow::Result<Verdict> {
    let (before, after) = (read(&args.before)?, read(&args.after)?);
    let difference = compare::compare(&before, &after)
        .map_err(|why| Error::new(why.to_string()).hint(why.hint()))?;
    let text = if args.json {
        serde_json::to_string_pretty(&difference)? + "\n"
    } else {
        render::difference(&difference, output::colour(args.common.color))
    };
    output::print(&text);
    Ok(if difference.count(Course::Worse) > 0 { Verdict::Found } else { Verdict::Held })
}
