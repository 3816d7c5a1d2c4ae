//! Reads a crate: its files along the module tree, its items, and what its macros make of them.

mod calls;
mod contents;
mod files;

use std::collections::BTreeMap;
use std::rc::Rc;

use camino::Utf8Path;
use pitcrew_core::regular_file;
use pitcrew_core::source::nesting;
use proc_macro2::{TokenStream, TokenTree};

use super::attributes;
use super::cfg::Cfg;
use super::item::{self, Item, Kind, Vis};
use super::macros::{Definition, Fuel, Macros};
use super::model::{Glob, Impl, Meaning, Model, Module, Name, Place, Unread};
use super::tokens::{Mentions, ident, is_punct, trees};
pub(crate) use contents::{UseLeaf, use_leaves};
use files::Folder;

/// Macros of other crates that this one calls, by name.
pub(super) type Foreign<'a> = &'a dyn Fn(&str) -> Rc<Vec<Definition>>;

/// Reads the crate whose root is the file `root`.
pub(super) fn read(root: &Utf8Path, krate: &str, foreign: Foreign<'_>) -> Model {
    let mut walker = Walker {
        model: Model {
            krate: krate.to_owned(),
            ..Model::default()
        },
        macros: Macros::new(),
        fuel: Fuel::default(),
        foreign,
        later: Vec::new(),
    };
    walker.model.modules.push(Module {
        path: Vec::new(),
        parent: None,
        gate: Cfg::ALWAYS,
        public: true,
        names: BTreeMap::new(),
        globs: Vec::new(),
    });
    let folder = Folder::of_root(root);
    walker.file(root, 0, folder);
    walker.finish()
}

/// The exported macros of the crate whose root is `root`, without reading further files.
pub(super) fn exported_macros(root: &Utf8Path) -> Macros {
    let mut found = Macros::new();
    let Ok(tokens) = tokens_of(root) else {
        return found;
    };
    for item in item::split(&tokens).0 {
        let exported = item.attributes.iter().any(|a| a.name == "macro_export");
        if let Some(body) = item
            .body()
            .filter(|_| item.kind == Kind::MacroRules && exported)
        {
            let gate = attributes::gate(&item.attributes);
            let definition = Definition::parse(body, gate);
            let definitions = found.entry(item.name).or_default();
            Rc::make_mut(definitions).push(definition);
        }
    }
    found
}

/// Where items stand that are being read.
#[derive(Clone)]
struct Scope {
    module: usize,
    /// What all around them asks.
    gate: Cfg,
    file: usize,
    folder: Folder,
    /// Expansions around them.
    depth: u32,
}

struct Walker<'a> {
    model: Model,
    macros: Macros,
    fuel: Fuel,
    foreign: Foreign<'a>,
    /// Calls of macros that were not known yet: those that are called by their path may stand
    /// before their definition.
    later: Vec<(String, Vec<TokenTree>, Cfg, Scope)>,
}

