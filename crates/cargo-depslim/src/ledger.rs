//! What each direct dependency costs, with what only it brings: rows for machines, a table for people.

use std::fmt::Write as _;

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
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "\ndirect dependencies, each with what only it brings\n{}: {:.1} s of CPU",
        costs.where_found(),
        costs.total_s()
    );
    let mut line = |cells: [String; 7]| {
        let [name, cpu, crates, bytes, lines, macros, scripts] = cells;
        let row = format!(
            "  {name:width$} {cpu:>8} {crates:>6} {bytes:>8} {lines:>7} {macros:>6} {scripts:>7}"
        );
        let _ = writeln!(out, "{}", row.trim_end());
    };
    line(
        [
            "", "CPU", "crates", "programs", "lines", "macros", "scripts",
        ]
        .map(str::to_owned),
    );
    let unless_none = |n: u64| match n {
        0 => String::new(),
        n => n.to_string(),
    };
    for row in shown {
        let kilobytes = row.bytes.filter(|bytes| *bytes > 0);
        line([
            name(row),
            format!("{:.2} s", row.cpu_s),
            row.crates.to_string(),
            kilobytes.map_or(String::new(), |bytes| {
                format!("{} kB", bytes.div_ceil(1000))
            }),
            row.makeup.lines.to_string(),
            unless_none(row.makeup.proc_macros.into()),
            unless_none(row.makeup.build_scripts.into()),
        ]);
    }
    if rows.len() > shown.len() {
        let rest = rows.len() - shown.len();
        let _ = writeln!(out, "  and {rest} more: --format json has all");
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::costs::Costs;
    use pitcrew_core::model::dominators::DirectDependency;

    #[test]
    fn the_table_keeps_to_eighty_columns() {
        let dependency = |name: &str, cpu_s: f64, packages: usize| DirectDependency {
            name: name.to_owned(),
            version: "0.3.17".to_owned(),
            cpu_s,
            packages: vec![format!("{name} 0.3.17"); packages],
            units: 1,
            duration_s: cpu_s,
            wall_s: cpu_s,
        };
        let costs = Costs {
            command: "cargo build --all-targets".to_owned(),
            quick_programs: true,
            direct: vec![
                dependency("tracing-subscriber", 11.306, 14),
                dependency("idle", 0.0, 0),
                dependency("atoi", 0.75, 1),
            ],
            packages: vec![("all".to_owned(), "1.0.0".to_owned(), 50.24)],
            makeup: [(
                "atoi 0.3.17".to_owned(),
                Makeup {
                    lines: 231_615,
                    build_scripts: 1,
                    proc_macros: 0,
                },
            )]
            .into(),
            ..Costs::default()
        };
        let facts = Facts {
            costs: Some(costs),
            ..Facts::default()
        };
        let table = table(&facts);
        assert!(table.lines().all(|line| line.len() <= 80), "{table}");
        let expected = "
direct dependencies, each with what only it brings
in `cargo build --all-targets` without debug information: 50.2 s of CPU
                                 CPU crates programs   lines macros scripts
  tracing-subscriber 0.3.17  11.31 s     14                0
  atoi 0.3.17                 0.75 s      1           231615              1

";
        assert_eq!(table, expected);
        assert_eq!(super::table(&Facts::default()), "");
    }
}
