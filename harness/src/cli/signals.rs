//! Ctrl-C and its like.

use shakedown::error::Error;
use tokio::signal::unix::{SignalKind, signal};

/// Ends when the user or the system asks the program to stop, with the error that says so.
pub(super) async fn interrupted() -> Error {
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let mut signals: Vec<_> = kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect();
    std::future::poll_fn(|context| {
        let caught = signals.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
        if caught { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    Error::new("interrupted; everything that was started has been stopped")
}
