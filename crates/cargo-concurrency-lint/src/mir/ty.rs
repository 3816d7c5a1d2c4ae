//! Types as MIR prints them, as trees.

use super::lex::{closing, find, split};

/// A type. Lifetimes and constants are left out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// A struct, an enum, a primitive, or a parameter: MIR does not tell them apart. A parameter without
    /// a name is called by its bounds: `impl Into<T>`.
    Path {
        path: String,
        args: Vec<Type>,
    },
    /// A reference or a raw pointer.
    Ref {
        mutable: bool,
        to: Box<Type>,
    },
    Tuple(Vec<Type>),
    Slice(Box<Type>),
    Array(Box<Type>),
    /// A trait object: the first trait's path and arguments.
    Dyn {
        path: String,
        args: Vec<Type>,
    },
    /// A function pointer, or a function's own type with its path.
    Fn {
        path: Option<String>,
        output: Box<Type>,
    },
    /// A closure or a coroutine, as printed: `{closure@src/a.rs:1:2: 3:4}`.
    Body(String),
    /// `!`, projections, and what is not understood.
    Other(String),
}

/// Deeper than any type that can be of use.
const DEEPEST: u32 = 40;

impl Type {
    pub fn read(text: &str) -> Self {
        read(text.trim(), 0)
    }

    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Path { path, .. } | Self::Dyn { path, .. } => Some(path),
            _ => None,
        }
    }

    pub fn args(&self) -> &[Self] {
        match self {
            Self::Path { args, .. } | Self::Dyn { args, .. } | Self::Tuple(args) => args,
            Self::Ref { to, .. } | Self::Slice(to) | Self::Array(to) => std::slice::from_ref(to),
            _ => &[],
        }
    }

    /// Without references and pointers around it.
    pub fn behind_refs(&self) -> &Self {
        match self {
            Self::Ref { to, .. } => to.behind_refs(),
            _ => self,
        }
    }

    /// The type and all that it is made of, outermost first.
    pub fn walk(&self, visit: &mut dyn FnMut(&Self)) {
        visit(self);
        for arg in self.args() {
            arg.walk(visit);
        }
        if let Self::Fn { output, .. } = self {
            output.walk(visit);
        }
    }

    /// The same text for the same type, whatever its lifetimes are called.
    pub fn key(&self) -> String {
        let list = |types: &[Self]| {
            let keys: Vec<String> = types.iter().map(Self::key).collect();
            keys.join(",")
        };
        match self {
            Self::Path { path, args } if args.is_empty() => path.clone(),
            Self::Path { path, args } => format!("{path}<{}>", list(args)),
            Self::Dyn { path, args } => format!("dyn {path}<{}>", list(args)),
            Self::Ref { mutable, to } => {
                format!("&{}{}", if *mutable { "mut " } else { "" }, to.key())
            }
            Self::Tuple(types) => format!("({})", list(types)),
            Self::Slice(item) => format!("[{}]", item.key()),
            Self::Array(item) => format!("[{};]", item.key()),
            Self::Fn { path, output } => {
                format!("fn {} -> {}", path.as_deref().unwrap_or(""), output.key())
            }
            Self::Body(text) | Self::Other(text) => text.clone(),
        }
    }

    /// Its size as a tree.
    pub fn weight(&self) -> usize {
        let mut weight = 0;
        self.walk(&mut |_| weight += 1);
        weight
    }
}

