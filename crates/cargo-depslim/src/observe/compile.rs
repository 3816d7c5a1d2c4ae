//! What the compiler told of each target, from the log of one build.

use std::collections::BTreeSet;

use camino::Utf8Path;
use pitcrew_core::wrapper::log::Invocation;
use pitcrew_core::wrapper::rustc_args::RustcArgs;

use super::sources::relative;
use crate::facts::{Compiled, CompiledUnit, Facts, Member, Place, Target, TargetKind};

/// The compilations of members among `calls`, of a build whose workspace lies at `root`.
pub fn compiled(facts: &Facts, root: &Utf8Path, command: &str, calls: &[Invocation]) -> Compiled {
    let mut out = Compiled {
        command: command.to_owned(),
        ..Compiled::default()
    };
    for call in calls {
        let args = RustcArgs::parse(call.args.iter().map(String::as_str));
        let Some((member, target)) = target_of(facts, root, call, &args) else {
            continue;
        };
        if !call.success {
            out.failed.insert((member, target.name.clone()));
            continue;
        }
        out.units.push(CompiledUnit {
            member,
            target: target.name.clone(),
            kind: target.kind,
            place: place(target.kind, args.test),
            passed: args.extern_names.iter().cloned().collect(),
            unused: call.lints.iter().filter_map(|said| named(said)).collect(),
        });
    }
    out
}

/// The member and the target that a call of rustc compiles.
pub fn target_of<'f>(
    facts: &'f Facts,
    root: &Utf8Path,
    call: &Invocation,
    args: &RustcArgs,
) -> Option<(usize, &'f Target)> {
    let folder = call.env.get("CARGO_MANIFEST_DIR")?;
    let folder = relative(Utf8Path::new(folder), root);
    let is_here = |member: &Member| member.folder() == folder;
    let index = facts.members.iter().position(is_here)?;
    let input = Utf8Path::new(&call.cwd).join(args.input.as_deref()?);
    let input = relative(&input, root);
    let makes_program = args.crate_types.iter().any(|kind| kind == "bin");
    let mut targets = facts.members[index].targets.iter();
    let target = targets.find(|target| {
        // A library and a binary may share their file.
        let fits = match target.kind {
            TargetKind::Library => !makes_program || args.test,
            TargetKind::Binary => makes_program || args.test,
            _ => true,
        };
        target.src_path == input && fits
    })?;
    Some((index, target))
}

fn place(kind: TargetKind, test: bool) -> Place {
    match kind {
        TargetKind::Library | TargetKind::Binary if test => Place::UnitTest,
        TargetKind::Library => Place::Library,
        TargetKind::Binary => Place::Binary,
        TargetKind::Example => Place::Example,
        TargetKind::Test => Place::Test,
        TargetKind::Bench => Place::Bench,
        TargetKind::BuildScript => Place::BuildScript,
    }
}

/// The crate that the lint is about: what stands between the first backticks.
fn named(message: &str) -> Option<String> {
    message.split('`').nth(1).map(str::to_owned)
}

/// The members of which something does not compile as it is, with what.
pub fn broken(compiled: &Compiled) -> BTreeSet<usize> {
    compiled.failed.iter().map(|(member, _)| *member).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(args: &str, lints: &[&str], success: bool) -> Invocation {
        Invocation {
            args: args.split(' ').map(str::to_owned).collect(),
            cwd: "/copy".to_owned(),
            env: [("CARGO_MANIFEST_DIR".to_owned(), "/copy/a".to_owned())].into(),
            success,
            lints: lints.iter().map(|&said| said.to_owned()).collect(),
            ..Invocation::default()
        }
    }

    #[test]
    fn each_call_is_the_unit_of_a_target() {
        let target = |name: &str, kind, path: &str| Target {
            name: name.to_owned(),
            kind,
            src_path: path.into(),
            ..Target::default()
        };
        let facts = Facts {
            members: vec![Member {
                manifest_path: "a/Cargo.toml".into(),
                targets: vec![
                    target("a", TargetKind::Library, "a/src/lib.rs"),
                    target("t", TargetKind::Test, "a/tests/t.rs"),
                ],
                ..Member::default()
            }],
            ..Facts::default()
        };
        let calls = [
            call(
                "--crate-name a a/src/lib.rs --crate-type lib --extern x=/x.rmeta --extern y=/y.rmeta",
                &["extern crate `y` is unused in crate `a`"],
                true,
            ),
            call(
                "--crate-name a a/src/lib.rs --test --extern x=/x.rmeta",
                &[],
                true,
            ),
            call("--crate-name t a/tests/t.rs --test", &[], false),
            call("--crate-name z /elsewhere/src/lib.rs", &[], true),
        ];
        let found = compiled(&facts, Utf8Path::new("/copy"), "cargo check", &calls);
        let shown: Vec<String> = found
            .units
            .iter()
            .map(|unit| {
                format!(
                    "{:?} {:?} without {:?}",
                    unit.place, unit.passed, unit.unused
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                r#"Library {"x", "y"} without {"y"}"#,
                r#"UnitTest {"x"} without {}"#
            ]
        );
        assert_eq!(found.failed, [(0, "t".to_owned())].into());
        assert_eq!(broken(&found), [0].into());
    }
}
