//! A stand-in for the few calls of Neon's API that `neonctl` makes for us. It listens on loopback
//! and knows one project with one branch, `main`; the others are those that it is asked to make.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

pub(super) const KEY: &str = "napi_standin0123456789";
/// The host of each branch, whose pooler is at `ep-quiet-sun-1-pooler.neon.example`.
pub(super) const HOST: &str = "ep-quiet-sun-1.neon.example";

/// What it was told, and what it tells.
pub(super) struct Service {
    pub(super) address: String,
    state: Arc<Mutex<State>>,
}

struct State {
    role: String,
    password: String,
    branches: BTreeMap<String, Value>,
    calls: Vec<String>,
}

impl Service {
    /// Its branches have one role with this password, and one database, `postgres`.
    pub(super) fn start(role: &str, password: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let main = json!({"id": "br-main-1", "name": "main", "default": true});
        let state = Arc::new(Mutex::new(State {
            role: role.to_owned(),
            password: password.to_owned(),
            branches: BTreeMap::from([("br-main-1".to_owned(), main)]),
            calls: Vec::new(),
        }));
        let shared = Arc::clone(&state);
        // It ends with the process.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(&stream, &shared);
            }
        });
        Self { address, state }
    }

    pub(super) fn calls(&self) -> Vec<String> {
        self.state.lock().unwrap().calls.clone()
    }

    /// The names of the branches that are there.
    pub(super) fn branches(&self) -> Vec<String> {
        let state = self.state.lock().unwrap();
        let names = state.branches.values().map(|branch| branch["name"].as_str().unwrap());
        names.map(str::to_owned).collect()
    }
}

/// Answers one request, and closes.
fn serve(mut stream: &TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).unwrap();
    let (mut length, mut authorized) = (0, false);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "authorization" => authorized = value == format!("Bearer {KEY}"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut words = first.split(' ');
    let (method, path) = (words.next().unwrap(), words.next().unwrap_or_default());
    let path = path.split('?').next().unwrap();
    let (status, answer) = if authorized {
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        answer(&mut state.lock().unwrap(), method, path, &body)
    } else {
        (401, json!({"code": "", "message": "authorization failed"}))
    };
    let text = answer.to_string();
    let _ = write!(
        stream,
        "HTTP/1.1 {status} -\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{text}",
        text.len()
    );
}

fn answer(state: &mut State, method: &str, path: &str, body: &Value) -> (u16, Value) {
    state.calls.push(format!("{method} {path} {body}"));
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let endpoint = |branch: &str| json!({"id": "ep-quiet-sun-1", "branch_id": branch, "host": HOST, "type": "read_write"});
    match (method, &parts[..]) {
        ("GET", ["projects", "quiet-sun-123456", "branches"]) => {
            let branches: Vec<&Value> = state.branches.values().collect();
            (200, json!({"branches": branches, "annotations": {}}))
        }
        ("POST", ["projects", "quiet-sun-123456", "branches"]) => {
            let id = format!("br-made-{}", state.branches.len());
            let mut branch = body["branch"].clone();
            branch["id"] = json!(id);
            branch["current_state"] = json!("init");
            state.branches.insert(id.clone(), branch.clone());
            let uri = format!("postgresql://{}:{}@{HOST}/postgres", state.role, state.password);
            let uris = json!([{"connection_uri": uri}]);
            let made =
                json!({"branch": branch, "endpoints": [endpoint(&id)], "connection_uris": uris});
            (201, made)
        }
        ("DELETE", ["projects", "quiet-sun-123456", "branches", id]) => {
            match state.branches.remove(*id) {
                Some(branch) => (200, json!({"branch": branch})),
                None => (404, json!({"message": "branch not found"})),
            }
        }
        ("GET", ["projects", "quiet-sun-123456", "branches", id, what]) => match *what {
            "endpoints" => (200, json!({"endpoints": [endpoint(id)]})),
            "roles" => (200, json!({"roles": [{"name": state.role}]})),
            "databases" => (200, json!({"databases": [{"name": "postgres"}]})),
            _ => (404, json!({"message": "not found"})),
        },
        ("GET", ["projects", _, "branches", _, "roles", _, "reveal_password"]) => {
            (200, json!({"password": state.password}))
        }
        _ => (404, json!({"message": "project not found"})),
    }
}
