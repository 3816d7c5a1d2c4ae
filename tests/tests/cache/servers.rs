//! Servers that keep what the cache has, on loopback, each ended with its test.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_tests::tool;

pub fn free_port() -> u16 {
    let free = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    free.local_addr().unwrap().port()
}

/// A server that answers at `port`.
pub struct Server {
    child: Child,
    pub port: u16,
}

impl Server {
    /// Redis, without a file.
    pub fn redis(program: &Utf8Path) -> Self {
        Self::start(program, |port| {
            let rest = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
            [&["--port".to_owned(), port], &rest.map(str::to_owned)[..]].concat()
        })
    }

    /// What speaks S3, with one bucket.
    pub fn s3(program: &Utf8Path, bucket: &str) -> Self {
        let server = Self::start(program, |port| {
            ["-H", "127.0.0.1", "-p", &port].map(str::to_owned).to_vec()
        });
        let mut asked = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
        let request = format!(
            "PUT /{bucket} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        asked.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        asked.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        server
    }

    fn start(program: &Utf8Path, args: impl Fn(String) -> Vec<String>) -> Self {
        let port = free_port();
        let child = Command::new(program)
            .args(args(port.to_string()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { child, port };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "{program} does not start"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    pub fn kill(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The S3 server of the tests, moto: from `PITCREW_TEST_MOTO` or PATH.
pub fn moto() -> Option<Utf8PathBuf> {
    if let Ok(own) = std::env::var("PITCREW_TEST_MOTO") {
        return Some(own.into());
    }
    let how = "pip install 'moto[s3]' flask flask-cors";
    tool::find_or_skip(&["moto_server"], how)
}
