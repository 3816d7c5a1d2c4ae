//! The compiler's facts: MIR from the user's own compiler.
//!
//! `cargo check` runs in a target directory of its own with this program as its rustc wrapper
//! ([`compile`]). The wrapper has rustc print each crate's MIR, reads it at once into a summary that lies
//! beside the crate's metadata, and deletes the text. What cargo finds fresh has its summary already,
//! so a second run on unchanged code costs cargo's own look and the reading of the summaries.

use anyhow::Result;
use pitcrew_core::cargo::BuildEvent;
use pitcrew_core::session::Session;

use crate::calls::{Source, World, chains, walk};
use crate::ecosystem::Ecosystem;
use crate::facts::{Compiled, Crate};

pub mod compile;
mod facts;
mod flags;
mod order;
mod places;
pub mod quiet;
mod run;
pub mod tables;
mod types;
mod units;

pub use compile::compile;
pub use run::{Check, Checked, Unavailable, check};
pub use units::{Unit, Units};

/// What the compiler knows.
#[derive(Debug, Clone, Default)]
pub struct Deep {
    /// To be laid over the source's facts.
    pub compiled: Compiled,
    /// What the user should know: crates that could not be read, lines that were not understood.
    pub notices: Vec<String>,
    /// What was done.
    pub effort: Effort,
}

/// What a run took.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Effort {
    /// Seconds in cargo.
    pub cargo_s: f64,
    /// Crates that were compiled now.
    pub compiled: usize,
    /// Bytes of MIR that the summaries stand for.
    pub mir_bytes: u64,
    /// Functions that were followed, once for each set of types.
    pub followed: usize,
}

/// Asks the compiler. `crates` are those of the source's facts. An outer error ends the command
/// (Ctrl-C); with an inner one the source's facts must do.
pub fn facts(
    session: &Session,
    check: &Check,
    ecosystem: &Ecosystem,
    crates: &[Crate],
    progress: &mut dyn FnMut(&BuildEvent),
) -> Result<Result<Deep, Unavailable>> {
    let checked = match run::check(session, check, progress)? {
        Ok(checked) => checked,
        Err(unavailable) => return Ok(Err(unavailable)),
    };
    let units = &checked.units;
    let sources: Vec<Source<'_>> = units
        .units
        .iter()
        .map(|unit| Source {
            stem: &unit.stem,
            summary: &unit.summary,
        })
        .collect();
    let world = World::new(&sources);
    let graph = walk(&world, &tables::Tables::new(ecosystem));
    let chains = chains(&world, &graph);
    let adapter = facts::Adapter::new(&world, units, session.root(), crates);
    let compiled = adapter.facts(&graph, &chains);
    Ok(Ok(Deep {
        compiled,
        notices: notices(&checked, graph.cut),
        effort: Effort {
            cargo_s: checked.wall_s,
            compiled: checked.compiled,
            mir_bytes: checked.bytes,
            followed: graph.nodes.len(),
        },
    }))
}

fn notices(checked: &Checked, cut: bool) -> Vec<String> {
    let mut notices = Vec::new();
    let missing = &checked.units.missing;
    if !missing.is_empty() {
        let names = missing.iter().filter_map(|path| path.file_stem());
        let names: Vec<&str> = names.collect();
        notices.push(format!(
            "the compiler gave no MIR for {}: of these only the source is known",
            names.join(", ")
        ));
    }
    let unread = &checked.unread;
    if unread.lines + unread.bodies > 0 {
        let example = unread.examples.first().map_or("", String::as_str);
        notices.push(format!(
            "{} lines and {} functions of the compiler's MIR were not understood, such as `{}`",
            unread.lines,
            unread.bodies,
            example.trim()
        ));
    }
    if cut {
        notices.push(
            "there are more calls than can be followed: some ways to blocking calls are not seen"
                .to_owned(),
        );
    }
    notices
}
