//! Postgres in a container, through testcontainers.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use rand::distr::{Alphanumeric, SampleString};
use sqlx::Connection;
use sqlx::postgres::PgConnectOptions;
use testcontainers::bollard::Docker;
use testcontainers::bollard::query_parameters::{ListContainersOptions, RemoveContainerOptions};
use testcontainers::core::client::ClientError;
use testcontainers::core::{ContainerPort, Mount};
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, ImageExt, TestcontainersError};
use testcontainers_modules::postgres::Postgres;

use super::process::{PORT_TRIES, free_port};
use super::runs::{self, Note, RunId};
use super::{Guard, Profile, Request, SUPERUSER, Started, open, settings, url};
use crate::error::{Error, Result};

/// The label by which a later start finds what a killed run left.
pub(super) const RUN_LABEL: &str = "shakedown.run";

const PORT: u16 = 5432;
/// Where the official image keeps its data.
const DATA: &str = "/var/lib/postgresql/data";
/// An image that has to be pulled first may take its time.
pub(super) const PATIENCE: Duration = Duration::from_secs(180);

/// A container of ours. Dropping it removes the container.
#[derive(Debug)]
pub(super) struct Running {
    container: ContainerAsync<Postgres>,
    note: Note,
}

impl Running {
    /// Stops Postgres in order and starts it again, with its data and at its address.
    pub(super) async fn restart(
        &self,
        profile: Option<Profile>,
        admin: &PgConnectOptions,
    ) -> Result<()> {
        if profile == Some(Profile::Fast) {
            return Err(Error::new(
                "a container of the fast profile keeps its data in memory, and would lose it in a restart",
            )
            .hint("give it the durable profile, or use `--postgres embedded`"));
        }
        let failed = |error| Error::new("the container cannot be restarted").because(error);
        let patience = i32::try_from(PATIENCE.as_secs()).ok();
        self.container.stop_with_timeout(patience).await.map_err(failed)?;
        self.container.start().await.map_err(failed)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            match open(admin).await {
                Ok(connection) => {
                    let _ = connection.close().await;
                    return Ok(());
                }
                Err(error) if Instant::now() > deadline => return Err(error),
                // The port is there before the server is.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

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

pub(super) async fn start(request: &Request, run: &RunId) -> Result<Started> {
    daemon().await?;
    let image =
        request.image.clone().unwrap_or_else(|| format!("postgres:{}-alpine", request.major));
    let started =
        runs::Started { container: Some(run.as_str().to_owned()), ..runs::Started::default() };
    let note = runs::note(&request.cache, run, &started)?;
    let password = Alphanumeric.sample_string(&mut rand::rng(), 24);
    // The official images have what counts statements.
    let settings = settings::of(request.profile, true);

    let container = run_image(request, run, &image, &password, &settings).await?;
    let lost =
        |error| Error::new(format!("the container of `{image}` cannot be reached")).because(error);
    let port = container.get_host_port_ipv4(PORT).await.map_err(lost)?;
    let host = container.get_host().await.map_err(lost)?.to_string();
    // A name could also stand for an IPv6 address, on which the port need not be published.
    let host = if host == "localhost" { "127.0.0.1" } else { &host };
    let address = url::scratch(host, port, SUPERUSER, &password)?;
    let admin = url::parse(address.as_str())?;
    let running = Running { container, note };
    Ok(Started { address, admin, settings, guard: Guard::Container(Box::new(running)) })
}

/// Starts the container. That of a durable server gets a port which it keeps when it is
/// restarted: Docker would choose another one each time.
async fn run_image(
    request: &Request,
    run: &RunId,
    image: &str,
    password: &str,
    settings: &BTreeMap<String, String>,
) -> Result<ContainerAsync<Postgres>> {
    let (name, tag) = split_image(image);
    let mut tries = 0;
    loop {
        tries += 1;
        // The module's own defaults are an old tag and fsync=off: both are set on purpose here.
        let postgres =
            Postgres::default().with_user(SUPERUSER).with_password(password).with_fsync_enabled();
        let arguments =
            settings.iter().flat_map(|(name, value)| ["-c".to_owned(), format!("{name}={value}")]);
        let mut container = postgres
            .with_name(name)
            .with_tag(tag)
            .with_cmd(arguments)
            .with_label(RUN_LABEL, run.as_str())
            .with_startup_timeout(PATIENCE);
        if request.profile == Profile::Fast {
            container = container.with_mount(Mount::tmpfs_mount(DATA));
        }
        let port = match (request.port, request.profile) {
            (None, Profile::Durable) => Some(free_port()?),
            (wanted, _) => wanted,
        };
        if let Some(port) = port {
            container = container.with_mapped_port(port, ContainerPort::Tcp(PORT));
        }
        match container.start().await {
            Ok(container) => return Ok(container),
            Err(error) if request.port.is_none() && is_taken(&error) && tries < PORT_TRIES => {}
            Err(error) => return Err(explain(image, port, error)),
        }
    }
}

/// Asks whether a Docker daemon answers, so that its absence is told in a sentence and at once.
pub(super) async fn daemon() -> Result<Docker> {
    let absent = |why: String| {
        Error::new(format!("no Docker daemon answers ({why})"))
            .hint("start Docker, set DOCKER_HOST, or use `--postgres embedded`")
    };
    let client = testcontainers::core::client::docker_client_instance()
        .await
        .map_err(|error| absent(root_cause(&error)))?;
    // A socket may be there that nobody serves.
    match tokio::time::timeout(Duration::from_secs(5), client.ping()).await {
        Ok(Ok(_)) => Ok(client),
        Ok(Err(error)) => Err(absent(root_cause(&error))),
        Err(_) => Err(absent("it does not answer".to_owned())),
    }
}

/// The innermost error: the outer ones only say that the client failed.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// `registry:5000/postgres:16` is the name `registry:5000/postgres` with the tag `16`.
pub(super) fn split_image(image: &str) -> (&str, &str) {
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (image, "latest"),
    }
}

/// Whether somebody else has the port that the container was to have.
fn is_taken(error: &TestcontainersError) -> bool {
    let text = error.to_string();
    text.contains("already allocated") || text.contains("address already in use")
}

pub(super) fn explain(image: &str, port: Option<u16>, error: TestcontainersError) -> Error {
    let taken = is_taken(&error);
    if let TestcontainersError::Client(ClientError::PullImage { err, .. }) = error {
        return Error::new(format!("the image `{image}` is not here and cannot be pulled"))
            .because(err)
            .hint("pull it beforehand, name another with `--image`, or use `--postgres embedded`");
    }
    match port {
        Some(port) if taken => Error::new(format!("the port {port} on 127.0.0.1 is taken"))
            .hint("give another one with `--port`, or none for any that is free"),
        _ => Error::new(format!("no container of the image `{image}` can be started"))
            .because(error)
            .hint("try `docker run` with the same image, or use `--postgres embedded`"),
    }
}

/// Removes the containers that a run of this id left.
pub(super) async fn remove_labelled(run: &str) -> Result<()> {
    let client = daemon().await?;
    let failed =
        |error| Error::new("the containers of a killed run cannot be removed").because(error);
    let filters = HashMap::from([("label".to_owned(), vec![format!("{RUN_LABEL}={run}")])]);
    let options = ListContainersOptions { all: true, filters: Some(filters), ..Default::default() };
    for container in client.list_containers(Some(options)).await.map_err(failed)? {
        let options = RemoveContainerOptions { force: true, v: true, ..Default::default() };
        if let Some(id) = container.id {
            client.remove_container(&id, Some(options)).await.map_err(failed)?;
        }
    }
    Ok(())
}
