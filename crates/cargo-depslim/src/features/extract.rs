//! A plain scan of the workspace's sources for what they use of each crate. It reads tokens, so that
//! the arguments of macros count as code, and takes more rather than less: what is named and not
//! there gates nothing.

mod aliases;
mod choosers;
mod docs;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use camino::Utf8Path;
use cargo_metadata::{Metadata, Target, TargetKind};
use pitcrew_core::regular_file;
use pitcrew_core::source::nesting;
use proc_macro2::{TokenStream, TokenTree};
use rayon::prelude::*;

use super::graph::Graph;
use super::uses::{Code, Role, Uses};
use crate::gates::attributes::{self, Attribute};
use crate::gates::tokens::{group, ident, is_ident, is_path_separator, is_punct, trees};
use aliases::Aliases;
use proc_macro2::Delimiter;

/// Reads all code of the workspace's own packages.
pub fn uses(metadata: &Metadata, graph: &Graph) -> Uses {
    let mut targets: Vec<(usize, BTreeSet<String>, &Target)> = Vec::new();
    for member in &graph.members {
        let package = &graph.packages[*member];
        let described = metadata.packages.iter().find(|p| p.id.repr == package.id);
        let externs: BTreeSet<String> = package.source.externs.keys().cloned().collect();
        for target in described.iter().flat_map(|described| &described.targets) {
            targets.push((*member, externs.clone(), target));
        }
    }
    let read: Vec<(usize, Role, Code)> = targets
        .par_iter()
        .flat_map_iter(|(member, externs, target)| {
            let role = role(target);
            let is_optional = !target.required_features.is_empty();
            let [own, dev, doc] = target_code(&target.src_path, is_optional, externs);
            [
                (*member, role, own),
                (*member, Role::Dev, dev),
                (*member, Role::Doc, doc),
            ]
        })
        .collect();
    let mut uses = Uses::new();
    for (member, role, code) in read {
        merge(uses.entry((member, role)).or_default(), code);
    }
    uses
}

fn role(target: &Target) -> Role {
    let has = |kind: TargetKind| target.kind.contains(&kind);
    if has(TargetKind::CustomBuild) {
        Role::Build
    } else if has(TargetKind::Test) || has(TargetKind::Example) || has(TargetKind::Bench) {
        Role::Dev
    } else {
        Role::Normal
    }
}

fn merge(into: &mut Code, from: Code) {
    into.methods.extend(from.methods);
    into.names.extend(from.names);
    into.gated.methods.extend(from.gated.methods);
    into.gated.names.extend(from.gated.names);
    for (krate, items) in from.crates {
        let own = into.of(&krate);
        own.paths.extend(items.paths);
        own.macros.extend(items.macros);
        own.globs.extend(items.globs);
        own.whole |= items.whole;
    }
}

/// The code of one target, and apart from it that of its tests and of its documentation. An optional
/// target is only built with features that it requires.
fn target_code(root: &Utf8Path, is_optional: bool, externs: &BTreeSet<String>) -> [Code; 3] {
    let files = crate::gates::files(root);
    let read: Vec<(Vec<TokenTree>, &Utf8Path, bool)> = files
        .iter()
        .filter_map(|(file, gate)| {
            let is_gated = is_optional || gate.names_features();
            Some((tokens(file)?, file.as_path(), is_gated))
        })
        .collect();
    let mut aliases = Aliases::new(externs);
    let mut choosers = BTreeSet::new();
    for (tokens, ..) in &read {
        aliases.gather(tokens);
        choosers::gather(tokens, &mut choosers);
    }
    let mut scan = Scan {
        aliases: &aliases,
        choosers: &choosers,
        codes: [Code::default(), Code::default(), Code::default()],
        part: Part::Own,
        is_gated: false,
        file: root,
    };
    for (tokens, file, is_gated) in &read {
        scan.file = file;
        scan.is_gated = *is_gated;
        scan.tokens(tokens);
    }
    scan.codes
}

fn tokens(file: &Utf8Path) -> Option<Vec<TokenTree>> {
    let bytes = regular_file::read(file).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    nesting::check(&text).ok()?;
    let stream: TokenStream = text.trim_start_matches('\u{feff}').parse().ok()?;
    Some(trees(stream))
}

