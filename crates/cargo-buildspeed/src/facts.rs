//! What the rules judge: plain data about the workspace, the configuration, the machine and one
//! recorded build. Rules see nothing else.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use pitcrew_core::config::{EffectiveConfig, Origin};
use pitcrew_core::machine::Machine;
use pitcrew_core::recording::Recording;
use pitcrew_core::toolchain::Toolchain;

use crate::goal::Goal;

/// Everything a rule may look at.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    pub goal: Goal,
    pub workspace: WorkspaceFacts,
    pub config: EffectiveConfig,
    pub profiles: Profiles,
    pub toolchain: Toolchain,
    pub machine: Machine,
    /// The environment variables that bear on a build: `CARGO_*`, `RUST*`, `CI`, ...
    pub env: BTreeMap<String, String>,
    /// None with `--no-build` where no recording is at hand.
    pub recording: Option<Recording>,
    /// The rebuild after one edit, where one was recorded.
    pub rebuild: Option<Recording>,
    pub antivirus: Antivirus,
}

impl Facts {
    /// The profile of this name, `dev` and `release` always included.
    pub fn profile(&self, name: &str) -> Option<&Profile> {
        self.profiles.by_name.get(name)
    }

    /// Whether a CI system runs this, by the variable that all of them set.
    pub fn in_ci(&self) -> bool {
        let ci = self.env.get("CI").map(String::as_str);
        ci.is_some_and(|value| !matches!(value, "" | "0" | "false"))
    }

    /// The recording of the goal's own scenario: for an edit that of the rebuild, where there is one.
    pub fn scenario_recording(&self) -> Option<&Recording> {
        let rebuild = self.rebuild.as_ref().filter(|_| self.goal == Goal::Edit);
        rebuild.or_else(|| self.goal_recording())
    }

    /// The recording, where it is one of the profile that the goal builds.
    pub fn goal_recording(&self) -> Option<&Recording> {
        self.recording
            .as_ref()
            .filter(|recording| recording.profile == self.goal.profile())
    }
}

/// The workspace as far as build speed is concerned.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WorkspaceFacts {
    pub root: Utf8PathBuf,
    /// The root manifest's text, for locations.
    pub root_manifest: String,
    /// A root manifest without a `[package]`.
    pub is_virtual: bool,
    /// The resolver in force: `1`, `2` or `3`.
    pub resolver: u32,
    /// The `workspace.resolver` or `package.resolver` key as written, if it is.
    pub resolver_key: Option<String>,
    pub members: Vec<Member>,
    /// Whether any member depends on a package that is not a member.
    pub has_dependencies: bool,
    pub duplicates: Vec<Duplicate>,
    /// The target directory in force, shared with every other tool that runs cargo here.
    pub target_dir: Utf8PathBuf,
    /// IDE settings found in the tree that make an IDE's cargo share or keep apart the target
    /// directory.
    pub ide: Vec<IdeSetting>,
}

/// A member of the workspace.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Member {
    pub name: String,
    pub edition: String,
    /// Relative to the workspace root: `crates/a/Cargo.toml`.
    pub manifest_path: Utf8PathBuf,
    pub manifest: String,
    pub targets: Vec<TargetFacts>,
    /// Whether another member depends on its library.
    pub used_by_members: bool,
}

/// A target of a member.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TargetFacts {
    pub name: String,
    /// cargo's words: `lib`, `rlib`, `cdylib`, `staticlib`, `proc-macro`, `bin`, `test`, ...
    pub kinds: Vec<String>,
    pub crate_types: Vec<String>,
    /// Relative to the workspace root.
    pub src_path: Utf8PathBuf,
    /// Whether cargo would run its documentation tests.
    pub doctest: bool,
    /// Whether cargo would build its unit tests.
    pub test: bool,
    /// Not so with `harness = false`: its own `main` runs its tests.
    pub harness: bool,
    /// Code blocks in documentation that rustdoc would compile; none where the sources could not
    /// be read.
    pub doctest_blocks: Option<u32>,
    /// `#[test]`-like attributes in its sources; none where they could not be read.
    pub test_functions: Option<u32>,
    /// Exported C symbols (`#[no_mangle]`, `#[export_name]`) or binding macros in its sources, or
    /// in those of the members it links; also true where the sources do not tell for sure.
    pub exports_symbols: bool,
}

