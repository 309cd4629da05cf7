//! Ctrl-C and its like.

use shakedown::error::Error;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The wishes of the user and the system that the program stop. It listens from the moment
/// it is made, so that none is lost between two parts of the work.
#[derive(Debug)]
pub(super) struct Signals {
    listened: Vec<Signal>,
    /// Whether somebody was told of one.
    stopped: bool,
}

impl Signals {
    pub(super) fn listen() -> Self {
        // goose installs a handler through this crate that takes all others away, unless there
        // is one already. Ours come after it and leave it in place.
        let _ = ctrlc::set_handler(|| {});
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let listened = kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect();
        Self { listened, stopped: false }
    }

    /// Whether the program was asked to stop, and [`Self::interrupted`] said so.
    pub(super) fn stopped(&self) -> bool {
        self.stopped
    }

    /// Ends when the program is asked to stop, with the error that says so.
    pub(super) async fn interrupted(&mut self) -> Error {
        std::future::poll_fn(|context| {
            let caught =
                self.listened.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
            if caught { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
        self.stopped = true;
        Error::new("interrupted; what was started has been stopped")
    }
}
