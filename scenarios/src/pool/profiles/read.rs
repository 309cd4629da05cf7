//! Reads the values of settings as people write them in Python, Java and Rust.

use std::collections::BTreeMap;

use super::PoolProfile;
use crate::error::{Error, Result};

/// The settings that were written for a profile.
#[derive(Debug)]
pub(super) struct Written<'a> {
    profile: &'static str,
    settings: &'a BTreeMap<String, String>,
}

impl<'a> Written<'a> {
    /// These settings, all of which the profile must know.
    pub(super) fn new(
        profile: &'static PoolProfile,
        settings: &'a BTreeMap<String, String>,
    ) -> Result<Self> {
        let unknown = settings.keys().find(|name| !profile.settings.contains(&name.as_str()));
        match unknown {
            Some(unknown) => Err(Error::new(format!(
                "`{unknown}` is no setting of the pool profile `{}`",
                profile.name
            ))
            .hint(format!("it has {}", profile.settings.join(", ")))),
            None => Ok(Self { profile: profile.name, settings }),
        }
    }

    /// Whether a setting was written.
    pub(super) fn has(&self, name: &str) -> bool {
        self.settings.contains_key(name)
    }

    /// A setting as it was written, without blanks and quotes.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.settings.get(name).map(|value| value.trim().trim_matches(['"', '\'']))
    }

    /// A whole number, which may be written as `10_000`.
    pub(super) fn integer(&self, name: &str, default: i64) -> Result<i64> {
        let Some(text) = self.text(name) else { return Ok(default) };
        text.replace('_', "").parse().map_err(|_| self.wrong(name, "a whole number"))
    }

    /// A number of connections, at least `least`.
    pub(super) fn connections(&self, name: &str, default: u32, least: u32) -> Result<u32> {
        let wanted = format!("a number of connections, {least} or more");
        let value = self.integer(name, default.into()).map_err(|_| self.wrong(name, &wanted))?;
        u32::try_from(value)
            .ok()
            .filter(|value| *value >= least)
            .ok_or_else(|| self.wrong(name, &wanted))
    }

    /// `True`, `false` and the like.
    pub(super) fn truth(&self, name: &str, default: bool) -> Result<bool> {
        match self.text(name).map(str::to_ascii_lowercase).as_deref() {
            None => Ok(default),
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            Some(_) => Err(self.wrong(name, "true or false")),
        }
    }

    /// Seconds, as Python's libraries take them, in milliseconds; nothing if it is `None` or
    /// negative.
    pub(super) fn seconds(&self, name: &str, default: Option<u64>) -> Result<Option<u64>> {
        let wanted = "a number of seconds";
        match self.text(name) {
            None => Ok(default),
            Some("None") => Ok(None),
            Some(text) => {
                let seconds: f64 = text.parse().map_err(|_| self.wrong(name, wanted))?;
                if seconds < 0.0 {
                    return Ok(None);
                }
                let ms = (seconds * 1000.0).round();
                // A year is longer than any run, and far from what does not fit.
                if ms.is_finite() && ms <= 3.2e10 {
                    Ok(Some(ms as u64))
                } else {
                    Err(self.wrong(name, wanted))
                }
            }
        }
    }

    /// Milliseconds, as HikariCP takes them.
    pub(super) fn milliseconds(&self, name: &str, default: u64) -> Result<u64> {
        let wanted = "a whole number of milliseconds";
        let default = i64::try_from(default).unwrap_or(i64::MAX);
        let value = self.integer(name, default).map_err(|_| self.wrong(name, wanted))?;
        u64::try_from(value).map_err(|_| self.wrong(name, wanted))
    }

    /// A time with its unit, `30s`, `500ms`, `10min`, in milliseconds; nothing if it is `none`.
    pub(super) fn time(&self, name: &str, default: Option<u64>) -> Result<Option<u64>> {
        let Some(text) = self.text(name) else { return Ok(default) };
        if text.eq_ignore_ascii_case("none") {
            return Ok(None);
        }
        let end = text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let unit: Option<u64> = match unit.trim() {
            "ms" => Some(1),
            "" | "s" => Some(1000),
            "m" | "min" => Some(60 * 1000),
            "h" => Some(60 * 60 * 1000),
            _ => None,
        };
        number
            .parse::<u64>()
            .ok()
            .zip(unit)
            .and_then(|(number, unit)| number.checked_mul(unit))
            .map(Some)
            .ok_or_else(|| self.wrong(name, "a time as `30s`, `500ms` or `10min`, or none"))
    }

    /// Says that a value is not what it should be.
    pub(super) fn wrong(&self, name: &str, wanted: &str) -> Error {
        let value = self.text(name).unwrap_or_default();
        Error::new(format!(
            "`{name} = {value}` of the pool profile `{}` is not {wanted}",
            self.profile
        ))
        .hint(format!("write {wanted}"))
    }
}
