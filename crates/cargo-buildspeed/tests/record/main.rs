//! Records builds of a small workspace through the plugin's own binary.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails where its setting cannot be made"
)]

mod project;
#[cfg(unix)]
mod wrapper;

use std::fs;

use pitcrew_core::cargo::BuildFailed;
use pitcrew_core::recording::{Recording, Unit, UnitKind, record};

use project::Project;

const BUILD: &[&str] = &["build", "--workspace", "--offline"];

fn find<'a>(units: &'a [Unit], package: &str, kind: UnitKind) -> &'a Unit {
    let mut found = units
        .iter()
        .filter(|unit| unit.package == package && unit.kind == kind);
    found
        .next()
        .unwrap_or_else(|| panic!("no {package} {kind:?}"))
}

/// What it waited for, as `package kind needs`.
fn waited_for(units: &[Unit], unit: &Unit) -> Vec<String> {
    let mut names: Vec<String> = unit
        .deps
        .iter()
        .map(|dep| {
            let on = &units[dep.unit];
            format!("{} {:?} {:?}", on.package, on.kind, dep.needs)
        })
        .collect();
    names.sort();
    names
}

#[test]
fn a_clean_build_is_recorded_with_its_graph() {
    let project = Project::new();
    let recorded = project.record(BUILD);
    let recording = &recorded.recording;
    let units = &recording.units;
    assert_eq!(recorded.lost, [""; 0]);
    assert_eq!(recording.command, "cargo build --workspace --offline");
    // 3 libraries, 2 build scripts, their 2 runs, 2 programs.
    assert_eq!(units.len(), 9, "{units:#?}");

    let low_run = find(units, "low", UnitKind::RunBuildScript);
    assert_eq!(waited_for(units, low_run), ["low BuildScript End"]);
    let app_run = find(units, "app", UnitKind::RunBuildScript);
    assert_eq!(
        waited_for(units, app_run),
        ["app BuildScript End", "low RunBuildScript End"]
    );
    let lib = find(units, "app", UnitKind::Lib);
    assert_eq!(
        waited_for(units, lib),
        [
            "app RunBuildScript End",
            "low Lib Metadata",
            "mac ProcMacro End"
        ]
    );
    let bin = find(units, "app", UnitKind::Bin);
    assert_eq!(
        waited_for(units, bin),
        [
            "app Lib End",
            "app RunBuildScript End",
            "low Lib End",
            "mac ProcMacro End"
        ]
    );

    for unit in units {
        assert!(unit.member, "{unit:#?}");
        assert!(
            unit.end_s >= unit.start_s && unit.end_s <= recording.wall_s + 0.01,
            "{unit:#?}"
        );
        for dep in &unit.deps {
            assert!(
                units[dep.unit].ready_s(dep.needs) <= unit.start_s,
                "{unit:#?}"
            );
        }
        if unit.kind != UnitKind::RunBuildScript {
            assert!(
                unit.profile.incremental || unit.kind == UnitKind::BuildScript || unit.for_host
            );
        }
    }
    assert!(
        lib.metadata_s
            .is_some_and(|at| lib.start_s < at && at <= lib.end_s)
    );
    assert_eq!(
        (bin.metadata_s, bin.profile.debuginfo.as_str()),
        (None, "2")
    );
    assert!(find(units, "mac", UnitKind::ProcMacro).for_host);
    assert!(find(units, "low", UnitKind::BuildScript).for_host);
    assert!(!lib.for_host && !bin.for_host);
    assert!(recording.target_bytes.is_some_and(|bytes| bytes > 100_000));

    if cfg!(unix) {
        assert!(recorded.output.cpu_s.is_some_and(|cpu| cpu > 0.0));
        assert!(lib.cpu_s.is_some_and(|cpu| cpu > 0.0));
        assert!(lib.peak_bytes.is_some_and(|bytes| bytes > 1 << 20));
        for unit in units
            .iter()
            .filter(|unit| unit.kind != UnitKind::RunBuildScript)
        {
            assert_eq!(unit.link_s.is_some(), unit.kind.links(), "{unit:#?}");
        }
    }

    let file = project.path("recording.json");
    recording.save(&file).unwrap();
    assert_eq!(Recording::load(&file).as_ref(), Some(recording));
}

