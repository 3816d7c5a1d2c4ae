//! The compiler, the host it runs on, and the tools on PATH, as plain data.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

/// What `rustc -vV` and a look at PATH tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toolchain {
    /// `rustc 1.95.0 (59807616e 2026-04-14)`.
    pub rustc: String,
    /// `(1, 95, 0)`.
    pub release: (u32, u32, u32),
    pub channel: Channel,
    pub host: Host,
    pub sysroot: Utf8PathBuf,
    /// Tools looked for and found, by name: `mold`, `wild`, `lld` (`ld.lld`), `sccache`, `clang`,
    /// ...; and `rustc_codegen_cranelift` where the sysroot holds that backend.
    pub tools: BTreeMap<String, Tool>,
}

impl Toolchain {
    pub fn tool(&self, name: &str) -> Option<&Tool> {
        self.tools.get(name)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    Stable,
    Beta,
    Nightly,
    /// Built from source.
    Dev,
}

/// A platform as data, so that every platform's logic is tested on every platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// `x86_64-unknown-linux-gnu`.
    pub triple: String,
    pub os: Os,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Os {
    Linux,
    MacOs,
    Windows,
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    pub path: Utf8PathBuf,
    /// The version it prints, where it was asked: `2.34.1`.
    pub version: Option<String>,
}
