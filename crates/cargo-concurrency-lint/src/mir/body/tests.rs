//! Functions as rustc prints them.

use super::*;
use crate::mir::place::Base;

const HELD: &str = "fn held::{closure#0}(_1: std::pin::Pin<&mut {async fn body of held()}>, _2: &mut std::task::Context<'_>) -> std::task::Poll<u32> {
    debug _task_context => _2;           // in scope 0 at a.rs:5:44: 9:2
    debug m => ((*_30).0: &std::sync::Mutex<State>); // in scope 0 at a.rs:5:19: 5:20
    let mut _0: std::task::Poll<u32>;    // return place in scope 0 at a.rs:5:44: 9:2
    let _3: &std::sync::Mutex<State>;    // in scope 0 at a.rs:5:19: 5:20
    scope 1 {
        debug m => _3;                   // in scope 1 at a.rs:5:19: 5:20
        let mut _4: std::sync::MutexGuard<'_, State>; // in scope 1 at a.rs:6:9: 6:14
        scope 2 {
            debug g => (((*_30) as variant#3).0: std::sync::MutexGuard<'_, State>); // in scope 2 at a.rs:6:9: 6:14
        }
    }

    bb0: {
        StorageLive(_3);                 // scope 0 at a.rs:5:19: 5:20
        _3 = copy ((*_30).0: &std::sync::Mutex<State>); // scope 0 at a.rs:5:19: 5:20
        _5 = std::sync::Mutex::<State>::lock(move _6) -> [return: bb2, unwind: bb24]; // scope 1 at a.rs:6:17: 6:25
                                         // mir::ConstOperand
                                         // + span: a.rs:6:19: 6:23
                                         // + const_: Const { ty: for<'a> fn(&'a std::sync::Mutex<State>) -> R {std::sync::Mutex::<State>::lock}, val: Value(std::sync::Mutex::<State>::lock) }
                                         // mir::ConstOperand
                                         // + span: a.rs:9:9: 9:9
    }

    bb2 (cleanup): {
        gibberish;                       // scope 0 at a.rs:5:19: 5:20
    }

    bb1: {
        return;                          // scope 0 at a.rs:9:2: 9:2
    }
";

#[test]
fn header_variables_and_blocks() {
    let body = Body::read(HELD).unwrap();
    assert_eq!(body.path, "held::{closure#0}");
    assert_eq!(body.params.len(), 2);
    assert_eq!(body.params[1], "&mut std::task::Context<'_>");
    assert_eq!(body.output, "std::task::Poll<u32>");
    assert_eq!(body.local(4), "std::sync::MutexGuard<'_, State>");
    assert_eq!(body.local(99), "");
    let names: Vec<&str> = body.variables.iter().map(|v| v.name).collect();
    assert_eq!(names, ["_task_context", "m", "m", "g"]);
    assert_eq!(body.variables[3].place.base, Base::Saved(3, 0));
    assert_eq!(body.blocks.len(), 3);
    assert!(body.blocks[2].cleanup && body.unread.is_empty());
    assert_eq!(body.blocks[0].statements.len(), 1);
    assert_eq!(body.blocks[1].end.as_ref().unwrap().0, Terminator::Return);
}

#[test]
fn the_name_that_is_called_has_a_place() {
    let body = Body::read(HELD).unwrap();
    let block = body.block(0).unwrap();
    assert_eq!(block.name.unwrap().lines.start(), (6, 19));
    assert!(block.signature.unwrap().starts_with("for<'a> fn(&'a "));
    let (_, span) = block.end.as_ref().unwrap();
    assert_eq!(span.unwrap().file, "a.rs");
    assert_eq!(span.unwrap().lines.end(), (6, 25));
}

#[test]
fn a_string_that_looks_like_a_comment_stays_one() {
    let line = r#"_0 = const "a; // scope 3 at b";    // scope 0 at b.rs:4:75: 4:92"#;
    let (text, span) = without_comment(line);
    assert_eq!(text, r#"_0 = const "a; // scope 3 at b""#);
    assert_eq!(span.unwrap().lines.line, 4);
}

#[test]
fn what_is_not_understood_is_counted() {
    let text = "fn f() -> () {\n    bb0: {\n        frobnicate everything; // scope 0 at a.rs:1:1: 1:1\n        return;\n    }\n";
    let body = Body::read(text).unwrap();
    assert_eq!(body.unread.len(), 1);
    assert_eq!(Body::read("fn \n"), None);
    assert_eq!(Body::read(""), None);
}
