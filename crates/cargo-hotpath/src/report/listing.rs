//! `list` and `peek`: one function, line by line or with its neighbours.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::{Result, bail};
use pitcrew_core::style::{Palette, printable};
use regex::Regex;

use super::Sources;
use super::figures::{self, percent};
use super::human::fit_code;
use crate::analyse::totals::Row;
use crate::analyse::{Share, View, lines, neighbours, totals};
use crate::names::{fit, short};
use crate::profile::FileId;

/// One question about the functions that match a pattern.
pub struct Question<'a> {
    pub view: &'a View<'a>,
    pub pattern: &'a Regex,
    pub top: usize,
    pub palette: Palette,
    pub width: usize,
}

impl Question<'_> {
    /// The matching functions that were on a stack, the most time first.
    fn groups(&self) -> Result<Vec<u32>> {
        let matching = self.view.matching(self.pattern);
        let rows = totals::by_function(self.view);
        let mut seen: Vec<&Row<u32>> = rows
            .iter()
            .filter(|row| matching.contains(&row.key))
            .collect();
        seen.sort_by_key(|row| std::cmp::Reverse(row.total));
        if seen.is_empty() {
            bail!(
                "no function of this profile matches `{}`; `cargo hotpath show` lists the hottest",
                self.pattern
            );
        }
        Ok(seen.iter().map(|row| row.key).collect())
    }

    fn percent(&self, weight: u64) -> String {
        percent(Share::of(weight, self.view.weight(), self.view.count()).share)
    }

    /// The source around each line of the functions that took time.
    pub fn list(&self, sources: &Sources<'_>, out: &mut dyn Write) -> Result<()> {
        for group in self.groups()?.into_iter().take(self.top) {
            let rows = lines::of_functions(self.view, &[group]);
            let name = printable(&self.view.groups[group as usize].name).into_owned();
            writeln!(out, "{}", self.palette.heading(name))?;
            let mut by_file: BTreeMap<FileId, Vec<&Row<lines::Line>>> = BTreeMap::new();
            for row in &rows {
                by_file.entry(row.key.0).or_default().push(row);
            }
            if by_file.is_empty() {
                writeln!(out, "  no line of it is known: it has no debug information")?;
            }
            for (file, rows) in by_file {
                self.file(file, &rows, sources, out)?;
            }
            writeln!(out)?;
        }
        Ok(())
    }

    fn file(
        &self,
        file: FileId,
        rows: &[&Row<lines::Line>],
        sources: &Sources<'_>,
        out: &mut dyn Write,
    ) -> Result<()> {
        let path = self.view.profile.path(Some(file)).unwrap_or_default();
        writeln!(
            out,
            "{}",
            self.palette.code(printable(&sources.shortened(path)))
        )?;
        writeln!(out, "{}", self.palette.dim("    own   total   line"))?;
        let text = sources.text(path);
        let source: Vec<&str> = text
            .as_deref()
            .map_or_else(Vec::new, |text| text.lines().collect());
        let weights: BTreeMap<u32, (u64, u64)> = rows
            .iter()
            .map(|row| (row.key.1, (row.own, row.total)))
            .collect();
        let mut previous = None;
        for line in shown_lines(&weights, source.len()) {
            if previous.is_some_and(|previous| line > previous + 1) {
                writeln!(out, "{}", self.palette.dim("      ⋮"))?;
            }
            previous = Some(line);
            let code = source.get(line as usize - 1).copied().unwrap_or_default();
            let code = fit_code(code, self.width.saturating_sub(23));
            let (own, total) = match weights.get(&line) {
                Some((own, total)) => (self.percent(*own), self.percent(*total)),
                None => (String::new(), String::new()),
            };
            let figures = format!("{own:>7} {total:>7}");
            let figures = match weights.get(&line) {
                Some((own, _)) if *own * 20 > self.view.weight() => self.palette.bad(figures),
                _ => figures,
            };
            writeln!(out, "{figures} {line:>6} {}", printable(&code))?;
        }
        Ok(())
    }

    /// Callers above, the function, callees below.
    pub fn peek(&self, out: &mut dyn Write) -> Result<()> {
        let groups = self.groups()?;
        let found = neighbours::of(self.view, &groups);
        let name = |group: u32| {
            let name = short(&self.view.groups[group as usize].name);
            printable(&fit(&name, self.width.saturating_sub(12))).into_owned()
        };
        for (caller, weight) in found.callers.iter().take(self.top) {
            let caller = caller.map_or_else(|| "(nothing above it)".to_owned(), name);
            writeln!(out, "{:>9}  {caller}", self.percent(*weight))?;
        }
        for group in groups.iter().take(self.top) {
            writeln!(out, "  {}", self.palette.heading(name(*group)))?;
        }
        writeln!(
            out,
            "  {} with all it calls, {} own, {}",
            self.percent(found.total),
            self.percent(found.own),
            figures::weight(found.total, self.view.profile.about.unit)
        )?;
        for (callee, weight) in found.callees.iter().take(self.top) {
            writeln!(out, "{:>9}  {}", self.percent(*weight), name(*callee))?;
        }
        Ok(())
    }
}

/// Lines with time and what stands around them.
fn shown_lines(weights: &BTreeMap<u32, (u64, u64)>, length: usize) -> Vec<u32> {
    const AROUND: u32 = 2;
    let last = u32::try_from(length).unwrap_or(u32::MAX);
    let mut lines: Vec<u32> = weights
        .keys()
        .flat_map(|line| {
            let end = line.saturating_add(AROUND).min(last.max(*line));
            line.saturating_sub(AROUND).max(1)..=end
        })
        .collect();
    lines.sort_unstable();
    lines.dedup();
    lines
}
