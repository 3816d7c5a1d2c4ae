//! What to run after a finding, for whoever takes the report over: a colleague, a CI job, an agent. The
//! next command acts on it or looks closer, and another one shows whether it was mended.

use std::ffi::OsString;

use crate::finding::Finding;
use crate::fix::Applicability;
use crate::shell::quoted;

/// Commands in the order in which they are run, ready to paste.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Steps {
    /// They act on the finding or look closer.
    pub next: Vec<String>,
    /// They succeed once it is mended.
    pub verify: Vec<String>,
}

/// A plugin's call as its user typed it, so that the commands of a report select what the report did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Call {
    plugin: String,
    words: Vec<String>,
    /// What follows `--`: the arguments of the user's program.
    program: Vec<String>,
}

/// Flags without a value that say how to report or whether to write.
const SWITCHES: &[&str] = &[
    "--allow-dirty",
    "--allow-maybe-incorrect",
    "--allow-no-vcs",
    "--allow-staged",
    "--apply",
    "--check",
    "--fresh",
    "--quiet",
    "--undo",
    "--verbose",
];

/// The same with a value.
const VALUED: &[&str] = &["--color", "--export", "--format", "--from", "--html"];

impl Call {
    /// From the arguments after the plugin's name, without those that only say how to report or whether
    /// to write.
    pub fn new(plugin: &str, args: &[OsString]) -> Self {
        let mut args = args.iter().map(|arg| arg.to_string_lossy().into_owned());
        let mut words = Vec::new();
        while let Some(arg) = args.next() {
            if arg == "--" {
                break;
            }
            let flag = arg.split('=').next().unwrap_or_default();
            let clustered = |rest: &str| !rest.is_empty() && rest.chars().all(|c| "qv".contains(c));
            if SWITCHES.contains(&flag) || arg.strip_prefix('-').is_some_and(clustered) {
                continue;
            }
            if VALUED.contains(&flag) {
                if flag == arg {
                    args.next();
                }
                continue;
            }
            words.push(arg);
        }
        Self {
            plugin: plugin.to_owned(),
            words,
            program: args.collect(),
        }
    }

    /// The same call with `more` flags, as a line for a POSIX shell.
    pub fn with(&self, more: &[&str]) -> String {
        let own = self.words.iter().map(String::as_str);
        let plugin = ["cargo", self.plugin.as_str()];
        let mut words: Vec<&str> = plugin
            .into_iter()
            .chain(own)
            .chain(more.iter().copied())
            .collect();
        if !self.program.is_empty() {
            words.push("--");
            words.extend(self.program.iter().map(String::as_str));
        }
        let words: Vec<String> = words.into_iter().map(quoted).collect();
        words.join(" ")
    }

    /// The plugin, the subcommands that come first, and `flag`: nothing that was selected.
    pub fn alone(&self, flag: &str) -> String {
        let own = self.words.iter().take_while(|word| !word.starts_with('-'));
        let words = ["cargo", self.plugin.as_str()].into_iter();
        let words = words.chain(own.map(String::as_str)).chain([flag]);
        words.map(quoted).collect::<Vec<_>>().join(" ")
    }

    /// The call without a flag that has a value.
    #[must_use]
    pub fn without(&self, flag: &str) -> Self {
        let mut words = Vec::new();
        let mut own = self.words.iter();
        while let Some(word) = own.next() {
            if word == flag {
                own.next();
            } else if word.split('=').next() != Some(flag) {
                words.push(word.clone());
            }
        }
        Self {
            words,
            ..self.clone()
        }
    }

    /// Whether the user gave this flag.
    pub fn has(&self, flag: &str) -> bool {
        let given = |word: &String| word.split('=').next() == Some(flag);
        self.words.iter().any(given)
    }

    /// What acts on `finding`: writing its fix, if there is one, then what its rule names; the rule's
    /// documentation where there is nothing else.
    pub fn next(&self, finding: &Finding) -> Vec<String> {
        let mut next = Vec::new();
        match finding.fix.as_ref().map(|fix| fix.applicability) {
            Some(Applicability::MachineApplicable) => next.push(self.with(&["--apply"])),
            Some(Applicability::MaybeIncorrect) => {
                next.push(self.with(&["--apply", "--allow-maybe-incorrect"]));
            }
            Some(Applicability::HasPlaceholders | Applicability::Unspecified) | None => {}
        }
        next.extend(finding.next.iter().cloned());
        if next.is_empty() {
            let rule = quoted(&finding.rule);
            next.push(format!("cargo {} explain {rule}", self.plugin));
        }
        next
    }

    /// For a plugin whose `--check` tells whether the finding is gone.
    pub fn checked(&self, finding: &Finding) -> Steps {
        Steps {
            next: self.next(finding),
            verify: vec![self.with(&["--check"])],
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args as _, Command};

    use super::*;
    use crate::cli::{ApplyFlags, OutputFlags};
    use crate::fix::Fix;
    use crate::render::sample;

    fn call(line: &str) -> Call {
        let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        Call::new("x", &args)
    }

    #[test]
    fn what_was_selected_stays_and_how_it_was_shown_goes() {
        let given =
            call("run -p app --features=a --format json -qv --check --html p.html -- --check -v");
        assert_eq!(
            given.with(&["--apply"]),
            "cargo x run -p app --features=a --apply -- --check -v"
        );
        assert!(given.has("--features") && !given.has("--check"));
        assert_eq!(call("--format=json -vv").with(&[]), "cargo x");
        assert_eq!(call("-p a;b").with(&[]), "cargo x -p 'a;b'");
        for proof in ["--proof scan", "--proof=scan"] {
            let without = call(&format!("-p a {proof} -F b")).without("--proof");
            assert_eq!(without.with(&[]), "cargo x -p a -F b");
        }
        assert_eq!(
            call("bench --init f -p a").alone("--undo"),
            "cargo x bench --undo"
        );
    }

    /// A flag that is added to the shared groups is one of these, or stays in the call by decision.
    #[test]
    fn all_shared_flags_of_output_and_applying_are_known() {
        let command = OutputFlags::augment_args(ApplyFlags::augment_args(Command::new("x")));
        for argument in command.get_arguments() {
            let flag = format!("--{}", argument.get_long().unwrap());
            let valued = argument.get_action().takes_values();
            let known = if valued { VALUED } else { SWITCHES };
            assert!(known.contains(&flag.as_str()), "{flag}");
        }
    }

    #[test]
    fn a_fix_is_applied_and_its_absence_explained() {
        let mut finding = Finding::new(&sample::LINKER, "s", "m");
        let explained = ["cargo x explain linker"];
        assert_eq!(call("--check").checked(&finding).next, explained);
        finding.fix = Some(Fix {
            applicability: Applicability::MaybeIncorrect,
            edits: Vec::new(),
        });
        let steps = call("-p a --check").checked(&finding.next("cargo y"));
        let applied = "cargo x -p a --apply --allow-maybe-incorrect";
        assert_eq!(steps.next, [applied, "cargo y"]);
        assert_eq!(steps.verify, ["cargo x -p a --check"]);
    }
}
