//! A project's own settings, in its manifests: `[workspace.metadata.pitcrew.<plugin>]` for all, and
//! `[package.metadata.pitcrew.<plugin>]` for one package. What is not known is refused, so that a
//! misspelt allow cannot hide that nothing is allowed; an allow needs a reason, and one that silences
//! nothing is reported.

use std::collections::BTreeMap;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::Metadata;
use serde_json::Value;

use crate::finding::{Finding, Location, RuleInfo, Severity};

mod place;
mod read;

/// What a plugin understands.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The table's name: `buildspeed`.
    pub plugin: &'a str,
    /// The plugin's own keys beside `allow`.
    pub keys: &'a [&'a str],
    /// The rules that may be allowed.
    pub rules: &'a [&'static RuleInfo],
}

/// What the manifests of a workspace say to one plugin.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    pub allow: Vec<Allow>,
    /// The plugin's own keys, from the workspace's table.
    pub values: BTreeMap<String, Value>,
    /// The same from packages' tables, by package.
    pub package_values: BTreeMap<String, BTreeMap<String, Value>>,
}

/// Findings that the project accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allow {
    pub rule: String,
    /// Only findings about this subject; all of the rule without it.
    pub subject: Option<String>,
    pub reason: String,
    /// Only findings in this directory of a package, relative to the workspace root; all without it.
    pub within: Option<Utf8PathBuf>,
    pub location: Option<Location>,
}

/// Reported for an allow that silences nothing.
pub static UNUSED_ALLOW: RuleInfo = RuleInfo {
    id: "unused-allow",
    summary: "An allow silences nothing",
    severity: Severity::Warning,
    docs: "\
## What it does

Reports an entry of `allow` in `[workspace.metadata.pitcrew.*]` or `[package.metadata.pitcrew.*]` \
that matches no finding of this run. An allow for a rule that did not run is not reported.

## Why it matters

What it allowed was mended, or its rule or subject is misspelt. Left in place, it would hide the \
same finding when it comes back.

## Example

```toml
[workspace.metadata.pitcrew.buildspeed]
allow = [{ rule = \"linker\", subject = \"mold\", reason = \"we ship from Alpine\" }]
```

Remove the entry once the rule `linker` has nothing to say about `mold`.

## When it is wrong

When the finding shows only on another platform, or with other features or another goal. Then allow \
the report itself, with the rule as its subject:

```toml
allow = [{ rule = \"unused-allow\", subject = \"linker\", reason = \"only on Linux\" }]
```
",
};

impl Settings {
    /// What `key` is set to: by the package's own table, else by the workspace's.
    pub fn value(&self, package: Option<&str>, key: &str) -> Option<&Value> {
        package
            .and_then(|package| self.package_values.get(package)?.get(key))
            .or_else(|| self.values.get(key))
    }
}

/// Reads the settings of all members. `source` gives a manifest's text by its path relative to the
/// workspace root, to say where an entry stands.
pub fn read(
    metadata: &Metadata,
    known: &Known<'_>,
    source: &dyn Fn(&Utf8Path) -> Option<String>,
) -> Result<Settings> {
    read::read(metadata, known, source)
}

impl Allow {
    fn matches(&self, finding: &Finding) -> bool {
        self.rule == finding.rule
            && (self.subject.as_ref()).is_none_or(|subject| *subject == finding.subject)
            && self.within.as_ref().is_none_or(|dir| {
                let place = finding.location.as_ref();
                place.is_some_and(|place| place.path.starts_with(dir))
            })
    }

    fn unused(&self) -> Finding {
        let about = match &self.subject {
            Some(subject) => format!("`{}` about `{subject}`", self.rule),
            None => format!("`{}`", self.rule),
        };
        Finding::new(
            &UNUSED_ALLOW,
            &self.rule,
            format!("nothing was found that the allow of {about} could silence"),
        )
        .at(self.location.clone())
        .help(format!("remove it; its reason was: {}", self.reason))
    }
}

/// Takes out the findings that the settings allow. Second, a finding of [`UNUSED_ALLOW`] for each
/// allow that silenced nothing though its rule `ran`.
pub fn silence(
    findings: Vec<Finding>,
    settings: &Settings,
    ran: &dyn Fn(&str) -> bool,
) -> (Vec<Finding>, Vec<Finding>) {
    let mut used = vec![false; settings.allow.len()];
    let mut allowed = |finding: &Finding| {
        let mut any = false;
        // All that match are used, so that the order of entries changes nothing.
        for (allow, used) in settings.allow.iter().zip(&mut used) {
            if allow.matches(finding) {
                *used = true;
                any = true;
            }
        }
        any
    };
    let kept = findings
        .into_iter()
        .filter(|finding| !allowed(finding))
        .collect();
    let unused = settings.allow.iter().zip(used).filter_map(|(allow, used)| {
        let reportable = allow.rule != UNUSED_ALLOW.id && ran(&allow.rule);
        (!used && reportable).then(|| allow.unused())
    });
    let silent = |finding: &Finding| settings.allow.iter().any(|allow| allow.matches(finding));
    let unused = unused.filter(|finding| !silent(finding)).collect();
    (kept, unused)
}

#[cfg(test)]
mod tests;
