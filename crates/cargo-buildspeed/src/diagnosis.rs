//! The diagnosis of a recorded build as text: the shortest that lets the reader act, for a terminal
//! of 80 columns.

mod json;

use std::io::{self, Write};

use pitcrew_core::model::Analyses;
use pitcrew_core::model::critical_path::{PathStep, Wait};
use pitcrew_core::model::dominators::DirectDependency;
use pitcrew_core::model::summary::Total;
use pitcrew_core::model::whatif::Prediction;
use pitcrew_core::recording::{Needs, Recording};
use pitcrew_core::style::{Palette, printable};

pub use json::summary_json;

/// Lines that a list may take; the rest is summed up in one more.
const LINES: usize = 6;
/// Columns for the name of a unit or a package.
const NAME: usize = 46;
/// The same on the critical path, where more follows.
const STEP_NAME: usize = 36;
/// What takes less is in no list.
const WORTH_NAMING_S: f64 = 0.05;

pub fn write(
    out: &mut dyn Write,
    recording: &Recording,
    analyses: &Analyses,
    palette: Palette,
) -> io::Result<()> {
    let mut text = Text { out, palette };
    text.header(analyses)?;
    if recording.units.is_empty() {
        return text.line("nothing was compiled: everything was up to date");
    }
    text.parallelism(analyses)?;
    text.critical_path(analyses)?;
    text.slowest(analyses)?;
    text.totals(recording, analyses)?;
    text.direct_dependencies(&analyses.direct_dependencies)?;
    text.memory(recording, analyses)?;
    text.what_if(analyses)
}

struct Text<'a> {
    out: &'a mut dyn Write,
    palette: Palette,
}

