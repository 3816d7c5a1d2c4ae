//! The table, the plot and the verdict of a tuning.

use std::io::{self, Write};

use anyhow::Result;
use pitcrew_core::cli::Out;
use pitcrew_core::handover::Steps;
use pitcrew_core::measure::median;
use pitcrew_core::render::{self, Format, Report};
use pitcrew_core::style::{Palette, printable};
use serde_json::{Value, json};

use super::args::Plan;
use super::knee::{Knee, against_best};
use super::rounds::{Rounds, Sample};

/// Columns that the longest bar takes.
const BAR: usize = 40;

pub fn write(
    format: Format,
    plan: &Plan,
    rounds: &Rounds,
    knee: Option<&Knee>,
    out: &mut Out<'_>,
) -> Result<()> {
    let palette = out.stdout_palette();
    let text = Text { plan, rounds, knee };
    match format {
        Format::Human => text.human(palette, out.stdout)?,
        Format::Markdown => text.markdown(out.stdout)?,
        Format::Json | Format::Sarif | Format::Github => {
            let report = Report {
                tool: "cargo-concurrency-lint",
                version: env!("CARGO_PKG_VERSION"),
                findings: &[],
                summary: text.summary(),
                rules: &[],
                source: &|_| None,
                snippets: false,
                steps: &|_| Steps::default(),
            };
            render::render(format, &report, palette, out.width, out.stdout)?;
        }
    }
    Ok(())
}

struct Text<'a> {
    plan: &'a Plan,
    rounds: &'a Rounds,
    knee: Option<&'a Knee>,
}

