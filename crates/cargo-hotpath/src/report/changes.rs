//! `diff`: what takes more time than before, and what less.

use std::io::Write;

use anyhow::Result;
use pitcrew_core::cli::Out;
use pitcrew_core::render::Format;
use pitcrew_core::style::{Palette, printable};
use serde_json::json;

use super::figures;
use crate::analyse::changes::{Change, Changes};
use crate::args::DiffArgs;
use crate::names::{fit, short};

pub fn write(changes: &Changes, args: &DiffArgs, out: &mut Out<'_>) -> Result<()> {
    if args.output.format == Format::Json {
        return machine(changes, out);
    }
    let palette = out.stdout_palette();
    let weight = |weight| figures::weight(weight, changes.unit);
    writeln!(
        out.stdout,
        "{}",
        palette.heading(format!(
            "{} to {} ({})",
            weight(changes.base_weight),
            weight(changes.new_weight),
            relative(changes.base_weight, changes.new_weight)
        ))
    )?;
    let rounds = match changes.rounds {
        1 => String::new(),
        rounds => format!(", means of {rounds} recordings"),
    };
    writeln!(
        out.stdout,
        "own time before, after, change, and change of the share in points{rounds}; ~ may be chance"
    )?;
    rows(changes, args.top, out.width, palette, out.stdout)
}

/// The table of functions.
pub fn rows(
    changes: &Changes,
    top: usize,
    width: usize,
    palette: Palette,
    out: &mut dyn Write,
) -> Result<()> {
    let weight = |weight| figures::weight(weight, changes.unit);
    for change in changes.rows.iter().take(top) {
        let points = (change.new_share.share - change.base_share.share) * 100.0;
        let figures = format!(
            "{:>9} {:>9} {:>9} {points:>+6.1}",
            weight(change.base),
            weight(change.new),
            relative(change.base, change.new)
        );
        let mark = if change.significant { ' ' } else { '~' };
        let line = format!("{figures} {mark} ");
        let room = width.saturating_sub(line.chars().count()).max(20);
        let name = fit(&short(&change.name), room);
        let line = format!("{line}{}", printable(&name));
        let line = match (change.significant, change.new > change.base) {
            (false, _) => palette.dim(line),
            (true, true) => palette.bad(line),
            (true, false) => palette.good(line),
        };
        writeln!(out, "{line}")?;
    }
    Ok(())
}

pub fn relative(base: u64, new: u64) -> String {
    if base == 0 {
        return "new".to_owned();
    }
    let percent = (new as f64 / base as f64 - 1.0) * 100.0;
    format!("{percent:+.1} %")
}

fn machine(changes: &Changes, out: &mut Out<'_>) -> Result<()> {
    let row = |change: &Change| {
        json!({
            "name": change.name,
            "base": change.base,
            "new": change.new,
            "base_share": change.base_share,
            "new_share": change.new_share,
            "significant": change.significant,
        })
    };
    let rows: Vec<_> = changes.rows.iter().map(row).collect();
    let report = json!({
        "schema": 1,
        "tool": "cargo-hotpath",
        "version": env!("CARGO_PKG_VERSION"),
        "findings": [],
        "summary": {
            "base_weight": changes.base_weight,
            "new_weight": changes.new_weight,
            "unit": changes.unit,
            "recordings": changes.rounds,
            "functions": rows,
        },
    });
    writeln!(out.stdout, "{report:#}")?;
    Ok(())
}
