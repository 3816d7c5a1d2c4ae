//! What tests of several packages share: the built plugin, a project in a temporary folder, and a way
//! to say that nothing in it has changed; labelled cases for the rules of a plugin, with how right
//! the rules are on them; a browser for pages.

#![expect(clippy::unwrap_used, reason = "a set-up that fails must fail its test")]

mod running;

#[cfg(unix)]
pub use running::wait_for_end_of;
pub use running::{Ended, Running};

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command as StdCommand;
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};
use assert_cmd::Command;
use camino::{Utf8Path, Utf8PathBuf};
use tempfile::TempDir;

pub mod accuracy;
pub mod browser;
pub mod corpus;
pub mod hostile;
#[cfg(unix)]
pub mod kills;
pub mod machine;
pub mod page;
pub mod planted;
pub mod random;
pub mod recording;
pub mod registry;
pub mod repeat;
pub mod tool;

/// A plugin, as far as the contracts need to know it.
#[derive(Debug)]
pub struct Plugin {
    /// As it follows `cargo` on the command line.
    pub name: &'static str,
    /// The flags with which it builds nothing.
    pub quick: &'static [&'static str],
    /// A rule that speaks of the sample workspace even so.
    pub rule: &'static str,
    /// Another, which does not.
    pub silent_rule: &'static str,
    /// Flags of its own.
    pub flags: &'static [&'static str],
    binary: OnceLock<Utf8PathBuf>,
}

/// Every plugin.
pub static PLUGINS: [Plugin; 2] = [
    Plugin {
        name: "buildspeed",
        quick: &["--no-build"],
        rule: "ignored-profile",
        silent_rule: "old-resolver",
        flags: &["--goal", "--cores", "--budget"],
        binary: OnceLock::new(),
    },
    Plugin {
        name: "depslim",
        quick: &["--proof", "scan"],
        rule: "unused-dependency",
        silent_rule: "misplaced-dependency",
        flags: &["--proof", "--verify-with"],
        binary: OnceLock::new(),
    },
];

impl Plugin {
    pub fn package(&self) -> String {
        format!("cargo-{}", self.name)
    }

    /// The built binary.
    pub fn binary(&self) -> &Utf8Path {
        self.binary.get_or_init(|| built(&self.package()))
    }
}

/// The built `cargo-buildspeed`.
pub fn buildspeed() -> &'static Utf8Path {
    PLUGINS[0].binary()
}

/// The built `cargo-depslim`.
pub fn depslim() -> &'static Utf8Path {
    PLUGINS[1].binary()
}

/// The built `cargo-concurrency-lint`.
pub fn concurrency_lint() -> &'static Utf8Path {
    static BUILT: OnceLock<Utf8PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| built("cargo-concurrency-lint"))
}

/// The built `cargo-hotpath`.
pub fn hotpath() -> &'static Utf8Path {
    static BUILT: OnceLock<Utf8PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| built("cargo-hotpath"))
}

/// The built binary of a plugin. Cargo offers no way to depend on another package's binary, so it is
/// built here; where it is fresh that costs cargo's own check.
fn built(package: &str) -> Utf8PathBuf {
    match build(package) {
        Ok(path) => path,
        Err(error) => panic!("{error:#}"),
    }
}

fn build(package: &str) -> Result<Utf8PathBuf> {
    let output = StdCommand::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "-p",
            package,
            "--message-format=json-render-diagnostics",
        ])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .context("cannot start cargo")?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout)?;
    let messages = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let executable = |message: serde_json::Value| message["executable"].as_str().map(Into::into);
    messages
        .filter_map(executable)
        .next_back()
        .context("cargo named no executable")
}

/// A project of its own in a temporary folder, with a state and a cargo configuration of its own.
pub struct Project {
    pub root: Utf8PathBuf,
    pub state: Utf8PathBuf,
    pub temporary: Utf8PathBuf,
    /// Where the plugin makes its scratch copies.
    pub scratch: Utf8PathBuf,
    _kept: TempDir,
}

impl Project {
    /// An empty folder.
    pub fn empty() -> Self {
        let kept = tempfile::Builder::new()
            .prefix("pitcrew-test-")
            .tempdir()
            .unwrap();
        let temporary = Utf8Path::from_path(kept.path())
            .unwrap()
            .canonicalize_utf8()
            .unwrap();
        let root = temporary.join("project");
        let scratch = temporary.join("scratch");
        fs::create_dir(&root).unwrap();
        fs::create_dir(&scratch).unwrap();
        Self {
            root,
            state: temporary.join("state"),
            scratch,
            temporary,
            _kept: kept,
        }
    }

    /// The given files, by their path.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let project = Self::empty();
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    /// A copy of the bundled sample workspace.
    pub fn sample() -> Self {
        let project = Self::empty();
        let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/sample-workspace");
        copy(Utf8Path::new(sample), &project.root);
        project
    }

