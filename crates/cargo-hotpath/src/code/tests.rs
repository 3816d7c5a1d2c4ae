//! What is read of a source, on pieces of code that hot lines look like.

use super::*;

fn code(text: &str) -> Code {
    read(text).unwrap()
}

#[test]
fn calls_have_the_line_of_their_name() {
    let code = code(
        "fn f(v: &[u8]) {\n    let n = v\n        .iter()\n        .count();\n    g(&n);\n}\n",
    );
    let names = |line| -> Vec<String> {
        let calls = code.calls_at(line);
        calls.iter().map(|call| call.name.clone()).collect()
    };
    assert_eq!(names(3), ["iter"]);
    assert_eq!(names(4), ["count"]);
    assert_eq!(names(5), ["g"]);
    let count = code.call_at(4, |call| call.name == "count").unwrap();
    assert_eq!(count.text, "v.iter().count()");
    assert_eq!(count.root.as_deref(), Some("v"));
    assert_eq!(code.bindings[count.bound_to.unwrap()].name, "n");
    assert_eq!(
        code.call_at(3, |_| true).unwrap().then.as_deref(),
        Some("count")
    );
}

#[test]
fn what_stands_inside_of_macros_is_read() {
    let code = code(
        "fn f(a: &str) {\n    loop {\n        out.push_str(&format!(\"{a}\", b.clone()));\n    }\n}\n",
    );
    let format = code.call_at(3, |call| call.name == "format").unwrap();
    assert_eq!(format.argument_of.as_deref(), Some("push_str"));
    assert_eq!(format.names, ["a", "b"]);
    let clone = code.call_at(3, |call| call.name == "clone").unwrap();
    assert_eq!(clone.place.loops, [0]);
    assert_eq!(code.loops[0].kind, LoopKind::Endless);
}

#[test]
fn bindings_are_found_by_scope() {
    let code = code(
        "fn f() {\n    let mut a = Vec::new();\n    for x in 0..9 {\n        let a = String::new();\n        \
         g(&a);\n    }\n    a.push(1);\n}\n",
    );
    let place = code
        .call_at(7, |call| call.name == "push")
        .unwrap()
        .place
        .clone();
    let outer = code.binding("a", &place, 7).unwrap();
    assert_eq!(
        (outer.line, outer.value.as_deref()),
        (2, Some("Vec::new()"))
    );
    let inner = code
        .binding("a", &code.call_at(5, |_| true).unwrap().place, 5)
        .unwrap();
    assert_eq!(
        (inner.line, inner.ends, inner.place.loops.as_slice()),
        (4, 6, &[0][..])
    );
    let uses: Vec<_> = code
        .uses_of(outer)
        .map(|one| (one.line, one.kind.clone()))
        .collect();
    assert!(uses.contains(&(7, UseKind::Receiver("push".to_owned()))));
}

#[test]
fn what_a_loop_changes_is_not_invariant() {
    let code = code(
        "fn f(words: &[&str], query: &str, out: &mut String) {\n    let mut n = 0;\n    for w in words {\n        \
         n += 1;\n        g(query.to_lowercase(), w, n, out);\n    }\n}\n",
    );
    let call = code.call_at(5, |call| call.name == "to_lowercase").unwrap();
    let invariant = |name: &str| code.is_invariant(name, 0, 5, &call.place);
    assert!(invariant("query"));
    assert!(!invariant("w"), "bound by the loop");
    assert!(!invariant("n"), "changed by the loop");
    assert!(!invariant("out"), "may be changed by whoever has it");
}

#[test]
fn async_code_and_closures_that_may_block_are_known() {
    let code = code(
        "async fn f() {\n    std::fs::read(a);\n    spawn_blocking(|| std::fs::read(b));\n}\nfn g() {\n    \
         h(async { std::fs::read(c) });\n}\n",
    );
    let at = |text: &str| {
        let call = code.calls.iter().find(|call| call.text == text).unwrap();
        (call.place.is_async, call.place.may_block)
    };
    assert_eq!(at("std::fs::read(a)"), (true, false));
    assert_eq!(at("std::fs::read(b)"), (true, true));
    assert_eq!(at("std::fs::read(c)"), (true, false));
}

#[test]
fn uses_tell_how() {
    let code = code(
        "fn f() {\n    let v = g();\n    for x in v {\n        t[v.len()] += *v;\n    }\n    h(v)\n}\n",
    );
    let binding = &code.bindings[0];
    let kinds: Vec<_> = code.uses_of(binding).map(|one| one.kind.clone()).collect();
    assert!(kinds.contains(&UseKind::Walked));
    assert!(kinds.contains(&UseKind::Read));
    assert!(kinds.contains(&UseKind::Moved));
}

#[test]
fn what_is_no_rust_is_no_code() {
    assert!(read("fn {").is_none());
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text in "(fn|let|for|x|\\{|\\}|\\(|\\)|;|=|\\.|é|\"| |\n){0,40}") {
        read(&text);
    }
}
