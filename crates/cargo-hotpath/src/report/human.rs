//! The report for a terminal: how much was seen and how well, then where the time went.

use std::io::Write;

use anyhow::Result;
use pitcrew_core::style::{Palette, printable};

use super::figures::{self, with_interval};
use super::remarks::remarks;
use super::{Asked, Sources, estimates};
use crate::analyse::totals::{self, Row};
use crate::analyse::tree::{self, Node};
use crate::analyse::{Share, View, lines};
use crate::args::By;
use crate::names::{fit, short};
use crate::profile::Unit;

/// What the tables of one report have in common.
pub struct Page<'a> {
    pub view: &'a View<'a>,
    pub asked: &'a Asked,
    pub sources: &'a Sources<'a>,
    pub palette: Palette,
    pub width: usize,
}

impl Page<'_> {
    pub fn write(&self, out: &mut dyn Write) -> Result<()> {
        self.head(out)?;
        estimates::write(&self.view.profile.about.estimates, self.palette, out)?;
        if self.view.count() == 0 {
            return Ok(());
        }
        if self.asked.tree {
            return self.tree(out);
        }
        let wanted = |by| self.asked.by.is_none_or(|only| only == by);
        if wanted(By::Crate) {
            self.crates(out)?;
        }
        if wanted(By::Function) {
            self.functions(out)?;
        }
        if self.asked.by == Some(By::Line) {
            self.lines("Lines", &lines::all(self.view), out)?;
        } else if wanted(By::Line) {
            let yours = lines::yours(self.view);
            self.lines(
                "Your lines, with what they call outside your code",
                &yours,
                out,
            )?;
        }
        // One thread is no news.
        if self.asked.by == Some(By::Thread) || self.asked.by.is_none() && self.threads_differ() {
            self.threads(out)?;
        }
        Ok(())
    }

    fn head(&self, out: &mut dyn Write) -> Result<()> {
        let about = &self.view.profile.about;
        let (count, weight) = (self.view.count(), self.view.weight());
        writeln!(out, "{}", self.palette.heading(printable(&about.command)))?;
        let wall = if about.wall_s > 0.0 && about.unit == Unit::Nanoseconds {
            let what = if about.is_off_cpu() {
                "of waiting"
            } else {
                "of CPU"
            };
            format!(" {what} in {}", figures::seconds(about.wall_s))
        } else {
            String::new()
        };
        let rate = match about.rate_hz {
            0 => String::new(),
            rate => format!(" at {} Hz", figures::count(rate.into())),
        };
        let what = figures::weight(weight, about.unit);
        let samples = match about.unit {
            Unit::Samples | Unit::Instructions => String::new(),
            _ => format!(
                ", {} samples{rate} of {}",
                figures::count(count),
                about.event
            ),
        };
        writeln!(out, "{what}{wall}{samples}")?;
        let (unresolved, truncated) = totals::flaws(self.view);
        let share = |part| figures::percent(Share::of(part, weight, count).share);
        let lost = figures::count(about.lost);
        let flaws = format!(
            "without a name {}, stacks cut {}, samples lost {lost}",
            share(unresolved),
            share(truncated)
        );
        writeln!(out, "{}", self.palette.dim(flaws))?;
        for remark in remarks(self.view) {
            for line in textwrap::wrap(&remark, self.width) {
                writeln!(out, "{}", self.palette.warn(line))?;
            }
        }
        Ok(())
    }

    fn threads_differ(&self) -> bool {
        self.view.profile.threads.len() > 1
    }

    fn share(&self, weight: u64) -> Share {
        Share::of(weight, self.view.weight(), self.view.count())
    }

    fn title(&self, title: &str, out: &mut dyn Write) -> Result<()> {
        writeln!(out, "\n{}", self.palette.heading(title))?;
        Ok(())
    }

    /// The rows that are shown: some time of their own that does not round to nothing, and no more
    /// rows than asked for.
    fn shown<'r, K>(&self, rows: &'r [Row<K>]) -> impl Iterator<Item = &'r Row<K>> {
        const LEAST: f64 = 0.000_5;
        let seen = |row: &&Row<K>| self.share(row.own).share >= LEAST;
        rows.iter().filter(seen).take(self.asked.top)
    }

    /// An own share, with its interval where it is a sample's.
    fn own(&self, weight: u64) -> String {
        let share = self.share(weight);
        match self.view.profile.about.unit {
            Unit::Instructions => format!("{:>5.1} %", share.share * 100.0),
            _ => with_interval(&share),
        }
    }

    fn crates(&self, out: &mut dyn Write) -> Result<()> {
        self.title(&format!("Crates: {}", self.columns()), out)?;
        for row in self.shown(&totals::by_origin(self.view)) {
            let name = printable(row.key.name()).into_owned();
            let yours = if row.key.is_yours() { " (yours)" } else { "" };
            self.row(row, &format!("{name}{yours}"), row.key.is_yours(), out)?;
        }
        Ok(())
    }

    fn functions(&self, out: &mut dyn Write) -> Result<()> {
        self.title(&format!("Functions: {}", self.columns()), out)?;
        for row in self.shown(&totals::by_function(self.view)) {
            let group = &self.view.groups[row.key as usize];
            let origin = group.origin.name();
            let yours = group.origin.is_yours();
            let name = short(&group.name);
            let room = self.width.saturating_sub(FIGURES);
            // A path that begins with its crate needs no other sign of it.
            let told = name.starts_with(&origin.replace('-', "_"));
            let origin = if told {
                String::new()
            } else {
                format!("  ({origin})")
            };
            let name = fit(&name, room.saturating_sub(origin.chars().count()).max(20));
            let text = format!(
                "{}{}",
                printable(&name),
                self.palette.dim(printable(&origin))
            );
            self.row(row, &text, yours, out)?;
        }
        Ok(())
    }

    /// What stands in front of each row: what was counted has no interval.
    fn columns(&self) -> &'static str {
        match self.view.profile.about.unit {
            Unit::Instructions => "own share, with all they call",
            _ => "own share [95 % interval], with all they call",
        }
    }

    fn row<K>(&self, row: &Row<K>, text: &str, yours: bool, out: &mut dyn Write) -> Result<()> {
        let own = self.own(row.own);
        let total = figures::percent(self.share(row.total).share);
        let text = if yours {
            self.palette.good(text)
        } else {
            text.to_owned()
        };
        writeln!(out, "{own:<21} {total:>7}  {text}")?;
        Ok(())
    }

    fn lines(&self, title: &str, rows: &[Row<lines::Line>], out: &mut dyn Write) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        self.title(title, out)?;
        for row in self.shown(rows) {
            let (file, line) = row.key;
            let path = self.view.profile.path(Some(file)).unwrap_or_default();
            let own = self.own(row.own);
            let place = self.sources.shortened(path);
            let code = self.sources.line(path, line).unwrap_or_default();
            let place = format!("{}:{line}", printable(&place));
            writeln!(out, "{own:<21} {}", self.palette.code(place))?;
            if !code.is_empty() {
                let code = fit_code(&code, self.width.saturating_sub(CODE_INDENT));
                writeln!(out, "{:CODE_INDENT$}{}", "", printable(&code))?;
            }
        }
        Ok(())
    }

    fn threads(&self, out: &mut dyn Write) -> Result<()> {
        /// A pool's workers are told one by one, so that one sees who idles; a crowd is not.
        const MOST: usize = 4;
        self.title("Threads", out)?;
        for row in self.shown(&totals::by_crowd(self.view, MOST)) {
            let thread = &self.view.profile.threads[row.key.thread as usize];
            let own = self.own(row.own);
            let process = match thread.process == thread.name {
                true => String::new(),
                false => format!(" of {}", thread.process),
            };
            let which = match row.key.members {
                1 => thread.tid.to_string(),
                members => format!("{members} threads"),
            };
            let text = format!("{}{process} ({which})", thread.name);
            writeln!(out, "{own:<21} {}", printable(&text))?;
        }
        Ok(())
    }

    fn tree(&self, out: &mut dyn Write) -> Result<()> {
        self.title("Call tree: share with all they call, own share", out)?;
        let least = self.view.weight() / 100;
        let mut rows = Vec::new();
        let tree = tree::tree(self.view);
        flatten(&tree, 0, least, &mut rows);
        for (depth, node) in rows.iter().take(self.asked.top.max(1) * 10) {
            let group = &self.view.groups[node.group as usize];
            let total = figures::percent(self.share(node.total).share);
            let own = figures::percent(self.share(node.own).share);
            // Deep trees must leave room for names.
            let indent = (*depth).min(20);
            let room = self.width.saturating_sub(17 + indent).max(20);
            let name = fit(&short(&group.name), room);
            let name = printable(&name);
            let name = if group.origin.is_yours() {
                self.palette.good(name)
            } else {
                name.into_owned()
            };
            writeln!(out, "{total:>7} {own:>7}  {:indent$}{name}", "")?;
        }
        Ok(())
    }
}

/// Columns in front of a function's name.
const FIGURES: usize = 31;
const CODE_INDENT: usize = 6;

/// The nodes with at least this weight, each before its callees.
fn flatten<'n>(nodes: &'n [Node], depth: usize, least: u64, rows: &mut Vec<(usize, &'n Node)>) {
    for node in nodes.iter().filter(|node| node.total > least) {
        rows.push((depth, node));
        flatten(&node.callees, depth + 1, least, rows);
    }
}

/// Code in at most `width` columns.
pub fn fit_code(code: &str, width: usize) -> String {
    let code = code.replace('\t', "    ");
    if code.chars().count() <= width {
        return code;
    }
    let kept: String = code.chars().take(width.saturating_sub(1)).collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests;
