//! A folder as a `.tar.gz` with nothing in it that depends on when and by whom it was made.

use std::fs::File;
use std::io::Write as _;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

/// Packs `folder` beside itself, under its own name.
pub fn pack(folder: &Utf8Path) -> Result<Utf8PathBuf> {
    let path = Utf8PathBuf::from(format!("{folder}.tar.gz"));
    let file = File::create(&path).with_context(|| format!("cannot create {path}"))?;
    let mut builder = Builder::new(GzBuilder::new().write(file, Compression::best()));
    let root = folder.file_name().context("the folder has a name")?;
    for file in files(folder)? {
        append(&mut builder, folder, root, &file).with_context(|| format!("cannot pack {file}"))?;
    }
    builder.into_inner()?.finish()?.flush()?;
    Ok(path)
}

fn append<W: std::io::Write>(
    builder: &mut Builder<W>,
    folder: &Utf8Path,
    root: &str,
    file: &Utf8Path,
) -> Result<()> {
    let bytes = std::fs::read(file)?;
    let below = file.strip_prefix(folder)?;
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_size(bytes.len() as u64);
    // The binary lies at the top, beside texts that have an extension.
    let runs = below.components().count() == 1
        && below.extension().is_none_or(|extension| extension == "exe")
        && !below.as_str().starts_with("LICENSE");
    header.set_mode(if runs { 0o755 } else { 0o644 });
    // Zero is 1970, which some tools take for a broken archive.
    header.set_mtime(315_532_800);
    builder.append_data(&mut header, format!("{root}/{below}"), bytes.as_slice())?;
    Ok(())
}

/// All files below `folder`, sorted.
fn files(folder: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir_utf8()? {
            let entry = entry?;
            let path = entry.path().to_owned();
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_folder_makes_the_same_bytes_and_only_the_binary_runs() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(temporary.path())
            .unwrap()
            .join("tool-1.0");
        std::fs::create_dir_all(folder.join("man")).unwrap();
        for (name, text) in [("tool", "x"), ("LICENSE-MIT", "y"), ("man/tool.1", "z")] {
            std::fs::write(folder.join(name), text).unwrap();
        }
        let first = std::fs::read(pack(&folder).unwrap()).unwrap();
        std::fs::write(folder.join("tool"), "x").unwrap();
        let second = std::fs::read(pack(&folder).unwrap()).unwrap();
        assert_eq!(first, second);

        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(first.as_slice()));
        let entries = archive.entries().unwrap().map(|entry| {
            let entry = entry.unwrap();
            let path = entry.path().unwrap().to_string_lossy().into_owned();
            (path, entry.header().mode().unwrap())
        });
        let expected = [
            ("tool-1.0/LICENSE-MIT".to_owned(), 0o644),
            ("tool-1.0/man/tool.1".to_owned(), 0o644),
            ("tool-1.0/tool".to_owned(), 0o755),
        ];
        assert_eq!(entries.collect::<Vec<_>>(), expected);
    }
}
