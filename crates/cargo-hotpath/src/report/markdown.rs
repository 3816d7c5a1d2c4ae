//! The tables for a pull request's comment.

use std::io::Write;

use anyhow::Result;
use pitcrew_core::render::markdown::{cell, code, prose};

use super::Asked;
use super::figures::{self, with_interval};
use crate::analyse::totals;
use crate::analyse::{Share, View, lines};

pub fn write(view: &View<'_>, asked: &Asked, out: &mut dyn Write) -> Result<()> {
    let about = &view.profile.about;
    let share = |part| Share::of(part, view.weight(), view.count());
    writeln!(
        out,
        "### {}\n\n{}, {} samples of {}\n",
        code(&about.command),
        figures::weight(view.weight(), about.unit),
        figures::count(view.count()),
        prose(&about.event)
    )?;
    writeln!(
        out,
        "| own | total | crate | function |\n| --- | --- | --- | --- |"
    )?;
    for row in totals::by_function(view).iter().take(asked.top) {
        let group = &view.groups[row.key as usize];
        writeln!(
            out,
            "| {} | {} | {} | {} |",
            with_interval(&share(row.own)).trim(),
            figures::percent(share(row.total).share),
            cell(group.origin.name()),
            cell(&group.name)
        )?;
    }
    let yours = lines::yours(view);
    if !yours.is_empty() {
        writeln!(out, "\n| share | line |\n| --- | --- |")?;
    }
    for row in yours.iter().filter(|row| row.own > 0).take(asked.top) {
        let path = view.profile.path(Some(row.key.0)).unwrap_or_default();
        let place = format!("{path}:{}", row.key.1);
        writeln!(
            out,
            "| {} | {} |",
            with_interval(&share(row.own)).trim(),
            cell(&place)
        )?;
    }
    writeln!(out)?;
    Ok(())
}
