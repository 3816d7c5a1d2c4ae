//! `cargo hotpath`: where a program spends its time, and what to change there.
//!
//! [`run`] is the whole pipeline: observe (build, record, unwind, symbolise) until there is a
//! [`Profile`], let the rules judge it, and report. Nothing in the user's tree is written.

pub mod advice;
pub mod analyse;
pub mod args;
pub mod code;
pub mod export;
pub mod facts;
pub mod heap;
pub mod import;
pub mod kept;
pub mod names;
pub mod observe;
pub mod profile;
pub mod program;
pub mod record;
pub mod report;
pub mod rules;

use anyhow::{Context, Result};
use camino::Utf8Path;
use pitcrew_core::cargo;
use pitcrew_core::cli::{CargoFlags, Out, OutputFlags};
use pitcrew_core::exit::Exit;
use pitcrew_core::finding::RuleInfo;
use pitcrew_core::progress::Progress;
use pitcrew_core::render::{self, Format, Report};
use pitcrew_core::session::Session;

use crate::analyse::allocations::Allocations;
use crate::analyse::{Filter, View};
use crate::args::{
    Args, AttachArgs, Command, DiffArgs, HeapArgs, ImportArgs, PickArgs, Profiling, SaveArgs,
    ShowArgs, ViewFlags,
};
use crate::facts::Facts;
use crate::heap::rules::HeapFacts;
use crate::kept::Kept;
use crate::profile::Profile;
use crate::program::Chosen;
use crate::record::Program;
use crate::report::human::Page;
use crate::report::listing::Question;
use crate::report::{Asked, Sources, summary};

/// Runs `cargo hotpath`.
pub fn run(args: Args, out: &mut Out<'_>) -> Result<Exit> {
    match args.command {
        None => record(&Chosen::run(&args.run), &args.run.profiling, out),
        Some(Command::Run(args)) => record(&Chosen::run(&args), &args.profiling, out),
        Some(Command::Test(args)) => record(&Chosen::test(&args), &args.profiling, out),
        Some(Command::Bench(args)) => record(&Chosen::bench(&args), &args.profiling, out),
        Some(Command::Attach(args)) => attach(&args, out),
        Some(Command::Heap(args)) => heap(&args, out),
        Some(Command::Show(args)) => show(&args, out),
        Some(Command::List(args)) => list(&args, out),
        Some(Command::Peek(args)) => peek(&args, out),
        Some(Command::Diff(args)) => diff(&args, out),
        Some(Command::Import(args)) => import(&args, out),
        Some(Command::Save(args)) => save(&args, out),
        Some(Command::Explain { rule, .. }) => {
            let palette = out.stdout_palette();
            let rules = rule_infos();
            render::explain(&rules, rule.as_deref(), palette, out.width, out.stdout)?;
            Ok(Exit::Clean)
        }
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
    export::check_for_time(&view.export)?;
    let ready = Ready::of(chosen, &profiling.cargo, output, out)?;
    let (kept, for_machines) = (&ready.kept, output.format != Format::Human);
    let profile = record::run(&ready.program, &profiling.record, for_machines, kept, out)?;
    ready.report(&profile, view, output, out)
}

/// Builds a program, records its allocations and reports them.
fn heap(args: &HeapArgs, out: &mut Out<'_>) -> Result<Exit> {
    export::check(&args.view.export)?;
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
        let program = chosen.build(&session, &mut progress)?;
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
        keep(&self.kept, profile, out)?;
        let sysroot = Some(self.session.toolchain.sysroot.as_path());
        report(&self.kept, sysroot, profile, view, output, out)
    }
}

fn attach(args: &AttachArgs, out: &mut Out<'_>) -> Result<Exit> {
    export::check_for_time(&args.view.export)?;
    cargo::install_interrupt_handler()?;
    let kept = Kept::here(args.place.manifest_path.as_deref())?;
    if args.record.duration.is_none() && !args.output.quiet {
        writeln!(out.stderr, "recording process {}; Ctrl-C ends it", args.pid)?;
    }
    let profile = record::attach(args.pid, &args.record, &kept)?;
    keep(&kept, &profile, out)?;
    report(&kept, None, &profile, &args.view, &args.output, out)
}

fn show(args: &ShowArgs, out: &mut Out<'_>) -> Result<Exit> {
    export::check(&args.view.export)?;
    let kept = Kept::here(args.place.manifest_path.as_deref())?;
    let profile = kept.load(args.name.as_deref())?;
    report(&kept, None, &profile, &args.view, &args.output, out)
}

