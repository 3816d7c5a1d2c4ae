//! Splits tokens into items. Only what gates and names need is read: no body is parsed, so that
//! neither new syntax nor the arguments of a macro stand in the way.

use proc_macro2::{Delimiter, Group, TokenTree};

use super::attributes::{self, Attribute};
use super::tokens::{
    any_group, group, ident, is_ident, is_path_separator, is_punct, line_of, skip_angles, trees,
    until,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vis {
    Public,
    /// In no way reachable from outside of the crate.
    Private,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Mod,
    Use,
    ExternCrate,
    Fn,
    Struct,
    Enum,
    Union,
    Trait,
    Impl,
    Type,
    Const,
    Static,
    /// `extern "C" { .. }`
    Foreign,
    MacroRules,
    MacroCall,
}

#[derive(Debug, Clone)]
pub(super) struct Item<'t> {
    pub attributes: Vec<Attribute>,
    pub vis: Vis,
    pub kind: Kind,
    /// Empty where it has none. Of a macro call it is the macro's.
    pub name: String,
    /// From behind the visibility to the end.
    pub tokens: &'t [TokenTree],
    pub line: u32,
}

impl<'t> Item<'t> {
    /// The braces that end it, or the arguments of a macro call.
    pub fn body(&self) -> Option<&'t Group> {
        self.tokens
            .iter()
            .rev()
            .find_map(|tree| any_group(Some(tree)))
    }

    /// A function that has a symbol of its own in a program that uses it: one that is always inlined,
    /// may be evaluated at compile time, or is exported under another name cannot be found there.
    pub fn has_symbol(&self) -> bool {
        let hides = |attribute: &Attribute| match attribute.name.as_str() {
            "inline" => is_ident(attribute.args.first(), "always"),
            "no_mangle" | "export_name" => true,
            _ => false,
        };
        self.kind == Kind::Fn
            && !is_ident(self.tokens.first(), "const")
            && !self.attributes.iter().any(hides)
    }

    pub fn braces(&self) -> Option<&'t Group> {
        let last = self.tokens.last();
        group(last, Delimiter::Brace)
    }
}

/// All items of `tokens`. What is none, as the expressions among the arguments of a macro, is left
/// out; `whole` is false then.
pub(super) fn split(tokens: &[TokenTree]) -> (Vec<Item<'_>>, bool) {
    let (mut items, mut whole) = (Vec::new(), true);
    let mut at = attributes::inner(tokens).1;
    while at < tokens.len() {
        if is_punct(tokens.get(at), ';') {
            at += 1;
            continue;
        }
        match next(&tokens[at..]) {
            Some((item, length)) => {
                items.push(item);
                at += length;
            }
            None => {
                whole = false;
                at += 1;
            }
        }
    }
    (items, whole)
}

/// The item at the start of `tokens`, and how many tokens it takes with its attributes.
pub(super) fn next(tokens: &[TokenTree]) -> Option<(Item<'_>, usize)> {
    let (attributes, start) = attributes::leading(tokens);
    let (vis, mut at) = visibility(tokens, start);
    let head = at;
    let mut end = None;
    let (kind, name) = loop {
        let word = ident(tokens.get(at))?;
        let after = at + 1;
        match word.as_str() {
            "default" | "unsafe" | "async" | "safe" | "auto" | "gen"
                if ident(tokens.get(after)).is_some() =>
            {
                at += 1;
            }
            "extern" if is_ident(tokens.get(after), "crate") => {
                break (Kind::ExternCrate, ident(tokens.get(after + 1))?);
            }
            "extern" => {
                let abi = matches!(tokens.get(after), Some(TokenTree::Literal(_)));
                at = after + usize::from(abi);
                if group(tokens.get(at), Delimiter::Brace).is_some() {
                    break (Kind::Foreign, String::new());
                }
            }
            "const" if is_function_word(tokens.get(after)) => at += 1,
            "mod" => break (Kind::Mod, ident(tokens.get(after))?),
            "use" => break (Kind::Use, String::new()),
            "fn" => break (Kind::Fn, ident(tokens.get(after))?),
            "struct" => break (Kind::Struct, ident(tokens.get(after))?),
            "enum" => break (Kind::Enum, ident(tokens.get(after))?),
            "union" if ident(tokens.get(after)).is_some() => {
                break (Kind::Union, ident(tokens.get(after))?);
            }
            "trait" => break (Kind::Trait, ident(tokens.get(after))?),
            "impl" => break (Kind::Impl, String::new()),
            "type" => break (Kind::Type, ident(tokens.get(after))?),
            "const" => break (Kind::Const, ident(tokens.get(after)).unwrap_or_default()),
            "static" => {
                let name = after + usize::from(is_ident(tokens.get(after), "mut"));
                break (Kind::Static, ident(tokens.get(name))?);
            }
            "macro_rules" if is_punct(tokens.get(after), '!') => {
                break (Kind::MacroRules, ident(tokens.get(after + 1))?);
            }
            _ => {
                let (name, length) = macro_call(tokens, at)?;
                end = Some(length);
                break (Kind::MacroCall, name);
            }
        }
    };
    let end = end.unwrap_or_else(|| end_of(kind, tokens, at));
    let item = Item {
        attributes,
        vis,
        kind,
        name,
        tokens: &tokens[head..end],
        line: line_of(tokens.get(head)),
    };
    Some((item, end))
}

