//! Which combinations of features are built to prove a change.
//!
//! A workspace declares: nothing, the default features, each feature by itself, all of them, and what
//! its metadata, its targets and its CI name. A removal bears on one of them where a feature's list
//! changes, or where a feature gates something whose expansion the text does not show: a macro, an
//! attribute, an included file. All other gated code names what it names in its text, which the scan
//! has read. Fewer features of a dependency bear on all code that a feature of the workspace gates where
//! they take away what code needs without naming it: an implementation, a method, a field.
//! Of combinations that do not differ in what the change bears on, one is built.

use std::collections::{BTreeMap, BTreeSet};

use pitcrew_core::cli::CargoFlags;

use super::declared::Named;
use crate::facts::{Facts, Member};

/// More builds than this for one package are no longer sensible.
const MOST: usize = 12;

/// One build.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Combination {
    /// The user's own selection of packages and features, all targets.
    Own,
    /// As a dependency is built: without development dependencies, which may switch features on.
    Plain,
    /// One package with features of its own.
    Of { package: String, choice: Choice },
}

/// Features of a package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Choice {
    pub features: BTreeSet<String>,
    pub default: bool,
    pub all: bool,
}

impl Choice {
    pub const DEFAULT: Self = Self {
        features: BTreeSet::new(),
        default: true,
        all: false,
    };
    pub const ALL: Self = Self {
        features: BTreeSet::new(),
        default: true,
        all: true,
    };
    pub const NONE: Self = Self {
        features: BTreeSet::new(),
        default: false,
        all: false,
    };

    fn of(features: impl IntoIterator<Item = String>, default: bool) -> Self {
        Self {
            features: features.into_iter().collect(),
            default,
            all: false,
        }
    }

    /// The arguments of cargo.
    pub fn args(&self) -> Vec<String> {
        if self.all {
            return vec!["--all-features".to_owned()];
        }
        let mut args = Vec::new();
        if !self.default {
            args.push("--no-default-features".to_owned());
        }
        if !self.features.is_empty() {
            let features: Vec<&str> = self.features.iter().map(String::as_str).collect();
            args.push(format!("--features={}", features.join(",")));
        }
        args
    }

