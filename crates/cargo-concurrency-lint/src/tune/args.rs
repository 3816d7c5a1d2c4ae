//! The command line of `tune`, and the plan that it makes.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use clap::{Args, ValueEnum};
use pitcrew_core::cli::OutputFlags;
use regex::Regex;

/// Finds the concurrency limit that your own workload needs, by running it at each
#[derive(Debug, Args)]
pub struct TuneArgs {
    /// The environment variable that holds the limit; without it, `{}` in the command stands for it
    #[arg(long, value_name = "NAME")]
    pub env: Option<String>,

    /// The limits to try, separated by commas: `10,50,100,200,500`
    #[arg(long, value_name = "N,N,...", value_delimiter = ',', required = true)]
    pub values: Vec<u64>,

    /// Judge by a number that the command prints: the first group of REGEX, else its whole match;
    /// without it, by the time the command takes
    #[arg(long, value_name = "REGEX")]
    pub metric: Option<String>,

    /// Whether a higher or a lower metric is better
    #[arg(long, value_enum, default_value_t = Better::Higher, requires = "metric")]
    pub better: Better,

    /// A run whose output matches REGEX has failed, whatever its exit status
    #[arg(long, value_name = "REGEX")]
    pub errors: Option<String>,

    /// Rounds; in each the command runs once at each limit
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u32).range(3..=1000))]
    pub rounds: u32,

    /// A limit within this many percent of the best is as good as the best
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0)]
    pub tolerance: f64,

    /// Bound the time of all runs together: `90s`, `10m`, `1h`
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = pitcrew_core::cli::duration)]
    pub budget: Duration,

    /// The command, after `--`
    #[arg(last = true, required = true, value_name = "CMD")]
    pub command: Vec<String>,

    #[command(flatten)]
    pub output: OutputFlags,
}

/// Which way a metric counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Better {
    Higher,
    Lower,
}

/// The same, checked.
#[derive(Debug, Clone)]
pub struct Plan {
    pub env: Option<String>,
    /// Ascending, without doubles, at least two.
    pub values: Vec<u64>,
    pub metric: Option<Metric>,
    pub errors: Option<Regex>,
    pub rounds: u32,
    /// As a ratio: 1.05 for 5 %.
    pub tolerance: f64,
    pub budget: Duration,
    pub command: Vec<String>,
}

/// A number that the command prints.
#[derive(Debug, Clone)]
pub struct Metric {
    pub pattern: Regex,
    pub better: Better,
}

impl TuneArgs {
    pub fn plan(&self) -> Result<Plan> {
        let mut values = self.values.clone();
        values.sort_unstable();
        values.dedup();
        ensure!(
            values.len() >= 2,
            "`--values` needs two limits or more to compare: `--values 10,50,100,200`"
        );
        let in_command = self.command.iter().any(|word| word.contains("{}"));
        if self.env.is_none() && !in_command {
            bail!(
                "the limit does not reach the command: pass `--env NAME`, or write `{{}}` where the \
                 limit stands in the command"
            );
        }
        if let Some(name) = self.env.as_ref().filter(|name| !is_variable(name)) {
            bail!("`--env {name}` is not the name of an environment variable");
        }
        ensure!(
            self.tolerance.is_finite() && (0.0..=100.0).contains(&self.tolerance),
            "`--tolerance` is a number of percent from 0 to 100"
        );
        let metric = self.metric.as_deref().map(|text| pattern("--metric", text));
        Ok(Plan {
            env: self.env.clone(),
            values,
            metric: metric.transpose()?.map(|pattern| Metric {
                pattern,
                better: self.better,
            }),
            errors: self
                .errors
                .as_deref()
                .map(|text| pattern("--errors", text))
                .transpose()?,
            rounds: self.rounds,
            tolerance: 1.0 + self.tolerance / 100.0,
            budget: self.budget,
            command: self.command.clone(),
        })
    }
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}

/// Lines are matched one by one, so `^` and `$` mean their ends.
fn pattern(flag: &str, text: &str) -> Result<Regex> {
    let built = regex::RegexBuilder::new(text).multi_line(true).build();
    built.map_err(|error| anyhow::anyhow!("`{flag}` is not a regular expression: {error}"))
}
