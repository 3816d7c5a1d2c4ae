//! The real bench: scratch copies, cargo and the clock.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::cargo::{
    self, BuildFailed, BuildOutput, CargoRun, CommandRun, DeadlinePassed, Interrupted, UserCommand,
};
use pitcrew_core::scratch::{self, Scratch};
use pitcrew_core::wrapper::{Injection, Wrapping};

use super::arm::Arm;
use super::bench::{ArmId, ArmPlan, Bench, Run, Start};
use super::cache::PrivateCache;
use super::executables;
use crate::goal::Goal;

/// What is tried, and how it is built.
pub struct Setup<'a> {
    /// The workspace root.
    pub root: Utf8PathBuf,
    /// The target directory in force, which is not copied.
    pub target_dir: Utf8PathBuf,
    /// The directories of path dependencies outside the root.
    pub outside: Vec<Utf8PathBuf>,
    /// Where the user stands, relative to the root; empty for the root itself.
    pub cwd: Utf8PathBuf,
    /// `--manifest-path`, relative to the root.
    pub manifest_path: Option<Utf8PathBuf>,
    /// The user's selection of packages, targets, features and profile, as for `cargo build`.
    pub build_args: Vec<String>,
    /// How builds go through the plugin's wrapper. Without it no lever can start from the baseline's
    /// artifacts by arguments.
    pub wrapping: Option<Wrapping>,
    /// What is edited for [`Goal::Edit`].
    pub hot: Option<HotEdit<'a>>,
    /// The command of `--bench` for [`Goal::Runtime`]. It is run in the scratch copy with
    /// `CARGO_TARGET_DIR` set, so that `cargo run --release` and `cargo bench` measure the arm;
    /// `{bin}` and `{bin:NAME}` stand for the programs that were built.
    pub bench: Option<String>,
}

/// A real edit of a source file.
pub struct HotEdit<'a> {
    /// Relative to the workspace root.
    pub path: Utf8PathBuf,
    /// The file's text after the edit of this round; different for each.
    pub edit: &'a dyn Fn(&str, u32) -> String,
}

/// See [`Bench`].
pub struct Workshop<'a> {
    setup: Setup<'a>,
    goal: Goal,
    scratch: Scratch,
    /// The untouched copy that all others are made from: the user may go on working meanwhile.
    sources: Utf8PathBuf,
    /// The workspace root within a copy.
    root: Utf8PathBuf,
    /// The hot file's text before any edit.
    hot_text: String,
    arms: Vec<Option<Arm>>,
    programs: Vec<Vec<(String, Utf8PathBuf)>>,
    /// Set once a build needed nothing from the network, so that it never enters a figure.
    offline: bool,
    started: Instant,
    deadline: Option<Instant>,
}

impl<'a> Workshop<'a> {
    pub fn new(setup: Setup<'a>, goal: Goal) -> Result<Self> {
        let started = Instant::now();
        let scratch = Scratch::new()?;
        let sources = scratch.path().join("sources");
        let copy =
            scratch::copy_workspace(&setup.root, &setup.outside, &setup.target_dir, &sources)?;
        let hot_text = match (goal, &setup.hot) {
            (Goal::Edit, Some(hot)) => {
                let path = copy.root.join(&hot.path);
                fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?
            }
            (Goal::Edit, None) => bail!("no source file to edit was found in the workspace"),
            _ => String::new(),
        };
        if goal == Goal::Runtime && setup.bench.is_none() {
            bail!("`--goal runtime` needs `--bench CMD`: the command whose time counts");
        }
        Ok(Self {
            root: copy.root.strip_prefix(&sources)?.to_owned(),
            sources,
            hot_text,
            setup,
            goal,
            scratch,
            arms: Vec::new(),
            programs: Vec::new(),
            offline: false,
            started,
            deadline: None,
        })
    }

    /// Ends the caches' servers and removes the scratch directory.
    pub fn close(mut self) {
        self.arms.clear();
        // Dropping tries again, and what stays is tagged as a cache in the system's own directory.
        self.scratch.close().ok();
    }

    fn arm(&self, id: ArmId) -> Result<&Arm> {
        let arm = self.arms.get(id).and_then(Option::as_ref);
        arm.ok_or_else(|| anyhow!("arm {id} of the trials is closed"))
    }

    fn cwd(&self, arm: &Arm) -> Utf8PathBuf {
        let cwd = arm.root.join(&self.setup.cwd);
        if cwd.is_dir() { cwd } else { arm.root.clone() }
    }

