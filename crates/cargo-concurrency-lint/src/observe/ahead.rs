//! Reads the sources while cargo is still resolving the dependencies, which takes it as long as reading
//! takes us. Where the crates begin and what they rename it tells at once when it is asked for nothing
//! else, and what the sources say depends on no more. What is read here is only ahead of time: it serves
//! where the whole answer names the same crates.

use std::thread::{self, JoinHandle};

use anyhow::{Result, anyhow};
use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::cli::CargoFlags;
use pitcrew_core::workspace::{self, LoadOptions, Workspace};

use super::{Target, source, targets};
use crate::ecosystem::Ecosystem;
use crate::facts::Facts;

/// The tables and the facts, on their way.
pub struct Ahead(JoinHandle<Result<(Ecosystem, Option<Early>)>>);

/// The facts of the sources, and of what.
pub struct Early {
    targets: Vec<Target>,
    root: Utf8PathBuf,
    generated: bool,
    facts: Facts,
}

impl Ahead {
    /// Begins to read the workspace that `flags` mean.
    pub fn start(flags: &CargoFlags, generated: bool) -> Self {
        let flags = flags.clone();
        Self(thread::spawn(move || {
            let tables = thread::spawn(Ecosystem::load);
            let workspace = members(&flags);
            let ecosystem = tables.join();
            let ecosystem =
                ecosystem.map_err(|_| anyhow!("reading the tables ended in a panic"))??;
            // Who asks for everything hears what is wrong, and says so.
            let early = match workspace {
                Ok(workspace) => Some(Early::read(&workspace, generated, &ecosystem)?),
                Err(_) => None,
            };
            Ok((ecosystem, early))
        }))
    }

    /// What was read, once all of it is.
    pub fn wait(self) -> Result<(Ecosystem, Option<Early>)> {
        let read = self.0.join();
        read.map_err(|_| anyhow!("reading the sources ended in a panic"))?
    }
}

fn members(flags: &CargoFlags) -> Result<Workspace> {
    workspace::load(&LoadOptions {
        no_deps: true,
        ..flags.load_options(&workspace::current_dir()?)
    })
}

impl Early {
    fn read(workspace: &Workspace, generated: bool, ecosystem: &Ecosystem) -> Result<Self> {
        let targets = targets(workspace);
        let root = workspace.root.clone();
        Ok(Self {
            facts: source(&targets, &root, generated, ecosystem)?,
            targets,
            root,
            generated,
        })
    }

    /// The facts, where they are those of `targets` read in the same way. Of a crate's dependencies they
    /// know nothing yet.
    pub fn serves(self, targets: &[Target], root: &Utf8Path, generated: bool) -> Option<Facts> {
        let same = self.root == root
            && self.generated == generated
            && self.targets.len() == targets.len()
            && self
                .targets
                .iter()
                .zip(targets)
                .all(|(early, whole)| early.is_read_like(whole));
        let crates = targets.iter().map(|target| target.krate.clone());
        same.then(|| Facts {
            crates: crates.collect(),
            ..self.facts
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The facts of a workspace with one dependency, which `written` names and whose library is
    /// `library`, if they could be got early; and the path of the call in it.
    fn early(written: &str, library: &str) -> (bool, String) {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path())
            .unwrap()
            .canonicalize_utf8()
            .unwrap();
        let manifest = format!(
            "[package]\nname = \"app\"\nedition = \"2024\"\n[workspace]\nexclude = [\"dep\"]\n[dependencies]\n{written}\n"
        );
        let dependency = format!(
            "[package]\nname = \"the-dep\"\nedition = \"2024\"\n[lib]\nname = \"{library}\"\n"
        );
        for (path, text) in [
            ("Cargo.toml", manifest.as_str()),
            ("src/main.rs", "use short as s;\nfn main() { s::wait(); }\n"),
            ("dep/Cargo.toml", &dependency),
            ("dep/src/lib.rs", "pub fn wait() {}\n"),
        ] {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let options = |no_deps| LoadOptions {
            no_deps,
            cwd: root.clone(),
            ..LoadOptions::default()
        };
        let ecosystem = Ecosystem::load().unwrap();
        let first = workspace::load(&options(true)).unwrap();
        let whole = workspace::load(&options(false)).unwrap();
        let targets = targets(&whole);
        let early = Early::read(&first, false, &ecosystem).unwrap();
        let facts = early.serves(&targets, &root, false);
        let served = facts.is_some();
        let facts = facts.unwrap_or_else(|| source(&targets, &root, false, &ecosystem).unwrap());
        let on: Vec<&String> = facts.crates[0].dependencies.keys().collect();
        assert_eq!(on, [library]);
        (served, facts.functions[0].calls[0].callee.path.clone())
    }

    #[test]
    fn what_was_read_early_serves_where_the_crates_are_named_alike() {
        let renamed = "short = { package = \"the-dep\", path = \"dep\" }";
        assert_eq!(
            early(renamed, "the_dep"),
            (true, "the_dep::wait".to_owned())
        );
        let own = "the-dep = { path = \"dep\" }";
        assert_eq!(early(own, "short"), (true, "short::wait".to_owned()));
    }

    #[test]
    fn a_library_that_is_named_unlike_its_package_is_read_again() {
        let renamed = "short = { package = \"the-dep\", path = \"dep\" }";
        assert_eq!(early(renamed, "long"), (false, "long::wait".to_owned()));
    }
}
