//! Types as rustc prints them.

use super::*;

fn path(path: &str, args: Vec<Type>) -> Type {
    Type::Path {
        path: path.to_owned(),
        args,
    }
}

fn reference(to: Type) -> Type {
    Type::Ref {
        mutable: false,
        to: Box::new(to),
    }
}

#[test]
fn paths_keep_their_types_and_lose_lifetimes_and_constants() {
    assert_eq!(
        Type::read("std::sync::MutexGuard<'_, State>"),
        path("std::sync::MutexGuard", vec![path("State", vec![])])
    );
    assert_eq!(
        Type::read("a::Buffer<u8, 16, { N }>"),
        path(
            "a::Buffer",
            vec![path("u8", vec![]), Type::Body("{ N }".to_owned())]
        )
    );
    assert_eq!(Type::read("u32"), path("u32", vec![]));
}

#[test]
fn references_tuples_slices() {
    let u8 = || path("u8", vec![]);
    assert_eq!(
        Type::read("&'a [u8; 4]"),
        reference(Type::Array(Box::new(u8())))
    );
    assert_eq!(Type::read("[u8]"), Type::Slice(Box::new(u8())));
    assert_eq!(
        Type::read("*const u8"),
        reference(u8()),
        "a pointer is as good as a reference here"
    );
    assert_eq!(
        Type::read("(u8, (u8,))"),
        Type::Tuple(vec![u8(), Type::Tuple(vec![u8()])])
    );
    assert_eq!(Type::read("()"), Type::Tuple(vec![]));
    let mutable = Type::read("&'{erased} mut T");
    assert!(matches!(mutable, Type::Ref { mutable: true, .. }));
}

#[test]
fn trait_objects_and_functions() {
    let object = Type::read("&(dyn std::io::Read + std::marker::Send + 'static)");
    assert_eq!(
        object.behind_refs(),
        &Type::Dyn {
            path: "std::io::Read".to_owned(),
            args: vec![]
        }
    );
    let closure = Type::read("std::boxed::Box<dyn for<'a> std::ops::Fn(&'a u32) -> u32>");
    assert_eq!(closure.args()[0].path(), Some("std::ops::Fn"));
    let unit = || Box::new(Type::Tuple(vec![]));
    assert_eq!(
        Type::read("for<'a> fn(&'a T) {a::f::<T>}"),
        Type::Fn {
            path: Some("a::f::<T>".to_owned()),
            output: unit()
        }
    );
    assert_eq!(
        Type::read("unsafe extern \"C\" fn(u32)"),
        Type::Fn {
            path: None,
            output: unit()
        }
    );
    let coroutine = Type::read("fn() -> {async fn body of a()} {a}");
    let Type::Fn { path, output } = coroutine else {
        panic!("{coroutine:?}")
    };
    assert_eq!(path.as_deref(), Some("a"));
    assert_eq!(*output, Type::Body("{async fn body of a()}".to_owned()));
}

#[test]
fn bodies_are_kept_as_they_are_printed() {
    let text = "{closure@/a (b)/c.rs:1:2: 3:4}";
    let boxed = format!("std::boxed::Box<{text}>");
    assert_eq!(Type::read(&boxed).args(), [Type::Body(text.to_owned())]);
}

#[test]
fn projections_are_other_types() {
    let text = "<T as std::iter::Iterator>::Item";
    assert_eq!(Type::read(text), Type::Other(text.to_owned()));
    let within = Type::read("a::<impl at src/a.rs:1:1: 2:2>::f::Inner<T>");
    assert_eq!(
        within.path(),
        Some("a::<impl at src/a.rs:1:1: 2:2>::f::Inner")
    );
    assert_eq!(within.args(), [path("T", vec![])]);
}

#[test]
fn nothing_makes_it_panic() {
    for text in [
        "", "&", "*", "(", "[", "<", "fn(", "dyn ", "impl ", "a<", "a::<", ">", "for<'a>", "&'a",
        "[;", "é<'é>", "(,)", "fn() ->", "{", "'",
    ] {
        Type::read(text);
    }
    Type::read(&"&".repeat(10_000));
    Type::read(&"a<".repeat(10_000));
}
