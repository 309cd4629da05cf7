//! Postgres in a container, through testcontainers.

use std::collections::HashMap;
use std::time::Duration;

use rand::distr::{Alphanumeric, SampleString};
use testcontainers::bollard::Docker;
use testcontainers::bollard::query_parameters::{ListContainersOptions, RemoveContainerOptions};
use testcontainers::core::client::ClientError;
use testcontainers::core::{ContainerPort, Mount};
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, ImageExt, TestcontainersError};
use testcontainers_modules::postgres::Postgres;

use super::runs::{self, Note, RunId};
use super::{Guard, Profile, Request, SUPERUSER, Started, settings, url};
use crate::error::{Error, Result};

/// The label by which a later start finds what a killed run left.
const RUN_LABEL: &str = "shakedown.run";

const PORT: u16 = 5432;
/// Where the official image keeps its data.
const DATA: &str = "/var/lib/postgresql/data";
/// An image that has to be pulled first may take its time.
const PATIENCE: Duration = Duration::from_secs(180);

/// A container of ours. Dropping it removes the container.
#[derive(Debug)]
pub(super) struct Running {
    container: ContainerAsync<Postgres>,
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

pub(super) async fn start(request: &Request, run: &RunId) -> Result<Started> {
    daemon().await?;
    let image =
        request.image.clone().unwrap_or_else(|| format!("postgres:{}-alpine", request.major));
    let (name, tag) = split_image(&image);
    let started = runs::Started { folder: None, container: Some(run.as_str().to_owned()) };
    let note = runs::note(&request.cache, run, &started)?;
    let password = Alphanumeric.sample_string(&mut rand::rng(), 24);
    let settings = settings::of(request.profile);

    // The module's own defaults are an old tag and fsync=off: both are set on purpose here.
    let postgres =
        Postgres::default().with_user(SUPERUSER).with_password(&password).with_fsync_enabled();
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
    if let Some(port) = request.port {
        container = container.with_mapped_port(port, ContainerPort::Tcp(PORT));
    }
    let container =
        container.start().await.map_err(|error| explain(&image, request.port, error))?;
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

/// Asks whether a Docker daemon answers, so that its absence is told in a sentence and at once.
async fn daemon() -> Result<Docker> {
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
fn split_image(image: &str) -> (&str, &str) {
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (image, "latest"),
    }
}

fn explain(image: &str, port: Option<u16>, error: TestcontainersError) -> Error {
    let text = error.to_string();
    if let TestcontainersError::Client(ClientError::PullImage { err, .. }) = error {
        return Error::new(format!("the image `{image}` is not here and cannot be pulled"))
            .because(err)
            .hint("pull it beforehand, name another with `--image`, or use `--postgres embedded`");
    }
    match port {
        Some(port)
            if text.contains("already allocated") || text.contains("address already in use") =>
        {
            Error::new(format!("the port {port} on 127.0.0.1 is taken"))
                .hint("give another one with `--port`, or none for any that is free")
        }
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
