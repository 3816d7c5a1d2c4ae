//! What stands inside of items: members, fields, variants, bodies.

use proc_macro2::{Delimiter, TokenTree};

use super::super::attributes;
use super::super::cfg::Cfg;
use super::super::item::{self, Item, Kind, Vis};
use super::super::model::{Impl, Meaning, Member, Owner, Shape, Site};
use super::super::sites::{Body, Inside};
use super::super::tokens::{
    Mentions, any_group, group, ident, is_path_separator, is_punct, trees, until,
};
use super::{Scope, Walker, mentions};

impl Walker<'_> {
    /// A function, a type, a constant or a trait.
    pub(super) fn definition(&mut self, item: &Item<'_>, gate: &Cfg, scope: &Scope) {
        let mut name = self.simple_name(item, Meaning::Item(item.kind), gate.clone(), scope);
        if matches!(item.kind, Kind::Struct | Kind::Enum | Kind::Union) {
            name.parts = parts(item);
        }
        if !self.proc_macros(item, gate, scope) {
            self.name(name);
        }
        self.derived(item, gate, scope);
        let owner = Owner {
            module: scope.module,
            name: item.name.clone(),
            is_function: item.has_symbol(),
            ..Owner::default()
        };
        self.conditional_attributes(item, &owner, gate, scope);
        if item.kind == Kind::Trait {
            let owner = Owner {
                self_type: Some(item.name.clone()),
                ..owner
            };
            self.members(item, &owner, gate, true, scope);
        } else {
            self.body(item, &owner, gate, scope);
        }
    }

    /// `#[proc_macro_derive(Name)]` and the like make names of their own, and the function has none
    /// that others could call.
    fn proc_macros(&mut self, item: &Item<'_>, gate: &Cfg, scope: &Scope) -> bool {
        let mut any = false;
        for attribute in &item.attributes {
            let name = match attribute.name.as_str() {
                "proc_macro_derive" => ident(attribute.args.first()),
                "proc_macro" | "proc_macro_attribute" => Some(item.name.clone()),
                _ => None,
            };
            if let Some(name) = name {
                let meaning = Meaning::ProcMacro;
                let mut exported = self.simple_name(item, meaning, gate.clone(), scope);
                exported.name = name;
                self.name(exported);
                any = true;
            }
        }
        any
    }

    pub(super) fn implementation(&mut self, item: &Item<'_>, gate: &Cfg, scope: &Scope) {
        let header = item::header(item.tokens);
        self.model.impls.push(Impl {
            module: scope.module,
            self_type: header.self_type.clone(),
            of_trait: header.of_trait.clone(),
            names: header.names,
            gate: gate.clone(),
            place: self.place(item, scope),
            mentions: mentions(gate, item.tokens),
        });
        let owner = Owner {
            module: scope.module,
            self_type: Some(header.self_type),
            of_trait: header.of_trait,
            key: header.key,
            name: String::new(),
            is_function: false,
        };
        self.conditional_attributes(item, &owner, gate, scope);
        let is_public = owner.of_trait.is_some();
        self.members(item, &owner, gate, is_public, scope);
    }

    fn members(
        &mut self,
        item: &Item<'_>,
        owner: &Owner,
        gate: &Cfg,
        all_public: bool,
        scope: &Scope,
    ) {
        let Some(body) = item.braces() else { return };
        let tokens = trees(body.stream());
        self.member_items(&tokens, owner, gate, all_public, scope);
    }

    fn member_items(
        &mut self,
        tokens: &[TokenTree],
        owner: &Owner,
        gate: &Cfg,
        all_public: bool,
        scope: &Scope,
    ) {
        for member in item::split(tokens).0 {
            let gate = gate.clone().and(attributes::gate(&member.attributes));
            if member.kind == Kind::MacroCall {
                self.member_call(&member, owner, &gate, all_public, scope);
                continue;
            }
            let owner = Owner {
                name: member.name.clone(),
                is_function: member.has_symbol(),
                ..owner.clone()
            };
            let vis = if all_public { Vis::Public } else { member.vis };
            self.model.members.push(Member {
                owner: owner.clone(),
                vis,
                place: self.place(&member, scope),
                mentions: mentions(&gate, member.tokens),
                only_sets: only_sets(&member),
                gate: gate.clone(),
            });
            self.conditional_attributes(&member, &owner, &gate, scope);
            self.body(&member, &owner, &gate, scope);
        }
    }

    /// A macro call among the members, as `cfg_net! { pub fn .. }`.
    fn member_call(
        &mut self,
        call: &Item<'_>,
        owner: &Owner,
        gate: &Cfg,
        all_public: bool,
        scope: &Scope,
    ) {
        let Some(arguments) = call.body() else { return };
        let arguments = trees(arguments.stream());
        let Some(definitions) = self.macros.get(&call.name).cloned() else {
            self.member_items(&arguments, owner, gate, all_public, scope);
            return;
        };
        for definition in definitions.iter() {
            if !self.fuel.take(scope.depth) {
                return;
            }
            let gate = gate.clone().and(definition.gate.clone());
            let inner = Scope {
                depth: scope.depth + 1,
                ..scope.clone()
            };
            if let Some(expanded) = definition.expand(&arguments) {
                self.member_items(&expanded, owner, &gate, all_public, &inner);
            }
        }
    }

    /// The conditions inside of an item.
    fn body(&mut self, item: &Item<'_>, owner: &Owner, gate: &Cfg, scope: &Scope) {
        let mut body = Body {
            macros: &self.macros,
            fuel: &self.fuel,
            owner,
            outer: gate,
            file: scope.file,
            sites: &mut self.model.sites,
        };
        match item.kind {
            Kind::Fn => {
                let is_signature =
                    |tree: &TokenTree| group(Some(tree), Delimiter::Parenthesis).is_some();
                let signature = item.tokens.iter().find(|tree| is_signature(tree));
                if let Some(parameters) = any_group(signature) {
                    body.scan(&trees(parameters.stream()), Inside::Parameters);
                }
                if let Some(braces) = item.braces() {
                    body.scan(&trees(braces.stream()), Inside::Braces);
                }
            }
            Kind::Struct | Kind::Enum | Kind::Union => {
                if let Some(fields) = fields(item) {
                    body.scan(&fields, Inside::Declaration);
                }
            }
            Kind::Const | Kind::Static => body.scan(item.tokens, Inside::List),
            _ => {}
        }
    }

    fn conditional_attributes(
        &mut self,
        item: &Item<'_>,
        owner: &Owner,
        gate: &Cfg,
        scope: &Scope,
    ) {
        let place = self.place(item, scope);
        for attribute in attributes::conditional(&item.attributes) {
            self.model.sites.push(Site {
                owner: owner.clone(),
                outer: gate.clone(),
                gate: attribute.gate.clone(),
                shape: Shape::Attribute,
                mentions: Mentions::of(&attribute.args),
                place,
            });
        }
    }
}

