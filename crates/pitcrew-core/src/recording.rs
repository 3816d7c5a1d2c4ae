//! A recorded build as plain data: each unit with its times, and what each waited for. Made by
//! running cargo with the [wrapper](crate::wrapper), kept as JSON, read by every rule and model.

mod assemble;
mod cache;
mod edges;
mod record;
mod store;

use serde::{Deserialize, Serialize};

pub use assemble::{Observed, assemble};
pub use record::{RecordOptions, Recorded, bytes_below, record};
pub use store::key;

/// Raised when the meaning of a field changes; an older recording is made anew.
pub const RECORDING_SCHEMA: u32 = 1;

/// One build. All times are seconds since its start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    pub schema: u32,
    /// Seconds since the Unix epoch.
    pub created: u64,
    /// What was run, as the user would type it.
    pub command: String,
    /// `rustc -vV`'s first line.
    pub rustc: String,
    /// The cargo profile asked for: `dev`, `release`.
    pub profile: String,
    /// A key over everything that would make the recording stale: lockfile, manifests,
    /// configuration, compiler, selected packages and features.
    pub key: String,
    pub cores: u32,
    pub jobs: u32,
    pub memory_bytes: u64,
    pub wall_s: f64,
    /// Bytes in the target directory at the end, where it was a scratch one.
    pub target_bytes: Option<u64>,
    /// The wrapper of the user that was chained to, with its cache's counters if it has any.
    pub cache: Option<CacheCounters>,
    /// In order of start.
    pub units: Vec<Unit>,
}

/// What the chained cache counted during the recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CacheCounters {
    pub wrapper: String,
    pub hits: u64,
    pub misses: u64,
    pub not_cacheable: u64,
}

/// One call of rustc, or one run of a build script.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unit {
    pub package: String,
    pub version: String,
    /// The target's name: a library's, a binary's, `build-script-build`.
    pub target: String,
    pub kind: UnitKind,
    /// A member of the workspace, not a dependency.
    pub member: bool,
    /// Compiled for the host on behalf of build scripts and proc-macros.
    pub for_host: bool,
    pub profile: UnitProfile,
    pub start_s: f64,
    /// When the metadata was ready and dependents could start; none where dependents must wait for
    /// the end.
    pub metadata_s: Option<f64>,
    pub end_s: f64,
    /// Seconds spent in the linker, where the unit links and the linker could be observed.
    pub link_s: Option<f64>,
    pub cpu_s: Option<f64>,
    pub peak_bytes: Option<u64>,
    /// What a compilation cache that the user has answered, where it is known.
    pub cache: Option<CacheAnswer>,
    /// The units it waited for.
    pub deps: Vec<UnitDep>,
}

/// What a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnitKind {
    Lib,
    ProcMacro,
    /// A library that is linked: `cdylib`, `dylib`, `staticlib`.
    LinkedLib,
    Bin,
    Example,
    /// An integration test, or a library's unit tests.
    Test,
    Bench,
    /// Compiling a build script.
    BuildScript,
    /// Running it.
    RunBuildScript,
}

impl UnitKind {
    /// Whether rustc calls the linker for it.
    pub fn links(self) -> bool {
        !matches!(self, Self::Lib | Self::RunBuildScript)
    }
}

/// The settings a unit was compiled with, from rustc's own command line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitProfile {
    /// `0`, `1`, `2`, `3`, `s`, `z`.
    pub opt_level: String,
    /// `0`, `line-tables-only`, `1`, `2`, ...
    pub debuginfo: String,
    pub incremental: bool,
    /// Compiled with `--test`.
    pub test: bool,
    pub codegen_units: Option<u32>,
    pub lto: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CacheAnswer {
    Hit,
    Miss,
}

/// An edge: the unit cannot start before `unit` has reached `needs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UnitDep {
    /// Index in [`Recording::units`].
    pub unit: usize,
    pub needs: Needs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Needs {
    /// Pipelining: its metadata is enough.
    Metadata,
    /// Its code: the dependent links, or expands a macro, or runs it.
    End,
}

impl Unit {
    pub fn duration_s(&self) -> f64 {
        self.end_s - self.start_s
    }

    /// When a dependent that needs this much may start.
    pub fn ready_s(&self, needs: Needs) -> f64 {
        match needs {
            Needs::Metadata => self.metadata_s.unwrap_or(self.end_s),
            Needs::End => self.end_s,
        }
    }

    /// `serde 1.0.2 (lib)`, `mini-redis-server (bin)`: as a report names it.
    pub fn label(&self) -> String {
        let kind = match self.kind {
            UnitKind::Lib => "lib",
            UnitKind::ProcMacro => "proc-macro",
            UnitKind::LinkedLib => "linked lib",
            UnitKind::Bin => "bin",
            UnitKind::Example => "example",
            UnitKind::Test => "test",
            UnitKind::Bench => "bench",
            UnitKind::BuildScript => "build script",
            UnitKind::RunBuildScript => "build script run",
        };
        let test = if self.profile.test && self.kind != UnitKind::Test {
            ", test"
        } else {
            ""
        };
        if self.member || self.kind == UnitKind::Bin {
            format!("{} ({kind}{test})", self.target)
        } else {
            format!("{} {} ({kind}{test})", self.package, self.version)
        }
    }
}
