//! Two builds that differ in one thing, and the cause that is named for it.

use super::*;
use crate::cache::doctor::inputs::Places;

/// A member above a dependency from the registry, as a build at this place has them.
fn build(root: &str) -> Inputs {
    let home = "/h/.cargo";
    let unit = |name: &str, cwd: &str, deps: &[&str]| UnitInputs {
        name: name.to_owned(),
        args: ["--crate-type lib", "-C metadata=1", "-C debuginfo=2"]
            .map(str::to_owned)
            .to_vec(),
        env: BTreeMap::from([("CARGO_MANIFEST_DIR".to_owned(), cwd.to_owned())]),
        cwd: cwd.to_owned(),
        sources: BTreeMap::from([(format!("{cwd}/src/lib.rs"), "hash".to_owned())]),
        deps: deps.iter().map(|dep| (*dep).to_owned()).collect(),
        ..UnitInputs::default()
    };
    Inputs {
        rustc: "rustc 1.95.0".to_owned(),
        places: Places {
            root: root.to_owned(),
            target: format!("{root}/target"),
            cargo_home: home.to_owned(),
        },
        units: vec![
            unit("dep", "/h/.cargo/registry/dep", &[]),
            unit("member", root, &["dep"]),
        ],
        ..Inputs::default()
    }
}

fn differing(here: &Inputs, there: &Inputs) -> BTreeMap<String, Vec<Cause>> {
    compare(here, there).differing
}

#[test]
fn the_same_build_has_the_same_keys() {
    let compared = compare(&build("/w"), &build("/w"));
    assert_eq!(compared.same, ["dep", "member"]);
    assert_eq!(compared.differing, BTreeMap::new());
    assert_eq!(judge(&build("/w"), &build("/w")).findings, []);
}

#[test]
fn another_checkout_shares_dependencies_and_not_members() {
    let compared = compare(&build("/w"), &build("/v"));
    assert_eq!(compared.same, ["dep"]);
    let cause = Cause::Path {
        place: Place::Root,
        here: "/w".to_owned(),
        there: "/v".to_owned(),
    };
    assert_eq!(
        compared.differing,
        BTreeMap::from([("member".to_owned(), vec![cause])])
    );
}

#[test]
fn a_crate_that_only_follows_is_no_cause() {
    let mut there = build("/w");
    there.units[0].sources.insert(
        "/h/.cargo/registry/dep/src/lib.rs".to_owned(),
        "other".to_owned(),
    );
    let compared = compare(&build("/w"), &there);
    assert_eq!(compared.following, ["member"]);
    let causes = &compared.differing["dep"];
    assert!(matches!(&causes[..], [Cause::Sources { .. }]), "{causes:?}");
    assert_eq!(compared.same, [""; 0]);
}

#[test]
fn another_compiler_is_one_cause_for_all() {
    let there = Inputs {
        rustc: "rustc 1.96.0".to_owned(),
        ..build("/v")
    };
    let judged = judge(&build("/w"), &there);
    assert_eq!(judged.findings.len(), 1);
    assert!(
        judged.findings[0].message.starts_with("2 crates"),
        "{judged:?}"
    );
}

#[test]
fn a_flag_is_named_and_what_cargo_derives_from_it_is_not() {
    let mut there = build("/w");
    there.units[0].args = ["--crate-type lib", "-C metadata=9", "-C debuginfo=0"]
        .map(str::to_owned)
        .to_vec();
    let found = differing(&build("/w"), &there);
    let flags = Cause::Flags {
        here: vec!["-C debuginfo=2".to_owned()],
        there: vec!["-C debuginfo=0".to_owned()],
    };
    assert_eq!(found["dep"], [flags]);
    there.units[0].args[2] = "-C debuginfo=2".to_owned();
    let message = &judge(&build("/w"), &there).findings[0].message;
    assert!(message.contains("features, profile"), "{message}");
}

#[test]
fn a_variable_that_one_has_is_named_with_both_values() {
    let mut there = build("/w");
    for unit in &mut there.units {
        unit.env
            .insert("CARGO_TERM_COLOR".to_owned(), "always".to_owned());
    }
    let judged = judge(&build("/w"), &there);
    let [finding] = &judged.findings[..] else {
        panic!("{judged:?}");
    };
    assert!(
        finding
            .message
            .contains("CARGO_TERM_COLOR: not set here, `always` there"),
        "{finding:?}"
    );
}

#[test]
fn incremental_on_one_side_leaves_nothing_to_share() {
    let mut here = build("/w");
    here.units[1].uncacheable = Some("incremental".to_owned());
    let found = differing(&here, &build("/w"));
    assert!(
        matches!(found["member"][..], [Cause::Uncacheable { .. }]),
        "{found:?}"
    );
    let mut there = build("/w");
    there.units[1].uncacheable = Some("incremental".to_owned());
    assert_eq!(
        differing(&here, &there),
        BTreeMap::new(),
        "neither has a key"
    );
}

#[test]
fn crates_of_one_side_only_are_counted() {
    let mut there = build("/w");
    there.units.remove(0);
    let compared = compare(&build("/w"), &there);
    assert_eq!(compared.only_here, ["dep"]);
    assert_eq!(compare(&there, &build("/w")).only_there, ["dep"]);
}
