//! Each package is built from what crates.io would have of it, and installed from its folder as the README says.

use std::process::Command;

use anyhow::{Context, Result};
use camino::Utf8Path;

use crate::bench::Figure;
use crate::packages;
use crate::plugins::{PLUGINS, Plugin};
use crate::process::{self, cargo, output, say};

pub fn run() -> Result<Vec<Figure>> {
    say("install: each package from its archive and from its folder");
    let packed = packages::verify().err().map(|error| format!("{error:#}"));
    let packed = Vec::from_iter(packed);
    let root = tempfile::tempdir().context("cannot create a folder to install into")?;
    let root = Utf8Path::from_path(root.path()).context("its path is not UTF-8")?;
    let installed: Vec<String> = PLUGINS
        .iter()
        .filter_map(|plugin| one(plugin, root).err())
        .map(|error| format!("{error:#}"))
        .collect();
    let what = format!("{} packages, built from their archives", PLUGINS.len() + 1);
    let from_folder = format!("{} plugins, `cargo install --path`", PLUGINS.len());
    Ok(vec![
        super::without("install", what, &packed),
        super::without("install", from_folder, &installed),
    ])
}

/// Installed, it answers: by itself, and as cargo calls it.
fn one(plugin: &Plugin, root: &Utf8Path) -> Result<()> {
    let folder = crate::root().join("crates").join(plugin.package);
    let mut install = cargo();
    install.args(["install", "--locked", "--quiet", "--path", folder.as_str()]);
    process::run(install.args(["--root", root.as_str()]))?;
    let program = root.join("bin").join(plugin.package);
    let version = output(Command::new(&program).arg("--version"))?;
    anyhow::ensure!(
        version.contains(env!("CARGO_PKG_VERSION")),
        "{program} --version says {version}"
    );
    let rules = output(Command::new(&program).args([plugin.name, "explain"]))?;
    anyhow::ensure!(
        (plugin.rules)().iter().all(|rule| rules.contains(rule.id)),
        "{program} {} explain does not list each rule",
        plugin.name
    );
    Ok(())
}
