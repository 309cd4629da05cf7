//! One user: waits for a turn, comes by a connection, does the operation, keeps the times.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};
use tokio::sync::{Semaphore, watch};

use super::compiled::Compiled;
use super::outage::Outages;
use super::perform::{Failure, Place, perform};
use super::recorder::{Done, Recorder};
use super::schedule::{Arrivals, Mix, Turn, random_of};
use super::{End, Pace, Plan};
use crate::pool::{Pool, Refused};

/// What a user waits after its connection was lost, so that a server that is away is not
/// asked in a tight loop.
const BREATH: Duration = Duration::from_millis(20);

/// What all users of a run share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) plan: Plan,
    pub(super) compiled: Compiled,
    pub(super) mix: Mix,
    pub(super) source: Source,
    pub(super) recorder: Recorder,
    pub(super) outages: Outages,
    /// When the run began; users wait for it.
    pub(super) began: OnceLock<Instant>,
    pub(super) begin: watch::Sender<bool>,
    /// The arrivals of an open loop that nobody took yet, and how many of them are due.
    pub(super) arrivals: Option<Mutex<Arrivals>>,
    pub(super) due: Semaphore,
    /// Operations that were due and that nobody had taken when the run ended.
    pub(super) left: AtomicU64,
    /// The next operation of a closed loop: in the warm-up, and in the measurement.
    pub(super) warming: AtomicU64,
    pub(super) measuring: AtomicU64,
    /// Users that are ready.
    pub(super) ready: AtomicU64,
    /// Operations that wait for a connection.
    pub(super) waiting: AtomicU64,
    /// Operations that were done or failed, warm-up included.
    pub(super) counted: AtomicU64,
    /// The end of the last operation of the measurement, in nanoseconds since the run began.
    pub(super) last: AtomicU64,
    pub(super) over: AtomicBool,
    /// What no repetition would mend, if it happened.
    pub(super) fatal: OnceLock<String>,
}

/// Where connections come from.
#[derive(Debug)]
pub(super) enum Source {
    Own(Box<PgConnectOptions>),
    Pool(Pool),
}

/// What one user has of its own.
#[derive(Debug, Default)]
pub(super) struct Session {
    pub(super) number: usize,
    pub(super) connection: Option<PgConnection>,
}

/// What goose is told of an operation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    pub(super) operation: usize,
    pub(super) response: Duration,
    pub(super) succeeded: bool,
}

