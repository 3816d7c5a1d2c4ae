//! `cargo hotpath`: where a program spends its time, and what to change there.
//!
//! [`run`] is the whole pipeline: observe (build, record, unwind, symbolise) until there is a
//! [`Profile`], let the rules judge it, and report. Nothing in the user's tree is written.

pub mod advice;
pub mod analyse;
pub mod args;
pub mod bench;
pub mod code;
pub mod compare;
pub mod count;
pub mod export;
pub mod facts;
pub mod heap;
pub mod html;
pub mod import;
pub mod kept;
pub mod names;
pub mod observe;
pub mod present;
pub mod profile;
pub mod program;
pub mod record;
pub mod report;
pub mod rules;
pub mod scaffold;

use anyhow::{Context, Result};
use camino::Utf8Path;
use pitcrew_core::cargo;
use pitcrew_core::cli::{CargoFlags, Out, OutputFlags};
use pitcrew_core::exit::Exit;
use pitcrew_core::finding::RuleInfo;
use pitcrew_core::progress::Progress;
use pitcrew_core::render::Format;
use pitcrew_core::session::Session;

use crate::analyse::changes::Change;
use crate::analyse::{Filter, View};
use crate::args::{
    Args, AttachArgs, BenchArgs, Command, DiffArgs, HeapArgs, ImportArgs, OpenArgs, PickArgs,
    Profiling, SaveArgs, ShowArgs, ViewFlags,
};
use crate::kept::Kept;
use crate::profile::Profile;
use crate::program::Chosen;
use crate::record::Program;
use crate::report::Sources;
use crate::report::listing::Question;

/// Runs `cargo hotpath`.
pub fn run(args: Args, out: &mut Out<'_>) -> Result<Exit> {
    match args.command {
        None => record(&Chosen::run(&args.run), &args.run.profiling, out),
        Some(Command::Run(args)) => record(&Chosen::run(&args), &args.profiling, out),
        Some(Command::Test(args)) => record(&Chosen::test(&args), &args.profiling, out),
        Some(Command::Bench(args)) if args.init.asked() => scaffold::run(&args, out),
        Some(Command::Bench(args)) => benchmark(&args, out),
        Some(Command::Attach(args)) => attach(&args, out),
        Some(Command::Heap(args)) => heap(&args, out),
        Some(Command::Show(args)) => show(&args, out),
        Some(Command::List(args)) => list(&args, out),
        Some(Command::Peek(args)) => peek(&args, out),
        Some(Command::Diff(args)) => diff(&args, out),
        Some(Command::Import(args)) => import(&args, out),
        Some(Command::Save(args)) => save(&args, out),
        Some(Command::Count(args)) => count::run(&args, out),
        Some(Command::Open(args)) => open(&args, out),
        Some(Command::Explain(explain)) => explain.run(&rule_infos(), out),
    }
}

/// Every rule that a finding may name.
pub fn rule_infos() -> Vec<&'static RuleInfo> {
    let mut all = rules::infos();
    all.extend(heap::rules::RULES.iter().map(|rule| rule.info()));
    all.sort_by_key(|info| info.id);
    all
}

/// Builds a program, records it and reports.
fn record(chosen: &Chosen<'_>, profiling: &Profiling, out: &mut Out<'_>) -> Result<Exit> {
    let Profiling { view, output, .. } = profiling;
    present::check(view, false)?;
    let ready = Ready::of(chosen, &profiling.cargo, output, out)?;
    let (kept, for_machines) = (&ready.kept, output.format != Format::Human);
    let profile = record::run(&ready.program, &profiling.record, for_machines, kept, out)?;
    ready.report(&profile, view, output, out)
}

