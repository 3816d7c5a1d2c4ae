//! Which combinations of features are built to prove a removal.
//!
//! A removal bears on a combination other than the user's own where a feature's list changes, or where
//! a feature gates something whose expansion the text does not show: a macro, an attribute, an
//! included file. All other gated code names what it names in its text, which the scan has read.

use std::collections::{BTreeMap, BTreeSet};

use pitcrew_core::cli::CargoFlags;

use crate::facts::{Facts, Member};

/// More builds than this of single features are no longer sensible.
const MOST: usize = 6;

/// One build.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Combination {
    /// The user's own selection of packages and features, all targets.
    Own,
    /// As a dependency is built: without development dependencies, which may switch features on.
    Plain,
    /// One package with more features.
    With {
        package: String,
        feature: String,
    },
    AllFeatures {
        package: String,
    },
    NoDefault {
        package: String,
    },
}

impl Combination {
    /// The arguments of `cargo check`, with those that select these targets.
    pub fn args(&self, flags: &CargoFlags, targets: &[&str]) -> Vec<String> {
        let targets = || targets.iter().map(|target| (*target).to_owned());
        let one = |package: &String, more: &[String]| {
            let mut flags = CargoFlags {
                packages: vec![package.clone()],
                workspace: false,
                exclude: Vec::new(),
                all_features: false,
                no_default_features: false,
                features: Vec::new(),
                ..flags.clone()
            };
            flags.features.clear();
            let mut args = flags.to_args();
            args.extend(more.iter().cloned());
            args.extend(targets());
            args
        };
        match self {
            Self::Own => {
                let mut args = flags.to_args();
                args.extend(targets());
                args
            }
            Self::Plain => flags.to_args(),
            Self::With { package, feature } => one(package, &[format!("--features={feature}")]),
            Self::AllFeatures { package } => one(package, &["--all-features".to_owned()]),
            Self::NoDefault { package } => one(package, &["--no-default-features".to_owned()]),
        }
    }
}

/// What is built beside the user's own selection, where the lists of the features in `touched`
/// change and the members in `edited` lose or move dependencies. Second, the features that are left
/// out, being too many.
pub fn needed(
    facts: &Facts,
    edited: &BTreeSet<usize>,
    touched: &BTreeMap<usize, BTreeSet<String>>,
) -> (Vec<Combination>, Vec<String>) {
    let (mut out, mut left_out) = (Vec::new(), Vec::new());
    for index in edited {
        let Some(member) = facts.members.get(*index) else {
            continue;
        };
        let mut features: BTreeSet<String> = touched.get(index).cloned().unwrap_or_default();
        features.extend(opaque(member));
        let by_default = activated(member, "default");
        let package = member.name.clone();
        let (of_default, others): (BTreeSet<_>, BTreeSet<_>) = features
            .into_iter()
            .partition(|feature| by_default.contains(feature));
        if !of_default.is_empty() {
            out.push(Combination::NoDefault {
                package: package.clone(),
            });
        }
        if others.is_empty() {
            continue;
        }
        for feature in others.iter().take(MOST) {
            let (package, feature) = (package.clone(), feature.clone());
            out.push(Combination::With { package, feature });
        }
        left_out.extend(others.iter().skip(MOST).cloned());
        // All that bear on it at once; the rest of the features may bring half the registry.
        let all = member.features.keys().all(|feature| {
            feature == "default" || by_default.contains(feature) || others.contains(feature)
        });
        if others.len() > 1 {
            let feature = others.into_iter().collect::<Vec<_>>().join(",");
            out.push(if all {
                Combination::AllFeatures { package }
            } else {
                Combination::With { package, feature }
            });
        }
    }
    (out, left_out)
}

/// The features that hide code from the scan.
fn opaque(member: &Member) -> impl Iterator<Item = String> {
    member.sources.opaque_features.iter().cloned()
}

/// The features of a member that `feature` switches on, itself included.
fn activated(member: &Member, feature: &str) -> BTreeSet<String> {
    let mut on = BTreeSet::new();
    let mut stack = vec![feature.to_owned()];
    while let Some(name) = stack.pop() {
        let below = member.features.get(&name).cloned().unwrap_or_default();
        if on.insert(name) {
            let own = below.into_iter().map(|item| {
                let item = item.strip_prefix("dep:").unwrap_or(&item);
                item.split(['/', '?']).next().unwrap_or(item).to_owned()
            });
            stack.extend(own);
        }
    }
    on
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::SourceFacts;

    fn facts(features: &[(&str, &[&str])], opaque: &[&str]) -> Facts {
        let strings = |list: &[&str]| list.iter().map(|&s| s.to_owned()).collect();
        Facts {
            members: vec![Member {
                name: "p".to_owned(),
                features: features
                    .iter()
                    .map(|(name, list)| ((*name).to_owned(), strings(list)))
                    .collect(),
                sources: SourceFacts {
                    opaque_features: opaque.iter().map(|&s| s.to_owned()).collect(),
                    ..SourceFacts::default()
                },
                ..Member::default()
            }],
            ..Facts::default()
        }
    }

    fn shown(facts: &Facts, touched: &[&str]) -> Vec<String> {
        let touched = touched.iter().map(|&s| s.to_owned()).collect();
        let (needed, left_out) = needed(facts, &[0].into(), &[(0, touched)].into());
        let mut out: Vec<String> = needed
            .iter()
            .map(|c| c.args(&CargoFlags::default(), &["--all-targets"]).join(" "))
            .collect();
        out.extend(left_out);
        out
    }

    #[test]
    fn features_that_gate_only_plain_code_need_no_build() {
        let features = facts(&[("default", &["a"]), ("a", &[]), ("b", &[])], &[]);
        assert_eq!(shown(&features, &[]), [""; 0]);
        assert_eq!(
            shown(&features, &["b"]),
            ["--package=p --features=b --all-targets"]
        );
        assert_eq!(
            shown(&features, &["a"]),
            ["--package=p --no-default-features --all-targets"]
        );
    }

    #[test]
    fn features_that_gate_macros_are_built() {
        let list: [(&str, &[&str]); 4] = [("default", &["a"]), ("a", &[]), ("b", &[]), ("c", &[])];
        assert_eq!(
            shown(&facts(&list, &["a", "b"]), &["c"]),
            [
                "--package=p --no-default-features --all-targets",
                "--package=p --features=b --all-targets",
                "--package=p --features=c --all-targets",
                "--package=p --all-features --all-targets"
            ]
        );
        let others = shown(
            &facts(&[("b", &[]), ("c", &[]), ("d", &[])], &["b", "c"]),
            &[],
        );
        assert_eq!(others[2], "--package=p --features=b,c --all-targets");
    }

    #[test]
    fn many_features_are_bounded_and_the_rest_is_named() {
        let names: Vec<String> = (0..9).map(|n| format!("f{n}")).collect();
        let list: Vec<(&str, &[&str])> = names.iter().map(|n| (n.as_str(), &[][..])).collect();
        let opaque: Vec<&str> = names.iter().map(String::as_str).collect();
        let shown = shown(&facts(&list, &opaque), &[]);
        assert_eq!(shown.len(), MOST + 1 + 3);
        assert!(shown.contains(&"f8".to_owned()));
    }
}
