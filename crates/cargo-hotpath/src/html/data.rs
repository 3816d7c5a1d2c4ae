//! What the page of a profile is drawn from.

use pitcrew_core::finding::{Evidence, Finding};
use serde::Serialize;
use serde_json::{Value, json};

use super::flat::Nodes;
use super::listings::{Listing, listings};
use crate::advice::resolve;
use crate::analyse::totals::{self, Row};
use crate::analyse::{Share, View, lines};
use crate::names::short;
use crate::profile::{About, Origin};
use crate::report::Sources;
use crate::report::remarks::remarks;

#[derive(Serialize)]
pub struct Data<'a> {
    command: &'a str,
    about: &'a About,
    weight: u64,
    samples: u64,
    unresolved: f64,
    truncated: f64,
    remarks: Vec<String>,
    functions: Vec<Value>,
    nodes: Nodes,
    sources: Vec<Listing>,
    /// Lines of the workspace with what they call outside it.
    hot_lines: Vec<Value>,
    crates: Vec<Value>,
    threads: Vec<Value>,
    advice: Vec<Value>,
}

pub fn page<'a>(view: &View<'a>, sources: &Sources<'_>, findings: &[Finding]) -> Data<'a> {
    let (weight, count) = (view.weight(), view.count());
    let share = |part: u64| Share::of(part, weight, count);
    let (unresolved, truncated) = totals::flaws(view);
    Data {
        command: &view.profile.about.command,
        about: &view.profile.about,
        weight,
        samples: count,
        unresolved: share(unresolved).share,
        truncated: share(truncated).share,
        remarks: remarks(view),
        functions: functions(view, sources, &share),
        nodes: Nodes::of(view),
        sources: listings(view, sources),
        hot_lines: hot_lines(view, sources),
        crates: crates(view),
        threads: threads(view),
        advice: findings
            .iter()
            .map(|finding| advice(finding, sources))
            .collect(),
    }
}

/// One entry for each group of the view, in their order: nodes refer to them by index.
fn functions(view: &View<'_>, sources: &Sources<'_>, share: &dyn Fn(u64) -> Share) -> Vec<Value> {
    let mut times = vec![(0, 0); view.groups.len()];
    for row in totals::by_function(view) {
        times[row.key as usize] = (row.own, row.total);
    }
    let mut places = vec![Vec::new(); view.groups.len()];
    for row in totals::by(view, |stack| {
        let (file, line) = lines::line_of(view, stack)?;
        Some((view.group(stack), file, line))
    }) {
        let (group, file, line) = row.key;
        let path = view.profile.path(Some(file)).unwrap_or_default();
        places[group as usize].push(json!([sources.shortened(path), line, row.own, row.total]));
    }
    let groups = view.groups.iter().zip(times).zip(places);
    let functions = groups.map(|((group, (own, total)), mut places)| {
        /// More lines of one function are no help.
        const LINES: usize = 40;
        places.truncate(LINES);
        let interval = share(own);
        json!({
            "name": short(&group.name),
            "path": group.name,
            "crate": group.origin.name(),
            "kind": kind(&group.origin),
            "own": own,
            "total": total,
            "interval": [interval.low, interval.high],
            "lines": places,
        })
    });
    functions.collect()
}

/// Whose code it is, as the page colours it.
fn kind(origin: &Origin) -> &'static str {
    match origin {
        Origin::Workspace(_) => "yours",
        Origin::Dependency(_) => "dependency",
        Origin::Std => "std",
        Origin::Allocator => "allocator",
        Origin::Libc | Origin::Library(_) => "library",
        Origin::Kernel => "kernel",
        Origin::Unknown => "unknown",
    }
}

fn hot_lines(view: &View<'_>, sources: &Sources<'_>) -> Vec<Value> {
    /// Further ones have no time to speak of.
    const ROWS: usize = 300;
    let row = |row: &Row<lines::Line>| {
        let path = view.profile.path(Some(row.key.0)).unwrap_or_default();
        let code = sources.line(path, row.key.1).unwrap_or_default();
        json!({
            "path": sources.shortened(path), "line": row.key.1, "code": code,
            "own": row.own, "total": row.total,
        })
    };
    lines::yours(view).iter().take(ROWS).map(row).collect()
}

fn crates(view: &View<'_>) -> Vec<Value> {
    let row = |row: &Row<&Origin>| {
        json!({
            "name": row.key.name(), "kind": kind(row.key), "own": row.own, "total": row.total,
        })
    };
    totals::by_origin(view).iter().map(row).collect()
}

fn threads(view: &View<'_>) -> Vec<Value> {
    let row = |row: &Row<u32>| {
        let thread = &view.profile.threads[row.key as usize];
        json!({
            "name": thread.name, "process": thread.process, "id": thread.tid, "own": row.own,
        })
    };
    totals::by_thread(view).iter().map(row).collect()
}

fn advice(finding: &Finding, sources: &Sources<'_>) -> Value {
    let share = finding.evidence.iter().find_map(|evidence| match evidence {
        Evidence::Profile { share, .. } => Some(*share),
        _ => None,
    });
    let gain = resolve::promised(finding);
    let place = finding.location.as_ref().map(|location| {
        let path = sources.shortened(location.path.as_str());
        let code = sources.line(location.path.as_str(), location.line);
        json!({ "path": path, "line": location.line, "code": code })
    });
    json!({
        "rule": finding.rule,
        "subject": finding.subject,
        "message": finding.message,
        "share": share,
        "gain": gain,
        "place": place,
        "help": finding.help,
        "next": finding.next,
    })
}
