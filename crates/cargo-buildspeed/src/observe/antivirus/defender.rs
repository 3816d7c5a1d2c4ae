//! Windows: Defender's real-time protection scans each file as it is written and opened, unless its
//! path is excluded or lies on a Dev Drive, where it scans later.

use std::path::Path;
use std::process::Command;

use camino::Utf8Path;
use serde_json::Value;

use super::output;
use crate::facts::Antivirus;

const STATUS: &str = "Get-MpComputerStatus | Select-Object RealTimeProtectionEnabled,\
    AMRunningMode | ConvertTo-Json";
/// An administrator sees the excluded paths; anyone else gets one line of text in their place.
const PREFERENCE: &str = "Get-MpPreference | Select-Object ExclusionPath,ExclusionExtension,\
    DisableRealtimeMonitoring | ConvertTo-Json";
const VOLUMES: &str = "(Get-Volume | Where-Object DriveLetter).DriveLetter";

pub(super) fn observe(target_dir: &Utf8Path) -> Antivirus {
    let powershell = |script: &str| {
        output(
            "powershell",
            &["-NoProfile", "-NonInteractive", "-Command", script],
        )
    };
    let Some(status) = powershell(STATUS) else {
        return Antivirus::None;
    };
    if !real_time_protection(&status) {
        return Antivirus::None;
    }
    let excluded = listed_as_excluded(&powershell(PREFERENCE).unwrap_or_default(), target_dir)
        .or_else(|| checked_as_excluded(&check_exclusion(target_dir)?));
    let dev_drives: Vec<char> = powershell(VOLUMES)
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.trim().chars().next())
        .filter(|letter| {
            output("fsutil", &["devdrv", "query", &format!("{letter}:")])
                .is_some_and(|answer| is_trusted_dev_drive(&answer))
        })
        .collect();
    judge(&status, excluded, &dev_drives, target_dir)
}

