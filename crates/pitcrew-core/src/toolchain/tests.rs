//! What `toolchain` promises, tested.

use super::parse::{Version, first_version, verbose_version};
use super::*;

const LINUX: &str = "rustc 1.95.0 (59807616e 2026-04-14)
binary: rustc
commit-hash: 59807616e1fa2540724bfbac14d7976d7e4a3860
commit-date: 2026-04-14
host: x86_64-unknown-linux-gnu
release: 1.95.0
LLVM version: 22.1.2
";
const MAC_NIGHTLY: &str = "rustc 1.97.0-nightly (17584a181 2026-04-13)
binary: rustc
commit-hash: 17584a181979f04f2aaad867332c22db1caa511a
commit-date: 2026-04-13
host: aarch64-apple-darwin
release: 1.97.0-nightly
LLVM version: 22.1.2
";
const WINDOWS_BETA: &str = "rustc 1.96.0-beta.3 (1e59f2abd 2026-04-20)\r
binary: rustc\r
commit-hash: 1e59f2abd1e59f2abd1e59f2abd1e59f2abd1e59\r
commit-date: 2026-04-20\r
host: x86_64-pc-windows-msvc\r
release: 1.96.0-beta.3\r
LLVM version: 22.1.2\r
";
const DEV: &str = "rustc 1.97.0-dev
binary: rustc
commit-hash: unknown
commit-date: unknown
host: aarch64-unknown-linux-gnu
release: 1.97.0-dev
LLVM version: 22.1.2
";

fn version(text: &str) -> Version {
    verbose_version(text).unwrap()
}

#[test]
fn recorded_versions_are_read() {
    let linux = version(LINUX);
    assert_eq!(linux.first_line, "rustc 1.95.0 (59807616e 2026-04-14)");
    assert_eq!(
        (linux.release, linux.channel),
        ((1, 95, 0), Channel::Stable)
    );
    assert_eq!(linux.host, "x86_64-unknown-linux-gnu");

    let mac = version(MAC_NIGHTLY);
    assert_eq!((mac.release, mac.channel), ((1, 97, 0), Channel::Nightly));
    let windows = version(WINDOWS_BETA);
    assert_eq!(
        (windows.release, windows.channel),
        ((1, 96, 0), Channel::Beta)
    );
    assert_eq!(windows.host, "x86_64-pc-windows-msvc");
    assert_eq!(version(DEV).channel, Channel::Dev);
}

#[test]
fn what_is_not_rustc_is_refused() {
    for text in [
        "",
        "gcc (Debian 12.2.0) 12.2.0\n",
        "rustc 1.95.0\nhost: x\nrelease: one\n",
    ] {
        assert!(verbose_version(text).is_err(), "{text:?}");
    }
}

#[test]
fn first_versions_of_recorded_tools() {
    for (text, expected) in [
        ("mold 2.34.1 (compatible with GNU ld)", Some("2.34.1")),
        (
            "Debian LLD 14.0.6 (compatible with GNU linkers)",
            Some("14.0.6"),
        ),
        ("LLD 19.1.7 (compatible with GNU linkers)", Some("19.1.7")),
        (
            "Wild version 0.5.0 (compatible with GNU linkers)",
            Some("0.5.0"),
        ),
        ("GNU gold (GNU Binutils for Debian 2.40) 1.16", Some("2.40")),
        ("sccache 0.10.0", Some("0.10.0")),
        (
            "ccache version 4.9.1\nFeatures: http-storage",
            Some("4.9.1"),
        ),
        ("git version 2.43.0.windows.1", Some("2.43.0")),
        ("git version 2.39.5 (Apple Git-154)", Some("2.39.5")),
        (
            "Apple clang version 17.0.0 (clang-1700.0.13.5)",
            Some("17.0.0"),
        ),
        ("Ubuntu clang version 18.1.3 (1ubuntu1)", Some("18.1.3")),
        ("cc (Debian 12.2.0-14+deb12u1) 12.2.0", Some("12.2.0")),
        ("perf version 6.1.187", Some("6.1.187")),
        ("valgrind-3.19.0", Some("3.19.0")),
        ("no version here, 2026", None),
        ("", None),
    ] {
        assert_eq!(first_version(text).as_deref(), expected, "{text}");
    }
}

#[test]
fn hosts_know_their_system() {
    for (triple, os) in [
        ("x86_64-unknown-linux-gnu", Os::Linux),
        ("armv7-unknown-linux-gnueabihf", Os::Linux),
        ("aarch64-linux-android", Os::Other),
        ("aarch64-apple-darwin", Os::MacOs),
        ("x86_64-pc-windows-msvc", Os::Windows),
        ("x86_64-unknown-freebsd", Os::Other),
    ] {
        assert_eq!(Host::from_triple(triple).os, os, "{triple}");
    }
}

fn toolchain(text: &str, ships_lld: bool) -> Toolchain {
    let version = version(text);
    let lld = Tool {
        path: "/sysroot/lib/rustlib/bin/gcc-ld/ld.lld".into(),
    };
    Toolchain {
        rustc: version.first_line,
        release: version.release,
        channel: version.channel,
        host: Host::from_triple(&version.host),
        cfg: Vec::new(),
        sysroot: "/sysroot".into(),
        tools: ships_lld
            .then(|| ("gcc-ld".to_owned(), lld))
            .into_iter()
            .collect(),
    }
}

#[test]
fn the_default_linker_depends_on_host_release_and_what_is_shipped() {
    assert_eq!(
        toolchain(LINUX, true).default_linker(),
        DefaultLinker::RustLld
    );
    assert_eq!(
        toolchain(LINUX, false).default_linker(),
        DefaultLinker::System
    );
    let old = LINUX.replace("1.95.0", "1.89.0");
    assert_eq!(
        toolchain(&old, true).default_linker(),
        DefaultLinker::System
    );
    let old_nightly = LINUX.replace("release: 1.95.0", "release: 1.82.0-nightly");
    assert_eq!(
        toolchain(&old_nightly, true).default_linker(),
        DefaultLinker::RustLld
    );
    assert_eq!(
        toolchain(MAC_NIGHTLY, true).default_linker(),
        DefaultLinker::System
    );
    assert_eq!(
        toolchain(WINDOWS_BETA, true).default_linker(),
        DefaultLinker::Msvc
    );
    assert_eq!(toolchain(DEV, true).default_linker(), DefaultLinker::System);
}

#[test]
fn this_toolchain_is_detected() {
    let found = detect("rustc", Utf8Path::new("."), None).unwrap();
    assert!(found.rustc.starts_with("rustc 1."), "{}", found.rustc);
    assert!(found.sysroot.is_dir(), "{}", found.sysroot);
    assert!(found.release >= (1, 95, 0));
    let os = |line: &String| line.starts_with("target_os=");
    assert!(found.cfg.iter().any(os), "{:?}", found.cfg);
}

#[test]
fn an_empty_path_has_no_tools() {
    let rustc = which::which("rustc").unwrap();
    let found = detect(
        rustc.to_str().unwrap(),
        Utf8Path::new("."),
        Some(OsStr::new("")),
    )
    .unwrap();
    let shipped = |name: &String| name == "rust-lld" || name == "gcc-ld";
    assert!(found.tools.keys().all(shipped), "{:?}", found.tools);
}

#[test]
fn a_missing_rustc_says_what_to_do() {
    let error = detect("no-such-rustc", Utf8Path::new("."), None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot run `no-such-rustc`: not found; install Rust from https://rustup.rs or set RUSTC"
    );
}
