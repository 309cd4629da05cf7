//! What the sessions of the users do, looked at twenty times a second.

use std::collections::BTreeMap;
use std::time::Duration;

use shakedown_reports::load::{Activity, WaitEvent};
use sqlx::PgConnection;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

use super::session::{NAME, Session};

/// How often is looked.
const PERIOD: Duration = Duration::from_millis(50);
/// How long a last look may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A task that looks.
#[derive(Debug)]
pub(super) struct Sampler {
    stop: oneshot::Sender<()>,
    task: JoinHandle<Seen>,
}

/// What was seen until now.
#[derive(Debug, Default)]
struct Seen {
    samples: u64,
    /// Times at which the server did not answer.
    failed: u64,
    states: BTreeMap<String, u64>,
    waits: BTreeMap<String, u64>,
    max_waiting_locks: u64,
    /// Whether there was a session whose state may not be seen.
    hidden: bool,
}

impl Sampler {
    /// Begins to look at the sessions on a database.
    pub(super) fn start(mut session: Session, database: String) -> Self {
        let (stop, mut stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            let mut seen = Seen::default();
            let mut ticks = tokio::time::interval(PERIOD);
            // A server that was away is not looked at all the oftener afterwards.
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    _ = &mut stopped => return seen,
                    _ = ticks.tick() => seen.look(&mut session, &database).await,
                }
            }
        });
        Self { stop, task }
    }

    /// Ends it. Returns what was seen, and sentences on what was not.
    pub(super) async fn finish(self) -> (Activity, Vec<String>) {
        let _ = self.stop.send(());
        let abort = self.task.abort_handle();
        let Ok(Ok(seen)) = tokio::time::timeout(PATIENCE, self.task).await else {
            abort.abort();
            let why = "what the sessions did is not told: the server did not answer any more";
            return (Activity::default(), vec![why.to_owned()]);
        };
        let mut missing = Vec::new();
        if seen.failed > 0 {
            missing.push(format!(
                "the sessions were not looked at {} of {} times, since the server did not answer",
                seen.failed,
                seen.failed + seen.samples
            ));
        }
        if seen.hidden {
            missing.push(
                "what sessions of other roles do may not be seen; say `GRANT pg_read_all_stats \
                 TO` the role that watches"
                    .to_owned(),
            );
        }
        (seen.told(), missing)
    }
}

impl Seen {
    async fn look(&mut self, session: &mut Session, database: &str) {
        let looked = match session.now().await {
            Ok(connection) => self.sample(connection, database).await,
            Err(error) => Err(error),
        };
        if looked.is_err() {
            self.failed += 1;
            session.lost();
        }
    }

    async fn sample(&mut self, connection: &mut PgConnection, database: &str) -> sqlx::Result<()> {
        let sessions = "SELECT state, wait_event_type || ':' || wait_event, count(*) \
                        FROM pg_catalog.pg_stat_activity \
                        WHERE datname = $1::text AND backend_type = 'client backend' \
                        AND application_name <> $2::text GROUP BY 1, 2";
        let sessions: Vec<(Option<String>, Option<String>, i64)> =
            sqlx::query_as(sessions).bind(database).bind(NAME).fetch_all(&mut *connection).await?;
        let locks = "SELECT count(*) FROM pg_catalog.pg_locks AS l \
                     JOIN pg_catalog.pg_stat_activity AS a USING (pid) \
                     WHERE NOT l.granted AND a.datname = $1::text";
        let locks: i64 = sqlx::query_scalar(locks).bind(database).fetch_one(connection).await?;
        self.samples += 1;
        self.max_waiting_locks = self.max_waiting_locks.max(u64::try_from(locks).unwrap_or(0));
        for (state, event, count) in sessions {
            let count = u64::try_from(count).unwrap_or(0);
            let Some(state) = state else {
                self.hidden = true;
                continue;
            };
            if state == "active" {
                let event = event.unwrap_or_else(|| "CPU".to_owned());
                *self.waits.entry(event).or_default() += count;
            }
            *self.states.entry(state).or_default() += count;
        }
        Ok(())
    }

    fn told(self) -> Activity {
        let event = |(event, seen)| WaitEvent { event, seen };
        let mut waits: Vec<WaitEvent> = self.waits.into_iter().map(event).collect();
        waits.sort_by_key(|wait| std::cmp::Reverse(wait.seen));
        Activity {
            samples: self.samples,
            states: self.states,
            waits,
            max_waiting_locks: self.max_waiting_locks,
        }
    }
}
