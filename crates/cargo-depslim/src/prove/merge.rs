//! Tries what would merge the versions of a package: updates within what the manifests allow first, then
//! a newer version of the direct dependency that brings the older one. Only cargo's resolver runs, on
//! the lockfile of the scratch copy.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use pitcrew_core::manifest::{self, TomlChange};
use pitcrew_core::plan::Plan;

use super::Workshop;
use super::combination::Combination;
use crate::args::Args;
use crate::duplicates::{Duplicate, Merge, name_of};
use crate::facts::{Dependency, Facts};
use crate::report;

/// Versions of direct dependencies that are tried.
const MOST_BUMPS: usize = 8;

/// Says of each version of a duplicate what takes it out.
pub fn merge(facts: &mut Facts, args: &Args, workshop: &mut Workshop<'_>) -> Result<()> {
    let fixed = args.cargo.locked || args.cargo.frozen;
    if fixed
        || !facts
            .duplicates
            .iter()
            .any(|duplicate| is_built(facts, duplicate))
    {
        return Ok(());
    }
    let mut search = Search {
        facts,
        workshop,
        flags: args.cargo.resolve_args(),
        bumps: 0,
        updates: Vec::new(),
    };
    let merges = search.all();
    let built = match &merges {
        Ok(_) => search.built(),
        Err(_) => Ok(None),
    };
    search.workshop.restore()?;
    let (merges, built) = (merges?, built?);
    for (name, version, mut merge) in merges {
        if let Merge::Update { commands, verified } = &mut merge
            && commands.iter().all(|command| command != "cargo update")
        {
            verified.clone_from(&built);
        }
        let duplicates = facts.duplicates.iter_mut().filter(|d| d.name == name);
        let versions = duplicates.flat_map(|duplicate| &mut duplicate.versions);
        for found in versions.filter(|found| found.version == version) {
            found.merge = Some(merge.clone());
        }
    }
    Ok(())
}

/// Whether more than one version was compiled, as far as that is known.
fn is_built(facts: &Facts, duplicate: &Duplicate) -> bool {
    duplicate.here(facts.costs.as_ref()).count() > 1
}

struct Search<'a, 'w> {
    facts: &'a Facts,
    workshop: &'a mut Workshop<'w>,
    flags: Vec<String>,
    bumps: usize,
    /// Those of all answers.
    updates: Vec<Precise>,
}

/// One package, to another version within what the manifests allow.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Precise {
    name: String,
    from: String,
    to: String,
}

impl Precise {
    fn is_of(&self, name: &str, version: &str) -> bool {
        (self.name.as_str(), self.from.as_str()) == (name, version)
    }

    /// What follows `cargo update`.
    fn args(&self) -> [String; 4] {
        let package = format!("{}@{}", self.name, self.from);
        ["--package", &package, "--precise", &self.to].map(str::to_owned)
    }

    fn shown(&self) -> String {
        let Self { name, from, to } = self;
        format!("cargo update -p {name}@{from} --precise {to}")
    }
}

impl Search<'_, '_> {
    fn all(&mut self) -> Result<Vec<(String, String, Merge)>> {
        self.workshop.write(&Plan::default())?;
        let before = self.lockfile()?;
        // Where cargo cannot ask the registry nothing is said of merging.
        let Some(said) = self.update(&["--verbose".to_owned()])? else {
            return Ok(Vec::new());
        };
        let after = self.lockfile()?;
        let mut found = Vec::new();
        for duplicate in self.facts.duplicates.clone() {
            if !is_built(self.facts, &duplicate) {
                continue;
            }
            let older = duplicate.versions.iter().rev().skip(1);
            for version in older {
                let package = (duplicate.name.as_str(), version.version.as_str());
                let merge = if is_there(&after, package) {
                    self.bumped(&version.chains, package, &newer(&said))?
                } else {
                    self.updated(&version.chains, package, (&before, &after))?
                };
                let (name, version) = package;
                found.push((name.to_owned(), version.to_owned(), merge));
            }
        }
        Ok(found)
    }

