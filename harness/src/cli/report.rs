//! `shakedown report`

use std::path::Path;

use shakedown::error::{Error, Result};
use shakedown_reports::{Report, merge, render};

use super::args::{MergeArgs, ReportAction, ReportArgs};
use super::{Verdict, output};

pub(super) fn run(args: ReportArgs) -> anyhow::Result<Verdict> {
    match args.action {
        ReportAction::Merge(args) => merged(&args),
    }
}

fn merged(args: &MergeArgs) -> anyhow::Result<Verdict> {
    let outs = output::open(&args.out)?;
    let reports: Vec<Report> = args.reports.iter().map(|file| read(file)).collect::<Result<_>>()?;
    let report = merge::merge(reports).map_err(|why| {
        Error::new(why)
            .hint("give the reports of all workers of one load, written with `--out json=FILE`")
    })?;
    output::print(&render::text(&report, output::colour(args.common.color)));
    for out in outs {
        out.write(&report)?;
    }
    Ok(report.outcome.into())
}

/// A report that was written as JSON.
fn read(file: &Path) -> Result<Report> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        Error::new(format!("the report `{}` cannot be read", file.display()))
            .because(error)
            .hint("name a file that `--out json=FILE` wrote")
    })?;
    serde_json::from_str(&text).map_err(|error| {
        Error::new(format!("`{}` is no report of this program", file.display()))
            .because(error)
            .hint("name a file that `--out json=FILE` wrote, whole")
    })
}
