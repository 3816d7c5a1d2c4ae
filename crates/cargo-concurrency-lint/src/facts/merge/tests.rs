//! Hand-made facts of both observers about one small function.

use super::*;
use crate::facts::{Await, Body, By, Callee, Local, Origin, Outside, Step};

fn span(file: u32, start: (u32, u32), end: (u32, u32)) -> Span {
    let pos = |(line, column)| Pos { line, column };
    Span {
        file: FileId(file),
        start: pos(start),
        end: pos(end),
    }
}

fn file(path: &str) -> File {
    File {
        path: path.into(),
        text: "text".to_owned(),
        ..File::default()
    }
}

fn call(name: Span, path: &str) -> Call {
    Call {
        name,
        span: name,
        callee: Callee {
            path: path.to_owned(),
            name: path.rsplit("::").next().unwrap().to_owned(),
        },
        ..Call::default()
    }
}

/// `a.rs`, lines 1 to 9: a function with a closure on line 3.
fn source() -> Facts {
    let function = Function {
        path: "c::f".to_owned(),
        span: span(0, (1, 1), (9, 1)),
        bodies: vec![
            Body {
                span: span(0, (1, 10), (9, 1)),
                is_async: true,
                ..Body::default()
            },
            Body {
                span: span(0, (3, 5), (3, 30)),
                parent: Some(BodyId(0)),
                ..Body::default()
            },
        ],
        locals: vec![Local {
            name: "g".to_owned(),
            span: span(0, (2, 9), (2, 10)),
            ..Local::default()
        }],
        calls: vec![
            Call {
                form: Form::Method,
                receiver: Some(Value {
                    origin: Origin::Local(crate::facts::LocalId(0)),
                    ..Value::default()
                }),
                ..call(span(0, (4, 7), (4, 11)), "lock")
            },
            Call {
                form: Form::Macro,
                ..call(span(0, (5, 1), (5, 6)), "my::join")
            },
        ],
        awaits: vec![Await {
            dot: span(0, (6, 8), (6, 13)),
            ..Await::default()
        }],
        guards: vec![Guard {
            name: Some("guessed".to_owned()),
            ..Guard::default()
        }],
        ..Function::default()
    };
    Facts {
        files: vec![file("a.rs")],
        functions: vec![function],
        ..Facts::default()
    }
}

/// The compiler names its files in another order.
fn compiled(function: Function) -> Facts {
    Facts {
        files: vec![file("/elsewhere/macros.rs"), file("a.rs")],
        functions: vec![function],
        outside: [(
            "d::f".to_owned(),
            Outside {
                chain: vec![Step {
                    path: "std::fs::read".to_owned(),
                    at: None,
                    note: None,
                }],
                row: 0,
            },
        )]
        .into(),
        compiled: ["c".to_owned()].into(),
        ..Facts::default()
    }
}

fn body(span: Span) -> Body {
    Body {
        span,
        ..Body::default()
    }
}

#[test]
fn paths_types_and_guards_are_the_compilers() {
    let mut facts = source();
    let lock = call(span(1, (4, 7), (4, 11)), "std::sync::Mutex::lock");
    let theirs = Function {
        bodies: vec![Body {
            size: Some(512),
            ..body(span(1, (1, 12), (9, 1)))
        }],
        locals: vec![Local {
            span: span(1, (2, 5), (2, 10)),
            ty: Ty::new("std::sync::MutexGuard"),
            ..Local::default()
        }],
        calls: vec![
            Call {
                args: vec![Value {
                    ty: Ty::new("std::sync::Mutex").by(By::Ref),
                    ..Value::default()
                }],
                ..lock
            },
            call(span(1, (5, 1), (5, 6)), "std::fs::read"),
            call(span(1, (3, 9), (3, 14)), "std::thread::sleep"),
        ],
        awaits: vec![Await {
            dot: span(1, (6, 8), (6, 13)),
            ..Await::default()
        }],
        guards: vec![Guard {
            taken: span(1, (4, 1), (4, 13)),
            held_across: vec![AwaitId(0)],
            ..Guard::default()
        }],
        ..Function::default()
    };
    deepen(&mut facts, compiled(theirs), &Ecosystem::load().unwrap());

    assert_eq!(facts.files.len(), 2, "a file that only the compiler names");
    assert_eq!(facts.files[1].text, "");
    assert!(facts.compiled.contains("c") && facts.outside.contains_key("d::f"));
    let [function] = &facts.functions[..] else {
        panic!("{:?}", facts.functions)
    };
    let paths: Vec<_> = function
        .calls
        .iter()
        .map(|call| &call.callee.path)
        .collect();
    assert_eq!(
        paths,
        [
            "std::sync::Mutex::lock",
            "my::join",
            "std::fs::read",
            "std::thread::sleep"
        ],
        "a macro keeps its path, and what it expands to is added"
    );
    assert_eq!(
        function.calls[0].receiver.as_ref().unwrap().ty.path,
        "std::sync::Mutex"
    );
    assert_eq!(function.calls[2].body, BodyId(0));
    assert_eq!(function.calls[3].body, BodyId(1), "within the closure");
    assert_eq!(function.bodies[0].size, Some(512));
    assert_eq!(function.locals[0].ty.path, "std::sync::MutexGuard");
    let [guard] = &function.guards[..] else {
        panic!("{:?}", function.guards)
    };
    assert_eq!(
        (guard.name.as_deref(), &guard.held_across[..]),
        (None, &[AwaitId(0)][..])
    );
    assert_eq!(guard.witness, Witness::Compiler);
}

#[test]
fn a_function_that_the_source_does_not_show_is_added() {
    let mut facts = source();
    let theirs = Function {
        path: "c::made_by_a_macro".to_owned(),
        bodies: vec![body(span(1, (50, 1), (51, 1)))],
        ..Function::default()
    };
    deepen(&mut facts, compiled(theirs), &Ecosystem::load().unwrap());
    assert_eq!(facts.functions.len(), 2);
    assert_eq!(
        facts.functions[1].bodies[0].span.file,
        FileId(0),
        "a.rs as we count"
    );
    assert_eq!(
        facts.functions[0].guards.len(),
        1,
        "the guess stands where nothing is known"
    );
}
