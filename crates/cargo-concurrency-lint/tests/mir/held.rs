//! What is held across each await of `fixtures/mir/held.rs`, compiled by the installed rustc.

use std::collections::BTreeMap;

use cargo_concurrency_lint::mir::body::Body;
use cargo_concurrency_lint::mir::guards::Shapes;
use cargo_concurrency_lint::mir::held::holding;

const SOURCE: &str = include_str!("../../fixtures/mir/held.rs");

/// By line, what is held at the await that stands there.
type Held = BTreeMap<u32, Vec<String>>;

/// What the comments say.
fn expected() -> Held {
    let mut held = Held::new();
    for (number, line) in (1..).zip(SOURCE.lines()) {
        if !line.contains(".await") || line.trim_start().starts_with("//") {
            continue;
        }
        let names = line.split_once("// holds ").map_or("", |(_, names)| names);
        let names = names.split(", ").filter(|name| !name.is_empty());
        held.insert(number, names.map(str::to_owned).collect());
    }
    held
}

fn found(edition: &'static str) -> Held {
    let bodies = crate::compiled::functions("held", SOURCE, edition);
    let bodies: Vec<Body<'_>> = bodies.iter().filter_map(|text| Body::read(text)).collect();
    let mut shapes = Shapes::default();
    bodies.iter().for_each(|body| shapes.learn(body));
    let mut held = Held::new();
    for body in &bodies {
        assert!(body.unread.is_empty(), "{:?}", body.unread);
        let holding = holding(body, &shapes);
        for suspension in &holding.suspensions {
            let line = suspension.span.unwrap().lines.line;
            let names = held.entry(line).or_default();
            for guard in &suspension.held {
                let guard = &holding.guards[*guard];
                let taken = guard.taken.as_ref().and_then(|taken| taken.span);
                assert!(taken.or(guard.bound).is_some(), "{line}: {guard:?}");
                names.push(guard.name.unwrap_or("_").to_owned());
            }
            names.sort();
            if body.path.contains("in_an_async_closure") {
                // One body for each way to call it.
                names.dedup();
            }
        }
    }
    held
}

fn check(edition: &'static str) {
    let (expected, found) = (expected(), found(edition));
    let mut wrong = Vec::new();
    for (line, names) in &expected {
        let found = found.get(line);
        if found != Some(names) {
            wrong.push(format!("line {line}: {names:?} expected, {found:?} found"));
        }
    }
    assert!(wrong.is_empty(), "{edition}:\n{}", wrong.join("\n"));
    assert!(expected.len() > 80, "the fixture is not what it was");
}

#[test]
fn what_is_held_in_edition_2024() {
    check("2024");
}

#[test]
fn what_is_held_in_edition_2021() {
    check("2021");
}
