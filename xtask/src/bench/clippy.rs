//! What clippy's lints about async code find on the labelled corpus, beside ours: the same lines, the
//! same marks. Clippy has lints for three of the defects.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use camino::Utf8Path;
use serde_json::Value;

use super::lint::figure;
use super::{Bench, Figure};
use crate::process::{cargo, output};

/// Our rule, and clippy's lints about the same.
const SAME: [(&str, &[&str]); 3] = [
    (
        "lock-across-await",
        &[
            "clippy::await_holding_lock",
            "clippy::await_holding_refcell_ref",
        ],
    ),
    (
        "dropped-future",
        &["clippy::let_underscore_future", "unused_must_use"],
    ),
    ("large-future", &["clippy::large_futures"]),
];

/// A file and a line.
type Place = (String, u64);

pub fn beside(bench: &Bench, corpus: &Utf8Path) -> Result<Vec<Figure>> {
    let mut clippy = cargo();
    clippy.current_dir(corpus).env_remove("CARGO_TARGET_DIR");
    clippy.args(["clippy", "--locked", "--message-format=json", "--"]);
    for lint in SAME.iter().flat_map(|(_, lints)| lints.iter()) {
        // The corpus allows what it is full of; a force-warn cannot be allowed.
        clippy.arg(format!("--force-warn={lint}"));
    }
    let theirs = output(&mut clippy)?;
    let mut ours = Command::new(&bench.lint);
    ours.current_dir(corpus).env_remove("CARGO_TARGET_DIR");
    let ours = output(ours.args(["concurrency-lint", "--locked", "-q", "--format", "json"]))?;
    let ours: Value = serde_json::from_str(&ours).context("cannot read the linter's report")?;
    let mut figures = Vec::new();
    for (rule, lints) in SAME {
        let marked = marks(corpus, rule)?;
        let (our, their) = (of_ours(&ours, rule), of_clippy(&theirs, lints));
        let right = |found: &BTreeSet<Place>| found.intersection(&marked).count();
        let told = |found: &BTreeSet<Place>| {
            let wrong = found.len() - right(found);
            format!("{} of {} found, {wrong} wrong", right(found), marked.len())
        };
        figures.push(figure(
            "corpus",
            &format!("{rule}, beside {}", lints.join(" and ")),
            format!("{}; clippy {}", told(&our), told(&their)),
            "no worse than clippy".to_owned(),
            right(&our) >= right(&their) && our.len() - right(&our) <= their.len() - right(&their),
        ));
    }
    Ok(figures)
}

fn marks(corpus: &Utf8Path, rule: &str) -> Result<BTreeSet<Place>> {
    let mut marked = BTreeSet::new();
    for entry in corpus.join("src").read_dir_utf8()? {
        let entry = entry?;
        let text = fs::read_to_string(entry.path())?;
        for (number, line) in (1..).zip(text.lines()) {
            let marks = line.split_once("//~ ").map_or("", |(_, marks)| marks);
            if marks.split_whitespace().any(|mark| mark == rule) {
                marked.insert((format!("src/{}", entry.file_name()), number));
            }
        }
    }
    Ok(marked)
}

fn of_ours(report: &Value, rule: &str) -> BTreeSet<Place> {
    let findings = report["findings"].as_array().into_iter().flatten();
    let of_rule = findings.filter(|finding| finding["rule"] == rule);
    let place = |finding: &Value| {
        let at = &finding["location"];
        Some((at["path"].as_str()?.to_owned(), at["line"].as_u64()?))
    };
    of_rule.filter_map(place).collect()
}

fn of_clippy(messages: &str, lints: &[&str]) -> BTreeSet<Place> {
    let messages = messages.lines();
    let messages = messages.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages
        .filter_map(|message| {
            let said = &message["message"];
            let lint = said["code"]["code"].as_str()?;
            // This one is about all that must be used.
            let of_futures =
                lint != "unused_must_use" || said["message"].as_str()?.contains("Future");
            let mut spans = said["spans"].as_array()?.iter();
            let at = spans.find(|span| span["is_primary"] == true)?;
            let place = (
                at["file_name"].as_str()?.to_owned(),
                at["line_start"].as_u64()?,
            );
            (of_futures && lints.contains(&lint)).then_some(place)
        })
        .collect()
}
