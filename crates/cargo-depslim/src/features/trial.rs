//! Builds the workspace in a scratch copy, with manifests as they are and as they might be, and reads
//! what the linked programs hold.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::Metadata;
use pitcrew_core::cargo::{BuildEvent, BuildFailed, BuildOutput, CargoRun, TimedEvent};
use pitcrew_core::linked::{self, LinkedError, Program};
use pitcrew_core::scratch::{self, Scratch, ScratchWorkspace};
use rayon::prelude::*;

use super::entries::Texts;
use crate::gates::cfg::{Flags, flag};

/// A copy of the workspace, and where its artifacts go.
pub struct Trial {
    scratch: Scratch,
    /// The workspace root, and its copy.
    root: Utf8PathBuf,
    copy: ScratchWorkspace,
    settings: Settings,
}

/// How cargo is run.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The selection and flags of the user: `--workspace`, `--offline`, `--features x`.
    pub args: Vec<String>,
    /// Below the workspace root.
    pub within: Utf8PathBuf,
    /// Variables for cargo.
    pub env: Vec<(String, String)>,
    pub outside: Vec<Utf8PathBuf>,
    pub target_dir: Utf8PathBuf,
}

/// The folders of path dependencies that are not below the workspace root.
pub fn outside(metadata: &Metadata) -> Vec<Utf8PathBuf> {
    let local = metadata.packages.iter().filter(|p| p.source.is_none());
    let folders = local.filter_map(|package| package.manifest_path.parent());
    let outside = folders.filter(|folder| !folder.starts_with(&metadata.workspace_root));
    outside.map(Utf8Path::to_owned).collect()
}

/// A program that a build made, by what tells it from the others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    pub package: String,
    pub name: String,
    pub kinds: Vec<String>,
    pub test: bool,
}

/// A build that succeeded.
#[derive(Debug, Default)]
pub struct Built {
    pub programs: BTreeMap<Target, Program>,
    /// The libraries, by package.
    pub libraries: Vec<(String, Utf8PathBuf)>,
    /// Programs whose functions cannot be told, and why.
    pub dark: Vec<String>,
    /// What build scripts set, by package.
    pub flags: BTreeMap<String, Flags>,
    pub wall_s: f64,
    pub command: String,
}

impl Built {
    /// Bytes of machine code in the programs, tests left out, by the crate that it comes from.
    pub fn bytes(&self) -> BTreeMap<String, u64> {
        let mut bytes = BTreeMap::new();
        let programs = self.programs.iter().filter(|(target, _)| !target.test);
        for function in programs.flat_map(|(_, program)| program.functions.values()) {
            *bytes.entry(function.origin.clone()).or_default() += function.bytes();
        }
        bytes
    }
}

/// A build, or why there is none.
pub enum Outcome {
    Built(Built),
    /// The errors of the compiler, each as it shows them.
    Failed(Vec<String>),
}

impl Trial {
    /// Copies the workspace at `root`.
    pub fn new(root: &Utf8Path, settings: Settings) -> Result<Self> {
        let scratch = Scratch::new()?;
        let copy = scratch::copy_workspace(
            root,
            &settings.outside,
            &settings.target_dir,
            &scratch.path().join("sources"),
        )?;
        Ok(Self {
            scratch,
            root: root.to_owned(),
            copy,
            settings,
        })
    }

    /// Writes manifests, named as in the user's tree, into the copy.
    pub fn write(&self, texts: &Texts) -> Result<()> {
        for (path, text) in texts {
            let to = self.copy.place(path).with_context(|| {
                format!("{path} lies on another drive than the workspace, and cannot be tried")
            })?;
            scratch::write(&to, text)?;
        }
        Ok(())
    }

    /// Builds every program and test, and reads them.
    pub fn build(
        &self,
        targets: &[&str],
        progress: &mut dyn FnMut(&BuildEvent),
    ) -> Result<Outcome> {
        let mut args = vec!["build".to_owned(), "--keep-going".to_owned()];
        args.extend(targets.iter().map(|target| (*target).to_owned()));
        args.extend(self.settings.args.iter().cloned());
        match self.run(args, Vec::new(), progress)? {
            Ok(output) => Ok(Outcome::Built(read(&output, &|id| self.original(id)))),
            Err(errors) => Ok(Outcome::Failed(errors)),
        }
    }

    /// The id that a package of the copy has in the user's tree: ids of path packages hold the path.
    fn original(&self, id: &str) -> String {
        let (mut root, mut copy) = (self.root.as_path(), self.copy.root.as_path());
        while root.file_name().is_some() && root.file_name() == copy.file_name() {
            let (Some(above_root), Some(above_copy)) = (root.parent(), copy.parent()) else {
                break;
            };
            (root, copy) = (above_root, above_copy);
        }
        let slashes = |path: &Utf8Path| path.as_str().replace('\\', "/");
        let base = slashes(root);
        id.replace(&slashes(copy), base.trim_end_matches('/'))
    }

