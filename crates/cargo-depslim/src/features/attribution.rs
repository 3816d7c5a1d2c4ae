//! Whose the differences between two builds are, when several dependencies changed at once.

use std::collections::{BTreeMap, BTreeSet};

use pitcrew_core::fix::Applicability;
use pitcrew_core::linked::{Change, Difference};

use super::behaviour::Alteration;

/// The crates in which one entry's change takes features away, with those.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Affected {
    /// By index of the crate.
    pub features: BTreeMap<usize, BTreeSet<String>>,
    /// The crates' names, as those of functions begin.
    pub names: BTreeSet<String>,
}

impl Affected {
    pub fn of_package(&self, package: usize) -> BTreeSet<String> {
        self.features.get(&package).cloned().unwrap_or_default()
    }

    /// Whether an alteration is by features that this entry takes away.
    pub fn is_hit_by(&self, alteration: &Alteration) -> bool {
        let features = self.features.get(&alteration.krate);
        features.is_some_and(|gone| !gone.is_disjoint(&alteration.features))
    }
}

/// The parts of a difference, one for each change. What is of no dependency's own, as functions of the
/// standard library and of the workspace, goes to those that changed something in their own, and to
/// all where none did.
pub fn shares(whole: &Difference, affected: &[Affected]) -> Vec<Difference> {
    let of = |names: &BTreeSet<String>| pick(whole, &|origin| names.contains(origin));
    let mut shares: Vec<Difference> = affected.iter().map(|one| of(&one.names)).collect();
    let all: BTreeSet<String> = affected.iter().flat_map(|one| one.names.clone()).collect();
    let rest = pick(whole, &|origin| !all.contains(origin));
    let nobody = shares.iter().all(Difference::is_only_less);
    for share in &mut shares {
        if nobody || !share.is_only_less() {
            share.merge(rest.clone());
        }
    }
    shares
}

fn pick(whole: &Difference, takes: &dyn Fn(&str) -> bool) -> Difference {
    let own = |changes: &[Change]| -> Vec<Change> {
        let own = changes.iter().filter(|change| takes(&change.origin));
        own.cloned().collect()
    };
    Difference {
        removed: own(&whole.removed),
        added: own(&whole.added),
        resized: own(&whole.resized),
        instances: own(&whole.instances),
    }
}

/// How safe a change is by what the programs show, and by what the sources say is altered.
pub fn grade(difference: Option<&Difference>, altered: &[Alteration]) -> Applicability {
    match difference {
        Some(difference) if difference.is_only_less() && altered.is_empty() => {
            Applicability::MachineApplicable
        }
        Some(_) => Applicability::MaybeIncorrect,
        None => Applicability::Unspecified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(names: &[(&str, &str)]) -> Vec<Change> {
        let change = |(name, origin): &(&str, &str)| Change {
            name: (*name).to_owned(),
            origin: (*origin).to_owned(),
            before: 2,
            after: 1,
        };
        names.iter().map(change).collect()
    }

    fn affected(names: &[&str]) -> Affected {
        Affected {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            ..Affected::default()
        }
    }

    #[test]
    fn what_is_nobodys_goes_to_who_changed_something() {
        let whole = Difference {
            removed: changes(&[("a::x", "a"), ("b::y", "b"), ("core::z", "core")]),
            resized: changes(&[("b::w", "b"), ("main::v", "main")]),
            ..Difference::default()
        };
        let shares = shares(&whole, &[affected(&["a"]), affected(&["b", "c"])]);
        assert_eq!(shares[0].removed, changes(&[("a::x", "a")]));
        assert!(shares[0].is_only_less());
        assert_eq!(shares[1].removed.len(), 2);
        assert_eq!(shares[1].resized.len(), 2);
        assert_eq!(
            grade(Some(&shares[0]), &[]),
            Applicability::MachineApplicable
        );
        assert_eq!(grade(Some(&shares[1]), &[]), Applicability::MaybeIncorrect);
        assert_eq!(grade(None, &[]), Applicability::Unspecified);
    }

    #[test]
    fn a_change_that_is_nobodys_alone_is_everybodys() {
        let whole = Difference {
            resized: changes(&[("main::v", "main")]),
            ..Difference::default()
        };
        let shares = shares(&whole, &[affected(&["a"]), affected(&["b"])]);
        assert!(shares.iter().all(|share| !share.is_only_less()));
    }
}