fn is_function_word(tree: Option<&TokenTree>) -> bool {
    ["fn", "unsafe", "async", "extern"]
        .iter()
        .any(|word| is_ident(tree, word))
}

/// `pub`, `pub(crate)`, `crate`.
pub(super) fn visibility(tokens: &[TokenTree], at: usize) -> (Vis, usize) {
    if !is_ident(tokens.get(at), "pub") {
        return (Vis::Private, at);
    }
    match group(tokens.get(at + 1), Delimiter::Parenthesis) {
        // `pub (A, B)` is a field of a tuple struct.
        Some(limits) => {
            let words = ["crate", "self", "super", "in"];
            let first = limits.stream().into_iter().next();
            let is_limit = words.iter().any(|word| is_ident(first.as_ref(), word));
            if is_limit {
                (Vis::Private, at + 2)
            } else {
                (Vis::Public, at + 1)
            }
        }
        None => (Vis::Public, at + 1),
    }
}

/// The name of the macro called at `at`, and the end of the call.
fn macro_call(tokens: &[TokenTree], mut at: usize) -> Option<(String, usize)> {
    let mut name = ident(tokens.get(at))?;
    at += 1;
    while is_path_separator(tokens, at) {
        name = ident(tokens.get(at + 2))?;
        at += 3;
    }
    if !is_punct(tokens.get(at), '!') {
        return None;
    }
    at += 1;
    // `thread_local!`-like macros take no name, older ones do.
    at += usize::from(ident(tokens.get(at)).is_some());
    any_group(tokens.get(at))?;
    Some((name, at + 1))
}

/// The end of an item whose keyword stands at `at`.
fn end_of(kind: Kind, tokens: &[TokenTree], at: usize) -> usize {
    let is_end = |tokens: &[TokenTree], index: usize| is_punct(tokens.get(index), ';');
    let past = |index: usize| (index + 1).min(tokens.len());
    match kind {
        Kind::Use | Kind::ExternCrate | Kind::Type => past(until(tokens, at, &is_end)),
        // Their values may compare, which is no angle bracket.
        Kind::Const | Kind::Static => {
            let end = tokens[at..]
                .iter()
                .position(|tree| is_punct(Some(tree), ';'));
            end.map_or(tokens.len(), |end| at + end + 1)
        }
        Kind::MacroRules => {
            let body = tokens[at..]
                .iter()
                .position(|tree| any_group(Some(tree)).is_some());
            body.map_or(tokens.len(), |body| at + body + 1)
        }
        _ => {
            let ends = |tokens: &[TokenTree], index: usize| {
                is_punct(tokens.get(index), ';')
                    || group(tokens.get(index), Delimiter::Brace).is_some()
            };
            past(until(tokens, at, &ends))
        }
    }
}

/// What an `impl` is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Header {
    /// The last segment of the type's path; `[]`, `()` and the like where it is no path.
    pub self_type: String,
    /// The last segment of the trait's path.
    pub of_trait: Option<String>,
    /// Every name in the trait with its arguments and in the type with its own.
    pub names: Vec<String>,
    /// The trait with its arguments and the type with its own, as one text: what tells two
    /// implementations apart.
    pub key: String,
}

/// Reads `impl<T> Trait<A> for Type<T> where ..`.
pub(super) fn header(tokens: &[TokenTree]) -> Header {
    let mut at = tokens
        .iter()
        .position(|tree| is_ident(Some(tree), "impl"))
        .map_or(0, |at| at + 1);
    if is_punct(tokens.get(at), '<') {
        at = skip_angles(tokens, at);
    }
    let ends = |tokens: &[TokenTree], index: usize| {
        is_ident(tokens.get(index), "where")
            || group(tokens.get(index), Delimiter::Brace).is_some()
            || (is_ident(tokens.get(index), "for") && !is_punct(tokens.get(index + 1), '<'))
    };
    let middle = until(tokens, at, &ends);
    let first = &tokens[at..middle];
    if !is_ident(tokens.get(middle), "for") {
        return Header {
            self_type: head(first),
            of_trait: None,
            names: names(first),
            key: text(first),
        };
    }
    let second = &tokens[middle + 1..until(tokens, middle + 1, &ends)];
    Header {
        self_type: head(second),
        of_trait: Some(head(first)),
        names: [names(first), names(second)].concat(),
        key: format!("{} for {}", text(first), text(second)),
    }
}

