//! The real workload: the user's command at one limit, timed, and its output read.

use std::time::Instant;

use anyhow::Result;
use camino::Utf8PathBuf;
use pitcrew_core::cargo::{self, CommandRun, DeadlinePassed, Interrupted, UserCommand};
use pitcrew_core::progress::Progress;
use pitcrew_core::workspace;

use super::args::Plan;
use super::rounds::{NO_METRIC, Run, Runs, Sample};

pub struct Workload<'a> {
    plan: &'a Plan,
    cwd: Utf8PathBuf,
    deadline: Option<Instant>,
    progress: Progress,
    done: u64,
}

impl<'a> Workload<'a> {
    pub fn new(plan: &'a Plan, quiet: bool) -> Result<Self> {
        let mut progress = Progress::new(quiet);
        progress.stage("running the workload");
        Ok(Self {
            plan,
            cwd: workspace::current_dir()?,
            deadline: Instant::now().checked_add(plan.budget),
            progress,
            done: 0,
        })
    }

    pub fn finish(&self) {
        self.progress.finish();
    }

    fn command(&self, value: u64) -> CommandRun {
        let value = value.to_string();
        let words = self.plan.command.iter();
        let words = words.map(|word| word.replace("{}", &value)).collect();
        let env = self.plan.env.iter();
        CommandRun {
            command: UserCommand::Words(words),
            cwd: self.cwd.clone(),
            env: env.map(|name| (name.clone(), value.clone())).collect(),
            deadline: self.deadline,
        }
    }

    fn sample(&self, output: &cargo::CommandOutput) -> Result<Sample, String> {
        let said = [&output.stdout, &output.stderr];
        if !output.status.success() {
            let last = said.iter().rev().find_map(|text| last_line(text));
            return Err(match last {
                Some(line) => format!("{}: {line}", output.status),
                None => output.status.to_string(),
            });
        }
        let errors = self.plan.errors.as_ref();
        let matched = said.iter().find_map(|text| errors?.find(text));
        if let Some(error) = matched {
            return Err(format!("--errors matches `{}`", error.as_str().trim()));
        }
        let score = match &self.plan.metric {
            None => output.wall_s,
            Some(metric) => {
                let found = said.iter().find_map(|text| metric.pattern.captures(text));
                let found = found.ok_or_else(|| format!("{NO_METRIC} in what it prints"))?;
                let text = found.get(1).or_else(|| found.get(0));
                let text = text.map_or("", |text| text.as_str());
                number(text).ok_or_else(|| {
                    format!("{NO_METRIC} that is a number over 0: it found `{text}`")
                })?
            }
        };
        Ok(Sample {
            score,
            wall_s: output.wall_s,
            peak_bytes: output.peak_bytes,
        })
    }
}

impl Runs for Workload<'_> {
    fn run(&mut self, value: u64, round: Option<u32>) -> Result<Run> {
        let total = u64::from(self.plan.rounds) * self.plan.values.len() as u64 + 1;
        let label = match round {
            Some(round) => format!("round {} of {}, at {value}", round + 1, self.plan.rounds),
            None => format!("first run, not counted, at {value}"),
        };
        self.progress.position(self.done, total, &label);
        self.done += 1;
        match cargo::run_command(&self.command(value)) {
            Ok(output) => Ok(match self.sample(&output) {
                Ok(sample) => Run::Done(sample),
                Err(why) => Run::Failed(why),
            }),
            Err(error) if error.is::<Interrupted>() || error.is::<DeadlinePassed>() => {
                Ok(Run::Stopped)
            }
            Err(error) => Err(error),
        }
    }
}

fn last_line(text: &str) -> Option<&str> {
    text.lines().map(str::trim).rfind(|line| !line.is_empty())
}

/// `12,345.6` and `1_000` are numbers for people.
fn number(text: &str) -> Option<f64> {
    let plain: String = text.chars().filter(|c| !matches!(c, ',' | '_')).collect();
    let number: f64 = plain.trim().parse().ok()?;
    (number.is_finite() && number > 0.0).then_some(number)
}
