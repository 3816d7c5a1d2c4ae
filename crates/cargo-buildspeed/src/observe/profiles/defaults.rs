//! cargo's own defaults, from the Cargo Book's chapter on profiles.

use super::Settings;
use crate::facts::{Setting, SettingSource};

/// The profiles that exist without being written.
pub(super) const BUILT_IN: [&str; 4] = ["bench", "dev", "release", "test"];

/// The two profiles that inherit nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    Dev,
    Release,
}

/// What a built-in profile inherits without saying so.
pub(super) fn parent(name: &str) -> Option<&'static str> {
    match name {
        "test" => Some("dev"),
        "bench" => Some("release"),
        _ => None,
    }
}

pub(super) fn setting(value: &str) -> Setting {
    Setting {
        value: value.to_owned(),
        source: SettingSource::Default,
    }
}

/// `split-debuginfo` is not here: its default is the platform's, and only on Apple's cargo sets one.
pub(super) fn of_root(root: Root) -> Settings {
    let dev = root == Root::Dev;
    let pick =
        |in_dev: &'static str, in_release: &'static str| if dev { in_dev } else { in_release };
    [
        ("opt-level", pick("0", "3")),
        ("debug", pick("2", "0")),
        ("strip", "none"),
        ("debug-assertions", pick("true", "false")),
        ("overflow-checks", pick("true", "false")),
        ("lto", "false"),
        ("panic", "unwind"),
        ("incremental", pick("true", "false")),
        ("codegen-units", pick("256", "16")),
        ("rpath", "false"),
    ]
    .map(|(key, value)| (key.to_owned(), setting(value)))
    .into()
}

/// Build scripts, proc-macros and their dependencies take the profile's settings but for three that
/// cargo resets so that they compile fast.
///
/// `debug` is reset only *where possible*: without `--target`, a crate that the program and a build
/// script or proc-macro share, and whose settings are equal otherwise, is built once for both, with
/// the profile's debug information. So the 0 here is a floor that a unit may exceed; the recording
/// tells what each unit was compiled with.
pub(super) fn of_build_override(profile: &Settings) -> Settings {
    let mut settings = profile.clone();
    for (key, value) in [("opt-level", "0"), ("codegen-units", "256"), ("debug", "0")] {
        settings.insert(key.to_owned(), setting(value));
    }
    // These are the final program's alone: cargo passes none of them for the host, and unwinding is
    // what a proc-macro's panic needs.
    for key in ["lto", "panic", "rpath"] {
        settings.remove(key);
    }
    settings
}
