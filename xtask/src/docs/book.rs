//! What makes the pages a book: its table of contents, which holds every page, and links that lead
//! somewhere. mdBook needs nothing else, and no network.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use crate::plugins::PLUGINS;
use crate::process::say;

/// What is written by hand before the plugins' own chapters, and after them.
const BEFORE: &[(&str, &str)] = &[
    ("Guide", "guide.md"),
    ("A tour on a real project", "tour.md"),
];
const AFTER: &[(&str, &str)] = &[
    ("The shared compilation cache", "cache.md"),
    ("For coding agents, reviewers and CI", "agents.md"),
    ("What runs, and what does not", "security.md"),
    ("Beside other tools", "peers.md"),
    ("Figures", "figures.md"),
    ("Architecture", "architecture.md"),
    ("Dependencies", "decisions/dependencies.md"),
];

/// `SUMMARY.md`: each plugin with its command line and its rules.
pub fn summary() -> String {
    let mut text = "<!-- Written by `cargo xtask docs`. -->\n# Pitcrew\n\n".to_owned();
    let line = |depth: usize, title: &str, path: &str| {
        format!("{}- [{title}]({path})\n", "  ".repeat(depth))
    };
    for (title, path) in BEFORE {
        text.push_str(&line(0, title, path));
    }
    for plugin in PLUGINS {
        let (name, package) = (plugin.name, plugin.package);
        let title = format!("cargo {name}");
        text.push_str(&line(0, &title, &format!("cli/{package}.md")));
        text.push_str(&line(1, "The rules", &format!("rules/{name}/index.md")));
        for rule in (plugin.rules)() {
            text.push_str(&line(2, rule.id, &format!("rules/{name}/{}.md", rule.id)));
        }
    }
    for (title, path) in AFTER {
        text.push_str(&line(0, title, path));
    }
    text
}

/// Fails where a page is not in the contents, or a link within the project leads nowhere.
pub fn check() -> Result<()> {
    let docs = crate::root().join("docs");
    let contents: BTreeSet<String> = links(&summary()).into_iter().collect();
    let mut faults = Vec::new();
    let mut pages = vec![
        crate::root().join("README.md"),
        crate::root().join("CONTRIBUTING.md"),
    ];
    for page in markdown(&docs)? {
        let within = page.strip_prefix(&docs)?.as_str().replace('\\', "/");
        if within != "SUMMARY.md" && !contents.contains(&within) {
            faults.push(format!("docs/{within} is not in the table of contents"));
        }
        pages.push(page);
    }
    for page in pages {
        let text = fs::read_to_string(&page).with_context(|| format!("cannot read {page}"))?;
        let folder = page.parent().context("a page lies in a folder")?;
        for link in links(&text) {
            let target = link.split('#').next().unwrap_or_default();
            if !target.is_empty() && !folder.join(target).exists() {
                faults.push(format!("{page}: {link} leads nowhere"));
            }
        }
    }
    faults.iter().for_each(|fault| say(fault));
    ensure!(faults.is_empty(), "{} faults in the book", faults.len());
    Ok(())
}

fn markdown(folder: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir_utf8()? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path().to_owned());
            } else if entry.path().extension() == Some("md") {
                found.push(entry.path().to_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The targets of links and pictures that lie within the project. Code is left out: brackets before
/// parentheses are common there.
fn links(text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        for part in prose.split("](").skip(1) {
            let target = part.split(')').next().unwrap_or_default();
            if !target.contains("://") && !target.starts_with("mailto:") {
                found.push(target.to_owned());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_outside_of_code() {
        let text =
            "[a](b.md#c) `x](no)` ![p](p.svg)\n```\n[x](no)\n```\n[e](https://e.org) [f](#g)\n";
        assert_eq!(links(text), ["b.md#c", "p.svg", "#g"]);
    }

    #[test]
    fn the_contents_hold_every_rule() {
        let summary = summary();
        for plugin in PLUGINS {
            for rule in (plugin.rules)() {
                let page = format!("(rules/{}/{}.md)", plugin.name, rule.id);
                assert!(summary.contains(&page), "{page}");
            }
        }
    }
}