    /// What it switches on in a member.
    fn activated(&self, member: &Member) -> BTreeSet<String> {
        let mut stack: Vec<String> = self.features.iter().cloned().collect();
        if self.default {
            stack.push("default".to_owned());
        }
        if self.all {
            stack.extend(member.features.keys().cloned());
        }
        let mut on = BTreeSet::new();
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
}

impl Combination {
    /// The arguments of `cargo check`, with those that select these targets.
    pub fn args(&self, flags: &CargoFlags, targets: &[&str]) -> Vec<String> {
        let targets = targets.iter().map(|target| (*target).to_owned());
        match self {
            Self::Own => flags.to_args().into_iter().chain(targets).collect(),
            Self::Plain => flags.to_args(),
            Self::Of { package, choice } => {
                let one = CargoFlags {
                    packages: vec![package.clone()],
                    workspace: false,
                    exclude: Vec::new(),
                    all_features: false,
                    no_default_features: false,
                    features: Vec::new(),
                    ..flags.clone()
                };
                let args = one.to_args().into_iter().chain(choice.args());
                args.chain(targets).collect()
            }
        }
    }
}

/// What a change bears on.
#[derive(Debug, Default)]
pub struct Bearing {
    /// The members that lose or move dependencies.
    pub edited: BTreeSet<usize>,
    /// Those of which dependencies have fewer features, so that more is gone than names.
    pub slimmed: BTreeSet<usize>,
    /// The features of members whose lists change.
    pub touched: BTreeMap<usize, BTreeSet<String>>,
}

/// What is built beside the user's own selection, which is made by `flags`; `named` are combinations
/// that the workspace names somewhere. Second, those that are left out, being too many.
pub fn needed(
    facts: &Facts,
    flags: &CargoFlags,
    bearing: &Bearing,
    named: &[Named],
) -> (Vec<Combination>, Vec<String>) {
    let (mut out, mut left_out) = (Vec::new(), Vec::new());
    for index in &bearing.edited {
        let Some(member) = facts.members.get(*index) else {
            continue;
        };
        let choices = of_member(member, *index, flags, bearing, named);
        let package = || member.name.clone();
        for (at, choice) in choices.into_iter().enumerate() {
            if at < MOST {
                let package = package();
                out.push(Combination::Of { package, choice });
            } else {
                left_out.push(format!("{} {}", package(), choice.args().join(" ")));
            }
        }
    }
    (out, left_out)
}

fn of_member(
    member: &Member,
    index: usize,
    flags: &CargoFlags,
    bearing: &Bearing,
    named: &[Named],
) -> Vec<Choice> {
    let mut relevant = bearing.touched.get(&index).cloned().unwrap_or_default();
    relevant.extend(member.sources.opaque_features.iter().cloned());
    if bearing.slimmed.contains(&index) {
        relevant.extend(member.named_features.iter().cloned());
    }
    let own = Choice {
        features: flags.features.iter().map(|f| within(f, member)).collect(),
        default: !flags.no_default_features,
        all: flags.all_features,
    };
    let own = own.activated(member);
    // Targets that the user's own build leaves out.
    for target in &member.targets {
        if !target.required_features.iter().all(|f| own.contains(f)) {
            relevant.extend(target.required_features.iter().cloned());
        }
    }
    let bears = |choice: &Choice| -> BTreeSet<String> {
        let on = choice.activated(member);
        on.intersection(&relevant).cloned().collect()
    };
    let mut seen = BTreeSet::from([own.intersection(&relevant).cloned().collect()]);
    let mut out = Vec::new();
    for choice in declared(member, named) {
        let on = bears(&choice);
        if seen.insert(on.clone()) {
            out.push(least(member, &choice, on));
        }
    }
    out
}

/// The combinations of features that are declared for a member, those first that say most.
fn declared(member: &Member, named: &[Named]) -> Vec<Choice> {
    let mut out = vec![Choice::ALL, Choice::NONE, Choice::DEFAULT];
    let of_targets = member
        .targets
        .iter()
        .map(|target| &target.required_features);
    let of_targets = of_targets.filter(|features| !features.is_empty());
    out.extend(of_targets.map(|features| Choice::of(features.iter().cloned(), true)));
    let meant = named.iter().filter(|named| named.is_for(member));
    out.extend(meant.map(|named| named.choice.clone()));
    let by_default = Choice::DEFAULT.activated(member);
    let single = member.features.keys().filter(|name| *name != "default");
    out.extend(single.map(|name| {
        // One that is on by default is by itself only where the others are off.
        let default = !by_default.contains(name);
        Choice::of([name.clone()], default)
    }));
    out
}

/// The same as far as it bears on the change: the other features may bring half the registry.
fn least(member: &Member, choice: &Choice, on: BTreeSet<String>) -> Choice {
    let default = Choice::DEFAULT.activated(member);
    let features = on.into_iter().filter(|name| {
        let known = member.features.contains_key(name) || choice.features.contains(name);
        known && name != "default" && !(choice.default && default.contains(name))
    });
    let features: BTreeSet<String> = features.collect();
    let others = member.features.keys().filter(|name| *name != "default");
    let mut others = others.filter(|name| !features.contains(*name) && !default.contains(*name));
    if choice.all && others.next().is_none() && features.len() > 1 {
        return Choice::ALL;
    }
    Choice {
        features,
        default: choice.default,
        all: false,
    }
}

/// A feature as the command line has it, as its package names it.
fn within(feature: &str, member: &Member) -> String {
    match feature.split_once('/') {
        Some((package, feature)) if package == member.name => feature.to_owned(),
        _ => feature.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{SourceFacts, Target};

    fn strings(list: &[&str]) -> Vec<String> {
        list.iter().map(|&s| s.to_owned()).collect()
    }

    fn facts(features: &[(&str, &[&str])], opaque: &[&str]) -> Facts {
        Facts {
            members: vec![Member {
                name: "p".to_owned(),
                features: features
                    .iter()
                    .map(|(name, list)| ((*name).to_owned(), strings(list)))
                    .collect(),
                sources: SourceFacts {
                    opaque_features: strings(opaque).into_iter().collect(),
                    ..SourceFacts::default()
                },
                ..Member::default()
            }],
            ..Facts::default()
        }
    }

    fn built(facts: &Facts, bearing: &Bearing, named: &[Named]) -> Vec<String> {
        let flags = CargoFlags::default();
        let (needed, left_out) = needed(facts, &flags, bearing, named);
        let shown = |c: &Combination| c.args(&flags, &["--all-targets"]).join(" ");
        let mut out: Vec<String> = needed.iter().map(shown).collect();
        out.extend(left_out);
        out
    }

    fn shown(facts: &Facts, touched: &[&str]) -> Vec<String> {
        let bearing = Bearing {
            edited: [0].into(),
            touched: [(0, strings(touched).into_iter().collect())].into(),
            ..Bearing::default()
        };
        built(facts, &bearing, &[])
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
                "--package=p --all-features --all-targets",
                "--package=p --no-default-features --all-targets",
                "--package=p --features=b --all-targets",
                "--package=p --features=c --all-targets",
            ]
        );
        let others = shown(
            &facts(&[("b", &[]), ("c", &[]), ("d", &[])], &["b", "c"]),
            &[],
        );
        assert_eq!(others[0], "--package=p --features=b,c --all-targets");
    }