/// The same of benchmarks, with what their harness measured and without its own work.
fn benchmark(args: &BenchArgs, out: &mut Out<'_>) -> Result<Exit> {
    let Profiling { view, output, .. } = &args.profiling;
    present::check(view, false)?;
    let ready = Ready::of(&Chosen::bench(args), &args.profiling.cargo, output, out)?;
    let estimates = bench::estimates(args, &ready.program, &ready.session, out)?;
    let (flags, for_machines) = (&args.profiling.record, output.format != Format::Human);
    let mut profile = record::run(&ready.program, flags, for_machines, &ready.kept, out)?;
    bench::without_harness(&mut profile);
    profile.about.estimates = estimates;
    ready.report(&profile, view, output, out)
}

/// Builds a program, records its allocations and reports them.
fn heap(args: &HeapArgs, out: &mut Out<'_>) -> Result<Exit> {
    present::check(&args.view, true)?;
    let ready = Ready::of(&Chosen::heap(args), &args.cargo, &args.output, out)?;
    let world = (&ready.session, &ready.kept);
    let for_machines = args.output.format != Format::Human;
    let profile = heap::run::run(&ready.program, &args.record, for_machines, world, out)?;
    ready.report(&profile, &args.view, &args.output, out)
}

/// A program that is built, and the world that it was built in.
struct Ready {
    session: Session,
    kept: Kept,
    program: Program,
}

impl Ready {
    fn of(
        chosen: &Chosen<'_>,
        flags: &CargoFlags,
        output: &OutputFlags,
        out: &mut Out<'_>,
    ) -> Result<Self> {
        cargo::install_interrupt_handler()?;
        let session = Session::open(flags)?;
        let places = observe::places::of(&session.workspace);
        let kept = Kept::new(session.root(), &session.workspace.target_dir, places);
        let mut progress = Progress::new(output.quiet);
        let mut program = chosen.build(&session, &mut progress)?;
        program.call = Some(out.call.with(&[]));
        if program.optimised == Some(false) && !output.quiet {
            let profile = program.build_profile.as_deref().unwrap_or("dev");
            let warning = format!("profile {profile} does not optimise: users run other code");
            writeln!(out.stderr, "{}", out.stderr_palette().warn(warning))?;
        }
        progress.stage(&format!("recording {}", program.shown));
        progress.finish();
        Ok(Self {
            session,
            kept,
            program,
        })
    }

    fn report(
        &self,
        profile: &Profile,
        view: &ViewFlags,
        output: &OutputFlags,
        out: &mut Out<'_>,
    ) -> Result<Exit> {
        let sysroot = Some(self.session.toolchain.sysroot.as_path());
        keep_and_report(&self.kept, sysroot, profile, view, output, out)
    }
}

fn attach(args: &AttachArgs, out: &mut Out<'_>) -> Result<Exit> {
    present::check(&args.view, false)?;
    cargo::install_interrupt_handler()?;
    let kept = Kept::here(args.place.manifest_path.as_deref())?;
    if args.record.duration.is_none() && !args.output.quiet {
        writeln!(out.stderr, "recording process {}; Ctrl-C ends it", args.pid)?;
    }
    let mut profile = record::attach(args.pid, &args.record, &kept)?;
    profile.about.recorded_by = Some(out.call.with(&[]));
    keep_and_report(&kept, None, &profile, &args.view, &args.output, out)
}

fn show(args: &ShowArgs, out: &mut Out<'_>) -> Result<Exit> {
    present::check(&args.view, true)?;
    let kept = Kept::here(args.place.manifest_path.as_deref())?;
    let profile = kept.load(args.name.as_deref())?;
    present::report(&kept, None, &profile, &args.view, &args.output, out)
}

fn import(args: &ImportArgs, out: &mut Out<'_>) -> Result<Exit> {
    present::check(&args.view, true)?;
    let kept = Kept::here(args.place.manifest_path.as_deref())?;
    let mut profile = import::file(&args.file, &kept.places, &kept.symbols())?;
    profile.about.recorded_by = Some(out.call.with(&[]));
    keep_and_report(&kept, None, &profile, &args.view, &args.output, out)
}

