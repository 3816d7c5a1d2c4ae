//! What code uses of a crate that std replaces, beyond what std offers.

use std::collections::BTreeSet;

use camino::Utf8Path;
use pitcrew_core::regular_file;
use pitcrew_core::source::lexer::{Kind, lex};

use crate::facts::{Dependency, Member};
use crate::superseded;

/// Says of each dependency that std replaces which of its names the files that use it hold.
pub(super) fn mark(root: &Utf8Path, members: &mut [Member]) {
    let dependencies = members
        .iter_mut()
        .flat_map(|member| &mut member.dependencies);
    for dependency in dependencies {
        if let Some(known) = superseded::find(&dependency.package) {
            dependency.beyond_std = named(root, dependency, known.beyond);
        }
    }
}

fn named(root: &Utf8Path, dependency: &Dependency, beyond: &[&str]) -> BTreeSet<String> {
    let paths: BTreeSet<&Utf8Path> = dependency.uses.iter().map(|u| u.path.as_path()).collect();
    let mut found = BTreeSet::new();
    for path in paths {
        let bytes = regular_file::read(root.join(path)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let Some(tokens) = lex(&text) else {
            // Nobody knows what stands in it.
            found.extend(beyond.iter().map(|name| (*name).to_owned()));
            continue;
        };
        let idents = tokens.iter().filter(|token| token.kind == Kind::Ident);
        let names = idents.map(|token| token.text);
        found.extend(
            names
                .filter(|name| beyond.contains(name))
                .map(str::to_owned),
        );
    }
    found
}
