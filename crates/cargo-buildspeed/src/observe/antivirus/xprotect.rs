//! macOS: XProtect scans each new executable before its first launch, unless System Integrity
//! Protection is off or the terminal is a developer tool. The grant follows the top-level process
//! and only Apple's framework can be asked for it, so the effect itself is timed.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::{launch, output};
use crate::facts::Antivirus;

/// How many fresh programs are timed: the least disturbed counts.
const PROGRAMS: usize = 3;

pub(super) fn observe() -> Option<Antivirus> {
    let sip = output("csrutil", &["status"]).unwrap_or_default();
    if sip_is_off(&sip) {
        return Some(Antivirus::None);
    }
    let dir = tempfile::tempdir().ok()?;
    let launches: Vec<Launches> = (0..PROGRAMS)
        .filter_map(|number| {
            let program = link(dir.path(), number)?;
            Some(Launches {
                first: launch(&program)?,
                second: launch(&program)?,
            })
        })
        .collect();
    Some(judge(&launches))
}

/// The first and the second launch of a freshly linked program.
#[derive(Debug, Clone, Copy)]
struct Launches {
    first: Duration,
    second: Duration,
}

/// A program that no scanner has seen: its number makes its bytes differ from the others'.
fn link(dir: &Path, number: usize) -> Option<PathBuf> {
    let source = dir.join(format!("fresh{number}.rs"));
    let program = dir.join(format!("fresh{number}"));
    let unique = dir.display().to_string();
    let text = format!("fn main() {{ std::hint::black_box(({unique:?}, {number})); }}\n");
    std::fs::write(&source, text).ok()?;
    let status = Command::new("rustc")
        .arg("--edition=2021")
        .arg("-o")
        .arg(&program)
        .arg(&source)
        .current_dir(dir)
        .output()
        .ok()?
        .status;
    status.success().then_some(program)
}

/// `csrutil status` says so in one line; with a custom configuration it lists what is off.
fn sip_is_off(csrutil: &str) -> bool {
    csrutil
        .lines()
        .any(|line| line.trim() == "System Integrity Protection status: disabled.")
}

/// The program whose first launch was quickest tells: a busy machine only makes launches longer.
fn judge(launches: &[Launches]) -> Antivirus {
    let millis = |time: Duration| u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
    launches
        .iter()
        .min_by_key(|l| l.first)
        .map_or(Antivirus::None, |l| Antivirus::XProtect {
            first_ms: millis(l.first),
            second_ms: millis(l.second),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csrutils_answers() {
        assert!(sip_is_off(
            "System Integrity Protection status: disabled.\n"
        ));
        assert!(!sip_is_off(
            "System Integrity Protection status: enabled.\n"
        ));
        assert!(!sip_is_off(
            "System Integrity Protection status: unknown (Custom Configuration).\n\n\
             Configuration:\n\tApple Internal: disabled\n\tKext Signing: enabled\n\
             \tFilesystem Protections: enabled\n"
        ));
        assert!(!sip_is_off(""));
    }

    #[test]
    fn the_quickest_first_launch_is_reported_with_its_second() {
        let launches = |first, second| Launches {
            first: Duration::from_millis(first),
            second: Duration::from_millis(second),
        };
        assert_eq!(
            judge(&[launches(180, 4), launches(131, 5), launches(900, 3)]),
            Antivirus::XProtect {
                first_ms: 131,
                second_ms: 5
            }
        );
        assert_eq!(judge(&[]), Antivirus::None);
    }

    #[test]
    fn fresh_programs_link_and_run_anywhere() {
        let dir = tempfile::tempdir().unwrap();
        let program = link(dir.path(), 1).unwrap();
        assert!(launch(&program).is_some());
        assert!(launch(&dir.path().join("none")).is_none());
    }
}
