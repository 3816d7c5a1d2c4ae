//! What is said: findings as text, and what was read to find them.

use std::collections::BTreeMap;

use anyhow::Result;
use camino::Utf8Path;
use pitcrew_core::cli::Out;
use pitcrew_core::finding::Finding;
use pitcrew_core::fix::Applicability;
use pitcrew_core::regular_file;
use pitcrew_core::render::{self, Format, Report, count};
use pitcrew_core::session::Session;
use pitcrew_core::style::printable;
use serde_json::{Value, json};

use crate::args::Args;
use crate::facts::Facts;
use crate::select::describe_unread;

pub use crate::select::counts;

/// All that one call has to tell.
pub struct Told<'a> {
    pub facts: &'a Facts,
    /// How the facts were got, as far as the user should know.
    pub notices: &'a [String],
    pub findings: &'a [Finding],
}

/// Prints the report in the format asked for.
pub fn print(session: &Session, args: &Args, told: &Told<'_>, out: &mut Out<'_>) -> Result<()> {
    for unread in &told.facts.unread {
        let line = describe_unread(unread);
        out.warn(format!("{}; the rest was checked", printable(&line)))?;
    }
    for notice in told.notices {
        out.note(printable(notice))?;
    }
    let for_people = args.output.format == Format::Human;
    if for_people && !told.facts.has_async_code() && told.findings.is_empty() {
        writeln!(out.stdout, "No async code in this workspace.")?;
        return Ok(());
    }
    let files = &told.facts.files;
    let texts = |path: &Utf8Path| {
        let file = files.iter().find(|file| file.path == path);
        // A finding of the settings stands in a manifest.
        file.map(|file| file.text.clone())
            .or_else(|| regular_file::read_to_string(session.root().join(path)).ok())
    };
    let call = out.call.clone();
    let report = Report {
        tool: crate::TOOL,
        version: env!("CARGO_PKG_VERSION"),
        findings: told.findings,
        summary: summary(told),
        rules: &crate::rule_infos(),
        source: &texts,
        snippets: args.output.verbose > 0,
        steps: &|finding| call.checked(finding),
    };
    let palette = out.stdout_palette();
    render::render(args.output.format, &report, palette, out.width, out.stdout)?;
    if for_people {
        closing(args, told, out)?;
    }
    Ok(())
}

/// The figures of the JSON report.
fn summary(told: &Told<'_>) -> Value {
    let facts = told.facts;
    let mut rules: BTreeMap<&str, u32> = BTreeMap::new();
    for finding in told.findings {
        *rules.entry(&finding.rule).or_default() += 1;
    }
    let unread: Vec<String> = facts.unread.iter().map(describe_unread).collect();
    json!({
        "facts": if facts.compiled.is_empty() { "source" } else { "compiler" },
        "files": facts.files.len(),
        "functions": facts.functions.len(),
        "async_functions": async_functions(facts),
        "unread": unread,
        "notices": told.notices,
        "rules": rules,
    })
}

fn async_functions(facts: &Facts) -> usize {
    facts
        .functions
        .iter()
        .filter(|function| function.is_async())
        .count()
}

/// What was read, and the next command.
fn closing(args: &Args, told: &Told<'_>, out: &mut Out<'_>) -> Result<()> {
    if args.output.quiet {
        return Ok(());
    }
    let facts = told.facts;
    writeln!(
        out.stderr,
        "Checked {} with {} ({} async), by {}.",
        count(facts.files.len() as u64, "file", "files"),
        count(facts.functions.len() as u64, "function", "functions"),
        async_functions(facts),
        if facts.compiled.is_empty() {
            "their sources alone"
        } else {
            "what the compiler knows"
        },
    )?;
    let applicable = told.findings.iter().filter(|finding| {
        let fix = finding.fix.as_ref();
        fix.is_some_and(|fix| fix.applicability == Applicability::MachineApplicable)
    });
    let applicable = applicable.count();
    if applicable > 0 && !args.apply.apply {
        let s = if applicable == 1 { "" } else { "s" };
        writeln!(
            out.stderr,
            "{applicable} finding{s} can be mended: cargo concurrency-lint --apply (undo: --undo)"
        )?;
    }
    Ok(())
}
