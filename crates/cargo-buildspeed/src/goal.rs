//! What the user wants faster or smaller. A goal decides which levers are tried and what is timed.

use serde::{Deserialize, Serialize};

#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    clap::ValueEnum,
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Goal {
    /// The rebuild after one real edit, guarded by the clean build.
    Edit,
    /// A clean dev build.
    Clean,
    /// A clean build of all targets, without incremental compilation, as CI does it.
    Ci,
    /// The release program's own run time; needs `--bench`.
    Runtime,
    /// Bytes of the release executables.
    Size,
}

impl Goal {
    pub const ALL: [Self; 5] = [Self::Edit, Self::Clean, Self::Ci, Self::Runtime, Self::Size];

    /// The goals that build the dev profile.
    pub const DEV: [Self; 3] = [Self::Edit, Self::Clean, Self::Ci];

    /// The goals that judge what the release profile makes.
    pub const RELEASE: [Self; 2] = [Self::Runtime, Self::Size];

    /// As typed after `--goal`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Edit => "edit",
            Self::Clean => "clean",
            Self::Ci => "ci",
            Self::Runtime => "runtime",
            Self::Size => "size",
        }
    }

    /// What is timed or weighed, as reports name it.
    pub fn scenario(self) -> &'static str {
        match self {
            Self::Edit => "rebuild after an edit",
            Self::Clean => "clean build",
            Self::Ci => "clean build of all targets",
            Self::Runtime => "run of the release program",
            Self::Size => "size of the release executables",
        }
    }

    /// The cargo profile that the scenario builds.
    pub fn profile(self) -> &'static str {
        match self {
            Self::Edit | Self::Clean | Self::Ci => "dev",
            Self::Runtime | Self::Size => "release",
        }
    }

    /// Goals that time the same build share its recording.
    pub fn recorded_build(self) -> &'static str {
        match self {
            Self::Edit | Self::Clean => "dev",
            Self::Ci => "ci",
            Self::Runtime | Self::Size => "release",
        }
    }
}
