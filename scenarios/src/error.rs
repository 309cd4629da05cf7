//! What keeps a load from being run.

/// What was wrong, as a lower-case sentence that names the thing in backticks, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// The sentence.
    pub message: String,
    /// What to do about it, best as the command to type.
    pub hint: Option<String>,
    /// What a library said.
    #[source]
    pub cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// A result whose error says why the job could not be done.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error with this sentence.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, cause: None }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says what it comes from.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }
}
