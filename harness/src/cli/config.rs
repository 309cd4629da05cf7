//! `shakedown.toml`, the environment, and what the flags make of them.

mod scenario;

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use shakedown::catalog::Name;
use shakedown::checks::Declared;
use shakedown::error::{Error, Result};
use shakedown::server::{self, Choice, Profile, Request};
use toml::Spanned;

use super::args::{Deny, Drive, IndexConfig, ServerOptions};
pub(super) use scenario::{Written, read as read_script};

/// The file, as far as it is there.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Config {
    #[serde(default)]
    pub(super) migrations: Migrations,
    #[serde(default)]
    server: Server,
    #[serde(default)]
    pub(super) verify: Verify,
    #[serde(default)]
    pub(super) invariants: Invariants,
    /// As the flags of `shakedown load`.
    #[serde(default)]
    pub(super) load: Drive,
    /// As the flags of `shakedown pool`; what is not said here is as in `load`.
    #[serde(default)]
    pub(super) pool: Drive,
    #[serde(default)]
    pub(super) index: IndexConfig,
    /// By the name of a scenario and of its operations.
    #[serde(default)]
    pub(super) scenario: BTreeMap<String, BTreeMap<String, Written>>,
    /// By the id of a migration: why it cannot be taken back.
    #[serde(default)]
    irreversible: BTreeMap<String, Spanned<String>>,
    /// Where it was read, and its text.
    #[serde(skip)]
    source: Option<(PathBuf, String)>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Migrations {
    /// Relative to the configuration.
    folder: Option<PathBuf>,
    pub(super) format: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Server {
    postgres: Option<String>,
    pg_version: Option<u16>,
    image: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Verify {
    #[serde(default)]
    pub(super) allow: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Invariants {
    pub(super) cases: Option<usize>,
    pub(super) time: Option<String>,
    #[serde(default)]
    pub(super) deny: Vec<Deny>,
    /// By the id of a promise or its first parts: why it need not be kept.
    #[serde(default)]
    allow: BTreeMap<String, Spanned<String>>,
    /// By table: the condition under which a row is live, or `none`.
    #[serde(default)]
    soft_delete: BTreeMap<String, String>,
}

const FILE_NAME: &str = "shakedown.toml";
/// Where migrations are looked for if nobody says.
const DEFAULT_FOLDER: &str = "migrations";

/// Reads the named file, else the nearest `shakedown.toml` from here upwards, else nothing.
pub(super) fn load(named: Option<&Path>) -> Result<Config> {
    let found = match named {
        Some(path) => Some(path.to_owned()),
        None => nearest(),
    };
    let Some(path) = found else { return Ok(Config::default()) };
    let text = std::fs::read_to_string(&path).map_err(|error| {
        Error::new(format!("the configuration `{}` cannot be read", path.display()))
            .because(error)
            .hint("name a file that is there with `--config`, or leave it out")
    })?;
    let mut config: Config = toml::from_str(&text).map_err(|error| {
        // The parser's own words name the line and show it.
        Error::new(format!(
            "the configuration `{}` is not valid: {}",
            path.display(),
            error.to_string().trim_end()
        ))
    })?;
    config.source = Some((path, text));
    Ok(config)
}

fn nearest() -> Option<PathBuf> {
    let here = env::current_dir().ok()?;
    here.ancestors().map(|folder| folder.join(FILE_NAME)).find(|file| file.is_file())
}

impl Config {
    /// The migration folder: that of the command line, else of the file, else `migrations`.
    pub(super) fn folder(&self, given: Option<PathBuf>) -> PathBuf {
        let configured = self.migrations.folder.as_ref().map(|folder| self.home().join(folder));
        given.or(configured).unwrap_or_else(|| PathBuf::from(DEFAULT_FOLDER))
    }

    /// The migrations that are declared irreversible.
    pub(super) fn irreversible(&self) -> Result<BTreeMap<String, Declared>> {
        self.declared(&self.irreversible, |file, id| {
            Error::new(format!("`{file}` declares `{id}` irreversible without a reason"))
                .hint(format!("say why: \"{id}\" = \"the old numbers are gone\""))
        })
    }

    /// The promises that need not be kept.
    pub(super) fn allowed(&self) -> Result<BTreeMap<String, Declared>> {
        self.declared(&self.invariants.allow, |file, id| {
            Error::new(format!("`{file}` allows `{id}` without a reason"))
                .hint(format!("say why: \"{id}\" = \"addresses are lowered by the application\""))
        })
    }

    /// What is declared with a reason, with its line. `without` says that there is none.
    fn declared(
        &self,
        all: &BTreeMap<String, Spanned<String>>,
        without: impl Fn(&str, &str) -> Error,
    ) -> Result<BTreeMap<String, Declared>> {
        let Some((path, text)) = &self.source else { return Ok(BTreeMap::new()) };
        let file = path.display().to_string();
        let one = |(id, reason): (&String, &Spanned<String>)| {
            if reason.get_ref().trim().is_empty() {
                return Err(without(&file, id));
            }
            let line = text[..reason.span().start].matches('\n').count() + 1;
            let reason = reason.get_ref().clone();
            let declared = Declared { reason, file: file.clone(), line: u32::try_from(line).ok() };
            Ok((id.clone(), declared))
        };
        all.iter().map(one).collect()
    }

    /// By table, as the catalog writes its name: the condition under which a row is live.
    pub(super) fn soft_deletes(&self) -> Result<BTreeMap<String, String>> {
        let one = |(table, live): (&String, &String)| {
            let name = table
                .parse::<Name>()
                .map_err(|error| error.hint("name the table with its schema: \"public.users\""))?;
            if live.trim().is_empty() {
                return Err(Error::new(format!("`{table}` has an empty condition for live rows"))
                    .hint(format!("write \"{table}\" = \"deleted_at IS NULL\", or \"none\"")));
            }
            Ok((name.to_string(), live.clone()))
        };
        self.invariants.soft_delete.iter().map(one).collect()
    }

    /// The folder that `shakedown.toml` is in, as the user would type it from here; empty for
    /// this one, which it also is where there is no such file.
    pub(super) fn home(&self) -> PathBuf {
        let parent = self.source.as_ref().and_then(|(file, _)| file.parent());
        let here = env::current_dir().ok();
        let elsewhere = parent.filter(|parent| here.as_deref() != Some(*parent));
        elsewhere.map(Path::to_owned).unwrap_or_default()
    }

    /// The server to use: flags and environment first, then the file, then the defaults.
    pub(super) fn request(&self, options: &ServerOptions, profile: Profile) -> Result<Request> {
        // Parsed here and not by clap, which would repeat an address with its password.
        let choice = options.postgres.as_deref().or(self.server.postgres.as_deref());
        let choice = choice.map(str::parse::<Choice>).transpose()?;
        let major = options.pg_version.or(self.server.pg_version).unwrap_or(16);
        if !(16..=18).contains(&major) {
            return Err(Error::new(format!("PostgreSQL {major} is not supported"))
                .hint("give 16, 17 or 18"));
        }
        Ok(Request {
            choice: choice.unwrap_or(Choice::Auto),
            major,
            profile,
            image: options.image.clone().or_else(|| self.server.image.clone()),
            archive: options.archive.clone(),
            cache: server::default_cache()?,
            path: env::var_os("PATH")
                .map(|path| env::split_paths(&path).collect())
                .unwrap_or_default(),
            port: None,
        })
    }
}
