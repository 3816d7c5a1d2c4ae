//! The findings of another plugin by the time at their place, for people and for machines.

use std::io::Write;

use anyhow::Result;
use pitcrew_core::render::count;
use pitcrew_core::style::{Palette, printable};
use serde_json::{Value, json};

use super::figures;
use crate::analyse::Share;
use crate::analyse::heat::Hot;

/// Columns before a finding's text.
const INDENT: usize = 18;

/// What one report of another plugin says, ordered by heat.
pub struct Carried<'a> {
    pub tool: &'a str,
    pub hot: Vec<Hot<'a>>,
}

pub fn write(
    carried: &Carried<'_>,
    top: usize,
    (palette, width): (Palette, usize),
    out: &mut dyn Write,
) -> Result<()> {
    let title = format!(
        "Findings of {} by the time at their line and in the function around it",
        printable(carried.tool)
    );
    writeln!(out, "\n{}", palette.heading(title))?;
    let warm: Vec<&Hot<'_>> = carried
        .hot
        .iter()
        .filter(|hot| hot.around.share > 0.0)
        .collect();
    for hot in warm.iter().take(top) {
        let finding = hot.finding;
        let place = finding.location.as_ref().map_or_else(
            || finding.subject.clone(),
            |place| format!("{}:{}", place.path, place.line),
        );
        let shares = format!("{} {}", percent(&hot.line), percent(&hot.around));
        let (place, rule) = (palette.code(printable(&place)), printable(&finding.rule));
        writeln!(out, "{shares}  {place}  {rule}")?;
        let message = printable(&finding.message);
        for line in textwrap::wrap(&message, width.saturating_sub(INDENT).max(20)) {
            writeln!(out, "{:INDENT$}{line}", "")?;
        }
    }
    let more = warm.len().saturating_sub(top);
    if more > 0 {
        writeln!(
            out,
            "{more} more with time: `--top {}` shows them",
            warm.len()
        )?;
    }
    let cold = carried.hot.len() - warm.len();
    if cold > 0 {
        let findings = count(cold as u64, "finding", "findings");
        writeln!(
            out,
            "{}",
            palette.dim(format!("no sample at {findings}: cold in this run"))
        )?;
    }
    Ok(())
}

fn percent(share: &Share) -> String {
    format!("{:>7}", figures::percent(share.share))
}

/// For the JSON report's `summary.from`.
pub fn summary(carried: &[Carried<'_>]) -> Value {
    let reports = carried.iter().map(|carried| {
        let findings = carried.hot.iter().map(|hot| {
            json!({
                "rule": hot.finding.rule,
                "subject": hot.finding.subject,
                "message": hot.finding.message,
                "location": hot.finding.location,
                "line": hot.line,
                "around": hot.around,
            })
        });
        json!({ "tool": carried.tool, "findings": findings.collect::<Vec<_>>() })
    });
    reports.collect()
}