impl Text<'_> {
    fn human(&self, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
        let command = printable(&self.plan.command.join(" ")).into_owned();
        let values = self.plan.values.len();
        let counted = self.rounds.samples.iter().map(Vec::len).max().unwrap_or(0);
        let stopped = if self.rounds.stopped {
            ", stopped early"
        } else {
            ""
        };
        writeln!(
            out,
            "{}: {values} limits, {counted} rounds{stopped}\n",
            palette.code(command)
        )?;
        let header = format!(
            "{:>8} {:>10}  {:<24} {:>9}  {}",
            "limit",
            self.score_name(),
            "against the best",
            "memory",
            "failed"
        );
        writeln!(out, "{}", palette.dim(header.trim_end()))?;
        for at in 0..values {
            writeln!(out, "{}", self.row(at).trim_end())?;
        }
        writeln!(out)?;
        self.plot(palette, out)?;
        self.failures(palette, out)?;
        writeln!(out, "{}", self.verdict(palette))
    }

    fn row(&self, at: usize) -> String {
        let failed = self.rounds.failures[at].len();
        let failed = if failed == 0 {
            String::new()
        } else {
            format!("{failed} of {}", failed + self.rounds.done(at))
        };
        let memory = self.peak_bytes(at).map_or(String::new(), mebibytes);
        format!(
            "{:>8} {:>10}  {:<24} {memory:>9}  {failed}",
            self.plan.values[at],
            self.score(at)
                .map_or(String::new(), |score| self.quantity(score)),
            self.against(at),
        )
    }

    /// `+9 % [+7, +12]`; more is worse, whatever the metric.
    fn against(&self, at: usize) -> String {
        let Some(knee) = self.knee else {
            return String::new();
        };
        if at == knee.best {
            return "best".to_owned();
        }
        if self.rounds.done(at) == 0 {
            return String::new();
        }
        let verdict = against_best(self.plan, self.rounds, at, knee.best);
        let percent = |ratio: f64| {
            let points = ((ratio - 1.0) * 100.0).round();
            match points {
                p if p < 0.0 => format!("\u{2212}{}", p.abs()),
                p if p > 0.0 => format!("+{p}"),
                _ => "0".to_owned(),
            }
        };
        let [low, high] = verdict.interval.map(percent);
        format!("{} % [{low}, {high}]", percent(verdict.ratio))
    }

    /// A bar for each limit, as long as its score.
    fn plot(&self, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
        let scores: Vec<Option<f64>> = (0..self.plan.values.len())
            .map(|at| self.score(at))
            .collect();
        let longest = scores.iter().flatten().copied().fold(0.0, f64::max);
        if longest <= 0.0 {
            return Ok(());
        }
        for (at, score) in scores.iter().enumerate() {
            let Some(score) = score else { continue };
            let bar = "█".repeat(((score / longest * BAR as f64).round() as usize).max(1));
            let is_knee = self.knee.is_some_and(|knee| knee.at == at);
            let mark = if is_knee { " knee" } else { "" };
            writeln!(
                out,
                "{:>8} {}{}",
                self.plan.values[at],
                palette.code(bar),
                palette.heading(mark)
            )?;
        }
        writeln!(out)
    }

    fn failures(&self, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
        for (value, failures) in self.plan.values.iter().zip(&self.rounds.failures) {
            if let Some(first) = failures.first() {
                let first: String = printable(first).chars().take(200).collect();
                let label = palette.warn(format!("fails at {value}:"));
                writeln!(out, "{label} {first}")?;
            }
        }
        Ok(())
    }

    fn verdict(&self, palette: Palette) -> String {
        let Some(knee) = self.knee else {
            let why = if self.rounds.stopped {
                "the time was up before three rounds: raise --budget, or try fewer --values"
            } else {
                "fewer than two limits ran well"
            };
            return format!("no knee can be told: {why}");
        };
        let value = |at: usize| self.plan.values[at];
        let setting = match &self.plan.env {
            Some(name) => format!("{name}={}", value(knee.at)),
            None => format!("a limit of {}", value(knee.at)),
        };
        let setting = palette.heading(setting);
        let mut text = if knee.at == knee.best {
            format!("{setting} is the best")
        } else {
            let tolerance = ((self.plan.tolerance - 1.0) * 100.0 * 10.0).round() / 10.0;
            format!(
                "{setting} is enough: within {tolerance} % of the best, {}",
                value(knee.best)
            )
        };
        match (knee.range, knee.at) {
            ((low, high), at) if low == at && high == at => {}
            ((low, high), _) => text.push_str(&format!(
                "; the knee lies between {} and {} (95 %)",
                value(low),
                value(high)
            )),
        }
        if knee.at + 1 == self.plan.values.len() {
            text.push_str("; it may lie higher: try larger --values too");
        }
        if let Some(worse) = knee.worse_from {
            text.push_str(&format!("; from {} on it gets worse", value(worse)));
        }
        text
    }

    fn markdown(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "| limit | {} | against the best | memory | failed |\n| ---: | ---: | --- | ---: | ---: |",
            self.score_name()
        )?;
        for at in 0..self.plan.values.len() {
            writeln!(
                out,
                "| {} | {} | {} | {} | {} |",
                self.plan.values[at],
                self.score(at)
                    .map_or(String::new(), |score| self.quantity(score)),
                self.against(at),
                self.peak_bytes(at).map_or(String::new(), mebibytes),
                self.rounds.failures[at].len()
            )?;
        }
        writeln!(out, "\n{}", self.verdict(Palette::new(false)))
    }

    fn summary(&self) -> Value {
        let plan = self.plan;
        let limits: Vec<Value> = (0..plan.values.len())
            .map(|at| {
                let against = self.knee.map(|knee| {
                    let verdict = against_best(plan, self.rounds, at, knee.best);
                    let number = |n: f64| n.is_finite().then_some(n);
                    json!({
                        "ratio": number(verdict.ratio),
                        "interval": verdict.interval.map(number),
                        "pairs": verdict.pairs,
                    })
                });
                json!({
                    "value": plan.values[at],
                    "median": self.score(at),
                    "samples": self.rounds.of(at).collect::<Vec<&Sample>>(),
                    "cost_against_best": against,
                    "peak_bytes": self.peak_bytes(at),
                    "failures": self.rounds.failures[at],
                })
            })
            .collect();
        let knee = self.knee.map(|knee| {
            json!({
                "value": plan.values[knee.at],
                "range": [plan.values[knee.range.0], plan.values[knee.range.1]],
                "best": plan.values[knee.best],
                "worse_from": knee.worse_from.map(|at| plan.values[at]),
            })
        });
        json!({
            "env": plan.env,
            "command": plan.command,
            "unit": if plan.metric.is_some() { "metric" } else { "s" },
            "stopped": self.rounds.stopped,
            "limits": limits,
            "knee": knee,
        })
    }

    fn score_name(&self) -> &'static str {
        if self.plan.metric.is_some() {
            "metric"
        } else {
            "time"
        }
    }

    fn score(&self, at: usize) -> Option<f64> {
        let scores: Vec<f64> = self.rounds.of(at).map(|sample| sample.score).collect();
        (!scores.is_empty()).then(|| median(&scores))
    }

    fn peak_bytes(&self, at: usize) -> Option<u64> {
        self.rounds.of(at).filter_map(|s| s.peak_bytes).max()
    }

    fn quantity(&self, score: f64) -> String {
        match (self.plan.metric.is_some(), score) {
            (true, score) if score >= 1000.0 => format!("{score:.0}"),
            (true, score) => format!("{score:.4}")
                .trim_end_matches('0')
                .trim_end_matches('.')
                .to_owned(),
            (false, score) if score < 1.0 => format!("{:.1} ms", score * 1000.0),
            (false, score) => format!("{score:.2} s"),
        }
    }
}

fn mebibytes(bytes: u64) -> String {
    format!("{:.0} MiB", bytes as f64 / f64::from(1 << 20))
}
