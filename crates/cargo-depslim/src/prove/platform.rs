//! Which target tables hold for what is built here.

use std::process::Command;
use std::str::FromStr;

use cargo_metadata::cargo_platform::{Cfg, Platform as Spec};
use pitcrew_core::session::Session;

/// The platform that the user's cargo builds for, with the host.
#[derive(Debug, Clone, Default)]
pub struct Platform {
    triples: Vec<String>,
    /// What `rustc --print cfg` prints for each.
    cfgs: Vec<Vec<Cfg>>,
}

impl Platform {
    /// Asks rustc. Where it does not answer, only tables that name the triple hold.
    pub fn detect(session: &Session) -> Self {
        let mut triples = vec![session.toolchain.host.triple.clone()];
        if let Some(target) = session.config.str("build.target") {
            triples.push(target.to_owned());
        }
        let rustc = session.env.get("RUSTC").map_or("rustc", String::as_str);
        let cfgs = triples.iter().map(|triple| {
            let mut command = Command::new(rustc);
            command.args(["--print", "cfg", "--target", triple]);
            let output = command.current_dir(&session.cwd).output();
            let text = output.map(|output| output.stdout).unwrap_or_default();
            parse(&String::from_utf8_lossy(&text))
        });
        Self {
            cfgs: cfgs.collect(),
            triples,
        }
    }

    /// Whether the table `[target.<spec>.…]` holds for any of them. A spec that cannot be read does
    /// not: nothing is then said of what a build here proves.
    pub fn matches(&self, spec: &str) -> bool {
        let Ok(spec) = Spec::from_str(spec) else {
            return false;
        };
        let mut all = self.triples.iter().zip(&self.cfgs);
        all.any(|(triple, cfgs)| spec.matches(triple, cfgs))
    }
}

fn parse(text: &str) -> Vec<Cfg> {
    text.lines()
        .filter_map(|line| Cfg::from_str(line).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_hold_by_triple_or_by_cfg() {
        let platform = Platform {
            triples: vec!["x86_64-unknown-linux-gnu".to_owned()],
            cfgs: vec![parse("unix\ntarget_os=\"linux\"\nnonsense(\n")],
        };
        for holds in [
            "cfg(unix)",
            "cfg(all(unix, not(windows)))",
            "x86_64-unknown-linux-gnu",
            "cfg(target_os = \"linux\")",
        ] {
            assert!(platform.matches(holds), "{holds}");
        }
        for not in [
            "cfg(windows)",
            "wasm32-unknown-unknown",
            "cfg(",
            "cfg(any())",
        ] {
            assert!(!platform.matches(not), "{not}");
        }
    }
}
