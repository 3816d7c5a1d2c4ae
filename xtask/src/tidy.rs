//! `cargo xtask tidy`: the house's rules that no lint of rustc or clippy checks.

use std::fs;

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use crate::process::{output, say};

/// A file past this length is two ideas.
const LONGEST: usize = 450;
/// Tests are read one at a time.
const LONGEST_TESTS: usize = 600;
/// Names that say nothing of what is inside.
const EMPTY_NAMES: &[&str] = &[
    "util", "utils", "helper", "helpers", "misc", "common", "imp",
];

/// Reads every Rust source that git tracks, or would track, and reports each breach.
pub fn run() -> Result<()> {
    let mut breaches = Vec::new();
    for path in sources()? {
        let text = fs::read_to_string(crate::root().join(&path))
            .with_context(|| format!("cannot read {path}"))?;
        breaches.extend(
            breaches_of(&path, &text)
                .into_iter()
                .map(|b| format!("{path}: {b}")),
        );
    }
    breaches.iter().for_each(|breach| say(breach));
    ensure!(
        breaches.is_empty(),
        "{} breaches of the house's rules",
        breaches.len()
    );
    say("tidy: nothing to mend");
    Ok(())
}

fn sources() -> Result<Vec<Utf8PathBuf>> {
    let mut git = std::process::Command::new("git");
    git.current_dir(crate::root());
    git.args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
        "*.rs",
    ]);
    let listed = output(&mut git).context("tidy asks git for the sources")?;
    let paths = listed.split('\0').filter(|path| !path.is_empty());
    let ours = paths.filter(|path| !path.contains("/fixtures/"));
    Ok(ours
        .map(Utf8PathBuf::from)
        .filter(|path| crate::root().join(path).exists())
        .collect())
}

/// What is wrong with one source.
fn breaches_of(path: &Utf8Path, text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let lines = text.lines().count();
    let tests = path.file_name() == Some("tests.rs") || path.as_str().contains("/tests/");
    let longest = if tests { LONGEST_TESTS } else { LONGEST };
    if lines > longest {
        out.push(format!(
            "{lines} lines; past {longest} it is two ideas: find them"
        ));
    }
    if !text.starts_with("//!") && !text.starts_with("#!") {
        out.push("opens without `//!` that says why it exists".to_owned());
    }
    if path
        .components()
        .any(|part| EMPTY_NAMES.contains(&part.as_str().trim_end_matches(".rs")))
    {
        out.push("a name that says nothing of what is inside".to_owned());
    }
    let this_file = path.ends_with("xtask/src/tidy.rs");
    for (number, line) in text.lines().enumerate() {
        // An ignored test that says why is one that another test starts.
        let leftover = ["TODO", "FIXME", "#[ignore]", "#[allow("];
        if let Some(word) = leftover
            .iter()
            .find(|word| line.contains(**word))
            .filter(|_| !this_file)
        {
            let quoted = line.contains(&format!("\"{word}")) || line.contains(&format!("`{word}"));
            if !quoted {
                out.push(format!("line {}: `{word}` is left", number + 1));
            }
        }
    }
    out
}
