//! What packages consist of: their lines of Rust, and whether they have a build script or are a
//! procedural macro. Read from the sources at hand; what cannot be read counts for nothing.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use cargo_metadata::{Metadata, Target};
use pitcrew_core::regular_file;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::costs::Makeup;

/// Of the packages that `wanted` names, as `name version`.
pub fn makeup(metadata: &Metadata, wanted: &BTreeSet<&str>) -> BTreeMap<String, Makeup> {
    let packages = metadata.packages.iter().filter_map(|package| {
        let name = format!("{} {}", package.name, package.version);
        wanted.contains(name.as_str()).then_some((name, package))
    });
    let packages: Vec<_> = packages.collect();
    packages
        .into_par_iter()
        .map(|(name, package)| {
            let has = |is: fn(&Target) -> bool| u32::from(package.targets.iter().any(is));
            let libraries = package.targets.iter().filter(|target| {
                target.is_kind(cargo_metadata::TargetKind::Lib) || target.is_proc_macro()
            });
            let folders: BTreeSet<&Utf8Path> = libraries
                .filter_map(|target| target.src_path.parent())
                .collect();
            let makeup = Makeup {
                lines: folders.into_iter().map(lines).sum(),
                build_scripts: has(Target::is_custom_build),
                proc_macros: has(Target::is_proc_macro),
            };
            (name, makeup)
        })
        .collect()
}

/// Of the Rust sources in a folder and below.
fn lines(folder: &Utf8Path) -> u64 {
    let Ok(entries) = folder.read_dir_utf8() else {
        return 0;
    };
    let of = |entry: camino::Utf8DirEntry| {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => lines(path),
            Ok(_) if path.extension() == Some("rs") => {
                let bytes = regular_file::read(path).unwrap_or_default();
                bytes.iter().map(|byte| u64::from(*byte == b'\n')).sum()
            }
            _ => 0,
        }
    };
    entries.flatten().map(of).sum()
}
