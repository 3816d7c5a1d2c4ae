//! `diff`: what takes more time than before, and what less.

use anyhow::Result;
use pitcrew_core::cli::Out;
use pitcrew_core::render::Format;
use pitcrew_core::style::printable;
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
    writeln!(
        out.stdout,
        "own time before, after, and change; ~ may be chance"
    )?;
    for change in changes.rows.iter().take(args.top) {
        let figures = format!(
            "{:>12} {:>12} {:>9}",
            weight(change.base),
            weight(change.new),
            relative(change.base, change.new)
        );
        let mark = if change.significant { ' ' } else { '~' };
        let line = format!("{figures} {mark} ");
        let room = out.width.saturating_sub(line.chars().count()).max(20);
        let name = fit(&short(&change.name), room);
        let line = format!("{line}{}", printable(&name));
        let line = match (change.significant, change.new > change.base) {
            (false, _) => palette.dim(line),
            (true, true) => palette.bad(line),
            (true, false) => palette.good(line),
        };
        writeln!(out.stdout, "{line}")?;
    }
    Ok(())
}

fn relative(base: u64, new: u64) -> String {
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
            "functions": rows,
        },
    });
    writeln!(out.stdout, "{report:#}")?;
    Ok(())
}
