//! What a build of the workspace made: its programs, read function by function.

use std::collections::BTreeMap;
use std::fs;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::cargo::{BuildOutput, TimedEvent};
use pitcrew_core::linked::{self, LinkedError, Program};
use rayon::prelude::*;

use super::entries::Texts;
use crate::gates::cfg::{Flags, flag};

/// Where the workspace is built, with manifests as they might be.
pub trait Trial {
    /// Builds every program with these manifests, named as in the user's tree, in the place of what is
    /// there; all others are as the user has them.
    fn build(&mut self, manifests: &Texts) -> Result<Attempt>;
}

/// What a build made, or why there is nothing.
#[derive(Debug)]
pub enum Attempt {
    Built(Programs),
    /// The errors of the compiler, each as it shows them.
    Failed(Vec<String>),
}

/// A program that a build made, by what tells it from the others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    pub package: String,
    pub name: String,
    pub kinds: Vec<String>,
    pub test: bool,
}

/// Of a build that succeeded.
#[derive(Debug, Default)]
pub struct Programs {
    pub by_target: BTreeMap<Target, Program>,
    /// The libraries, by package.
    pub libraries: Vec<(String, Utf8PathBuf)>,
    /// Programs whose functions cannot be told, and why.
    pub dark: Vec<String>,
    /// What build scripts set, by package.
    pub flags: BTreeMap<String, Flags>,
    pub wall_s: f64,
    pub command: String,
}

impl Programs {
    /// Bytes of machine code in the programs, tests left out, by the crate that it comes from.
    pub fn bytes(&self) -> BTreeMap<String, u64> {
        let mut bytes = BTreeMap::new();
        let programs = self.by_target.iter().filter(|(target, _)| !target.test);
        for function in programs.flat_map(|(_, program)| program.functions.values()) {
            *bytes.entry(function.origin.clone()).or_default() += function.bytes();
        }
        bytes
    }
}

/// Reads what a build made. `original` gives the id that a package of the scratch copy has in the
/// user's tree.
pub fn read(output: &BuildOutput, original: &dyn Fn(&str) -> String) -> Programs {
    let mut built = Programs {
        wall_s: output.wall_s,
        command: output.command.clone(),
        ..Programs::default()
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
                built.by_target.insert(target, program);
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
