//! From a profile to all that is said of it: it is judged, printed in the format asked for, and written
//! to the files that the user named.

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::cli::{Out, OutputFlags};
use pitcrew_core::earlier::{self, Earlier};
use pitcrew_core::exit::Exit;
use pitcrew_core::finding::Finding;
use pitcrew_core::handover::{Call, Steps};
use pitcrew_core::page;
use pitcrew_core::render::{self, Format, Report};
use pitcrew_core::style::printable;
use serde_json::Value;

use crate::analyse::allocations::Allocations;
use crate::analyse::{Filter, View, heat};
use crate::args::ViewFlags;
use crate::facts::{Facts, LEAST_SHARE};
use crate::heap::rules::HeapFacts;
use crate::kept::Kept;
use crate::profile::Profile;
use crate::report::human::Page;
use crate::report::{self, Asked, Sources, summary};
use crate::{code, export, heap, html, observe, rule_infos, rules};

/// Refuses files that cannot be written, before time is spent on what they would hold.
pub fn check(flags: &ViewFlags, may_be_heap: bool) -> Result<()> {
    match may_be_heap {
        true => export::check(&flags.export)?,
        false => export::check_for_time(&flags.export)?,
    }
    earlier_reports(flags)?;
    flags.html.as_deref().map_or(Ok(()), page::check)
}

/// What other plugins found, in the order in which the user named their reports.
fn earlier_reports(flags: &ViewFlags) -> Result<Vec<Earlier>> {
    let read = |path: &Utf8PathBuf| earlier::read(path, "cargo concurrency-lint");
    flags.from.iter().map(read).collect()
}

/// Judges a profile and prints all there is to say, in the format asked for.
pub fn report(
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
    let (unfolded, folded) = views(profile, &filter);
    let view = if flags.unfolded { &unfolded } else { &folded };
    let sources = Sources::new(&kept.root, sysroot);
    let findings = judged(kept, &unfolded, &sources, flags.min_share / 100.0);
    let asked = Asked::from(flags);
    let shown = Allocations::of(view);
    tables(view, shown.as_ref(), &asked, &sources, output, out)?;
    let reports = earlier_reports(flags)?;
    let carried = carried(&unfolded, &reports, &sources);
    if output.format == Format::Human {
        let look = (out.stdout_palette(), out.width);
        (carried.iter())
            .try_for_each(|one| report::heat::write(one, asked.top, look, out.stdout))?;
    }
    let texts = |path: &Utf8Path| sources.text(path.as_str()).map(|text| text.to_string());
    let call = out.call.clone();
    let told = Report {
        tool: "cargo-hotpath",
        version: env!("CARGO_PKG_VERSION"),
        findings: &findings,
        // The figures again, for the one format that has no tables.
        summary: match (output.format, &shown) {
            (Format::Json, Some(allocations)) => {
                report::allocations::summary(allocations, asked.measure)
            }
            (Format::Json, None) => {
                let mut summary = summary::summary(view);
                summary["from"] = report::heat::summary(&carried);
                summary
            }
            _ => Value::Null,
        },
        rules: &rule_infos(),
        source: &texts,
        snippets: true,
        steps: &|finding| steps(&call, profile, finding),
    };
    if output.format != Format::Human || !findings.is_empty() {
        if output.format == Format::Human {
            writeln!(out.stdout)?;
        }
        let palette = out.stdout_palette();
        render::render(output.format, &told, palette, out.width, out.stdout)?;
    }
    files(view, &sources, &findings, flags, output, out)?;
    Ok(Exit::Clean)
}

/// Every frame, and without the glue: a long recording has millions of stacks to walk for each.
fn views<'p>(profile: &'p Profile, filter: &Filter) -> (View<'p>, View<'p>) {
    rayon::join(
        || View::unfolded(profile, filter),
        || View::new(profile, filter),
    )
}

