//! What a PgBouncer reads when it starts.

use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;
use sqlx::postgres::PgSslMode;

use super::{Mode, PID_FILE, USER, Wanted};
use crate::error::{Error, Result};
use crate::server::Server;

/// What it must not pass on to the server, and may not refuse: drivers set these when they
/// connect.
const IGNORED: &str = "extra_float_digits, options, statement_timeout, lock_timeout";

/// What Postgres documents as the parts of `DISCARD ALL`, which is PgBouncer's own choice. That
/// also takes back the timeout and, unlike its parts, cannot be sent together with another
/// statement.
const DISCARD_ALL: &str = "CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; \
    DEALLOCATE ALL; UNLISTEN *; SELECT pg_catalog.pg_advisory_unlock_all(); DISCARD PLANS; \
    DISCARD TEMP; DISCARD SEQUENCES";

/// The database behind it, and how to get there.
#[derive(Debug)]
pub(super) struct Target {
    host: String,
    port: u16,
    user: String,
    password: Option<String>,
    database: String,
    tls: &'static str,
    /// The certificates to trust, where the server's is to be verified.
    pub(super) roots: Option<PathBuf>,
}

impl Target {
    pub(super) fn of(server: &Server, database: &str) -> Result<Self> {
        let options = server.options(database)?;
        let parameter = |wanted: &str| {
            let mut parameters = server.address.query_pairs();
            parameters.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
        };
        let password = match server.address.password() {
            Some(escaped) => Some(percent_decode_str(escaped).decode_utf8_lossy().into_owned()),
            None => parameter("password"),
        };
        let tls = match options.get_ssl_mode() {
            PgSslMode::Disable => "disable",
            PgSslMode::Allow => "allow",
            PgSslMode::Prefer => "prefer",
            PgSslMode::Require => "require",
            PgSslMode::VerifyCa => "verify-ca",
            PgSslMode::VerifyFull => "verify-full",
        };
        let roots = parameter("sslrootcert").map(PathBuf::from);
        if tls.starts_with("verify") && roots.is_none() {
            return Err(Error::new(format!(
                "PgBouncer needs to know which certificates to trust for `sslmode={tls}`"
            ))
            .hint(
                "add them to the address, as in `&sslrootcert=/etc/ssl/certs/ca-certificates.crt`",
            ));
        }
        let host = match options.get_socket() {
            Some(folder) => folder.to_string_lossy().into_owned(),
            None => options.get_host().to_owned(),
        };
        Ok(Self {
            host,
            port: options.get_port(),
            user: options.get_username().to_owned(),
            password,
            database: database.to_owned(),
            tls,
            roots,
        })
    }
}

/// All that its files say, but for where they lie.
#[derive(Debug)]
pub(super) struct Config<'a> {
    pub(super) target: &'a Target,
    pub(super) wanted: &'a Wanted,
    /// What its clients prove themselves by.
    pub(super) password: &'a str,
}

impl Config<'_> {
    /// The main file, for a PgBouncer whose files are in `folder` and that listens on `port` of
    /// loopback.
    pub(super) fn text(&self, folder: &Path, port: u16) -> String {
        let Self { target, wanted, .. } = self;
        let file = |name: &str| folder.join(name).display().to_string();
        let timeout = format!("SET statement_timeout = {}", wanted.statement_timeout.as_millis());
        let password = target.password.as_deref();
        let password =
            password.map(|password| format!(" password={}", quoted(password))).unwrap_or_default();
        let mut lines = vec![
            "[databases]".to_owned(),
            // Whatever a client calls it, since not every name can be written here.
            format!(
                "* = host={} port={} dbname={} user={}{password} connect_query={}",
                quoted(&target.host),
                target.port,
                quoted(&target.database),
                quoted(&target.user),
                quoted(&timeout),
            ),
            "[pgbouncer]".to_owned(),
            "listen_addr = 127.0.0.1".to_owned(),
            format!("listen_port = {port}"),
            "unix_socket_dir =".to_owned(),
            // SCRAM would take its one thread 9 ms for each login, unless it is given a secret
            // in place of the password; with that, 1.18 logs in to the server with the client's
            // keys, which are not the server's.
            "auth_type = md5".to_owned(),
            format!("auth_file = {}", file(USERS_FILE)),
            format!("admin_users = {USER}"),
            format!("pidfile = {}", file(PID_FILE)),
            format!("pool_mode = {}", wanted.mode),
            format!("default_pool_size = {}", wanted.pool_size),
            format!("max_client_conn = {}", wanted.max_client_conn),
            // A line for each would be most of its work when many connect at once.
            "log_connections = 0".to_owned(),
            "log_disconnections = 0".to_owned(),
            format!("ignore_startup_parameters = {IGNORED}"),
            format!("server_tls_sslmode = {}", target.tls),
        ];
        if target.roots.is_some() {
            lines.push(format!("server_tls_ca_file = {}", file(ROOTS_FILE)));
        }
        if wanted.mode == Mode::Session {
            lines.push(format!("server_reset_query = {DISCARD_ALL}; {timeout}"));
        }
        lines.join("\n") + "\n"
    }

    /// The file with its users.
    pub(super) fn users(&self) -> String {
        format!("\"{USER}\" \"{}\"\n", self.password)
    }

    /// The certificates to trust, if any are named.
    pub(super) fn roots(&self) -> Result<Option<Vec<u8>>> {
        let Some(file) = &self.target.roots else { return Ok(None) };
        std::fs::read(file).map(Some).map_err(|error| {
            Error::new(format!("the certificates in `{}` cannot be read", file.display()))
                .because(error)
                .hint("check `sslrootcert` in the address")
        })
    }
}

/// The names of its files.
pub(super) const MAIN_FILE: &str = "pgbouncer.ini";
pub(super) const USERS_FILE: &str = "users.txt";
pub(super) const ROOTS_FILE: &str = "roots.pem";

/// A value of a database's line.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}
