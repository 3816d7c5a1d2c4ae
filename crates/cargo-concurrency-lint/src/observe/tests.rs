//! What the source observer tells of small functions.

use super::of_text::{function, program};
use crate::facts::{By, Function, GuardEnd, LoopKind, Origin, TouchKind, Use};

fn paths(function: &Function) -> Vec<&str> {
    function
        .calls
        .iter()
        .map(|call| call.callee.path.as_str())
        .collect()
}

#[test]
fn calls_have_absolute_paths() {
    let facts = program(
        "use std::{fs, sync::{Arc, Mutex as M}}; use tokio::io::AsyncReadExt;\n\
         struct S { client: reqwest::Client, state: Arc<M<Vec<u32>>> }\n\
         impl S { fn new() -> Self { S { client: reqwest::Client::new(), state: Arc::default() } }\n\
           fn len(&self) -> usize { self.state.lock().unwrap().len() } }\n\
         type Shared = Arc<S>;\n\
         async fn f(s: Shared, mut t: tokio::net::TcpStream) {\n\
           let text = fs::read_to_string(\"a\")?; s.len(); let other = S::new(); other.len();\n\
           s.client.get(\"u\").header(\"a\", \"b\").send().await?;\n\
           t.read_exact(&mut [0; 4]).await; helper(|x| x.sleep()) }\n\
         fn helper(f: impl Fn(u32)) { std::thread::sleep(d) }",
    );
    assert_eq!(
        paths(function(&facts, "f")),
        [
            "std::fs::read_to_string",
            "app::S::len",
            "app::S::new",
            "app::S::len",
            "reqwest::Client::get",
            "reqwest::RequestBuilder::header",
            "reqwest::RequestBuilder::send",
            "tokio::io::AsyncReadExt::read_exact",
            "",
            "app::helper",
        ]
    );
    assert_eq!(
        paths(function(&facts, "len")),
        ["std::sync::Mutex::lock", "std::vec::Vec::len"]
    );
}

/// For each guard its name, how many awaits it is held across, and how it ends.
fn guards(text: &str) -> Vec<(String, usize, &'static str)> {
    let text = format!(
        "use std::sync::Mutex; use parking_lot::RwLock; use std::cell::RefCell;\n\
         struct S {{ m: Mutex<Vec<u32>>, r: RwLock<u32>, c: RefCell<u32>, t: tokio::sync::Mutex<u32> }}\n\
         struct Held<'a> {{ g: std::sync::MutexGuard<'a, u32> }}\n\
         async fn go() {{}}\nimpl S {{ async fn f(&self, q: bool) {{ {text} }} }}"
    );
    let facts = program(&text);
    let function = function(&facts, "f");
    let guards = function.guards.iter().map(|guard| {
        let end = match guard.end {
            GuardEnd::Scope => "scope",
            GuardEnd::Dropped(_) => "dropped",
            GuardEnd::Moved(_) => "moved",
            GuardEnd::Statement => "statement",
        };
        (
            guard.name.clone().unwrap_or_default(),
            guard.held_across.len(),
            end,
        )
    });
    guards.collect()
}

fn named(name: &str, held: usize, end: &'static str) -> (String, usize, &'static str) {
    (name.to_owned(), held, end)
}

#[test]
fn a_named_guard_lives_to_the_end_of_its_block() {
    assert_eq!(
        guards(
            "let g = self.m.lock().unwrap(); go().await; { let h = self.r.read(); } go().await;"
        ),
        [named("g", 2, "scope"), named("h", 0, "scope")]
    );
    assert_eq!(guards("let g = self.t.lock().await; go().await;"), []);
}

#[test]
fn drop_ends_it_also_after_a_borrow() {
    assert_eq!(
        guards("let mut g = self.m.lock().unwrap(); g.push(1); drop(g); go().await;"),
        [named("g", 0, "dropped")]
    );
    assert_eq!(
        guards("let g = self.m.lock().unwrap(); let h = g; take(h); go().await;"),
        [named("h", 0, "moved")]
    );
}

#[test]
fn one_branch_that_drops_it_is_not_enough() {
    assert_eq!(
        guards("let g = self.m.lock().unwrap(); if q { drop(g); } go().await;"),
        [named("g", 1, "dropped")]
    );
    assert_eq!(
        guards("let g = self.m.lock().unwrap(); if q { drop(g); } else { drop(g); } go().await;"),
        [named("g", 0, "dropped")]
    );
    assert_eq!(
        guards("let g = self.m.lock().unwrap(); if q { return; } else { drop(g); } go().await;"),
        [named("g", 0, "dropped")]
    );
}

