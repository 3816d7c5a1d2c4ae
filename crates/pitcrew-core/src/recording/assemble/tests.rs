//! What `assemble` promises, tested.

use std::collections::BTreeMap;

use super::*;
use crate::recording::Needs;
use crate::wrapper::log::LinkCall;

/// A call of rustc for `crate_name`, from `start` to `end` tenths of a second.
fn call(package: &str, line: &str, times: (u32, u32), env: &[(&str, &str)]) -> LogLine {
    let tenths = |count: u32| 100.0 + f64::from(count) / 10.0;
    let mut variables = BTreeMap::from([
        ("CARGO_PKG_NAME".to_owned(), package.to_owned()),
        ("CARGO_PKG_VERSION".to_owned(), "1.0.0".to_owned()),
        ("CARGO_MANIFEST_DIR".to_owned(), format!("/ws/{package}")),
    ]);
    variables.extend(
        env.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    LogLine::Rustc(Invocation {
        id: format!("{package}-{}", times.0),
        args: line.split_whitespace().map(str::to_owned).collect(),
        cwd: "/ws".to_owned(),
        env: variables,
        start_s: tenths(times.0),
        end_s: tenths(times.1),
        metadata_s: line
            .contains("metadata,link")
            .then(|| tenths(times.1) - 0.05),
        cpu_s: Some(0.1),
        peak_bytes: Some(1 << 20),
        success: true,
        ..Invocation::default()
    })
}

fn lib(name: &str, more: &str) -> String {
    format!(
        "--crate-name {name} {name}/src/lib.rs --crate-type lib --emit=dep-info,metadata,link \
         -C debuginfo=2 -C extra-filename=-1 --out-dir /t/deps {more}"
    )
}

fn bin(name: &str, more: &str) -> String {
    format!(
        "--crate-name {name} {name}/src/main.rs --crate-type bin --emit=dep-info,link \
         -C extra-filename=-2 --out-dir /t/deps {more}"
    )
}

fn units(log: &[LogLine], events: &[TimedEvent]) -> Vec<Unit> {
    assemble(&Observed {
        log,
        events,
        started_s: 100.0,
        member_dirs: &["/ws/app".into()],
        links_dirs: &["/ws/sys".into()],
    })
}

/// The edges as `from -> to` with labels, for what is asked.
fn edges(units: &[Unit], of: &str) -> Vec<(String, Needs)> {
    let unit = units.iter().find(|unit| unit.target == of).unwrap();
    unit.deps
        .iter()
        .map(|dep| (units[dep.unit].target.clone(), dep.needs))
        .collect()
}

fn named(name: &str, needs: Needs) -> (String, Needs) {
    (name.to_owned(), needs)
}

#[test]
fn libraries_wait_for_metadata_and_programs_for_all_code() {
    let log = [
        call("a", &lib("a", ""), (0, 5), &[]),
        call(
            "b",
            &lib("b", "--extern a=/t/deps/liba-1.rmeta"),
            (4, 9),
            &[],
        ),
        call(
            "app",
            &bin(
                "app",
                "--extern b=/t/deps/libb-1.rlib --extern gone=/t/deps/libgone-1.rlib",
            ),
            (9, 12),
            &[("CARGO_BIN_NAME", "app")],
        ),
        LogLine::Link(LinkCall {
            call: "app-9".to_owned(),
            start_s: 1.0,
            end_s: 1.25,
        }),
    ];
    let units = units(&log, &[]);
    assert_eq!(edges(&units, "a"), []);
    assert_eq!(edges(&units, "b"), [named("a", Needs::Metadata)]);
    assert_eq!(
        edges(&units, "app"),
        [named("a", Needs::End), named("b", Needs::End)]
    );

    let app = &units[2];
    assert_eq!(
        (app.kind, app.member, app.link_s),
        (UnitKind::Bin, true, Some(0.25))
    );
    assert!((app.start_s - 0.9).abs() < 1e-9 && (app.end_s - 1.2).abs() < 1e-9);
    assert_eq!(app.metadata_s, None);
    assert_eq!((units[0].member, units[0].link_s), (false, None));
    assert!(units[0].metadata_s.is_some());
    assert_eq!(units[0].profile.debuginfo, "2");
    assert!(units.iter().all(|unit| !unit.for_host));
}

fn script(package: &str, times: (u32, u32), more: &str) -> LogLine {
    let line = format!(
        "--crate-name build_script_build {package}/build.rs --crate-type bin --emit=dep-info,link \
         -C extra-filename=-7 --out-dir /t/build/{package}-7 {more}"
    );
    call(package, &line, times, &[])
}

fn script_run(package: &str, started_s: f64, ended_s: f64) -> [TimedEvent; 2] {
    [
        TimedEvent::ScriptStarted {
            program: format!("/t/build/{package}-7/build-script-build").into(),
            at_s: started_s,
        },
        TimedEvent::ScriptExecuted {
            package_id: format!("path+file:///ws/{package}#1.0.0"),
            out_dir: format!("/t/build/{package}-8/out").into(),
            at_s: ended_s,
        },
    ]
}

/// A library that uses its script's output, and has `links`.
fn sys_with_links() -> LogLine {
    let env = [
        ("OUT_DIR", "/t/build/sys-8/out"),
        ("CARGO_MANIFEST_LINKS", "z"),
    ];
    call("sys", &lib("sys", ""), (4, 5), &env)
}

/// A program above it that uses its own script's output.
fn app_above_sys() -> LogLine {
    let env = [("OUT_DIR", "/t/build/app-8/out"), ("CARGO_BIN_NAME", "app")];
    let line = bin("app", "--extern sys=/t/deps/libsys-1.rlib");
    call("app", &line, (6, 7), &env)
}

#[test]
fn a_build_script_is_compiled_then_run_then_its_output_used() {
    let log = [
        call("helper", &lib("helper", ""), (0, 1), &[]),
        script("sys", (1, 2), "--extern helper=/t/deps/libhelper-1.rlib"),
        sys_with_links(),
        script("app", (1, 3), ""),
        app_above_sys(),
    ];
    let events = [
        script_run("sys", 100.2, 100.4),
        script_run("app", 100.4, 100.6),
    ]
    .concat();
    let units = units(&log, &events);
    let run = |package: &str| {
        units
            .iter()
            .position(|unit| unit.kind == UnitKind::RunBuildScript && unit.package == package)
            .unwrap()
    };
    let sys_run = &units[run("sys")];
    assert!((sys_run.start_s - 0.2).abs() < 1e-9 && (sys_run.end_s - 0.4).abs() < 1e-9);
    assert_eq!(sys_run.deps.len(), 1);
    assert_eq!(units[sys_run.deps[0].unit].kind, UnitKind::BuildScript);

    // `sys` has `links`, so the script of `app` is told what the script of `sys` found.
    let before_app: Vec<usize> = units[run("app")].deps.iter().map(|dep| dep.unit).collect();
    assert!(before_app.contains(&run("sys")), "{before_app:?}");
    let sys = units.iter().find(|unit| unit.target == "sys").unwrap();
    assert_eq!(sys.deps[0].unit, run("sys"));

    let for_host = |target: &str| {
        units
            .iter()
            .find(|unit| unit.target == target)
            .unwrap()
            .for_host
    };
    assert!(for_host("helper") && for_host("build_script_build"));
    assert!(!for_host("sys") && !for_host("app") && !units[run("sys")].for_host);
}

#[test]
fn a_run_that_was_read_late_ended_before_its_output_was_used() {
    let log = [call(
        "sys",
        &lib("sys", ""),
        (3, 5),
        &[("OUT_DIR", "/t/build/sys-8/out")],
    )];
    let units = units(&log, &script_run("sys", 100.2, 100.35));
    assert_eq!(
        (units[0].start_s, units[0].end_s, units[1].start_s),
        (0.2, 0.3, 0.3)
    );
}

#[test]
fn a_run_that_was_read_late_ended_before_the_script_that_it_has_a_word_for() {
    let log = [
        script("sys", (0, 1), ""),
        sys_with_links(),
        script("app", (0, 1), ""),
        app_above_sys(),
    ];
    let events = [
        script_run("sys", 100.1, 100.36),
        script_run("app", 100.35, 100.5),
    ]
    .concat();
    let units = units(&log, &events);
    let run = |package: &str| {
        let is_run = |unit: &&Unit| unit.kind == UnitKind::RunBuildScript;
        let mut runs = units.iter().filter(is_run);
        runs.find(|unit| unit.package == package).unwrap()
    };
    assert_eq!((run("sys").end_s, run("app").start_s), (0.35, 0.35));
}

#[test]
fn a_script_that_is_not_run_again_is_no_unit() {
    let [_, executed] = script_run("sys", 100.2, 100.4);
    assert_eq!(units(&[], &[executed]), []);
}

#[test]
fn messages_may_overtake_the_lines_on_the_other_pipe() {
    let [started, executed] = script_run("sys", 100.4, 100.395);
    // Up to date at first, then run for another target: the same package twice.
    let [_, fresh] = script_run("sys", 0.0, 100.0);
    let units = units(&[], &[fresh, executed, started]);
    assert_eq!(units.len(), 1);
    assert_eq!((units[0].start_s, units[0].end_s), (0.4, 0.4));
    assert_eq!(
        (units[0].package.as_str(), units[0].version.as_str()),
        ("sys", "1.0.0")
    );
}

#[test]
fn the_host_is_told_apart_by_the_target_flag_where_one_was_given() {
    let log = [
        call("both", &lib("both", ""), (0, 1), &[]),
        call(
            "app",
            &bin("app", "--target x --extern both=/t/deps/libboth-1.rlib"),
            (1, 2),
            &[],
        ),
    ];
    let units = units(&log, &[]);
    assert!(units[0].for_host && !units[1].for_host);
}

#[test]
fn cargos_word_on_the_kind_wins() {
    let artifact = |target: &str, kind: &str, src_path: &str, test: bool| {
        TimedEvent::Artifact(BuiltArtifact {
            target: target.to_owned(),
            kinds: vec![kind.to_owned()],
            src_path: src_path.into(),
            test,
            ..BuiltArtifact::default()
        })
    };
    let test = |name: &str, source: &str, start: u32| {
        let line = format!("--crate-name {name} {source} --emit=dep-info,link --test --out-dir /t");
        call(
            "app",
            &line,
            (start, start + 1),
            &[("CARGO_BIN_EXE_app", "/t/app")],
        )
    };
    let log = [
        call("app", &bin("app", ""), (0, 1), &[]),
        test("it", "app/tests/it.rs", 1),
        test("app_lib", "app/src/lib.rs", 2),
        test("speed", "app/benches/speed.rs", 3),
        call(
            "m",
            &lib("m", "").replace("--crate-type lib", "--crate-type proc-macro"),
            (4, 5),
            &[],
        ),
    ];
    let events = [
        artifact("app", "bin", "/ws/app/src/main.rs", false),
        artifact("it", "test", "/ws/app/tests/it.rs", true),
        artifact("app-lib", "lib", "/ws/app/src/lib.rs", true),
        artifact("speed", "bench", "/ws/app/benches/speed.rs", true),
    ];
    let units = units(&log, &events);
    let kinds: Vec<_> = units
        .iter()
        .map(|unit| (unit.target.as_str(), unit.kind))
        .collect();
    assert_eq!(
        kinds,
        [
            ("app", UnitKind::Bin),
            ("it", UnitKind::Test),
            ("app-lib", UnitKind::Test),
            ("speed", UnitKind::Bench),
            ("m", UnitKind::ProcMacro),
        ]
    );
}

#[test]
fn what_a_cache_server_did_is_not_measured_at_its_client() {
    let mut log = [
        call("a", &lib("a", ""), (0, 5), &[]),
        call("app", &bin("app", ""), (5, 6), &[]),
    ];
    for line in &mut log {
        if let LogLine::Rustc(call) = line {
            call.chained = Some("/usr/bin/sccache".to_owned());
        }
    }
    let units = units(&log, &[]);
    assert_eq!((units[0].cpu_s, units[0].peak_bytes), (None, None));
    assert_eq!(units[1].cpu_s, Some(0.1));
}

#[test]
fn package_ids_of_all_ages_are_read() {
    let registry = "registry+https://github.com/rust-lang/crates.io-index#libc@0.2.153";
    assert_eq!(name_and_version(registry), ("libc", "0.2.153"));
    assert_eq!(
        name_and_version("path+file:///ws/app#1.0.0"),
        ("app", "1.0.0")
    );
    assert_eq!(
        name_and_version("path+file:///ws/dir#app@1.0.0"),
        ("app", "1.0.0")
    );
    assert_eq!(
        name_and_version("git+https://host/repo?rev=abc#0.3.0"),
        ("repo", "0.3.0")
    );
    assert_eq!(
        name_and_version("libc 0.2.153 (registry+https://github.com/rust-lang/crates.io-index)"),
        ("libc", "0.2.153")
    );
    assert_eq!(name_and_version(""), ("", ""));
}
