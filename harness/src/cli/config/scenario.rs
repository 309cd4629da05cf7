//! Scenarios that are written in `shakedown.toml`.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;
use shakedown::error::{Error, Result};
use shakedown_scenarios::{Operation, Scenario, script};

use super::Config;

/// An operation of a scenario: a script of pgbench, written here or in a file.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    /// How often it is done, in relation to the others.
    #[serde(default = "one")]
    weight: u32,
    /// How often a transaction is tried that fails with 40001 or 40P01.
    max_tries: Option<u32>,
    /// The script itself.
    sql: Option<String>,
    /// A file with the script, relative to the configuration.
    file: Option<PathBuf>,
}

fn one() -> u32 {
    1
}

impl Config {
    /// The scenario of that name, if one is written here.
    pub(in crate::cli) fn written(&self, name: &str, tries: u32) -> Option<Result<Scenario>> {
        let operations = self.scenario.get(name)?;
        let one = |(operation, written): (&String, &Written)| {
            self.operation(name, operation, written, tries)
        };
        let operations: Result<Vec<Operation>> = operations.iter().map(one).collect();
        let file = self.source.as_ref().map(|(path, _)| path.display().to_string());
        Some(operations.map(|operations| Scenario {
            name: name.to_owned(),
            origin: format!("written in {}", file.unwrap_or_default()),
            operations,
        }))
    }

    fn operation(
        &self,
        scenario: &str,
        name: &str,
        written: &Written,
        tries: u32,
    ) -> Result<Operation> {
        let place = format!("[scenario.{scenario}.{name}]");
        let (text, file) = match (&written.sql, &written.file) {
            (Some(sql), None) => (sql.clone(), place),
            (None, Some(file)) => {
                let path = self.home().join(file);
                (read(&path)?, path.display().to_string())
            }
            _ => {
                return Err(Error::new(format!("`{place}` needs a script, in one place"))
                    .hint("give either sql = \"\"\" ... \"\"\" or file = \"script.sql\""));
            }
        };
        let tries = written.max_tries.unwrap_or(tries);
        Ok(script::read(name, written.weight, tries, &file, &text)?)
    }
}

/// A script in a file.
pub(in crate::cli) fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| {
        Error::new(format!("the script `{}` cannot be read", path.display()))
            .because(error)
            .hint("name a file with SQL and pgbench's metacommands")
    })
}