    /// The fewest updates that take the package out, among those on its chains.
    fn updated(
        &mut self,
        chains: &[Vec<String>],
        package: (&str, &str),
        (before, after): (&str, &str),
    ) -> Result<Merge> {
        let mut commands: Vec<Precise> = Vec::new();
        let on_the_way = chains.iter().flat_map(|chain| chain.iter().skip(1).rev());
        for step in on_the_way.filter(|step| name_of(step) != package.0) {
            let Some((name, from)) = step.split_once(' ') else {
                continue;
            };
            let to = moved(before, after, name, from);
            let Some(to) = to.filter(|_| !commands.iter().any(|update| update.is_of(name, from)))
            else {
                continue;
            };
            commands.push(Precise {
                name: name.to_owned(),
                from: from.to_owned(),
                to,
            });
            if !self.carried_out(&commands)? {
                // A package nearer to the member has to move first.
                commands.pop();
            } else if !is_there(&self.lockfile()?, package) {
                let shown = commands.iter().map(Precise::shown).collect();
                for update in commands {
                    if !self.updates.contains(&update) {
                        self.updates.push(update);
                    }
                }
                return Ok(Merge::Update {
                    commands: shown,
                    verified: None,
                });
            }
        }
        Ok(Merge::Update {
            commands: vec!["cargo update".to_owned()],
            verified: None,
        })
    }

    /// Makes the updates in a fresh copy, and says whether cargo made all of them.
    fn carried_out(&mut self, updates: &[Precise]) -> Result<bool> {
        self.workshop.write(&Plan::default())?;
        for update in updates {
            if self.update(&update.args())?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The command that succeeded after all updates together; none where something fails then.
    fn built(&mut self) -> Result<Option<String>> {
        let updates = self.updates.clone();
        if updates.is_empty() || !self.carried_out(&updates)? {
            return Ok(None);
        }
        self.workshop.stage("building with the duplicates merged");
        let built = self.workshop.build_of(&Combination::Own)?;
        Ok(built.failure.is_none().then_some(built.command))
    }

    /// A version of the direct dependency, newer than its requirement allows, that does without.
    fn bumped(
        &mut self,
        chains: &[Vec<String>],
        package: (&str, &str),
        newer: &BTreeMap<(String, String), String>,
    ) -> Result<Merge> {
        let mut heads = chains.iter().filter_map(|chain| chain.get(1));
        let (Some(head), None) = (heads.next(), heads.next()) else {
            return Ok(Merge::Upstream);
        };
        let Some((name, from)) = head.split_once(' ') else {
            return Ok(Merge::Upstream);
        };
        let to = newer.get(&(name.to_owned(), from.to_owned()));
        let Some(to) = to.filter(|_| self.bumps < MOST_BUMPS) else {
            return Ok(Merge::Upstream);
        };
        self.bumps += 1;
        let Some((key, plan)) = self.bump(name, to)? else {
            return Ok(Merge::Upstream);
        };
        self.workshop.write(&plan)?;
        let resolves = self.update(&["--workspace".to_owned()])?.is_some();
        Ok(if resolves && !is_there(&self.lockfile()?, package) {
            Merge::Bump {
                key,
                from: from.to_owned(),
                to: to.clone(),
            }
        } else {
            Merge::Upstream
        })
    }

    /// The manifests with the dependency in another version, and its key.
    fn bump(&self, package: &str, to: &str) -> Result<Option<(String, Plan)>> {
        let facts = self.facts;
        let mut changes = Vec::new();
        let mut key = None;
        for member in &facts.members {
            let own = member.dependencies.iter().filter(|d| d.package == package);
            for dependency in own {
                let path: Vec<&str> = if dependency.inherited {
                    vec!["workspace", "dependencies", &dependency.key]
                } else {
                    dependency.path()
                };
                let (text, manifest) = place(facts, dependency, &member.manifest);
                let at = manifest.unwrap_or_else(|| member.manifest_path.clone());
                let change = version(text, &path, to);
                changes.extend(change.map(|change| (facts.root.join(at), change)));
                key = Some(dependency.key.clone());
            }
        }
        changes.sort_by(|a, b| (&a.0, &a.1.key).cmp(&(&b.0, &b.1.key)));
        changes.dedup_by(|a, b| (&a.0, &a.1.key) == (&b.0, &b.1.key));
        let plan = report::plan_of(changes)?;
        Ok(key.map(|key| (key, plan)))
    }

    fn lockfile(&self) -> Result<String> {
        let path = self.workshop.root().join("Cargo.lock");
        fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))
    }

