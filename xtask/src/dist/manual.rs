//! Man pages and shell completions, from the same parser that reads the command line.

use std::fs;

use anyhow::{Context, Result};
use camino::Utf8Path;
use clap_complete::Shell;

use crate::plugins::Plugin;

const SHELLS: &[Shell] = &[Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell];

/// A page for the plugin and one for each subcommand: `cargo help buildspeed` shows `cargo-buildspeed.1`.
pub fn man_pages(plugin: &Plugin, folder: &Utf8Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {folder}"))?;
    clap_mangen::generate_to((plugin.command)(), folder)
        .with_context(|| format!("cannot write the man pages into {folder}"))
}

/// Completions of the binary's own name. zsh's completion of cargo asks those of `cargo-NAME` for the
/// words after `cargo NAME`; the other shells complete `cargo-NAME` only.
pub fn completions(plugin: &Plugin, folder: &Utf8Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {folder}"))?;
    for shell in SHELLS {
        clap_complete::generate_to(*shell, &mut (plugin.command)(), plugin.package, folder)
            .with_context(|| format!("cannot write {shell}'s completions into {folder}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugins::PLUGINS;

    /// What each of them writes into a folder of its own, by file name.
    fn written(write: impl Fn(&Utf8Path) -> Result<()>) -> Vec<(String, String)> {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(temporary.path()).unwrap();
        write(folder).unwrap();
        let mut files: Vec<_> = folder
            .read_dir_utf8()
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                let text = fs::read_to_string(entry.path()).unwrap();
                (entry.file_name().to_owned(), text)
            })
            .collect();
        files.sort();
        files
    }

    #[test]
    fn each_subcommand_has_a_page_that_names_how_it_is_called() {
        for plugin in PLUGINS {
            let pages = written(|folder| man_pages(plugin, folder));
            let own = format!("{}.1", plugin.package);
            assert!(pages.iter().any(|(name, _)| *name == own), "{pages:?}");
            for sub in (plugin.command)().get_subcommands() {
                let page = format!("{}-{}.1", plugin.package, sub.get_name());
                let (_, text) = pages.iter().find(|(name, _)| *name == page).unwrap();
                let called = format!("cargo {} {}", plugin.name, sub.get_name());
                assert!(text.replace('\\', "").contains(&called), "{page}: {text}");
            }
        }
    }

    #[test]
    fn the_action_and_the_readme_know_each_plugin() {
        let action = fs::read_to_string(crate::root().join("action.yml")).unwrap();
        let readme = fs::read_to_string(crate::root().join("README.md")).unwrap();
        let case = action
            .lines()
            .find(|line| line.trim_end().ends_with(") ;;"))
            .unwrap();
        for plugin in PLUGINS {
            let mut names = case.trim().trim_end_matches(") ;;").split(" | ");
            assert!(names.any(|name| name == plugin.name), "{case}");
            assert!(readme.contains(&format!("docs/cli/{}.md", plugin.package)));
            assert!(readme.contains(&format!("docs/pictures/{}.svg", plugin.name)));
        }
    }

    #[test]
    fn each_shell_completes_each_long_flag() {
        for plugin in PLUGINS {
            let files = written(|folder| completions(plugin, folder));
            assert_eq!(files.len(), SHELLS.len());
            for argument in (plugin.command)().get_arguments() {
                let Some(flag) = argument.get_long().filter(|_| !argument.is_hide_set()) else {
                    continue;
                };
                for (name, text) in &files {
                    assert!(text.contains(flag), "{name} does not know --{flag}");
                }
            }
        }
    }
}