#[test]
fn a_temporary_lives_to_the_end_of_its_statement() {
    assert_eq!(
        guards("let n = self.m.lock().unwrap().len(); go().await;"),
        [named("", 0, "statement")]
    );
    assert_eq!(
        guards("send(self.m.lock().unwrap().len()).await;"),
        [named("", 1, "statement")]
    );
    assert_eq!(
        guards(
            "match self.m.lock().unwrap().pop() { Some(x) => go().await, None => {} } go().await;"
        ),
        [named("", 1, "statement")]
    );
    assert_eq!(
        guards("if self.m.lock().unwrap().is_empty() { go().await; }"),
        [named("", 0, "statement")]
    );
    assert_eq!(
        guards("if let Some(x) = self.m.lock().unwrap().pop() { go().await; }"),
        [named("", 1, "statement")]
    );
    assert_eq!(
        guards("let v = { let g = self.m.lock().unwrap(); g.len() }; go().await;"),
        [named("g", 0, "scope")]
    );
}

#[test]
fn a_guard_may_hide_in_a_struct_or_an_option() {
    assert_eq!(
        guards("let h = Held { g: self.m.lock().unwrap() }; go().await;"),
        [named("h", 1, "scope")]
    );
    assert_eq!(
        guards("let h = if q { Some(self.m.lock().unwrap()) } else { None }; go().await;"),
        [named("h", 1, "scope")]
    );
    assert_eq!(
        guards("if let Ok(g) = self.m.try_lock() { go().await; }"),
        [named("g", 1, "scope")]
    );
    assert_eq!(
        guards("let f = async { let g = self.c.borrow_mut(); go().await; }; go().await;"),
        [named("g", 1, "scope")]
    );
}

#[test]
fn results_go_somewhere() {
    let facts = program(
        "async fn f() { tokio::spawn(a()); let _ = tokio::spawn(b()); let h = tokio::spawn(c());\n\
         tokio::time::timeout(d, e()).await; x(tokio::spawn(g())); h.await?; i()?.j(); k() }",
    );
    let function = function(&facts, "f");
    let goes = |name: &str| {
        let mut calls = function.calls.iter();
        calls.find(|call| call.callee.name == name).unwrap().goes
    };
    assert!(matches!(goes("a"), Use::Argument(_, 0)));
    assert!(matches!(goes("e"), Use::Argument(_, 1)));
    assert!(matches!(goes("timeout"), Use::Awaited(_)));
    assert!(matches!(goes("i"), Use::Receiver(_)));
    assert!(matches!(goes("k"), Use::Returned));
    let spawns: Vec<_> = function
        .calls
        .iter()
        .filter(|call| call.callee.path == "tokio::spawn")
        .map(|call| call.goes)
        .collect();
    assert!(
        matches!(
            spawns[..],
            [
                Use::Ignored,
                Use::Discarded,
                Use::Bound(_),
                Use::Argument(_, 0)
            ]
        ),
        "{spawns:?}"
    );
    assert!(function.awaits[1].tried, "the handle's outcome is tried");
}

#[test]
fn loops_and_variables_are_told() {
    let facts = program(
        "const N: usize = 8;\nasync fn f(urls: Vec<String>, out: &mut Vec<u32>) {\n\
         for url in &urls { let n = get(url).await; out.push(n); if n > 3 { break; } }\n\
         while let Some(x) = rx.recv().await { for i in 0..N { go(x, i).await; } } }",
    );
    let function = function(&facts, "f");
    let [first, second, third] = &function.loops[..] else {
        panic!("{:?}", function.loops)
    };
    assert!(first.leaves && !second.leaves);
    let LoopKind::For(binds, over) = &first.kind else {
        panic!("{first:?}")
    };
    assert_eq!(function[binds[0]].name, "url");
    assert_eq!(over.by, By::Ref);
    assert_eq!(function[binds[0]].ty.path, "std::string::String");
    assert!(matches!(second.kind, LoopKind::WhileLet(..)));
    let LoopKind::For(_, over) = &third.kind else {
        panic!("{third:?}")
    };
    let Origin::Range { to, .. } = &over.origin else {
        panic!("{over:?}")
    };
    assert_eq!(to.as_ref().unwrap().number(), Some(8));
    let out = function
        .locals
        .iter()
        .find(|local| local.name == "out")
        .unwrap();
    assert!(out.mutable);
    assert_eq!(out.touches[0].kind, TouchKind::Changed);
}