    fn env(&self, arm: &Arm) -> Vec<(String, String)> {
        let target = arm.target.to_string();
        let mut env = vec![
            ("CARGO_TARGET_DIR".to_owned(), target.clone()),
            ("CARGO_BUILD_BUILD_DIR".to_owned(), target),
        ];
        if self.offline {
            env.push(("CARGO_NET_OFFLINE".to_owned(), "true".to_owned()));
        }
        if self.goal == Goal::Ci {
            env.push(("CI".to_owned(), "true".to_owned()));
            env.push(("CARGO_INCREMENTAL".to_owned(), "0".to_owned()));
        }
        // For rebuilds every arm goes through the wrapper, so that its cost is everyone's; but it
        // would take the place of a cache that an arm's configuration names.
        if let (Goal::Edit, None, Some(wrapping)) = (self.goal, &arm.cache, &self.setup.wrapping) {
            let wrapping = Wrapping {
                inject: Injection {
                    target_only: wrapping.inject.target_only,
                    ..arm.inject.clone()
                },
                log_dir: None,
                ..wrapping.clone()
            };
            env.extend(wrapping.env());
        }
        env.extend(arm.cache.iter().flat_map(PrivateCache::env));
        env.extend(arm.env.iter().cloned());
        env
    }

    fn build_args(&self, arm: &Arm) -> Vec<String> {
        let user = &self.setup.build_args;
        let has = |flags: &[&str]| {
            user.iter()
                .any(|arg| flags.contains(&arg.split('=').next().unwrap_or(arg)))
        };
        let mut args = vec!["build".to_owned()];
        args.extend(user.iter().cloned());
        if self.goal.profile() == "release" && !has(&["--release", "-r", "--profile"]) {
            args.push("--release".to_owned());
        }
        if self.goal == Goal::Ci && !has(&["--all-targets"]) {
            args.push("--all-targets".to_owned());
        }
        if let Some(path) = &self.setup.manifest_path {
            args.extend([
                "--manifest-path".to_owned(),
                arm.root.join(path).into_string(),
            ]);
        }
        args
    }

    /// Builds what there is to build, clean or not.
    fn cargo(&self, arm: &Arm) -> Result<Built> {
        let run = CargoRun {
            args: self.build_args(arm),
            cwd: self.cwd(arm),
            env: self.env(arm),
            env_remove: match arm.cache {
                Some(_) => PrivateCache::env_remove(),
                None => Vec::new(),
            },
            colour: false,
            deadline: self.deadline,
        };
        match run.run(&mut |_| {}) {
            Ok(output) => Ok(Built::Done(output)),
            Err(error) => match error.downcast::<BuildFailed>() {
                Ok(failed) => {
                    self.check_disk(&failed.said)?;
                    Ok(Built::Ended(Run::Failed(failed.said)))
                }
                Err(error) => stopped(error).map(Built::Ended),
            },
        }
    }

    /// A full disk is the end of all trials, not the fault of one arm.
    fn check_disk(&self, said: &str) -> Result<()> {
        if scratch::names_full_disk(said) {
            bail!(scratch::disk_full_advice(self.scratch.path()));
        }
        Ok(())
    }

    /// The first build decides whether later ones can do without the network; where the registry
    /// had to be asked, it is done again to be timed.
    fn first_build(&mut self, id: ArmId) -> Result<Built> {
        self.offline = true;
        let first = self.cargo(self.arm(id)?)?;
        if !matches!(&first, Built::Ended(Run::Failed(said)) if said.contains("offline")) {
            return Ok(first);
        }
        self.offline = false;
        let online = self.cargo(self.arm(id)?)?;
        if !matches!(online, Built::Done(_)) {
            return Ok(online);
        }
        self.offline = true;
        let arm = self.arm(id)?;
        arm.empty_target()?;
        self.cargo(arm)
    }

    fn edit(&self, arm: &Arm, round: u32) -> Result<()> {
        match &self.setup.hot {
            Some(hot) => {
                let text = (hot.edit)(&self.hot_text, round);
                scratch::write(&arm.root.join(&hot.path), &text)
            }
            None => Ok(()),
        }
    }

    fn bench_run(&self, id: ArmId) -> Result<Run> {
        let arm = self.arm(id)?;
        let command = self.setup.bench.as_deref().unwrap_or_default();
        let command = match executables::fill_in(command, &self.programs[id]) {
            Ok(command) => command,
            Err(error) => return Ok(Run::Failed(error)),
        };
        let run = CommandRun {
            command: UserCommand::Shell(command),
            cwd: self.cwd(arm),
            env: self.env(arm),
            deadline: self.deadline,
        };
        match cargo::run_command(&run) {
            Ok(output) if output.status.success() => Ok(Run::Took(output.wall_s)),
            Ok(output) => {
                self.check_disk(&output.stderr)?;
                let said = format!("{}\n{}", output.stderr.trim_end(), output.status);
                Ok(Run::Failed(said))
            }
            Err(error) => stopped(error),
        }
    }

