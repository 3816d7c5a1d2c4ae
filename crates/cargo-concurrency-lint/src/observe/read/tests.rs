//! Sketches of small files.

use super::*;
use crate::observe::sketch::expr::{Inside, Kind, StatementKind};

fn sketch(text: &str) -> Module {
    read(text).unwrap()
}

#[test]
fn places_are_the_texts_own() {
    let module = sketch("async fn f() {\n    a::b(x).c::<T>(y)?.d.await;\n}\n");
    let function = &module.functions[0];
    assert!(function.is_async);
    assert_eq!(
        function.name_extent.start,
        Pos {
            line: 1,
            column: 10
        }
    );
    assert_eq!(function.extent.end, Pos { line: 3, column: 2 });
    let statement = &function.body.as_ref().unwrap().statements[0];
    assert_eq!(statement.extent.start, Pos { line: 2, column: 5 });
    assert_eq!(
        statement.extent.end,
        Pos {
            line: 2,
            column: 32
        }
    );
    let StatementKind::Expr(expr, true) = &statement.kind else {
        panic!("{statement:?}")
    };
    let Kind::Await(base, word) = &expr.kind else {
        panic!("{expr:?}")
    };
    assert_eq!(word.start.column, 26);
    let Kind::Field(tried, _) = &base.kind else {
        panic!("{base:?}")
    };
    let Kind::Try(method) = &tried.kind else {
        panic!("{tried:?}")
    };
    let Kind::Method(method) = &method.kind else {
        panic!("{method:?}")
    };
    assert_eq!((method.name.as_str(), method.generics.len()), ("c", 1));
    assert_eq!(method.name_extent.start.column, 13);
    assert_eq!(method.receiver.extent.start.column, 5);
}

#[test]
fn imports_are_told_apart() {
    let module = sketch("use a::{b, c as d, self, e::*};\npub use f::G as _;\n");
    let found: Vec<_> = module
        .uses
        .iter()
        .map(|import| (import.name.as_str(), import.path.join("::")))
        .collect();
    assert_eq!(
        found,
        [
            ("b", "a::b".to_owned()),
            ("d", "a::c".to_owned()),
            ("a", "a".to_owned()),
            ("", "a::e".to_owned()),
            ("_", "f::G".to_owned()),
        ]
    );
}

#[test]
fn test_code_is_marked() {
    let module = sketch(
        "#[tokio::test] async fn a() {}\n#[cfg(test)] mod t { fn b() {} }\n\
         #[cfg(all(test, unix))] fn c() {}\n#[cfg(not(test))] fn d() {}\n\
         #[cfg(any(test, feature = \"x\"))] fn e() {}\n\
         #[tokio::main(flavor = \"current_thread\")] async fn main() {}",
    );
    let tests: Vec<_> = module.functions.iter().map(|f| f.attributes.test).collect();
    assert_eq!(tests, [true, true, false, false, false]);
    assert!(module.modules[0].test);
    assert_eq!(
        module.functions[4].attributes.runtime,
        Some(crate::facts::Flavor::CurrentThread)
    );
}

fn inside(text: &str) -> Inside {
    let mut module = sketch(&format!("fn f() {{ {text} }}"));
    let mut block = module.functions.remove(0).body.unwrap();
    match block.statements.remove(0).kind {
        StatementKind::Expr(expr, _) => match expr.kind {
            Kind::Macro(call) => call.inside,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn selects_are_read_arm_by_arm() {
    let Inside::Select(select) = inside(
        "tokio::select! { biased; Some(x) = a.recv(), if open => { go(x) } _ = b => return,\n\
         r = &mut c => r?, else => break, }",
    ) else {
        panic!()
    };
    assert_eq!(select.arms.len(), 3);
    assert!(select.arms[0].condition.is_some() && select.otherwise.is_some());
    assert!(matches!(select.arms[1].handler.kind, Kind::Return(None)));
    assert!(matches!(select.arms[2].future.kind, Kind::Ref(true, _)));
}

#[test]
fn macros_of_expressions_are_read_inside() {
    let count = |text: &str| match inside(text) {
        Inside::Args(args) => args.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!(count("tokio::try_join!(a(), b(),);"), 2);
    assert_eq!(count("println!(\"{} {x}\", a.b(), x = 3);"), 3);
    assert_eq!(count("vec![a, b];"), 2);
    assert!(matches!(inside("vec![0u8; n];"), Inside::Repeat(..)));
    let Inside::Stream(block) = inside("stream! { for await x in y { yield x; } };") else {
        panic!()
    };
    assert_eq!(block.statements.len(), 1);
    assert!(matches!(
        inside("lazy! { static X: u32 => 3 };"),
        Inside::Unread
    ));
}

#[test]
fn a_broken_file_tells_its_place() {
    let broken = read("fn f() {\n    let = 3;\n}\n").unwrap_err();
    assert_eq!(broken.at, Pos { line: 2, column: 9 });
}
