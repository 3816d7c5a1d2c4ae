//! Which of the lockfile's edges a build here follows. The lockfile holds those of all platforms; the
//! manifest of the depending package says in which table an entry stands. What is not at hand counts as
//! followed.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fs;

use camino::Utf8Path;
use target_spec::{Platform, TargetFeatures, TargetSpec};

use super::MemberManifest;
use super::folders::Folders;
use super::library::NORMALISED;
use super::lock::{Lock, Locked};
use super::manifest::{self, Entry};
use crate::facts::Kind;

/// The edges of a lockfile, each package's manifest read once and only when asked for.
pub(super) struct Edges<'a> {
    lock: &'a Lock,
    folders: &'a Folders,
    members: &'a [MemberManifest],
    /// The host, and what is built for; nothing is left out where one of them is not known.
    platforms: Vec<Platform>,
    followed: Vec<OnceCell<Vec<usize>>>,
}

impl<'a> Edges<'a> {
    pub(super) fn new(
        lock: &'a Lock,
        folders: &'a Folders,
        members: &'a [MemberManifest],
        targets: &[String],
    ) -> Self {
        let platforms = targets
            .iter()
            .map(|triple| Platform::new(triple.clone(), TargetFeatures::Unknown))
            .chain([Platform::build_target()])
            .collect::<Result<Vec<_>, _>>();
        Self {
            lock,
            folders,
            members,
            platforms: platforms.unwrap_or_default(),
            followed: vec![OnceCell::new(); lock.len()],
        }
    }

    /// The packages that a build of `from` here needs, as far as their tables tell.
    pub(super) fn from(&self, from: usize) -> &[usize] {
        let Some(cell) = self.followed.get(from) else {
            return &[];
        };
        cell.get_or_init(|| {
            let all = self.lock.dependencies(from);
            let Some(package) = self
                .lock
                .package(from)
                .filter(|_| !self.platforms.is_empty())
            else {
                return all.collect();
            };
            let declared = self.declared(package).unwrap_or_default();
            let is_here = |index: &usize| {
                let name = self.lock.package(*index).map(|found| found.name.as_str());
                name.and_then(|name| declared.get(name)) != Some(&false)
            };
            all.filter(is_here).collect()
        })
    }

    /// By the names of packages, whether any table that holds here has it.
    fn declared(&self, package: &Locked) -> Option<BTreeMap<String, bool>> {
        let mut declared = BTreeMap::new();
        let mut add = |name: String, target: Option<&str>| {
            let holds = target.is_none_or(|spec| self.holds(spec));
            *declared.entry(name).or_insert(false) |= holds;
        };
        let mut of_entries = |entries: &[Entry], is_member: bool| {
            for entry in entries {
                if is_member || entry.table.kind != Kind::Development {
                    let name = entry.package.clone().unwrap_or_else(|| entry.key.clone());
                    add(name, entry.table.target.as_deref());
                }
            }
        };
        if package.source.is_none() {
            let mut members = self.members.iter();
            let own = members.find(|member| {
                member.manifest.package_name.as_deref() == Some(package.name.as_str())
            })?;
            of_entries(&own.manifest.entries, true);
            return Some(declared);
        }
        let path = self.folders.of(package)?.join("Cargo.toml");
        let text = fs::read_to_string(&path).ok()?;
        if text.starts_with(NORMALISED) {
            for (name, target) in tables(&text) {
                add(name, target.as_deref());
            }
        } else {
            let manifest = manifest::read(Utf8Path::new(&path), &text).ok()?;
            of_entries(&manifest.entries, false);
        }
        Some(declared)
    }

    /// What cannot be read or is not known may hold.
    fn holds(&self, spec: &str) -> bool {
        let Ok(spec) = TargetSpec::new(spec.to_owned()) else {
            return true;
        };
        let mut platforms = self.platforms.iter();
        platforms.any(|platform| spec.eval(platform).unwrap_or(true))
    }
}

/// The packages that a manifest depends on, each with the platform of its table, where cargo itself has
/// written it for publishing: each entry is a table of its own.
fn tables(text: &str) -> Vec<(String, Option<String>)> {
    let mut found: Vec<(String, Option<String>)> = Vec::new();
    let mut in_entry = false;
    for line in text.lines() {
        if let Some(header) = line.strip_prefix('[') {
            let entry = header.strip_suffix(']').and_then(entry);
            in_entry = entry.is_some();
            found.extend(entry);
        } else if in_entry
            && let Some(package) = line.strip_prefix("package = \"")
            && let Some(last) = found.last_mut()
        {
            last.0 = package.trim_end_matches('"').to_owned();
        }
    }
    found
}

/// `dependencies.a`, `target.'cfg(unix)'.build-dependencies.a`
fn entry(header: &str) -> Option<(String, Option<String>)> {
    let (target, rest) = match header.strip_prefix("target.") {
        None => (None, header),
        Some(rest) => {
            let (spec, rest) = key(rest)?;
            (Some(spec), rest.strip_prefix('.')?)
        }
    };
    let name = rest
        .strip_prefix("dependencies.")
        .or_else(|| rest.strip_prefix("build-dependencies."))?;
    // A key has no dot but between quotes: `dependencies.a.x` would be a part of an entry.
    let (name, rest) = key(name)?;
    rest.is_empty().then_some((name, target))
}

/// A key of a header, bare or between quotes, and what follows it.
fn key(text: &str) -> Option<(String, &str)> {
    if let Some(rest) = text.strip_prefix('\'') {
        let (key, rest) = rest.split_once('\'')?;
        return Some((key.to_owned(), rest));
    }
    if let Some(rest) = text.strip_prefix('"') {
        let escaped = |at: usize| rest[..at].ends_with('\\');
        let end = rest.match_indices('"').find(|(at, _)| !escaped(*at))?.0;
        return Some((rest[..end].replace("\\\"", "\""), &rest[end + 1..]));
    }
    let end = text.find('.').unwrap_or(text.len());
    Some((text[..end].to_owned(), &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_tell_entry_and_platform() {
        let text = "[package]\nname = \"p\"\n[dependencies.a]\nversion = \"1\"\n\
                    [target.'cfg(target_os = \"wasi\")'.dependencies.b]\npackage = \"real-b\"\n\
                    [target.\"cfg(target_os = \\\"x\\\")\".build-dependencies.c]\n\
                    [target.x86_64-pc-windows-msvc.dependencies.d]\n[dev-dependencies.e]\n\
                    [dependencies.a.x]\n[lib]\nname = \"p\"\n";
        let found = tables(text);
        let found: Vec<(&str, Option<&str>)> = found
            .iter()
            .map(|(name, target)| (name.as_str(), target.as_deref()))
            .collect();
        assert_eq!(
            found,
            [
                ("a", None),
                ("real-b", Some("cfg(target_os = \"wasi\")")),
                ("c", Some("cfg(target_os = \"x\")")),
                ("d", Some("x86_64-pc-windows-msvc")),
            ]
        );
    }
}