impl Text<'_> {
    fn line(&mut self, line: impl AsRef<str>) -> io::Result<()> {
        writeln!(self.out, "{}", line.as_ref().trim_end())
    }

    fn heading(&mut self, title: &str, rest: &str) -> io::Result<()> {
        let title = self.palette.heading(title);
        self.line("")?;
        self.line(format!("{title}{rest}"))
    }

    fn header(&mut self, analyses: &Analyses) -> io::Result<()> {
        let summary = &analyses.summary;
        let command = shorten(&printable(&summary.command), 40);
        let wall = self
            .palette
            .heading(format!("{} wall", seconds(summary.wall_s)));
        let cpu = summary.cpu_s.map(|cpu| format!(", {} CPU", seconds(cpu)));
        let units = count(summary.all.units, "unit");
        self.line(format!(
            "{}: {wall}{}, {units}",
            self.palette.code(command),
            cpu.unwrap_or_default()
        ))
    }

    fn parallelism(&mut self, analyses: &Analyses) -> io::Result<()> {
        let parallelism = &analyses.parallelism;
        let cores = count(analyses.summary.cores, "core");
        let used = match parallelism.mean_cores {
            Some(used) => format!("parallelism {used:.2} of {cores}"),
            None => format!("{:.2} units at a time on {cores}", parallelism.mean_units),
        };
        let alone = match parallelism.single_s {
            alone if alone < WORTH_NAMING_S => String::new(),
            alone => format!(
                "; one unit alone for {} ({})",
                seconds(alone),
                percent(parallelism.single_share)
            ),
        };
        self.line(format!("{used}{alone}"))
    }

    fn critical_path(&mut self, analyses: &Analyses) -> io::Result<()> {
        let path = &analyses.critical_path;
        let (waiting_s, core_s) = (path.waiting_s, path.core_waiting_s);
        let waited = if waiting_s < WORTH_NAMING_S {
            String::new()
        } else if core_s > 0.9 * waiting_s {
            format!(", {} waiting for a free core", seconds(waiting_s))
        } else if core_s < WORTH_NAMING_S {
            format!(", {} waiting", seconds(waiting_s))
        } else {
            let core = seconds(core_s);
            format!(", {} waiting ({core} for a free core)", seconds(waiting_s))
        };
        let rest = format!(": {} of work{waited}", seconds(path.work_s));
        self.heading("critical path", &rest)?;
        let weight = |step: &PathStep| step.own_s + step.waited_s;
        let shown = heaviest(&path.steps, weight);
        for step in path.steps.iter().filter(|step| shown(weight(step))) {
            let until = match step.until {
                Needs::Metadata => "to metadata",
                Needs::End => "to its end",
            };
            let waited = match step.wait {
                _ if step.waited_s < WORTH_NAMING_S => String::new(),
                Wait::FreeCore => format!(", waited {}", seconds(step.waited_s)),
                Wait::Cargo => format!(", idle {}", seconds(step.waited_s)),
            };
            let name = pad(&step.label, STEP_NAME);
            let until = self.palette.dim(format!("{until}{waited}"));
            self.line(format!("  {:>8}  {name} {until}", seconds(step.own_s)))?;
        }
        let rest = path.steps.iter().filter(|step| !shown(weight(step)));
        let (steps, own_s) = rest.fold((0_usize, 0.0), |(n, sum), s| (n + 1, sum + s.own_s));
        if steps > 0 {
            let rest = self.palette.dim(count(steps, "shorter step"));
            self.line(format!("  {:>8}  {rest}", seconds(own_s)))?;
        }
        let bound = seconds(analyses.replay_check.bound_s);
        let bound = format!("the dependencies alone need {bound}, on any number of cores");
        self.line(format!("  {}", self.palette.dim(bound)))
    }

    fn slowest(&mut self, analyses: &Analyses) -> io::Result<()> {
        let title = format!("{:<NAME$}", "slowest units");
        let columns = self
            .palette
            .dim(format!("{:>9}{:>10}{:>10}", "wall", "CPU", "link"));
        self.heading(&title, &format!("   {columns}"))?;
        for unit in analyses.summary.slowest.iter().take(LINES) {
            let optional = |value: Option<f64>| value.map_or(String::new(), seconds);
            self.line(format!(
                "  {} {:>9}{:>10}{:>10}",
                pad(&unit.label, NAME),
                seconds(unit.duration_s),
                optional(unit.cpu_s),
                optional(unit.link_s),
            ))?;
        }
        Ok(())
    }

    fn totals(&mut self, recording: &Recording, analyses: &Analyses) -> io::Result<()> {
        let summary = &analyses.summary;
        let links = &summary.links;
        self.line("")?;
        if links.observed > 0 {
            let longest = links.slowest.and_then(|unit| recording.units.get(unit));
            let longest = longest.map(|unit| {
                let link_s = links.longest_s;
                format!(
                    ", longest {} {}",
                    shorten(&printable(&unit.label()), 28),
                    seconds(link_s)
                )
            });
            let rest = format!(
                "{} in {}{}",
                count(links.observed, "link"),
                seconds(links.link_s),
                longest.unwrap_or_default()
            );
            self.labelled("links", &rest)?;
        }
        let scripts = (&summary.build_script_compiles, &summary.build_script_runs);
        if scripts.0.units + scripts.1.units > 0 {
            let rest = format!(
                "{}, {}",
                total(scripts.0, "compiled"),
                total(scripts.1, "run")
            );
            self.labelled("build scripts", &rest)?;
        }
        if summary.proc_macros.units > 0 {
            let below = &summary.proc_macro_dependencies;
            let below = match below.units {
                0 => String::new(),
                _ => format!(", and {}", total(below, "that only they need")),
            };
            self.labelled(
                "proc-macros",
                &format!("{}{below}", total(&summary.proc_macros, "")),
            )?;
        }
        if let Some(first_s) = summary.first_member_s {
            let rest = format!(
                "start at {}, run alone for {}",
                seconds(first_s),
                seconds(summary.members_only_s)
            );
            self.labelled("own crates", &rest)?;
        }
        if summary.cache_hits > 0 {
            self.labelled("cache", &count(summary.cache_hits, "hit"))?;
        }
        Ok(())
    }

    fn direct_dependencies(&mut self, deps: &[DirectDependency]) -> io::Result<()> {
        let costly: Vec<_> = deps.iter().filter(|d| d.wall_s >= WORTH_NAMING_S).collect();
        if costly.is_empty() {
            return Ok(());
        }
        let title = format!("{:<NAME$}", "direct dependencies, by what only they bring");
        let columns = self
            .palette
            .dim(format!("{:>9}{:>10}{:>10}", "wall", "CPU", "packages"));
        self.heading(&title, &format!("   {columns}"))?;
        for dep in costly.iter().take(LINES) {
            self.line(format!(
                "  {} {:>9}{:>10}{:>10}",
                pad(&format!("{} {}", dep.name, dep.version), NAME),
                seconds(dep.wall_s),
                seconds(dep.cpu_s),
                dep.packages.len(),
            ))?;
        }
        Ok(())
    }

    fn memory(&mut self, recording: &Recording, analyses: &Analyses) -> io::Result<()> {
        let memory = &analyses.memory;
        if memory.peak_bytes == 0 {
            return Ok(());
        }
        self.line("")?;
        let of = match memory.machine_bytes {
            0 => String::new(),
            bytes => format!(" of {}", size(bytes)),
        };
        let largest = memory
            .peak_units
            .first()
            .and_then(|&unit| recording.units.get(unit));
        let with = largest.map(|unit| format!(", with {}", shorten(&printable(&unit.label()), 20)));
        let rest = format!(
            "at most {}{of}{}",
            size(memory.peak_bytes),
            with.unwrap_or_default()
        );
        self.labelled("memory", &rest)?;
        match memory.largest_jobs {
            Some(jobs) if jobs < memory.jobs => {
                let advice = format!(
                    "the {} largest units need {}: --jobs {jobs} fits",
                    memory.jobs,
                    size(memory.worst_case_bytes)
                );
                let advice = self.palette.warn(advice);
                self.labelled("", &advice)
            }
            _ => Ok(()),
        }
    }

    fn what_if(&mut self, analyses: &Analyses) -> io::Result<()> {
        if analyses.what_if.is_empty() {
            return Ok(());
        }
        let check = &analyses.replay_check;
        self.line("")?;
        for prediction in &analyses.what_if {
            let label = format!("on {}", count(prediction.cores, "core"));
            let rest = predicted(prediction, analyses.summary.wall_s);
            self.labelled(&label, &rest)?;
        }
        let error = format!(
            "{} (this build: replayed {}, measured {})",
            signed_percent(check.error),
            seconds(check.predicted_s),
            seconds(check.measured_s)
        );
        self.labelled("model error", &error)
    }

    fn labelled(&mut self, label: &str, rest: &str) -> io::Result<()> {
        let label = self.palette.heading(format!("{label:<15}"));
        self.line(format!("{label} {rest}"))
    }
}

