//! The browser's process and the connection to one tab of it.

use std::io::{self, BufRead as _, BufReader};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::{Message, WebSocket};

use crate::tool::find_or_skip;

/// How long anything on a page may take on a machine that has other things to do.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

const NAMES: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
];

/// Headless, alone, and silent towards the network.
const FLAGS: [&str; 11] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
];

pub(super) struct Chromium {
    process: Child,
    socket: WebSocket<TcpStream>,
    /// Of the tab; empty until there is one.
    session: String,
    last_id: u64,
    _profile: TempDir,
}

impl Chromium {
    pub(super) fn start() -> Option<Self> {
        let program = find_or_skip(&NAMES, "apt-get install chromium")?;
        let profile = tempfile::tempdir().unwrap();
        let mut process = Command::new(program)
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let socket = connect(process.stderr.take().unwrap());
        let mut chromium = Self {
            process,
            socket,
            session: String::new(),
            last_id: 0,
            _profile: profile,
        };
        chromium.attach();
        Some(chromium)
    }

    /// Has all that is asked from now on go to a new tab.
    fn attach(&mut self) {
        let blank = json!({ "url": "about:blank" });
        let target = self.ask("Target.createTarget", &blank, &mut |_| {});
        let params = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = self.ask("Target.attachToTarget", &params, &mut |_| {});
        let session = attached["sessionId"].as_str().unwrap();
        session.clone_into(&mut self.session);
    }

    /// Calls a method of the protocol. Events that come before its answer are passed on.
    pub(super) fn ask(
        &mut self,
        method: &str,
        params: &Value,
        heed: &mut dyn FnMut(&Value),
    ) -> Value {
        let id = self.send(method, params);
        loop {
            let message = self.receive();
            if message["id"] == id {
                assert!(message["error"].is_null(), "{method}: {}", message["error"]);
                return message["result"].clone();
            }
            if message["method"] == "Page.javascriptDialogOpening" {
                // Else the page, and the test with it, would wait for someone to press a button.
                self.send("Page.handleJavaScriptDialog", &json!({ "accept": true }));
            }
            heed(&message);
        }
    }

    /// Sends a call and returns the number under which its answer comes.
    fn send(&mut self, method: &str, params: &Value) -> u64 {
        self.last_id += 1;
        let mut message = json!({ "id": self.last_id, "method": method, "params": params });
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.socket.send(message.to_string().into()).unwrap();
        self.last_id
    }

    /// The next answer or event.
    fn receive(&mut self) -> Value {
        loop {
            match self.socket.read() {
                Ok(Message::Text(text)) => return serde_json::from_str(&text).unwrap(),
                Ok(_) => {}
                Err(error) => panic!("Chromium does not answer: {error}"),
            }
        }
    }
}

impl Drop for Chromium {
    /// Lets it end by itself, for it writes into its profile until it has.
    fn drop(&mut self) {
        self.session.clear();
        let close = json!({ "id": 0, "method": "Browser.close" });
        let asked = self.socket.send(close.to_string().into());
        let begun = Instant::now();
        while asked.is_ok() && begun.elapsed() < Duration::from_secs(10) {
            if matches!(self.process.try_wait(), Ok(Some(_))) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Connects to the address that it says on stderr, and keeps reading so that it never has to wait.
fn connect(stderr: ChildStderr) -> WebSocket<TcpStream> {
    let mut stderr = BufReader::new(stderr);
    let mut said = String::new();
    let url = loop {
        let start = said.len();
        let read = stderr.read_line(&mut said).unwrap();
        assert!(read > 0, "Chromium does not start: {said}");
        if let Some((_, url)) = said[start..].split_once("DevTools listening on ") {
            break url.trim().to_owned();
        }
    };
    thread::spawn(move || io::copy(&mut stderr, &mut io::sink()));
    let address = url.trim_start_matches("ws://").split('/').next().unwrap();
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let (socket, _) = tungstenite::client(url.as_str(), stream).unwrap();
    socket
}
