//! The estimates that criterion saves in `target/criterion`.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use shakedown_reports::gate::Estimate;

use crate::error::{Error, Result};

/// How many folders deep a benchmark may lie: group, function, parameter.
const DEPTH: usize = 5;

/// What is compared, and the benchmarks of which there is only one side.
#[derive(Debug, Default)]
pub struct Saved {
    pub estimates: Vec<Estimate>,
    /// A sentence each.
    pub left_out: Vec<String>,
}

/// Reads every benchmark below a folder: the newest run, beside the baseline of this name.
///
/// # Errors
/// When the folder cannot be read, no benchmark has that baseline, or a file is not criterion's.
pub fn read(folder: &Path, baseline: &str) -> Result<Saved> {
    let mut saved = Saved::default();
    let mut names = Vec::new();
    walk(folder, folder, baseline, DEPTH, &mut saved, &mut names)?;
    if !saved.estimates.is_empty() {
        return Ok(saved);
    }
    names.sort();
    names.dedup();
    let error =
        Error::new(format!("no benchmark in `{}` has a baseline `{baseline}`", folder.display()));
    Err(match names.is_empty() {
        true => error.hint(format!("save one: cargo bench -- --save-baseline {baseline}")),
        false => error.hint(format!("there are: {}", names.join(", "))),
    })
}

/// As criterion writes it to `benchmark.json`.
#[derive(Deserialize)]
struct Benchmark {
    full_id: String,
}

/// As criterion writes it to `sample.json`.
#[derive(Deserialize)]
struct Sample {
    times: Vec<f64>,
}

fn walk(
    root: &Path,
    folder: &Path,
    baseline: &str,
    depth: usize,
    saved: &mut Saved,
    names: &mut Vec<String>,
) -> Result<()> {
    let unreadable = |error| {
        Error::new(format!("`{}` cannot be read", folder.display()))
            .because(error)
            .hint("name the folder that criterion writes: --criterion target/criterion")
    };
    let mut folders = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if entry.file_type().map_err(unreadable)?.is_dir() {
            folders.push(entry.path());
        }
    }
    folders.sort();
    let newest = folder.join("new");
    if newest.join("estimates.json").is_file() {
        let own = folders.iter().filter(|path| path.join("estimates.json").is_file());
        let own = own.filter_map(|path| path.file_name()?.to_str().map(str::to_owned));
        names.extend(own.filter(|name| !matches!(name.as_str(), "new" | "change")));
        let base = folder.join(baseline).join("estimates.json");
        let name = name(root, folder, &newest);
        if base.is_file() {
            saved.estimates.push(estimate(&name, &base, &newest)?);
        } else {
            saved.left_out.push(format!("`{name}` has no baseline `{baseline}`"));
        }
        return Ok(());
    }
    if depth > 0 {
        for inner in folders {
            walk(root, &inner, baseline, depth - 1, saved, names)?;
        }
    }
    Ok(())
}

/// As criterion calls it, or else where it lies.
fn name(root: &Path, folder: &Path, newest: &Path) -> String {
    let text = fs::read_to_string(newest.join("benchmark.json")).unwrap_or_default();
    let written = serde_json::from_str::<Benchmark>(&text).ok().map(|written| written.full_id);
    written.unwrap_or_else(|| folder.strip_prefix(root).unwrap_or(folder).display().to_string())
}

fn estimate(name: &str, base: &Path, newest: &Path) -> Result<Estimate> {
    let candidate = newest.join("estimates.json");
    let read = |path: &Path| {
        fs::read_to_string(path).map_err(|error| {
            Error::new(format!("`{}` cannot be read", path.display())).because(error)
        })
    };
    let sample = fs::read_to_string(newest.join("sample.json")).unwrap_or_default();
    let samples = serde_json::from_str::<Sample>(&sample).map_or(0, |sample| sample.times.len());
    Estimate::read(name, &read(base)?, &read(&candidate)?, samples as u64).map_err(|why| {
        Error::new(format!("the estimates of `{name}` are not those of criterion: {why}"))
            .hint("run the benchmark again: cargo bench")
    })
}
