//! `cfg` predicates, as far as a scan must know them: whether code is for tests only, whether a build
//! need not see it, and which features it hangs on.

use pitcrew_core::source::lexer::{Kind, Token};
use pitcrew_core::source::tokens::string;

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
/// `named`. One pass without recursion: nobody's code nests deep, but what is read may be anyone's.
pub fn read(predicate: &[Token<'_>], bits: &FeatureBits, named: &mut Vec<String>) -> Gate {
    // What is open, the outermost first, with what its parts came to so far.
    let mut open = vec![Open::All(Gate::default())];
    let mut rest = predicate;
    if rest.is_empty() {
        return Gate::OTHER;
    }
    while let [token, after @ ..] = rest {
        let combined = match after {
            [parenthesis, ..] if parenthesis.kind == Kind::Punct(b'(') => Open::by(token.text),
            _ => None,
        };
        rest = match (token.kind, combined) {
            (_, Some(combined)) => {
                open.push(combined);
                &after[1..]
            }
            (Kind::Punct(b','), None) => after,
            (Kind::Punct(b')'), None) => {
                close(&mut open);
                after
            }
            (_, None) => {
                let (part, after) = rest.split_at(simple(rest));
                add(&mut open, option(part, bits, named));
                after
            }
        };
    }
    while open.len() > 1 {
        close(&mut open);
    }
    open.pop().map_or(Gate::OTHER, Open::gate)
}

/// A combination whose parts are being read.
enum Open {
    All(Gate),
    /// No part is sure to hold, but its features bear on it.
    AnyOrNot(Gate),
}

impl Open {
    fn by(word: &str) -> Option<Self> {
        match word {
            "all" => Some(Self::All(Gate::default())),
            "any" | "not" => Some(Self::AnyOrNot(Gate::OTHER)),
            _ => None,
        }
    }

    fn gate(self) -> Gate {
        match self {
            Self::All(gate) => gate,
            Self::AnyOrNot(gate) => Gate {
                test: false,
                ..gate
            },
        }
    }
}

fn add(open: &mut [Open], part: Gate) {
    if let Some(Open::All(gate) | Open::AnyOrNot(gate)) = open.last_mut() {
        *gate = gate.and(part);
    }
}

/// Ends the innermost; a parenthesis too many ends nothing.
fn close(open: &mut Vec<Open>) {
    if open.len() > 1
        && let Some(closed) = open.pop()
    {
        add(open, closed.gate());
    }
}

/// How many tokens belong to the option that begins here, with whatever stands in brackets of its own.
fn simple(tokens: &[Token<'_>]) -> usize {
    let mut depth = 0_u32;
    let end = tokens.iter().position(|token| {
        match token.kind {
            Kind::Punct(b'(' | b'[' | b'{') => depth += 1,
            Kind::Punct(b')' | b']' | b'}') if depth == 0 => return true,
            Kind::Punct(b')' | b']' | b'}') => depth -= 1,
            Kind::Punct(b',') => return depth == 0,
            _ => {}
        }
        false
    });
    // A bracket of another kind that closes nothing is taken along, so that reading goes on.
    end.unwrap_or(tokens.len()).max(1)
}

fn option(tokens: &[Token<'_>], bits: &FeatureBits, named: &mut Vec<String>) -> Gate {
    match tokens {
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
        assert_eq!(gate("all()").0, Gate::default());
        assert_eq!(gate("any()").0, Gate::OTHER);
        assert_eq!(gate("version(\"1.90, 2\")").0, Gate::OTHER);
        let (both, named) =
            gate("all(not(test), any(all(test), feature = \"a\"), feature = \"b\")");
        assert_eq!((both.test, both.other, both.features), (false, true, 3));
        assert_eq!(named, ["a", "b"]);
        assert!(gate("all(all(all(test)))").0.test);
    }

    #[test]
    fn what_is_broken_or_deep_ends() {
        // What is missing or too much ends nothing that was open, and loses nothing that was named.
        let test = Gate {
            test: true,
            ..Gate::default()
        };
        for (text, expected) in [
            (")", Gate::default()),
            ("all(", Gate::default()),
            ("all(test", test),
            ("not(all(test", Gate::OTHER),
            ("test)))", test),
            ("a = ", Gate::OTHER),
            (",,", Gate::default()),
            ("all(]test)", test.and(Gate::OTHER)),
        ] {
            assert_eq!(gate(text).0, expected, "{text}");
        }
        let deep = 200_000;
        let text = format!(
            "{}feature = \"a\"{}",
            "not(all(".repeat(deep),
            "))".repeat(deep)
        );
        assert_eq!(gate(&text).0.features, 1);
    }
}
