//! A branch of a Neon project: a copy of the data of production that is made for one run, and
//! deleted when it ends in whatever way.
//!
//! All is asked of Neon's own program, `neonctl`, which brings its own key: `NEON_API_KEY`, or
//! what `neonctl auth` keeps.

mod branch;
mod cli;

use std::str::FromStr;
use std::time::Duration;

use ::url::Url;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::runs::RunId;
use super::{Request, open, parse_url};
use crate::error::{Error, Result};
pub(super) use branch::{Branch, Mark};
use cli::Neonctl;

/// A branch outlives its run only where nobody could delete it. Neon does so itself after this
/// time, which no run takes.
const EXPIRES_AFTER: SignedDuration = SignedDuration::from_hours(12);

/// How long the compute of a new branch may take to start.
const STARTING: Duration = Duration::from_secs(60);

/// What to make a branch of, as `neon:<project>[/<branch>][?role=<name>&database=<name>]` says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Neon {
    /// The id of the project: `solitary-leaf-288182`.
    pub project: String,
    /// The branch whose data is copied, by its name or id; nothing for the default branch.
    pub parent: Option<String>,
    /// Who connects; needed where the branch has several roles.
    pub role: Option<String>,
    /// Where they connect to; needed where the branch has several databases.
    pub database: Option<String>,
}

const FORM: &str = "write it as neon:<project>, neon:<project>/<branch> or \
                    neon:<project>/<branch>?role=<name>&database=<name>";

impl FromStr for Neon {
    type Err = Error;

    /// Reads what follows `neon:`.
    fn from_str(text: &str) -> Result<Self> {
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let (project, parent) = path.split_once('/').unwrap_or((path, ""));
        let is_id = |text: &str| {
            text.starts_with(|first: char| first.is_ascii_alphanumeric())
                && text.chars().all(|one| one.is_ascii_alphanumeric() || one == '-')
        };
        if !is_id(project) {
            return Err(Error::new(format!("`neon:{text}` names no project of Neon"))
                .hint(format!("{FORM}; `neonctl projects list` shows the ids of projects")));
        }
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let mut neon =
            Self { project: project.to_owned(), parent: some(parent), ..Self::default() };
        for (name, value) in ::url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "role" => neon.role = some(&value),
                "database" => neon.database = some(&value),
                other => {
                    return Err(Error::new(format!(
                        "`neon:{text}` has `{other}`, which means nothing"
                    ))
                    .hint(FORM));
                }
            }
        }
        Ok(neon)
    }
}

/// A branch that takes connections.
pub(super) struct Started {
    /// Where it is, with the password.
    pub(super) direct: Url,
    /// The same behind Neon's pooler, a PgBouncer in transaction mode.
    pub(super) pooled: Url,
    pub(super) branch: Branch,
}

/// Makes a branch for this run, and waits until it takes connections.
pub(super) async fn start(wanted: &Neon, request: &Request, run: &RunId) -> Result<Started> {
    let neonctl = Neonctl {
        program: cli::find(request.neonctl.as_deref(), &request.path)?,
        project: wanted.project.clone(),
    };
    let expires = Timestamp::from_second((Timestamp::now() + EXPIRES_AFTER).as_second())
        .map_err(|error| Error::new("the clock of this machine is wrong").because(error))?;
    let mark = Mark { name: format!("shakedown-{}", run.as_str()), expires, neonctl };
    let branch = Branch::create(mark, wanted.parent.as_deref(), run, &request.cache).await?;
    let direct = branch.address(wanted, false).await?;
    let pooled = branch.address(wanted, true).await?;
    reach(&direct).await?;
    Ok(Started { direct, pooled, branch })
}

/// Waits until the compute takes connections.
async fn reach(address: &Url) -> Result<()> {
    let options = parse_url(address.as_str())?;
    let deadline = Instant::now() + STARTING;
    loop {
        match open(&options).await {
            Ok(_) => return Ok(()),
            Err(error) if Instant::now() > deadline => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
        }
    }
}
