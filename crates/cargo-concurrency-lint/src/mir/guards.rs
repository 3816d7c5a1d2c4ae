//! Which types hold a lock or a borrow, and in which of their parts.
//!
//! Whether a type is a guard is told by its name, generously: whoever judges has the exact list. What a
//! struct of the crate holds is told by the values that the crate builds it from.

use std::collections::HashMap;

use super::body::Body;
use super::place::{Base, Step};
use super::statement::{Operand, Statement, Value};
use super::ty::{Type, last};

/// A part of a type that is a guard, and the guard's type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub steps: Vec<PartStep>,
    pub ty: String,
}

/// A step from a value to its part.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PartStep {
    Variant(String),
    Field(u32),
}

/// The fields that values of the crate's own types were seen to be built from.
#[derive(Debug, Default)]
pub struct Shapes {
    fields: HashMap<String, Vec<(Option<String>, u32, String)>>,
}

/// Parts of parts of parts.
const DEEPEST: u32 = 4;

/// Where what is behind a box or in a collection is held with it.
const CONTAINERS: &[&str] = &[
    "Box",
    "Pin",
    "Vec",
    "VecDeque",
    "ManuallyDrop",
    "Rc",
    "Arc",
    "RefCell",
    "Cell",
    "HashMap",
    "BTreeMap",
    "SmallVec",
    "ArrayVec",
    "Mutex",
];

/// Whether a value of this type holds a lock, a borrow, a permit or an entered span until it is
/// dropped.
pub fn is_guard(path: &str) -> bool {
    let name = last(path);
    name.ends_with("Guard")
        || name.ends_with("Permit")
        || matches!(
            name,
            "Ref" | "RefMut" | "RefMulti" | "RefMutMulti" | "AtomicRef" | "AtomicRefMut"
        )
        || matches!(name, "Entered" | "EnteredSpan") && path.starts_with("tracing::")
        || matches!(name, "Entry" | "OccupiedEntry" | "VacantEntry")
            && path.starts_with("dashmap::")
}

impl Shapes {
    /// Notes what the body builds.
    pub fn learn(&mut self, body: &Body<'_>) {
        for block in &body.blocks {
            for (statement, _) in &block.statements {
                if let Statement::Assign(to, Value::Aggregate(head, fields)) = statement
                    && to.steps.is_empty()
                    && !head.is_empty()
                    && *head != "[]"
                {
                    let ty = type_of(body, to.base, to.ty);
                    self.note(&ty, head, fields, body);
                }
            }
        }
    }

    fn note(&mut self, ty: &Type, head: &str, fields: &[Operand<'_>], body: &Body<'_>) {
        let standard = ty.path().is_some_and(|path| path.starts_with("std::"));
        if standard || fields.is_empty() {
            return;
        }
        let name = super::path::Path::read(head);
        let variant = ty
            .path()
            .filter(|path| last(path) != name.name())
            .map(|_| name.name().to_owned());
        let known = self.fields.entry(ty.key()).or_default();
        for (number, field) in (0..).zip(fields) {
            let seen = known.iter().any(|(v, n, _)| *v == variant && *n == number);
            let field = field.place().map(|place| match place.ty {
                Some(ty) if !place.steps.is_empty() || !matches!(place.base, Base::Local(_)) => ty,
                _ => place.as_local().map_or("", |local| body.local(local)),
            });
            if let Some(field) = field.filter(|ty| !seen && may_hold(ty)) {
                known.push((variant.clone(), number, field.to_owned()));
            }
        }
    }

    /// The parts of a type that are guards.
    pub fn parts(&self, ty: &Type) -> Vec<Part> {
        let mut parts = Vec::new();
        self.collect(ty, &mut Vec::new(), &mut parts, 0);
        parts
    }

    fn collect(&self, ty: &Type, at: &mut Vec<PartStep>, parts: &mut Vec<Part>, depth: u32) {
        if depth > DEEPEST {
            return;
        }
        let mut within = |step: &[PartStep], ty: &Type| {
            at.extend_from_slice(step);
            self.collect(ty, at, parts, depth + 1);
            at.truncate(at.len() - step.len());
        };
        match ty {
            Type::Path { path, .. } if is_guard(path) => parts.push(Part {
                steps: at.clone(),
                ty: ty.key(),
            }),
            Type::Path { path, args } => {
                let variants = variants(path);
                for (variant, arg) in variants.iter().zip(args) {
                    if let Some(variant) = variant {
                        let steps = [PartStep::Variant((*variant).to_owned()), PartStep::Field(0)];
                        within(&steps, arg);
                    }
                }
                if let Some(fields) = self.fields.get(&ty.key()) {
                    for (variant, number, field) in fields {
                        let variant = variant.clone().map(PartStep::Variant);
                        let steps: Vec<_> = variant
                            .into_iter()
                            .chain([PartStep::Field(*number)])
                            .collect();
                        within(&steps, &Type::read(field));
                    }
                } else if variants.is_empty()
                    && (CONTAINERS.contains(&last(path)) || !path.starts_with("std::"))
                {
                    for arg in args {
                        within(&[], arg);
                    }
                }
            }
            Type::Tuple(types) => {
                for (number, ty) in (0..).zip(types) {
                    within(&[PartStep::Field(number)], ty);
                }
            }
            Type::Slice(item) | Type::Array(item) => within(&[], item),
            // A closure holds what it was built from. So does a future that nobody has polled yet; in
            // the hands of others it is on its own.
            Type::Body(text) if depth == 0 || text.starts_with("{closure@") => {
                for (_, number, field) in self.fields.get(text).into_iter().flatten() {
                    within(&[PartStep::Field(*number)], &Type::read(field));
                }
            }
            _ => {}
        }
    }
}

/// The variants of an enum that hold its arguments, in the order of the arguments. An error that holds
/// the guard of a poisoned lock holds the lock for as long as nobody looks: that is no guard.
fn variants(path: &str) -> &'static [Option<&'static str>] {
    match path {
        "std::option::Option" => &[Some("Some")],
        "std::result::Result" => &[Some("Ok"), None],
        "std::task::Poll" => &[Some("Ready")],
        "std::ops::ControlFlow" => &[None, Some("Continue")],
        _ => &[],
    }
}

