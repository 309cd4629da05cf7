//! PgBouncer in a container that shares this machine's network, so that it reaches a server on
//! loopback and is reached there.

use std::path::Path;
use std::time::{Duration, Instant};

use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, CopyTargetOptions, GenericImage, ImageExt};
use tokio::net::TcpStream;

use super::config::{Config, MAIN_FILE, ROOTS_FILE, USERS_FILE};
use super::{Guard, Started};
use crate::error::{Error, Result};
use crate::server::container::{PATIENCE, RUN_LABEL, daemon, explain, split_image};
use crate::server::process::{PORT_TRIES, free_port, last_lines};
use crate::server::runs::{self, Note, RunId};

/// The image, unless another is named.
pub(super) const IMAGE: &str = "edoburu/pgbouncer:latest";

/// Where its files go; the names that images use themselves may be folders there.
const FOLDER: &str = "/tmp";
/// Neither root, as which PgBouncer refuses to run, nor anybody else whom an image knows.
const NOBODY: &str = "65534:65534";
/// A PgBouncer that does not listen by then is given up.
const PATIENCE_TO_LISTEN: Duration = Duration::from_secs(15);

/// A container of ours. Dropping it removes the container.
#[derive(Debug)]
pub(super) struct Running {
    container: ContainerAsync<GenericImage>,
    note: Note,
}

impl Running {
    /// Removes the container, and the note on it only if that worked.
    pub(super) async fn stop(self) -> Result<()> {
        self.container
            .rm()
            .await
            .map_err(|error| Error::new("the container cannot be removed").because(error))?;
        self.note.remove();
        Ok(())
    }
}

pub(super) async fn start(image: &str, config: &Config<'_>, cache: &Path) -> Result<Started> {
    daemon().await?;
    let run = RunId::new();
    let started =
        runs::Started { container: Some(run.as_str().to_owned()), ..runs::Started::default() };
    let note = runs::note(cache, &run, &started)?;
    let (name, tag) = split_image(image);
    let mut tries = 0;
    loop {
        tries += 1;
        let port = free_port()?;
        let place = |name: &str| {
            // Everybody in the container may read it; nobody else is in there.
            CopyTargetOptions::new(format!("{FOLDER}/{name}")).with_mode(0o644)
        };
        let main = config.text(Path::new(FOLDER), port);
        let mut request = GenericImage::new(name, tag)
            .with_entrypoint("pgbouncer")
            .with_cmd([format!("{FOLDER}/{MAIN_FILE}")])
            .with_user(NOBODY)
            .with_network("host")
            .with_label(RUN_LABEL, run.as_str())
            .with_startup_timeout(PATIENCE)
            .with_copy_to(place(MAIN_FILE), main.into_bytes())
            .with_copy_to(place(USERS_FILE), config.users().into_bytes());
        if let Some(roots) = config.roots()? {
            request = request.with_copy_to(place(ROOTS_FILE), roots);
        }
        let container = request.start().await.map_err(|error| explain(image, None, error))?;
        match wait_until_it_listens(&container, port).await {
            Ok(()) => {
                let running = Running { container, note };
                return Ok(Started { port, guard: Guard::Container(Box::new(running)) });
            }
            Err(log) if log.contains("in use") && tries < PORT_TRIES => {}
            Err(log) => return Err(failed(image, &log)),
        }
    }
}

/// Its log is the error.
async fn wait_until_it_listens(
    container: &ContainerAsync<GenericImage>,
    port: u16,
) -> Result<(), String> {
    let deadline = Instant::now() + PATIENCE_TO_LISTEN;
    loop {
        let runs = container.is_running().await.unwrap_or(false);
        if runs && TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return Ok(());
        }
        if !runs || Instant::now() > deadline {
            let log = container.stderr_to_vec().await.unwrap_or_default();
            return Err(String::from_utf8_lossy(&log).into_owned());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn failed(image: &str, log: &str) -> Error {
    Error::new(format!(
        "PgBouncer in a container of `{image}` does not listen on this machine's loopback: its \
         container shares the network of the machine that runs Docker, which must be this one \
         (Docker Desktop runs another inside); its log ends with: {}",
        last_lines(log)
    ))
}