fn predicted(prediction: &Prediction, wall_s: f64) -> String {
    let change = if wall_s > 0.0 {
        format!(" ({})", signed_percent(prediction.wall_s / wall_s - 1.0))
    } else {
        String::new()
    };
    format!("predicted {}{change}", seconds(prediction.wall_s))
}

/// Whether a weight is among the heaviest that a list shows.
fn heaviest<T>(items: &[T], weight: impl Fn(&T) -> f64) -> impl Fn(f64) -> bool {
    let mut weights: Vec<f64> = items.iter().map(weight).collect();
    weights.sort_by(|a, b| b.total_cmp(a));
    let least = weights.get(LINES - 1).copied().unwrap_or(0.0);
    move |weight| weight >= least.max(WORTH_NAMING_S)
}

fn total(total: &Total, what: &str) -> String {
    let what = if what.is_empty() {
        String::new()
    } else {
        format!(" {what}")
    };
    format!("{}{what} in {}", total.units, seconds(total.duration_s))
}

fn count(n: impl TryInto<u64>, noun: &str) -> String {
    let n: u64 = n.try_into().unwrap_or(u64::MAX);
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

fn seconds(seconds: f64) -> String {
    // The sum of nothing is -0.0.
    let seconds = seconds + 0.0;
    if seconds < 9.995 {
        format!("{seconds:.2} s")
    } else if seconds < 999.95 {
        format!("{seconds:.1} s")
    } else if seconds < 36_000.0 {
        format!("{:.0} min", seconds / 60.0)
    } else {
        format!("{:.0} h", seconds / 3600.0)
    }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share.abs() * 100.0)
}

/// With a real minus sign, as the reports write changes.
fn signed_percent(change: f64) -> String {
    let points = (change * 100.0).round();
    let sign = match points {
        p if p > 999.0 => return "over 10 times".to_owned(),
        p if p < 0.0 => "−",
        p if p > 0.0 => "+",
        _ => "±",
    };
    format!("{sign}{} %", points.abs())
}

fn size(bytes: u64) -> String {
    const GIB: f64 = (1_u64 << 30) as f64;
    match bytes as f64 / GIB {
        gib if gib >= 10_240.0 => format!("{:.0} TiB", gib / 1024.0),
        gib if gib >= 1.0 => format!("{gib:.1} GiB"),
        gib => format!("{:.0} MiB", gib * 1024.0),
    }
}

/// At most `width` characters, cut in the middle: both the name and the kind stay visible.
fn shorten(text: &str, width: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= width {
        return text.to_owned();
    }
    let tail = width / 2;
    let head = width - tail - 1;
    let head: String = chars[..head].iter().collect();
    let tail: String = chars[chars.len() - tail..].iter().collect();
    format!("{head}…{tail}")
}

/// Exactly `width` characters.
fn pad(text: &str, width: usize) -> String {
    format!("{:<width$}", shorten(&printable(text), width))
}

#[cfg(test)]
mod tests;