/// The last segment of a path.
pub fn last(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

fn read(text: &str, depth: u32) -> Type {
    if depth > DEEPEST {
        return Type::Other(String::new());
    }
    let inner = |text: &str| read(text.trim(), depth + 1);
    match text.as_bytes().first() {
        Some(b'&') => reference(text[1..].trim_start(), depth),
        Some(b'*') => pointer(&text[1..], depth),
        Some(b'(') => tuple(text, depth),
        Some(b'[') => {
            let whole = closing(text, 0).and_then(|end| text.get(1..end - 1));
            match whole.map(|within| split(within, b';')) {
                Some(parts) if parts.len() > 1 => Type::Array(Box::new(inner(parts[0]))),
                Some(parts) if !parts.is_empty() => Type::Slice(Box::new(inner(parts[0]))),
                _ => Type::Other(text.to_owned()),
            }
        }
        Some(b'{') => Type::Body(text.to_owned()),
        Some(b'<' | b'!') | None => Type::Other(text.to_owned()),
        Some(_) => worded(text, depth),
    }
}

/// What follows a `&`.
fn reference(text: &str, depth: u32) -> Type {
    let text = without_lifetime(text);
    let (mutable, to) = match text.strip_prefix("mut ") {
        Some(to) => (true, to),
        None => (false, text),
    };
    Type::Ref {
        mutable,
        to: Box::new(read(to.trim_start(), depth + 1)),
    }
}

fn pointer(text: &str, depth: u32) -> Type {
    let to = text.strip_prefix("const ").or(text.strip_prefix("mut "));
    match to {
        Some(to) => Type::Ref {
            mutable: text.starts_with("mut "),
            to: Box::new(read(to.trim_start(), depth + 1)),
        },
        None => Type::Other(format!("*{text}")),
    }
}

fn without_lifetime(text: &str) -> &str {
    if text.starts_with('\'') {
        text.split_once(' ').map_or("", |(_, rest)| rest)
    } else {
        text
    }
}

/// `()`, `(A, B)`, `(A,)`, and `(dyn A + B)`, which is no tuple.
fn tuple(text: &str, depth: u32) -> Type {
    let Some(within) = closing(text, 0).and_then(|end| text.get(1..end - 1)) else {
        return Type::Other(text.to_owned());
    };
    let parts = split(within, b',');
    if parts.len() == 1 && !within.trim_end().ends_with(',') {
        return read(parts[0], depth + 1);
    }
    Type::Tuple(parts.iter().map(|part| read(part, depth + 1)).collect())
}

fn worded(text: &str, depth: u32) -> Type {
    if let Some(bounds) = text.strip_prefix("dyn ") {
        return dynamic(bounds, depth);
    }
    if text.starts_with("impl ") {
        // A parameter without a name: its bounds are its name.
        return Type::Path {
            path: text.to_owned(),
            args: Vec::new(),
        };
    }
    if let Some(function) = function(text, depth) {
        return function;
    }
    let (path, args) = generic(text, depth);
    Type::Path { path, args }
}

fn dynamic(bounds: &str, depth: u32) -> Type {
    let first = split(bounds, b'+').into_iter().next().unwrap_or(bounds);
    let first = match first.strip_prefix("for<") {
        Some(_) => first
            .find("> ")
            .map_or(first, |end| first[end + 2..].trim_start()),
        None => first,
    };
    // `dyn Fn(A) -> R` has parentheses for arguments.
    let end = find(first, "(").unwrap_or(first.len());
    let (path, args) = generic(&first[..end], depth);
    Type::Dyn { path, args }
}

/// `fn(A) -> R`, `for<'a> unsafe extern "C" fn(A) -> R {path}`.
fn function(text: &str, depth: u32) -> Option<Type> {
    let at = find(text, "fn(")?;
    let before = text[..at].trim_end();
    let qualified = before.is_empty()
        || before.ends_with('>') && before.starts_with("for<")
        || before.ends_with('"')
        || before.ends_with("unsafe")
        || before.ends_with("extern");
    if !qualified {
        return None;
    }
    let after = &text[closing(text, at + 2)?..];
    let (output, path) = match own_path(after) {
        Some(open) => (
            &after[..open],
            after.get(open + 1..after.len() - 1).map(str::to_owned),
        ),
        None => (after, None),
    };
    let output = output.trim().strip_prefix("->").map_or("()", str::trim);
    Some(Type::Fn {
        path,
        output: Box::new(read(output, depth + 1)),
    })
}

/// Where the path of a function's own type opens, in the braces behind its signature. Braces right
/// behind the arrow are the output.
fn own_path(after: &str) -> Option<usize> {
    let first = find(after, "{")?;
    let output = after[..first].trim_end().ends_with("->");
    let open = if output {
        let end = closing(after, first)?;
        end + find(&after[end..], "{")?
    } else {
        first
    };
    (closing(after, open)? == after.len()).then_some(open)
}

/// A path with its arguments: `std::vec::Vec<T>`.
fn generic(text: &str, depth: u32) -> (String, Vec<Type>) {
    let open = open_of_arguments(text);
    let Some((open, end)) = open.and_then(|open| Some((open, closing(text, open)?))) else {
        return (text.trim().to_owned(), Vec::new());
    };
    let args = arguments(&text[open + 1..end - 1], depth);
    (text[..open].trim_end_matches("::").to_owned(), args)
}

/// Where the arguments of the path's last segment open.
fn open_of_arguments(text: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + find(&text[from..], "<")?;
        // `<impl at ..>` and `<T as Trait>` are segments, not arguments.
        let starts_segment = at == 0 || text[..at].ends_with("::");
        if !starts_segment || !is_segment(&text[at..]) {
            return Some(at);
        }
        from = closing(text, at)?;
    }
}

fn is_segment(text: &str) -> bool {
    text.starts_with("<impl ")
        || closing(text, 0).is_some_and(|end| find(&text[1..end - 1], " as ").is_some())
}

/// The types among generic arguments.
pub fn arguments(text: &str, depth: u32) -> Vec<Type> {
    let parts = split(text, b',').into_iter();
    let types = parts.filter(|part| {
        let first = part.as_bytes().first();
        let constant = first.is_some_and(|byte| byte.is_ascii_digit() || *byte == b'-');
        !(part.starts_with('\'') || constant || matches!(*part, "true" | "false"))
    });
    types
        .map(|part| match find(part, " = ") {
            Some(at) => read(part[at + 3..].trim(), depth + 1),
            None => read(part, depth + 1),
        })
        .collect()
}

#[cfg(test)]
mod tests;
