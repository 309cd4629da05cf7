//! A server that all tests of this binary share, and databases on it.

use std::path::PathBuf;
use std::sync::OnceLock;

use shakedown::database::Databases;
use shakedown::server::{self, Choice, Profile, Request, Server};
use sqlx::postgres::PgConnection;

/// A request for a server in the way that `SHAKEDOWN_POSTGRES` names, else the first that works.
pub(crate) fn request() -> Request {
    let choice = std::env::var("SHAKEDOWN_POSTGRES").ok();
    Request {
        choice: choice.map_or(Choice::Auto, |choice| choice.parse().unwrap()),
        major: 16,
        profile: Profile::Fast,
        image: None,
        archive: None,
        cache: server::default_cache().unwrap(),
        path: server::search_path(),
        port: None,
        neonctl: None,
    }
}

/// The shared server. A process of its own stops it when this one ends.
pub(crate) fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| started(request()))
}

/// A shared server with Postgres's own settings, which counts statements.
pub(crate) fn durable() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| started(Request { profile: Profile::Durable, ..request() }))
}

/// The same for those who count exactly, one after another: whoever else wrote meanwhile, also in
/// another database, would keep old versions of rows from being cleared away.
pub(crate) fn alone() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| started(Request { profile: Profile::Durable, ..request() }))
}

fn started(request: Request) -> Server {
    // Each test has a runtime of its own; the server must outlive that of the first.
    let start = move || block_on(server::start(&request)).expect("no server for the tests");
    std::thread::spawn(start).join().unwrap()
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// An empty scratch database.
pub(crate) struct Scratch {
    databases: Databases<'static>,
    pub(crate) name: String,
}

pub(crate) async fn scratch() -> Scratch {
    let mut databases = Databases::on(server()).await.unwrap();
    let name = databases.create(None).await.unwrap();
    Scratch { databases, name }
}

impl Scratch {
    pub(crate) async fn conn(&self) -> PgConnection {
        self.databases.connect(&self.name).await.unwrap()
    }
}

/// A folder of the repository.
pub(crate) fn repository(folder: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(folder).canonicalize().unwrap()
}
