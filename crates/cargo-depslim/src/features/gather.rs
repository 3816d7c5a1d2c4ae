//! What the code needs, given to the entries that bring it.

use std::collections::BTreeMap;

use cargo_metadata::DependencyKind;

use super::condition::{Condition, Requirement, Why};
use super::needs::{Needs, Now};
use super::resolve::Resolved;
use super::study::{Study, extend};
use super::uses::{Role, Uses};

impl Study<'_> {
    /// Reads off the code what each entry must keep.
    pub fn gather(&mut self, uses: &Uses) {
        let mut found: Vec<(usize, Needs)> = Vec::new();
        let now = Now {
            library: self.library,
            setting: &self.setting,
            resolved: self.fullest(),
        };
        for ((member, role), code) in uses {
            for (alias, package) in &self.graph.packages[*member].source.externs {
                if !self.is_open(*package) {
                    continue;
                }
                let visible = self.visible(*member, *role, *package);
                if visible.is_empty() {
                    continue;
                }
                let needs = now.needs(*package, alias, code);
                let split = self.assign(&visible, needs);
                found.extend(split);
            }
        }
        for (at, needs) in found {
            extend(&mut self.sure[at], needs.sure);
            extend(&mut self.maybe[at], needs.maybe);
        }
        self.keep_whole(uses);
    }

    /// The entries that code of a role sees, nearest first.
    fn visible(&self, member: usize, role: Role, package: usize) -> Vec<usize> {
        let mut found: Vec<(u8, usize)> = Vec::new();
        for (at, entry) in self.entries.iter().enumerate() {
            if entry.package != package {
                continue;
            }
            for (user, dependency) in &entry.users {
                let kind = self.graph.packages[*user].dependencies[*dependency].kind;
                let rank = match (role, kind) {
                    _ if *user != member => continue,
                    (Role::Build, DependencyKind::Build) => 0,
                    (Role::Dev | Role::Doc, DependencyKind::Development) => 0,
                    (Role::Normal | Role::Dev | Role::Doc, DependencyKind::Normal) => 2,
                    _ => continue,
                };
                found.push((rank + u8::from(entry.is_of_workspace()), at));
            }
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|(_, at)| at).collect()
    }

    /// Gives each need to the nearest entry that meets it now.
    fn assign(&self, visible: &[usize], needs: Needs) -> Vec<(usize, Needs)> {
        let alone: Vec<Resolved> = visible.iter().map(|at| self.alone_now(*at)).collect();
        let place = |requirement: &Requirement| {
            let meets = |resolved: &Resolved| match &requirement.condition {
                Condition::Implies(premise, _) if !self.setting.any(premise, resolved) => false,
                condition => self.setting.meets(condition, resolved),
            };
            alone.iter().position(meets)
        };
        let mut split: BTreeMap<usize, Needs> = BTreeMap::new();
        for requirement in needs.sure {
            if let Some(at) = place(&requirement) {
                split.entry(visible[at]).or_default().sure.push(requirement);
            }
        }
        for requirement in needs.maybe {
            if let Some(at) = place(&requirement) {
                split
                    .entry(visible[at])
                    .or_default()
                    .maybe
                    .push(requirement);
            }
        }
        split.into_iter().collect()
    }

    /// A library that hands a whole crate on hands all its features on.
    fn keep_whole(&mut self, uses: &Uses) {
        for ((member, role), code) in uses {
            for (alias, items) in code.crates.iter().filter(|(_, items)| items.whole) {
                let externs = &self.graph.packages[*member].source.externs;
                let Some(package) = externs.get(alias) else {
                    continue;
                };
                let has_library = self.graph.packages[*member].source.root.is_some();
                if !has_library || items.whole && *role != Role::Normal {
                    continue;
                }
                for at in self.visible(*member, *role, *package) {
                    let why = Why::Used(format!("all of {alias}, which is re-exported,"));
                    self.keep_all(at, &why);
                }
            }
        }
    }
}
