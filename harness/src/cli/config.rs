//! `shakedown.toml`, the environment, and what the flags make of them.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use shakedown::checks::Declared;
use shakedown::error::{Error, Result};
use shakedown::server::{self, Choice, Profile, Request};
use toml::Spanned;

use super::args::ServerOptions;

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
        let configured =
            self.source.as_ref().zip(self.migrations.folder.as_ref()).map(|((file, _), folder)| {
                // Shown as the user would type it from here where the file is here.
                match file.parent() {
                    Some(parent) if env::current_dir().is_ok_and(|here| here == parent) => {
                        folder.clone()
                    }
                    Some(parent) => parent.join(folder),
                    None => folder.clone(),
                }
            });
        given.or(configured).unwrap_or_else(|| PathBuf::from(DEFAULT_FOLDER))
    }

    /// The migrations that are declared irreversible.
    pub(super) fn irreversible(&self) -> Result<BTreeMap<String, Declared>> {
        let Some((path, text)) = &self.source else { return Ok(BTreeMap::new()) };
        let mut all = BTreeMap::new();
        for (id, reason) in &self.irreversible {
            if reason.get_ref().trim().is_empty() {
                return Err(Error::new(format!(
                    "`{}` declares `{id}` irreversible without a reason",
                    path.display()
                ))
                .hint(format!("say why: \"{id}\" = \"the old numbers are gone\"")));
            }
            let line = text[..reason.span().start].matches('\n').count() + 1;
            let declared = Declared {
                reason: reason.get_ref().clone(),
                file: path.display().to_string(),
                line: u32::try_from(line).ok(),
            };
            all.insert(id.clone(), declared);
        }
        Ok(all)
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
