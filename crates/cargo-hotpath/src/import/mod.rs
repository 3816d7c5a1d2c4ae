//! Recordings of other tools, read into the same profile. What a file claims is bounded and checked:
//! a broken or hostile one is an error, never a panic.

use std::fs;

use anyhow::{Context, Result, bail};
use camino::Utf8Path;

use crate::names::origin::Places;
use crate::profile::Profile;

pub fn file(path: &Utf8Path, places: &Places) -> Result<Profile> {
    let _ = (fs::read(path).with_context(|| format!("cannot read {path}"))?, places);
    bail!("not yet")
}
