//! Scanners that look at each new executable before its first run.

use pitcrew_core::finding::{Evidence, Finding, Rule, RuleInfo, Severity};

use crate::facts::{Antivirus as Scanner, Facts};
use crate::lever::Proposal;

pub struct Antivirus;

/// A first launch that is this many times the second, and this much longer, was scanned.
const TIMES: u32 = 3;
const LONGER_MS: u32 = 30;

static INFO: RuleInfo = RuleInfo {
    id: "antivirus",
    summary: "each new executable is scanned before it first runs",
    severity: Severity::Advice,
    docs: r#"## What it does
Tells when macOS's XProtect or Windows' Defender scans freshly built executables: build scripts,
proc-macros, tests. It compares the first and the second launch of a new trivial program, or reads
Defender's settings. It never changes them.

## Why it matters
XProtect scans each new executable once, one after another: 120–180 ms where a launch takes 3–9 ms. The
test suite of rustc took 9 min 42 s with it and 3 min 33 s without; a plain build gains much less.
Defender reads each file that is written and each that is opened.

## Example
macOS: System Settings → Privacy & Security → Developer Tools, turn your terminal on, restart it.
Windows: put the project on a Dev Drive.

## When it is wrong
The scanner protects you: the macOS switch turns malware scanning off for all that this terminal starts,
and a Defender exclusion for all that lands in the directory. A company's policy may forbid both.
"#,
};

impl Rule<Facts, Proposal> for Antivirus {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        let found = match facts.antivirus {
            Scanner::None => None,
            Scanner::XProtect {
                first_ms,
                second_ms,
            } => xprotect(first_ms, second_ms),
            Scanner::Defender { dev_drive } => Some(defender(facts, dev_drive)),
        };
        found.into_iter().map(Proposal::advice).collect()
    }
}

fn xprotect(first_ms: u32, second_ms: u32) -> Option<Finding> {
    let longer = first_ms.saturating_sub(second_ms);
    if longer < LONGER_MS || first_ms < second_ms.saturating_mul(TIMES) {
        return None;
    }
    let message = "XProtect scans each new build script, test and program before its first run";
    let fact =
        format!("a new program's first launch took {first_ms} ms, its second {second_ms} ms");
    Some(
        Finding::new(&INFO, "XProtect", message)
            .evidence(Evidence::Recorded { fact })
            .help("System Settings > Privacy & Security > Developer Tools: turn your terminal on, restart it")
            .help("this switches malware scanning off for all that the terminal starts")
            .next("open \"x-apple.systempreferences:com.apple.preference.security?Privacy_DevTools\"")
            .next("spctl developer-mode enable-terminal  # adds Terminal.app to the list"),
    )
}

fn defender(facts: &Facts, dev_drive: bool) -> Finding {
    let target = &facts.workspace.target_dir;
    let message = "Defender scans each file that a build writes, as it is written";
    let drive = if dev_drive {
        "move the project, cargo's home and the target directory to your Dev Drive"
    } else {
        "create a Dev Drive (Settings > System > Storage > Disks & volumes), move the project to it"
    };
    Finding::new(&INFO, "Defender", message)
        .evidence(Evidence::Configured {
            fact: format!("real-time protection is on, and {target} is not excluded"),
        })
        .help(drive)
        .help("or exclude the target directory; files in it are then not scanned at all")
        .next(format!(
            "Add-MpPreference -ExclusionPath \"{target}\"  # as administrator"
        ))
}
