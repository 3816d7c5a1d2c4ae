//! What the compile step recorded of what packages cost, as data.

use std::collections::BTreeMap;

use pitcrew_core::model::dominators::DirectDependency;
use pitcrew_core::render::count;
use serde::{Deserialize, Serialize};

/// The packages of one build.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Costs {
    /// The build.
    pub command: String,
    /// It linked programs, without debug information and unoptimised.
    #[serde(default)]
    pub quick_programs: bool,
    /// The direct dependencies of the workspace.
    pub direct: Vec<DirectDependency>,
    /// CPU time of every package that was compiled, as name, version and seconds.
    pub packages: Vec<(String, String, f64)>,
    /// What packages that only one direct dependency brings consist of, by `name version`.
    pub makeup: BTreeMap<String, Makeup>,
    /// What the programs cost that run the unit tests of libraries, by member.
    #[serde(default)]
    pub harnesses: BTreeMap<String, HarnessCost>,
}

/// What one program that runs unit tests costs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct HarnessCost {
    /// CPU time of compiling it.
    pub cpu_s: f64,
    /// Time in the linker; none where it was not linked.
    pub link_s: Option<f64>,
}

/// What packages consist of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Makeup {
    /// Of Rust, whatever they hold.
    pub lines: u64,
    pub build_scripts: u32,
    pub proc_macros: u32,
}

impl Makeup {
    /// `45120 lines, 1 build script, 2 proc-macros`
    pub fn in_words(&self) -> String {
        let mut words = count(self.lines, "line", "lines");
        for (n, one, many) in [
            (self.build_scripts, "build script", "build scripts"),
            (self.proc_macros, "proc-macro", "proc-macros"),
        ] {
            if n > 0 {
                words = format!("{words}, {}", count(u64::from(n), one, many));
            }
        }
        words
    }
}

/// Bytes of the linked programs that stand in the sources of what only this dependency brings.
pub fn linked_bytes(direct: &DirectDependency, by_crate: &BTreeMap<String, u64>) -> u64 {
    let crates = direct.packages.iter().map(|package| {
        let name = package.split_once(' ').map_or(&**package, |(name, _)| name);
        name.replace('-', "_")
    });
    crates.filter_map(|krate| by_crate.get(&krate)).sum()
}

impl Costs {
    /// How it was found out: ``in `cargo check --all-targets` ``.
    pub fn where_found(&self) -> String {
        let quick = match self.quick_programs {
            true => " without debug information",
            false => "",
        };
        format!("in `{}`{quick}", self.command)
    }

    /// CPU time of the whole build.
    pub fn total_s(&self) -> f64 {
        self.packages.iter().map(|(_, _, seconds)| seconds).sum()
    }

    /// What the packages consist of that only this dependency brings.
    pub fn makeup_of(&self, direct: &DirectDependency) -> Makeup {
        let packages = direct.packages.iter();
        let known = packages.filter_map(|package| self.makeup.get(package));
        known.fold(Makeup::default(), |sum, one| Makeup {
            lines: sum.lines + one.lines,
            build_scripts: sum.build_scripts + one.build_scripts,
            proc_macros: sum.proc_macros + one.proc_macros,
        })
    }

    /// CPU time of a package; none where it was not compiled.
    pub fn of(&self, name: &str, version: &str) -> Option<f64> {
        let mut packages = self.packages.iter();
        let found = packages.find(|(of, its, _)| of == name && its == version);
        found.map(|(_, _, seconds)| *seconds)
    }
}
