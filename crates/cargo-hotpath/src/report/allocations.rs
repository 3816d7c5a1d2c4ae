//! The report of a recording of allocations: how much in all, at the worst moment and at the end, then
//! whose. For people, for a pull request, and for machines.

use std::io::Write;

use anyhow::Result;
use pitcrew_core::render::markdown::{cell, code};
use pitcrew_core::style::{Palette, printable};
use serde_json::{Value, json};

use super::figures::{amount, bytes, count, percent, time};
use super::human::fit_code;
use super::remarks::ending;
use super::{Asked, Sources};
use crate::analyse::allocations::{Allocations, Measure};
use crate::analyse::lines::Line;
use crate::analyse::totals::Row;
use crate::args::By;
use crate::names::{fit, short};
use crate::profile::{Clock, Figures};

/// What the tables of one report have in common.
pub struct Page<'a> {
    pub allocations: &'a Allocations<'a>,
    pub asked: &'a Asked,
    pub sources: &'a Sources<'a>,
    pub palette: Palette,
    pub width: usize,
}

/// Columns in front of a name.
const FIGURES: usize = 52;
const CODE_INDENT: usize = 6;

/// Parts below this are not shown, and lines with at least this part of another measure are shown by it
/// too.
const LEAST: f64 = 0.000_5;
const MUCH: f64 = 0.05;

