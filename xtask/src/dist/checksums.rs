//! `SHA256SUMS`, as `sha256sum --check` reads it.

use std::fs;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use crate::process::say;

/// One line for each archive, which lies in the same folder.
pub fn write(path: &Utf8Path, archives: &[Utf8PathBuf]) -> Result<()> {
    let mut text = String::new();
    for archive in archives {
        let bytes = fs::read(archive).with_context(|| format!("cannot read {archive}"))?;
        let name = archive.file_name().context("an archive has a name")?;
        let line = format!("{}  {name}\n", HEXLOWER.encode(&Sha256::digest(&bytes)));
        say(line.trim_end());
        text.push_str(&line);
    }
    fs::write(path, text).with_context(|| format!("cannot write {path}"))
}
