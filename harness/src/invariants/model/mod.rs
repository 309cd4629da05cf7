//! stub
use super::check::{Options, Verdict};
use super::context::Context;
use super::runner::Runner;
use crate::error::Result;
use std::time::Instant;
pub const ID: &str = "rows-agree-with-model";
pub async fn verdicts(
    _runner: &mut Runner<'_>,
    _context: &Context,
    _options: &Options,
    _deadline: Option<Instant>,
) -> Result<Vec<Verdict>> {
    Ok(Vec::new())
}
