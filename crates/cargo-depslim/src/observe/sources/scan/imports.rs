//! `use` and `extern crate`: what they name, and which names they take.

use super::{MentionKind, Scanner};

impl<'a> Scanner<'a> {
    /// Reads the import at the current `use`; false where it is none that can be read.
    pub(super) fn import(&mut self) -> bool {
        let at = self.at;
        // `use<'a>` bounds what an `impl Trait` captures.
        if self.is(at + 1, b'<') {
            return false;
        }
        let absolute = self.is_path_separator(at + 1);
        let start = at + 1 + if absolute { 2 } else { 0 };
        let mut path = Vec::new();
        match self.tree(start, &mut path, absolute, 0) {
            Some(end) => {
                // The semicolon is left, to end the item.
                self.at = end;
                true
            }
            None => false,
        }
    }

    /// Reads a tree of an import from `at` on; returns where it ends.
    fn tree(
        &mut self,
        mut at: usize,
        path: &mut Vec<(usize, &'a str)>,
        absolute: bool,
        depth: u32,
    ) -> Option<usize> {
        const DEEPEST: u32 = 64;
        if depth > DEEPEST {
            return None;
        }
        let length = path.len();
        let end = loop {
            if self.is(at, b'*') {
                self.glob(path, absolute);
                break at + 1;
            }
            if self.is(at, b'{') {
                break self.group(at, path, absolute, depth)?;
            }
            let name = self.ident(at)?;
            path.push((at, name));
            at += 1;
            if self.is_path_separator(at) {
                at += 2;
                continue;
            }
            let alias = (self.ident(at) == Some("as")).then(|| self.ident(at + 1));
            match alias {
                Some(alias) => {
                    self.leaf(path, Some(alias?), absolute);
                    break at + 2;
                }
                None => {
                    self.leaf(path, None, absolute);
                    break at;
                }
            }
        };
        path.truncate(length);
        Some(end)
    }

    fn group(
        &mut self,
        open: usize,
        path: &mut Vec<(usize, &'a str)>,
        absolute: bool,
        depth: u32,
    ) -> Option<usize> {
        let mut at = open + 1;
        while !self.is(at, b'}') {
            // `use {::a, b}`
            let leads = self.is_path_separator(at);
            let start = at + if leads { 2 } else { 0 };
            at = self.tree(start, path, absolute || leads, depth + 1)?;
            if self.is(at, b',') {
                at += 1;
            } else if !self.is(at, b'}') {
                return None;
            }
        }
        Some(at + 1)
    }

    fn leaf(&mut self, path: &[(usize, &'a str)], alias: Option<&'a str>, absolute: bool) {
        self.import_head(path, absolute);
        let names = path.iter().rev().map(|(_, name)| *name);
        let last = names.clone().find(|name| *name != "self");
        let name = alias.or(last);
        let head = path.first().map(|(_, name)| *name);
        // A macro of the name of a crate does not take the crate's place in paths.
        let is_macro = head.is_some_and(|head| self.scope.names.gives_only_macros(head));
        // `use x::{self}` names the crate, and shadows nothing.
        let declares = |name: &&str| head != Some(*name) && !is_macro;
        if let Some(name) = name.filter(declares) {
            self.declare(name);
        }
    }

    fn glob(&mut self, path: &[(usize, &'a str)], absolute: bool) {
        self.import_head(path, absolute);
        let local = self.local();
        if let Some(module) = self.found.locals.get_mut(local).filter(|_| !absolute) {
            let path = path.iter().map(|(_, name)| (*name).to_owned());
            module.globs.push(path.collect());
        }
    }

    fn import_head(&mut self, path: &[(usize, &'a str)], absolute: bool) {
        let Some(&(at, head)) = path.first() else {
            return;
        };
        if let Some(name) = self.scope.names.get(head) {
            let kind = if absolute {
                MentionKind::Absolute
            } else {
                MentionKind::Import
            };
            self.mention(name, kind, self.gate(), at);
        }
    }

    /// `extern crate x as y;`
    pub(super) fn extern_crate(&mut self) -> bool {
        let at = self.at;
        if self.ident(at + 1) != Some("crate") {
            return false;
        }
        let Some(name) = self.ident(at + 2) else {
            return false;
        };
        if let Some(id) = self.scope.names.get(name) {
            self.mention(id, MentionKind::Absolute, self.gate(), at + 2);
        }
        self.at += 3;
        if self.ident(self.at) == Some("as") {
            if let Some(alias) = self.ident(self.at + 1).filter(|alias| *alias != name) {
                self.declare(alias);
            }
            self.at += 2;
        }
        true
    }
}
