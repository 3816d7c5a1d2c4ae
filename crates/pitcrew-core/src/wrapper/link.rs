//! The linker's stand-in, which times the link.
//!
//! rustc takes the linker's flavour, and whether it links through rust-lld, from the *name* of the
//! linker it was given: `-C linker=gcc` links otherwise than no `-C linker` at all. So the stand-in
//! is a symbolic link to this binary which bears the name of the linker that it stands in for, and
//! rustc builds the same command line as without. `-C linker` is an untracked option: it enters
//! neither crate hashes nor incremental caches, and cargo does not see it.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use super::child::{could_not_run, end_as};
use super::clock::now_s;
use super::log::{LinkCall, LogLine, append};
use super::rustc_args::RustcArgs;
use super::{LINK_CALL, LINK_SHIM, LINKER, LOG_DIR};

/// The linker to stand in for, or none where that could change how rustc links.
pub fn plan(args: &RustcArgs, host: Option<&str>) -> Option<String> {
    // Symbolic links are not for everyone on Windows, and its linkers are found in other ways.
    if cfg!(not(unix)) || !args.links() || args.linker_flavor {
        return None;
    }
    match &args.linker {
        Some(linker) => is_c_driver(linker).then(|| linker.clone()),
        None => {
            let host = host?;
            let for_host = args.target.as_deref().is_none_or(|target| target == host);
            (for_host && default_is_cc(host)).then(|| "cc".to_owned())
        }
    }
}

/// Whether rustc's own default for the triple is to call `cc`.
fn default_is_cc(triple: &str) -> bool {
    triple.ends_with("-apple-darwin")
        || triple.contains("-linux-gnu")
        || triple.contains("-linux-musl")
        || triple.ends_with("-freebsd")
}

/// A C compiler that links: `cc`, `clang-18`, `/usr/bin/x86_64-linux-gnu-gcc`.
fn is_c_driver(linker: &str) -> bool {
    let Some(name) = Path::new(linker).file_name().and_then(|name| name.to_str()) else {
        return false;
    };
    let stem = match name.rsplit_once('-') {
        Some((stem, version)) if version.chars().all(|c| c.is_ascii_digit() || c == '.') => stem,
        _ => name,
    };
    ["cc", "gcc", "clang", "c++", "g++", "clang++"]
        .iter()
        .any(|driver| stem == *driver || stem.ends_with(&format!("-{driver}")))
}

/// A stand-in that is in place.
#[derive(Debug)]
pub struct Shim {
    path: PathBuf,
    linker: String,
}

impl Shim {
    /// Makes it, unless another call has; none where that fails, and the link is not timed.
    pub fn install(me: &Path, log_dir: &Path, linker: String) -> Option<Self> {
        #[cfg(unix)]
        {
            let me = if me.is_absolute() {
                me.to_owned()
            } else {
                env::current_exe().ok()?
            };
            let dir = log_dir.join("linkers");
            let path = dir.join(Path::new(&linker).file_name()?);
            if path.symlink_metadata().is_err() {
                std::fs::create_dir_all(&dir).ok()?;
                if let Err(error) = std::os::unix::fs::symlink(me, &path)
                    && error.kind() != std::io::ErrorKind::AlreadyExists
                {
                    return None;
                }
            }
            Some(Self { path, linker })
        }
        #[cfg(not(unix))]
        {
            let _ = (me, log_dir, linker);
            None
        }
    }

    /// Has rustc link through it.
    pub fn set_on(&self, command: &mut Command, call: &str) {
        let mut setting = OsString::from("linker=");
        setting.push(&self.path);
        command.arg("-C").arg(setting);
        command.env(LINK_SHIM, &self.path);
        command.env(LINKER, &self.linker);
        command.env(LINK_CALL, call);
    }
}

/// Runs the linker, in its stand-in.
pub fn run(args: Vec<OsString>) -> ExitCode {
    let linker = env::var_os(LINKER).unwrap_or_else(|| "cc".into());
    let mut command = Command::new(linker);
    command.args(args);
    for name in [LINK_SHIM, LINKER, LINK_CALL] {
        command.env_remove(name);
    }
    let start_s = now_s();
    let status = match command.status() {
        Ok(status) => status,
        Err(error) => return could_not_run(&command, &error),
    };
    let line = LogLine::Link(LinkCall {
        call: env::var(LINK_CALL).unwrap_or_default(),
        start_s,
        end_s: now_s(),
    });
    if let Some(dir) = env::var_os(LOG_DIR) {
        // As with rustc: the link is worth more than its time.
        let _ = append(Path::new(&dir), &line);
    }
    end_as(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: Option<&str> = Some("x86_64-unknown-linux-gnu");

    fn args(line: &str) -> RustcArgs {
        RustcArgs::parse(line.split_whitespace())
    }

    #[cfg(unix)]
    #[test]
    fn stands_in_for_c_compilers_only() {
        let bin = "--crate-name a a.rs --crate-type bin --emit=link";
        let planned = |more: &str| plan(&args(&format!("{bin} {more}")), HOST);
        assert_eq!(planned("").as_deref(), Some("cc"));
        assert_eq!(planned("-C linker=clang").as_deref(), Some("clang"));
        assert_eq!(
            planned("-Clinker=/usr/bin/clang-18").as_deref(),
            Some("/usr/bin/clang-18")
        );
        assert_eq!(
            planned("--target aarch64-unknown-linux-gnu -C linker=aarch64-linux-gnu-gcc")
                .as_deref(),
            Some("aarch64-linux-gnu-gcc")
        );
        assert_eq!(
            planned("--target x86_64-unknown-linux-gnu").as_deref(),
            Some("cc")
        );
        assert_eq!(planned("--target wasm32-unknown-unknown"), None);
        assert_eq!(planned("-C linker=ld.lld"), None);
        assert_eq!(planned("-C linker=rust-lld"), None);
        assert_eq!(planned("-C linker=clang -C linker-flavor=gcc"), None);
    }

    #[test]
    fn leaves_alone_what_does_not_link_or_has_another_default() {
        assert_eq!(
            plan(
                &args("--crate-name a a.rs --crate-type lib --emit=link"),
                HOST
            ),
            None
        );
        let bin = args("--crate-name a a.rs --crate-type bin --emit=link");
        assert_eq!(plan(&bin, Some("x86_64-pc-windows-msvc")), None);
        assert_eq!(plan(&bin, None), None);
    }
}
