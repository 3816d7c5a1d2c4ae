//! Which targets may export symbols beyond what their own sources say: a linked library exports the
//! `#[no_mangle]` functions of every crate it links.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use cargo_metadata::{DependencyKind, Package};

use crate::facts::Member;

/// Crates whose users export bindings, or generate headers for what they export.
const BINDINGS: [&str; 22] = [
    "cbindgen",
    "cxx",
    "cxx-build",
    "diplomat",
    "extendr-api",
    "ext-php-rs",
    "flutter_rust_bridge",
    "interoptopus",
    "jni",
    "magnus",
    "napi",
    "napi-derive",
    "neon",
    "pgrx",
    "pyo3",
    "rb-sys",
    "rustler",
    "safer-ffi",
    "swift-bridge",
    "uniffi",
    "wasm-bindgen",
    "wit-bindgen",
];

/// Whether the package depends on a generator of bindings.
pub(super) fn generates_bindings(package: &Package) -> bool {
    let uses = |name: &str| package.dependencies.iter().any(|d| d.name == name);
    BINDINGS.iter().any(|name| uses(name))
}

/// For each member, by name, the members it links.
pub(super) type Linked = BTreeMap<String, Vec<String>>;

pub(super) fn linked_members(packages: &[&Package]) -> Linked {
    let by_dir: BTreeMap<&Utf8Path, &str> = packages
        .iter()
        .filter_map(|package| Some((package.manifest_path.parent()?, package.name.as_str())))
        .collect();
    packages
        .iter()
        .map(|package| {
            let linked = package
                .dependencies
                .iter()
                .filter(|dependency| dependency.kind == DependencyKind::Normal)
                .filter_map(|dependency| by_dir.get(dependency.path.as_deref()?))
                .map(|name| (*name).to_owned())
                .collect();
            (package.name.to_string(), linked)
        })
        .collect()
}

/// Marks the targets that link a member whose library exports symbols.
pub(super) fn spread(members: &mut [Member], linked: &Linked) {
    let exporting: BTreeSet<String> = members
        .iter()
        .filter(|member| {
            member
                .targets
                .iter()
                .any(|t| is_library(&t.kinds) && t.exports_symbols)
        })
        .map(|member| member.name.clone())
        .collect();
    for member in members {
        if reaches(&member.name, linked, &exporting) {
            for target in &mut member.targets {
                target.exports_symbols |= target.kinds != ["custom-build"];
            }
        }
    }
}

fn is_library(kinds: &[String]) -> bool {
    kinds.iter().any(|kind| kind.ends_with("lib"))
}

/// Whether `name` or a member that it links, directly or not, is one of `goals`.
fn reaches(name: &str, linked: &Linked, goals: &BTreeSet<String>) -> bool {
    let mut seen = BTreeSet::from([name]);
    let mut open = vec![name];
    while let Some(name) = open.pop() {
        if goals.contains(name) {
            return true;
        }
        for next in linked.get(name).into_iter().flatten() {
            if seen.insert(next) {
                open.push(next);
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::TargetFacts;

    fn member(name: &str, kind: &str, exports_symbols: bool) -> Member {
        Member {
            name: name.to_owned(),
            targets: vec![TargetFacts {
                kinds: vec![kind.to_owned()],
                exports_symbols,
                ..TargetFacts::default()
            }],
            ..Member::default()
        }
    }

    #[test]
    fn what_links_an_exporting_member_exports() {
        let mut members = [
            member("top", "cdylib", false),
            member("middle", "lib", false),
            member("ffi", "lib", true),
            member("other", "cdylib", false),
            member("tool", "bin", true),
        ];
        let names = |list: &[&str]| list.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let linked = Linked::from([
            ("top".to_owned(), names(&["middle"])),
            ("middle".to_owned(), names(&["ffi", "top"])),
            ("other".to_owned(), names(&["tool"])),
        ]);
        spread(&mut members, &linked);
        let exporting: Vec<&str> = members
            .iter()
            .filter(|m| m.targets[0].exports_symbols)
            .map(|m| m.name.as_str())
            .collect();
        assert_eq!(exporting, ["top", "middle", "ffi", "tool"]);
    }
}
