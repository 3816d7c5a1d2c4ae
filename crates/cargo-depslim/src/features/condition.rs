//! What a set of features must bring about, and whether it does.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::resolve::Resolved;
use super::verdict::Verdict;
use crate::gates::cfg::{Cfg, Flags, Platform, World};
use crate::gates::lookup::Gates;

/// Something that must stay as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// One of these must be there.
    AnyOf(Vec<Gates>),
    /// Where the first is there, the second must be too: a method of a type that is used.
    Implies(Vec<Gates>, Vec<Gates>),
    /// A condition of a crate must have this value.
    Holds(usize, Cfg, bool),
}

impl Condition {
    /// Whether it asks for this feature by name.
    pub fn names(&self, feature: &str) -> bool {
        let named = |gates: &Gates| {
            gates
                .0
                .iter()
                .any(|(_, gate)| gate.features().contains(feature))
        };
        match self {
            Self::AnyOf(alternatives) | Self::Implies(_, alternatives) => {
                alternatives.iter().any(named)
            }
            Self::Holds(_, gate, _) => gate.features().contains(feature),
        }
    }
}

/// Why it must.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Why {
    /// The code names it.
    Used(String),
    /// The code calls a method, or needs an implementation, of this name.
    MayBeUsed(String),
    /// The program would behave differently, and where.
    Behaviour(Verdict, String),
    /// The same on another platform, which cannot be tried here.
    Elsewhere(Verdict, String),
    /// The crate's build script asks for it.
    Script(String),
    /// It only lets the crate use the standard library, which the program has anyway.
    Std,
    /// The crate does not compile without it.
    Refused(String),
    /// The compiler said so.
    Compiler(String),
    /// What the crate makes of it could not be read.
    Unread(String),
}

impl Why {
    /// It is there because code asks for it.
    pub fn is_use(&self) -> bool {
        matches!(self, Self::Used(_) | Self::MayBeUsed(_))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    pub condition: Condition,
    pub why: Why,
    /// Code asks for it that not every build of the workspace compiles.
    pub gated: bool,
}

/// Everything beside features that conditions are asked of.
#[derive(Debug, Clone, Default)]
pub struct Setting {
    pub platform: Platform,
    /// What build scripts set, by crate, and RUSTFLAGS, for all; none before anything was built.
    pub flags: Option<Vec<Flags>>,
}

impl Setting {
    /// The value of a crate's condition. A crate that is not built has nothing.
    pub fn value(&self, krate: usize, gate: &Cfg, resolved: &Resolved) -> Option<bool> {
        match resolved.of_package(krate) {
            Some(features) => gate.value(&self.world(krate, &features)),
            None => Some(false),
        }
    }

    pub fn world<'a>(&'a self, krate: usize, features: &'a BTreeSet<String>) -> World<'a> {
        World {
            features,
            platform: Some(&self.platform),
            flags: self.flags.as_ref().and_then(|flags| flags.get(krate)),
        }
    }

    fn all(&self, gates: &Gates, resolved: &Resolved) -> bool {
        let mut parts = gates.0.iter();
        parts.all(|(krate, gate)| self.value(*krate, gate, resolved) != Some(false))
    }

    pub fn any(&self, alternatives: &[Gates], resolved: &Resolved) -> bool {
        alternatives.iter().any(|gates| self.all(gates, resolved))
    }

    /// Whether nothing speaks against the condition.
    pub fn meets(&self, condition: &Condition, resolved: &Resolved) -> bool {
        match condition {
            Condition::AnyOf(alternatives) => self.any(alternatives, resolved),
            Condition::Implies(premise, conclusion) => {
                !self.any(premise, resolved) || self.any(conclusion, resolved)
            }
            Condition::Holds(krate, gate, expected) => self
                .value(*krate, gate, resolved)
                .is_none_or(|value| value == *expected),
        }
    }
}
