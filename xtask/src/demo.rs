//! `cargo xtask demo`: each plugin does its main job, for real, on a copy of the bundled sample
//! workspace in a temporary folder.

pub mod plays;

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, ExitStatus};

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use crate::plugins::PLUGINS;
use crate::process::{self, cargo, say};

/// Where a plugin shows itself: the built plugins and a copy of the sample.
pub struct Stage {
    bins: Vec<Utf8PathBuf>,
    pub sample: Utf8PathBuf,
}

/// Builds the plugins, copies the sample, and lets each plugin do its main job on it.
pub fn run() -> Result<()> {
    let mut build = cargo();
    build.args([
        "build",
        "--profile=demo",
        "--locked",
        "--message-format=json-render-diagnostics",
    ]);
    for plugin in PLUGINS {
        build.args(["-p", plugin.package]);
    }
    say(&format!("$ {}", process::shown(&build)));
    let bins = executables(&process::output(&mut build)?);

    let temporary = tempfile::Builder::new().prefix("pitcrew-demo-").tempdir()?;
    let sample = Utf8Path::from_path(temporary.path()).context("a non-UTF-8 temporary folder")?;
    let stage = Stage {
        bins,
        sample: sample.join("inkwell"),
    };
    copy(
        &crate::root().join("tests/fixtures/sample-workspace"),
        &stage.sample,
    )?;
    say(&format!(
        "\nThe sample workspace, a word counter in three crates, is at {}",
        stage.sample
    ));
    for plugin in PLUGINS {
        say(&format!("\n== cargo {}", plugin.name));
        (plugin.demo)(&stage)?;
    }
    say("\nThat was all of it. `cargo xtask install` puts the plugins on your PATH.");
    Ok(())
}

impl Stage {
    /// The same plugins on a copy of another sample.
    pub fn with_sample(&self, name: &str) -> Result<Self> {
        let sample = self.sample.with_file_name(name);
        copy(&crate::root().join("tests/fixtures").join(name), &sample)?;
        Ok(Self {
            bins: self.bins.clone(),
            sample,
        })
    }

    /// `cargo NAME ARGS` in the sample; its failure is an error.
    pub fn plugin(&self, name: &str, args: &[&str]) -> Result<()> {
        let status = self.start(name, args)?;
        ensure!(status.success(), "cargo {name} failed with {status}");
        Ok(())
    }

    /// The same, with the status for the caller to judge.
    pub fn start(&self, name: &str, args: &[&str]) -> Result<ExitStatus> {
        let package = format!("cargo-{name}");
        let bin = self
            .bins
            .iter()
            .find(|bin| bin.file_stem() == Some(&package));
        let bin = bin.context("cargo did not report the built plugin")?;
        let mut command = Command::new(bin);
        command
            .arg(name)
            .args(args)
            .current_dir(&self.sample)
            .env("PITCREW_STATE_DIR", self.sample.join("../state"));
        say(&format!("\n$ cargo {name} {}", args.join(" ")));
        command
            .status()
            .with_context(|| format!("cannot start {bin}"))
    }
}

/// Every file below `folder` whose name ends so, with its bytes: `toml` are manifests and configuration.
pub fn files(folder: &Utf8Path, ending: &str) -> Result<BTreeMap<Utf8PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    for entry in folder.read_dir_utf8()? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            if entry.file_name() != "target" {
                found.extend(files(path, ending)?);
            }
        } else if path.extension() == Some(ending) {
            found.insert(path.to_owned(), fs::read(path)?);
        }
    }
    Ok(found)
}

/// The executables that cargo's JSON messages name.
pub fn executables(messages: &str) -> Vec<Utf8PathBuf> {
    let lines = messages
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    lines
        .filter_map(|message: serde_json::Value| {
            message["executable"].as_str().map(Utf8PathBuf::from)
        })
        .collect()
}

/// Copies a folder with all that is in it but build artifacts.
pub fn copy(from: &Utf8Path, to: &Utf8Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {to}"))?;
    for entry in from
        .read_dir_utf8()
        .with_context(|| format!("cannot read {from}"))?
    {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            if entry.file_name() != "target" {
                copy(entry.path(), &target)?;
            }
        } else {
            fs::copy(entry.path(), &target).with_context(|| format!("cannot write {target}"))?;
        }
    }
    Ok(())
}
