//! Turns the world into [`Facts`](crate::facts::Facts). What the sources say is read here without a
//! build: every file once, side by side, into sketches; then the names of all of them together; then
//! each function's facts, side by side again. What the compiler knows ([`deep`]) is laid over it where
//! there is a build ([`workspace`]).

pub mod ahead;
pub mod changed;
mod declared;
pub mod deep;
mod digest;
mod files;
mod names;
mod read;
mod sketch;
mod targets;
mod tree;
pub mod workspace;

use std::mem::ManuallyDrop;

use anyhow::{Context as _, Result};
use camino::Utf8Path;
use pitcrew_core::source::nesting;
use rayon::ThreadPoolBuilder;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::ecosystem::Ecosystem;
use crate::facts::Facts;

use declared::Declared;
use digest::World;
use files::Sources;
use names::Names;

pub use targets::targets;
pub use tree::Target;
use tree::Tree;

/// The facts that the sources of `targets` hold, paths relative to `root`. Files that say that a program
/// wrote them are left out unless `generated`.
pub fn source(
    targets: &[Target],
    root: &Utf8Path,
    generated: bool,
    ecosystem: &Ecosystem,
) -> Result<Facts> {
    // As deep as anything nests that is read at all.
    let pool = ThreadPoolBuilder::new().stack_size(nesting::STACK).build();
    let pool = pool.context("cannot start threads")?;
    Ok(pool.install(|| {
        let sources = Sources::new(generated);
        sources.read(targets.iter().map(|target| target.root.as_path()));
        facts(targets, Tree::of(targets, root, sources), ecosystem)
    }))
}

fn facts(targets: &[Target], mut tree: Tree, ecosystem: &Ecosystem) -> Facts {
    // To give back each piece of a large workspace takes longer than most rules; the process ends soon.
    let names = ManuallyDrop::new(Names::new(&tree, targets, ecosystem));
    let declared = ManuallyDrop::new(Declared::new(&tree, &names, ecosystem));
    let modules = (0..tree.modules.len()).map(tree::ModuleId);
    let world = World {
        tree: &tree,
        declared: &declared,
        ecosystem,
        traits: modules.map(|id| names.imported_traits(id, &[])).collect(),
        kinds: targets.iter().map(|target| target.krate.kind).collect(),
    };
    let functions = declared
        .functions
        .par_iter()
        .map(|declaration| digest::digest(&world, declaration))
        .collect();
    let types = declared.types.clone();
    let facts = Facts {
        files: std::mem::take(&mut tree.files),
        crates: targets.iter().map(|target| target.krate.clone()).collect(),
        functions,
        types,
        unread: std::mem::take(&mut tree.unread),
        ..Facts::default()
    };
    std::mem::forget(tree);
    facts
}

#[cfg(test)]
pub mod of_text;
#[cfg(test)]
mod tests;
