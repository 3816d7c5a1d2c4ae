//! From cargo's metadata to [`Settings`], with errors that name the table and what was meant.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::Metadata;
use serde_json::{Map, Value};

use super::place;
use super::{Allow, Known, Settings, UNUSED_ALLOW};
use crate::finding::Location;
use crate::nearest::{nearest, suggestion};
use crate::position::line_column;

/// One manifest's `metadata` table.
struct Source<'a> {
    /// `workspace` or `package`.
    owner: &'static str,
    metadata: &'a Value,
    /// Relative to the workspace root.
    manifest: Utf8PathBuf,
    /// The package's directory, where only it is meant.
    within: Option<Utf8PathBuf>,
}

pub(super) fn read(
    metadata: &Metadata,
    known: &Known<'_>,
    source: &dyn Fn(&Utf8Path) -> Option<String>,
) -> Result<Settings> {
    let root = &metadata.workspace_root;
    let mut settings = Settings::default();
    let workspace = Source {
        owner: "workspace",
        metadata: &metadata.workspace_metadata,
        manifest: "Cargo.toml".into(),
        within: None,
    };
    settings.values = workspace.read(known, source, &mut settings.allow)?;
    for package in metadata.workspace_packages() {
        let manifest = package.manifest_path.as_path();
        let manifest = manifest.strip_prefix(root).unwrap_or(manifest);
        let table = Source {
            owner: "package",
            metadata: &package.metadata,
            manifest: manifest.to_owned(),
            within: manifest.parent().map(Utf8Path::to_owned),
        };
        let values = table.read(known, source, &mut settings.allow)?;
        if !values.is_empty() {
            let name = package.name.to_string();
            settings.package_values.insert(name, values);
        }
    }
    Ok(settings)
}

impl Source<'_> {
    /// Adds the table's allows; returns the plugin's own values.
    fn read(
        &self,
        known: &Known<'_>,
        source: &dyn Fn(&Utf8Path) -> Option<String>,
        allow: &mut Vec<Allow>,
    ) -> Result<BTreeMap<String, Value>> {
        let mut values = BTreeMap::new();
        let Some(pitcrew) = self.metadata.get("pitcrew") else {
            return Ok(values);
        };
        let manifest = &self.manifest;
        let place = format!("[{}.metadata.pitcrew]", self.owner);
        let plugins = pitcrew
            .as_object()
            .with_context(|| format!("{manifest}: {place} is not a table"))?;
        refuse_misspelt_plugin(plugins, known.plugin)
            .with_context(|| format!("cannot read {place} of {manifest}"))?;
        let Some(table) = plugins.get(known.plugin) else {
            return Ok(values);
        };
        let place = format!("[{}.metadata.pitcrew.{}]", self.owner, known.plugin);
        let table = table
            .as_object()
            .with_context(|| format!("{manifest}: {place} is not a table"))?;
        let context = || format!("cannot read {place} of {manifest}");
        for (key, value) in table {
            if key == "allow" {
                let mut entries = allows(value, known).with_context(context)?;
                self.locate(known.plugin, source, &mut entries);
                allow.append(&mut entries);
            } else if known.keys.contains(&key.as_str()) {
                values.insert(key.clone(), value.clone());
            } else {
                let keys = known.keys.iter().copied().chain(["allow"]);
                let near = suggestion(key, keys);
                return Err(anyhow::anyhow!("unknown key `{key}`{near}")).with_context(context);
            }
        }
        Ok(values)
    }

    /// Says of `entries` where they stand and how far they reach.
    fn locate(
        &self,
        plugin: &str,
        source: &dyn Fn(&Utf8Path) -> Option<String>,
        entries: &mut [Allow],
    ) {
        let text = source(&self.manifest).unwrap_or_default();
        let mut spans = place::allows(&text, self.owner, plugin).into_iter();
        for entry in entries {
            entry.within.clone_from(&self.within);
            let start = spans.next().flatten().map(|span| span.start);
            entry.location = start
                .and_then(|at| line_column(&text, at))
                .map(|(line, column)| Location {
                    path: self.manifest.clone(),
                    line,
                    column,
                });
        }
    }
}

/// The tables of other plugins are none of this one's business, but one whose name is nearly this
/// plugin's is meant for it.
fn refuse_misspelt_plugin(plugins: &Map<String, Value>, plugin: &str) -> Result<()> {
    /// As many mistakes as a hand makes.
    const TYPOS: usize = 2;
    let misspelt = plugins
        .keys()
        .find(|name| name.as_str() != plugin && strsim::damerau_levenshtein(name, plugin) <= TYPOS);
    match misspelt {
        Some(name) => bail!("unknown plugin `{name}`; did you mean `{plugin}`?"),
        None => Ok(()),
    }
}

fn allows(value: &Value, known: &Known<'_>) -> Result<Vec<Allow>> {
    const SHAPE: &str = "`allow` must be a list of `{ rule = \"…\", reason = \"…\" }`";
    let entries = value.as_array().context(SHAPE)?;
    let entries = entries.iter().enumerate().map(|(n, entry)| {
        let table = entry.as_object().context(SHAPE)?;
        allow(table, known).with_context(|| format!("entry {} of `allow` cannot be used", n + 1))
    });
    entries.collect()
}

fn allow(table: &Map<String, Value>, known: &Known<'_>) -> Result<Allow> {
    const KEYS: [&str; 3] = ["rule", "subject", "reason"];
    if let Some(key) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
        bail!("unknown key `{key}`{}", suggestion(key, KEYS));
    }
    let string = |key: &str| match table.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => bail!("`{key}` must be a string"),
    };
    let rule = string("rule")?.context("it names no `rule`")?;
    let ids = known.rules.iter().map(|rule| rule.id);
    let ids = ids.chain([UNUSED_ALLOW.id]);
    if !ids.clone().any(|id| id == rule) {
        match nearest(&rule, ids) {
            Some(id) => bail!("there is no rule `{rule}`; did you mean `{id}`?"),
            None => bail!("there is no rule `{rule}`; `explain` lists all rules"),
        }
    }
    let reason = string("reason")?.unwrap_or_default();
    if reason.trim().is_empty() {
        bail!("the allow of `{rule}` needs a `reason`: say why it is right here");
    }
    Ok(Allow {
        rule,
        subject: string("subject")?,
        reason,
        within: None,
        location: None,
    })
}
