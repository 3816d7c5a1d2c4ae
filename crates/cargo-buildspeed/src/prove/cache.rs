//! A compilation cache of a trial's own: the user's cache is neither read nor filled, and the server
//! that keeps running after a build is one that the trial ends.

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

#[derive(Debug)]
pub struct PrivateCache {
    dir: Utf8PathBuf,
    port: u16,
}

impl PrivateCache {
    pub fn new(dir: &Utf8Path) -> Result<Self> {
        let dir = dir.join("cache");
        fs::create_dir_all(&dir).with_context(|| format!("cannot make {dir}"))?;
        // An empty configuration, or the user's file would send the cache elsewhere.
        let config = dir.join("config");
        fs::write(&config, "").with_context(|| format!("cannot write {config}"))?;
        let free = TcpListener::bind(("127.0.0.1", 0)).context("cannot find a free port")?;
        let port = free.local_addr().context("cannot find a free port")?.port();
        Ok(Self { dir, port })
    }

    /// Starts the server with settings of its own: what a project's configuration says of a cache
    /// reaches only those who ask.
    pub fn start(&self, sccache: &Utf8Path, settings: &[(&str, &str)]) -> Result<()> {
        let mut start = Command::new(sccache);
        for name in Self::env_remove() {
            start.env_remove(name);
        }
        let started = start
            .arg("--start-server")
            .envs(self.env())
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .with_context(|| format!("cannot run {sccache}"))?;
        if !started.success() {
            bail!("`{sccache} --start-server` failed: see what it says with SCCACHE_LOG=debug");
        }
        Ok(())
    }

    pub fn env(&self) -> Vec<(String, String)> {
        let path = |name: &str| self.dir.join(name).into_string();
        [
            ("SCCACHE_DIR", path("store")),
            ("SCCACHE_CONF", path("config")),
            ("SCCACHE_SERVER_PORT", self.port.to_string()),
            ("SCCACHE_IDLE_TIMEOUT", "600".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }

    /// Variables that would send the cache elsewhere.
    pub fn env_remove() -> Vec<String> {
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        names.filter(|name| name.starts_with("SCCACHE_")).collect()
    }
}

impl Drop for PrivateCache {
    /// Where no build started the server there is none to stop, and that is as well.
    fn drop(&mut self) {
        let mut stop = Command::new("sccache");
        for name in Self::env_remove() {
            stop.env_remove(name);
        }
        stop.arg("--stop-server")
            .envs(self.env())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .ok();
    }
}
