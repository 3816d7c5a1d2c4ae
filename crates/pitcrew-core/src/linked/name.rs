//! Names of functions: demangled, and folded so that two builds of one source give the same name.

use rustc_demangle::try_demangle;

/// A name without what differs between builds, and the crate that it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folded {
    pub name: String,
    pub origin: String,
}

pub(super) struct Demangled {
    pub text: String,
    pub is_rust: bool,
}

/// The symbol as Rust's paths are written, without hash and crate disambiguators.
pub(super) fn demangled(symbol: &str) -> Demangled {
    match try_demangle(symbol) {
        Ok(name) => Demangled {
            text: format!("{name:#}"),
            is_rust: true,
        },
        Err(_) => Demangled {
            text: symbol.to_owned(),
            is_rust: false,
        },
    }
}

/// Folds a demangled name: `<alloc::vec::Vec<u8>>::push` and `alloc::vec::Vec<T,A>::push` are
/// `alloc::vec::Vec::push`, and `{closure#3}` is `{closure}`.
pub fn fold(demangled: &str) -> Folded {
    let plain = demangled.replace("{{", "{").replace("}}", "}");
    let mut folder = Folder {
        text: &plain,
        at: 0,
        out: String::with_capacity(plain.len()),
    };
    folder.path(0);
    // What is left is not a path; nothing of a name may be lost.
    let rest = &plain[folder.at.min(plain.len())..];
    let name = format!("{}{rest}", folder.out);
    let origin = origin(&name);
    Folded { name, origin }
}

/// Deeper names than any compiler writes are left as they are.
const DEEPEST: usize = 64;

struct Folder<'a> {
    text: &'a str,
    at: usize,
    out: String,
}

impl<'a> Folder<'a> {
    /// Copies up to the end, or to a `>` that closes an angle bracket of the caller.
    fn path(&mut self, depth: usize) {
        while let Some(c) = self.rest().chars().next() {
            match c {
                '<' if self.starts_qualified() && depth < DEEPEST => self.qualified(depth),
                '<' if self.rest().starts_with("<impl ") && depth < DEEPEST => {
                    self.implementation(depth);
                }
                '<' => self.skip_arguments(),
                '>' if depth > 0 => return,
                '-' if self.rest().starts_with("->") => self.copy("->".len()),
                '{' => self.braced(),
                _ => self.copy(c.len_utf8()),
            }
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn copy(&mut self, length: usize) {
        self.out.push_str(&self.rest()[..length]);
        self.at += length;
    }

    /// `<` begins a qualified path where no name stands before it.
    fn starts_qualified(&self) -> bool {
        let before = self.text[..self.at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '}'))
    }

    /// `<A as B>` stays, with both folded; `<A>::f` becomes `A::f`, as the older mangling has it.
    fn qualified(&mut self, depth: usize) {
        self.at += 1;
        let start = self.out.len();
        self.path(depth + 1);
        if self.rest().starts_with('>') {
            self.at += 1;
        }
        let inner = self.out.split_off(start);
        let is_plain = inner
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | ':'));
        if is_plain {
            self.out.push_str(&inner);
        } else {
            self.out.push('<');
            self.out.push_str(&inner);
            self.out.push('>');
        }
    }

    /// The older mangling puts the module of an implementation before it: `a::b::<impl T for S>::f`
    /// is `<S as T>::f`.
    fn implementation(&mut self, depth: usize) {
        let is_path = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':');
        self.out.truncate(self.out.trim_end_matches(is_path).len());
        self.at += "<impl ".len();
        let start = self.out.len();
        self.path(depth + 1);
        if self.rest().starts_with('>') {
            self.at += 1;
        }
        let inner = self.out.split_off(start);
        let whole = match inner.split_once(" for ") {
            Some((of_trait, own)) => format!("<{own} as {of_trait}>"),
            None if inner.chars().all(is_path) => inner,
            None => format!("<{inner}>"),
        };
        self.out.push_str(&whole);
    }

    fn skip_arguments(&mut self) {
        // `::<T>` goes with its colons.
        if self.out.ends_with("::") {
            self.out.truncate(self.out.len() - 2);
        }
        let mut open = 0_usize;
        let mut before = ' ';
        for (index, c) in self.rest().char_indices() {
            match c {
                '<' => open += 1,
                '>' if before != '-' => open -= 1,
                _ => {}
            }
            before = c;
            if open == 0 {
                self.at += index + 1;
                return;
            }
        }
        self.at = self.text.len();
    }

    /// `{closure#0}`, `{closure_env#2}`, `{impl#5}`, `{shim:vtable#0}`: the number counts siblings.
    fn braced(&mut self) {
        let rest = self.rest();
        let end = rest.find('}').map_or(rest.len(), |end| end + 1);
        let inside = rest[..end].trim_start_matches('{').trim_end_matches('}');
        let name = inside.split('#').next().unwrap_or(inside);
        self.out.push('{');
        self.out.push_str(name);
        self.out.push('}');
        self.at += end;
    }
}

