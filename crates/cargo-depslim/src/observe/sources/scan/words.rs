//! Words of code: declarations, modules, macros, and the heads of paths.

use pitcrew_core::source::modules::ModulePlace;
use pitcrew_core::source::tokens::{closing, string};

use super::super::gate::Gate;
use super::super::tokens::{self, Head};
use super::attributes::speaks_of_tests;
use super::{FrameKind, IncludeRef, LocalModule, MentionKind, ModuleRef, Scanner};

/// Macros that expand to their arguments, whatever the build.
const TRANSPARENT: [&str; 46] = [
    "addr_of",
    "addr_of_mut",
    "assert",
    "assert_eq",
    "assert_matches",
    "assert_ne",
    "bail",
    "anyhow",
    "concat",
    "dbg",
    "debug",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "ensure",
    "env",
    "eprint",
    "eprintln",
    "error",
    "format",
    "format_args",
    "include_bytes",
    "include_str",
    "info",
    "join",
    "json",
    "lazy_static",
    "matches",
    "option_env",
    "panic",
    "pin",
    "print",
    "println",
    "select",
    "stringify",
    "thread_local",
    "todo",
    "trace",
    "try_join",
    "unimplemented",
    "unreachable",
    "vec",
    "warn",
    "write",
    "writeln",
    "offset_of",
];

/// Words before `!(` that are no macros.
const KEYWORDS: [&str; 14] = [
    "as", "break", "else", "if", "in", "let", "match", "move", "mut", "return", "while", "yield",
    "and", "or",
];

impl<'a> Scanner<'a> {
    pub(super) fn word(&mut self, word: &'a str) {
        let at = self.at;
        match word {
            "use" if self.import() => return,
            "extern" if self.extern_crate() => return,
            "mod" if self.module() => return,
            "struct" | "enum" | "union" | "trait" | "type" => {
                if let Some(name) = self.ident(at + 1) {
                    self.declare(name);
                }
            }
            "macro_rules" if self.is(at + 1, b'!') => {
                // What it expands to is compiled where it is called, if it is.
                self.next_macro = Some(Gate::OTHER);
                self.at += 1 + usize::from(self.ident(at + 2).is_some());
            }
            _ if self.is_macro_call(word) => self.macro_call(word),
            _ => self.path(word),
        }
        self.at += 1;
    }

    /// `name::`, where it is the first name of its path.
    fn path(&mut self, word: &str) {
        let at = self.at;
        if !self.is_path_separator(at + 1) {
            return;
        }
        let Some(name) = self.scope.names.get(word) else {
            return;
        };
        // `name::<T>` is a function.
        if self.is(at + 3, b'<') {
            return;
        }
        if let Some(kind) = self.head(at) {
            self.mention(name, kind, self.gate(), at);
        }
    }

    pub(super) fn head(&self, at: usize) -> Option<MentionKind> {
        Some(match tokens::head(self.tokens, at)? {
            Head::Relative => MentionKind::Path,
            Head::Absolute => MentionKind::Absolute,
        })
    }

    fn is_macro_call(&self, word: &str) -> bool {
        let at = self.at;
        self.is(at + 1, b'!')
            && [b'(', b'[', b'{'].iter().any(|open| self.is(at + 2, *open))
            && !KEYWORDS.contains(&word)
    }

    fn macro_call(&mut self, name: &'a str) {
        let open = self.at + 2;
        let transparent = TRANSPARENT.contains(&name);
        self.found.may_test |= speaks_of_tests(name);
        match name {
            "include" => self.include(open),
            "include_str" => self.included_text(open),
            "cfg" => self.cfg_macro(open),
            _ => {}
        }
        if !transparent && !matches!(name, "cfg" | "include") {
            self.opaque(self.gate());
        }
        self.next_macro = Some(if transparent {
            Gate::default()
        } else {
            Gate::OTHER
        });
        self.at += 1;
    }

    /// Something stands here whose expansion the text does not show.
    pub(super) fn opaque(&mut self, gate: Gate) {
        self.found.opaque |= gate.features;
    }

    /// `cfg!(…)`: both ways are compiled, but the features are named.
    fn cfg_macro(&mut self, open: usize) {
        if let Some(close) = closing(self.tokens, open) {
            let inside = &self.tokens[open + 1..close];
            let named = &mut self.found.named_features;
            super::super::gate::read(inside, self.scope.features, named);
        }
    }

    fn include(&mut self, open: usize) {
        let gate = self.gate();
        let local = self.local();
        let Some(close) = closing(self.tokens, open) else {
            return;
        };
        let inside = &self.tokens[open + 1..close];
        let strings: Vec<String> = inside.iter().filter_map(|token| string(*token)).collect();
        let from_package = strings
            .first()
            .is_some_and(|first| first == "CARGO_MANIFEST_DIR");
        let has_word = |word: &str| inside.iter().any(|token| token.text == word);
        let path = match (strings.as_slice(), from_package) {
            ([path], false) if !has_word("env") => path.clone(),
            ([_, rest @ ..], true) if !rest.is_empty() => {
                rest.concat().trim_start_matches('/').to_owned()
            }
            _ => {
                // Usually a file that a build script writes.
                self.found.generated = true;
                return self.opaque(gate);
            }
        };
        self.found.includes.push(IncludeRef {
            path,
            from_package,
            local,
            gate,
        });
    }

    /// A text that is included may be documentation.
    fn included_text(&mut self, open: usize) {
        let path = self.tokens.get(open + 1).and_then(|token| string(*token));
        if let Some(path) = path.filter(|path| path.ends_with(".md")) {
            self.found.documents.push(path);
        }
    }

    /// `mod x;` or `mod x {`.
    fn module(&mut self) -> bool {
        let at = self.at;
        let Some(name) = self.ident(at + 1) else {
            return false;
        };
        self.declare(name);
        if self.is(at + 2, b'{') {
            let local = self.found.locals.len();
            let path = self.paths.pop();
            self.found.locals.push(LocalModule {
                name: name.to_owned(),
                folder: path.unwrap_or_else(|| name.to_owned()),
                parent: self.local(),
                ..LocalModule::default()
            });
            self.open_module(local);
            self.at += 3;
            return true;
        }
        if !self.is(at + 2, b';') {
            return false;
        }
        let module = ModuleRef {
            local: self.local(),
            gate: self.gate(),
            place: ModulePlace {
                name: name.to_owned(),
                paths: std::mem::take(&mut self.paths),
                inside: self.inside(),
            },
        };
        self.found.modules.push(module);
        self.at += 2;
        true
    }

    /// The inline modules around, as directory names.
    fn inside(&self) -> Vec<String> {
        let modules = self.frames.iter().filter_map(|frame| match frame.kind {
            FrameKind::Module(local) if local > 0 => self.found.locals.get(local),
            _ => None,
        });
        modules.map(|module| module.folder.clone()).collect()
    }
}
