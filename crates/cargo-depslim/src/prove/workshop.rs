//! The scratch copy, and cargo in it. The first build fills the target directory; later ones find
//! there all that a removal does not change.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::cargo::{
    self, BuildEvent, BuildFailed, BuildOutput, CargoRun, CommandRun, TimedEvent, UserCommand,
};
use pitcrew_core::cli::CargoFlags;
use pitcrew_core::plan::Plan;
use pitcrew_core::progress::Progress;
use pitcrew_core::scratch::{self, Scratch, ScratchWorkspace};
use pitcrew_core::session::Session;
use pitcrew_core::wrapper::log::{self, Invocation, LogLine};
use pitcrew_core::wrapper::rustc_args::RustcArgs;
use pitcrew_core::wrapper::{Injection, Wrapping};

use super::combination::Combination;
use super::making::Making;
use crate::features::entries::Texts;

/// The lint by which rustc names what a target does not use.
const LINT: &str = "unused_crate_dependencies";

const ALL: &[&str] = &["--all-targets"];
/// Benches often need a nightly compiler.
const ALL_BUT_BENCHES: &[&str] = &["--lib", "--bins", "--tests", "--examples"];

/// A copy of the workspace that builds as the original does.
pub struct Workshop<'a> {
    session: &'a Session,
    flags: &'a CargoFlags,
    progress: &'a mut Progress,
    /// The plugin's own executable, which is the wrapper of rustc.
    exe: Utf8PathBuf,
    scratch: Scratch,
    copy: ScratchWorkspace,
    /// The files that were changed, as they were.
    originals: BTreeMap<Utf8PathBuf, Option<Vec<u8>>>,
    /// The latest compilation of each unit in the builds of the user's own selection: what cargo
    /// finds fresh is not compiled again.
    latest: BTreeMap<String, Invocation>,
    making: Making,
    /// Of which targets.
    targets: &'static [&'static str],
    builds: u32,
}

/// A build of all targets, or of some.
#[derive(Debug, Default)]
pub struct Built {
    /// As the user would type it.
    pub command: String,
    /// None where it succeeded, else cargo's words.
    pub failure: Option<String>,
    /// The compiler's errors, by the package that they are about.
    pub errors: Vec<(String, String)>,
    pub calls: Vec<Invocation>,
    /// These, and for what was fresh the calls of earlier builds.
    pub units: Vec<Invocation>,
    pub log: Vec<LogLine>,
    pub events: Vec<TimedEvent>,
    pub started_s: f64,
    pub wall_s: f64,
    /// Whether it links programs.
    pub links: bool,
    /// None where it failed.
    pub output: Option<BuildOutput>,
}

impl<'a> Workshop<'a> {
    pub fn new(
        session: &'a Session,
        flags: &'a CargoFlags,
        exe: Utf8PathBuf,
        progress: &'a mut Progress,
    ) -> Result<Self> {
        let scratch = Scratch::new()?;
        let copy = scratch::copy_workspace(
            session.root(),
            &session.outside(),
            &session.workspace.target_dir,
            &scratch.path().join("sources"),
        )?;
        Ok(Self {
            session,
            flags,
            progress,
            exe,
            scratch,
            copy,
            originals: BTreeMap::new(),
            latest: BTreeMap::new(),
            making: Making::Metadata,
            targets: ALL,
            builds: 0,
        })
    }

