//! The whole way: read, predict, build, compare, repair, grade.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::Metadata;
use pitcrew_core::cargo::BuildEvent;
use pitcrew_core::fix::Applicability;
use pitcrew_core::linked::{self, Difference};

use super::attribution::{self, Affected};
use super::behaviour::Alteration;
use super::condition::{Setting, Why};
use super::edit;
use super::entries::{self, Texts};
use super::graph::{Graph, Host};
use super::liveness::Linked;
use super::outcome::{Outcome, Slimmed};
use super::repair::{self, Loss};
use super::resolve::{Resolved, Root};
use super::study::Study;
use super::trial::{self, Built, Trial};
use super::uses::{Role, Uses};
use crate::gates::Library;
use crate::gates::cfg::{Flags, Platform};

/// What is asked.
pub struct Request<'a> {
    pub metadata: &'a Metadata,
    /// The platform that is built for.
    pub triple: String,
    /// What `rustc --print cfg` prints for it.
    pub printed_cfg: String,
    /// Conditions in RUSTFLAGS.
    pub flags: Flags,
    /// What the workspace's code uses.
    pub uses: &'a Uses,
    /// The packages that are built, with their features.
    pub roots: Roots,
    pub trial: trial::Settings,
    /// Build, or only read.
    pub build: bool,
    /// The least that a change may be graded: with `MachineApplicable`, code that only serves what
    /// nothing uses stays, too.
    pub accept: Applicability,
    /// Compile the examples of the documentation too, where a changed dependency stands in one.
    pub doctests: bool,
}

/// What the command line selects.
#[derive(Debug, Clone, Default)]
pub struct Roots {
    /// By id; none selects all members.
    pub packages: Vec<String>,
    pub features: Vec<String>,
    pub all_features: bool,
    pub no_default_features: bool,
}

/// Builds that repairing may take before the rest is given back.
const MOST_REPAIRS: usize = 8;

