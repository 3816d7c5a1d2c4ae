//! From what the user named, a binary, an example, tests or a benchmark, to the program that is run.

use std::ffi::OsString;
use std::process::Command;

use anyhow::{Context, Result, bail};
use camino::Utf8Path;
use pitcrew_core::progress::Progress;
use pitcrew_core::session::Session;

use pitcrew_core::cli::CargoFlags;

use crate::args::{BenchArgs, CountArgs, DiffArgs, HeapArgs, RunArgs, TestArgs};
use crate::observe::build::{self, Built, Executable, Harness, Wanted};
use crate::record::Program;

/// What is profiled, and how.
pub struct Chosen<'a> {
    cargo: &'a CargoFlags,
    args: &'a [OsString],
    what: What<'a>,
}

enum What<'a> {
    /// A binary or an example, by name.
    Program(Option<&'a str>, Option<&'a str>),
    Test(&'a TestArgs),
    Bench(&'a BenchArgs),
}

impl<'a> Chosen<'a> {
    pub fn run(args: &'a RunArgs) -> Self {
        let what = What::Program(args.bin.as_deref(), args.example.as_deref());
        Self::new(&args.profiling.cargo, &args.profiling.args, what)
    }

    pub fn heap(args: &'a HeapArgs) -> Self {
        let what = What::Program(args.bin.as_deref(), args.example.as_deref());
        Self::new(&args.cargo, &args.args, what)
    }

    pub fn count(args: &'a CountArgs) -> Self {
        let what = What::Program(args.bin.as_deref(), args.example.as_deref());
        Self::new(&args.cargo, &args.args, what)
    }

    /// For one side of a comparison, with the flags that choose its sources.
    pub fn diff(args: &'a DiffArgs, cargo: &'a CargoFlags) -> Self {
        let what = What::Program(args.bin.as_deref(), args.example.as_deref());
        Self::new(cargo, &args.args, what)
    }

    pub fn test(args: &'a TestArgs) -> Self {
        let what = What::Test(args);
        Self::new(&args.profiling.cargo, &args.profiling.args, what)
    }

    pub fn bench(args: &'a BenchArgs) -> Self {
        let what = What::Bench(args);
        Self::new(&args.profiling.cargo, &args.profiling.args, what)
    }

    fn new(cargo: &'a CargoFlags, args: &'a [OsString], what: What<'a>) -> Self {
        Self { cargo, args, what }
    }

    /// Builds it and says how to run it.
    pub fn build(&self, session: &Session, progress: &mut Progress) -> Result<Program> {
        let wanted = match &self.what {
            What::Program(bin, example) => build::choose(session, *bin, *example)?,
            What::Test(args) => {
                let named = args.test.as_ref().map(|name| format!("--test={name}"));
                let lib = args.lib.then(|| "--lib".to_owned());
                let bin = args.bin.as_ref().map(|name| format!("--bin={name}"));
                Wanted::Tests(named.into_iter().chain(lib).chain(bin).collect())
            }
            What::Bench(args) => {
                let named = args.bench.as_ref().map(|name| format!("--bench={name}"));
                Wanted::Benches(vec![named.unwrap_or_else(|| "--benches".to_owned())])
            }
        };
        let built = build::build(session, self.cargo, &wanted, progress)?;
        let (executable, args, home) = match &self.what {
            What::Program(..) => {
                let executable = built.executables.first();
                let executable = executable.context("cargo named no executable")?;
                (executable, self.args.to_vec(), false)
            }
            What::Test(test) => {
                let executable = with_test(&built, test.name.as_deref())?;
                (executable, test_args(test), true)
            }
            What::Bench(bench) => {
                let executable = with_bench(&built, bench.name.as_deref())?;
                (executable, bench_args(bench, executable.harness), true)
            }
        };
        let mut program = program(session, &built, executable, &args, home);
        program.harness = matches!(self.what, What::Bench(_)).then_some(executable.harness);
        Ok(program)
    }
}

fn program(
    session: &Session,
    built: &Built,
    executable: &Executable,
    args: &[OsString],
    in_package: bool,
) -> Program {
    let mut command = Command::new(&executable.path);
    command.args(args);
    // As cargo does it: `run` where the user stands, tests and benches in their package.
    command.current_dir(if in_package {
        &executable.package_dir
    } else {
        &session.cwd
    });
    command.env("CARGO_MANIFEST_DIR", &executable.package_dir);
    let name = executable.path.file_name().unwrap_or("program");
    let mut shown = vec![name.to_owned()];
    shown.extend(args.iter().map(|arg| arg.to_string_lossy().into_owned()));
    Program {
        command,
        shown: shown.join(" "),
        call: None,
        build_profile: Some(built.profile.clone()),
        optimised: Some(built.optimised),
        harness: None,
    }
}

fn test_args(args: &TestArgs) -> Vec<OsString> {
    let name = args.name.iter().map(OsString::from);
    name.chain(args.profiling.args.iter().cloned()).collect()
}

/// Past all that is not the benchmark: criterion's statistics would be half of the profile, and divan
/// would be done with a short one before it is seen.
fn bench_args(args: &BenchArgs, harness: Harness) -> Vec<OsString> {
    let mut all: Vec<OsString> = vec!["--bench".into()];
    all.extend(args.name.iter().map(OsString::from));
    let seconds = args.profile_time.as_secs().max(1).to_string();
    match harness {
        Harness::Criterion => all.extend(["--profile-time".into(), seconds.into()]),
        Harness::Divan => all.extend(["--min-time".into(), seconds.into()]),
        Harness::Libtest => {}
    }
    all.extend(args.profiling.args.iter().cloned());
    all
}

/// The one test program that has a test whose name holds `name`.
fn with_test<'b>(built: &'b Built, name: Option<&str>) -> Result<&'b Executable> {
    let mut having = Vec::new();
    for executable in &built.executables {
        if holds_test(&executable.path, name)? {
            having.push(executable);
        }
    }
    let what = name.map_or_else(
        || "tests".to_owned(),
        |name| format!("a test whose name holds `{name}`"),
    );
    one(&having, &what)
}

