//! Types, as far as they are known.

use serde::{Deserialize, Serialize};

use super::By;

/// A type: a plain path with its arguments. Lifetimes and constants are left out.
///
/// | type | `path` | `args` |
/// | --- | --- | --- |
/// | unknown, `_`, a generic parameter | `` | |
/// | `Arc<Mutex<u32>>` | `std::sync::Arc` | `std::sync::Mutex<u32>` |
/// | `(A, B)`, `()` | `()` | `A`, `B` |
/// | `[T]` | `[]` | `T` |
/// | `[T; 4]` | `[;]` | `T` |
/// | `dyn Read`, `impl Read`, `T: Read` | `std::io::Read` | |
/// | `impl Future<Output = T>`, an async function's future | `std::future::Future` | `T` |
/// | `impl Fn(A) -> R`, `fn(A) -> R` | `fn` | `R` |
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ty {
    pub path: String,
    pub args: Vec<Ty>,
    /// Whether it is behind a reference.
    pub by: By,
}

/// What a method call looks through to find its receiver.
const POINTERS: [&str; 7] = [
    "std::boxed::Box",
    "std::pin::Pin",
    "std::rc::Rc",
    "std::sync::Arc",
    "std::borrow::Cow",
    "std::sync::LazyLock",
    "std::sync::OnceLock",
];

impl Ty {
    pub fn unknown() -> Self {
        Self::default()
    }

    pub fn new(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            ..Self::default()
        }
    }

    #[must_use]
    pub fn with(mut self, args: impl IntoIterator<Item = Self>) -> Self {
        self.args.extend(args);
        self
    }

    #[must_use]
    pub fn by(mut self, by: By) -> Self {
        self.by = by;
        self
    }

    pub fn is_known(&self) -> bool {
        !self.path.is_empty()
    }

    pub fn is_unit(&self) -> bool {
        self.path == "()" && self.args.is_empty()
    }

    /// The type without references and smart pointers: what a method of it is looked up on.
    pub fn pointee(&self) -> &Self {
        match self.args.first() {
            Some(inner) if POINTERS.contains(&self.path.as_str()) => inner.pointee(),
            _ => self,
        }
    }

    /// The type itself and all its arguments', outermost first.
    pub fn walk(&self) -> Box<dyn Iterator<Item = &Self> + '_> {
        Box::new(std::iter::once(self).chain(self.args.iter().flat_map(Self::walk)))
    }

    /// Whether this path stands anywhere in it.
    pub fn mentions(&self, path: &str) -> bool {
        self.walk().any(|ty| ty.path == path)
    }

    /// What `?` or `unwrap` gives: the first argument of a `Result` or an `Option`.
    pub fn success(&self) -> Option<&Self> {
        let fallible = ["std::result::Result", "std::option::Option"];
        let is = fallible.contains(&self.path.as_str());
        is.then(|| self.args.first()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_sees_through_pointers() {
        let inner = Ty::new("std::sync::Mutex").with([Ty::new("u32")]);
        let ty = Ty::new("std::sync::Arc").with([inner.clone()]).by(By::Ref);
        assert_eq!(ty.pointee(), &inner);
        assert_eq!(inner.pointee(), &inner, "a mutex is not looked through");
        assert!(ty.mentions("u32") && !ty.mentions("u64"));
    }

    #[test]
    fn success_is_the_first_argument() {
        let ty = Ty::new("std::result::Result").with([Ty::new("u8"), Ty::new("E")]);
        assert_eq!(ty.success(), Some(&Ty::new("u8")));
        assert_eq!(Ty::unknown().success(), None);
    }
}
