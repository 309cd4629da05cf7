//! A server that the user runs, given as an address.

use std::str::FromStr;
use std::time::Duration;

use ::url::Url;
use sqlx::postgres::PgConnectOptions;

use crate::error::{Error, Result};

/// Understands the addresses people have at hand: libpq's, and SQLAlchemy's with a driver
/// (`postgresql+asyncpg://...?ssl=require`).
///
/// # Errors
/// When it is no Postgres address; the sentence never shows the password.
pub fn parse(address: &str) -> Result<PgConnectOptions> {
    let url = as_url(address)?;
    let options = PgConnectOptions::from_str(url.as_str())
        .map_err(|error| bad(address, &error.to_string()))?;
    Ok(options.application_name("shakedown"))
}

/// The address without its driver, as a value whose database can be exchanged.
pub(super) fn as_url(address: &str) -> Result<Url> {
    let (scheme, rest) =
        address.split_once("://").ok_or_else(|| bad(address, "it has no `://`"))?;
    let base = scheme.split_once('+').map_or(scheme, |(base, _driver)| base);
    if !matches!(base, "postgres" | "postgresql") {
        return Err(bad(address, &format!("`{scheme}` is another kind of address")));
    }
    // asyncpg calls the same thing `ssl` that libpq calls `sslmode`.
    let rest = rest.replace("?ssl=", "?sslmode=").replace("&ssl=", "&sslmode=");
    let rest =
        rest.replace("sslmode=true", "sslmode=require").replace("sslmode=false", "sslmode=disable");
    Url::parse(&format!("{base}://{rest}")).map_err(|error| bad(address, &error.to_string()))
}

fn bad(address: &str, why: &str) -> Error {
    Error::new(format!("`{}` is no Postgres address: {why}", masked(address)))
        .hint("write it as postgres://user:password@host:5432/database?sslmode=require")
}

/// The address of a scratch server on this machine.
pub(super) fn scratch(host: &str, port: u16, user: &str, password: &str) -> Result<Url> {
    as_url(&format!("postgres://{user}:{password}@{host}:{port}/postgres?sslmode=disable"))
}

/// The address with its password hidden.
pub fn masked(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    // A password may hold what ought to be escaped, so that all up to the last `@` is the login.
    let login_end = rest.rfind('@').unwrap_or(0);
    let authority_end =
        rest[login_end..].find(['/', '?', '#']).map_or(rest.len(), |at| login_end + at);
    let (authority, path) = rest.split_at(authority_end);
    let authority = match authority.rsplit_once('@') {
        Some((login, host)) => match login.split_once(':') {
            Some((user, _password)) => format!("{user}:***@{host}"),
            None => authority.to_owned(),
        },
        None => authority.to_owned(),
    };
    format!("{scheme}://{authority}{}", mask_parameter(path))
}

/// Hides `password=` among the parameters of an address.
fn mask_parameter(path: &str) -> String {
    let Some((before, parameters)) = path.split_once('?') else { return path.to_owned() };
    let parameters: Vec<String> = parameters
        .split('&')
        .map(|parameter| match parameter.split_once('=') {
            Some((name @ ("password" | "sslpassword"), _)) => format!("{name}=***"),
            _ => parameter.to_owned(),
        })
        .collect();
    format!("{before}?{}", parameters.join("&"))
}

/// Where a server is, in backticks.
fn place(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => format!("`{}`", socket.display()),
        None => format!("`{}:{}`", options.get_host(), options.get_port()),
    }
}

/// Something that takes connections and says nothing.
pub(super) fn silent(options: &PgConnectOptions, waited: Duration) -> Error {
    let place = place(options);
    Error::new(format!(
        "what listens at {place} did not answer as a Postgres does within {} s",
        waited.as_secs()
    ))
    .hint("check the host and the port, or leave `--postgres` out to start a scratch server")
}

/// Says in words why a connection could not be opened.
pub(super) fn explain(options: &PgConnectOptions, error: sqlx::Error) -> Error {
    let place = place(options);
    if let sqlx::Error::Database(refusal) = &error {
        let user = options.get_username();
        let hint = match refusal.code().as_deref() {
            Some("28P01" | "28000") => "check the user and the password in the address",
            Some("3D000") => {
                "name a database that exists; Shakedown only connects there to make its own"
            }
            Some("53300") => "raise max_connections, or end sessions that are not needed",
            Some("57P03") => "wait until the server has started",
            _ => "try the same address with psql",
        };
        return Error::new(format!(
            "the server at {place} refused the user `{user}`: {}",
            refusal.message()
        ))
        .hint(hint);
    }
    let unreachable = format!("no Postgres answers at {place}");
    match error {
        sqlx::Error::Io(io) => Error::new(unreachable).because(io).hint(
            "check the host and the port, or leave `--postgres` out to start a scratch server",
        ),
        other => Error::new(unreachable).because(other).hint("try the same address with psql"),
    }
}
