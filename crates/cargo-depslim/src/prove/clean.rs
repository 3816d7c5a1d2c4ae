//! A clean build of the copy as it is, for the figures of `--apply`; and the lockfile that cargo writes
//! for it.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};
use pitcrew_core::cargo::CargoRun;
use pitcrew_core::wrapper::Wrapping;

use super::Workshop;

/// What one clean build took and made.
#[derive(Debug, Clone, PartialEq)]
pub struct CleanBuilt {
    pub crates: usize,
    pub wall_s: f64,
    /// Of the executables together.
    pub bytes: u64,
}

impl CleanBuilt {
    /// The quicker of two builds of the same: what else the machine did made the other one slower.
    #[must_use]
    pub fn or_quicker(self, other: Self) -> Self {
        if other.wall_s < self.wall_s {
            other
        } else {
            self
        }
    }
}

impl fmt::Display for CleanBuilt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} crates, {:.1} s for a clean build",
            self.crates, self.wall_s
        )?;
        if self.bytes > 0 {
            #[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
            let megabytes = self.bytes as f64 / 1e6;
            write!(f, ", {megabytes:.2} MB of executables")?;
        }
        Ok(())
    }
}

impl Workshop<'_> {
    /// Builds the copy into an empty target directory of its own, once.
    pub fn clean_build(&mut self, name: &str) -> Result<CleanBuilt> {
        self.stage(&format!("a clean build {name} the change"));
        let target = self.target().with_file_name(format!("target-{name}"));
        let mut args = vec!["build".to_owned()];
        args.extend(self.selection());
        let run = CargoRun {
            args,
            cwd: self.cwd(),
            env: ["CARGO_TARGET_DIR", "CARGO_BUILD_BUILD_DIR"]
                .map(|variable| (variable.to_owned(), target.to_string()))
                .to_vec(),
            env_remove: Wrapping::env_remove(),
            ..CargoRun::default()
        };
        let output = run.run(&mut |event| self.show(event))?;
        let packages: BTreeSet<&String> = output.artifacts().map(|a| &a.package_id).collect();
        let mut bytes = 0;
        for executable in output.executables() {
            bytes += fs::metadata(executable)
                .with_context(|| format!("cannot read {executable}"))?
                .len();
        }
        let built = CleanBuilt {
            crates: packages.len(),
            wall_s: output.wall_s,
            bytes,
        };
        // It may be large, and the next one needs the room; what stays goes with the copy.
        fs::remove_dir_all(target).ok();
        Ok(built)
    }

    /// The lockfile that cargo writes for the copy as it is: nothing is added by a removal, so that
    /// the network is not needed.
    pub fn lock(&mut self) -> Result<String> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command
            .args(["metadata", "--format-version=1", "--offline"])
            .current_dir(self.root());
        let output = command.output().context("cannot run `cargo metadata`")?;
        if !output.status.success() {
            bail!(
                "cargo cannot write the lockfile that belongs to the change:\n\n{}",
                String::from_utf8_lossy(&output.stderr).trim_end()
            );
        }
        let path = self.root().join("Cargo.lock");
        fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))
    }
}
