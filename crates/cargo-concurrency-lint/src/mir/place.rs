//! Places as MIR writes them: `_3`, `(*_1)`, `((_5 as Some).0: T)`, and the fields in which a
//! coroutine keeps what it needs after a suspension, `(((*_30) as variant#3).0: T)`.

use super::lex::closing;

/// What a place is a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Base {
    Local(u32),
    /// A variable of a coroutine that is kept across a suspension: the first state that keeps it, and
    /// its number there. Each kept variable has one such name in the whole body.
    Saved(u32, u32),
}

/// A step from a place to a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step<'a> {
    Deref,
    Field(u32),
    /// As this variant of an enum.
    Variant(&'a str),
    Index,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<'a> {
    pub base: Base,
    pub steps: Vec<Step<'a>>,
    /// The type of the last field that was stepped into, which MIR prints.
    pub ty: Option<&'a str>,
}

/// Deeper than any compiler prints.
const DEEPEST: usize = 64;

impl<'a> Place<'a> {
    pub fn local(number: u32) -> Self {
        Self {
            base: Base::Local(number),
            steps: Vec::new(),
            ty: None,
        }
    }

    /// The local itself, where the place is no part of one.
    pub fn as_local(&self) -> Option<u32> {
        match self.base {
            Base::Local(number) if self.steps.is_empty() => Some(number),
            _ => None,
        }
    }

    /// Reads the whole text.
    pub fn read(text: &'a str) -> Option<Self> {
        let (place, rest) = Self::prefix(text)?;
        rest.is_empty().then_some(place)
    }

    /// Reads a place at the start of a text; second, what follows.
    pub fn prefix(text: &'a str) -> Option<(Self, &'a str)> {
        prefix(text, 0)
    }
}

fn prefix(text: &str, depth: usize) -> Option<(Place<'_>, &str)> {
    if depth > DEEPEST {
        return None;
    }
    let (mut place, mut rest) = if text.starts_with('(') {
        let end = closing(text, 0)?;
        (parenthesised(text.get(1..end - 1)?, depth)?, &text[end..])
    } else {
        let (number, rest) = local(text)?;
        (Place::local(number), rest)
    };
    while rest.starts_with('[') {
        rest = &rest[closing(rest, 0)?..];
        place.steps.push(Step::Index);
        place.ty = None;
    }
    Some((place, rest))
}

/// `_3`, and what follows.
fn local(text: &str) -> Option<(u32, &str)> {
    let digits = text.strip_prefix('_')?;
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    Some((digits[..end].parse().ok()?, &digits[end..]))
}

/// `*P`, `P as Variant`, `P.0: T`.
fn parenthesised(text: &str, depth: usize) -> Option<Place<'_>> {
    if let Some(inner) = text.strip_prefix('*') {
        let (mut place, rest) = prefix(inner, depth + 1)?;
        place.steps.push(Step::Deref);
        place.ty = None;
        return rest.is_empty().then_some(place);
    }
    let (mut place, rest) = prefix(text, depth + 1)?;
    if let Some(variant) = rest.strip_prefix(" as ") {
        // A cast to another type, as of an opaque one, is no step.
        if !variant.contains([':', '<', ' ', '(', '{', '&']) {
            place.steps.push(Step::Variant(variant));
        }
        place.ty = None;
        return Some(place);
    }
    let (number, ty) = rest.strip_prefix('.')?.split_once(": ")?;
    let number: u32 = number.parse().ok()?;
    place.ty = Some(ty);
    match kept_in(&place.steps) {
        Some(state) => {
            place.base = Base::Saved(state, number);
            place.steps.clear();
        }
        None => place.steps.push(Step::Field(number)),
    }
    Some(place)
}

/// The state of the coroutine whose field is asked for.
fn kept_in(steps: &[Step<'_>]) -> Option<u32> {
    let Some(Step::Variant(name)) = steps.last() else {
        return None;
    };
    name.strip_prefix("variant#")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Place<'_> {
        Place::read(text).unwrap()
    }

    #[test]
    fn reads_locals_and_their_parts() {
        assert_eq!(read("_12").as_local(), Some(12));
        let place = read("((_5 as Some).0: std::vec::Vec<(A, B)>)");
        assert_eq!(place.base, Base::Local(5));
        assert_eq!(place.steps, [Step::Variant("Some"), Step::Field(0)]);
        assert_eq!(place.ty, Some("std::vec::Vec<(A, B)>"));
        assert_eq!(
            read("(*_3)[_7]").steps,
            [Step::Deref, Step::Index],
            "an index"
        );
        assert_eq!(read("_3[1 of 4]").steps, [Step::Index]);
        assert_eq!(
            read("((*((*_9).1: &T)).2: U)").steps,
            [Step::Deref, Step::Field(1), Step::Deref, Step::Field(2)]
        );
    }

    #[test]
    fn what_a_coroutine_keeps_is_a_variable_of_its_own() {
        let place = read("(((*_30) as variant#3).0: std::sync::MutexGuard<'_, State>)");
        assert_eq!(place.base, Base::Saved(3, 0));
        assert!(place.steps.is_empty());
        let part = read("((((*_30) as variant#4).2: (G, u32)).1: u32)");
        assert_eq!(part.base, Base::Saved(4, 2));
        assert_eq!(part.steps, [Step::Field(1)]);
        let older = read("(((*(_1.0: &mut {async fn body of a()})) as variant#3).1: T)");
        assert_eq!(older.base, Base::Saved(3, 1), "as older compilers print");
    }

    #[test]
    fn what_follows_is_handed_back() {
        let (place, rest) = Place::prefix("_3 as u32 (IntToInt)").unwrap();
        assert_eq!((place.as_local(), rest), (Some(3), " as u32 (IntToInt)"));
    }

    #[test]
    fn what_is_no_place_is_none() {
        for text in [
            "",
            "_",
            "_x",
            "(",
            "(_1",
            "(_1.x: T)",
            "((*_1)",
            "3",
            "(_1.0)",
        ] {
            assert_eq!(Place::read(text), None, "{text}");
        }
        let deep = format!("{}_1{}", "(*".repeat(500), ")".repeat(500));
        assert_eq!(Place::read(&deep), None);
    }
}