/// The names in a type, each once.
fn names(tokens: &[TokenTree]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for tree in tokens {
        match tree {
            TokenTree::Group(group) => found.extend(names(&trees(group.stream()))),
            tree => found.extend(ident(Some(tree))),
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The name at the head of a type: `Vec` of `&mut std::vec::Vec<T>`.
pub(super) fn head(tokens: &[TokenTree]) -> String {
    let mut at = 0;
    let mut name = String::new();
    while let Some(tree) = tokens.get(at) {
        match tree {
            TokenTree::Punct(punct) if matches!(punct.as_char(), '&' | '*' | '!' | '?') => at += 1,
            TokenTree::Punct(punct) if punct.as_char() == '\'' => at += 2,
            TokenTree::Punct(punct) if punct.as_char() == ':' => at += 1,
            TokenTree::Ident(word) => {
                let is_prefix = ["mut", "dyn", "const", "impl", "ref"]
                    .iter()
                    .any(|prefix| word == prefix);
                at += 1;
                if is_prefix {
                    continue;
                }
                name = ident(Some(tree)).unwrap_or_default();
                if !is_path_separator(tokens, at) {
                    return name;
                }
            }
            TokenTree::Group(group) if name.is_empty() => {
                return match group.delimiter() {
                    Delimiter::Bracket => "[]".to_owned(),
                    _ => "()".to_owned(),
                };
            }
            _ => return name,
        }
    }
    name
}

fn text(tokens: &[TokenTree]) -> String {
    let mut text = String::new();
    for tree in tokens {
        text.push_str(&tree.to_string().replace(' ', ""));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> (Vec<(Kind, String, Vis)>, bool) {
        let tokens = trees(text.parse().unwrap());
        let (items, whole) = split(&tokens);
        let items = items.into_iter().map(|i| (i.kind, i.name, i.vis));
        (items.collect(), whole)
    }

    #[test]
    fn items_end_where_they_end() {
        let (items, whole) = kinds(
            "#![a] pub(crate) mod m; pub use a::{b, c}; extern crate alloc as a;\n\
             pub const fn f<const N: usize>(x: [u8; N]) -> Foo<{ N }> where T: Fn() -> u8 { {} }\n\
             const X: bool = 1 < 2; pub struct S<T = ()>(pub (u8, T)) where T: X; enum E { A, B }\n\
             unsafe impl<T> Tr<T> for [T] {} extern \"C\" { fn x(); } async unsafe fn g() {}\n\
             pub trait Tr: A<B> { fn f(); } type A = B<C>; static mut Y: u8 = 1;\n\
             macro_rules! m { () => {} } m! { x } a::b!(c); union U { a: u8 } const _: () = {};\n\
             pub extern \"C\" fn h() {}",
        );
        assert!(whole);
        let names: Vec<String> = items.iter().map(|(k, n, _)| format!("{k:?} {n}")).collect();
        assert_eq!(
            names,
            [
                "Mod m",
                "Use ",
                "ExternCrate alloc",
                "Fn f",
                "Const X",
                "Struct S",
                "Enum E",
                "Impl ",
                "Foreign ",
                "Fn g",
                "Trait Tr",
                "Type A",
                "Static Y",
                "MacroRules m",
                "MacroCall m",
                "MacroCall b",
                "Union U",
                "Const _",
                "Fn h",
            ]
        );
        assert_eq!(items[0].2, Vis::Private);
        assert_eq!(items[3].2, Vis::Public);
    }

    #[test]
    fn what_is_no_item_is_said() {
        assert!(!kinds("if x { y } else { z }").1);
        assert!(!kinds("a, b, c").1);
        let (items, whole) = kinds("1 + 2; fn f() {}");
        assert!(!whole);
        assert_eq!(items.len(), 1);
    }

    fn header_of(text: &str) -> (String, Option<String>) {
        let tokens = trees(text.parse().unwrap());
        let header = header(&tokens);
        (header.self_type, header.of_trait)
    }

    #[test]
    fn a_header_names_all_that_it_is_about() {
        let tokens = trees(
            "impl<T> From<(Elapsed, T)> for io::Error where T: Other {}"
                .parse()
                .unwrap(),
        );
        let names = header(&tokens).names;
        assert_eq!(names, ["Elapsed", "From", "T", "Error", "io"]);
    }

    #[test]
    fn headers_of_implementations() {
        for (text, own, of_trait) in [
            ("impl<T: Into<U>> a::Vec<T> {}", "Vec", None),
            (
                "impl<F> From<F> for &mut X<F> where F: for<'a> Fn(&'a u8) -> u8 {}",
                "X",
                Some("From"),
            ),
            (
                "unsafe impl<'a, T> !Send for &'a [T] {}",
                "[]",
                Some("Send"),
            ),
            ("impl dyn a::Any + Send {}", "Any", None),
            ("impl<A> Tr for (A,) {}", "()", Some("Tr")),
            ("impl Tr for fn(u8) -> u8 {}", "fn", Some("Tr")),
        ] {
            assert_eq!(
                header_of(text),
                (own.to_owned(), of_trait.map(str::to_owned))
            );
        }
    }
}