    fn weigh(&self, id: ArmId) -> Result<Run> {
        let programs = &self.programs[id];
        if programs.is_empty() {
            return Ok(Run::Failed(
                "error: the build makes no program; select a package that does with -p".to_owned(),
            ));
        }
        Ok(Run::Took(executables::bytes(programs)? as f64))
    }
}

enum Built {
    Done(BuildOutput),
    Ended(Run),
}

impl Built {
    fn into_run(self) -> Run {
        match self {
            Self::Done(output) => Run::Took(output.wall_s),
            Self::Ended(run) => run,
        }
    }
}

fn stopped(error: anyhow::Error) -> Result<Run> {
    if error.is::<Interrupted>() || error.is::<DeadlinePassed>() {
        Ok(Run::Stopped)
    } else {
        Err(error)
    }
}

impl Bench for Workshop<'_> {
    fn open(&mut self, plan: &ArmPlan<'_>) -> Result<ArmId> {
        let id = self.arms.len();
        let dir = self.scratch.path().join(format!("arm-{id}"));
        let arm = match plan.start {
            Start::Clean => {
                let arm = Arm::clean(&dir, &self.sources, &self.root, plan)?;
                if let Some(Some(baseline)) = self.arms.first() {
                    copy_lockfile(&baseline.root, &arm.root)?;
                }
                arm
            }
            Start::Baseline => Arm::sharing(&dir, self.arm(0)?, plan)?,
        };
        self.arms.push(Some(arm));
        self.programs.push(Vec::new());
        Ok(id)
    }

    fn build_clean(&mut self, id: ArmId) -> Result<Run> {
        self.arm(id)?.empty_target()?;
        let built = if id == 0 && !self.offline {
            self.first_build(id)?
        } else {
            self.cargo(self.arm(id)?)?
        };
        if let Built::Done(output) = &built {
            self.programs[id] = executables::programs(output);
        }
        Ok(built.into_run())
    }

    fn run(&mut self, id: ArmId, round: u32) -> Result<Run> {
        match self.goal {
            Goal::Edit => {
                let arm = self.arm(id)?;
                self.edit(arm, round)?;
                Ok(self.cargo(arm)?.into_run())
            }
            Goal::Clean | Goal::Ci => {
                let arm = self.arm(id)?;
                arm.empty_target()?;
                Ok(self.cargo(arm)?.into_run())
            }
            Goal::Runtime => self.bench_run(id),
            Goal::Size => self.weigh(id),
        }
    }

    fn close(&mut self, id: ArmId) {
        if let Some(arm) = self.arms.get_mut(id).and_then(Option::take) {
            let dir = arm.dir.clone();
            // Ends the server of its cache.
            drop(arm);
            // What cannot be removed now goes with the scratch directory.
            fs::remove_dir_all(dir).ok();
        }
    }

    fn elapsed_s(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    fn set_deadline(&mut self, deadline_s: f64) {
        let after = Duration::try_from_secs_f64(deadline_s).unwrap_or(Duration::MAX);
        self.deadline = self.started.checked_add(after);
    }

    fn is_interrupted(&self) -> bool {
        cargo::interrupted()
    }

    fn room_for_arms(&self) -> usize {
        let (Some(room), Some(Some(baseline))) = (self.scratch.room(), self.arms.first()) else {
            return usize::MAX;
        };
        // The sources are copied too, and builds need room while they run.
        let arm = (size(&baseline.target) + size(&self.sources)).max(1) * 5 / 4;
        usize::try_from(room / arm).unwrap_or(usize::MAX)
    }
}

/// Where the user has no lockfile, the one that the baseline's build made counts for all.
fn copy_lockfile(from: &Utf8Path, to: &Utf8Path) -> Result<()> {
    let (from, to) = (from.join("Cargo.lock"), to.join("Cargo.lock"));
    if from.is_file() && !to.exists() {
        fs::copy(&from, &to).with_context(|| format!("cannot copy {from} to {to}"))?;
    }
    Ok(())
}

/// Bytes of the files below `dir`, as far as they can be seen.
fn size(dir: &Utf8Path) -> u64 {
    let Ok(entries) = dir.read_dir_utf8() else {
        return 0;
    };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => size(entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .sum()
}
