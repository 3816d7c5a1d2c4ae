//! `cargo concurrency-lint`: where async code stalls, floods or waits without end.
//!
//! [`run`] is the whole pipeline: observe the workspace's sources and ask its compiler, let the rules
//! judge, leave out what the project accepts, then apply what compiles or report.

pub mod allow;
pub mod args;
pub mod baseline;
pub mod calls;
pub mod ecosystem;
pub mod facts;
pub mod limits;
pub mod mir;
pub mod observe;
pub mod program;
pub mod prove;
pub mod report;
pub mod rules;
pub mod select;
pub mod tune;
pub mod why;

use anyhow::Result;
use pitcrew_core::cargo;
use pitcrew_core::cli::Out;
use pitcrew_core::exit::Exit;
use pitcrew_core::explain;
use pitcrew_core::finding::RuleInfo;
use pitcrew_core::fix::Applicability;
use pitcrew_core::progress::Progress;
use pitcrew_core::session::{Session, recover};
use pitcrew_core::settings::{Known, Settings, UNUSED_ALLOW};
use std::mem::ManuallyDrop;

use crate::allow::BAD_ALLOW;
use crate::args::{Args, Command};
use crate::observe::ahead::Ahead;
use crate::observe::workspace::{Reading, observe};
use crate::program::Program;
use crate::report::Told;

/// The name under which the journal keeps what this plugin writes.
const TOOL: &str = "cargo-concurrency-lint";

/// Runs `cargo concurrency-lint`.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the entry point hands its arguments over"
)]
pub fn run(args: Args, out: &mut Out<'_>) -> Result<Exit> {
    match &args.command {
        Some(Command::Explain(explain)) => return explain.run(&rule_infos(), out),
        Some(Command::Tune(args)) => return tune::run(args, out),
        Some(Command::Why(args)) => {
            cargo::install_interrupt_handler()?;
            let ahead = Ahead::start(&args.cargo, args.facts.generated);
            let session = Session::open(&args.cargo)?;
            let (ecosystem, early) = ahead.wait()?;
            let reading = Reading {
                session: &session,
                cargo: &args.cargo,
                flags: &args.facts,
                settings: &settings(&session)?,
                ecosystem: &ecosystem,
            };
            let observed = observe(&reading, early, &mut Progress::new(args.output.quiet))?;
            let program = Program::new(&observed.facts, &ecosystem);
            return why::run(&program, &session, &args.place, out);
        }
        None if args.explain.is_some() => {
            return explain::explain(&rule_infos(), args.explain.as_deref(), out);
        }
        None => {}
    }
    cargo::install_interrupt_handler()?;
    for recovered in recover(&args.cargo)? {
        out.note(recovered)?;
    }
    if args.apply.undo {
        pitcrew_core::apply::undo(&Session::open(&args.cargo)?, TOOL, out)?;
        return Ok(Exit::Clean);
    }

    // Observe.
    let ahead = Ahead::start(&args.cargo, args.facts.generated);
    let session = Session::open(&args.cargo)?;
    let (ecosystem, early) = ahead.wait()?;
    let settings = settings(&session)?;
    let mut progress = Progress::new(args.output.quiet);
    let reading = Reading {
        session: &session,
        cargo: &args.cargo,
        flags: &args.facts,
        settings: &settings,
        ecosystem: &ecosystem,
    };
    // What is known of a large workspace is never given back piece by piece: the process ends with us.
    let observed = ManuallyDrop::new(observe(&reading, early, &mut progress)?);
    // Judge.
    let program = ManuallyDrop::new(Program::new(&observed.facts, &ecosystem));
    let found = rules::judge(&program);
    let mut findings = select::select(&session, &args.select, &program, &settings, found)?;
    // Prove.
    if args.apply.apply {
        prove::prove(
            &session,
            &args.cargo,
            grade(&args),
            &observed.facts.files,
            &mut findings,
            &mut progress,
        )?;
    }
    // Report or apply.
    let told = Told {
        facts: &observed.facts,
        notices: &observed.notices,
        findings: &findings,
    };
    report::print(&session, &args, &told, out)?;
    if args.apply.apply {
        return apply(&session, &args, &told, out);
    }
    let fails = args.apply.check && findings.iter().any(report::counts);
    Ok(if fails { Exit::Findings } else { Exit::Clean })
}

/// Writes the fixes that compile.
fn apply(session: &Session, args: &Args, told: &Told<'_>, out: &mut Out<'_>) -> Result<Exit> {
    let plan = prove::plan(session, &told.facts.files, told.findings)?;
    if plan.is_empty() {
        writeln!(
            out.stderr,
            "Nothing to apply: no finding has a fix that compiles."
        )?;
    } else {
        let how = (&args.apply, args.output.format);
        pitcrew_core::apply::write(session, TOOL, &plan, how, out)?;
    }
    Ok(Exit::Clean)
}

/// The least sure grade of fix that `--apply` writes.
fn grade(args: &Args) -> Applicability {
    if args.apply.allow_maybe_incorrect {
        Applicability::MaybeIncorrect
    } else {
        Applicability::MachineApplicable
    }
}

fn settings(session: &Session) -> Result<Settings> {
    session.settings(&Known {
        plugin: "concurrency-lint",
        keys: limits::KEYS,
        rules: &rule_infos(),
    })
}

/// Every rule that a finding may name.
pub fn rule_infos() -> Vec<&'static RuleInfo> {
    rules::RULES
        .iter()
        .map(|rule| rule.info())
        .chain([&UNUSED_ALLOW, &BAD_ALLOW])
        .collect()
}
