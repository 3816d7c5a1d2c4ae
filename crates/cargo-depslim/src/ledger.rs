//! What each direct dependency costs, with what only it brings: rows for machines, a table for people.

use std::fmt::Write as _;

use pitcrew_core::render::count;
use serde::Serialize;

use crate::costs::{self, Makeup};
use crate::facts::Facts;

/// Rows of the table.
const MOST: usize = 8;

/// A direct dependency, with the packages that only it brings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    pub name: String,
    pub version: String,
    pub cpu_s: f64,
    /// Of the build's wall time, by the replay of the recording.
    pub wall_s: f64,
    pub crates: usize,
    /// Of machine code in the programs; none where none was linked.
    pub bytes: Option<u64>,
    #[serde(flatten)]
    pub makeup: Makeup,
}

/// All that the build at hand compiled for one direct dependency alone, the most expensive first.
pub fn rows(facts: &Facts) -> Vec<Row> {
    let Some(costs) = &facts.costs else {
        return Vec::new();
    };
    let alone = costs.direct.iter().filter(|d| !d.packages.is_empty());
    let mut rows: Vec<Row> = alone
        .map(|direct| Row {
            name: direct.name.clone(),
            version: direct.version.clone(),
            cpu_s: direct.cpu_s,
            wall_s: direct.wall_s,
            crates: direct.packages.len(),
            bytes: facts
                .features
                .as_ref()
                .filter(|outcome| !outcome.bytes.is_empty())
                .map(|outcome| costs::linked_bytes(direct, &outcome.bytes)),
            makeup: costs.makeup_of(direct),
        })
        .collect();
    rows.sort_by(|a, b| {
        b.cpu_s
            .total_cmp(&a.cpu_s)
            .then_with(|| a.name.cmp(&b.name))
    });
    rows
}

/// The rows that cost most; empty where nothing was compiled.
pub fn table(facts: &Facts) -> String {
    let (rows, mut out) = (rows(facts), String::new());
    let Some(costs) = facts.costs.as_ref().filter(|_| !rows.is_empty()) else {
        return out;
    };
    let shown = &rows[..rows.len().min(MOST)];
    let name = |row: &Row| format!("{} {}", row.name, row.version);
    let width = shown.iter().map(|row| name(row).len()).max().unwrap_or(0);
    let build = costs.where_found();
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "\ncost of dependencies, each with what only it brings, {build} ({:.1} s of CPU):",
        costs.total_s()
    );
    for row in shown {
        let bytes = row.bytes.filter(|bytes| *bytes > 0);
        let bytes = bytes.map_or(String::new(), |bytes| {
            format!(", {} kB in the programs", bytes.div_ceil(1000))
        });
        let _ = writeln!(
            out,
            "  {:width$} {:6.2} s of CPU, {}{bytes}, {}",
            name(row),
            row.cpu_s,
            count(row.crates as u64, "crate", "crates"),
            row.makeup.in_words()
        );
    }
    if rows.len() > shown.len() {
        let rest = rows.len() - shown.len();
        let _ = writeln!(out, "  and {rest} more: --format json has all");
    }
    out.push('\n');
    out
}