/// Defender's own tool answers for one path, to any user.
fn check_exclusion(target_dir: &Utf8Path) -> Option<String> {
    let programs = std::env::var_os("ProgramFiles")?;
    let tool = Path::new(&programs)
        .join("Windows Defender")
        .join("MpCmdRun.exe");
    let output = Command::new(tool)
        .args(["-CheckExclusion", "-Path", target_dir.as_str()])
        .output()
        .ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What the tools' answers mean. Where no tool tells whether the directory is excluded there is no
/// finding: it would tell the user to do what may be done.
fn judge(
    status: &str,
    excluded: Option<bool>,
    dev_drives: &[char],
    target_dir: &Utf8Path,
) -> Antivirus {
    let on_dev_drive =
        drive(target_dir.as_str()).is_some_and(|letter| dev_drives.contains(&letter));
    if !real_time_protection(status) || on_dev_drive || excluded != Some(false) {
        return Antivirus::None;
    }
    Antivirus::Defender {
        dev_drive: !dev_drives.is_empty(),
    }
}

/// Off, and passive beside another scanner, are both no.
fn real_time_protection(status: &str) -> bool {
    let Ok(status) = serde_json::from_str::<Value>(status) else {
        return false;
    };
    let mode = status["AMRunningMode"].as_str().unwrap_or("Normal");
    status["RealTimeProtectionEnabled"] == true && mode == "Normal"
}

/// Whether `Get-MpPreference` lists the directory or one above it; none where it hides the list.
fn listed_as_excluded(preference: &str, target_dir: &Utf8Path) -> Option<bool> {
    let preference: Value = serde_json::from_str(preference).ok()?;
    let paths = match &preference["ExclusionPath"] {
        Value::Array(paths) => paths.iter().filter_map(Value::as_str).collect(),
        Value::String(path) => vec![path.as_str()],
        _ => Vec::new(),
    };
    if paths.iter().any(|path| path.starts_with("N/A")) {
        return None;
    }
    let target = normal(target_dir.as_str());
    Some(paths.iter().any(|path| {
        let excluded = normal(path);
        target == excluded || target.starts_with(&format!("{excluded}\\"))
    }))
}

/// What `MpCmdRun -CheckExclusion` says.
fn checked_as_excluded(answer: &str) -> Option<bool> {
    let answer = answer.to_lowercase();
    if answer.contains("is not excluded") {
        Some(false)
    } else if answer.contains("is excluded") {
        Some(true)
    } else {
        None
    }
}

/// Windows paths compare without case, and with either slash.
fn normal(path: &str) -> String {
    let path = path.strip_prefix(r"\\?\").unwrap_or(path);
    let path = path.replace('/', "\\").to_lowercase();
    path.trim_end_matches('\\').to_owned()
}

fn drive(path: &str) -> Option<char> {
    let path = normal(path);
    let mut chars = path.chars();
    let letter = chars.next().filter(char::is_ascii_alphabetic)?;
    (chars.next() == Some(':')).then(|| letter.to_ascii_uppercase())
}

/// On a Dev Drive that is not trusted Defender scans as anywhere.
fn is_trusted_dev_drive(fsutil: &str) -> bool {
    fsutil
        .lines()
        .any(|line| line.trim() == "This is a trusted developer volume.")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ON: &str = r#"{"RealTimeProtectionEnabled": true, "AMRunningMode": "Normal"}"#;
    const TARGET: &str = r"C:\Users\me\proj\target";

    fn judged(status: &str, excluded: Option<bool>, drives: &[char]) -> Antivirus {
        judge(status, excluded, drives, Utf8Path::new(TARGET))
    }

    #[test]
    fn a_directory_that_is_surely_not_excluded_is_scanned() {
        let scanned = |dev_drive| Antivirus::Defender { dev_drive };
        assert_eq!(judged(ON, Some(false), &[]), scanned(false));
        assert_eq!(judged(ON, Some(false), &['D']), scanned(true));
        assert_eq!(judged(ON, Some(false), &['C', 'D']), Antivirus::None);
        assert_eq!(judged(ON, Some(true), &[]), Antivirus::None);
        assert_eq!(judged(ON, None, &[]), Antivirus::None);
    }

    #[test]
    fn protection_that_is_off_or_passive_is_none() {
        for status in [
            r#"{"RealTimeProtectionEnabled": false, "AMRunningMode": "Normal"}"#,
            r#"{"RealTimeProtectionEnabled": true, "AMRunningMode": "Passive Mode"}"#,
            "Get-MpComputerStatus : The term is not recognized",
        ] {
            assert_eq!(judged(status, Some(false), &[]), Antivirus::None);
        }
    }

    #[test]
    fn exclusions_cover_what_is_below_them() {
        let listed = |paths: &str| {
            let preference = format!(r#"{{"ExclusionPath": {paths}}}"#);
            listed_as_excluded(&preference, Utf8Path::new(TARGET))
        };
        for paths in [
            r#"["D:\\x", "c:/users/me/PROJ/"]"#,
            r#"["C:\\Users\\me\\proj\\target"]"#,
            r#""C:\\""#,
        ] {
            assert_eq!(listed(paths), Some(true), "{paths}");
        }
        let other = r#"["C:\\Users\\me\\pro", "C:\\Users\\me\\proj\\target\\debug"]"#;
        assert_eq!(listed(other), Some(false));
        assert_eq!(listed("null"), Some(false));
        assert_eq!(
            listed(r#"["N/A: Must be an administrator to view exclusions"]"#),
            None
        );
        assert_eq!(
            listed_as_excluded("Access denied", Utf8Path::new(TARGET)),
            None
        );
    }

    #[test]
    fn defenders_own_tool_answers_for_one_path() {
        assert_eq!(
            checked_as_excluded("Path C:\\x is excluded.\r\n"),
            Some(true)
        );
        assert_eq!(
            checked_as_excluded("Path C:\\x is not excluded.\r\n"),
            Some(false)
        );
        assert_eq!(
            checked_as_excluded("CmdTool: Failed with hr = 0x80070667"),
            None
        );
    }

    #[test]
    fn fsutils_answers() {
        assert!(is_trusted_dev_drive(
            "This is a trusted developer volume.\r\n\r\nDeveloper volumes are protected by \
             antivirus filter.\r\n"
        ));
        assert!(!is_trusted_dev_drive(
            "This is an untrusted developer volume.\r\n"
        ));
        assert!(!is_trusted_dev_drive("This is not a developer volume.\r\n"));
    }

    #[test]
    fn drives_are_letters() {
        assert_eq!(drive(r"\\?\d:\x"), Some('D'));
        assert_eq!(drive(r"\\server\share"), None);
    }
}
