//! Stands in for containers where the library is built without the feature `container`.

use std::path::Path;

use super::Started;
use super::config::Config;
use crate::error::{Error, Result};

pub(super) const IMAGE: &str = "";

pub(super) async fn start(_: &str, _: &Config<'_>, _: &Path) -> Result<Started> {
    Err(Error::new("this build of shakedown has no containers")
        .hint("build it with the feature `container`"))
}