impl Shared {
    pub(super) fn since(&self) -> Duration {
        self.began.get().map_or(Duration::ZERO, Instant::elapsed)
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed) || self.fatal.get().is_some()
    }

    /// Ends the run: no operation begins any more.
    pub(super) fn end(&self) {
        if !self.over.load(Ordering::Relaxed) {
            self.left.store(self.due.available_permits() as u64, Ordering::Relaxed);
        }
        self.over.store(true, Ordering::Relaxed);
        self.due.close();
    }

    /// The next operation and when it can begin; nothing once there is none. Waits in an open loop
    /// until one is due.
    async fn turn(&self) -> Option<(Turn, Duration)> {
        if self.is_over() {
            return None;
        }
        if let Some(arrivals) = &self.arrivals {
            self.due.acquire().await.ok()?.forget();
            let turn = arrivals.lock().unwrap_or_else(PoisonError::into_inner).next()?;
            return Some((turn, self.since()));
        }
        let since = self.since();
        if since < self.plan.warmup {
            let number = self.warming.fetch_add(1, Ordering::Relaxed);
            return Some((Turn { number, measured: false, due: None }, since));
        }
        match self.plan.end {
            End::Time(time) if since >= self.plan.warmup + time => None,
            End::Time(_) => Some(self.measuring.fetch_add(1, Ordering::Relaxed)),
            End::Operations(all) => {
                let number = self.measuring.fetch_add(1, Ordering::Relaxed);
                (number < all).then_some(number)
            }
        }
        .map(|number| (Turn { number, measured: true, due: None }, since))
    }

    /// One operation of one user; nothing if there is none to do.
    pub(super) async fn one(&self, session: &mut Session) -> Option<Told> {
        let (turn, begun) = self.turn().await?;
        let mut random = random_of(self.plan.seed, turn.number, turn.measured);
        let operation = self.mix.draw(&mut random);
        let due = turn.due.unwrap_or(begun);
        let late = begun.saturating_sub(due);
        if let Pace::Open { limit: Some(limit), .. } = self.plan.pace
            && late > limit
        {
            if turn.measured {
                self.recorder.skip(session.number, operation, self.measured(begun));
            }
            return None;
        }
        let place = Place {
            client: i64::try_from(session.number).unwrap_or(0),
            number: turn.number,
            seed: self.plan.seed,
            scale: self.plan.scale,
            prepared: self.plan.prepared,
        };
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let (ended, acquired, in_use) = match &self.source {
            Source::Own(options) => {
                let at_hand = session.connection.is_some();
                let had = connected(options, session).await;
                self.waiting.fetch_sub(1, Ordering::Relaxed);
                // Reading the clock is a good part of what the engine costs.
                let acquired = if at_hand { begun } else { self.since() };
                match had {
                    Ok(connection) => {
                        let ended =
                            perform(connection, &self.compiled, operation, &mut random, place)
                                .await;
                        if matches!(ended.failure, Some(Failure::Connection(_))) {
                            session.connection = None;
                        }
                        (ended, acquired, None)
                    }
                    Err(error) => (Failure::of(&error).into(), acquired, None),
                }
            }
            Source::Pool(pool) => {
                let held = Box::pin(pool.acquire()).await;
                self.waiting.fetch_sub(1, Ordering::Relaxed);
                let acquired = self.since();
                let in_use = Some(pool.in_use());
                match held {
                    Ok(mut held) => {
                        let ended =
                            perform(&mut held, &self.compiled, operation, &mut random, place).await;
                        held.give_back();
                        (ended, acquired, in_use)
                    }
                    Err(Refused::Timeout) => (Failure::PoolTimeout.into(), acquired, in_use),
                    Err(Refused::Failed(error)) => (Failure::of(&error).into(), acquired, in_use),
                }
            }
        };
        let now = self.since();
        let lost = matches!(ended.failure, Some(Failure::Connection(_)));
        let told = Told { operation, response: now - due, succeeded: ended.failure.is_none() };
        self.counted.fetch_add(1, Ordering::Relaxed);
        if let Some(Failure::Script(why)) = &ended.failure {
            let _ = self.fatal.set(why.clone());
        }
        if turn.measured {
            self.last
                .fetch_max(u64::try_from(now.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
            let done = Done {
                operation,
                wait: acquired.saturating_sub(due),
                query: now.saturating_sub(acquired),
                at: self.measured(now),
                retried: ended.retried,
                in_use,
                failed: ended.failure.map(|failure| failure.state()),
                digest: ended.digest,
            };
            match &done.failed {
                Some(state) if lost => self.outages.failed(done.at, state),
                Some(_) => {}
                None => self.outages.succeeded(done.at),
            }
            self.recorder.keep(session.number, &done);
        } else {
            self.recorder.show(session.number, told.response);
        }
        if lost {
            tokio::time::sleep(BREATH).await;
        }
        if !self.plan.think.is_zero() {
            tokio::time::sleep(self.plan.think).await;
        }
        Some(told)
    }

    /// A moment of the run as one of the measurement.
    fn measured(&self, moment: Duration) -> Duration {
        moment.saturating_sub(self.plan.warmup)
    }
}

/// The user's own connection, made anew if it is lost.
async fn connected<'s>(
    options: &PgConnectOptions,
    session: &'s mut Session,
) -> sqlx::Result<&'s mut PgConnection> {
    let connection = match session.connection.take() {
        Some(connection) => connection,
        // Boxed, since it is seldom needed and would make the state of every operation large.
        None => Box::pin(options.connect()).await?,
    };
    Ok(session.connection.insert(connection))
}
