//! What is seen of a load while it runs: a line that changes on a terminal, plain lines in a pipe.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use shakedown::load::Event;
use shakedown_scenarios::engine::Progress;

use super::output;

/// How many seconds the sparkline shows.
const SHOWN: usize = 60;
/// How often a plain line is printed.
const EVERY: Duration = Duration::from_secs(5);

/// The view of one load.
#[derive(Debug)]
pub(super) struct Live {
    /// Nothing where nobody watches.
    bar: Option<ProgressBar>,
    /// Which setting of how many runs.
    setting: String,
    rates: VecDeque<f64>,
    printed: Instant,
}

impl Live {
    pub(super) fn start() -> Self {
        let bar = output::somebody_watches().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self { bar, setting: String::new(), rates: VecDeque::new(), printed: Instant::now() }
    }

    /// Shows an event.
    pub(super) fn show(&mut self, event: &Event<'_>) {
        match event {
            Event::Seeding => self.say("making the tables and their rows"),
            Event::Deriving => self.say("preparing the workload"),
            Event::Waiting(at) => self.say(&format!("waiting for {at}")),
            Event::Setting { name, number, of } => {
                let setting =
                    if *of > 1 { format!("{number}/{of} {name}") } else { (*name).to_owned() };
                self.say(&setting);
                self.setting = setting;
                self.rates.clear();
            }
            Event::Progress(progress) => self.progress(progress),
            Event::Plans => self.say("asking for the plans of the slowest statements"),
        }
    }

    /// Shows a sentence.
    pub(super) fn say(&self, what: &str) {
        match &self.bar {
            Some(bar) => bar.set_message(what.to_owned()),
            None => output::notice(what),
        }
    }

    fn progress(&mut self, progress: &Progress) {
        self.rates.push_back(progress.rate);
        if self.rates.len() > SHOWN {
            self.rates.pop_front();
        }
        match &self.bar {
            Some(bar) => {
                let spark = sparkline(self.rates.make_contiguous());
                bar.set_message(format!("{}  {}  {spark}", self.setting, line(progress)));
            }
            None if self.printed.elapsed() >= EVERY => {
                self.printed = Instant::now();
                output::notice(&format!("  {}", line(progress)));
            }
            None => {}
        }
    }

    /// Takes the view away.
    pub(super) fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

/// `1,234/s  p50 2.1 ms  p99 9.8 ms  12 waiting  0 failed  18 s left`
fn line(progress: &Progress) -> String {
    let warming = if progress.measuring { "" } else { "  warming up" };
    let left = progress.left.map(|left| format!("  {:.0} s left", left.as_secs_f64()));
    format!(
        "{:.0}/s  p50 {}  p99 {}  {} waiting  {} failed{}{warming}",
        progress.rate,
        milliseconds(progress.p50),
        milliseconds(progress.p99),
        progress.waiting,
        progress.failed,
        left.unwrap_or_default(),
    )
}

fn milliseconds(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1000.0;
    let digits = if ms < 1.0 {
        3
    } else if ms < 100.0 {
        1
    } else {
        0
    };
    format!("{ms:.digits$} ms")
}

/// One block for each second, as high as its rate in relation to the highest.
fn sparkline(rates: &[f64]) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = rates.iter().copied().fold(0.0, f64::max);
    let block = |rate: &f64| {
        let part = if most > 0.0 { rate / most } else { 0.0 };
        BLOCKS[((part * 7.0).round() as usize).min(7)]
    };
    rates.iter().map(block).collect()
}

#[cfg(test)]
mod tests {
    use super::sparkline;

    #[test]
    fn a_sparkline_is_as_high_as_the_highest_rate() {
        assert_eq!(sparkline(&[0.0, 50.0, 100.0]), "▁▅█");
        assert_eq!(sparkline(&[0.0, 0.0]), "▁▁");
        assert_eq!(sparkline(&[]), "");
    }
}
