//! `cargo concurrency-lint why FILE:LINE`: who runs the code at a place, who calls it, and how it comes
//! to block.

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::cli::Out;
use pitcrew_core::exit::Exit;
use pitcrew_core::session::Session;

use crate::ecosystem::{As, BlockingKind};
use crate::facts::{BodyId, Function, FunctionId};
use crate::program::{Program, Runs};

/// Every kind, in the order in which they are told.
const KINDS: [BlockingKind; 12] = [
    BlockingKind::Sleep,
    BlockingKind::BlockOn,
    BlockingKind::File,
    BlockingKind::Input,
    BlockingKind::Network,
    BlockingKind::Process,
    BlockingKind::Thread,
    BlockingKind::Channel,
    BlockingKind::Wait,
    BlockingKind::Http,
    BlockingKind::Database,
    BlockingKind::Cpu,
];

/// Callers are followed no further up.
const DEPTH: usize = 12;

pub fn run(
    program: &Program<'_>,
    session: &Session,
    place: &str,
    out: &mut Out<'_>,
) -> Result<Exit> {
    let (path, line) = parse(place)?;
    let path = within(session, &path);
    let known = program
        .facts
        .files
        .iter()
        .position(|file| file.path == path);
    let Some(file) = known else {
        bail!("{path} is no source file of this workspace that was read");
    };
    let mut told = false;
    for (id, function) in program.functions() {
        let span = function.span;
        let here = span.file.index() == file && (span.start.line..=span.end.line).contains(&line);
        if here {
            tell(program, id, function, line, out)?;
            told = true;
        }
    }
    if !told {
        writeln!(out.stdout, "{path}:{line} lies in no function.")?;
    }
    Ok(Exit::Clean)
}

fn parse(place: &str) -> Result<(Utf8PathBuf, u32)> {
    let usage = "name a place as reports print it: src/main.rs:12";
    let mut parts = place.split(':');
    let (Some(path), Some(line)) = (parts.next(), parts.next()) else {
        bail!(usage);
    };
    let line = line.parse().context(usage)?;
    Ok((path.into(), line))
}

/// Relative to the workspace root, wherever the user stands.
fn within(session: &Session, path: &Utf8Path) -> Utf8PathBuf {
    let from_here = session.cwd.join(path);
    match from_here.canonicalize_utf8() {
        Ok(found) => session.workspace.relative(&found),
        Err(_) => path.to_owned(),
    }
}

fn tell(
    program: &Program<'_>,
    id: FunctionId,
    function: &Function,
    line: u32,
    out: &mut Out<'_>,
) -> Result<()> {
    writeln!(
        out.stdout,
        "{} ({})",
        function.path,
        program.place(function.name)
    )?;
    let body = innermost(function, line);
    writeln!(
        out.stdout,
        "  {}",
        describe(program.runs(function, id.index(), body), function)
    )?;
    if let Some(way) = from_async(program, id) {
        writeln!(out.stdout, "  reached from polled code: {way}")?;
    }
    let calls = function.call_ids().filter(|call| {
        let span = function[*call].span;
        span.start.line <= line && line <= span.end.line
    });
    for call in calls {
        for kind in KINDS {
            if let Some((chain, row)) = program.blocking_chain(function, call, kind) {
                writeln!(out.stdout, "  blocks: {}", program.describe(&chain))?;
                writeln!(out.stdout, "    {}", row.does)?;
            }
        }
    }
    Ok(())
}

fn innermost(function: &Function, line: u32) -> BodyId {
    let around = function.body_ids().filter(|id| {
        let span = function[*id].span;
        span.start.line <= line && line <= span.end.line
    });
    around.last().unwrap_or_default()
}

fn describe(runs: Runs, function: &Function) -> String {
    match runs {
        Runs::Polled => "an executor polls this: what blocks here keeps its thread".to_owned(),
        Runs::Here if function.bodies[0].is_async => "an executor polls this".to_owned(),
        Runs::Here => "runs on the thread of whoever calls it".to_owned(),
        Runs::Apart(As::BlockingPool) => {
            "runs on the pool for blocking work: blocking is right".to_owned()
        }
        Runs::Apart(As::BlockInPlace) => "runs in block_in_place: blocking is right".to_owned(),
        Runs::Apart(_) => "runs on a thread of its own: blocking is right".to_owned(),
        Runs::Unknown => "given to code that is not read: nobody knows who runs it".to_owned(),
    }
}

/// The way from a polled call down to this function, if there is one.
fn from_async(program: &Program<'_>, id: FunctionId) -> Option<String> {
    let mut queue = vec![vec![id]];
    let mut seen = vec![id];
    for _ in 0..DEPTH {
        let mut next = Vec::new();
        for way in queue {
            let target = *way.last()?;
            for site in program.callers(target) {
                let caller = program.function(site.function);
                let call = &caller[site.call];
                let mut way = way.clone();
                way.push(site.function);
                if program.is_polled(caller, site.function.index(), call.body) {
                    let names = way
                        .iter()
                        .rev()
                        .map(|id| program.function(*id).path.as_str());
                    return Some(names.collect::<Vec<_>>().join(" → "));
                }
                if !seen.contains(&site.function) {
                    seen.push(site.function);
                    next.push(way);
                }
            }
        }
        queue = next;
    }
    None
}