impl Page<'_> {
    pub fn write(&self, out: &mut dyn Write) -> Result<()> {
        self.head(out)?;
        if self.allocations.total.blocks == 0 {
            return Ok(());
        }
        let wanted = |by| self.asked.by.is_none_or(|only| only == by);
        if wanted(By::Crate) {
            self.crates(out)?;
        }
        if wanted(By::Function) {
            self.functions(out)?;
        }
        if wanted(By::Line) {
            self.lines(out)?;
        }
        let processes = self.allocations.view.profile.threads.len();
        if self.asked.by == Some(By::Thread) || self.asked.by.is_none() && processes > 1 {
            self.processes(out)?;
        }
        Ok(())
    }

    fn head(&self, out: &mut dyn Write) -> Result<()> {
        let about = &self.allocations.view.profile.about;
        writeln!(out, "{}", self.palette.heading(printable(&about.command)))?;
        for line in textwrap::wrap(&sums(self.allocations), self.width) {
            writeln!(out, "{line}")?;
        }
        for line in textwrap::wrap(&recorded(self.allocations), self.width) {
            writeln!(out, "{}", self.palette.dim(line))?;
        }
        for remark in remarks(self.allocations) {
            for line in textwrap::wrap(&remark, self.width) {
                writeln!(out, "{}", self.palette.warn(line))?;
            }
        }
        Ok(())
    }

    fn title(&self, title: &str, last: &str, out: &mut dyn Write) -> Result<()> {
        writeln!(out, "\n{}", self.palette.heading(title))?;
        let columns = format!(
            "{:<12} {:>8} {:>8} {:>8} {:>8}  {last}",
            format!("   of {}", self.measured()),
            "bytes",
            "blocks",
            "at peak",
            "at exit",
        );
        writeln!(out, "{}", self.palette.dim(columns.trim_end()))?;
        Ok(())
    }

    fn measured(&self) -> &'static str {
        match self.asked.measure {
            Measure::Bytes => "bytes",
            Measure::Blocks => "blocks",
            Measure::Peak => "peak",
            Measure::Exit => "exit",
        }
    }

    fn share(&self, figures: &Figures) -> f64 {
        share(figures, &self.allocations.total, self.asked.measure)
    }

    /// The rows that are shown: some part that does not round to nothing, and no more than asked for.
    fn shown<'r, K>(
        &self,
        rows: &'r [Row<K, Figures>],
    ) -> impl Iterator<Item = &'r Row<K, Figures>> {
        let seen = |row: &&Row<K, Figures>| self.share(&row.own) >= LEAST;
        rows.iter().filter(seen).take(self.asked.top)
    }

    fn row(&self, figures: &Figures) -> String {
        format!(
            "{:<12} {:>8} {:>8} {:>8} {:>8}",
            self.sure(figures),
            bytes(figures.bytes),
            amount(figures.blocks),
            bytes(figures.peak_bytes),
            bytes(figures.end_bytes),
        )
    }

    /// The share of what is measured, and where it is an estimate half of its 95 % interval.
    fn sure(&self, figures: &Figures) -> String {
        let share = self.share(figures);
        if self.allocations.heap.exact {
            return format!("{:>5.1} %", share * 100.0);
        }
        let half = half_interval(figures, &self.allocations.total, self.asked.measure);
        format!("{:>5.1} ±{:.1}", share * 100.0, half * 100.0)
    }

    fn crates(&self, out: &mut dyn Write) -> Result<()> {
        self.title("Crates", "", out)?;
        for row in self.shown(&self.allocations.by_crate(self.asked.measure)) {
            let name = printable(row.key.name()).into_owned();
            let name = if row.key.is_yours() {
                self.palette.good(format!("{name} (yours)"))
            } else {
                name
            };
            writeln!(out, "{}  {name}", self.row(&row.own))?;
        }
        Ok(())
    }

    fn functions(&self, out: &mut dyn Write) -> Result<()> {
        self.title("Functions, with what they allocate in std", "", out)?;
        for row in self.shown(&self.allocations.by_function(self.asked.measure)) {
            let group = &self.allocations.view.groups[row.key as usize];
            let room = self.width.saturating_sub(FIGURES).max(20);
            let name = fit(&short(&group.name), room);
            let name = printable(&name);
            let name = if group.origin.is_yours() {
                self.palette.good(name)
            } else {
                name.into_owned()
            };
            writeln!(out, "{}  {name}", self.row(&row.own))?;
        }
        Ok(())
    }

    fn lines(&self, out: &mut dyn Write) -> Result<()> {
        let rows = self.allocations.by_line(self.asked.measure);
        if rows.is_empty() {
            return Ok(());
        }
        let title = "Your lines, with what they allocate outside your code";
        self.title(title, "lives", out)?;
        let mut told: Vec<Line> = Vec::new();
        for row in self.shown(&rows) {
            self.line(row, out)?;
            told.push(row.key);
        }
        // What a line allocates and what it holds are different things: those that matter there and
        // were not shown follow.
        for (measure, title) in [
            (Measure::Peak, "Of what there was at the peak"),
            (Measure::Exit, "Of what was never freed"),
        ] {
            let total = &self.allocations.total;
            let rows = self.allocations.by_line(measure);
            let much = |row: &&Row<Line, Figures>| {
                share(&row.own, total, measure) >= MUCH && !told.contains(&row.key)
            };
            let rows: Vec<_> = rows.iter().filter(much).take(self.asked.top).collect();
            if rows.is_empty() || measure == self.asked.measure {
                continue;
            }
            self.title(title, "lives", out)?;
            for row in &rows {
                self.line(row, out)?;
            }
            told.extend(rows.iter().map(|row| row.key));
        }
        Ok(())
    }

    fn line(&self, row: &Row<Line, Figures>, out: &mut dyn Write) -> Result<()> {
        let (file, line) = row.key;
        let path = self.allocations.view.profile.path(Some(file));
        let path = path.unwrap_or_default();
        let life = life(&row.own, self.allocations.heap.clock);
        writeln!(out, "{}  {life}", self.row(&row.own))?;
        let place = format!("{}:{line}", printable(&self.sources.shortened(path)));
        let code = self.sources.line(path, line).unwrap_or_default();
        let used = CODE_INDENT + place.chars().count() + 2;
        let code = fit_code(&code, self.width.saturating_sub(used).max(20));
        let text = format!("{}  {}", self.palette.code(place), printable(&code));
        writeln!(out, "{:CODE_INDENT$}{}", "", text.trim_end())?;
        Ok(())
    }

    fn processes(&self, out: &mut dyn Write) -> Result<()> {
        self.title("Processes", "", out)?;
        for row in self.shown(&self.allocations.by_process(self.asked.measure)) {
            let thread = &self.allocations.view.profile.threads[row.key as usize];
            let name = format!("{} ({})", thread.process, thread.pid);
            writeln!(out, "{}  {}", self.row(&row.own), printable(&name))?;
        }
        Ok(())
    }
}

fn share(figures: &Figures, total: &Figures, measure: Measure) -> f64 {
    measure.of(figures) as f64 / measure.of(total).max(1) as f64
}

/// Of the normal distribution, for 95 %.
const Z: f64 = 1.96;

/// Half of the 95 % interval of a share: that of a ratio of which both sides were estimated.
fn half_interval(figures: &Figures, total: &Figures, measure: Measure) -> f64 {
    let share = share(figures, total, measure);
    let part = measure.variance_of(figures);
    let rest = (measure.variance_of(total) - part).max(0.0);
    let variance = (1.0 - share).powi(2) * part + share.powi(2) * rest;
    Z * variance.sqrt() / measure.of(total).max(1) as f64
}

/// `1.24 GB in 9.12 M allocations; 61.2 MB at once at most, after 0.84 s; 0 B left at the end`
fn sums(allocations: &Allocations<'_>) -> String {
    let Allocations { heap, total, .. } = allocations;
    let at = match heap.clock {
        Clock::Nanoseconds => format!("after {}", time(heap.peak_at)),
        Clock::Instructions => format!("after {} instructions", amount(heap.peak_at)),
    };
    format!(
        "{} in {} allocations; at most {} at once, {at}; {} never freed",
        bytes(total.bytes),
        amount(total.blocks),
        bytes(total.peak_bytes),
        bytes(total.end_bytes),
    )
}

