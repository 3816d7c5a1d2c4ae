//! What each unit waited for, from the files that it was given.

use std::collections::{BTreeMap, HashMap};

use camino::{Utf8Path, Utf8PathBuf};

use super::assemble::{Node, Origin};
use super::{Needs, UnitDep, UnitKind};

/// Fills in the edges, and which units were built for the host.
pub(super) fn connect(nodes: &mut [Node], links_dirs: &[Utf8PathBuf]) {
    let files = by_file(nodes);
    let mut edges: Vec<BTreeMap<usize, Needs>> = (0..nodes.len())
        .map(|index| direct(nodes, index, &files))
        .collect();
    for (run, on) in links_edges(nodes, &edges, links_dirs) {
        edges[run].insert(on, Needs::End);
    }
    for index in 0..nodes.len() {
        if needs_upstream_objects(&nodes[index]) {
            for lib in libraries_below(nodes, &edges, index) {
                edges[index].insert(lib, Needs::End);
            }
        }
    }
    let for_target = for_target(nodes, &edges);
    for (index, (node, edges)) in nodes.iter_mut().zip(edges).enumerate() {
        node.unit.for_host = !for_target[index];
        node.unit.deps = edges
            .into_iter()
            .map(|(unit, needs)| UnitDep { unit, needs })
            .collect();
    }
}

/// The file that a compilation makes, without extension and without `lib`: what `--extern` names.
fn by_file(nodes: &[Node]) -> HashMap<Utf8PathBuf, usize> {
    let file = |node: &Node| match &node.origin {
        Origin::Rustc { args, .. } => {
            let name = format!("{}{}", args.crate_name.as_deref()?, args.extra_filename);
            Some(Utf8Path::new(args.out_dir.as_deref()?).join(name))
        }
        Origin::Script { .. } => None,
    };
    nodes
        .iter()
        .enumerate()
        .filter_map(|(index, node)| Some((file(node)?, index)))
        .collect()
}

/// What a unit was given: libraries, the output of its package's build script, the script itself.
fn direct(
    nodes: &[Node],
    index: usize,
    files: &HashMap<Utf8PathBuf, usize>,
) -> BTreeMap<usize, Needs> {
    let mut edges = BTreeMap::new();
    match &nodes[index].origin {
        Origin::Rustc { args, env } => {
            for one in &args.externs {
                let path = Utf8Path::new(&one.path);
                if let Some(unit) = made(path, files) {
                    // cargo names the metadata where it did not wait for the code.
                    let needs = if path.extension() == Some("rmeta") {
                        Needs::Metadata
                    } else {
                        Needs::End
                    };
                    let known = edges.entry(unit).or_insert(needs);
                    if needs == Needs::End {
                        *known = Needs::End;
                    }
                }
            }
            if let Some(out_dir) = env.get("OUT_DIR") {
                edges.extend(run_into(nodes, out_dir).map(|run| (run, Needs::End)));
            }
        }
        Origin::Script { program, .. } => {
            let script = nodes.iter().position(|node| node.is_program(program));
            edges.extend(script.map(|script| (script, Needs::End)));
        }
    }
    edges.remove(&index);
    edges
}

fn made(path: &Utf8Path, files: &HashMap<Utf8PathBuf, usize>) -> Option<usize> {
    let stem = path.file_stem()?;
    let plain = stem.strip_prefix("lib").unwrap_or(stem);
    let find = |name: &str| files.get(&path.with_file_name(name)).copied();
    find(plain).or_else(|| find(stem))
}

/// The run of a build script whose output is in `out_dir`.
fn run_into(nodes: &[Node], out_dir: &str) -> Option<usize> {
    nodes.iter().position(|node| match &node.origin {
        Origin::Script { out_dir: own, .. } => own == out_dir,
        Origin::Rustc { .. } => false,
    })
}

/// A build script is told what the scripts of its dependencies with `links` have found, and runs
/// after them.
fn links_edges(
    nodes: &[Node],
    edges: &[BTreeMap<usize, Needs>],
    links_dirs: &[Utf8PathBuf],
) -> Vec<(usize, usize)> {
    let own_run = |index: usize| {
        let is_run = |unit: &&usize| {
            nodes[**unit].unit.kind == UnitKind::RunBuildScript
                && nodes[**unit].unit.package == nodes[index].unit.package
        };
        edges[index].keys().find(is_run).copied()
    };
    let has_links = |index: usize| match &nodes[index].origin {
        Origin::Rustc { env, .. } => env
            .get("CARGO_MANIFEST_DIR")
            .is_some_and(|dir| links_dirs.iter().any(|links| links == dir)),
        Origin::Script { .. } => false,
    };
    let mut found = Vec::new();
    for index in 0..nodes.len() {
        // A test may depend on what the library does not, whose script the run did not wait for.
        if nodes[index].unit.profile.test || nodes[index].unit.kind == UnitKind::Example {
            continue;
        }
        let Some(run) = own_run(index) else { continue };
        let linked = edges[index].keys().copied().filter(|unit| has_links(*unit));
        found.extend(
            linked
                .filter_map(own_run)
                .filter(|on| *on != run)
                .map(|on| (run, on)),
        );
    }
    found
}

/// Whether the code of all libraries below goes into it.
fn needs_upstream_objects(node: &Node) -> bool {
    match &node.origin {
        Origin::Rustc { args, .. } => {
            args.links() || args.crate_types.iter().any(|kind| kind == "staticlib")
        }
        Origin::Script { .. } => false,
    }
}

/// All libraries that are reached through libraries.
fn libraries_below(nodes: &[Node], edges: &[BTreeMap<usize, Needs>], from: usize) -> Vec<usize> {
    let is_library =
        |unit: &usize| matches!(nodes[*unit].unit.kind, UnitKind::Lib | UnitKind::LinkedLib);
    let mut seen = vec![false; nodes.len()];
    let mut found = Vec::new();
    let mut next: Vec<usize> = edges[from].keys().copied().filter(is_library).collect();
    while let Some(unit) = next.pop() {
        if !std::mem::replace(&mut seen[unit], true) {
            found.push(unit);
            next.extend(edges[unit].keys().copied().filter(is_library));
        }
    }
    found
}

/// Which units were built for the target. With `--target` the command line says so; without, what
/// only build scripts and proc-macros need is the host's.
fn for_target(nodes: &[Node], edges: &[BTreeMap<usize, Needs>]) -> Vec<bool> {
    let on_host = |index: usize| {
        matches!(
            nodes[index].unit.kind,
            UnitKind::BuildScript | UnitKind::ProcMacro
        )
    };
    let has_target = |index: usize| match &nodes[index].origin {
        Origin::Rustc { args, .. } => args.target.is_some(),
        Origin::Script { .. } => false,
    };
    let asked_for = (0..nodes.len()).any(has_target);
    let mut needed = vec![false; nodes.len()];
    for unit in edges.iter().flat_map(BTreeMap::keys) {
        needed[*unit] = true;
    }
    let mut next: Vec<usize> = (0..nodes.len())
        .filter(|&index| {
            if asked_for {
                has_target(index)
            } else {
                !needed[index] && !on_host(index)
            }
        })
        .collect();
    let mut reached = vec![false; nodes.len()];
    while let Some(unit) = next.pop() {
        if !std::mem::replace(&mut reached[unit], true) {
            let stays = |dep: &usize| {
                let is_run = nodes[*dep].unit.kind == UnitKind::RunBuildScript;
                !on_host(*dep) && (!asked_for || has_target(*dep) || is_run)
            };
            next.extend(edges[unit].keys().copied().filter(stays));
        }
    }
    reached
}