    /// What `cargo update` said; none where it failed.
    fn update(&self, args: &[String]) -> Result<Option<String>> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command
            .arg("update")
            .args(args)
            .args(&self.flags)
            .env("CARGO_TERM_COLOR", "never")
            .current_dir(self.workshop.root());
        let output = command.output().context("cannot run `cargo update`")?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Ok(output.status.success().then_some(said))
    }
}

/// The text that an entry's version stands in, and its manifest where that is the root's.
fn place<'f>(
    facts: &'f Facts,
    dependency: &Dependency,
    own: &'f str,
) -> (&'f str, Option<camino::Utf8PathBuf>) {
    if dependency.inherited {
        (&facts.root_manifest, Some("Cargo.toml".into()))
    } else {
        (own, None)
    }
}

/// The change that asks for another version, where one is asked for.
fn version(text: &str, path: &[&str], to: &str) -> Option<TomlChange> {
    let value = manifest::lookup(text, path)?;
    let mut key: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
    if !value.is_string() {
        value.get("version")?;
        key.push("version".to_owned());
    }
    Some(TomlChange {
        value: Some(format!("\"{to}\"")),
        ..TomlChange::key(key)
    })
}

/// Whether a lockfile's text holds the package.
fn is_there(lock: &str, (name, version): (&str, &str)) -> bool {
    lock.replace("\r\n", "\n")
        .contains(&format!("name = \"{name}\"\nversion = \"{version}\"\n"))
}

/// The version that an update brought in the place of `from`.
fn moved(before: &str, after: &str, name: &str, from: &str) -> Option<String> {
    let of = |text: &str| -> Vec<String> {
        let text = text.replace("\r\n", "\n");
        let head = format!("name = \"{name}\"\nversion = \"");
        let parts = text.split(&head).skip(1);
        let versions = parts.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()));
        versions.collect()
    };
    let (before, after) = (of(before), of(after));
    if after.iter().any(|version| version == from) {
        return None;
    }
    after.into_iter().find(|version| !before.contains(version))
}

/// `    Unchanged clap v3.2.25 (available: v4.5.1)`: a version that the requirement does not allow, by
/// the package and the version at hand.
fn newer(said: &str) -> BTreeMap<(String, String), String> {
    let lines = said.lines().filter_map(|line| {
        let rest = line.trim().strip_prefix("Unchanged ")?;
        let (name, rest) = rest.split_once(" v")?;
        let (from, rest) = rest.split_once(' ')?;
        let to = rest.split_once("available: v")?.1;
        let to = to.split([')', ',', ' ']).next()?;
        Some(((name.to_owned(), from.to_owned()), to.to_owned()))
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_names_versions_that_a_requirement_forbids() {
        let said = "    Updating crates.io index\n   Unchanged clap v3.2.25 (available: v4.5.1)\n   \
                    Unchanged nix v0.30.1 (available: v0.31.0, requires Rust 1.80)\n      Adding x v1.0.0\n";
        let newer = newer(said);
        let of = |name: &str, from: &str| newer.get(&(name.to_owned(), from.to_owned()));
        assert_eq!(of("clap", "3.2.25").map(String::as_str), Some("4.5.1"));
        assert_eq!(of("nix", "0.30.1").map(String::as_str), Some("0.31.0"));
        assert_eq!(newer.len(), 2);
    }

    #[test]
    fn an_update_is_seen_in_the_lockfile() {
        let locked = |version| format!("[[package]]\nname = \"a\"\nversion = \"{version}\"\n");
        let (before, after) = (locked("1.0.0"), locked("1.2.0"));
        assert_eq!(
            moved(&before, &after, "a", "1.0.0").as_deref(),
            Some("1.2.0")
        );
        assert_eq!(moved(&before, &before, "a", "1.0.0"), None);
        assert!(is_there(&after, ("a", "1.2.0")) && !is_there(&after, ("a", "1.0.0")));
    }
}
