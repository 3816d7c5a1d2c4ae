//! `cfg` predicates, as far as a scan must know them: whether code is for tests only, whether a build
//! need not see it, and which features it hangs on.

use pitcrew_core::source::lexer::{Kind, Token};

use super::tokens::{arguments, string};

/// What stands between code and its being compiled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gate {
    /// Only a build for tests sees it.
    pub test: bool,
    /// Anything else that a build need not meet.
    pub other: bool,
    /// A bit for each of the package's features that it names, as far as the bits go.
    pub features: u64,
}

impl Gate {
    pub const OTHER: Self = Self {
        test: false,
        other: true,
        features: 0,
    };

    /// Both must hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            test: self.test || other.test,
            other: self.other || other.other,
            features: self.features | other.features,
        }
    }

    /// Whether a build that includes tests need not see it.
    pub fn is_conditional(self) -> bool {
        self.other || self.features != 0
    }
}

/// The features of a package, for the bits of a gate.
#[derive(Debug, Clone, Default)]
pub struct FeatureBits {
    names: Vec<String>,
}

impl FeatureBits {
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        Self {
            names: names.into_iter().take(64).collect(),
        }
    }

    fn bit(&self, name: &str) -> u64 {
        match self.names.iter().position(|known| known == name) {
            Some(index) => 1 << index,
            None => 0,
        }
    }

    /// The names that the bits stand for.
    pub fn names_of(&self, bits: u64) -> impl Iterator<Item = &str> {
        let named = self.names.iter().enumerate();
        named
            .filter(move |(index, _)| bits & (1 << index) != 0)
            .map(|(_, name)| name.as_str())
    }
}

/// Reads the predicate between the parentheses of `cfg(…)`; adds the features that it names to
/// `named`.
pub fn read(predicate: &[Token<'_>], bits: &FeatureBits, named: &mut Vec<String>) -> Gate {
    match predicate {
        [token] if token.text == "test" => Gate {
            test: true,
            ..Gate::default()
        },
        [token] if token.text == "true" => Gate::default(),
        [name, eq, value] if name.text == "feature" && eq.kind == Kind::Punct(b'=') => {
            let value = string(*value).unwrap_or_default();
            let bit = bits.bit(&value);
            named.push(value);
            Gate {
                other: bit == 0,
                features: bit,
                test: false,
            }
        }
        [all, open, inside @ .., _] if all.text == "all" && open.kind == Kind::Punct(b'(') => {
            let parts = arguments(inside);
            parts.fold(Gate::default(), |gate, part| {
                gate.and(read(part, bits, named))
            })
        }
        // Under `any` and `not` no part is sure to hold, but its features bear on it.
        [word, open, inside @ .., _]
            if matches!(word.text, "any" | "not") && open.kind == Kind::Punct(b'(') =>
        {
            let parts = arguments(inside);
            let gate = parts.fold(Gate::OTHER, |gate, part| gate.and(read(part, bits, named)));
            Gate {
                test: false,
                ..gate
            }
        }
        _ => Gate::OTHER,
    }
}

#[cfg(test)]
mod tests {
    use pitcrew_core::source::lexer::lex;

    use super::*;

    fn gate(text: &str) -> (Gate, Vec<String>) {
        let bits = FeatureBits::new(["a", "b"].map(str::to_owned));
        let mut named = Vec::new();
        let gate = read(&lex(text).unwrap(), &bits, &mut named);
        (gate, named)
    }

    #[test]
    fn predicates_are_read() {
        assert_eq!(gate("true").0, Gate::default());
        assert!(gate("all(test, feature = \"a\")").0.test);
        assert_eq!(gate("all(test, feature = \"b\",)").0.features, 2);
        assert_eq!(gate("unix").0, Gate::OTHER);
        let (either, named) = gate("any(test, not(feature = \"c\"), feature = \"a\")");
        assert!(!either.test && either.other);
        assert_eq!((either.features, named), (1, vec!["c".into(), "a".into()]));
        assert_eq!(gate("target_os = \"linux\"").0, Gate::OTHER);
        assert_eq!(gate("").0, Gate::OTHER);
    }
}
