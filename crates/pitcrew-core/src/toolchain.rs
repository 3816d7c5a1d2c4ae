//! The compiler, the host it runs on, and the tools on PATH, as plain data.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

mod parse;
mod tools;

/// What `rustc -vV` and a look at PATH tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toolchain {
    /// `rustc 1.95.0 (59807616e 2026-04-14)`.
    pub rustc: String,
    /// `(1, 95, 0)`.
    pub release: (u32, u32, u32),
    pub channel: Channel,
    pub host: Host,
    /// The `cfg`s that rustc sets for the host, as `rustc --print cfg` prints them: they decide
    /// which `target.'cfg(..)'` tables of the configuration count.
    pub cfg: Vec<String>,
    pub sysroot: Utf8PathBuf,
    /// Tools looked for and found, by name: `mold`, `wild`, `lld` (`ld.lld`), `ld64.lld`,
    /// `sccache`, `clang`, ...; and what the sysroot itself holds: `rust-lld`, `gcc-ld`,
    /// `rustc_codegen_cranelift`.
    pub tools: BTreeMap<String, Tool>,
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
}

impl Tool {
    /// Asks it for its version, as in `2.34.1`; none where it prints none.
    pub fn version(&self) -> Option<String> {
        tools::version(&self.path)
    }
}

/// The linker that rustc uses for the host where nobody configures one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultLinker {
    /// The lld that rustc ships, called through the C compiler.
    RustLld,
    /// Whatever the C compiler links with: GNU ld on most of Linux, Apple's ld on macOS.
    System,
    /// Microsoft's `link.exe`.
    Msvc,
}

impl Toolchain {
    pub fn tool(&self, name: &str) -> Option<&Tool> {
        self.tools.get(name)
    }

    /// Whether unstable flags are accepted.
    pub fn is_nightly(&self) -> bool {
        matches!(self.channel, Channel::Nightly | Channel::Dev)
    }

    /// Whether cargo keeps what different `RUSTFLAGS` make side by side, since 1.85; before, each
    /// change of them compiled everything again.
    pub fn keeps_rustflags_apart(&self) -> bool {
        self.release >= (1, 85, 0)
    }

    /// rust-lld is the default on x86_64 Linux: on nightly since 1.80, on every channel since
    /// 1.90. A distribution's rustc that does not ship it links as the system does.
    pub fn default_linker(&self) -> DefaultLinker {
        let triple = self.host.triple.as_str();
        if triple.ends_with("-windows-msvc") {
            return DefaultLinker::Msvc;
        }
        let since = match self.channel {
            Channel::Nightly => (1, 80, 0),
            Channel::Stable | Channel::Beta | Channel::Dev => (1, 90, 0),
        };
        let lld = triple == "x86_64-unknown-linux-gnu"
            && self.release >= since
            && self.tools.contains_key("gcc-ld");
        if lld {
            DefaultLinker::RustLld
        } else {
            DefaultLinker::System
        }
    }
}

impl Host {
    /// The platform that a target triple names.
    pub fn from_triple(triple: &str) -> Self {
        let has = |part| triple.split('-').any(|p| p == part);
        let os = if has("linux") && !triple.contains("android") {
            Os::Linux
        } else if has("darwin") {
            Os::MacOs
        } else if has("windows") {
            Os::Windows
        } else {
            Os::Other
        };
        Self {
            triple: triple.to_owned(),
            os,
        }
    }
}

/// Asks `rustc` about itself and looks for tools in `path` (none: the process's own PATH).
///
/// It runs in `dir`, because rustup picks the toolchain by the directory it is called from.
pub fn detect(rustc: &str, dir: &Utf8Path, path: Option<&OsStr>) -> Result<Toolchain> {
    let own_path = std::env::var_os("PATH");
    let path = path.or(own_path.as_deref());
    // rustup's proxy makes each answer slow.
    let (version, sysroot) = std::thread::scope(|scope| {
        let version = scope.spawn(|| ask(rustc, dir, &["-vV"]));
        let sysroot = ask(rustc, dir, &["--print", "sysroot", "--print", "cfg"]);
        (joined(version), sysroot)
    });
    let mut tools = tools::find(path, dir);
    let version = parse::verbose_version(&version?)
        .with_context(|| format!("`{rustc} -vV` does not answer as rustc does"))?;
    let sysroot = sysroot?;
    let mut printed = sysroot.lines().map(str::trim);
    let sysroot = Utf8PathBuf::from(printed.next().unwrap_or_default());
    let host = Host::from_triple(&version.host);
    tools.extend(tools::shipped(&sysroot, &host));
    Ok(Toolchain {
        rustc: version.first_line,
        release: version.release,
        channel: version.channel,
        host,
        cfg: printed.map(str::to_owned).collect(),
        sysroot,
        tools,
    })
}

fn ask(rustc: &str, dir: &Utf8Path, args: &[&str]) -> Result<String> {
    let shown = format!("{rustc} {}", args.join(" "));
    let output = match Command::new(rustc).args(args).current_dir(dir).output() {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => bail!(
            "cannot run `{rustc}`: not found; install Rust from https://rustup.rs or set RUSTC"
        ),
        Err(error) => return Err(error).with_context(|| format!("cannot run `{shown}`")),
    };
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!("`{shown}` failed: {}", stderr.trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{shown}` did not print UTF-8"))
}

/// The thread's result; a panic in it goes on here.
fn joined<T>(thread: std::thread::ScopedJoinHandle<'_, T>) -> T {
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[cfg(test)]
mod tests;