/// What `rustc` says of the platform it builds for by default, or of `target`.
pub fn printed_cfg(rustc: &str, target: Option<&str>) -> Result<String> {
    let mut command = Command::new(rustc);
    command.args(["--print", "cfg"]);
    if let Some(target) = target {
        command.args(["--target", target]);
    }
    let output = command
        .output()
        .with_context(|| format!("cannot run `{rustc} --print cfg`"))?;
    if !output.status.success() {
        bail!(
            "`{rustc} --print cfg` failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether the workspace uses cargo's first resolver.
pub fn uses_first_resolver(metadata: &Metadata) -> bool {
    let manifest = metadata.workspace_root.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap_or_default();
    let said = ["workspace", "package"].iter().find_map(|table| {
        let value = pitcrew_core::manifest::lookup(&text, &[table, "resolver"])?;
        Some(value.as_str()?.to_owned())
    });
    match said {
        Some(resolver) => resolver == "1",
        None => {
            let root = metadata
                .packages
                .iter()
                .find(|p| p.manifest_path == manifest);
            root.is_none_or(|root| root.edition < cargo_metadata::Edition::E2021)
        }
    }
}

/// The minimal features of all dependencies of a workspace.
pub fn minimal(request: &Request<'_>, progress: &mut dyn FnMut(&BuildEvent)) -> Result<Outcome> {
    let host = Host::parse(&request.triple, &request.printed_cfg);
    let graph = Graph::new(
        request.metadata,
        &host,
        uses_first_resolver(request.metadata),
    );
    let library = Library::new(graph.sources());
    let texts = manifests(&graph, &request.metadata.workspace_root)?;
    let root = request.metadata.workspace_root.join("Cargo.toml");
    let entries = entries::read(&graph, &root, &texts);
    let setting = Setting {
        platform: Platform::parse(&request.printed_cfg),
        flags: None,
    };
    let roots = request.roots.resolve(&graph);
    let study = Study::new(&graph, &library, &entries, setting, &roots);
    let mut work = Work {
        request,
        study,
        texts: &texts,
        outcome: Outcome::default(),
    };
    if request.build {
        work.proven(progress)?;
    } else {
        work.study.gather(request.uses);
        work.study.claim_all();
        let altered = work.study.settle(None, request.accept);
        work.study.drop_idle();
        work.report(&altered, None, None)?;
    }
    Ok(work.outcome)
}

fn manifests(graph: &Graph, root: &Utf8Path) -> Result<Texts> {
    let members = graph.members.iter();
    let mut paths: BTreeSet<Utf8PathBuf> = members
        .map(|member| graph.packages[*member].folder.join("Cargo.toml"))
        .collect();
    paths.insert(root.join("Cargo.toml"));
    let read = |path: Utf8PathBuf| {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
        Ok((path, text))
    };
    paths.into_iter().map(read).collect()
}

impl Roots {
    fn resolve(&self, graph: &Graph) -> Vec<Root> {
        let selected = graph.members.iter().filter(|member| {
            self.packages.is_empty() || self.packages.contains(&graph.packages[**member].id)
        });
        let root = |member: &usize| {
            let own = &graph.packages[*member].features;
            let features = if self.all_features {
                own.keys().cloned().collect()
            } else {
                self.features.clone()
            };
            Root {
                package: *member,
                features,
                default_features: !self.no_default_features,
                dev: true,
            }
        };
        selected.map(root).collect()
    }
}

struct Work<'a> {
    request: &'a Request<'a>,
    study: Study<'a>,
    texts: &'a Texts,
    outcome: Outcome,
}

impl Work<'_> {
    fn proven(&mut self, progress: &mut dyn FnMut(&BuildEvent)) -> Result<()> {
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
        self.study.setting.flags = Some(self.flags(&before, library.len()));
        let linked = Linked::of(before.programs.values());
        let linked = before.dark.is_empty().then_some(&linked);
        if let Some(dark) = before.dark.first() {
            self.outcome.notes.push(dark.clone());
        }
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

    /// The manifests that change, as they would be.
    fn edited(&self) -> Result<Texts> {
        let mut edited: BTreeMap<Utf8PathBuf, String> = BTreeMap::new();
        for (entry, wanted) in self.study.entries.iter().zip(&self.study.wanted) {
            if *wanted == entry.wanted {
                continue;
            }
            let text = edited
                .get(&entry.manifest)
                .or_else(|| self.texts.get(&entry.manifest));
            let Some(text) = text else { continue };
            let changed = edit::apply(text, entry, wanted)
                .with_context(|| format!("cannot change {} in {}", entry.name(), entry.manifest))?;
            edited.insert(entry.manifest.clone(), changed);
        }
        Ok(edited)
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
            let started = std::time::Instant::now();
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
        let started = std::time::Instant::now();
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

    fn report(
        &mut self,
        altered: &[Alteration],
        difference: Option<Difference>,
        linked: Option<&Linked>,
    ) -> Result<()> {
        self.outcome.texts = self.edited()?;
        let after = self.study.after();
        let gone = self.packages_gone(&after);
        let changed: Vec<usize> = (0..self.study.entries.len())
            .filter(|at| self.study.wanted[*at] != self.study.entries[*at].wanted)
            .collect();
        let affected: Vec<Affected> = changed
            .iter()
            .map(|at| self.study.affected(*at, &after))
            .collect();
        let shares = difference
            .as_ref()
            .map(|whole| attribution::shares(whole, &affected));
        for (index, at) in changed.into_iter().enumerate() {
            let entry = &self.study.entries[at];
            let own: Vec<Alteration> = altered
                .iter()
                .filter(|alteration| affected[index].is_hit_by(alteration))
                .cloned()
                .collect();
            let difference = shares.as_ref().map(|shares| shares[index].clone());
            let package = &self.study.graph.packages[entry.package];
            self.outcome.slimmed.push(Slimmed {
                entry: entry.clone(),
                package: package.name.clone(),
                version: package.version.clone(),
                wanted: self.study.wanted[at].clone(),
                dropped: affected[index].of_package(entry.package),
                packages_gone: gone.clone(),
                applicability: attribution::grade(difference.as_ref(), &own),
                altered: own,
                difference,
                reasons: self.study.reasons(at),
            });
        }
        for at in 0..self.study.entries.len() {
            self.outcome.kept.extend(self.study.kept(at, linked));
        }
        self.outcome.kept.sort();
        self.outcome
            .kept
            .dedup_by(|a, b| a.dependency == b.dependency && a.feature == b.feature);
        self.outcome.difference = difference;
        Ok(())
    }

    fn packages_gone(&self, after: &[Resolved]) -> Vec<String> {
        let built = |resolved: &[Resolved], package: usize| {
            resolved.iter().any(|resolved| resolved.is_built(package))
        };
        let packages = self.study.graph.packages.iter().enumerate();
        packages
            .filter(|(at, _)| built(&self.study.before, *at) && !built(after, *at))
            .map(|(_, package)| format!("{} {}", package.name, package.version))
            .collect()
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
