//! A plugin that runs, and is watched and interrupted meanwhile.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use camino::Utf8Path;

/// Tests run beside others, and each waits for builds.
const PATIENCE: Duration = Duration::from_secs(240);

pub struct Running {
    child: Child,
    stdout: Stream,
    stderr: Stream,
}

/// How it ended.
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

struct Stream {
    text: Arc<Mutex<String>>,
    reader: JoinHandle<()>,
}

impl Stream {
    fn of(mut from: impl Read + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(String::new()));
        let shared = Arc::clone(&text);
        let reader = thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = from.read(&mut buffer) {
                let read = String::from_utf8_lossy(&buffer[..count]);
                shared.lock().unwrap().push_str(&read);
            }
        });
        Self { text, reader }
    }

    fn so_far(&self) -> String {
        self.text.lock().unwrap().clone()
    }

    fn whole(self) -> String {
        self.reader.join().unwrap();
        self.text.lock().unwrap().clone()
    }
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        Self {
            stdout: Stream::of(child.stdout.take().unwrap()),
            stderr: Stream::of(child.stderr.take().unwrap()),
            child,
        }
    }

    /// Until stderr says so.
    pub fn wait_for(&mut self, text: &str) {
        self.wait_until(text, |running| running.stderr.so_far().contains(text));
    }

    /// Until there is such a file.
    pub fn wait_for_file(&mut self, path: &Utf8Path) {
        self.wait_until(path.as_str(), |_| path.exists());
    }

    fn wait_until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !holds(self) {
            let told = self.stderr.so_far();
            let over = self.child.try_wait().unwrap();
            assert!(
                over.is_none() || holds(self),
                "it ended without {what}: {told}"
            );
            assert!(begun.elapsed() < PATIENCE, "{what} never came: {told}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// As Ctrl-C in a terminal does it.
    #[cfg(unix)]
    pub fn interrupt(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status().unwrap();
        assert!(sent.success());
    }

    pub fn end(self) -> Ended {
        self.ended(PATIENCE).0
    }

    /// None where it had to be killed after so long.
    pub fn end_within(self, patience: Duration) -> Option<Ended> {
        let (ended, by_itself) = self.ended(patience);
        by_itself.then_some(ended)
    }

    fn ended(mut self, patience: Duration) -> (Ended, bool) {
        let mut by_itself = true;
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if begun.elapsed() > patience {
                by_itself = false;
                self.child.kill().unwrap();
            }
            thread::sleep(Duration::from_millis(20));
        };
        let ended = Ended {
            status,
            stdout: self.stdout.whole(),
            stderr: self.stderr.whole(),
        };
        (ended, by_itself)
    }
}

/// Waits for a process to be gone.
#[cfg(unix)]
pub fn wait_for_end_of(process: &str) {
    let alive = || {
        let mut kill = Command::new("kill");
        kill.args(["-0", process]).stderr(Stdio::null());
        kill.status().unwrap().success()
    };
    let begun = Instant::now();
    while alive() {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "process {process} lives on"
        );
        thread::sleep(Duration::from_millis(20));
    }
}