    #[test]
    fn a_default_feature_is_by_itself_without_the_others() {
        let list: [(&str, &[&str]); 3] = [("default", &["a", "b"]), ("a", &[]), ("b", &[])];
        assert_eq!(
            shown(&facts(&list, &["a", "b"]), &[]),
            [
                "--package=p --no-default-features --all-targets",
                "--package=p --no-default-features --features=a --all-targets",
                "--package=p --no-default-features --features=b --all-targets",
            ]
        );
    }

    #[test]
    fn fewer_features_of_a_dependency_bear_on_all_gated_code() {
        let mut facts = facts(&[("a", &[]), ("idle", &[])], &[]);
        facts.members[0].named_features = ["a".to_owned()].into();
        let mut bearing = Bearing {
            edited: [0].into(),
            ..Bearing::default()
        };
        assert_eq!(built(&facts, &bearing, &[]), [""; 0]);
        bearing.slimmed.insert(0);
        assert_eq!(
            built(&facts, &bearing, &[]),
            ["--package=p --features=a --all-targets"]
        );
    }

    #[test]
    fn what_targets_and_the_workspace_name_is_built() {
        let mut facts = facts(&[("a", &[]), ("b", &[]), ("c", &[])], &["a", "c"]);
        facts.members[0].targets = vec![Target {
            required_features: strings(&["a", "b"]),
            ..Target::default()
        }];
        let named = Named {
            package: None,
            choice: Choice::of(strings(&["b", "c"]), false),
        };
        let bearing = Bearing {
            edited: [0].into(),
            ..Bearing::default()
        };
        let built = built(&facts, &bearing, &[named]);
        assert_eq!(
            built,
            [
                "--package=p --all-features --all-targets",
                "--package=p --features=a,b --all-targets",
                "--package=p --no-default-features --features=b,c --all-targets",
                "--package=p --features=a --all-targets",
                "--package=p --features=b --all-targets",
                "--package=p --features=c --all-targets",
            ]
        );
    }

    #[test]
    fn many_features_are_bounded_and_the_rest_is_named() {
        let names: Vec<String> = (0..20).map(|n| format!("f{n:02}")).collect();
        let list: Vec<(&str, &[&str])> = names.iter().map(|n| (n.as_str(), &[][..])).collect();
        let opaque: Vec<&str> = names.iter().map(String::as_str).collect();
        let shown = shown(&facts(&list, &opaque), &[]);
        assert_eq!(shown.len(), 1 + 20);
        assert_eq!(shown[0], "--package=p --all-features --all-targets");
        assert_eq!(shown[MOST], "p --features=f11");
    }
}