#[test]
fn artifacts_are_shared_with_the_users_own_builds() {
    let project = Project::new();
    project.record(BUILD);
    let said = project.plain_build();
    assert!(!said.contains("Running `"), "{said}");

    let again = project.record(BUILD);
    assert_eq!(again.recording.units, []);
    assert_eq!(again.lost, [""; 0]);
    assert!(again.output.artifacts().all(|artifact| artifact.fresh));
}

#[test]
fn tests_are_executables_that_wait_for_libraries_only() {
    let project = Project::new();
    let recorded = project.record(&["test", "--no-run", "-p", "app", "--offline"]);
    let units = &recorded.recording.units;
    let test = units
        .iter()
        .find(|unit| unit.target == "it" && unit.kind == UnitKind::Test)
        .unwrap();
    assert!(test.profile.test);
    // It starts the programs, and cargo builds them in any order.
    let bins = test
        .deps
        .iter()
        .filter(|dep| units[dep.unit].kind == UnitKind::Bin);
    assert_eq!(bins.count(), 0);
    // The unit tests of the library and of each program are executables of their own.
    let of_lib = units
        .iter()
        .filter(|unit| unit.kind == UnitKind::Test && unit.target == "app");
    assert_eq!(of_lib.count(), 1);
    let of_bins = units
        .iter()
        .filter(|unit| unit.kind == UnitKind::Bin && unit.profile.test);
    assert_eq!(of_bins.count(), 2);
}

#[test]
fn arguments_of_a_trial_reach_the_units_they_are_for() {
    let project = Project::new();
    project.record(BUILD);
    // Only the program is built again, with arguments that cargo does not know of.
    fs::write(project.path("ws/app/src/main.rs"), "fn main() {}").unwrap();
    let mut options = project.options(BUILD);
    let map = project.path("map");
    options.inject.rustc_args = vec!["--cfg".to_owned(), "injected".to_owned()];
    options.inject.link_args = vec!["-C".to_owned(), format!("link-arg=-Wl,-Map={map}")];
    fs::write(
        project.path("ws/app/src/main.rs"),
        "#[cfg(not(injected))]\ncompile_error!(\"no\");\nfn main() {}",
    )
    .unwrap();
    let recorded = record(&options, &mut |_| {}).unwrap();
    assert_eq!(recorded.recording.units.len(), 1);
    if cfg!(target_os = "linux") {
        assert!(map.exists(), "the linker did not get its argument");
    }

    // The next build does not see that they were there.
    let said = project.plain_build();
    assert!(!said.contains("Running `"), "{said}");
}

#[test]
fn a_project_that_does_not_build_is_for_cargo_to_explain() {
    let project = Project::new();
    fs::write(
        project.path("ws/app/src/main.rs"),
        "fn main() { app::nothing() }",
    )
    .unwrap();
    let error = record(&project.options(BUILD), &mut |_| {}).unwrap_err();
    let failed = error.downcast_ref::<BuildFailed>().unwrap();
    assert!(failed.said.contains("error[E0425]"), "{}", failed.said);
    assert!(
        failed.said.contains("could not compile `app`"),
        "{}",
        failed.said
    );
}

#[test]
fn a_failing_link_names_the_users_linker() {
    let project = Project::new();
    let mut options = project.options(BUILD);
    options.inject.link_args = vec!["-C".to_owned(), "link-arg=-no-such-option".to_owned()];
    let error = record(&options, &mut |_| {}).unwrap_err();
    let failed = error.downcast_ref::<BuildFailed>().unwrap();
    assert!(failed.said.contains("no-such-option"), "{}", failed.said);
    assert!(!failed.said.contains("/linkers/"), "{}", failed.said);
    if cfg!(target_os = "linux") {
        assert!(
            failed.said.contains("linking with `cc` failed"),
            "{}",
            failed.said
        );
    }
}
