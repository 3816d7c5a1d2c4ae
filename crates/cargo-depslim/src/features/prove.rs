//! Builds what is proposed, takes back what the compiler misses, and holds the programs against each
//! other.

use std::time::Instant;

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::cargo::BuildEvent;
use pitcrew_core::linked::{self, Difference};

use super::behaviour::Alteration;
use super::condition::Why;
use super::liveness::Linked;
use super::repair::{self, Loss};
use super::trial::{self, Built, Trial};
use super::uses::Role;
use super::work::Work;
use crate::gates::cfg::Flags;

/// Builds that repairing may take before the rest is given back.
const MOST_REPAIRS: usize = 8;

impl Work<'_> {
    pub fn proven(&mut self, progress: &mut dyn FnMut(&BuildEvent)) -> Result<()> {
        let root = &self.request.metadata.workspace_root;
        let trial = Trial::new(root, self.request.trial.clone())?;
        let (library, uses) = (self.study.library, self.request.uses);
        // Cargo waits for rustc most of the time: the sources are read meanwhile.
        let study = &mut self.study;
        let built = std::thread::scope(|scope| {
            let reading = scope.spawn(move || {
                study.gather(uses);
            });
            let built = first_build(&trial, progress);
            (built, reading.join())
        });
        let (built, reading) = built;
        if reading.is_err() {
            bail!("reading the sources of the dependencies ended in a panic");
        }
        let (before, targets) = match built? {
            Ok(found) => found,
            Err(errors) => {
                let first = errors
                    .first()
                    .map_or("", |error| error.lines().next().unwrap_or(""));
                self.outcome.notes.push(format!(
                    "the project does not build as it is ({first}), so that nothing can be proven"
                ));
                return trial.close();
            }
        };
        self.took("as it is", before.wall_s);
        self.outcome.bytes = before.bytes();
        self.study.setting.flags = Some(self.flags(&before, library.len()));
        let linked = self.linked(&before);
        let linked = linked.as_ref();
        let accept = self.request.accept;
        let mut altered = self.study.settle(linked, accept);
        self.study.drop_idle();
        let after = self.build_until_it_works(&trial, &targets, &mut altered, linked, progress)?;
        let difference = after.as_ref().map(|after| compared(&before, after));
        let comparable = before.dark.is_empty() && !before.programs.is_empty();
        if after.is_some() {
            self.check_doctests(&trial, progress)?;
        }
        self.report(&altered, difference.filter(|_| comparable), linked)?;
        trial.close()
    }

    /// The functions that are part of programs, or can become part of one through a library of the
    /// workspace; none where some cannot be told.
    fn linked(&mut self, built: &Built) -> Option<Linked> {
        if let Some(dark) = built.dark.first() {
            self.outcome.notes.push(dark.clone());
            return None;
        }
        let packages = &self.study.graph.packages;
        let is_own = |id: &String| packages.iter().any(|p| p.is_member && p.id == *id);
        let (own, others): (Vec<_>, Vec<_>) =
            built.libraries.iter().partition(|(id, _)| is_own(id));
        let paths = |libraries: Vec<&'_ (String, Utf8PathBuf)>| -> Vec<Utf8PathBuf> {
            libraries
                .into_iter()
                .map(|(_, path)| path.clone())
                .collect()
        };
        let (own, others) = (paths(own), paths(others));
        if own.is_empty() {
            return Some(Linked::of(built.programs.values()));
        }
        let own: Vec<&Utf8Path> = own.iter().map(Utf8PathBuf::as_path).collect();
        let others: Vec<&Utf8Path> = others.iter().map(Utf8PathBuf::as_path).collect();
        match linked::reachable(&own, &others) {
            Ok(of_libraries) => {
                let programs = built.programs.values();
                Some(Linked::of(programs.chain([&of_libraries])))
            }
            Err(error) => {
                self.outcome.notes.push(error.to_string());
                None
            }
        }
    }

    fn took(&mut self, what: &str, seconds: f64) {
        self.outcome.builds.push((what.to_owned(), seconds));
    }

    fn flags(&self, built: &Built, count: usize) -> Vec<Flags> {
        let packages = &self.study.graph.packages;
        let of = |krate: usize| {
            let mut flags = self.request.flags.clone();
            flags.extend(
                built
                    .flags
                    .get(&packages[krate].id)
                    .cloned()
                    .unwrap_or_default(),
            );
            flags
        };
        (0..count).map(of).collect()
    }

    /// Builds with what is wanted, and takes back what the compiler misses.
    fn build_until_it_works(
        &mut self,
        trial: &Trial,
        targets: &[&str],
        altered: &mut Vec<Alteration>,
        linked: Option<&Linked>,
        progress: &mut dyn FnMut(&BuildEvent),
    ) -> Result<Option<Built>> {
        for round in 0..MOST_REPAIRS {
            let edited = self.edited()?;
            if edited.is_empty() {
                return Ok(None);
            }
            trial.write(self.texts)?;
            trial.write(&edited)?;
            let started = Instant::now();
            match trial.build(targets, progress)? {
                trial::Outcome::Built(built) => {
                    self.took("with fewer features", built.wall_s);
                    self.outcome.verified.push(built.command.clone());
                    return Ok(Some(built));
                }
                trial::Outcome::Failed(errors) => {
                    self.took("with too few features", started.elapsed().as_secs_f64());
                    self.repair(&errors, round + 2 >= MOST_REPAIRS);
                    *altered = self.study.settle(linked, self.request.accept);
                    self.study.drop_idle();
                }
            }
        }
        self.outcome
            .notes
            .push("no smaller set of features was found that builds".to_owned());
        self.study.wanted = self
            .study
            .entries
            .iter()
            .map(|e| e.wanted.clone())
            .collect();
        Ok(None)
    }

    /// Takes back what the errors ask for; where they do not say, all of the entries they name, and
    /// in the end all.
    fn repair(&mut self, errors: &[String], last: bool) {
        let after = self.study.after();
        let mut any = false;
        for (before, after) in self.study.before.clone().iter().zip(&after) {
            let loss = Loss {
                library: self.study.library,
                setting: &self.study.setting,
                before,
                after,
            };
            let (requirements, _) = repair::requirements(&loss, errors);
            for requirement in requirements {
                any |= self.study.restore(&requirement);
            }
        }
        if any && !last {
            return;
        }
        let text = errors.join("\n");
        let changed: Vec<usize> = (0..self.study.entries.len())
            .filter(|at| self.study.wanted[*at] != self.study.entries[*at].wanted)
            .collect();
        let named: Vec<usize> = changed
            .iter()
            .copied()
            .filter(|at| {
                let package = &self.study.graph.packages[self.study.entries[*at].package];
                text.contains(package.source.krate.as_str()) || text.contains(&package.name)
            })
            .collect();
        let back = if named.is_empty() || last {
            changed
        } else {
            named
        };
        let first = errors
            .first()
            .map_or("", |error| error.lines().next().unwrap_or(""));
        for at in back {
            self.study.keep_all(at, &Why::Compiler(first.to_owned()));
        }
    }

    fn check_doctests(
        &mut self,
        trial: &Trial,
        progress: &mut dyn FnMut(&BuildEvent),
    ) -> Result<()> {
        if !self.request.doctests || !self.documentation_names_changed() {
            return Ok(());
        }
        let started = Instant::now();
        let errors = trial.doctests(&self.request.triple, progress)?;
        self.took("documentation", started.elapsed().as_secs_f64());
        let compiles = !errors
            .iter()
            .any(|error| error.contains("Couldn't compile"));
        if compiles {
            self.outcome.verified.push("cargo test --doc".to_owned());
            return Ok(());
        }
        self.outcome.notes.push(
            "an example in the documentation does not compile with fewer features; nothing was \
             changed"
                .to_owned(),
        );
        self.study.wanted = self
            .study
            .entries
            .iter()
            .map(|e| e.wanted.clone())
            .collect();
        Ok(())
    }

    /// Whether an example in the documentation uses a dependency whose features change.
    fn documentation_names_changed(&self) -> bool {
        self.request.uses.iter().any(|((member, role), code)| {
            let externs = &self.study.graph.packages[*member].source.externs;
            *role == Role::Doc
                && code.crates.keys().any(|alias| {
                    externs
                        .get(alias)
                        .is_some_and(|package| self.is_changed(*package))
                })
        })
    }

    fn is_changed(&self, package: usize) -> bool {
        let pairs = self.study.entries.iter().zip(&self.study.wanted);
        pairs
            .filter(|(entry, _)| entry.package == package)
            .any(|(entry, wanted)| entry.wanted != *wanted)
    }
}

type FirstBuild = Result<Result<(Built, Vec<&'static str>), Vec<String>>>;

/// The project as it is. Benches often need a nightly compiler: where all targets fail, what is not a
/// bench is tried.
fn first_build(trial: &Trial, progress: &mut dyn FnMut(&BuildEvent)) -> FirstBuild {
    let all = vec!["--all-targets"];
    let errors = match trial.build(&all, progress)? {
        trial::Outcome::Built(built) => return Ok(Ok((built, all))),
        trial::Outcome::Failed(errors) => errors,
    };
    let most = vec!["--lib", "--bins", "--tests", "--examples"];
    match trial.build(&most, progress)? {
        trial::Outcome::Built(built) => Ok(Ok((built, most))),
        trial::Outcome::Failed(_) => Ok(Err(errors)),
    }
}

/// All programs of both builds, compared.
fn compared(before: &Built, after: &Built) -> Difference {
    let mut whole = Difference::default();
    for (target, program) in &before.programs {
        if let Some(other) = after.programs.get(target) {
            whole.merge(linked::compare(program, other));
        }
    }
    whole
}
