//! What the programs cost that run the unit tests of libraries, from the log of a build.

use std::collections::BTreeMap;

use camino::Utf8Path;
use pitcrew_core::wrapper::log::LogLine;
use pitcrew_core::wrapper::rustc_args::RustcArgs;

use super::compile::target_of;
use crate::costs::HarnessCost;
use crate::facts::{Facts, TargetKind};

/// By member, of a build whose workspace lies at `root`.
pub fn costs(facts: &Facts, root: &Utf8Path, log: &[LogLine]) -> BTreeMap<String, HarnessCost> {
    let mut found = BTreeMap::new();
    for line in log {
        let LogLine::Rustc(call) = line else { continue };
        let args = RustcArgs::parse(call.args.iter().map(String::as_str));
        let Some((member, target)) = target_of(facts, root, call, &args) else {
            continue;
        };
        if target.kind != TargetKind::Library || !args.test || !call.success {
            continue;
        }
        let links = log.iter().filter_map(|line| match line {
            LogLine::Link(link) if link.call == call.id => Some(link.end_s - link.start_s),
            _ => None,
        });
        let cost = HarnessCost {
            cpu_s: call.cpu_s.unwrap_or(call.end_s - call.start_s),
            link_s: links.reduce(|a, b| a + b),
        };
        found.insert(facts.members[member].name.clone(), cost);
    }
    found
}

#[cfg(test)]
mod tests {
    use pitcrew_core::wrapper::log::{Invocation, LinkCall};

    use super::*;
    use crate::facts::{Member, Target};

    #[test]
    fn only_what_runs_unit_tests_of_a_library_counts() {
        let target = |kind, path: &str| Target {
            kind,
            src_path: path.into(),
            ..Target::default()
        };
        let facts = Facts {
            members: vec![Member {
                name: "a".to_owned(),
                manifest_path: "a/Cargo.toml".into(),
                targets: vec![
                    target(TargetKind::Library, "a/src/lib.rs"),
                    target(TargetKind::Test, "a/tests/t.rs"),
                ],
                ..Member::default()
            }],
            ..Facts::default()
        };
        let call = |id: &str, args: &str| {
            LogLine::Rustc(Invocation {
                id: id.to_owned(),
                args: args.split(' ').map(str::to_owned).collect(),
                cwd: "/copy".to_owned(),
                env: [("CARGO_MANIFEST_DIR".to_owned(), "/copy/a".to_owned())].into(),
                cpu_s: Some(1.5),
                success: true,
                ..Invocation::default()
            })
        };
        let link = |id: &str| {
            LogLine::Link(LinkCall {
                call: id.to_owned(),
                start_s: 2.0,
                end_s: 2.25,
            })
        };
        let log = [
            call("1", "--crate-name a a/src/lib.rs --crate-type lib"),
            link("2"),
            call("2", "--crate-name a a/src/lib.rs --test"),
            call("3", "--crate-name t a/tests/t.rs --test"),
            link("3"),
        ];
        let cost = HarnessCost {
            cpu_s: 1.5,
            link_s: Some(0.25),
        };
        let found = costs(&facts, Utf8Path::new("/copy"), &log);
        assert_eq!(found, [("a".to_owned(), cost)].into());
    }
}
