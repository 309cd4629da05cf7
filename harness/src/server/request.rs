//! What a user asks for: which server, in which version, and how.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::neon::Neon;
use super::settings::Profile;
use super::url::parse as parse_url;
use crate::error::{Error, Result};

/// Which server to use and how.
#[derive(Debug, Clone)]
pub struct Request {
    pub choice: Choice,
    /// The major version: 16, 17 or 18. A server of the user's may be newer.
    pub major: u16,
    pub profile: Profile,
    /// The image for a container, instead of `postgres:<major>-alpine`.
    pub image: Option<String>,
    /// A Postgres archive to install from, instead of a download.
    pub archive: Option<PathBuf>,
    /// Where downloads, prepared data folders and the notes on running servers are kept.
    pub cache: PathBuf,
    /// Where installed programs are looked for, as PATH has it.
    pub path: Vec<PathBuf>,
    /// The port on loopback; nothing for any that is free.
    pub port: Option<u16>,
    /// Neon's own program, instead of the `neonctl` in `path`.
    pub neonctl: Option<PathBuf>,
}

/// The ways of coming by a server, as `--postgres` takes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// A container if a daemon can run one, else an installed Postgres, else an embedded one.
    Auto,
    Container,
    Embedded,
    Local,
    /// A server that the user runs, as a `postgres://` address.
    Url(String),
    /// A branch of a project of Neon, as `neon:<project>/<branch>`.
    Neon(Neon),
}

impl Choice {
    /// Whether the server holds databases of the user.
    pub fn holds_data(&self) -> bool {
        matches!(self, Self::Url(_) | Self::Neon(_))
    }
}

impl FromStr for Choice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "auto" => Ok(Self::Auto),
            "container" => Ok(Self::Container),
            "embedded" => Ok(Self::Embedded),
            "local" => Ok(Self::Local),
            branch if branch.starts_with("neon:") && !branch.starts_with("neon://") => {
                Ok(Self::Neon(branch["neon:".len()..].parse()?))
            }
            address if address.contains("://") => {
                parse_url(address)?;
                Ok(Self::Url(address.to_owned()))
            }
            // What holds an `@` may hold a password.
            other if other.contains('@') => Err(Error::new("that is no way to a Postgres server")
                .hint("an address begins with `postgres://`")),
            other => Err(Error::new(format!("`{other}` is no way to a Postgres server"))
                .hint("give auto, container, embedded, local, neon:<project> or an address such as postgres://user@host/db")),
        }
    }
}

/// How a server was come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Container,
    Embedded,
    Local,
    Url,
    Neon,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Container => "container",
            Self::Embedded => "embedded",
            Self::Local => "local",
            Self::Url => "url",
            Self::Neon => "neon",
        })
    }
}
