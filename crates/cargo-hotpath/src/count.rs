//! `count`: instructions instead of time. The same program on the same input runs the same ones, so that a
//! small regression shows on a busy machine too, as in CI.

use anyhow::{Result, ensure};
use pitcrew_core::cli::Out;
use pitcrew_core::exit::Exit;
use pitcrew_core::render::Format;

use crate::analyse::{Filter, View, changes};
use crate::args::{CountArgs, RecordFlags};
use crate::profile::Profile;
use crate::program::Chosen;
use crate::report::changes::{relative, rows};
use crate::report::figures;
use crate::{Ready, present, record};

/// Counts, reports, and compares with what was saved.
pub fn run(args: &CountArgs, out: &mut Out<'_>) -> Result<Exit> {
    present::check(&args.view, false)?;
    let ready = Ready::of(&Chosen::count(args), &args.cargo, &args.output, out)?;
    let baseline = match args.max_regression {
        Some(_) => Some(ready.kept.load(Some(&args.baseline))?),
        None => None,
    };
    let flags = RecordFlags::counting(args.duration, args.program_output);
    let for_machines = args.output.format != Format::Human;
    let profile = record::run(&ready.program, &flags, for_machines, &ready.kept, out)?;
    ready.report(&profile, &args.view, &args.output, out)?;
    let verdict = match (&baseline, args.max_regression) {
        (Some(baseline), Some(most)) => compare(baseline, &profile, most, args, out)?,
        _ => Exit::Clean,
    };
    if let Some(name) = &args.save {
        ready.kept.keep(name, &profile)?;
        if !args.output.quiet {
            writeln!(
                out.stderr,
                "saved: compare with `cargo hotpath count --baseline {name} --max-regression 1%`"
            )?;
        }
    }
    Ok(verdict)
}

/// Says what changed, and whether it is too much.
fn compare(
    baseline: &Profile,
    new: &Profile,
    most: f64,
    args: &CountArgs,
    out: &mut Out<'_>,
) -> Result<Exit> {
    let (was, is) = (&baseline.about.command, &new.about.command);
    ensure!(
        was == is,
        "`{}` counted another command: `{was}`, not `{is}`; save it anew with --save {}",
        args.baseline,
        args.baseline
    );
    let everything = Filter::default();
    let view = |profile| [View::new(profile, &everything)];
    let changes = changes::between(&view(baseline), &view(new))?;
    let (before, after) = (changes.base_weight, changes.new_weight);
    let fails = after as f64 > before as f64 * (1.0 + most / 100.0);
    let palette = out.stderr_palette();
    let text = format!(
        "{} to {} ({}); at most {most:+} % is allowed over `{}`",
        figures::weight(before, changes.unit),
        figures::weight(after, changes.unit),
        relative(before, after),
        args.baseline
    );
    let text = if fails {
        palette.bad(text)
    } else {
        palette.good(text)
    };
    writeln!(out.stderr, "{text}")?;
    if fails {
        rows(&changes, args.view.top, out.width, palette, out.stderr)?;
    }
    Ok(if fails { Exit::Findings } else { Exit::Clean })
}
