//! The log of a wrapped build: one JSON line per call of rustc and of the linker.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};
use camino::Utf8Path;
use serde::{Deserialize, Serialize};

/// The file in the log's directory.
const FILE: &str = "calls.jsonl";

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogLine {
    Rustc(Invocation),
    Link(LinkCall),
}

/// A call of rustc that compiled. Times are those of the shared [clock](super::clock).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Invocation {
    /// Unique in the log.
    pub id: String,
    /// What cargo asked for, without what the wrapper added.
    pub args: Vec<String>,
    pub cwd: String,
    /// The variables that [`is_kept`] names.
    pub env: BTreeMap<String, String>,
    /// The user's wrapper, where it was called.
    pub chained: Option<String>,
    pub start_s: f64,
    pub metadata_s: Option<f64>,
    pub end_s: f64,
    pub cpu_s: Option<f64>,
    pub peak_bytes: Option<u64>,
    pub success: bool,
    /// What the lints that were asked for had to say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lints: Vec<String>,
}

/// A call of the linker.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LinkCall {
    /// The [`Invocation::id`] it belongs to.
    pub call: String,
    pub start_s: f64,
    pub end_s: f64,
}

/// Whether the variable is one in which cargo tells rustc, and the sources, about a unit, or one of
/// cargo's that a compilation cache counts as an input; never one that may hold a secret.
pub fn is_kept(name: &str) -> bool {
    name == "OUT_DIR"
        || (name.starts_with("CARGO_")
            && !name.starts_with("CARGO_REGISTR")
            && !name.starts_with("CARGO_HTTP_")
            && name != "CARGO_MAKEFLAGS"
            && name != "CARGO_ENCODED_RUSTFLAGS")
}

/// Appends a line. One write of a file opened for appending is not torn by other processes' writes.
pub fn append(dir: &Path, line: &LogLine) -> io::Result<()> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(dir.join(FILE))?
        .write_all(&bytes)
}

/// Reads what was logged; a line that is torn (a full disk, a killed process) is left out.
pub fn read(dir: &Utf8Path) -> Result<Vec<LogLine>> {
    let path = dir.join(FILE);
    match std::fs::read(&path) {
        Ok(bytes) => Ok(parse(&bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error).with_context(|| format!("cannot read {path}")),
    }
}

fn parse(bytes: &[u8]) -> Vec<LogLine> {
    bytes
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_was_appended_and_skips_a_torn_line() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        assert_eq!(read(dir).unwrap(), []);
        let link = LogLine::Link(LinkCall {
            call: "1-2".to_owned(),
            start_s: 1.5,
            end_s: 2.25,
        });
        let rustc = LogLine::Rustc(Invocation {
            id: "1-2".to_owned(),
            args: vec!["--crate-name".to_owned(), "a".to_owned()],
            success: true,
            ..Invocation::default()
        });
        append(dir.as_std_path(), &link).unwrap();
        append(dir.as_std_path(), &rustc).unwrap();
        let mut bytes = std::fs::read(dir.join(FILE)).unwrap();
        bytes.extend_from_slice(br#"{"rustc":{"id":"#);
        assert_eq!(parse(&bytes), [link, rustc]);
    }
}
