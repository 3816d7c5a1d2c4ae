//! What a removal takes from packages that stay: cargo builds each with the features that anyone asks
//! for, so a dependency that no code names may still be what switches a feature on.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use guppy::graph::cargo::{CargoOptions, CargoResolverVersion, CargoSet};
use guppy::graph::feature::{FeatureSet, StandardFeatures};
use guppy::graph::{DependencyDirection, PackageGraph};

/// A package by name and version.
pub type Package = (String, String);

/// The features of packages.
pub type Features = BTreeMap<Package, BTreeSet<String>>;

/// What cargo switches on, by the kind of build.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unified {
    /// As dependents and `cargo build` see it: for the target, and for build scripts and macros.
    plain: [Features; 2],
    /// With development dependencies, and with all features of the members.
    others: Vec<Features>,
}

/// What is lost, by the kind of build.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lost {
    pub plain: Features,
    /// In any build.
    pub all: Features,
}

impl Unified {
    /// By cargo's second resolver: where a project uses the first, which unifies more, a feature may
    /// seem lost that another package still switches on.
    pub fn of(graph: &PackageGraph) -> Result<Self> {
        let (default, all) = (StandardFeatures::Default, StandardFeatures::All);
        let tested = resolved(graph, default, true)?;
        let full = [resolved(graph, all, false)?, resolved(graph, all, true)?];
        Ok(Self {
            plain: resolved(graph, default, false)?,
            others: tested
                .into_iter()
                .chain(full.into_iter().flatten())
                .collect(),
        })
    }

    /// What `self` has and `after` has not, though the package is there in both.
    pub fn lost(&self, after: &Self) -> Lost {
        let pairs = |before: &[Features], after: &[Features]| {
            let mut out = Features::new();
            for (before, after) in before.iter().zip(after) {
                for (package, features) in missing(before, after) {
                    out.entry(package).or_default().extend(features);
                }
            }
            out
        };
        let plain = pairs(&self.plain, &after.plain);
        let mut all = plain.clone();
        for (package, features) in pairs(&self.others, &after.others) {
            all.entry(package).or_default().extend(features);
        }
        Lost { plain, all }
    }
}

fn resolved(
    graph: &PackageGraph,
    features_of_members: StandardFeatures,
    include_dev: bool,
) -> Result<[Features; 2]> {
    let initials = graph.feature_graph().query_workspace(features_of_members);
    let initials = initials.resolve_with_fn(|_, _| false);
    let mut options = CargoOptions::new();
    options.set_resolver(CargoResolverVersion::V2);
    options.set_include_dev(include_dev);
    let nothing = graph.feature_graph().resolve_none();
    let set = CargoSet::new(initials, nothing, &options)
        .context("cannot tell which features cargo switches on")?;
    Ok([
        features(set.target_features()),
        features(set.host_features()),
    ])
}

/// The features of all packages but the members, whose own the edits may change.
fn features(set: &FeatureSet<'_>) -> Features {
    let lists = set.packages_with_features(DependencyDirection::Forward);
    let foreign = lists.filter(|list| !list.package().in_workspace());
    foreign
        .map(|list| {
            let package = list.package();
            let package = (package.name().to_owned(), package.version().to_string());
            let names = list.named_features().chain(list.optional_deps());
            (package, names.map(str::to_owned).collect())
        })
        .collect()
}

fn missing(before: &Features, after: &Features) -> Features {
    let of = |(package, features): (&Package, &BTreeSet<String>)| {
        let left = after.get(package)?;
        let lost: BTreeSet<String> = features.difference(left).cloned().collect();
        (!lost.is_empty()).then(|| (package.clone(), lost))
    };
    before.iter().filter_map(of).collect()
}

/// The packages that those of this name reach, themselves included.
pub fn reached(graph: &PackageGraph, name: &str) -> BTreeSet<Package> {
    let named = graph.packages().filter(|package| package.name() == name);
    let ids: Vec<_> = named.map(|package| package.id()).collect();
    let Ok(query) = graph.query_forward(ids) else {
        return BTreeSet::new();
    };
    let set = query.resolve();
    set.packages(DependencyDirection::Forward)
        .map(|package| (package.name().to_owned(), package.version().to_string()))
        .collect()
}

/// The part of `lost` that is about these packages.
pub fn among(lost: &Features, packages: &BTreeSet<Package>) -> Features {
    let own = lost
        .iter()
        .filter(|(package, _)| packages.contains(*package));
    own.map(|(package, features)| (package.clone(), features.clone()))
        .collect()
}

/// `derive` of serde 1.0.1; `js` of getrandom 0.2.1
pub fn words(lost: &Features) -> String {
    let parts = lost.iter().map(|((name, version), features)| {
        let features: Vec<String> = features.iter().map(|f| format!("`{f}`")).collect();
        format!("{} of {name} {version}", features.join(", "))
    });
    parts.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features_of(list: &[(&str, &[&str])]) -> Features {
        list.iter()
            .map(|(name, features)| {
                let features = features.iter().map(|&f| f.to_owned()).collect();
                (((*name).to_owned(), "1.0.0".to_owned()), features)
            })
            .collect()
    }

    #[test]
    fn only_packages_that_stay_lose_anything() {
        let before = Unified {
            plain: [
                features_of(&[("a", &["x", "y"]), ("b", &["z"])]),
                Features::new(),
            ],
            others: vec![features_of(&[("c", &["w"])]), features_of(&[("a", &["v"])])],
        };
        let after = Unified {
            plain: [features_of(&[("a", &["x"])]), Features::new()],
            others: vec![
                features_of(&[("c", &["w", "u"])]),
                features_of(&[("a", &[])]),
            ],
        };
        let lost = before.lost(&after);
        assert_eq!(lost.plain, features_of(&[("a", &["y"])]));
        assert_eq!(lost.all, features_of(&[("a", &["v", "y"])]));
        assert_eq!(words(&lost.plain), "`y` of a 1.0.0");
        assert_eq!(among(&lost.all, &BTreeSet::new()), Features::new());
    }
}
