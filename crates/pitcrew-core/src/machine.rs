//! The machine a build runs on: what a linker, a job count or a memory peak is judged against.

use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Cores this process may use.
    pub cores: u32,
    /// Physical memory, or the control group's limit where that is less; 0 where unknown.
    pub memory_bytes: u64,
}

/// Asks the system. Never fails: what no source tells is unknown.
pub fn detect() -> Machine {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Machine {
        cores: u32::try_from(cores).unwrap_or(u32::MAX),
        memory_bytes: memory().unwrap_or(0),
    }
}

/// Linux's files, else what macOS's or Windows' own tool prints: each exists on its system only, so
/// the first that answers is right.
fn memory() -> Option<u64> {
    if let Some(physical) = read("/proc/meminfo").and_then(|text| meminfo(&text)) {
        return Some(cgroup_limit().map_or(physical, |limit| limit.min(physical)));
    }
    printed("sysctl", &["-n", "hw.memsize"])
        .or_else(|| {
            let query = "(Get-CimInstance Win32_ComputerSystem).TotalPhysicalMemory";
            printed("powershell", &["-NoProfile", "-Command", query])
        })
        .and_then(|text| bytes(&text))
}

fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

fn printed(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The least limit of this process's control groups and their parents.
fn cgroup_limit() -> Option<u64> {
    cgroup_limit_files(&read("/proc/self/cgroup")?)
        .iter()
        .filter_map(|path| limit(&read(path)?))
        .min()
}

/// Where the limits of the groups named in `/proc/self/cgroup` stand, version 2 and 1.
///
/// Inside a container the named path may be the host's, which is not mounted; the mount's own root
/// is then the container's group, so it is always among the files.
fn cgroup_limit_files(proc_self_cgroup: &str) -> Vec<String> {
    let mut files = Vec::new();
    for line in proc_self_cgroup.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(group)) = (fields.next(), fields.next()) else {
            continue;
        };
        let (mount, file) = if controllers.is_empty() {
            ("/sys/fs/cgroup", "memory.max")
        } else if controllers.split(',').any(|name| name == "memory") {
            ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
        } else {
            continue;
        };
        let mut group = group.trim_end_matches('/');
        loop {
            files.push(format!("{mount}{group}/{file}"));
            match group.rfind('/') {
                Some(slash) => group = &group[..slash],
                None => break,
            }
        }
    }
    files
}

/// `MemTotal` of `/proc/meminfo`, in bytes.
fn meminfo(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|l| l.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

/// A control group's limit; `max`, and version 1's huge number, stand for none.
fn limit(text: &str) -> Option<u64> {
    bytes(text).filter(|&limit| limit < 1 << 60)
}

fn bytes(text: &str) -> Option<u64> {
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meminfo_gives_bytes() {
        let text = "MemTotal:       24684096 kB\nMemFree:        22183500 kB\n";
        assert_eq!(meminfo(text), Some(24_684_096 * 1024));
        assert_eq!(meminfo("MemFree: 1 kB\n"), None);
        assert_eq!(meminfo("MemTotal: lots kB\n"), None);
    }

    #[test]
    fn a_limit_is_a_number_and_not_the_sign_for_none() {
        assert_eq!(limit("2147483648\n"), Some(2_147_483_648));
        assert_eq!(limit("max\n"), None);
        assert_eq!(limit("9223372036854771712\n"), None);
        assert_eq!(limit(""), None);
    }

    #[test]
    fn version_2_groups_are_looked_up_with_their_parents() {
        assert_eq!(
            cgroup_limit_files("0::/user.slice/build.scope\n"),
            [
                "/sys/fs/cgroup/user.slice/build.scope/memory.max",
                "/sys/fs/cgroup/user.slice/memory.max",
                "/sys/fs/cgroup/memory.max",
            ]
        );
        assert_eq!(cgroup_limit_files("0::/\n"), ["/sys/fs/cgroup/memory.max"]);
    }

    #[test]
    fn version_1_groups_are_looked_up_by_their_memory_controller() {
        let text = "5:devices:/\n4:memory:/docker/1d8\n2:cpu,cpuacct:/\nbroken\n";
        assert_eq!(
            cgroup_limit_files(text),
            [
                "/sys/fs/cgroup/memory/docker/1d8/memory.limit_in_bytes",
                "/sys/fs/cgroup/memory/docker/memory.limit_in_bytes",
                "/sys/fs/cgroup/memory/memory.limit_in_bytes",
            ]
        );
    }

    #[test]
    fn printed_bytes_of_macos_and_windows_are_read() {
        assert_eq!(bytes("17179869184\n"), Some(17_179_869_184));
        assert_eq!(bytes("34279391232\r\n"), Some(34_279_391_232));
        assert_eq!(bytes("TotalPhysicalMemory"), None);
    }

    #[test]
    fn this_machine_has_a_core() {
        assert!(detect().cores >= 1);
    }
}
