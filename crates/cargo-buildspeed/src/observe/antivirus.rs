//! Whether a scanner delays new executables: XProtect on macOS, Defender on Windows. Tools are asked
//! here and their answers judged as text, so that every platform's judgement is tested on each.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use camino::Utf8Path;
use pitcrew_core::toolchain::{Os, Toolchain};

use crate::facts::Antivirus;

mod defender;
mod xprotect;

/// Asks the platform. Anything that cannot be asked counts as no scanner: the finding must be sure.
pub fn observe(toolchain: &Toolchain, target_dir: &Utf8Path) -> Antivirus {
    match toolchain.host.os {
        Os::MacOs => xprotect::observe().unwrap_or_default(),
        Os::Windows => defender::observe(target_dir),
        Os::Linux | Os::Other => Antivirus::None,
    }
}

/// What a tool prints; none where it is missing or fails.
fn output(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then_some(text)
}

/// Runs a program once; none where it cannot be run.
fn launch(program: &Path) -> Option<Duration> {
    let start = Instant::now();
    let status = Command::new(program).status().ok()?;
    status.success().then(|| start.elapsed())
}
