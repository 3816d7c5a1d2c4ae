//! The paths of functions as MIR writes them: `std::fs::read_to_string::<&str>`,
//! `std::vec::Vec::<u32>::push`, `<State as Store>::get`, `db::<impl at src/db.rs:1:1: 2:2>::new`.

use super::lex::{closing, find, segments};
use super::ty::{Type, arguments};

/// A path, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path<'a> {
    /// `<T as Trait>` in front: the type and the trait.
    pub of: Option<(&'a str, &'a str)>,
    /// The segments that are names, arguments left out; behind [`of`](Self::of) only what follows it.
    pub names: Vec<&'a str>,
    /// The arguments behind the last name.
    pub arguments: Option<&'a str>,
    /// The arguments behind the name before it: those of a method's type.
    pub on: Option<&'a str>,
}

impl<'a> Path<'a> {
    pub fn read(text: &'a str) -> Self {
        let mut path = Self {
            of: None,
            names: Vec::new(),
            arguments: None,
            on: None,
        };
        for (index, segment) in segments(text).into_iter().enumerate() {
            if !segment.starts_with('<') {
                path.on = path.arguments.take();
                // In a type the arguments follow without `::`.
                let end = find(segment, "<").unwrap_or(segment.len());
                path.names.push(&segment[..end]);
                path.arguments = inner(&segment[end..]);
            } else if index == 0 && path.of.is_none() {
                path.of = qualified(segment);
            } else if !segment.starts_with("<impl ") {
                path.arguments = inner(segment);
            }
        }
        path
    }

    /// The function's own name.
    pub fn name(&self) -> &'a str {
        self.names.last().copied().unwrap_or_default()
    }

    /// Without arguments; a trait's method behind the trait: `std::io::Read::read`.
    pub fn plain(&self) -> String {
        let names = self.names.join("::");
        match self.of {
            Some((_, of)) => format!("{}::{names}", Self::read(of).plain()),
            None => names,
        }
    }

    /// The last name of the type that the method belongs to, or of the module.
    pub fn owner(&self) -> Option<&'a str> {
        self.names.iter().rev().nth(1).copied()
    }

    pub fn generics(&self) -> Vec<Type> {
        self.arguments
            .map(|text| arguments(text, 0))
            .unwrap_or_default()
    }
}

/// `T` and `Trait` of `<T as Trait>`.
fn qualified(segment: &str) -> Option<(&str, &str)> {
    let within = inner(segment)?;
    let at = find(within, " as ")?;
    Some((&within[..at], &within[at + 4..]))
}

fn inner(segment: &str) -> Option<&str> {
    segment.get(1..closing(segment, 0)? - 1)
}

/// The place in `<impl at src/db.rs:1:1: 2:2>`.
pub fn impl_place(path: &str) -> Option<&str> {
    let start = path.find("<impl at ")? + "<impl at ".len();
    let end = path[start..].find('>')?;
    Some(&path[start..start + end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_a_method_and_a_traits_method() {
        let function = Path::read("std::fs::read_to_string::<&str>");
        assert_eq!(function.plain(), "std::fs::read_to_string");
        assert_eq!(function.generics(), [Type::read("&str")]);
        let method = Path::read("std::sync::Mutex::<State>::lock");
        assert_eq!(method.plain(), "std::sync::Mutex::lock");
        assert_eq!(method.on, Some("State"));
        assert_eq!(method.owner(), Some("Mutex"));
        assert!(method.generics().is_empty());
        let of = Path::read("<std::io::BufReader<F> as std::io::BufRead>::lines");
        assert_eq!(of.of, Some(("std::io::BufReader<F>", "std::io::BufRead")));
        assert_eq!(of.plain(), "std::io::BufRead::lines");
        let generic = Path::read("<T as Into<fn() -> U>>::into::<A>");
        assert_eq!(generic.plain(), "Into::into");
        assert_eq!(generic.arguments, Some("A"));
    }

    #[test]
    fn implementations_have_no_name() {
        let text = "db::<impl at src/a b.rs:1:1: 2:2>::new::{closure#0}";
        let path = Path::read(text);
        assert_eq!(path.plain(), "db::new::{closure#0}");
        assert_eq!(impl_place(text), Some("src/a b.rs:1:1: 2:2"));
        assert_eq!(
            Path::read("std::array::<impl [u32; 2]>::map::<F>").plain(),
            "std::array::map"
        );
        let first = Path::read("<impl at src/a.rs:1:1: 2:2>::go");
        assert_eq!((first.of, first.name()), (None, "go"));
    }

    #[test]
    fn nothing_makes_it_panic() {
        for text in [
            "",
            "<",
            "<>",
            "::",
            "a::<",
            "<T as >::x",
            "<impl at",
            "é::<é>",
        ] {
            let path = Path::read(text);
            path.plain();
            path.generics();
            impl_place(text);
        }
    }
}
