//! Machines and toolchains as a few words, for the cases of a corpus: platform is data.

use std::collections::BTreeMap;

use pitcrew_core::machine::Machine;
use pitcrew_core::toolchain::{Channel, Host, Os, Tool, Toolchain};
use serde::Deserialize;

/// What a case says of the machine that it stands on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MachineSpec {
    /// A triple.
    pub host: String,
    /// The release, with its channel: `1.97.0-nightly`.
    pub rust: String,
    /// What is installed, by the names that a toolchain has for it.
    pub tools: Vec<String>,
    /// rustc comes with lld, as rustup's does.
    pub ships_lld: bool,
    pub cores: u32,
    pub memory_gb: u64,
}

impl Default for MachineSpec {
    fn default() -> Self {
        Self {
            host: "x86_64-unknown-linux-gnu".to_owned(),
            rust: "1.95.0".to_owned(),
            tools: Vec::new(),
            ships_lld: true,
            cores: 8,
            memory_gb: 16,
        }
    }
}

impl MachineSpec {
    pub fn machine(&self) -> Machine {
        Machine {
            cores: self.cores,
            memory_bytes: self.memory_gb << 30,
        }
    }

    pub fn toolchain(&self) -> Toolchain {
        let host = Host::from_triple(&self.host);
        let (release, channel) = self.rust.split_once('-').unwrap_or((&self.rust, ""));
        let numbers: Vec<u32> = release.split('.').filter_map(|n| n.parse().ok()).collect();
        let [major, minor, patch] = numbers[..] else {
            panic!("`{}` is no release of Rust", self.rust);
        };
        let mut tools = self.tools.clone();
        if self.ships_lld {
            tools.push("rust-lld".to_owned());
            if host.os == Os::Linux {
                tools.push("gcc-ld".to_owned());
            }
        }
        Toolchain {
            rustc: format!("rustc {} (0000000 2026-04-14)", self.rust),
            release: (major, minor, patch),
            channel: match channel {
                "" => Channel::Stable,
                "nightly" => Channel::Nightly,
                "dev" => Channel::Dev,
                _ => Channel::Beta,
            },
            cfg: cfg(&host),
            sysroot: "/rust".into(),
            tools: tools.into_iter().map(found).collect::<BTreeMap<_, _>>(),
            host,
        }
    }
}

fn found(name: String) -> (String, Tool) {
    let tool = Tool {
        path: format!("/usr/bin/{name}").into(),
    };
    (name, tool)
}

/// The lines of `rustc --print cfg` that configuration tables ask for.
fn cfg(host: &Host) -> Vec<String> {
    let arch = host.triple.split('-').next().unwrap_or_default();
    let (family, os) = match host.os {
        Os::Linux => ("unix", "linux"),
        Os::MacOs => ("unix", "macos"),
        Os::Windows => ("windows", "windows"),
        Os::Other => ("unix", "freebsd"),
    };
    let mut lines = vec![
        family.to_owned(),
        format!("target_family=\"{family}\""),
        format!("target_os=\"{os}\""),
        format!("target_arch=\"{arch}\""),
        "target_pointer_width=\"64\"".to_owned(),
    ];
    for env in ["gnu", "msvc", "musl"] {
        if host.triple.ends_with(env) {
            lines.push(format!("target_env=\"{env}\""));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_words_make_a_toolchain() {
        let spec = MachineSpec {
            host: "x86_64-pc-windows-msvc".to_owned(),
            rust: "1.97.0-nightly".to_owned(),
            tools: vec!["sccache".to_owned()],
            ..MachineSpec::default()
        };
        let toolchain = spec.toolchain();
        assert_eq!(toolchain.host.os, Os::Windows);
        assert_eq!(toolchain.release, (1, 97, 0));
        assert!(toolchain.is_nightly());
        assert!(toolchain.tool("sccache").is_some() && toolchain.tool("gcc-ld").is_none());
        assert!(toolchain.cfg.contains(&"target_env=\"msvc\"".to_owned()));
    }
}
