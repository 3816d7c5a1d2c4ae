//! One set of changes after another in the workshop: checks, documentation tests, other features, the
//! user's own command.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use pitcrew_core::workspace;
use pitcrew_core::wrapper::rustc_args::RustcArgs;

use super::combination::{self, Bearing, Combination};
use super::declared;
use super::search::{self, Rejected, Trial};
use super::unification::{self, Lost, Unified};
use super::workshop::{Built, Workshop};
use super::{Proof, Proven, Question, doctests};
use crate::facts::{Facts, TargetKind};
use crate::observe::compile;
use crate::remedy::{self, Action};
use crate::report;

/// The trials of one proof.
pub(super) struct Trials<'a, 'w> {
    question: &'a Question<'a>,
    /// What is tried; sets are of its numbers.
    pub candidates: Vec<Action>,
    workshop: &'a mut Workshop<'w>,
    /// What succeeded with the set that was tried last.
    pub commands: Vec<String>,
    pub notes: Vec<String>,
}

impl<'a, 'w> Trials<'a, 'w> {
    pub(super) fn new(
        question: &'a Question<'a>,
        candidates: Vec<Action>,
        workshop: &'a mut Workshop<'w>,
    ) -> Self {
        Self {
            question,
            candidates,
            workshop,
            commands: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn facts(&self) -> &'a Facts {
        self.question.facts
    }

    fn actions(&self, set: &[usize]) -> Vec<Action> {
        let actions = set.iter().filter_map(|index| self.candidates.get(*index));
        actions.cloned().collect()
    }

    /// The candidates that hold in the user's own build of all targets, and the others.
    pub(super) fn own_targets(&mut self) -> Result<(Vec<usize>, Vec<Rejected>)> {
        let all: Vec<usize> = (0..self.candidates.len()).collect();
        if !self.candidates.iter().any(Action::bears_on_builds) {
            return Ok((all, Vec::new()));
        }
        self.workshop.stage("building without what nothing uses");
        search::largest(&all, &mut |set| self.own(set))
    }

    /// The candidates with which everything holds, and the others. Where they are all that was sifted,
    /// that set has been built; fewer features have not.
    pub(super) fn everything(&mut self, sifted: bool) -> Result<(Vec<usize>, Vec<Rejected>)> {
        let mut held: Vec<usize> = (0..self.candidates.len()).collect();
        let mut rejected = Vec::new();
        if !self.candidates.iter().any(Action::bears_on_builds) {
            return Ok((held, rejected));
        }
        let slims = |action: &Action| matches!(action, Action::Slim(_));
        if !sifted || self.candidates.iter().any(slims) {
            self.workshop.stage("checking it all together");
            (held, rejected) = search::largest(&held, &mut |set| self.own(set))?;
        }
        for combination in self.others(&held)? {
            self.workshop
                .stage(&format!("building without it: {}", shown(&combination)));
            let (kept, more) = search::largest(&held, &mut |set| self.other(set, &combination))?;
            held = kept;
            rejected.extend(more);
        }
        if let Some(command) = self.question.verify_with.filter(|_| !held.is_empty()) {
            self.workshop
                .stage(&format!("running `{command}` without it"));
            let (kept, more) = search::largest(&held, &mut |set| self.verify(set, command))?;
            held = kept;
            rejected.extend(more);
        }
        Ok((held, rejected))
    }

    pub(super) fn reject(&self, rejected: Vec<Rejected>, proof: &mut Proof) {
        for Rejected { index, said } in rejected {
            let action = self.candidates[index].clone();
            proof.verdicts.push((action, Proven::Fails { said }));
        }
    }

    fn write(&mut self, set: &[usize]) -> Result<()> {
        let plan = report::plan(self.facts(), &self.actions(set))?;
        self.workshop.write(&plan)
    }

    /// All targets as the user builds them, as dependents see them, and documentation tests.
    fn own(&mut self, set: &[usize]) -> Result<Trial> {
        self.write(set)?;
        let built = self.workshop.build_of(&Combination::Own)?;
        if let Some(said) = &built.failure {
            return Ok(self.failed(set, &built, said));
        }
        for member in self.edited(set) {
            match self.documentation(member, &built, set)? {
                Trial::Holds => {}
                fails @ Trial::Fails { .. } => return Ok(fails),
            }
        }
        self.commands = vec![built.command];
        Ok(Trial::Holds)
    }

    /// The members whose entries change.
    fn edited(&self, set: &[usize]) -> BTreeSet<usize> {
        let actions = self.actions(set);
        let members = actions.iter().map(|action| action.members(self.facts()));
        members.flatten().collect()
    }

    fn failed(&self, set: &[usize], built: &Built, said: &str) -> Trial {
        let mut blamed = Vec::new();
        for index in set {
            let entry = self.candidates[*index].entry();
            let Some((member, dependency)) = entry.and_then(|id| remedy::entry(self.facts(), id))
            else {
                continue;
            };
            let mut errors = built
                .errors
                .iter()
                .filter(|(package, _)| is_of(package, &member.name));
            if errors.any(|(_, error)| dependency.names.iter().any(|name| names(error, name))) {
                blamed.push(*index);
            }
        }
        Trial::Fails {
            blamed,
            said: said.to_owned(),
        }
    }

    fn documentation(&mut self, member: usize, built: &Built, set: &[usize]) -> Result<Trial> {
        let facts = self.facts();
        if facts.members[member].sources.doctests == 0 {
            return Ok(Trial::Holds);
        }
        let root = self.workshop.root().to_owned();
        let calls: Vec<_> = built
            .units
            .iter()
            .filter_map(|call| {
                let args = RustcArgs::parse(call.args.iter().map(String::as_str));
                let (index, target) = compile::target_of(facts, &root, call, &args)?;
                (index == member).then_some((call, args, target.kind))
            })
            .collect();
        let library = calls
            .iter()
            .find(|(_, args, kind)| *kind == TargetKind::Library && !args.test);
        let richest = calls
            .iter()
            .filter(|(_, _, kind)| *kind != TargetKind::BuildScript)
            .max_by_key(|(_, args, _)| args.extern_names.len());
        let name = &facts.members[member].name;
        let (Some((library, ..)), Some((richest, ..))) = (library, richest) else {
            return Ok(Trial::Holds);
        };
        let Some(documented) = doctests::documented(library, richest) else {
            return self.documentation_by_cargo(member);
        };
        self.workshop.stage("compiling documentation tests");
        let rustdoc = self.rustdoc();
        let Some(said) = doctests::compile(&documented, &rustdoc)? else {
            return Ok(Trial::Holds);
        };
        let blamed: Vec<usize> = set
            .iter()
            .copied()
            .filter(|index| self.is_named_in(*index, member, &said))
            .collect();
        if blamed.is_empty() {
            let error = report::first_error(&said);
            self.notes.push(format!(
                "rustdoc alone could not compile the documentation tests of {name}, so cargo ran \
                 them: {error}"
            ));
            return self.documentation_by_cargo(member);
        }
        Ok(Trial::Fails { blamed, said })
    }

    fn is_named_in(&self, index: usize, member: usize, said: &str) -> bool {
        let entry = self.candidates[index].entry();
        let entry = entry.filter(|entry| entry.member == member);
        let dependency = entry.and_then(|id| Some(remedy::entry(self.facts(), id)?.1));
        dependency.is_some_and(|d| d.names.iter().any(|name| names(said, name)))
    }

    /// In full: where rustdoc alone cannot.
    fn documentation_by_cargo(&mut self, member: usize) -> Result<Trial> {
        let name = self.facts().members[member].name.clone();
        let command = format!("cargo test --doc -p {name}");
        self.workshop.stage(&format!("running `{command}`"));
        let Some(said) = self.workshop.run(&command)? else {
            return Ok(Trial::Holds);
        };
        self.workshop.restore()?;
        if self.workshop.run(&command)?.is_some() {
            self.notes.push(format!(
                "`{command}` fails as it is, and so proves nothing of documentation tests"
            ));
            return Ok(Trial::Holds);
        }
        Ok(Trial::Fails {
            blamed: Vec::new(),
            said,
        })
    }

    fn rustdoc(&self) -> Utf8PathBuf {
        let session = self.workshop.session();
        let configured = session.config.program("build.rustdoc", &session.cwd);
        configured.unwrap_or_else(|| session.toolchain.sysroot.join("bin").join("rustdoc"))
    }

    /// The other builds that the set bears on.
    fn others(&mut self, set: &[usize]) -> Result<Vec<Combination>> {
        let (facts, session) = (self.facts(), self.workshop.session());
        let actions = self.actions(set);
        let unread = |action: &&Action| match action {
            Action::Slim(index) => remedy::slimmed(facts, *index).is_none_or(|s| s.takes_unnamed),
            _ => false,
        };
        let slims = actions.iter().filter(unread);
        let bearing = Bearing {
            edited: self.edited(set),
            slimmed: slims.flat_map(|action| action.members(facts)).collect(),
            touched: remedy::touched_features(facts, &actions),
        };
        let named = declared::named(session.root(), &session.workspace.metadata);
        let flags = self.workshop.flags();
        let (mut needed, left_out) = combination::needed(facts, flags, &bearing, &named);
        if !left_out.is_empty() {
            self.notes.push(format!(
                "too many combinations of features to build each; not built: {}",
                left_out.join("; ")
            ));
        }
        // All targets are built with the features that development dependencies switch on.
        if !self.lost(set)?.plain.is_empty() {
            needed.insert(0, Combination::Plain);
        }
        Ok(needed)
    }

    /// What the set takes from packages that stay.
    fn lost(&mut self, set: &[usize]) -> Result<Lost> {
        if set.is_empty() {
            return Ok(Lost::default());
        }
        self.write(set)?;
        let after = workspace::load(&workspace::LoadOptions {
            cwd: self.workshop.root().to_owned(),
            offline: true,
            workspace: true,
            ..workspace::LoadOptions::default()
        })
        .context("cannot resolve the workspace without what can go")?;
        let before = Unified::of(self.workshop.session().workspace.graph()?)?;
        Ok(before.lost(&Unified::of(after.graph()?)?))
    }

    fn other(&mut self, set: &[usize], combination: &Combination) -> Result<Trial> {
        self.write(set)?;
        let built = self.workshop.build_of(combination)?;
        let Some(said) = &built.failure else {
            self.commands.push(built.command);
            return Ok(Trial::Holds);
        };
        let trial = self.failed(set, &built, said);
        self.workshop.restore()?;
        let before = self.workshop.build_of(combination)?;
        if before.failure.is_some() {
            let command = before.command;
            self.notes
                .push(format!("`{command}` fails as it is, and so proves nothing"));
            return Ok(Trial::Holds);
        }
        Ok(trial)
    }

    fn verify(&mut self, set: &[usize], command: &str) -> Result<Trial> {
        self.write(set)?;
        let Some(said) = self.workshop.run(command)? else {
            self.commands.push(command.to_owned());
            return Ok(Trial::Holds);
        };
        self.workshop.restore()?;
        if let Some(said) = self.workshop.run(command)? {
            anyhow::bail!(
                "`{command}`, given with --verify-with, fails on the project as it is:\n\n{said}"
            );
        }
        Ok(Trial::Fails {
            blamed: Vec::new(),
            said,
        })
    }

    /// What the changes that hold take from packages that stay, by proposal.
    pub(super) fn takes(&mut self, held: &[usize]) -> Result<BTreeMap<usize, String>> {
        let mut takes = BTreeMap::new();
        let actions = self.actions(held);
        if !actions.iter().any(Action::bears_on_builds) {
            return Ok(takes);
        }
        let lost = self.lost(held)?;
        if lost.all.is_empty() {
            return Ok(takes);
        }
        let graph = self.workshop.session().workspace.graph()?;
        for index in held {
            let entry = self.candidates[*index].entry();
            let Some((_, dependency)) = entry.and_then(|id| remedy::entry(self.facts(), id)) else {
                continue;
            };
            let reached = unification::reached(graph, &dependency.package);
            let own = unification::among(&lost.all, &reached);
            if !own.is_empty() {
                takes.insert(*index, unification::words(&own));
            }
        }
        Ok(takes)
    }
}

/// Whether a package id is that of a member of this name.
fn is_of(package_id: &str, name: &str) -> bool {
    let (place, fragment) = package_id.rsplit_once('#').unwrap_or((package_id, ""));
    let named = fragment.split('@').next() == Some(name) && fragment.contains('@');
    named || (!fragment.contains('@') && place.rsplit('/').next() == Some(name))
}

/// Whether an error is about the crate of this name: it stands in backticks, or heads a path.
fn names(error: &str, name: &str) -> bool {
    let mut rest = error;
    while let Some(at) = rest.find(name) {
        let before = rest[..at].chars().next_back();
        let after = &rest[at + name.len()..];
        let bounded = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        if bounded(before)
            && (after.starts_with("::") || (before == Some('`') && after.starts_with('`')))
        {
            return true;
        }
        rest = &rest[at + name.len()..];
    }
    false
}

fn shown(combination: &Combination) -> String {
    match combination {
        Combination::Own => "all targets".to_owned(),
        Combination::Plain => "without tests".to_owned(),
        Combination::Of { package, choice } => {
            let features = choice.args().join(" ");
            let default = if features.is_empty() {
                "its default features"
            } else {
                &*features
            };
            format!("{package} with {default}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_blames_the_crate_that_it_names() {
        let error =
            "error[E0433]: failed to resolve: use of unresolved module or unlinked crate `log`";
        assert!(names(error, "log"));
        assert!(names(" 3 | use log::info;", "log"));
        assert!(!names(" 3 | use tracing_log::info; // log", "log"));
        assert!(!names("catalog", "log"));
    }

    #[test]
    fn package_ids_of_members_are_known() {
        assert!(is_of("path+file:///w/crates/app#0.1.0", "app"));
        assert!(is_of("path+file:///w/crates/folder#app@0.1.0", "app"));
        assert!(!is_of("path+file:///w/crates/folder#other@0.1.0", "app"));
        assert!(!is_of("path+file:///w/app#other@0.1.0", "app"));
    }
}
