//! The sccache that is installed, and its server: asked, each with a bound on the waiting.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Result;
use camino::Utf8PathBuf;
use pitcrew_core::cargo::{CommandOutput, CommandRun, UserCommand, run_command};
use pitcrew_core::toolchain::Toolchain;

use super::reach::{self, Endpoint, Reach, Speaks};
use super::stats::{self, Stats};

/// The command that brings it.
pub const INSTALL: &str = "cargo install --locked sccache";

/// Where its server listens unless it is told otherwise.
const PORT: u16 = 4226;

#[derive(Debug, Clone, PartialEq)]
pub struct Sccache {
    pub path: Utf8PathBuf,
    pub version: Option<String>,
    /// The backends, by the names of `sccache --help`, and whether they were compiled in; empty for
    /// one that does not tell.
    pub features: BTreeMap<String, bool>,
}

/// The server of an sccache.
#[derive(Debug, Clone, PartialEq)]
pub enum Server {
    /// Nobody listens; the next build starts it.
    Down,
    Up(Box<Stats>),
    /// Someone listens and does not answer as sccache does.
    Silent(String),
}

impl Sccache {
    pub fn find(toolchain: &Toolchain, wait: Duration) -> Option<Self> {
        let tool = toolchain.tool("sccache")?;
        let help = run(&tool.path, &["--help"], &[], wait);
        Some(Self {
            path: tool.path.clone(),
            version: tool.version(),
            features: help.map_or_else(|_| BTreeMap::new(), |help| features(&help.stdout)),
        })
    }

    /// Whether it can use a backend; where it does not tell, it may.
    pub fn has(&self, feature: Option<&str>) -> bool {
        feature.is_none_or(|feature| self.features.get(feature).copied().unwrap_or(true))
    }

    /// Asks its server, but starts none.
    pub fn server(&self, env: &BTreeMap<String, String>, wait: Duration) -> Server {
        if !is_up(&|name| env.get(name).cloned(), wait) {
            return Server::Down;
        }
        let env: Vec<(String, String)> = env
            .iter()
            .filter(|(name, _)| name.starts_with("SCCACHE_"))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let asked = run(
            &self.path,
            &["--show-stats", "--stats-format", "json"],
            &env,
            wait,
        );
        match asked {
            Ok(said) => match stats::parse(&said.stdout) {
                Some(stats) => Server::Up(Box::new(stats)),
                None => Server::Silent(first_line(&said.stderr)),
            },
            Err(error) => Server::Silent(format!("{error:#}")),
        }
    }
}

/// Whether something listens where these variables say that sccache's server is.
pub fn is_up(variable: &dyn Fn(&str) -> Option<String>, wait: Duration) -> bool {
    if let Some(path) = variable("SCCACHE_SERVER_UDS").filter(|path| !path.is_empty()) {
        return listens(&path);
    }
    let port = variable("SCCACHE_SERVER_PORT").and_then(|port| port.parse().ok());
    let server = Endpoint {
        host: "127.0.0.1".to_owned(),
        port: port.unwrap_or(PORT),
        speaks: Speaks::Tls,
    };
    reach::ask(&server, wait) == Reach::Accepts
}

#[cfg(unix)]
fn listens(path: &str) -> bool {
    use std::os::unix::net::UnixStream;

    // A socket without a file is written with `\x00`, which only sccache understands.
    path.starts_with("\\x00") || UnixStream::connect(path).is_ok()
}

#[cfg(not(unix))]
fn listens(_: &str) -> bool {
    false
}

fn run(
    program: &Utf8PathBuf,
    args: &[&str],
    env: &[(String, String)],
    wait: Duration,
) -> Result<CommandOutput> {
    let words = std::iter::once(program.as_str()).chain(args.iter().copied());
    run_command(&CommandRun {
        command: UserCommand::Words(words.map(str::to_owned).collect()),
        cwd: ".".into(),
        env: env.to_vec(),
        deadline: Some(Instant::now() + wait.max(Duration::from_secs(1))),
    })
}

/// The list at the end of `sccache --help`.
fn features(help: &str) -> BTreeMap<String, bool> {
    let listed = help
        .lines()
        .skip_while(|line| !line.starts_with("Enabled features"));
    listed
        .skip(1)
        .filter_map(|line| {
            let (name, on) = line.split_once(':')?;
            Some((name.trim().to_owned(), on.trim().parse().ok()?))
        })
        .collect()
}

fn first_line(text: &str) -> String {
    let line = text.lines().find(|line| !line.trim().is_empty());
    line.unwrap_or("it said nothing").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELP: &str = "Usage: sccache [OPTIONS]\n\nOptions:\n  -V, --version  Print version\n\n\
                        Enabled features:\n    S3:        false\n    Redis:     true\n";

    #[test]
    fn the_backends_that_were_compiled_in_are_read() {
        let sccache = Sccache {
            path: "/bin/sccache".into(),
            version: None,
            features: features(HELP),
        };
        assert!(sccache.has(Some("Redis")) && sccache.has(None));
        assert!(!sccache.has(Some("S3")));
        assert!(sccache.has(Some("GCS")), "what is not told may be");
        assert!(features("no list").is_empty());
    }

    #[test]
    fn nobody_listens_on_a_port_that_is_free() {
        let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = free.local_addr().unwrap().port().to_string();
        let here = |name: &str| (name == "SCCACHE_SERVER_PORT").then(|| port.clone());
        assert!(is_up(&here, Duration::from_secs(20)));
        drop(free);
        assert!(!is_up(&here, Duration::from_secs(20)));
    }
}
