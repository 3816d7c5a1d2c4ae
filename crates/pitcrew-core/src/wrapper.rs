//! The plugin's own binary as cargo's `RUSTC_WRAPPER`: it records each call of rustc and of the
//! linker, and adds arguments for a trial.
//!
//! cargo leaves `RUSTC_WRAPPER` out of its fingerprints, so what is built through the wrapper is
//! shared with the user's own builds. The binary is started once per unit and must cost next to
//! nothing: everything that it has to know comes in environment variables, calls that compile
//! nothing are handed over with `exec`, and command lines are logged as they are and understood
//! later, in [`recording`](crate::recording).

mod child;
pub mod clock;
mod link;
pub mod log;
mod rustc;
pub mod rustc_args;
mod watch;

use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::{Command, ExitCode, ExitStatus};

use camino::Utf8PathBuf;

pub use child::{Usage, children_usage, hand_over};

use rustc_args::RustcArgs;

/// Set for each cargo that runs with the wrapper: the directory of the log, or empty where nothing
/// is to be logged.
const LOG_DIR: &str = "PITCREW_WRAPPER";
/// The user's own wrapper, to be called with rustc and its arguments.
const CHAIN: &str = "PITCREW_CHAIN";
/// Set for the user's own wrapper where it is called: it may be a plugin that stands guard over a cache,
/// and is then not to record once more.
const CHAINED: &str = "PITCREW_CHAINED";
/// Names the program that a wrapper stands guard over; set by whoever configures such a wrapper.
pub const GUARDED: &str = "PITCREW_CACHE_GUARD";
/// The triple that rustc compiles for without `--target`.
const HOST: &str = "PITCREW_HOST";
/// Arguments to add, joined as in `CARGO_ENCODED_RUSTFLAGS`.
const RUSTC_ARGS: &str = "PITCREW_RUSTC_ARGS";
const LINK_ARGS: &str = "PITCREW_LINK_ARGS";
const MEMBER_ARGS: &str = "PITCREW_MEMBER_ARGS";
/// Lints whose messages are logged, joined likewise.
const LINTS: &str = "PITCREW_LINTS";
/// Set where [`Injection::target_only`] is.
const TARGET_ONLY: &str = "PITCREW_TARGET_ONLY";
/// For the linker's stand-in: its own path, the linker to run, and the call of rustc it belongs to.
const LINK_SHIM: &str = "PITCREW_LINK_SHIM";
const LINKER: &str = "PITCREW_LINKER";
const LINK_CALL: &str = "PITCREW_LINK_CALL";

const SEPARATOR: char = '\u{1f}';

/// What to set on a cargo so that it calls this wrapper.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wrapping {
    /// The plugin's own executable.
    pub exe: Utf8PathBuf,
    /// Where to log; none where only arguments are to be added.
    pub log_dir: Option<Utf8PathBuf>,
    /// The wrapper that the user has configured, as cargo would run it.
    pub user_wrapper: Option<String>,
    /// The host's triple; without it the default linker is not observed.
    pub host: Option<String>,
    /// Lints whose messages are logged: `unused_crate_dependencies`.
    pub lints: Vec<String>,
    pub inject: Injection,
}

/// Arguments to add to calls of rustc, after cargo's own so that they win.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Injection {
    /// For everything that is compiled but build scripts and proc-macros.
    pub rustc_args: Vec<String>,
    /// For everything that is linked, build scripts and proc-macros too.
    pub link_args: Vec<String>,
    /// For the packages that the command line selects, build scripts and proc-macros too.
    pub member_args: Vec<String>,
    /// Only for units with a `--target`, as cargo gives flags of `[target.*]` when one is asked for.
    pub target_only: bool,
}

