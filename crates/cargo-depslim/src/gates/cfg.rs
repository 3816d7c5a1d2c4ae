//! Conditions of `#[cfg(..)]` as data, and their value in a world of which not all is known.

use std::collections::BTreeSet;
use std::fmt;

use proc_macro2::{Delimiter, TokenTree};
use serde::{Deserialize, Serialize};

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cfg {
    Const(bool),
    /// `feature = "x"`
    Feature(String),
    /// `unix`, `target_os = "linux"`, `docsrs`
    Other(String, Option<String>),
    Not(Box<Cfg>),
    All(Vec<Cfg>),
    Any(Vec<Cfg>),
}

impl Cfg {
    pub const ALWAYS: Self = Self::Const(true);

    /// Reads what stands between the parentheses of `cfg(..)`.
    pub fn parse(tokens: &[TokenTree]) -> Option<Self> {
        match tokens {
            [TokenTree::Ident(name)] => Some(match name.to_string().as_str() {
                "true" => Self::Const(true),
                "false" => Self::Const(false),
                name => Self::Other(name.trim_start_matches("r#").to_owned(), None),
            }),
            [
                TokenTree::Ident(name),
                TokenTree::Punct(equals),
                TokenTree::Literal(value),
            ] if equals.as_char() == '=' => {
                let value = string_value(&value.to_string())?;
                Some(match name.to_string().as_str() {
                    "feature" => Self::Feature(value),
                    name => Self::Other(name.to_owned(), Some(value)),
                })
            }
            [TokenTree::Ident(name), TokenTree::Group(group)]
                if group.delimiter() == Delimiter::Parenthesis =>
            {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                let parts = split_commas(&inner).into_iter().map(Self::parse);
                let parts = parts.collect::<Option<Vec<Self>>>()?;
                match name.to_string().as_str() {
                    "all" => Some(parts.into_iter().fold(Self::ALWAYS, Self::and)),
                    "any" => Some(Self::any(parts)),
                    "not" => match <[Self; 1]>::try_from(parts) {
                        Ok([part]) => Some(part.negated()),
                        Err(_) => None,
                    },
                    // `version(..)`, `accessible(..)`: nightly only, and never by feature.
                    name => Some(Self::Other(name.to_owned(), None)),
                }
            }
            // A fragment that a macro handed on stands in a group without delimiters.
            [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                Self::parse(&inner)
            }
            _ => None,
        }
    }

    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Const(true), other) | (other, Self::Const(true)) => other,
            (Self::Const(false), _) | (_, Self::Const(false)) => Self::Const(false),
            (Self::All(mut parts), Self::All(others)) => {
                for part in others {
                    if parts.contains(&part.clone().negated()) {
                        return Self::Const(false);
                    }
                    if !parts.contains(&part) {
                        parts.push(part);
                    }
                }
                Self::All(parts)
            }
            (Self::All(parts), other) => Self::All(parts).and(Self::All(vec![other])),
            (one, Self::All(parts)) => Self::All(vec![one]).and(Self::All(parts)),
            (one, other) if one == other => one,
            (one, other) if one == other.clone().negated() => Self::Const(false),
            (one, other) => Self::All(vec![one, other]),
        }
    }

    pub fn any(parts: Vec<Self>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Self::Const(true) => return Self::ALWAYS,
                Self::Const(false) => {}
                part if kept.contains(&part) => {}
                part => kept.push(part),
            }
        }
        match kept.len() {
            0 => Self::Const(false),
            1 => kept.remove(0),
            _ => Self::Any(kept),
        }
    }

    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Const(value) => Self::Const(!value),
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// Its value, or none where that hangs on something unknown.
    pub fn value(&self, world: &World<'_>) -> Option<bool> {
        match self {
            Self::Const(value) => Some(*value),
            Self::Feature(name) => Some(world.features.contains(name)),
            Self::Other(name, value) => world.other(name, value.as_deref()),
            Self::Not(inner) => inner.value(world).map(|value| !value),
            Self::All(parts) => decide(parts, world, false),
            Self::Any(parts) => decide(parts, world, true),
        }
    }

    /// The features that it names.
    pub fn features(&self) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        self.visit(&mut |part| {
            if let Self::Feature(name) = part {
                found.insert(name.as_str());
            }
        });
        found
    }

    /// The condition with all false that only special builds set, as those for documentation or for
    /// the crate's own tests.
    #[must_use]
    pub fn ordinary(&self) -> Self {
        match self {
            Self::Other(name, _) if OF_SPECIAL_BUILDS.contains(&name.as_str()) => {
                Self::Const(false)
            }
            Self::Not(inner) => inner.ordinary().negated(),
            Self::All(parts) => parts
                .iter()
                .fold(Self::ALWAYS, |whole, part| whole.and(part.ordinary())),
            Self::Any(parts) => Self::any(parts.iter().map(Self::ordinary).collect()),
            other => other.clone(),
        }
    }

    pub fn names_features(&self) -> bool {
        !self.features().is_empty()
    }

    fn visit<'a>(&'a self, on: &mut dyn FnMut(&'a Self)) {
        on(self);
        match self {
            Self::Not(inner) => inner.visit(on),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.visit(on)),
            _ => {}
        }
    }
}