    /// Compiles the examples of the documentation. They are linked and not run: cargo runs them
    /// through a program that ends at once.
    pub fn doctests(
        &self,
        host: &str,
        progress: &mut dyn FnMut(&BuildEvent),
    ) -> Result<Vec<String>> {
        let mut args = vec!["test".to_owned(), "--doc".to_owned()];
        args.extend(self.settings.args.iter().cloned());
        let triple = host.to_uppercase().replace(['-', '.'], "_");
        let runner = (
            format!("CARGO_TARGET_{triple}_RUNNER"),
            "rustc --version".to_owned(),
        );
        match self.run(args, vec![runner], progress)? {
            Ok(_) => Ok(Vec::new()),
            Err(errors) => Ok(errors),
        }
    }

    fn run(
        &self,
        args: Vec<String>,
        more_env: Vec<(String, String)>,
        progress: &mut dyn FnMut(&BuildEvent),
    ) -> Result<Result<BuildOutput, Vec<String>>> {
        let target = self.scratch.path().join("target");
        let mut env: Vec<(String, String)> = QUICK_AND_TELLING
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        // Each unit more costs work; they pay off where cores would be idle.
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let units = cores.div_ceil(2).to_string();
        env.push(("CARGO_PROFILE_DEV_CODEGEN_UNITS".to_owned(), units));
        env.push(("CARGO_TARGET_DIR".to_owned(), target.to_string()));
        env.push(("CARGO_BUILD_BUILD_DIR".to_owned(), target.to_string()));
        env.extend(self.settings.env.iter().cloned());
        env.extend(more_env);
        let run = CargoRun {
            args,
            cwd: self.copy.root.join(&self.settings.within),
            env,
            ..CargoRun::default()
        };
        let mut errors = Vec::new();
        let result = run.run(&mut |event| {
            if let BuildEvent::Diagnostic {
                error: true,
                rendered,
                ..
            } = event
            {
                errors.push(rendered.clone());
            }
            progress(event);
        });
        match result {
            Ok(output) => Ok(Ok(output)),
            Err(error) => match error.downcast_ref::<BuildFailed>() {
                Some(failed) => {
                    if errors.is_empty() {
                        errors.push(failed.said.clone());
                    }
                    Ok(Err(errors))
                }
                None => Err(error),
            },
        }
    }

    /// Removes the copy, and says so where that fails.
    pub fn close(self) -> Result<()> {
        self.scratch.close()
    }
}

/// The dev profile without what only a debugger reads, and without optimization: each function of the
/// sources is one of the program.
const QUICK_AND_TELLING: &[(&str, &str)] = &[
    ("CARGO_INCREMENTAL", "0"),
    ("CARGO_PROFILE_DEV_DEBUG", "0"),
    ("CARGO_PROFILE_DEV_LTO", "off"),
    ("CARGO_PROFILE_DEV_OPT_LEVEL", "0"),
    ("CARGO_PROFILE_DEV_SPLIT_DEBUGINFO", "off"),
    ("CARGO_PROFILE_DEV_STRIP", "none"),
    ("CARGO_PROFILE_TEST_DEBUG", "0"),
    ("CARGO_PROFILE_TEST_OPT_LEVEL", "0"),
    ("CARGO_PROFILE_TEST_STRIP", "none"),
];

fn read(output: &BuildOutput, original: &dyn Fn(&str) -> String) -> Built {
    let mut built = Built {
        wall_s: output.wall_s,
        command: output.command.clone(),
        ..Built::default()
    };
    let rlibs = output.artifacts().flat_map(|artifact| {
        let files = artifact.filenames.iter();
        let files = files.filter(|file| file.extension() == Some("rlib"));
        files.map(|file| (original(&artifact.package_id), file.clone()))
    });
    built.libraries = rlibs.collect();
    let artifacts: Vec<(Target, &Utf8PathBuf)> = output
        .artifacts()
        .filter_map(|artifact| {
            let target = Target {
                package: original(&artifact.package_id),
                name: artifact.target.clone(),
                kinds: artifact.kinds.clone(),
                test: artifact.test,
            };
            let is_script = artifact.kinds.iter().any(|kind| kind == "custom-build");
            Some((target, artifact.executable.as_ref().filter(|_| !is_script)?))
        })
        .collect();
    let read: Vec<(Target, Result<Program, LinkedError>)> = artifacts
        .into_par_iter()
        .map(|(target, path)| (target, linked::read(path)))
        .collect();
    for (target, program) in read {
        match program {
            Ok(program) => {
                built.programs.insert(target, program);
            }
            Err(error) => built.dark.push(format!("{error}")),
        }
    }
    for event in &output.events {
        if let TimedEvent::ScriptExecuted {
            package_id,
            out_dir,
            ..
        } = event
        {
            let flags = built.flags.entry(original(package_id)).or_default();
            flags.extend(script_flags(out_dir));
        }
    }
    built
}

/// What a build script printed, which cargo keeps beside its output.
fn script_flags(out_dir: &Utf8Path) -> Flags {
    let file = out_dir.parent().map(|dir| dir.join("output"));
    let text = file
        .and_then(|file| fs::read(file).ok())
        .unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let set = text.lines().filter_map(|line| {
        line.strip_prefix("cargo::rustc-cfg=")
            .or_else(|| line.strip_prefix("cargo:rustc-cfg="))
    });
    set.map(flag).collect()
}
