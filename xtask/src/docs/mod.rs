//! `cargo xtask docs`: the pages of docs/ that have their one source in the code: the command-line
//! reference, a page for each rule, the table of contents, and the JSON schema. And what crates.io shows.

mod book;
mod readme;

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, bail};
use camino::Utf8PathBuf;
use pitcrew_core::finding::RuleInfo;

use crate::plugins::PLUGINS;
use crate::process::say;

/// Folders that hold generated pages and nothing else.
const GENERATED: &[&str] = &["docs/cli", "docs/rules", "docs/schema"];

/// Writes the generated pages, or with `check` fails where one is not current.
pub fn run(check: bool) -> Result<()> {
    let pages = pages()?;
    let mut stale = Vec::new();
    for (path, text) in &pages {
        let file = crate::root().join(path);
        if fs::read_to_string(&file).is_ok_and(|old| old == *text) {
            continue;
        }
        stale.push(format!("{path} is not current"));
        if !check {
            let folder = file.parent().context("a page lies in a folder")?;
            fs::create_dir_all(folder).with_context(|| format!("cannot create {folder}"))?;
            fs::write(&file, text).with_context(|| format!("cannot write {file}"))?;
        }
    }
    for path in present()?
        .into_iter()
        .filter(|path| !pages.contains_key(path))
    {
        stale.push(format!("{path} has no source any more"));
        if !check {
            fs::remove_file(crate::root().join(&path))?;
        }
    }
    stale.iter().for_each(|line| say(line));
    if check && !stale.is_empty() {
        bail!(
            "{} generated pages are stale; run `cargo xtask docs`",
            stale.len()
        );
    }
    book::check()?;
    say(&format!(
        "docs: {} generated pages are current",
        pages.len()
    ));
    Ok(())
}

/// Every generated page by its path.
fn pages() -> Result<BTreeMap<Utf8PathBuf, String>> {
    let mut pages = BTreeMap::new();
    for plugin in PLUGINS {
        let rules = (plugin.rules)();
        let reference = cli_page(plugin.package, (plugin.command)());
        pages.insert(format!("docs/cli/{}.md", plugin.package).into(), reference);
        let folder = format!("docs/rules/{}", plugin.name);
        for rule in &rules {
            pages.insert(format!("{folder}/{}.md", rule.id).into(), rule_page(rule));
        }
        pages.insert(
            format!("{folder}/index.md").into(),
            rule_index(plugin.name, &rules),
        );
    }
    let schema = format!("{:#}\n", pitcrew_core::render::json_schema());
    pages.insert("docs/schema/report.schema.json".into(), schema);
    pages.insert("docs/SUMMARY.md".into(), book::summary());
    pages.extend(readme::pages()?);
    Ok(pages)
}

/// The files that stand in the generated folders now.
fn present() -> Result<Vec<Utf8PathBuf>> {
    let mut found = Vec::new();
    let mut folders: Vec<Utf8PathBuf> = GENERATED.iter().map(Utf8PathBuf::from).collect();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = crate::root().join(&folder).read_dir_utf8() else {
            continue;
        };
        for entry in entries {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    Ok(found)
}

fn cli_page(name: &str, command: clap::Command) -> String {
    let mut text =
        format!("<!-- Written by `cargo xtask docs` from the command-line parser. -->\n# {name}\n");
    let mut command = command.term_width(80);
    command.build();
    text.push_str(&format!(
        "\n```text\n{}```\n",
        trimmed(command.render_long_help())
    ));
    subcommands(&mut command, "", &mut text);
    text
}

/// Each subcommand and its own, by the words that follow the plugin's name.
fn subcommands(command: &mut clap::Command, above: &str, text: &mut String) {
    for sub in command.get_subcommands_mut() {
        if sub.get_name() == "help" {
            continue;
        }
        let words = format!("{above}{}", sub.get_name());
        let help = trimmed(sub.render_long_help());
        text.push_str(&format!("\n## {words}\n\n```text\n{help}```\n"));
        subcommands(sub, &format!("{words} "), text);
    }
}

/// Help as clap prints it, without colour and without spaces at line ends.
fn trimmed(help: impl std::fmt::Display) -> String {
    help.to_string()
        .lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

fn rule_page(rule: &RuleInfo) -> String {
    format!(
        "<!-- Written by `cargo xtask docs` from the rule's source. -->\n# {}\n\n{}. Severity: \
         {:?}.\n\n{}\n",
        rule.id,
        rule.summary,
        rule.severity,
        rule.docs.trim()
    )
}

fn rule_index(plugin: &str, rules: &[&RuleInfo]) -> String {
    let mut text = format!(
        "<!-- Written by `cargo xtask docs` from the rules' sources. -->\n# The rules of \
         cargo {plugin}\n\n`cargo {plugin} explain RULE` prints the same pages.\n\n| rule | what it \
         finds |\n| --- | --- |\n"
    );
    for rule in rules {
        text.push_str(&format!("| [{0}]({0}.md) | {1} |\n", rule.id, rule.summary));
    }
    text
}