    pub fn session(&self) -> &'a Session {
        self.session
    }

    /// What the command line selects.
    pub(super) fn flags(&self) -> &'a CargoFlags {
        self.flags
    }

    /// The workspace root within the copy.
    pub fn root(&self) -> &Utf8Path {
        &self.copy.root
    }

    pub fn target(&self) -> Utf8PathBuf {
        self.scratch.path().join("target")
    }

    pub fn stage(&mut self, name: &str) {
        self.progress.stage(name);
    }

    /// Ends it, and says so where the copy could not be removed.
    pub fn close(self) -> Result<()> {
        self.progress.finish();
        self.scratch.close()
    }

    /// Writes what a plan for the real tree would, in the place of whatever was written before.
    pub fn write(&mut self, plan: &Plan) -> Result<()> {
        let changes = plan.changes().iter();
        let files = changes.map(|change| (&*change.path, &*change.new));
        self.write_files(files)
    }

    /// The same of manifests, named as in the user's tree.
    pub(super) fn write_texts(&mut self, manifests: &Texts) -> Result<()> {
        let files = manifests.iter();
        self.write_files(files.map(|(path, text)| (&**path, text.as_bytes())))
    }

    fn write_files<'f>(
        &mut self,
        files: impl Iterator<Item = (&'f Utf8Path, &'f [u8])>,
    ) -> Result<()> {
        self.restore()?;
        for (path, new) in files {
            let path = self.copy.place(path).with_context(|| {
                format!("{path} lies on another drive than the workspace, and cannot be tried")
            })?;
            self.remember(&path)?;
            scratch::write(&path, new)?;
        }
        let lockfile = self.copy.root.join("Cargo.lock");
        self.remember(&lockfile)
    }

    /// Makes the copy what it was at first.
    pub fn restore(&mut self) -> Result<()> {
        for (path, bytes) in std::mem::take(&mut self.originals) {
            match bytes {
                Some(bytes) => scratch::write(&path, &bytes)?,
                None if path.exists() => {
                    fs::remove_file(&path).with_context(|| format!("cannot remove {path}"))?;
                }
                None => {}
            }
        }
        Ok(())
    }

    fn remember(&mut self, path: &Utf8Path) -> Result<()> {
        if self.originals.contains_key(path) {
            return Ok(());
        }
        let bytes = match fs::read(path) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(|| format!("cannot read {path}")),
        };
        self.originals.insert(path.to_owned(), bytes);
        Ok(())
    }

    /// All targets of the user's own selection, each asked what it does not use; where `programs` are
    /// wanted and can be made, all later builds of the copy make them too. What cannot be compiled
    /// does not keep the rest from it.
    pub fn first_build(&mut self, programs: bool) -> Result<Built> {
        if programs {
            self.making = Making::Programs;
            let built = self.asking()?;
            if built.failure.is_none() {
                return Ok(built);
            }
            self.targets = ALL_BUT_BENCHES;
            let most = self.whole_build()?;
            if most.failure.is_none() {
                let output = most.output;
                return Ok(Built { output, ..built });
            }
            // What cannot be linked can often be checked.
            self.making = Making::Metadata;
            self.targets = ALL;
            self.latest.clear();
        }
        self.asking()
    }

    fn asking(&mut self) -> Result<Built> {
        let args = self.whole();
        let built = self.build(args, true)?;
        Ok(self.with_units(built))
    }

    /// The user's own selection, as the copy is now, with all errors at once.
    pub(super) fn whole_build(&mut self) -> Result<Built> {
        let args = self.whole();
        let built = self.build(args, false)?;
        Ok(self.with_units(built))
    }

    fn whole(&self) -> Vec<String> {
        let mut args = vec![self.making.verb().to_owned()];
        args.extend(self.selection());
        let targets = self.targets.iter().map(|target| (*target).to_owned());
        args.extend(targets);
        args.push("--keep-going".to_owned());
        args
    }

    /// The same of a combination of features.
    pub fn build_of(&mut self, combination: &Combination) -> Result<Built> {
        let mut args = vec![self.making.verb().to_owned()];
        args.extend(combination.args(self.flags, self.targets));
        args.extend(self.profile());
        let built = self.build(args, false)?;
        Ok(match combination {
            Combination::Own => self.with_units(built),
            _ => built,
        })
    }

    fn with_units(&mut self, mut built: Built) -> Built {
        for call in &built.calls {
            self.latest.insert(unit(call), call.clone());
        }
        built.units = self.latest.values().cloned().collect();
        built
    }

    /// The user's packages, features and profile.
    pub(super) fn selection(&self) -> Vec<String> {
        let mut args = self.flags.to_args();
        args.extend(self.profile());
        args
    }

    /// Shows how far a build is.
    pub fn show(&self, event: &BuildEvent) {
        self.progress.build_event(event);
    }

    fn profile(&self) -> Option<String> {
        let profile = self.flags.profile.as_ref()?;
        Some(format!("--profile={profile}"))
    }

    fn build(&mut self, args: Vec<String>, asks: bool) -> Result<Built> {
        self.builds += 1;
        let log_dir = self.scratch.path().join(format!("log-{}", self.builds));
        fs::create_dir_all(&log_dir).with_context(|| format!("cannot make {log_dir}"))?;
        let target = self.target().to_string();
        let mut env = vec![
            ("CARGO_TARGET_DIR".to_owned(), target.clone()),
            ("CARGO_BUILD_BUILD_DIR".to_owned(), target),
        ];
        let profile = self.flags.profile.as_deref().unwrap_or("dev");
        env.extend(self.making.env(profile, self.session.machine.cores));
        env.extend(self.wrapping(&log_dir, asks).env());
        let run = CargoRun {
            args,
            cwd: self.cwd(),
            env,
            env_remove: Wrapping::env_remove(),
            ..CargoRun::default()
        };
        let (mut errors, mut events) = (Vec::new(), Vec::new());
        let progress = &mut *self.progress;
        let ended = run.run(&mut |event| {
            progress.build_event(event);
            match event {
                BuildEvent::Diagnostic {
                    error: true,
                    rendered,
                    package_id,
                } => errors.push((package_id.clone(), rendered.clone())),
                BuildEvent::Timed(event) => events.push(event.clone()),
                _ => {}
            }
        });
        let mut built = Built {
            command: shown(&run),
            errors,
            events,
            links: self.making == Making::Programs,
            ..Built::default()
        };
        match ended {
            Ok(output) => {
                built.started_s = output.started_s;
                built.wall_s = output.wall_s;
                built.output = Some(output);
            }
            Err(error) => match error.downcast::<BuildFailed>() {
                Ok(failed) => built.failure = Some(failed.said),
                Err(error) => return Err(error),
            },
        }
        if built
            .failure
            .as_ref()
            .is_some_and(|said| scratch::names_full_disk(said))
        {
            bail!(scratch::disk_full_advice(self.scratch.path()));
        }
        built.log = log::read(&log_dir)?;
        built.calls = built
            .log
            .iter()
            .filter_map(|line| match line {
                LogLine::Rustc(call) => Some(call.clone()),
                LogLine::Link(_) => None,
            })
            .collect();
        Ok(built)
    }

    fn wrapping(&self, log_dir: &Utf8Path, asks: bool) -> Wrapping {
        let ask = |words: &[&str]| {
            let words = words.iter().filter(|_| asks);
            words.map(|word| (*word).to_owned()).collect::<Vec<_>>()
        };
        Wrapping {
            exe: self.exe.clone(),
            log_dir: Some(log_dir.to_owned()),
            user_wrapper: self.session.user_wrapper(),
            host: None,
            lints: ask(&[LINT]),
            inject: Injection {
                // Neither an `allow` nor a `deny` of the sources changes it.
                member_args: ask(&["--force-warn", LINT]),
                ..Injection::default()
            },
        }
    }

    /// Where the user stands, in the copy.
    pub(super) fn cwd(&self) -> Utf8PathBuf {
        let cwd = self.copy.root.join(&self.session.within);
        if cwd.is_dir() {
            cwd
        } else {
            self.copy.root.clone()
        }
    }

    /// Runs a command of the user in the copy; what it said where it failed.
    pub fn run(&mut self, command: &str) -> Result<Option<String>> {
        let target = self.target().to_string();
        let run = CommandRun {
            command: UserCommand::Shell(command.to_owned()),
            cwd: self.cwd(),
            env: vec![
                ("CARGO_TARGET_DIR".to_owned(), target.clone()),
                ("CARGO_BUILD_BUILD_DIR".to_owned(), target),
            ],
            deadline: None,
        };
        let output = cargo::run_command(&run)?;
        if output.status.success() {
            return Ok(None);
        }
        let said = format!("{}{}", output.stdout, output.stderr);
        Ok(Some(format!("{}\n{}", said.trim_end(), output.status)))
    }
}

/// What tells one unit from another: where it stands, what it compiles, and whether as a test.
fn unit(call: &Invocation) -> String {
    let args = RustcArgs::parse(call.args.iter().map(String::as_str));
    let (input, types) = (args.input.unwrap_or_default(), args.crate_types.join(","));
    format!("{}\n{input}\n{types}\n{}", call.cwd, args.test)
}

/// Without the wrapper's words, as the user would type it.
fn shown(run: &CargoRun) -> String {
    run.display().replace(" --keep-going", "")
}