fn list(args: &PickArgs, out: &mut Out<'_>) -> Result<Exit> {
    let kept = Kept::here(args.place.manifest_path.as_deref())?;
    let profile = kept.load(args.profile.as_deref())?;
    let view = View::new(&profile, &Filter::default());
    let sources = Sources::new(&kept.root, None);
    question(&view, args, out).list(&sources, out.stdout)?;
    Ok(Exit::Clean)
}

fn peek(args: &PickArgs, out: &mut Out<'_>) -> Result<Exit> {
    let kept = Kept::here(args.place.manifest_path.as_deref())?;
    let profile = kept.load(args.profile.as_deref())?;
    let view = View::new(&profile, &Filter::default());
    question(&view, args, out).peek(out.stdout)?;
    Ok(Exit::Clean)
}

fn question<'a>(view: &'a View<'a>, args: &'a PickArgs, out: &Out<'_>) -> Question<'a> {
    Question {
        view,
        pattern: &args.function,
        top: args.top,
        palette: out.stdout_palette(),
        width: out.width,
    }
}

fn diff(args: &DiffArgs, out: &mut Out<'_>) -> Result<Exit> {
    if let Some(path) = &args.export {
        export::check_difference(path)?;
    }
    let compared = compare::sides(args, out)?;
    let everything = Filter::default();
    let views = |profiles| Vec::from_iter(views(profiles, &everything));
    let (base, new) = (views(&compared.base), views(&compared.new));
    let changes = analyse::changes::between(&base, &new)?;
    report::changes::write(&changes, args, out)?;
    if let Some(path) = &args.export {
        let svg = export::difference(&base, &new)?;
        std::fs::write(path, svg).with_context(|| format!("cannot write {path}"))?;
        if !args.output.quiet {
            writeln!(out.stderr, "wrote {path}")?;
        }
    }
    let regressed = changes.rows.iter().any(Change::is_regression);
    Ok(match args.check && regressed {
        true => Exit::Findings,
        false => Exit::Clean,
    })
}

fn views<'a>(profiles: &'a [Profile], filter: &Filter) -> impl Iterator<Item = View<'a>> {
    profiles.iter().map(|profile| View::new(profile, filter))
}

fn save(args: &SaveArgs, out: &mut Out<'_>) -> Result<Exit> {
    let kept = Kept::here(args.place.manifest_path.as_deref())?;
    kept.save(&args.name)?;
    if !args.output.quiet {
        writeln!(
            out.stderr,
            "saved: compare with `cargo hotpath diff {}`",
            args.name
        )?;
    }
    Ok(Exit::Clean)
}

/// Reports, and meanwhile keeps the profile for `list`, `peek` and the like; the report comes without
/// that too.
fn keep_and_report(
    kept: &Kept,
    sysroot: Option<&Utf8Path>,
    profile: &Profile,
    view: &ViewFlags,
    output: &OutputFlags,
    out: &mut Out<'_>,
) -> Result<Exit> {
    let (keeping, reported) = std::thread::scope(|scope| {
        let keeping = scope.spawn(|| kept.keep_last(profile));
        let reported = present::report(kept, sysroot, profile, view, output, out);
        (keeping.join(), reported)
    });
    if let Ok(Err(error)) = keeping {
        out.note(format!("the profile could not be kept: {error:#}"))?;
    }
    reported
}

/// Shows a kept profile in the browser.
fn open(args: &OpenArgs, out: &mut Out<'_>) -> Result<Exit> {
    let kept = Kept::here(args.place.manifest_path.as_deref())?;
    let profile = kept.load(args.name.as_deref())?;
    let file = kept.page(args.name.as_deref())?;
    present::page(&kept, None, &profile, &file)?;
    match opener::open_browser(&file) {
        Ok(()) if args.output.quiet => {}
        Ok(()) => writeln!(out.stderr, "opened {file}")?,
        // The page is there all the same.
        Err(error) => writeln!(
            out.stderr,
            "no browser could be started ({error}): open {file}"
        )?,
    }
    Ok(Exit::Clean)
}
