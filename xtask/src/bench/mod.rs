//! `cargo xtask bench`: the figures that the documents claim, measured anew, interleaved in one run
//! and beside the peers that are installed.

mod advice;
mod answer;
mod clippy;
mod effects;
mod lint;
mod overhead;
mod peers;
mod profile;
pub mod sample;
mod slim;
mod start;
mod trials;

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueEnum;

use crate::plugins::PLUGINS;
use crate::process::{self, cargo, say};

#[derive(clap::Args)]
pub struct Args {
    /// What to measure; everything by default
    #[arg(value_enum)]
    what: Vec<What>,
    /// Measure on this project too (it is copied, never touched); may be repeated
    #[arg(long, value_name = "DIR")]
    project: Vec<Utf8PathBuf>,
    /// Interleaved rounds
    #[arg(long, default_value_t = 9, value_name = "N")]
    rounds: u32,
    /// Of the programs of `advice` only those whose name holds one of these
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Also write the figures to FILE, as Markdown
    #[arg(long, value_name = "FILE")]
    write: Option<Utf8PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// How large the plugins are, and how long they take to start
    Start,
    /// What recording adds to a build
    Overhead,
    /// How long a report takes with a recording at hand, on 500 packages
    Answer,
    /// What the trials of `--goal edit` cost, in clean builds
    Trials,
    /// What each setting does to the phases of a build (only when named)
    Effects,
    /// The applied result beside cargo-wizard's fast-compile template
    Peers,
    /// What `cargo concurrency-lint` costs, and what it finds beside clippy
    Lint,
    /// The scan of `cargo depslim` beside cargo-shear's and cargo-machete's
    Scan,
    /// What proving unused dependencies costs beside one `cargo check --all-targets`
    Unused,
    /// Minimal features beside `cargo features prune` (only when named)
    Features,
    /// What `cargo hotpath` costs, and its shares beside those of `perf report`
    Profile,
    /// What following the advice gains, beside what it promises (only when named)
    Advice,
}

/// One measured figure: where, what, and the bound that we hold ourselves to.
pub struct Figure {
    pub project: String,
    pub what: String,
    pub value: String,
    pub bound: String,
    pub holds: bool,
}

/// What the measurements share.
pub struct Bench {
    /// The release builds of the plugins.
    pub plugin: Utf8PathBuf,
    pub hotpath: Utf8PathBuf,
    pub lint: Utf8PathBuf,
    pub depslim: Utf8PathBuf,
    pub rounds: u32,
}

/// Measures, prints a table, and fails where a bound does not hold.
pub fn run(args: &Args) -> Result<()> {
    let mut build = cargo();
    build.args(["build", "--release", "--locked"]);
    // All of them, whatever is measured: cargo compiles the dependencies anew for each other choice.
    for plugin in PLUGINS {
        build.args(["-p", plugin.package]);
    }
    build.arg("--message-format=json-render-diagnostics");
    say(&format!("$ {}", process::shown(&build)));
    let built = crate::demo::executables(&process::output(&mut build)?);
    let plugin = |name: &str| {
        let bin = built.iter().find(|bin| bin.file_stem() == Some(name));
        bin.cloned().unwrap_or_default()
    };
    let bench = Bench {
        plugin: plugin("cargo-buildspeed"),
        hotpath: plugin("cargo-hotpath"),
        lint: plugin("cargo-concurrency-lint"),
        depslim: plugin("cargo-depslim"),
        rounds: args.rounds.max(3),
    };
    let bundled = crate::root().join("tests/fixtures/sample-workspace");
    let projects = if args.project.is_empty() {
        vec![bundled]
    } else {
        args.project.clone()
    };

    let wanted = |what| args.what.is_empty() || args.what.contains(&what);

    let mut figures = Vec::new();
    if wanted(What::Start) {
        figures.extend(start::measure(&bench)?);
    }
    if wanted(What::Answer) {
        figures.extend(answer::measure(&bench)?);
    }
    if wanted(What::Lint) {
        figures.extend(lint::measure(&bench)?);
    }
    if wanted(What::Profile) {
        figures.extend(profile::measure(&bench)?);
    }
    if args.what.contains(&What::Advice) {
        figures.extend(advice::measure(&bench, &args.only)?);
    }
    for project in &projects {
        if wanted(What::Overhead) {
            figures.extend(overhead::measure(&bench, project)?);
        }
        if wanted(What::Trials) {
            figures.extend(trials::measure(&bench, project)?);
        }
        if args.what.contains(&What::Effects) {
            figures.extend(effects::measure(&bench, project)?);
        }
        if wanted(What::Scan) {
            figures.extend(slim::scan(&bench, project)?);
        }
        if wanted(What::Unused) {
            figures.extend(slim::proof(&bench, project)?);
        }
        if args.what.contains(&What::Features) {
            figures.extend(slim::features(&bench, project)?);
        }
        if wanted(What::Peers) {
            figures.extend(peers::measure(&bench, project)?);
        }
    }
    let table = table(&figures);
    say(&table);
    if let Some(path) = &args.write {
        fs::write(path, table).with_context(|| format!("cannot write {path}"))?;
    }
    let broken = figures.iter().filter(|figure| !figure.holds).count();
    anyhow::ensure!(broken == 0, "{broken} figures do not hold");
    Ok(())
}

/// The figures as Markdown.
pub fn table(figures: &[Figure]) -> String {
    let mut out = String::from(
        "\n| project | what | measured | bound | |\n| --- | --- | --- | --- | --- |\n",
    );
    for f in figures {
        let verdict = if f.holds {
            "holds"
        } else {
            "**does not hold**"
        };
        let row = [&f.project, &f.what, &f.value, &f.bound]
            .map(String::as_str)
            .join(" | ");
        out.push_str(&format!("| {row} | {verdict} |\n"));
    }
    out
}

impl Bench {
    /// The plugin in a folder, with state of its own so that the user's is not touched.
    pub fn plugin(&self, folder: &Utf8Path, state: &Utf8Path) -> Command {
        let mut command = Command::new(&self.plugin);
        command
            .arg("buildspeed")
            .current_dir(folder)
            .env("PITCREW_STATE_DIR", state);
        command
            .env("CARGO_TERM_COLOR", "never")
            .env_remove("CARGO_TARGET_DIR");
        command
    }
}

/// The middle one; 0 of none.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => sorted[n / 2],
        n => (sorted[n / 2 - 1] + sorted[n / 2]) / 2.0,
    }
}

/// Seconds that a command takes; its output is thrown away, its failure is an error.
pub fn seconds(command: &mut Command) -> Result<f64> {
    let begun = std::time::Instant::now();
    process::output(command)?;
    Ok(begun.elapsed().as_secs_f64())
}
