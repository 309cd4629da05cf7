//! The progress bar, on a terminal only.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use shakedown::invariants::check;
use shakedown::verify::Event;

use super::output;

/// A bar that is not there when nobody watches.
#[derive(Debug)]
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// Shows what is being done before anything can be counted.
    pub(super) fn start(what: &str) -> Self {
        let bar = ProgressBar::with_draw_target(None, target()).with_message(what.to_owned());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}, {elapsed}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }

    /// Shows an event of a run.
    pub(super) fn show(&self, event: &Event<'_>) {
        match event {
            Event::Planned { scripts } => {
                self.0.set_length(*scripts as u64);
                let style =
                    ProgressStyle::with_template("{bar:24} {pos}/{len} scripts, {elapsed}  {msg}");
                if let Ok(style) = style {
                    self.0.set_style(style);
                }
            }
            Event::Migration(id) => self.0.set_message((*id).to_owned()),
            Event::Chain => self.0.set_message("head to base to head"),
            Event::Ran { scripts } => self.0.inc(*scripts as u64),
        }
    }

    /// Shows how far the test of promises is.
    pub(super) fn show_promises(&self, event: check::Event<'_>) {
        match event {
            check::Event::Reading => self.0.set_message("finding rows for the tables"),
            check::Event::Planned { promises } => {
                self.0.set_length(promises as u64);
                self.0.set_message("");
                let style =
                    ProgressStyle::with_template("{bar:24} {pos}/{len} promises, {elapsed}  {msg}");
                if let Ok(style) = style {
                    self.0.set_style(style);
                }
            }
            check::Event::Tried { promises } => self.0.inc(promises as u64),
            check::Event::Part(what) => self.0.set_message(what.to_owned()),
        }
    }

    /// Shows how many mutants are done, of how many.
    pub(super) fn show_mutants(&self, done: usize, of: usize) {
        if self.0.length().is_none() {
            self.0.set_length(of as u64);
            self.0.set_message("");
            let style = ProgressStyle::with_template("{bar:24} {pos}/{len} mutants, {elapsed}");
            if let Ok(style) = style {
                self.0.set_style(style);
            }
        }
        self.0.set_position(done as u64);
    }

    /// Takes the bar away.
    pub(super) fn end(self) {
        self.0.finish_and_clear();
    }
}

fn target() -> ProgressDrawTarget {
    if output::somebody_watches() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    }
}