/// How it was recorded.
fn recorded(allocations: &Allocations<'_>) -> String {
    let heap = allocations.heap;
    let how = if heap.exact {
        "every allocation was recorded".to_owned()
    } else {
        let total = &allocations.total;
        let half = Z * 100.0 * total.variance.bytes.sqrt() / total.bytes.max(1) as f64;
        let samples = count(total.samples);
        format!("estimated from {samples} sampled allocations: bytes in all ±{half:.1} %")
    };
    let mapped = match heap.mapped.calls {
        0 => String::new(),
        calls => format!(
            "; beside malloc, {} mapped in {} calls of mmap",
            bytes(heap.mapped.bytes),
            amount(calls)
        ),
    };
    format!("{how}{mapped}")
}

/// What a reader must know before believing the tables.
fn remarks(allocations: &Allocations<'_>) -> Vec<String> {
    const FEW: u64 = 100;
    let about = &allocations.view.profile.about;
    let mut remarks = about.notes.clone();
    remarks.extend(ending(&about.ended));
    if about.lost > 0 {
        let lost = amount(about.lost);
        remarks.push(format!("{lost} allocations could not be recorded"));
    }
    let samples = allocations.total.samples;
    if !allocations.heap.exact && samples < FEW {
        remarks.push(format!(
            "only {samples} samples: record every one, --every-allocation"
        ));
    }
    remarks
}

/// How long a block lives, on average.
fn life(figures: &Figures, clock: Clock) -> String {
    match clock {
        Clock::Nanoseconds => time(figures.mean_life()),
        Clock::Instructions => format!("{} instrs", amount(figures.mean_life())),
    }
}

/// The tables for a pull request's comment.
pub fn markdown(allocations: &Allocations<'_>, asked: &Asked, out: &mut dyn Write) -> Result<()> {
    let view = allocations.view;
    let command = code(&view.profile.about.command);
    writeln!(out, "### {command}\n\n{}\n", sums(allocations))?;
    writeln!(
        out,
        "| share | bytes | blocks | at peak | at exit | function |\n| --- | --- | --- | --- | --- | --- |"
    )?;
    let row = |figures: &Figures| {
        format!(
            "| {} | {} | {} | {} | {} |",
            percent(share(figures, &allocations.total, asked.measure)),
            bytes(figures.bytes),
            amount(figures.blocks),
            bytes(figures.peak_bytes),
            bytes(figures.end_bytes),
        )
    };
    for function in allocations
        .by_function(asked.measure)
        .iter()
        .take(asked.top)
    {
        let name = &view.groups[function.key as usize].name;
        writeln!(out, "{} {} |", row(&function.own), cell(name))?;
    }
    let lines = allocations.by_line(asked.measure);
    if !lines.is_empty() {
        writeln!(
            out,
            "\n| share | bytes | blocks | at peak | at exit | line |\n| --- | --- | --- | --- | --- | --- |"
        )?;
    }
    for line in lines.iter().take(asked.top) {
        let path = view.profile.path(Some(line.key.0)).unwrap_or_default();
        let place = format!("{path}:{}", line.key.1);
        writeln!(out, "{} {} |", row(&line.own), cell(&place))?;
    }
    writeln!(out)?;
    Ok(())
}

/// The figures of the JSON report.
pub fn summary(allocations: &Allocations<'_>, measure: Measure) -> Value {
    const ROWS: usize = 200;
    let view = allocations.view;
    let heap = allocations.heap;
    let functions = allocations.by_function(measure).into_iter().take(ROWS);
    let functions = functions.map(|row| {
        let group = &view.groups[row.key as usize];
        json!({
            "name": group.name,
            "crate": group.origin.name(),
            "yours": group.origin.is_yours(),
            "own": row.own,
            "total": row.total,
        })
    });
    let crates = allocations.by_crate(measure).into_iter().take(ROWS);
    let crates = crates.map(|row| {
        json!({
            "name": row.key.name(),
            "yours": row.key.is_yours(),
            "own": row.own,
            "total": row.total,
        })
    });
    let lines = allocations.by_line(measure).into_iter().take(ROWS);
    let lines = lines.map(|row| {
        json!({
            "path": view.profile.path(Some(row.key.0)),
            "line": row.key.1,
            "own": row.own,
            "total": row.total,
        })
    });
    json!({
        "about": view.profile.about,
        "exact": heap.exact,
        "samples": heap.samples,
        "clock": heap.clock,
        "duration": heap.duration,
        "peak_at": heap.peak_at,
        "mapped": heap.mapped,
        "total": allocations.total,
        "crates": crates.collect::<Vec<_>>(),
        "functions": functions.collect::<Vec<_>>(),
        "your_lines": lines.collect::<Vec<_>>(),
    })
}
