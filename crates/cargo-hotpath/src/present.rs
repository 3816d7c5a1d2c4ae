//! From a profile to all that is said of it: it is judged, printed in the format asked for, and written
//! to the files that the user named.

use anyhow::{Context, Result};
use camino::Utf8Path;
use pitcrew_core::cli::{Out, OutputFlags};
use pitcrew_core::exit::Exit;
use pitcrew_core::finding::Finding;
use pitcrew_core::page;
use pitcrew_core::render::{self, Format, Report};
use pitcrew_core::style::printable;
use serde_json::Value;

use crate::analyse::allocations::Allocations;
use crate::analyse::{Filter, View};
use crate::args::ViewFlags;
use crate::facts::{Facts, LEAST_SHARE};
use crate::heap::rules::HeapFacts;
use crate::kept::Kept;
use crate::profile::Profile;
use crate::report::human::Page;
use crate::report::{self, Asked, Sources, summary};
use crate::{export, heap, html, observe, rule_infos, rules};

/// Refuses files that cannot be written, before time is spent on what they would hold.
pub fn check(flags: &ViewFlags, may_be_heap: bool) -> Result<()> {
    match may_be_heap {
        true => export::check(&flags.export)?,
        false => export::check_for_time(&flags.export)?,
    }
    flags.html.as_deref().map_or(Ok(()), page::check)
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
    let unfolded = View::unfolded(profile, &filter);
    let folded = View::new(profile, &filter);
    let view = if flags.unfolded { &unfolded } else { &folded };
    let sources = Sources::new(&kept.root, sysroot);
    let findings = judged(kept, &unfolded, &sources, flags.min_share / 100.0);
    let asked = Asked::from(flags);
    let shown = Allocations::of(view);
    tables(view, shown.as_ref(), &asked, &sources, output, out)?;
    let texts = |path: &Utf8Path| sources.text(path.as_str()).map(|text| text.to_string());
    let told = Report {
        tool: "cargo-hotpath",
        version: env!("CARGO_PKG_VERSION"),
        findings: &findings,
        // The figures again, for the one format that has no tables.
        summary: match (output.format, &shown) {
            (Format::Json, Some(allocations)) => {
                report::allocations::summary(allocations, asked.measure)
            }
            (Format::Json, None) => summary::summary(view),
            _ => Value::Null,
        },
        rules: &rule_infos(),
        source: &texts,
        snippets: true,
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

/// Writes the page of a profile to a file.
pub fn page(
    kept: &Kept,
    sysroot: Option<&Utf8Path>,
    profile: &Profile,
    file: &Utf8Path,
) -> Result<()> {
    let everything = Filter::default();
    let unfolded = View::unfolded(profile, &everything);
    let view = View::new(profile, &everything);
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
