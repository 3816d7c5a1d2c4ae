//! Who names the features of the members, beside their own `[features]`.

use super::ByPackage;
use super::members::Scanned;
use super::resolve::Resolver;
use crate::facts::Member;

use std::collections::BTreeSet;

/// By member, the features that other members, sources, targets or metadata name.
pub(super) fn named(
    members: &[Member],
    resolver: &Resolver<'_>,
    scanned: &[Option<Scanned>],
) -> Vec<BTreeSet<String>> {
    let mut by_package = ByPackage::new();
    for member in members {
        from_dependencies(member, &mut by_package);
        from_features(member, &mut by_package);
    }
    // A feature that the workspace asks of a member for all.
    for entry in &resolver.root.shared {
        let package = entry.package.as_ref().unwrap_or(&entry.key);
        let names = by_package.entry(package.clone()).or_default();
        names.extend(entry.features.iter().cloned());
    }
    let all = members.iter().zip(resolver.manifests).zip(scanned);
    all.map(|((member, read), scanned)| {
        let mut names = by_package.remove(&member.name).unwrap_or_default();
        let required = member.targets.iter().flat_map(|t| &t.required_features);
        names.extend(required.cloned());
        names.extend(read.manifest.metadata_words.iter().cloned());
        if let Some(scanned) = scanned {
            names.extend(scanned.found.named_features.iter().cloned());
        }
        names
    })
    .collect()
}

/// `a = { features = ["x"] }`
fn from_dependencies(member: &Member, by_package: &mut ByPackage) {
    for dependency in &member.dependencies {
        let names = by_package.entry(dependency.package.clone()).or_default();
        names.extend(dependency.features.iter().cloned());
    }
}

/// `a/x` and `a?/x` in lists of features.
fn from_features(member: &Member, by_package: &mut ByPackage) {
    for item in member.features.values().flatten() {
        let Some((key, feature)) = item.split_once('/') else {
            continue;
        };
        let key = key.trim_end_matches('?');
        let mut dependencies = member.dependencies.iter();
        if let Some(dependency) = dependencies.find(|dependency| dependency.key == key) {
            let names = by_package.entry(dependency.package.clone()).or_default();
            names.insert(feature.to_owned());
        }
    }
}
