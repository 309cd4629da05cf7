//! The stages of one acquire. sqlx runs its callbacks in the task that waits, so that they can
//! leave marks there.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// How long each stage took; nothing for those that there were not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Stages {
    pub(super) permit: Duration,
    pub(super) connect: Option<Duration>,
    pub(super) validate: Option<Duration>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Marks {
    /// When an idle connection was found.
    found: Option<Instant>,
    /// When it had been tried.
    tried: Option<Instant>,
    /// Whether a new one was opened.
    opened: bool,
}

tokio::task_local! {
    static MARKS: Cell<Marks>;
}

/// An idle connection was found, and is about to be looked at.
pub(super) fn found() {
    mark(|marks| marks.found = Some(Instant::now()));
}

/// The connection was tried.
pub(super) fn tried() {
    mark(|marks| marks.tried = Some(Instant::now()));
}

/// A connection was opened.
pub(super) fn opened() {
    mark(|marks| marks.opened = true);
}

fn mark(set: impl FnOnce(&mut Marks)) {
    // Nobody waits where sqlx looks after its connections by itself.
    let _ = MARKS.try_with(|cell| {
        let mut marks = cell.get();
        set(&mut marks);
        cell.set(marks);
    });
}

/// Runs sqlx's acquire, for which there is a permit, and parts the time since `asked`.
pub(super) async fn timed<T, E>(
    asked: Instant,
    acquire: impl Future<Output = Result<T, E>>,
) -> (Result<T, E>, Stages) {
    let permitted = Instant::now();
    MARKS
        .scope(Cell::new(Marks::default()), async {
            let acquired = acquire.await;
            let marks = MARKS.with(Cell::get);
            (acquired, parted(asked, permitted, Instant::now(), marks))
        })
        .await
}

/// What follows the permit is looking for an idle connection, trying it, and opening another if
/// there is none that is good enough.
fn parted(asked: Instant, permitted: Instant, done: Instant, marks: Marks) -> Stages {
    let looked = marks.tried.or(marks.found).unwrap_or(permitted);
    let rest = done - looked;
    // sqlx may make one wait once more, while it opens connections ahead.
    let permit = marks.found.unwrap_or(permitted) - asked;
    Stages {
        permit: if marks.opened { permit } else { permit + rest },
        connect: marks.opened.then_some(rest),
        validate: marks.found.zip(marks.tried).map(|(found, tried)| tried - found),
    }
}