/// `any` is decided by a true part, `all` by a false one.
fn decide(parts: &[Cfg], world: &World<'_>, by: bool) -> Option<bool> {
    let mut unknown = false;
    for part in parts {
        match part.value(world) {
            Some(value) if value == by => return Some(by),
            Some(_) => {}
            None => unknown = true,
        }
    }
    (!unknown).then_some(!by)
}

impl fmt::Display for Cfg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, name: &str, parts: &[Self]| {
            write!(f, "{name}(")?;
            for (index, part) in parts.iter().enumerate() {
                let comma = if index > 0 { ", " } else { "" };
                write!(f, "{comma}{part}")?;
            }
            write!(f, ")")
        };
        match self {
            Self::Const(value) => write!(f, "{value}"),
            Self::Feature(name) => write!(f, "feature = \"{name}\""),
            Self::Other(name, None) => write!(f, "{name}"),
            Self::Other(name, Some(value)) => write!(f, "{name} = \"{value}\""),
            Self::Not(inner) => write!(f, "not({inner})"),
            Self::All(parts) => list(f, "all", parts),
            Self::Any(parts) => list(f, "any", parts),
        }
    }
}

/// What is known when a condition is asked for its value.
#[derive(Debug, Clone, Copy)]
pub struct World<'a> {
    /// The features of the crate that are on.
    pub features: &'a BTreeSet<String>,
    /// What holds for the platform that is built for; none where any platform counts.
    pub platform: Option<&'a Platform>,
    /// What the crate's build script and RUSTFLAGS set; none where that is not known.
    pub flags: Option<&'a Flags>,
}

/// Conditions with their values, as `cargo::rustc-cfg` and `--cfg` set them.
pub type Flags = BTreeSet<(String, Option<String>)>;

/// Reads `name` or `name="value"`.
pub fn flag(text: &str) -> (String, Option<String>) {
    match text.split_once('=') {
        Some((name, value)) => {
            let value = value.trim().trim_matches('"').to_owned();
            (name.trim().to_owned(), Some(value))
        }
        None => (text.trim().to_owned(), None),
    }
}

/// The output of `rustc --print cfg`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Platform {
    holds: Flags,
}

/// Conditions that the compiler itself sets, and so are false where it does not print them.
const OF_COMPILER: &[&str] = &[
    "debug_assertions",
    "fmt_debug",
    "overflow_checks",
    "panic",
    "proc_macro",
    "relocation_model",
    "sanitize",
    "ub_checks",
    "unix",
    "windows",
];

/// What others set on purpose and an ordinary build does not have.
const OF_SPECIAL_BUILDS: &[&str] = &[
    "clippy", "doc", "docsrs", "doctest", "fuzzing", "kani", "loom", "miri", "rustfmt", "test",
];

impl Platform {
    /// Reads what `rustc --print cfg` printed.
    pub fn parse(printed: &str) -> Self {
        Self {
            holds: printed.lines().map(flag).collect(),
        }
    }

