//! The trial's builds: two copies of the checkout, a target directory for each way to build, and a cache
//! of the trial's own. Directories are given to cargo as arguments: a variable `CARGO_TARGET_DIR` would
//! enter the keys.

use std::cell::Cell;
use std::fs;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::cargo::{CargoRun, CommandRun, UserCommand, run_command};
use pitcrew_core::clean_build;
use pitcrew_core::progress::Progress;
use pitcrew_core::recording::{self, RecordOptions, Recorded};
use pitcrew_core::scratch::{self, Scratch};
use pitcrew_core::session::Session;
use pitcrew_core::wrapper::Injection;

use super::log::{self, Call};
use crate::cache::args::TrialArgs;
use crate::cache::stats::{self, Stats};
use crate::observe::hot_file;
use crate::observe::workspace;
use crate::prove::PrivateCache;

pub struct Lab<'a> {
    session: &'a Session,
    args: &'a TrialArgs,
    sccache: Utf8PathBuf,
    scratch: Scratch,
    /// The copy whose path is the one that the cache knows.
    here: Utf8PathBuf,
    /// What is edited, and its text before.
    hot: Option<(Utf8PathBuf, String)>,
    deadline: Option<Instant>,
}

/// A cache with nothing in it, and its server.
pub struct Fresh {
    cache: PrivateCache,
    log: Utf8PathBuf,
    /// How far the log was read.
    read: Cell<usize>,
    pub elsewhere: Utf8PathBuf,
}

impl<'a> Lab<'a> {
    pub fn open(session: &'a Session, args: &'a TrialArgs, sccache: &Utf8Path) -> Result<Self> {
        let deadline = args.budget.map(|budget| Instant::now() + budget);
        let scratch = Scratch::new()?;
        let mut lab = Self {
            session,
            args,
            sccache: sccache.to_owned(),
            here: Utf8PathBuf::new(),
            hot: None,
            deadline,
            scratch,
        };
        lab.here = lab.checkout("here")?;
        lab.hot = lab.hot_file();
        lab.fetch()?;
        Ok(lab)
    }

    pub fn close(self) -> Result<()> {
        self.scratch.close()
    }

    pub fn has_edit(&self) -> bool {
        self.hot.is_some()
    }

    pub fn edited(&self) -> Option<Utf8PathBuf> {
        let (path, _) = self.hot.as_ref()?;
        path.strip_prefix(&self.here).ok().map(Utf8Path::to_owned)
    }

    fn checkout(&self, name: &str) -> Result<Utf8PathBuf> {
        let copy = scratch::copy_workspace(
            self.session.root(),
            &self.session.outside(),
            &self.session.workspace.target_dir,
            &self.scratch.path().join(name),
        )?;
        Ok(copy.root)
    }

    fn hot_file(&self) -> Option<(Utf8PathBuf, String)> {
        let facts = workspace::facts(&self.session.workspace.metadata, None);
        let hot = hot_file::pick(&facts, &self.session.selected())?;
        let path = self.here.join(hot.path);
        let text = fs::read_to_string(&path).ok()?;
        Some((path, text))
    }

    /// So that no build waits for the network.
    fn fetch(&self) -> Result<()> {
        if self.args.cargo.offline || self.args.cargo.frozen {
            return Ok(());
        }
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
        let mut words = vec![cargo, "fetch".to_owned()];
        words.extend(self.args.cargo.resolve_args());
        let fetched = run_command(&CommandRun {
            command: UserCommand::Words(words),
            cwd: self.here.clone(),
            env: Vec::new(),
            deadline: self.deadline,
        })?;
        if !fetched.status.success() {
            bail!("`cargo fetch` failed\n\n{}", fetched.stderr.trim_end());
        }
        Ok(())
    }

    /// An empty cache, and a checkout that it does not know yet.
    pub fn fresh(&self, round: u32) -> Result<Fresh> {
        let dir = self.scratch.path().join(format!("cache-{round}"));
        let elsewhere = self.checkout(&format!("elsewhere-{round}"))?;
        let log = dir.join("log");
        let separator = if cfg!(windows) { ';' } else { ':' };
        let bases = format!("{}{separator}{elsewhere}", self.here);
        let server = [
            ("SCCACHE_BASEDIRS", bases.as_str()),
            ("SCCACHE_LOG", "debug"),
            ("SCCACHE_ERROR_LOG", log.as_str()),
        ];
        let cache = PrivateCache::new(&dir)?;
        cache.start(&self.sccache, &server)?;
        Ok(Fresh {
            cache,
            log,
            read: Cell::new(0),
            elsewhere,
        })
    }

