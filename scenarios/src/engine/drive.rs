//! Goose as the driver of the users: one attack for one run, through its configuration and not
//! through arguments of a command.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use goose::client::GooseClientBuilder;
use goose::config::GooseConfiguration;
use goose::goose::{GooseUser, Scenario, Transaction, TransactionResult};
use goose::metrics::GooseMetrics;
use goose::{GooseAttack, GooseError};

use super::user::{Session, Shared, Source};
use crate::error::{Error, Result};

/// What goose's table of requests calls ours.
const METHOD: &str = "SQL";

/// How often a user that has nothing left to do looks whether goose wants it to go.
const IDLE: Duration = Duration::from_millis(10);

/// A session, in the shape in which goose keeps what belongs to a user.
#[derive(Debug)]
struct Kept(Mutex<Session>);

impl Clone for Kept {
    /// A connection cannot be in two places, and goose does not clone those of running users.
    fn clone(&self) -> Self {
        Self(Mutex::default())
    }
}

/// Makes an attack of these users. They connect when it is executed, and wait then until the
/// run begins.
pub(super) fn attack(shared: &Arc<Shared>) -> Result<GooseAttack> {
    let failed = |error: GooseError| Error::new("goose cannot be set up").because(error);
    // Goose makes an HTTP client for each user, which takes longer than connecting to a database,
    // unless all share one without cookies. Nobody uses it.
    let client = GooseClientBuilder::new().without_cookies();
    let attack = GooseAttack::initialize_with_config(configuration(shared.plan.users)?)
        .and_then(|attack| attack.set_client_builder_without_cookies(client))
        .map_err(failed)?;
    let numbers = Arc::new(AtomicUsize::new(0));
    let start = Arc::clone(shared);
    let start = Transaction::new(Arc::new(move |user| {
        let (shared, numbers) = (Arc::clone(&start), Arc::clone(&numbers));
        Box::pin(async move { come(user, &shared, &numbers).await })
    }));
    let one = Arc::clone(shared);
    let one = Transaction::new(Arc::new(move |user| {
        let shared = Arc::clone(&one);
        Box::pin(async move { operation(user, &shared).await })
    }));
    let scenario = Scenario::new("shakedown")
        .register_transaction(start.set_on_start())
        .register_transaction(one);
    Ok(attack.register_scenario(scenario))
}

fn configuration(users: usize) -> Result<GooseConfiguration> {
    let users = users.to_string();
    let arguments = [
        // Goose wants an address, and nothing is sent there.
        "--host",
        "http://localhost",
        "--users",
        &users,
        "--increase-rate",
        "100000",
        "--no-telnet",
        "--no-print-metrics",
        "--no-error-summary",
        "--no-transaction-metrics",
        "--no-scenario-metrics",
        "--no-status-codes",
        "--quiet",
    ];
    GooseConfiguration::parse_args_default(&arguments)
        .map_err(|error| Error::new("goose cannot be configured").because(error.to_string()))
}

/// A user comes: it connects if it has a connection of its own, and waits for the others.
async fn come(user: &mut GooseUser, shared: &Shared, numbers: &AtomicUsize) -> TransactionResult {
    let number = numbers.fetch_add(1, Ordering::Relaxed);
    let connection = match &shared.source {
        Source::Own(options) => match sqlx::ConnectOptions::connect(&**options).await {
            Ok(connection) => Some(connection),
            Err(error) => {
                let _ = shared
                    .fatal
                    .set(format!("a user cannot connect: {}", super::keys::told(&error)));
                None
            }
        },
        Source::Pool(_) => None,
    };
    user.set_session_data(Kept(Mutex::new(Session { number, connection })));
    let mut begin = shared.begin.subscribe();
    shared.ready.fetch_add(1, Ordering::Relaxed);
    // An error means that nobody will begin, which the next step notices.
    let _ = begin.wait_for(|begun| *begun).await;
    Ok(())
}

/// One operation, which goose counts too.
async fn operation(user: &mut GooseUser, shared: &Shared) -> TransactionResult {
    let session = user.get_session_data_unchecked_mut::<Kept>();
    let session = session.0.get_mut().unwrap_or_else(PoisonError::into_inner);
    let Some(told) = shared.one(session).await else {
        if shared.is_over() || shared.arrivals.is_none() {
            tokio::time::sleep(IDLE).await;
        }
        return Ok(());
    };
    let name = &shared.compiled.scenario.operations[told.operation].name;
    user.record_custom_request_duration(METHOD, name, told.response, told.succeeded, None, None)
        .await
}

/// How many operations goose counted.
pub(super) fn counted(metrics: &GooseMetrics) -> u64 {
    let one = |request: &goose::metrics::GooseRequestMetricAggregate| {
        request.success_count + request.fail_count
    };
    metrics.requests.values().map(one).sum::<usize>() as u64
}

/// Lets an attack end: its users finish what they are at.
pub(super) fn stop() {
    goose::trigger_killswitch("the run is over");
}