/// Whose code is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Own,
    Tests,
    Documentation,
}

struct Scan<'a> {
    aliases: &'a Aliases,
    choosers: &'a BTreeSet<String>,
    /// By [`Part`].
    codes: [Code; 3],
    part: Part,
    /// A feature of the workspace's own decides whether this is compiled.
    is_gated: bool,
    file: &'a Utf8Path,
}

impl Scan<'_> {
    fn code(&mut self) -> &mut Code {
        &mut self.codes[self.part as usize]
    }

    fn method(&mut self, name: &str) {
        let is_gated = self.is_gated;
        let code = self.code();
        code.methods.insert(name.to_owned());
        if is_gated {
            code.gated.methods.insert(name.to_owned());
        }
    }

    fn names<'n>(&mut self, names: impl IntoIterator<Item = &'n String>) {
        let is_gated = self.is_gated;
        let code = self.code();
        for name in names {
            code.names.insert(name.clone());
            if is_gated {
                code.gated.names.insert(name.clone());
            }
        }
    }

    /// Reads on with all of it behind a feature.
    fn gated(&mut self, is_gated: bool, read: impl FnOnce(&mut Self)) {
        let before = self.is_gated;
        self.is_gated |= is_gated;
        read(self);
        self.is_gated = before;
    }

    fn tokens(&mut self, tokens: &[TokenTree]) {
        let inner = attributes::inner(tokens);
        self.attributes(&inner.0);
        let mut at = inner.1;
        while let Some(tree) = tokens.get(at) {
            if is_punct(Some(tree), '#') {
                let (found, length) = attributes::leading(&tokens[at..]);
                if length > 0 {
                    at = self.attributed(&found, tokens, at + length);
                    continue;
                }
            }
            at = match tree {
                TokenTree::Group(group) => {
                    self.tokens(&trees(group.stream()));
                    at + 1
                }
                TokenTree::Ident(_) => self.path(tokens, at),
                _ if is_path_separator(tokens, at) && ident(tokens.get(at + 2)).is_some() => {
                    self.path(tokens, at + 2)
                }
                _ => at + 1,
            };
        }
    }

    /// What stands behind attributes; `#[cfg(test)]` and features set it apart.
    fn attributed(&mut self, found: &[Attribute], tokens: &[TokenTree], start: usize) -> usize {
        let is_gated = attributes::gate(found).names_features();
        self.gated(is_gated, |scan| scan.attributes(found));
        let of_tests = found
            .iter()
            .any(|attribute| attribute.name == "cfg" && is_ident(attribute.args.first(), "test"));
        let of_tests = of_tests && self.part == Part::Own;
        if !of_tests && !is_gated {
            return start;
        }
        // A body ends an item; a statement goes on behind it: `let x = if a { b } else { c };`.
        let has_body = of_tests || is_item_with_body(&tokens[start..]);
        let is_end = |tree: &TokenTree| {
            is_punct(Some(tree), ';') || has_body && group(Some(tree), Delimiter::Brace).is_some()
        };
        let length = tokens[start..].iter().position(is_end);
        let end = length.map_or(tokens.len(), |length| start + length + 1);
        let part = self.part;
        if of_tests {
            self.part = Part::Tests;
        }
        self.gated(is_gated, |scan| scan.tokens(&tokens[start..end]));
        self.part = part;
        end
    }

    fn attributes(&mut self, found: &[Attribute]) {
        for attribute in found {
            if matches!(attribute.name.as_str(), "doc" | "cfg") {
                continue;
            }
            let is_gated = attribute.gate.names_features();
            self.gated(is_gated, |scan| {
                attribute.args.iter().for_each(|tree| scan.helper(tree));
            });
        }
        let documentation = docs::code_blocks(found, self.file);
        if !documentation.is_empty() {
            let before = std::mem::replace(&mut self.part, Part::Documentation);
            for block in documentation {
                self.tokens(&trees(block));
            }
            self.part = before;
        }
        for attribute in found {
            self.gated(attribute.gate.names_features(), |scan| {
                if attribute.name == "derive" {
                    for part in crate::gates::cfg::split_commas(&attribute.args) {
                        scan.called(&words(part));
                    }
                } else {
                    scan.names(attribute.path.last());
                    scan.called(&attribute.path);
                }
            });
        }
    }

    /// Names in `#[arg(long, env)]` and the like: derives make calls of them.
    fn helper(&mut self, tree: &TokenTree) {
        match tree {
            TokenTree::Ident(_) => {
                let name = ident(Some(tree)).unwrap_or_default();
                self.method(&name);
                self.names([&name]);
            }
            TokenTree::Group(group) => {
                let inner = trees(group.stream());
                inner.iter().for_each(|tree| self.helper(tree));
                self.tokens(&inner);
            }
            _ => {}
        }
    }

    /// A path that begins with the identifier at `at`; returns where it ends.
    fn path(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        if is_ident(tokens.get(at), "use") || is_ident(tokens.get(at), "extern") {
            return self.import(tokens, at);
        }
        let mut path = vec![ident(tokens.get(at)).unwrap_or_default()];
        let mut end = at + 1;
        while is_path_separator(tokens, end) {
            match ident(tokens.get(end + 2)) {
                Some(name) => path.push(name),
                None => break,
            }
            end += 3;
        }
        let is_method = at > 0
            && is_punct(tokens.get(at - 1), '.')
            && !(at > 1 && is_punct(tokens.get(at - 2), '.'));
        self.names(&path);
        if is_method {
            self.method(&path[0]);
        } else if is_punct(tokens.get(end), '!') && !is_punct(tokens.get(end + 1), '=') {
            self.called(&path);
            return self.arguments(&path, tokens, end + 1);
        } else {
            self.named(&path);
        }
        end
    }

    /// What a macro is given: of those that choose by features, none is in every build.
    fn arguments(&mut self, path: &[String], tokens: &[TokenTree], at: usize) -> usize {
        let name = path.last();
        let chooses = name.is_some_and(|name| choosers::chooses(name, self.choosers));
        let Some(TokenTree::Group(group)) = tokens.get(at).filter(|_| chooses) else {
            return at;
        };
        self.gated(true, |scan| scan.tokens(&trees(group.stream())));
        at + 1
    }

    /// A `use` declaration: what it brings in is used.
    fn import(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        let length = tokens[at..]
            .iter()
            .position(|tree| is_punct(Some(tree), ';'));
        let end = length.map_or(tokens.len(), |length| at + length + 1);
        let is_public = at > 0 && is_public(&tokens[..at]);
        for leaf in aliases::leaves(&tokens[at..end]) {
            let is_glob = leaf.alias == "*";
            for (krate, path) in self.aliases.resolve(&leaf.path) {
                self.names(&path);
                let items = self.code().of(&krate);
                if is_public && (path.is_empty() || (is_glob && path.is_empty())) {
                    items.whole = true;
                }
                if is_glob {
                    items.globs.insert(path);
                } else if !path.is_empty() {
                    items.paths.insert(path);
                }
            }
        }
        end
    }

    fn named(&mut self, path: &[String]) {
        for (krate, path) in self.aliases.resolve(path) {
            if !path.is_empty() {
                self.code().of(&krate).paths.insert(path);
            }
        }
    }

    fn called(&mut self, path: &[String]) {
        for (krate, path) in self.aliases.resolve(path) {
            if !path.is_empty() {
                self.code().of(&krate).macros.insert(path);
            }
        }
        if let [name] = path {
            for krate in self.aliases.macro_use() {
                let path = vec![name.clone()];
                self.code().of(krate).macros.insert(path);
            }
            self.names([name]);
        }
    }
}

/// Whether an item begins here that ends with its first braces.
fn is_item_with_body(tokens: &[TokenTree]) -> bool {
    const WITH_BODY: [&str; 8] = [
        "fn", "impl", "mod", "struct", "enum", "trait", "union", "use",
    ];
    let mut at = 0;
    if is_ident(tokens.first(), "pub") {
        at += 1;
        at += usize::from(group(tokens.get(at), Delimiter::Parenthesis).is_some());
    }
    WITH_BODY.iter().any(|word| is_ident(tokens.get(at), word))
}

/// Whether the tokens end in `pub`; `pub(crate)` is not seen from outside.
fn is_public(before: &[TokenTree]) -> bool {
    is_ident(before.last(), "pub")
}

fn words(tokens: &[TokenTree]) -> Vec<String> {
    tokens.iter().filter_map(|tree| ident(Some(tree))).collect()
}
