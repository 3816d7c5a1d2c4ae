//! What the manifest needs for a criterion benchmark: the dependency, and a target without libtest's
//! harness.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::{DependencyKind, Package};
use pitcrew_core::cli::CargoFlags;
use pitcrew_core::manifest::{self, TomlChange};
use pitcrew_core::scratch::ScratchWorkspace;
use pitcrew_core::session::Session;
use toml_edit::{DocumentMut, Item};

/// How criterion comes into the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// It is there.
    Present,
    /// The workspace has it for its members.
    Inherited,
    /// For this package, named as cargo is asked.
    New(String),
}

impl Setting {
    pub fn of(session: &Session, package: &Package) -> Result<Self> {
        let for_tests = |kind: DependencyKind| {
            matches!(kind, DependencyKind::Development | DependencyKind::Normal)
        };
        let mut dependencies = package.dependencies.iter();
        if dependencies.any(|of| of.name == "criterion" && for_tests(of.kind)) {
            return Ok(Self::Present);
        }
        let root = session.workspace.root_manifest();
        let text = fs::read_to_string(&root).with_context(|| format!("cannot read {root}"))?;
        let key = ["workspace", "dependencies", "criterion"];
        Ok(match manifest::lookup(&text, &key) {
            Some(_) => Self::Inherited,
            None => Self::New(package.name.to_string()),
        })
    }

    /// The value of `dev-dependencies.criterion`, if one is to be written.
    pub fn dependency(
        &self,
        flags: &CargoFlags,
        copy: &ScratchWorkspace,
    ) -> Result<Option<String>> {
        Ok(match self {
            Self::Present => None,
            Self::Inherited => Some("{ workspace = true }".to_owned()),
            Self::New(package) => {
                let version = newest(package, flags, &copy.root)?;
                // Without plots and threads: it is the measuring that counts, and it builds in half the time.
                Some(format!(
                    "{{ version = \"{version}\", default-features = false, features = [\"cargo_bench_support\"] }}"
                ))
            }
        })
    }
}

/// The requirement that `cargo add` would write: the newest release that the package's `rust-version` allows.
fn newest(package: &str, flags: &CargoFlags, root: &Utf8Path) -> Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args([
        "add",
        "--dry-run",
        "--dev",
        "criterion",
        "--package",
        package,
    ]);
    if flags.offline || flags.frozen {
        command.arg("--offline");
    }
    command
        .current_dir(root)
        .stdin(Stdio::null())
        .env("CARGO_TERM_COLOR", "never");
    let output = command.output().context("cannot start `cargo add`")?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!(
            "cargo cannot add criterion to {package}: {}",
            said.trim_end()
        );
    }
    let version = said.lines().find_map(|line| {
        let rest = line.trim_start().strip_prefix("Adding criterion v")?;
        requirement(rest.split(' ').next()?)
    });
    version.with_context(|| {
        format!(
            "`cargo add` does not say which criterion it would add: {}",
            said.trim_end()
        )
    })
}

/// As much of a version as its compatible successors share.
fn requirement(version: &str) -> Option<String> {
    let mut parts = version.split('.');
    let (major, minor) = (parts.next()?, parts.next()?);
    Some(match major {
        "0" => format!("0.{minor}"),
        _ => major.to_owned(),
    })
}

/// A package's manifest.
pub struct Manifest {
    path: Utf8PathBuf,
    pub text: String,
}

impl Manifest {
    pub fn read(path: &Utf8Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?;
        Ok(Self {
            path: path.to_owned(),
            text,
        })
    }

    /// With the target `bench`, and with the dependency where it is to be written. All else stays.
    pub fn with(&self, bench: &str, dependency: &Option<String>) -> Result<String> {
        let context = || format!("cannot edit {}", self.path);
        let changes: Vec<TomlChange> = (dependency.iter())
            .map(|value| TomlChange::set(["dev-dependencies", "criterion"], value))
            .collect();
        let text = manifest::change(&self.text, &changes).with_context(context)?;
        let document: DocumentMut = text.parse().with_context(context)?;
        if document.get("bench").is_some_and(Item::is_value) {
            let target = format!("[{{ name = \"{bench}\", harness = false }}]");
            let change = TomlChange::append(["bench"], target);
            return manifest::change(&text, &[change]).with_context(context);
        }
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let gap = if text.ends_with('\n') {
            end.to_owned()
        } else {
            format!("{end}{end}")
        };
        let with = format!("{text}{gap}[[bench]]{end}name = \"{bench}\"{end}harness = false{end}");
        with.parse::<DocumentMut>().with_context(context)?;
        Ok(with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str, dependency: Option<&str>) -> String {
        let manifest = Manifest {
            path: "Cargo.toml".into(),
            text: text.to_owned(),
        };
        manifest
            .with("parse", &dependency.map(str::to_owned))
            .unwrap()
    }

    #[test]
    fn the_target_and_the_dependency_are_added_and_all_else_stays() {
        let text = "[package] # mine\nname = \"a\"\n\n[dev-dependencies]\nx = \"1\" # why\n";
        assert_eq!(
            with(text, Some("\"0.8\"")),
            "[package] # mine\nname = \"a\"\n\n[dev-dependencies]\nx = \"1\" # why\ncriterion = \"0.8\"\n\n\
             [[bench]]\nname = \"parse\"\nharness = false\n"
        );
        assert_eq!(
            with("[package]\r\nname = \"a\"\r\n", None),
            "[package]\r\nname = \"a\"\r\n\r\n[[bench]]\r\nname = \"parse\"\r\nharness = false\r\n"
        );
        let inline = "bench = [{ name = \"b\", harness = false }]\n[package]\nname = \"a\"\n";
        let new: DocumentMut = with(inline, None).parse().unwrap();
        assert_eq!(new["bench"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn a_requirement_holds_for_compatible_versions() {
        assert_eq!(requirement("0.8.1").as_deref(), Some("0.8"));
        assert_eq!(requirement("1.2.3").as_deref(), Some("1"));
        assert_eq!(requirement("x"), None);
    }
}
