//! A change that may help and can be tried: what a rule proposes, a trial proves, `--apply` writes.

use pitcrew_core::finding::Finding;
use pitcrew_core::fix::Applicability;
use pitcrew_core::manifest::TomlChange;

use crate::goal::Goal;

/// What a rule has to say: a finding, and the lever that would mend it where a setting can.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    pub finding: Finding,
    pub remedy: Remedy,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Remedy {
    /// Only the user can do it.
    Advice,
    /// A wrong setting: right without a trial, written by any `--apply`.
    Settled(Vec<SettingChange>),
    /// A tuning: written only after a trial showed that it helps here.
    Trial(Lever),
}

/// One change of one configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingChange {
    pub file: SettingFile,
    pub change: TomlChange,
}

/// Which file a change belongs in; [`Scope`] decides the place of a configuration change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SettingFile {
    /// The workspace root's `Cargo.toml`.
    RootManifest,
    /// A member's `Cargo.toml`, by its path relative to the workspace root.
    MemberManifest(camino::Utf8PathBuf),
    /// `.cargo/config.toml` of the project, or of cargo's home in user scope.
    CargoConfig,
}

/// Who gets a change of the cargo configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Scope {
    /// Everyone who works on the project.
    Project,
    /// This user, for all projects.
    User,
}

/// A tuning that a trial can prove or reject.
#[derive(Debug, Clone, PartialEq)]
pub struct Lever {
    /// Unique among the levers of a run, and stable: `dev-debuginfo:line-tables-only`.
    pub id: String,
    /// As the report names it: `debug = "line-tables-only"`.
    pub title: String,
    pub changes: Vec<SettingChange>,
    /// The goals that it may serve.
    pub goals: Vec<Goal>,
    /// Levers of one group exclude each other: two linkers, two levels of debuginfo.
    pub group: String,
    /// A tool that teammates may lack; it sends the change to user scope.
    pub tool: Option<String>,
    /// `MaybeIncorrect` where it changes what the program does or takes away more than `cost` says
    /// in passing; such a lever is tried and applied only when asked for.
    pub applicability: Applicability,
    /// How much of the baseline's work a trial can start from.
    pub reuse: Reuse,
    /// What the user gives up, in a few words: `no local variables in a debugger`.
    pub cost: Option<String>,
}

/// What a lever leaves as it is, so that its trial need not build it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reuse {
    /// It changes how dependencies are compiled: the trial starts from nothing.
    Nothing,
    /// It changes only how the units that are rebuilt are compiled: the trial starts from the
    /// baseline's artifacts, and the wrapper adds these arguments to rustc.
    RustcArgs(Vec<String>),
    /// It changes only the link: as above, for units that link.
    LinkArgs(Vec<String>),
    /// Only an environment of cargo changes: as above, with these variables.
    Env(Vec<(String, String)>),
}
