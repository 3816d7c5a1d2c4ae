//! Recordings of other tools, read into the same profile. What a file claims is bounded and checked: a
//! broken or hostile one is an error, never a panic.

pub mod callgrind;
pub mod collapsed;
pub mod dhat;
pub mod firefox;
pub mod named;
pub mod perf_data;
pub mod perf_script;
pub mod xctrace;

use std::fs;
use std::io::Read as _;

use anyhow::{Context, Result, bail, ensure};
use camino::Utf8Path;
use pitcrew_core::store::Store;

use crate::names::origin::Places;
use crate::profile::Profile;

/// Larger text files are no recordings that anyone wants to wait for.
const LARGEST_TEXT: u64 = 1 << 30;

/// Reads a file of any known format, told apart by how it begins.
pub fn file(path: &Utf8Path, places: &Places, symbols: &Store) -> Result<Profile> {
    let mut profile =
        read(path, places, symbols).with_context(|| format!("cannot import {path}"))?;
    ensure!(profile.is_sound(), "{path} contradicts itself");
    ensure!(!profile.samples.is_empty(), "{path} holds no samples");
    let about = &mut profile.about;
    about.recorder = path.file_name().unwrap_or("file").to_owned();
    if about.command.is_empty() {
        about.command = path.to_string();
    }
    Ok(profile)
}

const GZIP: &[u8] = &[0x1f, 0x8b];

/// All of a text file, unpacked.
fn bytes(path: &Utf8Path, is_packed: bool) -> Result<Vec<u8>> {
    let file = fs::File::open(path)?;
    let length = file
        .metadata()
        .map_or(0, |file| file.len().min(LARGEST_TEXT));
    let mut bytes = Vec::new();
    let read = match is_packed {
        true => flate2::read::MultiGzDecoder::new(file)
            .take(LARGEST_TEXT + 1)
            .read_to_end(&mut bytes)
            .context("it cannot be unpacked")?,
        false => {
            bytes.reserve_exact(usize::try_from(length)?.saturating_add(1));
            file.take(LARGEST_TEXT + 1).read_to_end(&mut bytes)?
        }
    };
    ensure!(read as u64 <= LARGEST_TEXT, "it is larger than 1 GiB");
    Ok(bytes)
}

fn read(path: &Utf8Path, places: &Places, symbols: &Store) -> Result<Profile> {
    let mut file = fs::File::open(path)?;
    let mut start = Vec::new();
    file.by_ref().take(4096).read_to_end(&mut start)?;
    if start.starts_with(b"PERFILE2") {
        return perf_data::read(path, places, symbols);
    }
    let bytes = bytes(path, start.starts_with(GZIP))?;
    let text = String::from_utf8_lossy(&bytes);
    if dhat::is_dhat(&text) {
        dhat::read(&text, places)
    } else if xctrace::is_xctrace(&text) {
        xctrace::read(&text, places)
    } else if firefox::is_firefox(&text) {
        firefox::read(&text, places)
    } else if callgrind::is_callgrind(&text) {
        callgrind::read(&text, places)
    } else if perf_script::is_perf_script(&text) {
        perf_script::read(&text, places)
    } else if collapsed::is_collapsed(&text) {
        collapsed::read(&text, places)
    } else {
        bail!(
            "its format is not known: perf.data, `perf script` text, collapsed stacks, callgrind, DHAT, \
             Firefox profiler (samply) and `xctrace export` files are"
        )
    }
}
