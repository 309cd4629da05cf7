//! Stands in for containers where the library is built without the feature `container`.

use super::runs::RunId;
use super::{Request, Started};
use crate::error::{Error, Result};

pub(super) async fn start(_: &Request, _: &RunId) -> Result<Started> {
    Err(Error::new("this build of shakedown has no containers")
        .hint("build it with the feature `container`"))
}

pub(super) async fn remove_labelled(_: &str) -> Result<()> {
    Err(Error::new("this build of shakedown has no containers"))
}
