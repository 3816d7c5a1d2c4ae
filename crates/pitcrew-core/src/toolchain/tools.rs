//! Looking for the tools that rules ask about. None is run: that takes longer than most answers.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};

use super::{Host, Os, Tool, parse};

/// The name a rule asks for, and the programs that are it, first found wins.
const TOOLS: &[(&str, &[&str])] = &[
    ("mold", &["mold"]),
    ("lld", &["ld.lld"]),
    ("ld64.lld", &["ld64.lld"]),
    ("wild", &["wild"]),
    ("gold", &["ld.gold"]),
    ("clang", &["clang"]),
    ("gcc", &["gcc"]),
    ("cc", &["cc"]),
    ("sccache", &["sccache"]),
    ("ccache", &["ccache"]),
    ("git", &["git"]),
    ("perf", &["perf"]),
    ("valgrind", &["valgrind"]),
];

/// The tools that `path` holds.
pub(super) fn find(path: Option<&OsStr>, dir: &Utf8Path) -> BTreeMap<String, Tool> {
    let Some(path) = path else {
        return BTreeMap::new();
    };
    let found = TOOLS.iter().filter_map(|(name, programs)| {
        let found = programs
            .iter()
            .find_map(|program| which::which_in(program, Some(path), dir).ok())?;
        let path = Utf8PathBuf::from_path_buf(found).ok()?;
        Some(((*name).to_owned(), Tool { path }))
    });
    found.collect()
}

/// The version that the program prints, if it does.
pub(super) fn version(path: &Utf8Path) -> Option<String> {
    let output = Command::new(path)
        .arg("--version")
        .stdin(Stdio::null())
        .output();
    parse::first_version(&String::from_utf8_lossy(&output.ok()?.stdout))
}

/// What rustc brings along: `rust-lld`; `gcc-ld`, the directory through which a C compiler finds
/// it; and the `rustc_codegen_cranelift` component.
pub(super) fn shipped(sysroot: &Utf8Path, host: &Host) -> Vec<(String, Tool)> {
    let target = sysroot.join("lib/rustlib").join(&host.triple);
    let exe = if host.os == Os::Windows { ".exe" } else { "" };
    let bin = |file: &str| {
        let path = target.join("bin").join(format!("{file}{exe}"));
        path.is_file().then_some(path)
    };
    let found = [
        ("rust-lld", bin("rust-lld")),
        ("gcc-ld", bin("gcc-ld/ld.lld")),
        (CRANELIFT, cranelift(&target)),
    ];
    found
        .into_iter()
        .filter_map(|(name, path)| Some((name.to_owned(), Tool { path: path? })))
        .collect()
}

const CRANELIFT: &str = "rustc_codegen_cranelift";

/// The backend's library: its file name holds the release, and a prefix and suffix per platform.
fn cranelift(target: &Utf8Path) -> Option<Utf8PathBuf> {
    target
        .join("codegen-backends")
        .read_dir_utf8()
        .ok()?
        .filter_map(Result::ok)
        .find(|entry| entry.file_name().contains(CRANELIFT))
        .map(camino::Utf8DirEntry::into_path)
}
