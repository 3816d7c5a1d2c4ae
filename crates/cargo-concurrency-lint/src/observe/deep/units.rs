//! The summaries of what one `cargo check` covers.

use std::collections::HashMap;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::cargo::BuiltArtifact;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::order::SUMMARY;
use crate::mir::summary::Summary;

/// A crate that was checked.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Its metadata's file without folder and ending, by which others name it.
    pub stem: String,
    pub package_id: String,
    /// cargo's name of the target, and its kinds.
    pub target: String,
    pub kinds: Vec<String>,
    /// Compiled as a test.
    pub test: bool,
    pub member: bool,
    pub summary: Summary,
}

#[derive(Debug, Clone, Default)]
pub struct Units {
    pub units: Vec<Unit>,
    /// The metadata of crates whose summary is missing, cannot be read, or is of another place.
    pub missing: Vec<Utf8PathBuf>,
}

impl Units {
    /// Reads the summaries that lie beside the artifacts, of the workspace at `root`.
    pub fn read(
        artifacts: &[&BuiltArtifact],
        root: &Utf8Path,
        is_member: &(dyn Fn(&str) -> bool + Sync),
        skip: &[String],
    ) -> Self {
        let mut units = Self::default();
        let root = root.canonicalize_utf8().ok();
        // To cargo a project that was moved or copied together with its target directory is fresh; but
        // the places in its summaries are those of the old folder, and would match no source here.
        let is_here =
            |summary: &Summary| Utf8Path::new(&summary.dir).canonicalize_utf8().ok() == root;
        let found: Vec<_> = artifacts
            .iter()
            .filter_map(|artifact| Some((*artifact, metadata(artifact)?)))
            .collect();
        let read = |(artifact, path): (&BuiltArtifact, &Utf8Path)| {
            let member = is_member(&artifact.package_id);
            let stem = stem(path)?;
            let name = stem.rsplit_once('-').map_or(stem, |(name, _)| name);
            if !member && skip.iter().any(|skipped| skipped == name) {
                return None;
            }
            let summary = fs::read(path.with_file_name(format!("{stem}.{SUMMARY}"))).ok();
            let summary = summary.and_then(|bytes| Summary::from_bytes(&bytes).ok());
            let summary = summary.filter(|summary| !member || is_here(summary));
            let unit = summary.map(|summary| Unit {
                stem: stem.to_owned(),
                package_id: artifact.package_id.clone(),
                target: artifact.target.clone(),
                kinds: artifact.kinds.clone(),
                test: artifact.test,
                member,
                summary,
            });
            Some(unit.ok_or_else(|| path.to_owned()))
        };
        let all: Vec<Option<Result<Unit, Utf8PathBuf>>> = found.into_par_iter().map(read).collect();
        for one in all.into_iter().flatten() {
            match one {
                Ok(unit) => units.units.push(unit),
                Err(path) => units.missing.push(path),
            }
        }
        units
    }

    /// The units by the names that others know them by.
    pub fn by_stem(&self) -> HashMap<&str, usize> {
        let stems = self.units.iter().enumerate();
        stems
            .map(|(index, unit)| (unit.stem.as_str(), index))
            .collect()
    }
}

/// The metadata of what was only checked; what was linked too was compiled to be run.
fn metadata(artifact: &BuiltArtifact) -> Option<&Utf8Path> {
    let metadata = |path: &&Utf8PathBuf| path.extension() == Some("rmeta");
    artifact
        .filenames
        .iter()
        .all(|path| metadata(&path))
        .then(|| artifact.filenames.first().map(Utf8PathBuf::as_path))
        .flatten()
}

fn stem(path: &Utf8Path) -> Option<&str> {
    let stem = path.file_stem()?;
    Some(stem.strip_prefix("lib").unwrap_or(stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(files: &[&str]) -> BuiltArtifact {
        BuiltArtifact {
            filenames: files.iter().map(Utf8PathBuf::from).collect(),
            ..BuiltArtifact::default()
        }
    }

    #[test]
    fn a_summary_is_kept_beside_what_was_checked() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap();
        let made = |name: &str| folder.join(name).into_string();
        let summary = Summary {
            name: "a".to_owned(),
            ..Summary::default()
        };
        fs::write(folder.join("a-1.pitcrew"), summary.to_bytes().unwrap()).unwrap();
        fs::write(folder.join("b-2.pitcrew"), b"torn").unwrap();
        let all = [
            artifact(&[&made("liba-1.rmeta")]),
            artifact(&[&made("libb-2.rmeta")]),
            artifact(&[&made("libmacros-3.so")]),
            artifact(&[&made("libhost-4.rlib"), &made("libhost-4.rmeta")]),
            artifact(&[&made("libquiet-5.rmeta")]),
            artifact(&[]),
        ];
        let all: Vec<&BuiltArtifact> = all.iter().collect();
        let units = Units::read(&all, folder, &|_| false, &["quiet".to_owned()]);
        assert_eq!(units.units.len(), 1);
        assert_eq!(units.units[0].summary.name, "a");
        assert_eq!(units.missing, [folder.join("libb-2.rmeta")]);
        assert_eq!(units.by_stem()["a-1"], 0);
    }

    #[test]
    fn a_members_summary_of_another_folder_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap();
        let (here, gone) = (folder.join("here"), folder.join("gone"));
        fs::create_dir(&here).unwrap();
        for (name, dir) in [("a-1", here.as_path()), ("b-2", folder), ("c-3", &gone)] {
            let summary = Summary {
                dir: dir.to_string(),
                ..Summary::default()
            };
            let path = folder.join(format!("{name}.pitcrew"));
            fs::write(path, summary.to_bytes().unwrap()).unwrap();
        }
        let made = |name: &str| artifact(&[folder.join(name).as_str()]);
        let all = ["liba-1.rmeta", "libb-2.rmeta", "libc-3.rmeta"].map(made);
        let all: Vec<&BuiltArtifact> = all.iter().collect();
        let members = Units::read(&all, &here, &|_| true, &[]);
        assert_eq!(members.by_stem().into_keys().collect::<Vec<_>>(), ["a-1"]);
        let stale = ["libb-2.rmeta", "libc-3.rmeta"].map(|name| folder.join(name));
        assert_eq!(members.missing, stale);
        let dependencies = Units::read(&all, &here, &|_| false, &[]);
        assert_eq!(
            dependencies.units.len(),
            3,
            "theirs lie elsewhere by nature"
        );
    }
}
