//! What a run tells its wrapper, in one environment variable.

use serde::{Deserialize, Serialize};

/// The variable that an [`Order`] travels in.
pub const VARIABLE: &str = "PITCREW_MIR";

/// The endings of the MIR's text and of its summary, beside the metadata.
pub const TEXT: &str = "mir";
pub const SUMMARY: &str = "pitcrew";

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// For every crate whose MIR is read.
    pub flags: Vec<String>,
    /// For these too, where the crate compiles with them.
    pub light_flags: Vec<String>,
    /// For those of the workspace also.
    pub member_flags: Vec<String>,
    /// The folders of the members' manifests.
    pub members: Vec<String>,
    /// Crates of dependencies whose MIR is of no use.
    pub skip: Vec<String>,
}