impl Walker<'_> {
    fn finish(mut self) -> Model {
        // What a late expansion calls may be late too, but not without end.
        for _ in 0..8 {
            if self.later.is_empty() {
                break;
            }
            for (name, arguments, gate, scope) in std::mem::take(&mut self.later) {
                self.late_call(&name, &arguments, gate, &scope);
            }
        }
        self.model
    }

    fn file(&mut self, path: &Utf8Path, module: usize, folder: Folder) {
        let file = self.model.files.len();
        self.model.files.push(path.to_owned());
        self.model
            .file_gates
            .push(self.model.modules[module].gate.clone());
        let tokens = match tokens_of(path) {
            Ok(tokens) => tokens,
            Err(reason) => {
                self.unread(path, reason);
                return;
            }
        };
        let (inner, _) = attributes::inner(&tokens);
        if module == 0 {
            let no_std = inner.iter().filter(|a| a.name == "no_std");
            self.model.no_std.extend(no_std.map(|a| a.gate.clone()));
        }
        let gate = self.model.modules[module].gate.clone();
        let gate = gate.and(attributes::gate(&inner));
        self.model.modules[module].gate = gate.clone();
        self.model.file_gates[file] = gate.clone();
        let scope = Scope {
            module,
            gate,
            file,
            folder,
            depth: 0,
        };
        self.items(&tokens, &scope);
    }

    fn unread(&mut self, file: &Utf8Path, reason: String) {
        self.model.unread.push(Unread {
            file: file.to_owned(),
            reason,
        });
    }

    fn items(&mut self, tokens: &[TokenTree], scope: &Scope) {
        for item in item::split(tokens).0 {
            self.item(&item, scope);
        }
    }

    fn item(&mut self, item: &Item<'_>, scope: &Scope) {
        let gate = scope.gate.clone().and(attributes::gate(&item.attributes));
        if gate == Cfg::Const(false) {
            return;
        }
        match item.kind {
            Kind::Mod => self.module(item, &gate, scope),
            Kind::Use => self.imports(item, &gate, scope),
            Kind::ExternCrate => self.extern_crate(item, gate, scope),
            Kind::MacroRules => self.macro_rules(item, gate, scope),
            Kind::MacroCall => self.call(item, gate, scope),
            Kind::Impl => self.implementation(item, &gate, scope),
            Kind::Foreign => {
                if let Some(body) = item.braces() {
                    let scope = Scope {
                        gate,
                        ..scope.clone()
                    };
                    self.items(&trees(body.stream()), &scope);
                }
            }
            _ => self.definition(item, &gate, scope),
        }
    }

    fn place(&self, item: &Item<'_>, scope: &Scope) -> Place {
        Place {
            file: scope.file,
            line: item.line,
        }
    }

    fn name(&mut self, name: Name) -> usize {
        let index = self.model.names.len();
        let module = &mut self.model.modules[name.module];
        module
            .names
            .entry(name.name.clone())
            .or_default()
            .push(index);
        self.model.names.push(name);
        index
    }

    fn simple_name(&self, item: &Item<'_>, meaning: Meaning, gate: Cfg, scope: &Scope) -> Name {
        Name {
            module: scope.module,
            name: item.name.clone(),
            meaning,
            mentions: mentions(&gate, item.tokens),
            gate,
            vis: item.vis,
            place: self.place(item, scope),
            parts: Vec::new(),
            has_symbol: item.has_symbol(),
            leads_to: Vec::new(),
        }
    }

    fn module(&mut self, item: &Item<'_>, gate: &Cfg, scope: &Scope) {
        for (file, own) in files::candidates(item, scope) {
            let gate = gate.clone().and(own);
            let parent = &self.model.modules[scope.module];
            let mut path = parent.path.clone();
            path.push(item.name.clone());
            let module = Module {
                path,
                parent: Some(scope.module),
                gate: gate.clone(),
                public: parent.public && item.vis == Vis::Public,
                names: BTreeMap::new(),
                globs: Vec::new(),
            };
            let index = self.model.modules.len();
            self.model.modules.push(module);
            let mut name = self.simple_name(item, Meaning::Module(index), gate.clone(), scope);
            name.mentions = None;
            self.name(name);
            match (item.braces(), file) {
                (Some(body), _) => {
                    let tokens = trees(body.stream());
                    let inner = attributes::gate(&attributes::inner(&tokens).0);
                    let gate = gate.and(inner);
                    self.model.modules[index].gate = gate.clone();
                    let scope = Scope {
                        module: index,
                        gate,
                        folder: scope.folder.inline(&item.name),
                        ..scope.clone()
                    };
                    self.items(&tokens, &scope);
                }
                (None, Some((path, folder))) => self.file(&path, index, folder),
                (None, None) => {
                    let missing = scope.folder.modules.join(format!("{}.rs", item.name));
                    self.unread(&missing, "there is no such file".to_owned());
                }
            }
        }
    }

    fn extern_crate(&mut self, item: &Item<'_>, gate: Cfg, scope: &Scope) {
        // `extern crate a as b;`
        let words: Vec<String> = item.tokens.iter().filter_map(|t| ident(Some(t))).collect();
        let target = words.get(2).cloned().unwrap_or_default();
        let alias = words.get(4).cloned().unwrap_or_else(|| target.clone());
        if scope.module == 0 && target == "std" {
            // A crate without the standard library takes it in again by feature.
            self.model.no_std.push(gate.clone().negated());
        }
        let mut name = self.simple_name(item, Meaning::Import(vec![target]), gate, scope);
        name.name = alias;
        self.name(name);
    }

    fn imports(&mut self, item: &Item<'_>, gate: &Cfg, scope: &Scope) {
        let tree = &item.tokens[1..];
        let end = tree.len() - usize::from(is_punct(tree.last(), ';'));
        for leaf in use_leaves(&tree[..end]) {
            if leaf.alias == "*" {
                self.model.modules[scope.module].globs.push(Glob {
                    path: leaf.path,
                    gate: gate.clone(),
                    public: item.vis == Vis::Public,
                });
                continue;
            }
            let meaning = Meaning::Import(leaf.path);
            let mut name = self.simple_name(item, meaning, gate.clone(), scope);
            name.name = leaf.alias;
            self.name(name);
        }
    }

    fn macro_rules(&mut self, item: &Item<'_>, gate: Cfg, scope: &Scope) {
        let Some(body) = item.body() else { return };
        let exported = item.attributes.iter().any(|a| a.name == "macro_export");
        let definition = Definition::parse(body, gate.clone());
        let definitions = self.macros.entry(item.name.clone()).or_default();
        let definitions = Rc::make_mut(definitions);
        // One that is always there takes the place of those before it.
        if matches!(gate, Cfg::Const(true)) {
            definitions.clear();
        }
        let leads_to = definition.paths();
        definitions.push(definition);
        let mut name = self.simple_name(item, Meaning::Macro, gate, scope);
        name.leads_to = leads_to;
        if exported {
            name.module = 0;
            name.vis = Vis::Public;
        }
        self.name(name);
    }

    fn derived(&mut self, item: &Item<'_>, gate: &Cfg, scope: &Scope) {
        for (of_trait, own) in attributes::derives(&item.attributes) {
            let gate = gate.clone().and(own);
            self.model.impls.push(Impl {
                module: scope.module,
                self_type: item.name.clone(),
                of_trait: Some(of_trait),
                names: Vec::new(),
                mentions: mentions(&gate, &[]),
                gate,
                place: self.place(item, scope),
            });
        }
    }
}

/// What the tokens mention, where their gate hangs on a feature.
fn mentions(gate: &Cfg, tokens: &[TokenTree]) -> Option<Mentions> {
    gate.names_features().then(|| Mentions::of(tokens))
}

fn tokens_of(path: &Utf8Path) -> Result<Vec<TokenTree>, String> {
    let text = regular_file::read(path).map_err(|error| error.to_string())?;
    let text = String::from_utf8(text).map_err(|_| "it is not UTF-8".to_owned())?;
    nesting::check(&text).map_err(|refused| refused.to_string())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let stream: TokenStream =
        without_shebang(text)
            .parse()
            .map_err(|error: proc_macro2::LexError| {
                let start = error.span().start();
                format!("it cannot be read at line {}", start.line)
            })?;
    Ok(trees(stream))
}

/// A first line `#!/usr/bin/env ..` is none of the language's; `#![..]` is.
fn without_shebang(text: &str) -> &str {
    if text.starts_with("#!") && !text[2..].trim_start().starts_with('[') {
        text.find('\n').map_or("", |end| &text[end..])
    } else {
        text
    }
}
