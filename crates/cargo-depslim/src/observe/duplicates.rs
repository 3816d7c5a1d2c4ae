//! Which packages the lockfile holds in several versions, and how the members come by each.

use std::collections::{BTreeMap, VecDeque};

use super::lock::Lock;
use crate::duplicates::{Duplicate, Version};

/// Chains that are told of a version.
const MOST_CHAINS: usize = 3;

/// The duplicates of a lockfile's text that the members of these names reach.
pub fn observe(text: &str, members: &[String]) -> Vec<Duplicate> {
    let lock = Lock::parse(text);
    let roots: Vec<usize> = members.iter().filter_map(|name| lock.local(name)).collect();
    let ways: Vec<Ways> = roots.iter().map(|root| Ways::from(&lock, *root)).collect();
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for index in 0.. {
        let Some(package) = lock.package(index) else {
            break;
        };
        let reached = ways.iter().any(|ways| ways.reaches(index));
        if package.source.is_some() && reached {
            by_name.entry(&package.name).or_default().push(index);
        }
    }
    let several = by_name.into_iter().filter(|(_, found)| found.len() > 1);
    several
        .map(|(name, found)| {
            let mut versions: Vec<Version> = found
                .into_iter()
                .map(|index| Version {
                    version: lock
                        .package(index)
                        .map(|package| package.version.clone())
                        .unwrap_or_default(),
                    chains: chains(&lock, &ways, index),
                    merge: None,
                })
                .collect();
            versions.sort_by_key(|version| order(&version.version));
            Duplicate {
                name: name.to_owned(),
                versions,
            }
        })
        .collect()
}

/// Versions by their numbers.
fn order(version: &str) -> (Vec<u64>, String) {
    let numbers = version
        .split(['.', '-', '+'])
        .map_while(|part| part.parse().ok());
    (numbers.collect(), version.to_owned())
}

/// The shortest ways from one member to every package.
struct Ways {
    /// The package before, on the way; its own for the member.
    before: BTreeMap<usize, usize>,
}

impl Ways {
    fn from(lock: &Lock, root: usize) -> Self {
        let mut before = BTreeMap::from([(root, root)]);
        let mut queue = VecDeque::from([root]);
        while let Some(at) = queue.pop_front() {
            for next in lock.dependencies(at) {
                before.entry(next).or_insert_with(|| {
                    queue.push_back(next);
                    at
                });
            }
        }
        Self { before }
    }

    fn reaches(&self, package: usize) -> bool {
        self.before.contains_key(&package)
    }

    fn to(&self, package: usize) -> Option<Vec<usize>> {
        let mut way = vec![package];
        let mut at = package;
        loop {
            let before = *self.before.get(&at)?;
            if before == at {
                way.reverse();
                return Some(way);
            }
            way.push(before);
            at = before;
        }
    }
}

/// The shortest chains, one for each direct dependency that leads there.
fn chains(lock: &Lock, ways: &[Ways], package: usize) -> Vec<Vec<String>> {
    let ways = ways.iter().filter_map(|ways| ways.to(package));
    let mut found: Vec<Vec<usize>> = ways.map(|way| from_last_member(lock, way)).collect();
    found.sort_by_key(Vec::len);
    let mut told: Vec<Vec<usize>> = Vec::new();
    for way in found {
        if !told.iter().any(|other| other.get(1) == way.get(1)) {
            told.push(way);
        }
    }
    told.truncate(MOST_CHAINS);
    let shown = |index: &usize| {
        let package = lock.package(*index);
        package.map(|package| format!("{} {}", package.name, package.version))
    };
    told.iter()
        .map(|way| way.iter().filter_map(shown).collect())
        .collect()
}

/// Members on the way to a member say nothing that is asked.
fn from_last_member(lock: &Lock, way: Vec<usize>) -> Vec<usize> {
    let is_local = |index: &usize| lock.package(*index).is_some_and(|p| p.source.is_none());
    let last = way.iter().rposition(is_local).unwrap_or(0);
    way.into_iter().skip(last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locked(packages: &[(&str, &str, &[&str])]) -> String {
        let mut text = String::new();
        for (name, version, dependencies) in packages {
            let list: Vec<String> = dependencies
                .iter()
                .map(|d| format!(" \"{d}\",\n"))
                .collect();
            text += &format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n");
            if *name != "app" {
                text += "source = \"registry+x\"\n";
            }
            text += &format!("dependencies = [\n{}]\n\n", list.concat());
        }
        text
    }

    #[test]
    fn each_version_has_the_shortest_chain() {
        let text = locked(&[
            ("app", "0.1.0", &["long", "short", "rand 0.9.1"]),
            ("long", "1.0.0", &["short"]),
            ("short", "1.2.0", &["rand 0.10.0"]),
            ("rand", "0.10.0", &[]),
            ("rand", "0.9.1", &[]),
            ("stray", "1.0.0", &[]),
            ("stray", "2.0.0", &[]),
        ]);
        let found = observe(&text, &["app".to_owned()]);
        assert_eq!(found.len(), 1, "what nobody reaches is no duplicate");
        let versions: Vec<&str> = found[0].versions.iter().map(|v| &*v.version).collect();
        assert_eq!(versions, ["0.9.1", "0.10.0"]);
        assert_eq!(
            found[0].versions[1].chains,
            [["app 0.1.0", "short 1.2.0", "rand 0.10.0"]]
        );
    }
}