/// A package that is built in more than one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    pub name: String,
    /// Ascending.
    pub versions: Vec<String>,
}

/// What an IDE of this project is told about cargo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdeSetting {
    /// `.vscode/settings.json`, relative to the workspace root.
    pub path: Utf8PathBuf,
    /// `rust-analyzer`.
    pub ide: String,
    /// Whether it uses a target directory of its own.
    pub own_target_dir: bool,
    /// Variables that its cargo gets and the shell's does not, and that may change what is built.
    pub differing: Vec<Variable>,
}

/// An environment variable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Variable {
    pub name: String,
    pub value: String,
}

impl std::fmt::Display for Variable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}", self.name, self.value)
    }
}

/// The profiles in force, with inheritance, overrides and configuration resolved.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Profiles {
    pub by_name: BTreeMap<String, Profile>,
    /// Profiles written in a member's manifest, where cargo ignores them.
    pub ignored: Vec<IgnoredProfile>,
}

/// A `[profile.*]` table that cargo does not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoredProfile {
    /// Relative to the workspace root.
    pub manifest_path: Utf8PathBuf,
    pub profile: String,
    pub line: u32,
    pub column: u32,
    pub settings: Vec<IgnoredSetting>,
}

/// One key that a profile sets in vain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoredSetting {
    /// Dotted, below `profile.<name>`.
    pub key: String,
    /// Its value as written.
    pub toml: String,
    /// Its value in the one spelling that [`Setting`] has.
    pub value: String,
}

/// One profile, every setting resolved to the value that cargo uses.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Profile {
    pub name: String,
    pub inherits: Option<String>,
    /// By cargo's key: `opt-level`, `debug`, `split-debuginfo`, `strip`, `debug-assertions`,
    /// `overflow-checks`, `lto`, `panic`, `incremental`, `codegen-units`, `rpath`.
    pub settings: BTreeMap<String, Setting>,
    /// `[profile.X.build-override]`, resolved with cargo's defaults for it.
    pub build_override: BTreeMap<String, Setting>,
    /// `[profile.X.package.NAME]` as written, by package spec (`*` included).
    pub packages: BTreeMap<String, BTreeMap<String, Setting>>,
}

/// A setting's value in TOML's spelling without quotes, and where it comes from.
///
/// cargo reads several spellings of one value; here each value has one:
///
/// | key | values |
/// | --- | --- |
/// | `opt-level` | `0`, `1`, `2`, `3`, `s`, `z` |
/// | `debug` | `0` (false, none), `line-directives-only`, `line-tables-only`, `1` (limited), `2` (true, full) |
/// | `strip` | `none` (false), `debuginfo`, `symbols` (true) |
/// | `lto` | `false`, `off`, `thin`, `fat` (true) |
/// | `incremental`, `debug-assertions`, `overflow-checks`, `rpath` | `true`, `false` |
/// | `codegen-units` | a number |
/// | `split-debuginfo`, `panic` | as written |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    pub value: String,
    pub source: SettingSource,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingSource {
    /// cargo's default for the profile.
    Default,
    /// The root manifest, at this place; `profile` differs from the profile asked for where the
    /// value is inherited.
    Manifest {
        profile: String,
        line: u32,
        column: u32,
    },
    /// The cargo configuration or the environment.
    Config(Origin),
}

impl Profile {
    /// The value of `key` (empty where cargo has no default of its own, as for `split-debuginfo`).
    pub fn value(&self, key: &str) -> &str {
        self.settings.get(key).map_or("", |setting| &setting.value)
    }

    /// Whether the user has set `key`, or inherits it from a profile where the user has.
    pub fn is_set(&self, key: &str) -> bool {
        self.settings
            .get(key)
            .is_some_and(|s| s.source != SettingSource::Default)
    }
}

/// Whether new executables are scanned before their first run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Antivirus {
    /// The platform has no such scanner, or it is off for this terminal.
    #[default]
    None,
    /// macOS: the terminal is not a developer tool. Milliseconds of the first and the second launch
    /// of a freshly linked program.
    XProtect { first_ms: u32, second_ms: u32 },
    /// Windows: real-time protection is on and the target directory is neither excluded nor on a
    /// Dev Drive; `dev_drive` tells whether the machine has one.
    Defender { dev_drive: bool },
}
