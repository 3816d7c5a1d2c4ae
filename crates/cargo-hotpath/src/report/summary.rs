//! The figures of the JSON report: everything that the tables show, and more rows of it.

use serde_json::{Value, json};

use crate::analyse::totals::{self, Row};
use crate::analyse::{Share, View, lines};

/// Rows of each table that machines get.
const ROWS: usize = 200;

pub fn summary(view: &View<'_>) -> Value {
    let (weight, count) = (view.weight(), view.count());
    let share = |part: u64| Share::of(part, weight, count);
    let (unresolved, truncated) = totals::flaws(view);
    let functions = rows(&totals::by_function(view), |row| {
        let group = &view.groups[row.key as usize];
        json!({
            "name": group.name,
            "crate": group.origin.name(),
            "yours": group.origin.is_yours(),
            "own": share(row.own),
            "total": share(row.total),
        })
    });
    let crates = rows(&totals::by_origin(view), |row| {
        json!({
            "name": row.key.name(),
            "yours": row.key.is_yours(),
            "own": share(row.own),
            "total": share(row.total),
        })
    });
    let your_lines = rows(&lines::yours(view), |row| {
        json!({
            "path": view.profile.path(Some(row.key.0)),
            "line": row.key.1,
            "own": share(row.own),
            "total": share(row.total),
        })
    });
    let threads = rows(&totals::by_thread(view), |row| {
        let thread = &view.profile.threads[row.key as usize];
        json!({
            "name": thread.name,
            "process": thread.process,
            "pid": thread.pid,
            "tid": thread.tid,
            "own": share(row.own),
        })
    });
    json!({
        "about": view.profile.about,
        "weight": weight,
        "samples": count,
        "unresolved": share(unresolved).share,
        "truncated": share(truncated).share,
        "crates": crates,
        "functions": functions,
        "your_lines": your_lines,
        "threads": threads,
    })
}

fn rows<K>(rows: &[Row<K>], of: impl Fn(&Row<K>) -> Value) -> Vec<Value> {
    rows.iter().take(ROWS).map(of).collect()
}
