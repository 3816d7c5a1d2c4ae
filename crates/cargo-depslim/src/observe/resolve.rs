//! What an entry of a dependency table stands for: the package that it inherits or renames, and the
//! library that code calls it by.

use camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::TargetKind as CargoTargetKind;
use pitcrew_core::workspace::{LoadOptions, Workspace, load};

use super::MemberManifest;
use super::folders::Folders;
use super::library::{self, Found};
use super::lock::Lock;
use super::manifest::{Entry, Manifest};
use crate::facts::{Dependency, Library, Member};

/// All that resolving needs.
pub(super) struct Resolver<'a> {
    pub workspace: &'a Workspace,
    pub root: &'a Manifest,
    pub lock: &'a Lock,
    pub folders: &'a Folders,
    pub manifests: &'a [MemberManifest],
}

impl Resolver<'_> {
    /// The dependency that an entry of the member `name` in `folder` stands for.
    pub(super) fn dependency(&self, entry: &Entry, name: &str, folder: &Utf8Path) -> Dependency {
        let shared = entry.inherited.then(|| {
            let mut shared = self.root.shared.iter();
            shared.find(|shared| shared.key == entry.key)
        });
        let shared = shared.flatten();
        let renamed = match shared {
            Some(shared) => shared.package.as_ref(),
            None => entry.package.as_ref(),
        };
        let package = renamed.unwrap_or(&entry.key).clone();
        let path = match shared {
            Some(shared) => shared
                .path
                .as_ref()
                .map(|path| self.workspace.root.join(path)),
            None => entry.path.as_ref().map(|path| folder.join(path)),
        };
        let found = self.library(name, &package, path.as_deref());
        let code_name = match renamed {
            Some(_) => entry.key.replace('-', "_"),
            None => found.name,
        };
        let mut features = entry.features.clone();
        features.extend(
            shared
                .into_iter()
                .flat_map(|shared| shared.features.clone()),
        );
        features.sort();
        features.dedup();
        let own = entry.default_features;
        let asks_for_more = !features.is_empty();
        Dependency {
            brought_by_others: asks_for_more && self.lock.is_brought_by_others(name, &package),
            key: entry.key.clone(),
            table: entry.table.clone(),
            package,
            names: vec![code_name],
            library: Library {
                unnameable: found.library.unnameable || entry.artifact,
                ..found.library
            },
            optional: entry.optional,
            default_features: match shared {
                // A member can switch them on again, not off.
                Some(shared) => shared.default_features.unwrap_or(true) || own == Some(true),
                None => own.unwrap_or(true),
            },
            features,
            requirement: match shared {
                Some(shared) => shared.requirement.clone(),
                None => entry.requirement.clone(),
            },
            inherited: entry.inherited,
            location: entry.location.clone(),
            ..Dependency::default()
        }
    }

    fn library(&self, dependent: &str, package: &str, path: Option<&Utf8Path>) -> Found {
        if let Some(path) = path {
            let folder = normalised(path);
            return self
                .member_library(&folder)
                .or_else(|| library::read(&folder, package))
                .unwrap_or_else(|| library::assumed(package));
        }
        let from = self.lock.local(dependent);
        let locked = self.lock.dependency(from, package);
        let locked = locked.or_else(|| self.lock.dependency(None, package));
        let locked = locked.and_then(|index| self.lock.package(index));
        let folder = locked.and_then(|locked| match locked.source {
            Some(_) => self.folders.of(locked),
            // A `[patch]` with a path: cargo knows where.
            None => None,
        });
        folder
            .and_then(|folder| library::read(&folder, package))
            .unwrap_or_else(|| library::assumed(package))
    }

    /// The library of a member, as cargo has told it.
    fn member_library(&self, folder: &Utf8Path) -> Option<Found> {
        let mut members = self.workspace.members();
        let member = members.find(|member| member.manifest_path.parent() == Some(folder))?;
        Some(of_package(member))
    }
}

fn of_package(package: &cargo_metadata::Package) -> Found {
    let linkable = |kind: &CargoTargetKind| {
        matches!(
            kind,
            CargoTargetKind::Lib
                | CargoTargetKind::RLib
                | CargoTargetKind::DyLib
                | CargoTargetKind::ProcMacro
        )
    };
    let mut targets = package.targets.iter();
    let library = targets.find(|target| target.kind.iter().any(linkable));
    Found {
        name: library.map_or_else(
            || package.name.replace('-', "_"),
            |library| library.name.replace('-', "_"),
        ),
        library: Library {
            folder: package.manifest_path.parent().map(Utf8Path::to_owned),
            assumed: false,
            proc_macro: library.is_some_and(cargo_metadata::Target::is_proc_macro),
            links: package.links.clone(),
            unnameable: library.is_none(),
        },
    }
}

/// Asks cargo for the libraries that could not be found by the lockfile (of patched packages, or where
/// there is no lockfile) and whose assumed names no code uses. Where cargo cannot tell without the
/// network, the assumed names stand. Returns the members in which a name has changed.
pub(super) fn ask_cargo(resolver: &Resolver<'_>, members: &mut [Member]) -> Vec<usize> {
    let is_open = |dependency: &Dependency| {
        dependency.library.assumed
            && dependency.kept.is_none()
            && dependency.served().next().is_none()
    };
    let selected = members.iter().filter(|member| member.selected);
    let mut dependencies = selected.flat_map(|member| &member.dependencies);
    if !dependencies.any(is_open) {
        return Vec::new();
    }
    let workspace = resolver.workspace;
    let asked;
    let packages = if workspace.metadata.resolve.is_some() {
        &workspace.metadata.packages
    } else {
        let options = LoadOptions {
            cwd: workspace.root.clone(),
            offline: true,
            workspace: true,
            ..LoadOptions::default()
        };
        let Ok(loaded) = load(&options) else {
            return Vec::new();
        };
        asked = loaded;
        &asked.metadata.packages
    };
    let mut changed = Vec::new();
    for (index, member) in members.iter_mut().enumerate() {
        for dependency in &mut member.dependencies {
            if !is_open(dependency) {
                continue;
            }
            let mut same = packages
                .iter()
                .filter(|package| package.name == dependency.package);
            let Some(package) = same.next_back() else {
                continue;
            };
            let found = of_package(package);
            // A renamed one is called by its key, whatever its library's name.
            let by_package = dependency.names == [dependency.package.replace('-', "_")];
            if by_package && dependency.names != [found.name.as_str()] {
                dependency.names = vec![found.name];
                changed.push(index);
            }
            dependency.library = found.library;
        }
    }
    changed.dedup();
    changed
}

/// Without `.` and `..`, by the text alone, as cargo has it.
pub(super) fn normalised(path: &Utf8Path) -> Utf8PathBuf {
    let mut out = Utf8PathBuf::new();
    for part in path.components() {
        match part.as_str() {
            "." => {}
            ".." => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}