    fn holds(&self, name: &str, value: Option<&str>) -> bool {
        self.holds
            .contains(&(name.to_owned(), value.map(str::to_owned)))
    }
}

impl World<'_> {
    fn other(&self, name: &str, value: Option<&str>) -> Option<bool> {
        let of_platform = OF_COMPILER.contains(&name) || name.starts_with("target_");
        match self.platform {
            _ if OF_SPECIAL_BUILDS.contains(&name) => Some(false),
            Some(platform) if of_platform => Some(platform.holds(name, value)),
            None if of_platform => None,
            _ => {
                let flags = self.flags?;
                Some(flags.contains(&(name.to_owned(), value.map(str::to_owned))))
            }
        }
    }
}

/// The text of a string literal, without what an escape could mean: no feature has one.
pub(crate) fn string_value(literal: &str) -> Option<String> {
    let raw = literal.trim_start_matches('r').trim_matches('#');
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    Some(inner.to_owned())
}

/// The parts between top-level commas; a trailing comma adds none.
pub(crate) fn split_commas(tokens: &[TokenTree]) -> Vec<&[TokenTree]> {
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(p) if p.as_char() == ',');
    let mut parts: Vec<&[TokenTree]> = tokens.split(is_comma).collect();
    if parts.last().is_some_and(|last| last.is_empty()) {
        parts.pop();
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cfg(text: &str) -> Cfg {
        let tokens: proc_macro2::TokenStream = text.parse().unwrap();
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        Cfg::parse(&tokens).unwrap()
    }

    fn value(text: &str, features: &[&str]) -> Option<bool> {
        let features = features.iter().map(|f| (*f).to_owned()).collect();
        let platform = Platform::parse("unix\ntarget_os=\"linux\"\npanic=\"unwind\"\n");
        cfg(text).value(&World {
            features: &features,
            platform: Some(&platform),
            flags: None,
        })
    }

    #[test]
    fn conditions_have_three_values() {
        assert_eq!(value("feature = \"a\"", &["a"]), Some(true));
        assert_eq!(
            value("all(unix, not(feature = \"a\"))", &["a"]),
            Some(false)
        );
        assert_eq!(value("any(windows, feature = r#\"a\"#,)", &[]), Some(false));
        assert_eq!(value("all(tokio_unstable, feature = \"a\")", &["a"]), None);
        assert_eq!(
            value("all(tokio_unstable, feature = \"a\")", &[]),
            Some(false)
        );
        assert_eq!(value("any(tokio_unstable, unix)", &[]), Some(true));
        assert_eq!(
            value("any(target_os = \"macos\", loom, test)", &[]),
            Some(false)
        );
        assert_eq!(value("not(any())", &[]), Some(true));
        assert_eq!(value("all()", &[]), Some(true));
        let (features, flags) = (BTreeSet::new(), Flags::from([flag("mine=\"x\"")]));
        let anywhere = World {
            features: &features,
            platform: None,
            flags: Some(&flags),
        };
        assert_eq!(cfg("windows").value(&anywhere), None);
        assert_eq!(cfg("mine").value(&anywhere), Some(false));
        assert_eq!(cfg("mine = \"x\"").value(&anywhere), Some(true));
    }

    #[test]
    fn what_is_written_is_kept_simple() {
        assert_eq!(
            cfg("all(feature = \"a\", all(unix, feature = \"a\"))").to_string(),
            "all(feature = \"a\", unix)"
        );
        assert_eq!(cfg("not(not(unix))").to_string(), "unix");
        assert_eq!(cfg("any(all(), x)"), Cfg::ALWAYS);
        assert_eq!(cfg("all(x, y, not(x))"), Cfg::Const(false));
        assert_eq!(
            cfg("any(all(test, feature = \"a\"), all(not(docsrs), unix))").ordinary(),
            cfg("unix")
        );
        let features = cfg("any(feature = \"b\", not(feature = \"a\"))");
        assert_eq!(
            features.features().into_iter().collect::<Vec<_>>(),
            ["a", "b"]
        );
    }
}