    /// Throws away what is no longer needed of a round.
    pub fn clear(&self, fresh: Fresh, round: u32) {
        drop(fresh);
        for name in [format!("cache-{round}"), format!("elsewhere-{round}")] {
            // What stays goes with the scratch directory.
            fs::remove_dir_all(self.scratch.path().join(name)).ok();
        }
    }

    /// Bytes in a target directory.
    pub fn bytes_of(&self, target: &str) -> u64 {
        recording::bytes_below(&self.scratch.path().join(target))
    }

    pub fn here(&self) -> &Utf8Path {
        &self.here
    }

    /// Builds the checkout at `root` into the target directory of that name, from nothing if `clean`.
    pub fn build(
        &self,
        root: &Utf8Path,
        target: &str,
        clean: bool,
        cache: Option<&Fresh>,
        progress: &mut Progress,
    ) -> Result<Recorded> {
        let target = self.scratch.path().join(target);
        if clean && target.exists() {
            fs::remove_dir_all(&target).with_context(|| format!("cannot empty {target}"))?;
        }
        let options = self.options(root, &target, cache)?;
        let recorded = recording::record(&options, &mut |event| progress.build_event(event));
        recorded.map_err(|error| scratch::explain(error, self.scratch.path()))
    }

    fn options(
        &self,
        root: &Utf8Path,
        target: &Utf8Path,
        cache: Option<&Fresh>,
    ) -> Result<RecordOptions> {
        let session = self.session;
        let profile = self.args.cargo.profile.as_deref().unwrap_or("dev");
        let mut words = vec!["build".to_owned()];
        words.extend(self.args.cargo.to_args());
        words.extend(["--profile".to_owned(), profile.to_owned()]);
        words.extend(["--target-dir".to_owned(), target.to_string()]);
        let build_dir = toml_edit::Value::from(target.as_str());
        words.push(format!("--config=build.build-dir={build_dir}"));
        let mut env = vec![("CARGO_NET_OFFLINE".to_owned(), "true".to_owned())];
        if cache.is_some() && self.args.no_incremental {
            env.push(("CARGO_INCREMENTAL".to_owned(), "0".to_owned()));
        }
        env.extend(cache.iter().flat_map(|fresh| fresh.cache.env()));
        let mut env_remove = PrivateCache::env_remove();
        env_remove.extend(["CARGO_TARGET_DIR", "CARGO_BUILD_BUILD_DIR"].map(str::to_owned));
        let cores = session.machine.cores;
        Ok(RecordOptions {
            exe: clean_build::own_executable()?,
            cargo: CargoRun {
                args: words,
                cwd: root.join(&session.within),
                env,
                env_remove,
                colour: false,
                deadline: self.deadline,
            },
            target_dir: None,
            user_wrapper: cache.map(|_| self.sccache.to_string()),
            inject: Injection::default(),
            member_dirs: session.member_dirs(root),
            rustc: session.toolchain.rustc.clone(),
            host: session.toolchain.host.triple.clone(),
            profile: profile.to_owned(),
            key: String::new(),
            machine: session.machine.clone(),
            jobs: self.args.cargo.jobs_on(cores).unwrap_or(cores),
        })
    }

    /// The other branch: one source is another.
    pub fn switch(&self, round: u32) -> Result<()> {
        match &self.hot {
            Some((path, text)) => scratch::write(path, hot_file::edit(text, round)),
            None => Ok(()),
        }
    }

    pub fn switch_back(&self) -> Result<()> {
        match &self.hot {
            Some((path, text)) => scratch::write(path, text),
            None => Ok(()),
        }
    }
}

impl Fresh {
    /// What the server was asked since the last time.
    pub fn calls(&self) -> Vec<Call> {
        let bytes = fs::read(&self.log).unwrap_or_default();
        let new = bytes.get(self.read.replace(bytes.len())..);
        let new = new.unwrap_or_default();
        log::read(&String::from_utf8_lossy(new))
    }

    pub fn stats(&self, sccache: &Utf8Path) -> Option<Stats> {
        let words = [sccache.as_str(), "--show-stats", "--stats-format", "json"];
        let said = run_command(&CommandRun {
            command: UserCommand::Words(words.map(str::to_owned).to_vec()),
            cwd: ".".into(),
            env: self.cache.env(),
            deadline: None,
        });
        stats::parse(&said.ok()?.stdout)
    }
}
