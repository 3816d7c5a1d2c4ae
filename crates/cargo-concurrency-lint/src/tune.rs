//! `cargo concurrency-lint tune`: the concurrency limit that the user's own workload needs. It is run
//! at each limit, in rounds, so that a machine that drifts drifts for all; the smallest limit that is
//! as good as the best is the knee, given with its uncertainty.

pub mod args;
mod knee;
mod report;
mod rounds;
#[cfg(test)]
mod tests;
mod workload;

use anyhow::Result;
use pitcrew_core::cargo;
use pitcrew_core::cli::Out;
use pitcrew_core::exit::Exit;

use args::TuneArgs;
use workload::Workload;

/// Runs the workload at each limit and reports; failing runs are a finding of their own.
pub fn run(args: &TuneArgs, out: &mut Out<'_>) -> Result<Exit> {
    let plan = args.plan()?;
    cargo::install_interrupt_handler()?;
    let mut workload = Workload::new(&plan, args.output.quiet)?;
    let rounds = rounds::run(&plan, &mut workload)?;
    workload.finish();
    let knee = knee::find(&plan, &rounds);
    report::write(args.output.format, &plan, &rounds, knee.as_ref(), out)?;
    Ok(match knee {
        Some(_) => Exit::Clean,
        None => Exit::Failed,
    })
}