/// The fields of a struct or the variants of an enum.
fn fields(item: &Item<'_>) -> Option<Vec<TokenTree>> {
    let holds_fields = |tree: &&TokenTree| {
        group(Some(tree), Delimiter::Brace).is_some()
            || group(Some(tree), Delimiter::Parenthesis).is_some()
    };
    let found = item.tokens.iter().skip(2).find(holds_fields);
    any_group(found).map(|group| trees(group.stream()))
}

/// The names of variants, and of public fields, with when each is there.
fn parts(item: &Item<'_>) -> Vec<(String, Cfg)> {
    let Some(tokens) = fields(item) else {
        return Vec::new();
    };
    let is_comma = |tokens: &[TokenTree], at: usize| is_punct(tokens.get(at), ',');
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let (attributes, length) = attributes::leading(&tokens[at..]);
        let start = at + length;
        let (vis, name) = item::visibility(&tokens, start);
        let is_part = item.kind == Kind::Enum || vis == Vis::Public;
        if let Some(name) = ident(tokens.get(name)).filter(|_| is_part) {
            found.push((name, attributes::gate(&attributes)));
        }
        at = until(&tokens, start, &is_comma) + 1;
    }
    found
}

/// A body of nothing but `self.x = value;` and a `self` at its end.
fn only_sets(item: &Item<'_>) -> bool {
    let Some(body) = item.braces().filter(|_| item.kind == Kind::Fn) else {
        return false;
    };
    let tokens = trees(body.stream());
    let is_end = |tree: &TokenTree| is_punct(Some(tree), ';');
    let mut sets = 0;
    for statement in tokens.split(is_end) {
        match statement {
            [] => {}
            [TokenTree::Ident(this)] if *this == "self" => {}
            [
                TokenTree::Ident(this),
                dot,
                TokenTree::Ident(_),
                equals,
                value @ ..,
            ] if *this == "self"
                && is_punct(Some(dot), '.')
                && is_punct(Some(equals), '=')
                && value.iter().all(|tree| any_group(Some(tree)).is_none()) =>
            {
                sets += 1;
            }
            _ => return false,
        }
    }
    sets > 0
}

/// One name that a `use` brings in; the name is `*` for a glob.
#[derive(Debug, PartialEq, Eq)]
pub struct UseLeaf {
    pub path: Vec<String>,
    pub alias: String,
}

/// The leaves of a `use` tree.
pub(crate) fn use_leaves(tokens: &[TokenTree]) -> Vec<UseLeaf> {
    let mut leaves = Vec::new();
    gather_leaves(tokens, &mut Vec::new(), &mut leaves);
    leaves
}

fn gather_leaves(tokens: &[TokenTree], prefix: &mut Vec<String>, out: &mut Vec<UseLeaf>) {
    let depth = prefix.len();
    let mut at = 0;
    while let Some(tree) = tokens.get(at) {
        if is_path_separator(tokens, at) {
            at += 2;
            continue;
        }
        match tree {
            TokenTree::Ident(_) => {
                let Some(name) = ident(Some(tree)) else { break };
                at += 1;
                if name == "as" {
                    let alias = ident(tokens.get(at)).unwrap_or_default();
                    out.push(leaf(prefix, Some(alias)));
                    prefix.truncate(depth);
                    return;
                }
                prefix.push(name);
            }
            TokenTree::Group(group) => {
                let inner = trees(group.stream());
                for part in inner.split(|tree| is_punct(Some(tree), ',')) {
                    if !part.is_empty() {
                        gather_leaves(part, prefix, out);
                    }
                }
                prefix.truncate(depth);
                return;
            }
            TokenTree::Punct(punct) if punct.as_char() == '*' => {
                out.push(UseLeaf {
                    path: prefix.clone(),
                    alias: "*".to_owned(),
                });
                prefix.truncate(depth);
                return;
            }
            _ => at += 1,
        }
    }
    if prefix.len() > depth {
        out.push(leaf(prefix, None));
    }
    prefix.truncate(depth);
}

/// `a::b::self` is `a::b`.
fn leaf(path: &[String], alias: Option<String>) -> UseLeaf {
    let mut path = path.to_vec();
    if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    let alias = alias.or_else(|| path.last().cloned()).unwrap_or_default();
    UseLeaf { path, alias }
}
