//! Builds what is proposed, takes back what the compiler misses, and holds the programs against each
//! other.

use std::time::Instant;

use anyhow::Result;
use pitcrew_core::linked::{self, Difference};

use super::before::Before;
use super::behaviour::Alteration;
use super::condition::Why;
use super::liveness::Linked;
use super::programs::{Attempt, Programs, Trial};
use super::repair::{self, Loss};
use super::work::Work;
use crate::gates::cfg::Flags;

/// Builds that repairing may take before the rest is given back.
const MOST_REPAIRS: usize = 8;

impl Work<'_> {
    pub fn proven(&mut self, before: &Before, trial: &mut dyn Trial) -> Result<()> {
        self.outcome.notes.extend(before.notes.iter().cloned());
        self.took("as it is", before.programs.wall_s);
        self.outcome.bytes = before.programs.bytes();
        let flags = self.flags(&before.programs, self.study.library.len());
        self.study.setting.flags = Some(flags);
        let linked = before.linked.as_ref();
        let mut altered = self.study.settle(linked, self.request.accept);
        self.study.drop_idle();
        let after = self.build_until_it_works(trial, &mut altered, linked)?;
        let difference = after.map(|after| compared(&before.programs, &after));
        let difference = difference.filter(|_| before.is_comparable());
        self.report(&altered, difference, linked)
    }

    fn took(&mut self, what: &str, seconds: f64) {
        self.outcome.builds.push((what.to_owned(), seconds));
    }

    fn flags(&self, built: &Programs, count: usize) -> Vec<Flags> {
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
        trial: &mut dyn Trial,
        altered: &mut Vec<Alteration>,
        linked: Option<&Linked>,
    ) -> Result<Option<Programs>> {
        for round in 0..MOST_REPAIRS {
            let edited = self.edited()?;
            if edited.is_empty() {
                return Ok(None);
            }
            let mut manifests = self.request.base.clone();
            manifests.extend(edited);
            let started = Instant::now();
            match trial.build(&manifests)? {
                Attempt::Built(built) => {
                    self.took("with fewer features", built.wall_s);
                    self.outcome.verified.push(built.command.clone());
                    return Ok(Some(built));
                }
                Attempt::Failed(errors) => {
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
}

/// All programs of both builds, compared.
fn compared(before: &Programs, after: &Programs) -> Difference {
    let mut whole = Difference::default();
    for (target, program) in &before.by_target {
        if let Some(other) = after.by_target.get(target) {
            whole.merge(linked::compare(program, other));
        }
    }
    whole
}
