//! Projects to measure on: scratch copies of real ones, and generated large ones.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use tempfile::TempDir;

/// A folder that goes with the value.
pub struct Folder {
    pub path: Utf8PathBuf,
    _kept: TempDir,
}

/// An empty temporary folder.
pub fn folder() -> Result<Folder> {
    let kept = tempfile::Builder::new()
        .prefix("pitcrew-bench-")
        .tempdir()?;
    let path = Utf8Path::from_path(kept.path()).context("a non-UTF-8 temporary folder")?;
    Ok(Folder {
        path: path.to_owned(),
        _kept: kept,
    })
}

/// A workspace of `packages` small libraries, each depending on a few of those before it.
pub fn workspace(root: &Utf8Path, packages: usize) -> Result<()> {
    let write = |path: Utf8PathBuf, text: &str| -> Result<()> {
        fs::create_dir_all(path.parent().unwrap_or(root))?;
        fs::write(&path, text).with_context(|| format!("cannot write {path}"))
    };
    write(
        root.join("Cargo.toml"),
        "[workspace]\nmembers = [\"p/*\"]\nresolver = \"3\"\n",
    )?;
    for i in 0..packages {
        let mut manifest = format!(
            "[package]\nname = \"p{i:04}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n"
        );
        let mut source =
            format!("//! Package {i}.\n\n/// Adds.\npub fn add_{i}(n: u64) -> u64 {{\n    n");
        for step in [1, 7, 31] {
            if i >= step && (i / step) % 3 != 1 {
                let dep = i - step;
                writeln!(manifest, "p{dep:04} = {{ path = \"../p{dep:04}\" }}")?;
                write!(source, ".wrapping_add(p{dep:04}::add_{dep}(n / 2))")?;
            }
        }
        source.push_str("\n}\n");
        write(root.join(format!("p/p{i:04}/Cargo.toml")), &manifest)?;
        write(root.join(format!("p/p{i:04}/src/lib.rs")), &source)?;
    }
    Ok(())
}

/// All lines of the files in a folder.
pub fn lines(folder: &Utf8Path) -> Result<usize> {
    let mut count = 0;
    for entry in folder
        .read_dir_utf8()
        .with_context(|| format!("cannot read {folder}"))?
    {
        count += fs::read_to_string(entry?.path())?.lines().count();
    }
    Ok(count)
}
