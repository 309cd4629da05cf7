//! The one error type: a sentence that names the thing, and a hint with the way out.

/// Why a job could not be done. What is wrong with a user's project is never an
/// `Error` but a [`shakedown_reports::model::Finding`].
///
/// `Display` is a lower-case sentence that names the thing in backticks.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    message: String,
    hint: Option<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// `message`: a lower-case sentence without a full stop that names the thing in backticks.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, source: None }
    }

    /// Adds what the user can do about it, best with the command to type.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the lower error that led here; it is printed after the message.
    #[must_use]
    pub fn because(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    /// Adds what a server said: its sentence, without the place in Postgres's own source.
    #[must_use]
    pub(crate) fn because_sql(self, error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(database) => self.because(Self::new(database.message())),
            other => self.because(other),
        }
    }

    /// The message and what led to it, in one line.
    pub fn whole(&self) -> String {
        let mut text = self.message.clone();
        let mut source = std::error::Error::source(self);
        while let Some(error) = source {
            text = format!("{text}: {error}");
            source = error.source();
        }
        text
    }

    /// What the user can do about it, if there is something.
    pub fn hint_text(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

#[cfg(feature = "load")]
impl From<shakedown_scenarios::error::Error> for Error {
    fn from(error: shakedown_scenarios::error::Error) -> Self {
        let shakedown_scenarios::error::Error { message, hint, cause } = error;
        Self { message, hint, source: cause }
    }
}
