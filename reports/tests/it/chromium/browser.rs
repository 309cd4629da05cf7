//! A real Chromium without a window, spoken to in its DevTools protocol.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use shakedown_reports::Report;
use tempfile::TempDir;

use crate::html::html;

/// Longer than any answer takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Names that the program has in distributions.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// A browser with one page. It ends when this is dropped.
pub(crate) struct Browser {
    child: Child,
    input: ChildStdin,
    output: Receiver<Value>,
    session: Option<String>,
    last: u64,
    /// What happened, in the order in which it did.
    pub(crate) events: Vec<Value>,
    folder: TempDir,
}

/// The browser of this machine. Without one, a test that needs it says that it did not run, and
/// fails where it has to.
#[expect(clippy::print_stderr, reason = "a test that did not run says so")]
fn installed() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = std::env::split_paths(&path).flat_map(|folder| NAMES.map(|name| folder.join(name)));
    let found = all.into_iter().find(|program| program.is_file());
    if found.is_none() {
        let told = "there is no Chromium; .ci/chromium.sh installs one";
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{told}");
        eprintln!("this test did NOT run: {told}");
    }
    found
}

/// A browser that shows the page of a report, so many pixels wide; nothing if there is no browser.
pub(crate) fn showing(report: &Report, width: u32) -> Option<Browser> {
    let mut browser = Browser::start(&installed()?);
    browser.resize(width);
    browser.show(report);
    Some(browser)
}

impl Browser {
    fn start(program: &Path) -> Self {
        let folder = TempDir::new().unwrap();
        // It reads commands from descriptor 3 and answers on 4. What a request would meet is a
        // proxy that is not there.
        let mut child = Command::new("sh")
            .args(["-c", r#"exec "$@" 3<&0 4>&1 0</dev/null 1>/dev/null"#, "sh"])
            .arg(program)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--hide-scrollbars",
            ])
            .args(["--disable-background-networking", "--disable-dev-shm-usage"])
            .args(["--proxy-server=127.0.0.1:9", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let (sender, output) = channel();
        std::thread::spawn(move || {
            for answer in answers.split(0).map_while(Result::ok) {
                if sender.send(serde_json::from_slice(&answer).unwrap()).is_err() {
                    break;
                }
            }
        });
        let events = Vec::new();
        let mut browser = Self { child, input, output, session: None, last: 0, events, folder };
        let page = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let asked = json!({ "targetId": page["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", asked);
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network", "Accessibility"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser.call("Page.bringToFront", json!({}));
        browser.call("Emulation.setFocusEmulationEnabled", json!({ "enabled": true }));
        browser
    }

    /// Sends a command and waits for its answer.
    pub(crate) fn call(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let mut asked = json!({ "id": self.last, "method": method, "params": params });
        if let Some(session) = &self.session {
            asked["sessionId"] = session.as_str().into();
        }
        let mut message = serde_json::to_vec(&asked).unwrap();
        message.push(0);
        self.input.write_all(&message).unwrap();
        loop {
            let answer = self.output.recv_timeout(PATIENCE).unwrap();
            if answer["id"] == self.last {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
            self.events.push(answer);
        }
    }

    /// Writes the page of a report to disk, and opens it from there.
    pub(crate) fn show(&mut self, report: &Report) {
        let file = self.folder.path().join("report.html");
        std::fs::write(&file, html(report)).unwrap();
        let from = self.events.len();
        self.call("Page.navigate", json!({ "url": format!("file://{}", file.display()) }));
        let until = Instant::now() + PATIENCE;
        let loaded = |event: &Value| event["method"] == "Page.loadEventFired";
        while !self.events[from..].iter().any(loaded) {
            let left = until.saturating_duration_since(Instant::now());
            self.events.push(self.output.recv_timeout(left).unwrap());
        }
    }

    /// What an expression comes to in the page. A promise is waited for.
    pub(crate) fn eval(&mut self, expression: &str) -> Value {
        let asked = json!({
            "expression": expression,
            "returnByValue": true,
            "awaitPromise": true,
            "userGesture": true,
        });
        let answer = self.call("Runtime.evaluate", asked);
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// Makes the page so many pixels wide.
    pub(crate) fn resize(&mut self, width: u32) {
        let size =
            json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size);
    }

    /// Shows the page as on paper or on a screen, in the light or in the dark.
    pub(crate) fn appear(&mut self, media: &str, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "media": media, "features": features }));
    }

    /// Presses a key.
    pub(crate) fn press(&mut self, key: &str, code: u32) {
        let text = if key == "Enter" { "\r" } else { "" };
        for kind in [if text.is_empty() { "rawKeyDown" } else { "keyDown" }, "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            let event = json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text });
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// The first element that a selector finds, as a PNG.
    pub(crate) fn screenshot(&mut self, selector: &str) -> Vec<u8> {
        let place = self.eval(&format!(
            "(() => {{ const r = document.querySelector({selector:?}).getBoundingClientRect();
              return {{ x: r.x + scrollX, y: r.y + scrollY, width: r.width, height: r.height, scale: 1 }} }})()"
        ));
        let asked = json!({ "format": "png", "clip": place, "captureBeyondViewport": true });
        let picture = self.call("Page.captureScreenshot", asked);
        STANDARD.decode(picture["data"].as_str().unwrap()).unwrap()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