/// libtest lists its tests as `name: test`; a harness that does not know the flag is asked to run.
fn holds_test(path: &Utf8Path, name: Option<&str>) -> Result<bool> {
    let mut command = Command::new(path);
    command.args(name).args(["--list", "--format", "terse"]);
    let output = command
        .output()
        .with_context(|| format!("cannot start {path}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().any(|line| line.ends_with(": test")))
}

/// The one bench program. Its harness would run nothing, and not say so, where no name holds `name`.
fn with_bench<'b>(built: &'b Built, name: Option<&str>) -> Result<&'b Executable> {
    let all: Vec<&Executable> = built.executables.iter().collect();
    let executable = one(&all, "benchmarks")?;
    let lists = executable.harness != Harness::Libtest;
    if let Some(name) = name.filter(|_| lists)
        && !holds_bench(&executable.path, name)?
    {
        bail!("no benchmark's name holds `{name}`: `cargo bench -- --list` shows them");
    }
    Ok(executable)
}

/// criterion lists `name: benchmark`, divan a tree.
fn holds_bench(path: &Utf8Path, name: &str) -> Result<bool> {
    let mut command = Command::new(path);
    let output = command.args(["--bench", "--list", name]).output();
    let output = output.with_context(|| format!("cannot start {path}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let is_name = |line: &str| line.ends_with(": benchmark") || line.contains('─');
    // A harness that has no list is asked to run.
    Ok(!output.status.success() || text.lines().any(is_name))
}

fn one<'b>(found: &[&'b Executable], what: &str) -> Result<&'b Executable> {
    match found {
        [] => bail!("no selected package has {what}"),
        [executable] => Ok(executable),
        several => {
            let mut flags: Vec<&str> = several.iter().map(|e| e.flag.as_str()).collect();
            flags.sort_unstable();
            bail!(
                "several programs have {what}: choose with one of {}",
                flags.join(", ")
            )
        }
    }
}
