//! `cargo xtask install`: the plugins on PATH.

use anyhow::Result;
use camino::Utf8Path;

use crate::plugins::PLUGINS;
use crate::process::{self, cargo, say};

/// Installs every plugin with cargo itself, from the lockfile.
pub fn run(root: Option<&Utf8Path>) -> Result<()> {
    for plugin in PLUGINS {
        let mut command = cargo();
        command.args([
            "install",
            "--locked",
            "--force",
            "--path",
            &format!("crates/{}", plugin.package),
        ]);
        if let Some(root) = root {
            command.args(["--root", root.as_str()]);
        }
        process::run(&mut command)?;
        let name = plugin.name;
        say(&format!(
            "installed: try `cargo {name}` in one of your projects"
        ));
    }
    Ok(())
}