/// What stands in the reports of other plugins, by the time that this profile saw there.
fn carried<'a>(
    view: &View<'_>,
    reports: &'a [Earlier],
    sources: &Sources<'_>,
) -> Vec<report::heat::Carried<'a>> {
    let functions = |path: &str| {
        let code = sources.text(path).and_then(|text| code::read(&text));
        let functions = code.unwrap_or_default().functions;
        functions
            .into_iter()
            .map(|function| function.lines)
            .collect()
    };
    let of = |report: &'a Earlier| report::heat::Carried {
        tool: &report.tool,
        hot: heat::of(view, &report.findings, &functions),
    };
    reports.iter().map(of).collect()
}

/// The profile is kept before the change, so that the one after can be held against it. What was not
/// recorded by this call is recorded anew the way it was.
fn steps(call: &Call, profile: &Profile, finding: &Finding) -> Steps {
    let mut next = vec!["cargo hotpath save before".to_owned()];
    next.extend(call.next(finding));
    let again = profile.about.recorded_by.clone();
    let verify = again
        .into_iter()
        .chain(["cargo hotpath diff before".to_owned()]);
    Steps {
        next,
        verify: verify.collect(),
    }
}

/// Writes the page of a profile to a file.
pub fn page(
    kept: &Kept,
    sysroot: Option<&Utf8Path>,
    profile: &Profile,
    file: &Utf8Path,
) -> Result<()> {
    let everything = Filter::default();
    let (unfolded, view) = views(profile, &everything);
    let sources = Sources::new(&kept.root, sysroot);
    let findings = judged(kept, &unfolded, &sources, LEAST_SHARE);
    page::save(file, |out| html::write(&view, &sources, &findings, out))
}

fn judged(
    kept: &Kept,
    unfolded: &View<'_>,
    sources: &Sources<'_>,
    least_share: f64,
) -> Vec<Finding> {
    if let Some(allocations) = &Allocations::of(unfolded) {
        return heap::rules::judge(&HeapFacts {
            allocations,
            sources,
        });
    }
    let mut facts = Facts::new(unfolded, sources, observe::around::of(&kept.root));
    facts.least_share = least_share;
    facts.around.checks = observe::checks::at(unfolded.profile, &rules::hot_indices(&facts));
    rules::judge(&facts)
}

/// The tables, for people; machines get them with the findings.
fn tables(
    view: &View<'_>,
    allocations: Option<&Allocations<'_>>,
    asked: &Asked,
    sources: &Sources<'_>,
    output: &OutputFlags,
    out: &mut Out<'_>,
) -> Result<()> {
    let (palette, width) = (out.stdout_palette(), out.width);
    match (output.format, allocations) {
        (Format::Human, Some(allocations)) => report::allocations::Page {
            allocations,
            asked,
            sources,
            palette,
            width,
        }
        .write(out.stdout),
        (Format::Human, None) => Page {
            view,
            asked,
            sources,
            palette,
            width,
        }
        .write(out.stdout),
        (Format::Markdown, Some(allocations)) => {
            report::allocations::markdown(allocations, asked, out.stdout)
        }
        (Format::Markdown, None) => report::markdown::write(view, asked, out.stdout),
        (Format::Json | Format::Sarif | Format::Github, _) => Ok(()),
    }
}

fn files(
    view: &View<'_>,
    sources: &Sources<'_>,
    findings: &[Finding],
    flags: &ViewFlags,
    output: &OutputFlags,
    out: &mut Out<'_>,
) -> Result<()> {
    for path in &flags.export {
        export::write(view, path).with_context(|| format!("cannot write {path}"))?;
        if !output.quiet {
            writeln!(out.stderr, "wrote {path}")?;
        }
    }
    if let Some(path) = &flags.html {
        page::save(path, |out| html::write(view, sources, findings, out))?;
        if !output.quiet {
            let path = printable(path.as_str());
            writeln!(out.stderr, "Wrote {path}: open it in a browser.")?;
        }
    }
    Ok(())
}
