//! Which dependencies are not judged: pins, cargo-hakari's crates, the package itself, what other
//! tools were told to leave alone, and what no code can name.

use std::collections::BTreeSet;
use std::fs;

use pitcrew_core::workspace::Workspace;

use super::MemberManifest;
use super::manifest::{Entry, Ignored, Manifest};
use super::members::Scanned;
use crate::facts::{Dependency, Kept, Kind, Member};

/// The packages that cargo-hakari writes.
pub(super) fn hack_packages(workspace: &Workspace, members: &[MemberManifest]) -> BTreeSet<String> {
    const MARK: &str = "### BEGIN HAKARI SECTION";
    let mut hacks = BTreeSet::new();
    for path in [".config/hakari.toml", ".guppy/hakari.toml"] {
        let text = fs::read_to_string(workspace.root.join(path)).unwrap_or_default();
        if let Ok(config) = toml_edit::Document::parse(text) {
            let name = config.get("hakari-package").and_then(|item| item.as_str());
            hacks.extend(name.map(str::to_owned));
        }
    }
    let marked = members.iter().filter(|member| member.text.contains(MARK));
    hacks.extend(marked.filter_map(|member| member.manifest.package_name.clone()));
    hacks
}

/// Says of each dependency whether it is judged.
pub(super) fn mark(
    members: &mut [Member],
    manifests: &[MemberManifest],
    root: &Manifest,
    hacks: &BTreeSet<String>,
) {
    for (member, read) in members.iter_mut().zip(manifests) {
        member.is_hack = hacks.contains(&member.name);
        let (name, is_hack) = (member.name.clone(), member.is_hack);
        for dependency in &mut member.dependencies {
            dependency.kept = if is_hack || hacks.contains(&dependency.package) {
                Some(Kept::Hack)
            } else if dependency.table.target.as_deref().is_some_and(never_holds) {
                Some(Kept::Pin)
            } else if dependency.package == name {
                Some(Kept::Itself)
            } else if let Some(by) = ignored_by(dependency, &read.manifest.ignored)
                .or_else(|| ignored_by(dependency, &root.ignored))
            {
                Some(Kept::Ignored { by })
            } else if dependency.library.unnameable {
                Some(Kept::Unnameable)
            } else {
                None
            };
        }
    }
}

/// Whether an entry that the workspace shares is not judged.
pub(super) fn shared(entry: &Entry, root: &Manifest, hacks: &BTreeSet<String>) -> Option<Kept> {
    let package = entry.package.as_ref().unwrap_or(&entry.key);
    if hacks.contains(package) {
        return Some(Kept::Hack);
    }
    let names =
        |ignored: &&Ignored| alike(&ignored.name, &entry.key) || alike(&ignored.name, package);
    let by = root.ignored.iter().find(names)?;
    Some(Kept::Ignored {
        by: by.tool.to_owned(),
    })
}

/// A dependency with `links` hands values to the build script, or paths to the linker, of a package
/// that asks for them.
pub(super) fn mark_links(member: &mut Member, scanned: &Scanned) {
    if !scanned.found.links {
        return;
    }
    for dependency in &mut member.dependencies {
        let links = dependency.library.links.clone();
        let concerned = dependency.table.kind != Kind::Development && dependency.kept.is_none();
        if let Some(name) = links.filter(|_| concerned) {
            dependency.kept = Some(Kept::Links { name });
        }
    }
}

fn ignored_by(dependency: &Dependency, ignored: &[Ignored]) -> Option<String> {
    let matches = |ignored: &&Ignored| {
        let name = &ignored.name;
        let named = alike(name, &dependency.key) || alike(name, &dependency.package);
        named
            && ignored
                .kind
                .is_none_or(|kind| kind == dependency.table.kind)
    };
    let found = ignored.iter().find(matches)?;
    Some(found.tool.to_owned())
}

/// The tools take `-` and `_` for the same.
fn alike(a: &str, b: &str) -> bool {
    a.replace('-', "_") == b.replace('-', "_")
}

/// The ways in which people write a platform that there is not.
fn never_holds(target: &str) -> bool {
    let bare: String = target.chars().filter(|c| !c.is_whitespace()).collect();
    matches!(
        bare.as_str(),
        "cfg(false)" | "cfg(any())" | "cfg(not(true))" | "cfg(not(all()))"
    )
}
