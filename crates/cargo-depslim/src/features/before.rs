//! The project as it is: its programs, and what can become part of one.

use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::linked;

use super::graph::Graph;
use super::liveness::Linked;
use super::programs::Programs;

/// What the build of the project as it is made, read at once: later builds write over it.
#[derive(Debug)]
pub struct Before {
    pub programs: Programs,
    /// The functions that are part of programs, or can become part of one through a library of the
    /// workspace; none where some cannot be told.
    pub linked: Option<Linked>,
    /// Why something cannot be told.
    pub notes: Vec<String>,
}

impl Before {
    pub fn of(programs: Programs, graph: &Graph) -> Self {
        let mut notes = Vec::new();
        let linked = linked(&programs, graph, &mut notes);
        Self {
            programs,
            linked,
            notes,
        }
    }

    /// Whether every program can be held against one of another build.
    pub fn is_comparable(&self) -> bool {
        self.programs.dark.is_empty() && !self.programs.by_target.is_empty()
    }
}

fn linked(built: &Programs, graph: &Graph, notes: &mut Vec<String>) -> Option<Linked> {
    if let Some(dark) = built.dark.first() {
        notes.push(dark.clone());
        return None;
    }
    let is_own = |id: &String| graph.packages.iter().any(|p| p.is_member && p.id == *id);
    let (own, others): (Vec<_>, Vec<_>) = built.libraries.iter().partition(|(id, _)| is_own(id));
    let programs = built.by_target.values();
    if own.is_empty() {
        return Some(Linked::of(programs));
    }
    match linked::reachable(&paths(&own), &paths(&others)) {
        Ok(of_libraries) => Some(Linked::of(programs.chain([&of_libraries]))),
        Err(error) => {
            notes.push(error.to_string());
            None
        }
    }
}

fn paths<'a>(libraries: &[&'a (String, Utf8PathBuf)]) -> Vec<&'a Utf8Path> {
    libraries.iter().map(|(_, path)| path.as_path()).collect()
}
