//! What has been found out, in the words of an [`Outcome`](super::Outcome).

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use camino::Utf8PathBuf;
use pitcrew_core::linked::Difference;
use pitcrew_core::manifest;

use super::attribution::{self, Affected};
use super::behaviour::Alteration;
use super::edit;
use super::entries::Texts;
use super::liveness::Linked;
use super::outcome::Slimmed;
use super::resolve::Resolved;
use super::work::Work;

impl Work<'_> {
    /// The manifests that change, as they would be.
    pub fn edited(&self) -> Result<Texts> {
        let mut edited: BTreeMap<Utf8PathBuf, String> = BTreeMap::new();
        for (entry, wanted) in self.study.entries.iter().zip(&self.study.wanted) {
            if *wanted == entry.wanted {
                continue;
            }
            let text = edited
                .get(&entry.manifest)
                .or_else(|| self.texts.get(&entry.manifest));
            let Some(text) = text else { continue };
            let changed = edit::apply(text, entry, wanted)
                .with_context(|| format!("cannot change {} in {}", entry.name(), entry.manifest))?;
            edited.insert(entry.manifest.clone(), changed);
        }
        Ok(edited)
    }

    /// The manifest of an entry, relative to the workspace root.
    fn path(&self, at: usize) -> Utf8PathBuf {
        let manifest = &self.study.entries[at].manifest;
        match manifest.strip_prefix(self.root) {
            Ok(inside) => {
                let names: Vec<&str> = inside.components().map(|part| part.as_str()).collect();
                Utf8PathBuf::from(names.join("/"))
            }
            Err(_) => manifest.clone(),
        }
    }

    pub fn report(
        &mut self,
        altered: &[Alteration],
        difference: Option<Difference>,
        linked: Option<&Linked>,
    ) -> Result<()> {
        self.outcome.texts = self.edited()?;
        let after = self.study.after();
        let gone = self.packages_gone(&after);
        let changed: Vec<usize> = (0..self.study.entries.len())
            .filter(|at| self.study.wanted[*at] != self.study.entries[*at].wanted)
            .collect();
        let affected: Vec<Affected> = changed
            .iter()
            .map(|at| self.study.affected(*at, &after))
            .collect();
        let shares = difference
            .as_ref()
            .map(|whole| attribution::shares(whole, &affected));
        for (index, at) in changed.into_iter().enumerate() {
            let entry = &self.study.entries[at];
            let own: Vec<Alteration> = altered
                .iter()
                .filter(|alteration| affected[index].is_hit_by(alteration))
                .cloned()
                .collect();
            let difference = shares.as_ref().map(|shares| shares[index].clone());
            let package = &self.study.graph.packages[entry.package];
            let text = self.texts.get(&entry.manifest);
            let key: Vec<&str> = entry.key.iter().map(String::as_str).collect();
            self.outcome.slimmed.push(Slimmed {
                path: self.path(at),
                line_and_column: text.and_then(|text| manifest::locate(text, &key)),
                entry: entry.clone(),
                package: package.name.clone(),
                version: package.version.clone(),
                wanted: self.study.wanted[at].clone(),
                dropped: affected[index].of_package(entry.package),
                packages_gone: gone.clone(),
                takes_unnamed: self.study.takes_unnamed(at, &affected[index], &after),
                applicability: attribution::grade(difference.as_ref(), &own),
                altered: own,
                difference,
                reasons: self.study.reasons(at),
            });
        }
        for at in 0..self.study.entries.len() {
            self.outcome.kept.extend(self.study.kept(at, linked));
        }
        self.outcome.kept.sort();
        self.outcome
            .kept
            .dedup_by(|a, b| a.dependency == b.dependency && a.feature == b.feature);
        self.outcome.difference = difference;
        Ok(())
    }

    fn packages_gone(&self, after: &[Resolved]) -> Vec<String> {
        let built = |resolved: &[Resolved], package: usize| {
            resolved.iter().any(|resolved| resolved.is_built(package))
        };
        let packages = self.study.graph.packages.iter().enumerate();
        packages
            .filter(|(at, _)| built(&self.study.before, *at) && !built(after, *at))
            .map(|(_, package)| format!("{} {}", package.name, package.version))
            .collect()
    }
}