    /// One small library without dependencies that nothing can be said against.
    pub fn small() -> Self {
        Self::new(&[
            ("Cargo.toml", SMALL_MANIFEST),
            ("Cargo.lock", SMALL_LOCK),
            (
                "src/lib.rs",
                "//! ```\n//! assert_eq!(small::one(), 1);\n//! ```\npub fn one() -> u32 {\n    1\n}\n",
            ),
        ])
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap()
    }

    /// `cargo buildspeed` in the project, as cargo calls it.
    pub fn buildspeed(&self, args: &[&str]) -> Command {
        self.plugin(&PLUGINS[0], args)
    }

    /// `cargo depslim` in the project, as cargo calls it.
    pub fn depslim(&self, args: &[&str]) -> Command {
        self.plugin(&PLUGINS[1], args)
    }

    /// `cargo concurrency-lint` in the project, as cargo calls it.
    pub fn concurrency_lint(&self, args: &[&str]) -> Command {
        Command::from_std(self.command(concurrency_lint(), "concurrency-lint", args))
    }

    /// `cargo hotpath` in the project, as cargo calls it.
    pub fn hotpath(&self, args: &[&str]) -> Command {
        Command::from_std(self.command(hotpath(), "hotpath", args))
    }

    /// The same, to be watched and interrupted while it runs.
    pub fn start_buildspeed(&self, args: &[&str]) -> Running {
        Running::start(self.command(buildspeed(), "buildspeed", args))
    }

    /// A plugin in the project, as cargo calls it.
    pub fn plugin(&self, plugin: &Plugin, args: &[&str]) -> Command {
        Command::from_std(self.command(plugin.binary(), plugin.name, args))
    }

    fn command(&self, binary: &Utf8Path, name: &str, args: &[&str]) -> StdCommand {
        let mut command = StdCommand::new(binary);
        command.arg(name).args(args).current_dir(&self.root);
        self.isolate(&mut command);
        command
    }

    /// A plugin that builds nothing.
    pub fn quick(&self, plugin: &Plugin, args: &[&str]) -> Command {
        let mut command = self.plugin(plugin, plugin.quick);
        command.args(args);
        command
    }

    /// Away from the state, the configuration and the variables of whoever runs the tests.
    pub fn isolate(&self, command: &mut StdCommand) {
        command
            .env("PITCREW_STATE_DIR", &self.state)
            .env("PITCREW_SCRATCH_DIR", &self.scratch)
            .env("COLUMNS", "80");
        for (name, _) in std::env::vars() {
            let bears = name.starts_with("CARGO_") && name != "CARGO_HOME"
                || name.starts_with("RUSTC_")
                || name.starts_with("NEXTEST")
                || [
                    "RUSTFLAGS",
                    "CI",
                    "NO_COLOR",
                    "CLICOLOR_FORCE",
                    "RUST_BACKTRACE",
                ]
                .contains(&name.as_str());
            if bears {
                command.env_remove(name);
            }
        }
    }

    /// Commits everything, so that nothing is dirty.
    pub fn commit(&self) {
        for args in [
            &["init", "-q"][..],
            &["add", "-A"],
            &["commit", "-qm", "All"],
        ] {
            self.git(args);
        }
    }

    pub fn git(&self, args: &[&str]) {
        let identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
        let mut command = StdCommand::new("git");
        command.args(identity).args(args).current_dir(&self.root);
        let status = command.status().unwrap();
        assert!(status.success(), "git {args:?}");
    }

    /// What is left of scratch copies.
    pub fn leftovers(&self) -> Vec<String> {
        let entries = self.scratch.read_dir_utf8().unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().to_owned())
            .collect()
    }

    /// Every file of the project but build artifacts and git's own, with its bytes.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(self.root.as_std_path(), self.root.as_std_path(), &mut files);
        files
    }
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            if !["target", ".git"]
                .iter()
                .any(|name| entry.file_name() == *name)
            {
                collect(root, &path, files);
            }
        } else {
            // Not every name is UTF-8.
            let name = path.strip_prefix(root).unwrap().to_string_lossy();
            // Who opens a pipe waits for somebody to write to it.
            let regular = fs::metadata(&path).is_ok_and(|meta| meta.is_file());
            let bytes = regular.then(|| fs::read(&path).ok()).flatten();
            files.insert(name.into_owned(), bytes.unwrap_or_default());
        }
    }
}

/// Copies a folder with all that is in it but build artifacts.
pub fn copy(from: &Utf8Path, to: &Utf8Path) {
    fs::create_dir_all(to).unwrap();
    for entry in from.read_dir_utf8().unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            if entry.file_name() != "target" {
                copy(entry.path(), &target);
            }
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

const SMALL_MANIFEST: &str =
    "[package]\nname = \"small\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
const SMALL_LOCK: &str = "# This file is automatically @generated by Cargo.\n# It is not intended for \
                          manual editing.\nversion = 4\n\n[[package]]\nname = \"small\"\nversion = \
                          \"0.1.0\"\n";
