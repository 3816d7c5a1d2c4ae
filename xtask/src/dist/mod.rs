//! `cargo xtask dist`: for each plugin one archive that holds all a user needs, and their checksums.
//!
//! The layout is what `cargo binstall` is told in each plugin's manifest. Times, owners and order in
//! the archive are fixed, so the same commit makes the same bytes but for what rustc makes differently.

mod archive;
mod checksums;
mod licences;
mod manual;

use std::fs;

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::workspace::{self, LoadOptions, Workspace};

use crate::plugins::{PLUGINS, Plugin};
use crate::process::{self, cargo, output, say};

/// What a stripped binary may weigh, in bytes.
const LARGEST: u64 = 12 * 1024 * 1024;

/// Where it goes and for which machine.
#[derive(clap::Args)]
pub struct Args {
    /// Where the archives go
    #[arg(long, value_name = "DIR", default_value = "target/dist")]
    out: Utf8PathBuf,

    /// Build for another target than this machine's
    #[arg(long, value_name = "TRIPLE")]
    target: Option<String>,

    /// Write man pages, completions and licences only: needs no release build
    #[arg(long)]
    no_build: bool,
}

/// Builds all plugins, packs each, and writes `SHA256SUMS` beside the archives.
pub fn run(args: &Args) -> Result<()> {
    let target = match &args.target {
        Some(target) => target.clone(),
        None => host()?,
    };
    let out = crate::root().join(&args.out);
    let workspace = workspace::load(&LoadOptions {
        cwd: crate::root().to_owned(),
        filter_platform: Some(target.clone()),
        locked: true,
        ..LoadOptions::default()
    })?;
    let mut archives = Vec::new();
    for plugin in PLUGINS {
        let name = format!(
            "{}-{}-{target}",
            plugin.package,
            version(&workspace, plugin)?
        );
        let folder = out.join(&name);
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("cannot clear {folder}"))?;
        }
        write_texts(&workspace, plugin, &folder)?;
        if args.no_build {
            let shown = args.out.join(&name);
            say(&format!("{shown}: man pages, completions, licences"));
            continue;
        }
        copy_binary(plugin, &target, args.target.is_some(), &folder)?;
        archives.push(archive::pack(&folder)?);
    }
    if !archives.is_empty() {
        checksums::write(&out.join("SHA256SUMS"), &archives)?;
    }
    Ok(())
}

fn host() -> Result<String> {
    let mut rustc = std::process::Command::new("rustc");
    let told = output(rustc.arg("-vV"))?;
    let line = told.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(line.context("`rustc -vV` names no host")?.to_owned())
}

fn version(workspace: &Workspace, plugin: &Plugin) -> Result<String> {
    let mut packages = workspace.metadata.packages.iter();
    let package = packages.find(|package| package.name == plugin.package);
    let package = package.with_context(|| format!("no package {} here", plugin.package))?;
    Ok(package.version.to_string())
}

fn write_texts(workspace: &Workspace, plugin: &Plugin, folder: &Utf8Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {folder}"))?;
    for file in ["LICENSE-MIT", "LICENSE-APACHE", "README.md", "CHANGELOG.md"] {
        let from = crate::root().join(file);
        fs::copy(&from, folder.join(file)).with_context(|| format!("cannot copy {from}"))?;
    }
    manual::man_pages(plugin, &folder.join("man"))?;
    manual::completions(plugin, &folder.join("completions"))?;
    let notices = licences::notices(workspace, plugin.package)?;
    let file = folder.join("THIRD-PARTY-LICENCES.txt");
    fs::write(&file, notices).with_context(|| format!("cannot write {file}"))
}

/// Builds the plugin for `target` and puts the binary into `folder`, where it is not too large.
fn copy_binary(plugin: &Plugin, target: &str, cross: bool, folder: &Utf8Path) -> Result<()> {
    let mut command = cargo();
    command.args(["build", "--release", "--locked", "-p", plugin.package]);
    let mut built = crate::root().join("target");
    // Without `--target` the artifacts of `cargo build --release` serve.
    if cross {
        command.args(["--target", target]);
        built.push(target);
    }
    process::run(&mut command)?;
    let suffix = if target.contains("windows") {
        ".exe"
    } else {
        ""
    };
    let file = format!("{}{suffix}", plugin.package);
    let from = built.join("release").join(&file);
    let size =
        fs::copy(&from, folder.join(&file)).with_context(|| format!("cannot copy {from}"))?;
    say(&format!("{file}: {:.1} MB", size as f64 / 1e6));
    ensure!(
        size <= LARGEST,
        "{from} has {size} bytes, more than the {LARGEST} that a plugin may have"
    );
    Ok(())
}
