//! Which packages the lockfile holds in several versions, and how the members come by each.

use std::collections::{BTreeMap, VecDeque};

use super::edges::Edges;
use super::lock::Lock;
use crate::duplicates::{Duplicate, Version};

/// Chains that are told of a version.
const MOST_CHAINS: usize = 3;

/// The duplicates of a lockfile that the members of these names reach.
pub(super) fn observe(lock: &Lock, members: &[String], edges: &Edges<'_>) -> Vec<Duplicate> {
    let roots: Vec<usize> = members.iter().filter_map(|name| lock.local(name)).collect();
    let all = |at: usize| lock.dependencies(at).collect::<Vec<_>>();
    let everywhere = ways(&roots, &all);
    let by_name = several(lock, &everywhere);
    // Then no manifest has to be read.
    if by_name.is_empty() {
        return Vec::new();
    }
    let here = ways(&roots, &|at| edges.from(at).to_vec());
    by_name
        .into_iter()
        .map(|(name, found)| {
            let mut versions: Vec<Version> = found
                .into_iter()
                .map(|index| {
                    let elsewhere = !here.iter().any(|ways| ways.reaches(index));
                    let ways = if elsewhere { &everywhere } else { &here };
                    Version {
                        version: lock
                            .package(index)
                            .map(|package| package.version.clone())
                            .unwrap_or_default(),
                        elsewhere,
                        chains: chains(lock, ways, index),
                        merge: None,
                    }
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

/// The packages of the registry that are reached in more than one version.
fn several<'l>(lock: &'l Lock, ways: &[Ways]) -> BTreeMap<&'l str, Vec<usize>> {
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for index in 0..lock.len() {
        let package = lock.package(index).filter(|found| found.source.is_some());
        let reached = ways.iter().any(|ways| ways.reaches(index));
        if let Some(package) = package.filter(|_| reached) {
            by_name.entry(&package.name).or_default().push(index);
        }
    }
    by_name.retain(|_, found| found.len() > 1);
    by_name
}

fn ways(roots: &[usize], edges: &dyn Fn(usize) -> Vec<usize>) -> Vec<Ways> {
    roots.iter().map(|root| Ways::from(*root, edges)).collect()
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
    fn from(root: usize, edges: &dyn Fn(usize) -> Vec<usize>) -> Self {
        let mut before = BTreeMap::from([(root, root)]);
        let mut queue = VecDeque::from([root]);
        while let Some(at) = queue.pop_front() {
            for next in edges(at) {
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
    use super::super::folders::Folders;
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
        let lock = Lock::parse(&text);
        let folders = Folders::default();
        let edges = Edges::new(&lock, &folders, &[], &[]);
        let found = observe(&lock, &["app".to_owned()], &edges);
        assert_eq!(found.len(), 1, "what nobody reaches is no duplicate");
        let versions: Vec<&str> = found[0].versions.iter().map(|v| &*v.version).collect();
        assert_eq!(versions, ["0.9.1", "0.10.0"]);
        assert_eq!(
            found[0].versions[1].chains,
            [["app 0.1.0", "short 1.2.0", "rand 0.10.0"]]
        );
    }
}