fn import(args: &ImportArgs, out: &mut Out<'_>) -> Result<Exit> {
    export::check(&args.view.export)?;
    let kept = Kept::here(args.place.manifest_path.as_deref())?;
    let profile = import::file(&args.file, &kept.places, &kept.symbols())?;
    keep(&kept, &profile, out)?;
    report(&kept, None, &profile, &args.view, &args.output, out)
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
    let kept = Kept::here(args.place.manifest_path.as_deref())?;
    let base = kept.load(Some(&args.base))?;
    let new = kept.load(args.new.as_deref())?;
    let everything = Filter::default();
    let (base, new) = (View::new(&base, &everything), View::new(&new, &everything));
    let changes = analyse::changes::between(&base, &new)?;
    report::changes::write(&changes, args, out)?;
    let fails = args.check
        && changes
            .rows
            .iter()
            .any(analyse::changes::Change::is_regression);
    Ok(if fails { Exit::Findings } else { Exit::Clean })
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

/// Keeps the profile for `list`, `peek` and the like; the report comes without it too.
fn keep(kept: &Kept, profile: &Profile, out: &mut Out<'_>) -> Result<()> {
    if let Err(error) = kept.keep_last(profile) {
        writeln!(out.stderr, "note: the profile could not be kept: {error:#}")?;
    }
    Ok(())
}

/// Judges a profile and prints all there is to say, in the format asked for.
fn report(
    kept: &Kept,
    sysroot: Option<&Utf8Path>,
    profile: &Profile,
    flags: &ViewFlags,
    output: &OutputFlags,
    out: &mut Out<'_>,
) -> Result<Exit> {
    let filter = Filter {
        focus: flags.focus.clone(),
        ignore: flags.ignore.clone(),
    };
    let unfolded = View::unfolded(profile, &filter);
    let folded = View::new(profile, &filter);
    let view = if flags.unfolded { &unfolded } else { &folded };
    let sources = Sources::new(&kept.root, sysroot);
    let asked = Asked::from(flags);
    let palette = out.stdout_palette();
    let shown = Allocations::of(view);
    // Judge.
    let findings = match Allocations::of(&unfolded) {
        Some(allocations) => heap::rules::judge(&HeapFacts {
            allocations: &allocations,
            sources: &sources,
        }),
        None => {
            let mut facts = Facts::new(&unfolded, &sources, observe::around::of(&kept.root));
            facts.least_share = flags.min_share / 100.0;
            facts.around.checks = observe::checks::at(profile, &rules::hot_indices(&facts));
            rules::judge(&facts)
        }
    };
    // Report.
    match (output.format, &shown) {
        (Format::Human, Some(allocations)) => {
            let page = report::allocations::Page {
                allocations,
                asked: &asked,
                sources: &sources,
                palette,
                width: out.width,
            };
            page.write(out.stdout)?;
        }
        (Format::Human, None) => {
            let page = Page {
                view,
                asked: &asked,
                sources: &sources,
                palette,
                width: out.width,
            };
            page.write(out.stdout)?;
        }
        (Format::Markdown, Some(allocations)) => {
            report::allocations::markdown(allocations, &asked, out.stdout)?;
        }
        (Format::Markdown, None) => report::markdown::write(view, &asked, out.stdout)?,
        (Format::Json | Format::Sarif | Format::Github, _) => {}
    }
    let texts = |path: &Utf8Path| sources.text(path.as_str()).map(|text| text.to_string());
    let told = Report {
        tool: "cargo-hotpath",
        version: env!("CARGO_PKG_VERSION"),
        findings: &findings,
        summary: match &shown {
            Some(allocations) => report::allocations::summary(allocations, asked.measure),
            None => summary::summary(view),
        },
        rules: &rule_infos(),
        source: &texts,
        snippets: true,
    };
    if output.format != Format::Human || !findings.is_empty() {
        if output.format == Format::Human {
            writeln!(out.stdout)?;
        }
        render::render(output.format, &told, palette, out.width, out.stdout)?;
    }
    for path in &flags.export {
        export::write(view, path).with_context(|| format!("cannot write {path}"))?;
        if !output.quiet {
            writeln!(out.stderr, "wrote {path}")?;
        }
    }
    Ok(Exit::Clean)
}
