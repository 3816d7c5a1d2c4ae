//! The chains of `fixtures/mir/chains.rs` and its dependency, compiled by the installed rustc.

use std::collections::BTreeMap;

use cargo_concurrency_lint::calls::{Source, World, chains, walk};
use cargo_concurrency_lint::ecosystem::Ecosystem;
use cargo_concurrency_lint::observe::deep::tables::Tables;

use crate::compiled::Compiler;

const DEP: &str = include_str!("../../fixtures/mir/dep.rs");
const APP: &str = include_str!("../../fixtures/mir/chains.rs");

/// By line, the paths of the calls.
type Found = BTreeMap<u32, String>;

fn expected() -> Found {
    let lines = (1..).zip(APP.lines());
    lines
        .filter(|(_, line)| !line.starts_with("//"))
        .filter_map(|(number, line)| {
            let (_, chain) = line.split_once("// blocks ")?;
            Some((number, chain.to_owned()))
        })
        .collect()
}

fn found() -> Found {
    let compiler = Compiler::new("2024");
    let dep = compiler.summary("dep", DEP, &[], false);
    let app = compiler.summary("chains", APP, &["dep"], true);
    let sources = [("dep", &dep), ("chains", &app)];
    let sources = sources.map(|(stem, summary)| Source { stem, summary });
    let world = World::new(&sources);
    let ecosystem = Ecosystem::load().unwrap();
    let graph = walk(&world, &Tables::new(&ecosystem));
    assert!(!graph.cut);
    let mut found = Found::new();
    for chain in chains(&world, &graph) {
        let first = &chain.steps[0];
        let paths: Vec<&str> = chain.steps.iter().map(|step| step.path.as_str()).collect();
        let line = first.name.or(first.place).unwrap().lines.line;
        let before = found.insert(line, paths.join(" > "));
        assert!(
            before.is_none_or(|before| before == paths.join(" > ")),
            "{line}"
        );
        assert!(chain.steps.iter().all(|step| step.place.is_some()));
    }
    found
}

#[test]
fn every_chain_is_found_and_no_other() {
    let (expected, found) = (expected(), found());
    let mut wrong = Vec::new();
    for (line, chain) in &expected {
        if found.get(line) != Some(chain) {
            wrong.push(format!(
                "line {line}: {chain} expected, {:?} found",
                found.get(line)
            ));
        }
    }
    for (line, chain) in &found {
        if !expected.contains_key(line) {
            wrong.push(format!("line {line}: nothing expected, {chain} found"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
