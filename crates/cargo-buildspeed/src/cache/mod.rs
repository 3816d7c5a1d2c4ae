//! `cargo buildspeed cache`: sccache, the compilation cache that teams already run, set up, measured
//! and explained. Nothing is installed here: where something is missing, the command is said.
//!
//! *Observe* (`sccache`, `reach`, `situation`), *judge* (`judge`, `doctor::compare`, `trial::uncached`:
//! pure), *prove* (`trial`), *apply* (`setup`) or *report* (`report`). `guard` is what runs in builds.

pub mod args;
pub mod backend;
mod ci;
pub mod doctor;
pub mod guard;
pub mod judge;
pub mod reach;
mod report;
pub mod rules;
pub mod sccache;
pub mod setup;
pub mod situation;
pub mod stats;
pub mod trial;

use anyhow::Result;
use pitcrew_core::cargo;
use pitcrew_core::cli::{CargoFlags, Out};
use pitcrew_core::exit::Exit;
use pitcrew_core::session::{Session, recover};

use args::{CacheCommand, StatusArgs};
use report::Told;
use situation::Situation;

/// Runs `cargo buildspeed cache`.
pub fn run(command: &CacheCommand, out: &mut Out<'_>) -> Result<Exit> {
    match command {
        CacheCommand::Status(args) => status(args, out),
        CacheCommand::Setup(args) => setup::run(args, out),
        CacheCommand::Trial(args) => trial::run(args, out),
        CacheCommand::Doctor(args) => doctor::run(args, out),
        CacheCommand::Ci(args) => ci::run(args, out),
    }
}

/// What is set up, whether it works, and what it did so far.
fn status(args: &StatusArgs, out: &mut Out<'_>) -> Result<Exit> {
    let session = open(&args.cargo, out)?;
    let situation = Situation::observe(&session, args.wait);
    let findings = judge::judge(&situation);
    let told = Told {
        lines: report::situation(&situation),
        summary: serde_json::json!({ "cache": report::situation_json(&situation) }),
        findings: &findings,
    };
    report::print(&session, &args.output, &told, out)?;
    Ok(report::exit(&findings, args.check))
}

/// What every subcommand starts from.
fn open(flags: &CargoFlags, out: &mut Out<'_>) -> Result<Session> {
    cargo::install_interrupt_handler()?;
    for recovered in recover(flags)? {
        out.note(recovered)?;
    }
    Session::open_around_wrapper(flags)
}
