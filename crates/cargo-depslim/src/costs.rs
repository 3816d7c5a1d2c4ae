//! What the compile step recorded of what packages cost, as data.

use pitcrew_core::model::dominators::DirectDependency;
use serde::{Deserialize, Serialize};

/// The packages of one build.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Costs {
    /// The build.
    pub command: String,
    /// The direct dependencies of the workspace.
    pub direct: Vec<DirectDependency>,
    /// CPU time of every package that was compiled, as name, version and seconds.
    pub packages: Vec<(String, String, f64)>,
}

impl Costs {
    /// CPU time of the whole build.
    pub fn total_s(&self) -> f64 {
        self.packages.iter().map(|(_, _, seconds)| seconds).sum()
    }

    /// CPU time of a package; none where it was not compiled.
    pub fn of(&self, name: &str, version: &str) -> Option<f64> {
        let mut packages = self.packages.iter();
        let found = packages.find(|(of, its, _)| of == name && its == version);
        found.map(|(_, _, seconds)| *seconds)
    }
}
