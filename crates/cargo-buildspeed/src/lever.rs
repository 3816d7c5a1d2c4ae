//! A change that may help and can be tried: what a rule proposes, a trial proves, `--apply` writes.

use pitcrew_core::finding::Finding;
use pitcrew_core::fix::Applicability;
use pitcrew_core::manifest::TomlChange;
use pitcrew_core::model::effects::Effect;

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
    /// What the user may have meant: no trial tells, so it is written only when asked for.
    Offered(Vec<SettingChange>),
    /// A tuning: written only after a trial showed that it helps here.
    Trial(Box<Lever>),
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
    /// What is known of it before any trial.
    pub effect: Option<Effect>,
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

impl Proposal {
    /// A finding that only the user can act on.
    pub fn advice(finding: Finding) -> Self {
        Self {
            finding,
            remedy: Remedy::Advice,
        }
    }

    /// A finding whose remedy is right without a trial.
    pub fn settled(finding: Finding, changes: Vec<SettingChange>) -> Self {
        Self {
            finding,
            remedy: Remedy::Settled(changes),
        }
    }

    /// A finding whose remedy only the user can want.
    pub fn offered(finding: Finding, changes: Vec<SettingChange>) -> Self {
        Self {
            finding,
            remedy: Remedy::Offered(changes),
        }
    }

    /// A finding whose remedy a trial must prove.
    pub fn trial(finding: Finding, lever: Lever) -> Self {
        Self {
            finding,
            remedy: Remedy::Trial(Box::new(lever)),
        }
    }
}

impl Lever {
    /// A machine-applicable lever that shares nothing with the baseline's build and costs nothing.
    pub fn new(
        id: impl Into<String>,
        title: impl Into<String>,
        group: impl Into<String>,
        goals: &[Goal],
        changes: Vec<SettingChange>,
    ) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            changes,
            goals: goals.to_vec(),
            group: group.into(),
            tool: None,
            applicability: Applicability::MachineApplicable,
            reuse: Reuse::Nothing,
            effect: None,
            cost: None,
        }
    }

    /// The title as it stands in a sentence: a setting needs marks to show where it ends.
    pub fn named(&self) -> String {
        if self.title.contains('=') {
            format!("`{}`", self.title)
        } else {
            self.title.clone()
        }
    }

    #[must_use]
    pub fn cost(mut self, cost: impl Into<String>) -> Self {
        self.cost = Some(cost.into());
        self
    }

    #[must_use]
    pub fn tool(mut self, tool: impl Into<String>) -> Self {
        self.tool = Some(tool.into());
        self
    }

    #[must_use]
    pub fn effect(mut self, effect: Effect) -> Self {
        self.effect = Some(effect);
        self
    }

    #[must_use]
    pub fn reuse(mut self, reuse: Reuse) -> Self {
        self.reuse = reuse;
        self
    }

    /// Only tried and applied when asked for.
    #[must_use]
    pub fn maybe_incorrect(mut self) -> Self {
        self.applicability = Applicability::MaybeIncorrect;
        self
    }
}

impl SettingChange {
    pub fn root_manifest(change: TomlChange) -> Self {
        Self {
            file: SettingFile::RootManifest,
            change,
        }
    }

    pub fn cargo_config(change: TomlChange) -> Self {
        Self {
            file: SettingFile::CargoConfig,
            change,
        }
    }

    pub fn member_manifest(path: impl Into<camino::Utf8PathBuf>, change: TomlChange) -> Self {
        Self {
            file: SettingFile::MemberManifest(path.into()),
            change,
        }
    }
}