impl Wrapping {
    /// The variables to set on cargo.
    pub fn env(&self) -> Vec<(String, String)> {
        let mut env = vec![
            ("RUSTC_WRAPPER".to_owned(), self.exe.to_string()),
            (
                LOG_DIR.to_owned(),
                self.log_dir
                    .as_ref()
                    .map_or(String::new(), ToString::to_string),
            ),
        ];
        let separator = SEPARATOR.to_string();
        let optional = [
            (CHAIN, self.user_wrapper.clone()),
            (HOST, self.host.clone()),
            (RUSTC_ARGS, Some(self.inject.rustc_args.join(&separator))),
            (LINK_ARGS, Some(self.inject.link_args.join(&separator))),
            (MEMBER_ARGS, Some(self.inject.member_args.join(&separator))),
            (LINTS, Some(self.lints.join(&separator))),
            (TARGET_ONLY, self.inject.target_only.then(|| "1".to_owned())),
        ];
        for (name, value) in optional {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                env.push((name.to_owned(), value));
            }
        }
        env
    }

    /// Variables of an enclosing run that must not reach this cargo.
    pub fn env_remove() -> Vec<String> {
        [
            LOG_DIR,
            CHAIN,
            CHAINED,
            HOST,
            RUSTC_ARGS,
            LINK_ARGS,
            MEMBER_ARGS,
            LINTS,
            TARGET_ONLY,
        ]
        .map(str::to_owned)
        .to_vec()
    }
}

/// What a plugin does with a compilation that cargo asked for: it may add to the command, runs it and
/// says how it ended. Where it gives nothing the call is run as usual.
pub type Compile = fn(&RustcArgs, &mut Command) -> Option<io::Result<ExitStatus>>;

/// Does the work of the wrapper where this process was started as one; the first thing in `main`.
pub fn run_if_invoked() -> Option<ExitCode> {
    run_if_invoked_with(|_, _| None)
}

/// The same, where the plugin has work of its own to do with each compilation.
pub fn run_if_invoked_with(compile: Compile) -> Option<ExitCode> {
    let mut args = env::args_os();
    let me = args.next()?;
    if let Some(shim) = env::var_os(LINK_SHIM)
        && shim == me
    {
        return Some(link::run(args.collect()));
    }
    if env::var_os(CHAINED).is_some() {
        return None;
    }
    let log_dir = env::var_os(LOG_DIR)?;
    let program = args.next().filter(|arg| !is_subcommand(&me, arg))?;
    Some(rustc::run(&me, &log_dir, program, args.collect(), compile))
}

/// Whether the plugin was started by the user from within a wrapped build, where the variables are
/// inherited.
fn is_subcommand(me: &OsStr, arg: &OsStr) -> bool {
    let name = Path::new(me)
        .file_stem()
        .and_then(OsStr::to_str)
        .unwrap_or("");
    let arg = arg.to_str().unwrap_or("");
    arg.starts_with('-') || name.strip_prefix("cargo-") == Some(arg)
}

/// The list in an encoded variable.
fn encoded(name: &str) -> Vec<OsString> {
    let value = env::var(name).unwrap_or_default();
    value
        .split(SEPARATOR)
        .filter(|arg| !arg.is_empty())
        .map(OsString::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn env_holds_only_what_is_set() {
        let wrapping = Wrapping {
            exe: "/bin/cargo-x".into(),
            log_dir: Some("/tmp/log".into()),
            inject: Injection {
                link_args: vec!["-C".to_owned(), "link-arg=-fuse-ld=mold".to_owned()],
                ..Injection::default()
            },
            ..Wrapping::default()
        };
        let env = wrapping.env();
        let names: Vec<&str> = env.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["RUSTC_WRAPPER", LOG_DIR, LINK_ARGS]);
        assert_eq!(env[2].1, "-C\u{1f}link-arg=-fuse-ld=mold");
    }

    #[test]
    fn a_plugin_called_by_the_user_is_no_wrapper() {
        let me = OsStr::new("/bin/cargo-buildspeed");
        assert!(is_subcommand(me, OsStr::new("buildspeed")));
        assert!(is_subcommand(me, OsStr::new("--help")));
        assert!(!is_subcommand(me, OsStr::new("/toolchain/bin/rustc")));
        assert!(!is_subcommand(me, OsStr::new("rustc")));
    }
}