/// The numbers of the variants of std's enums: which one a switch goes to.
pub fn variant_number(path: &str, number: u128) -> Option<&'static str> {
    let names: [&str; 2] = match path {
        "std::option::Option" => ["None", "Some"],
        "std::result::Result" => ["Ok", "Err"],
        "std::task::Poll" => ["Ready", "Pending"],
        "std::ops::ControlFlow" => ["Continue", "Break"],
        _ => return None,
    };
    names.get(usize::try_from(number).ok()?).copied()
}

/// A quick look at a type's text: most types need not be read.
pub fn may_hold(ty: &str) -> bool {
    let words = [
        "Guard",
        "Permit",
        "Ref<",
        "RefMut<",
        "RefMulti<",
        "RefMutMulti<",
        "AtomicRef",
        "Entered",
        "Entry<",
        "{closure@",
    ];
    words.iter().any(|word| ty.contains(word)) || !(ty.is_empty() || is_plain(ty))
}

/// Primitives, references to anything, and strings hold nothing.
fn is_plain(ty: &str) -> bool {
    ty.starts_with('&')
        || ty.starts_with("std::string::")
        || ty.starts_with("std::fmt::")
        || !ty.contains([':', '<', '(', '{'])
            && ty.starts_with(|c: char| c.is_ascii_lowercase() || c == '!')
}

/// The type of a variable.
pub fn type_of(body: &Body<'_>, base: Base, printed: Option<&str>) -> Type {
    match (base, printed) {
        (Base::Local(number), _) => Type::read(body.local(number)),
        (Base::Saved(..), Some(ty)) => Type::read(ty),
        (Base::Saved(..), None) => Type::Other(String::new()),
    }
}

/// Whether a place's steps lead to the part, or to what the part is in, or into the part.
pub fn covers(place: &[Step<'_>], part: &[PartStep]) -> bool {
    place
        .iter()
        .zip(part)
        .all(|(place, part)| match (place, part) {
            (Step::Variant(place), PartStep::Variant(part)) => place == part,
            (Step::Field(place), PartStep::Field(part)) => place == part,
            // What is behind a pointer or in a collection is not told apart.
            (Step::Deref | Step::Index, _) => true,
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(ty: &str) -> Vec<Vec<PartStep>> {
        let parts = Shapes::default().parts(&Type::read(ty));
        parts.into_iter().map(|part| part.steps).collect()
    }

    #[test]
    fn guards_are_found_in_what_holds_them() {
        let some = || vec![PartStep::Variant("Some".to_owned()), PartStep::Field(0)];
        assert_eq!(parts("std::sync::MutexGuard<'_, u32>"), [vec![]]);
        assert_eq!(
            parts("std::option::Option<std::cell::RefMut<'_, u32>>"),
            [some()]
        );
        assert_eq!(
            parts("(u32, std::sync::MutexGuard<'_, u32>)"),
            [vec![PartStep::Field(1)]]
        );
        assert_eq!(
            parts("std::vec::Vec<parking_lot::MutexGuard<'_, u32>>"),
            [vec![]]
        );
        assert!(parts("&mut std::sync::MutexGuard<'_, u32>").is_empty());
        assert!(parts("std::sync::PoisonError<std::sync::MutexGuard<'_, u32>>").is_empty());
        assert!(parts("std::marker::PhantomData<std::sync::MutexGuard<'_, u32>>").is_empty());
        assert_eq!(
            parts("std::result::Result<std::sync::MutexGuard<'_, u32>, std::sync::PoisonError<std::sync::MutexGuard<'_, u32>>>").len(),
            1
        );
    }

    #[test]
    fn a_struct_holds_what_it_was_built_from() {
        let text = "fn f(_1: std::sync::MutexGuard<'_, u8>) -> () {\n    \
            let mut _2: a::S<'_>;\n    let mut _3: a::Outer<'_>;\n    let mut _4: a::E<'_>;\n    \
            bb0: {\n        _2 = a::S::<'_> { n: const 1_u8, g: move _1 };\n        \
            _3 = a::Outer::<'_>(move _2);\n        _4 = a::E::<'_>::Held(move _1);\n        return;\n    }\n";
        let body = Body::read(text).unwrap();
        let mut shapes = Shapes::default();
        shapes.learn(&body);
        let field = PartStep::Field;
        let steps = |ty: &str| shapes.parts(&Type::read(ty))[0].steps.clone();
        assert_eq!(steps("a::S<'a>"), [field(1)]);
        assert_eq!(steps("a::Outer<'_>"), [field(0), field(1)]);
        assert_eq!(
            steps("a::E<'_>"),
            [PartStep::Variant("Held".to_owned()), field(0)]
        );
    }

    #[test]
    fn a_part_is_reached_from_above_and_below() {
        let part = [PartStep::Variant("Some".to_owned()), PartStep::Field(0)];
        assert!(covers(&[], &part));
        assert!(covers(
            &[Step::Variant("Some"), Step::Field(0), Step::Field(3)],
            &part
        ));
        assert!(!covers(&[Step::Variant("None")], &part));
        assert!(!covers(&[Step::Variant("Some"), Step::Field(1)], &part));
    }
}