/// The crate in whose source a function stands: that of the type it is a method of, or of the trait
/// where the type is the standard library's or built in.
fn origin(name: &str) -> String {
    let inside = name.strip_prefix('<').and_then(|rest| {
        let end = closing(rest)?;
        Some(&rest[..end])
    });
    let Some(inside) = inside else {
        return first_crate(name).unwrap_or_default().to_owned();
    };
    let (own, of_trait) = split_as(inside);
    let own = first_crate(own);
    let of_trait = of_trait.and_then(first_crate);
    let chosen = match (own, of_trait) {
        (Some(own), Some(of_trait)) if is_std(own) && !is_std(of_trait) => of_trait,
        (Some(own), _) => own,
        (None, of_trait) => of_trait.unwrap_or_default(),
    };
    chosen.to_owned()
}

fn is_std(name: &str) -> bool {
    matches!(name, "std" | "core" | "alloc")
}

/// Where the bracket that was opened before `text` closes.
fn closing(text: &str) -> Option<usize> {
    let mut open = 1_usize;
    let mut before = ' ';
    for (index, c) in text.char_indices() {
        match c {
            '<' => open += 1,
            '>' if before != '-' => open -= 1,
            _ => {}
        }
        before = c;
        if open == 0 {
            return Some(index);
        }
    }
    None
}

/// The two sides of ` as ` at the outermost level.
fn split_as(inside: &str) -> (&str, Option<&str>) {
    let mut open = 0_usize;
    let mut before = ' ';
    for (index, c) in inside.char_indices() {
        match c {
            '<' => open += 1,
            '>' if before != '-' => open = open.saturating_sub(1),
            ' ' if open == 0 && inside[index..].starts_with(" as ") => {
                return (&inside[..index], Some(&inside[index + " as ".len()..]));
            }
            _ => {}
        }
        before = c;
    }
    (inside, None)
}

/// The first segment of the first path in `text`: of `&[tokio::net::Addr]` it is `tokio`.
fn first_crate(text: &str) -> Option<&str> {
    let mut rest = text;
    while let Some(at) = rest.find("::") {
        let start = rest[..at]
            .rfind(|c: char| !c.is_alphanumeric() && c != '_')
            .map_or(0, |before| {
                before + rest[before..].chars().next().map_or(1, char::len_utf8)
            });
        if start < at {
            return Some(&rest[start..at]);
        }
        rest = &rest[at + 2..];
    }
    None
}

/// The module that a function stands in, for summaries: `tokio::process`, or its crate. Of a method
/// of a type it is the type's module.
pub(super) fn module_of(folded: &str) -> String {
    let path = match folded.strip_prefix('<') {
        Some(rest) => split_as(&rest[..closing(rest).unwrap_or(rest.len())]).0,
        None => folded,
    };
    let start = path.find(|c: char| c.is_alphabetic() || c == '_');
    let path = &path[start.unwrap_or(0)..];
    let modules: Vec<&str> = path
        .split("::")
        .take_while(|part| {
            part.starts_with(|c: char| c.is_lowercase() || c == '_')
                && part.chars().all(|c| c.is_alphanumeric() || c == '_')
        })
        .take(2)
        .collect();
    // The last part of `a::f` names the function itself.
    let is_function = modules.len() == path.split("::").count();
    match modules[..] {
        [] => folded.to_owned(),
        [.., _] if is_function && modules.len() > 1 => modules[..modules.len() - 1].join("::"),
        _ => modules.join("::"),
    }
}
