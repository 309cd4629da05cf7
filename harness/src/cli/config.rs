//! `shakedown.toml`, the environment, and what the flags make of them.

mod scenario;

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;
use shakedown::catalog::Name;
use shakedown::checks::Declared;
use shakedown::error::{Error, Result};
use shakedown::server::{self, Choice, Profile, Request};
use toml::Spanned;

use super::args::{Deny, Drive, GateConfig, IndexConfig, RunConfig, ServerOptions};
pub(super) use scenario::{Written, read as read_script};

/// What Shakedown knows of a project. Everything may be left out; flags and environment come first.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "shakedown.toml")]
pub(super) struct Config {
    /// Where the migrations are.
    #[serde(default)]
    pub(super) migrations: Migrations,
    /// Where Postgres comes from.
    #[serde(default)]
    server: Server,
    /// For `shakedown verify`.
    #[serde(default)]
    pub(super) verify: Verify,
    /// For `shakedown invariants`.
    #[serde(default)]
    pub(super) invariants: Invariants,
    /// As the flags of `shakedown load`.
    #[serde(default)]
    pub(super) load: Drive,
    /// As the flags of `shakedown pool`; what is not said here is as in `load`.
    #[serde(default)]
    pub(super) pool: Drive,
    /// For `shakedown index`.
    #[serde(default)]
    pub(super) index: IndexConfig,
    /// For `shakedown gate`.
    #[serde(default)]
    pub(super) gate: GateConfig,
    /// For `shakedown run`.
    #[serde(default)]
    pub(super) run: RunConfig,
    /// By the name of a scenario and of its operations.
    #[serde(default)]
    pub(super) scenario: BTreeMap<String, BTreeMap<String, Written>>,
    /// By the id of a migration: why it cannot be taken back.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    irreversible: BTreeMap<String, Spanned<String>>,
    /// Where it was read, and its text.
    #[serde(skip)]
    source: Option<(PathBuf, String)>,
}

/// Where the migrations are.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Migrations {
    /// The folder that holds them, relative to this file [default: migrations].
    folder: Option<PathBuf>,
    /// What they are written in, if that is in doubt: sqlx, golang-migrate, dbmate, goose, diesel,
    /// maragudk-migrate or plain.
    pub(super) format: Option<String>,
}

/// Where Postgres comes from.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Server {
    /// auto, container, embedded, local, a postgres:// address, or neon:<project>/<branch> for a
    /// branch of that branch of Neon [default: auto].
    postgres: Option<String>,
    /// The major version of a server that is started [default: 16].
    #[schemars(range(min = 16, max = 18))]
    pg_version: Option<u16>,
    /// The image for a container [default: postgres:<MAJOR>-alpine].
    image: Option<String>,
}

/// For `shakedown verify`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Verify {
    /// The rules whose findings are counted, but fail nothing.
    #[serde(default)]
    pub(super) allow: Vec<String>,
}

/// For `shakedown invariants`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Invariants {
    /// Generated cases for each table, besides the fixed ones [default: 1000].
    pub(super) cases: Option<usize>,
    /// How long all of it may take: 30s, 5m, 1h30m.
    pub(super) time: Option<String>,
    /// What fails a run that does not by itself.
    #[serde(default)]
    pub(super) deny: Vec<Deny>,
    /// By the id of a promise or its first parts: why it need not be kept.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    allow: BTreeMap<String, Spanned<String>>,
    /// By table: the condition under which a row is live, or `none`.
    #[serde(default)]
    soft_delete: BTreeMap<String, String>,
}

const FILE_NAME: &str = "shakedown.toml";
/// Where migrations are looked for if nobody says.
const DEFAULT_FOLDER: &str = "migrations";

/// The JSON schema of `shakedown.toml`, as committed in `docs/schema/shakedown.json`.
pub(super) fn schema() -> serde_json::Value {
    schemars::schema_for!(Config).to_value()
}

/// Sees that the server may hold a database of the user.
pub(super) fn holds(request: &Request, database: &str) -> Result<()> {
    if request.choice.holds_data() {
        return Ok(());
    }
    Err(Error::new(format!(
        "`--database {database}` needs the address of the server that it is on"
    ))
    .hint(format!("--postgres postgres://postgres@localhost/postgres --database {database}")))
}

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
        self.known_folder(given).unwrap_or_else(|| PathBuf::from(DEFAULT_FOLDER))
    }

    /// The same, unless nobody named one and there is no `migrations`.
    pub(super) fn known_folder(&self, given: Option<PathBuf>) -> Option<PathBuf> {
        let configured = self.migrations.folder.as_ref().map(|folder| self.home().join(folder));
        let usual = || Some(PathBuf::from(DEFAULT_FOLDER)).filter(|usual| usual.is_dir());
        given.or(configured).or_else(usual)
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

    /// Where it was read, if it was.
    pub(super) fn file(&self) -> Option<&Path> {
        self.source.as_ref().map(|(file, _)| file.as_path())
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
            neonctl: options.neonctl.clone(),
        })
    }
}
