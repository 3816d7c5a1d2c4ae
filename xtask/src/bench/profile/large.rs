//! A minute's recording of a large program: the time from its end to the report, the memory that it takes,
//! and the same beside what cargo-flamegraph does after a recording.

use std::fs;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::cargo::{CommandRun, DeadlinePassed, UserCommand, run_command};

use super::{Told, named};
use crate::bench::{Bench, Figure, median};
use crate::process::say;

const MAIN: &str = include_str!("large_program.rs");
/// Libraries that the project's own lock file has, so that nothing is downloaded.
const MANIFEST: &str = "\
[package]
name = \"large\"
version = \"0.0.0\"
edition = \"2024\"

[dependencies]
cargo_metadata = \"0.23\"
clap = { version = \"4\", features = [\"derive\"] }
guppy = \"0.19\"
jsonc-parser = { version = \"0.34\", features = [\"serde\"] }
pulldown-cmark = { version = \"0.13\", default-features = false }
quote = \"1\"
regex = \"1\"
serde_json = \"1\"
similar = \"3\"
syn = { version = \"3\", features = [\"full\", \"extra-traits\", \"visit\", \"visit-mut\", \"fold\"] }
toml_edit = { version = \"0.25\", features = [\"serde\"] }
";

const A_MINUTE: u32 = 60;
const WARM_S: f64 = 0.5;
const COLD_S: f64 = 2.0;
const MEGABYTES: f64 = 300.0;
/// cargo-flamegraph's recordings are 64 MB a second: a minute of them is too much to ask of a disk.
const BESIDE_S: u32 = 10;
const TIMES: f64 = 10.0;
/// What is this much slower need not be waited for.
const ENOUGH_TIMES: f64 = 40.0;

pub fn measure(bench: &Bench, folder: &Utf8Path) -> Result<Vec<Figure>> {
    let large = Large::lay_out(bench, folder.join("large"))?;
    say("profile: building a large program for profiling");
    large.recorded(1)?;
    let program = fs::metadata(large.program()).context("the large program is not there")?;
    let megabytes = program.len() as f64 / 1e6;
    let name = format!("{megabytes:.0} MB program");
    say(&format!(
        "profile: recording the {name} for a minute, three times"
    ));
    fs::remove_dir_all(large.root.join("target/pitcrew/hotpath/symbols"))?;
    let cold = large.recorded(A_MINUTE)?;
    let warm = [large.recorded(A_MINUTE)?, large.recorded(A_MINUTE)?];
    let warm_s = median(&[warm[0].wait_s, warm[1].wait_s]);
    let peak = warm
        .iter()
        .fold(cold.peak_mb, |peak, one| peak.max(one.peak_mb));
    let mut figures = vec![
        named(
            &name,
            "a minute at 1 kHz, from its end to the report, symbols cached",
            format!("{warm_s:.2} s"),
            format!("{WARM_S:.1} s"),
            warm_s <= WARM_S,
        ),
        named(
            &name,
            "the same, nothing cached",
            format!("{:.2} s", cold.wait_s),
            format!("{COLD_S:.0} s"),
            cold.wait_s <= COLD_S,
        ),
        named(
            &name,
            "peak memory there",
            format!("{peak:.0} MB"),
            format!("{MEGABYTES:.0} MB"),
            peak < MEGABYTES,
        ),
    ];
    if which::which("flamegraph").is_ok() && which::which("perf").is_ok() {
        figures.push(large.beside_flamegraph(&name)?);
    } else {
        say("profile: perf or flamegraph is not installed: cargo-flamegraph is not compared");
    }
    Ok(figures)
}

struct Large<'b> {
    bench: &'b Bench,
    root: Utf8PathBuf,
}

struct Recorded {
    /// From the program's end to the end of the report.
    wait_s: f64,
    peak_mb: f64,
}

impl<'b> Large<'b> {
    fn lay_out(bench: &'b Bench, root: Utf8PathBuf) -> Result<Self> {
        fs::create_dir_all(root.join("src"))?;
        fs::write(root.join("Cargo.toml"), MANIFEST)?;
        fs::write(root.join("src/main.rs"), MAIN)?;
        fs::copy(crate::root().join("Cargo.lock"), root.join("Cargo.lock"))?;
        Ok(Self { bench, root })
    }

    fn program(&self) -> Utf8PathBuf {
        self.root.join("target/hotpath/large")
    }

    fn recorded(&self, seconds: u32) -> Result<Recorded> {
        let seconds = seconds.to_string();
        let words = [
            self.bench.hotpath.as_str(),
            "hotpath",
            "-q",
            "--offline",
            "--program-output=stderr",
            "--",
            &seconds,
        ];
        let ran = run_command(&self.run(&words, None))?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64();
        ensure!(ran.status.success(), "the recording failed: {}", ran.stderr);
        Ok(Recorded {
            wait_s: now - Told::read(&ran.stderr)?.ended_s,
            peak_mb: ran.peak_bytes.unwrap_or_default() as f64 / 1e6,
        })
    }

    fn run(&self, words: &[&str], deadline: Option<Instant>) -> CommandRun {
        CommandRun {
            command: UserCommand::Words(words.iter().map(|word| (*word).to_owned()).collect()),
            cwd: self.root.clone(),
            env: vec![(
                "CARGO_TARGET_DIR".to_owned(),
                self.root.join("target").to_string(),
            )],
            deadline,
        }
    }

    /// `flamegraph` on a recording made as it makes them: `perf script`, collapsed and drawn.
    fn beside_flamegraph(&self, name: &str) -> Result<Figure> {
        say("profile: the same program for 10 s, and what cargo-flamegraph does after it");
        let ours = self.recorded(BESIDE_S)?.wait_s;
        let (program, seconds) = (self.program(), BESIDE_S.to_string());
        let words = [
            "perf",
            "record",
            "-q",
            "-F",
            "997",
            "--call-graph",
            "dwarf,64000",
            "-g",
        ];
        let words = [
            &words,
            &["-o", "perf.data", "--", program.as_str(), &seconds][..],
        ]
        .concat();
        let ran = run_command(&self.run(&words, None))?;
        ensure!(ran.status.success(), "perf record failed: {}", ran.stderr);
        let begun = Instant::now();
        let deadline = begun + Duration::from_secs_f64(ours * ENOUGH_TIMES);
        let words = [
            "flamegraph",
            "--perfdata",
            "perf.data",
            "-o",
            "flamegraph.svg",
        ];
        let drawn = run_command(&self.run(&words, Some(deadline)));
        let (theirs, at_least) = match drawn {
            Ok(ran) if ran.status.success() => (ran.wall_s, ""),
            Ok(ran) => anyhow::bail!("flamegraph failed: {}", ran.stderr),
            Err(error) if error.is::<DeadlinePassed>() => {
                (begun.elapsed().as_secs_f64(), "more than ")
            }
            Err(error) => return Err(error),
        };
        let times = theirs / ours;
        Ok(named(
            name,
            "10 s of it: our report before that of cargo-flamegraph's post-processing",
            format!("{at_least}{times:.0} times ({ours:.2} s, {at_least}{theirs:.1} s)"),
            format!("{TIMES:.0} times"),
            times >= TIMES,
        ))
    }
}
