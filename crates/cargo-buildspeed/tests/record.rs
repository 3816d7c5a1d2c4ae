//! Records builds of a small workspace through the plugin's own binary.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails where its setting cannot be made"
)]

use std::fs;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::cargo::{BuildFailed, CargoRun};
use pitcrew_core::machine::Machine;
use pitcrew_core::recording::{RecordOptions, Recorded, Recording, Unit, UnitKind, record};
use pitcrew_core::wrapper::Injection;

/// An application with a library, a macro, a build script, two programs and a test.
const FILES: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        "[workspace]\nmembers = [\"app\", \"low\", \"mac\"]\nresolver = \"3\"\n",
    ),
    (
        "low/Cargo.toml",
        "[package]\nname = \"low\"\nversion = \"0.2.0\"\nedition = \"2024\"\nlinks = \"low\"\n",
    ),
    (
        "low/build.rs",
        "fn main() { println!(\"cargo::metadata=found=yes\"); }",
    ),
    ("low/src/lib.rs", "pub fn low() -> u32 { 2 }"),
    (
        "mac/Cargo.toml",
        "[package]\nname = \"mac\"\nversion = \"0.3.0\"\nedition = \"2024\"\n\
         [lib]\nproc-macro = true\n",
    ),
    (
        "mac/src/lib.rs",
        "extern crate proc_macro;\nuse proc_macro::TokenStream;\n\
         #[proc_macro]\npub fn two(_: TokenStream) -> TokenStream { \"2\".parse().unwrap() }",
    ),
    (
        "app/Cargo.toml",
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
         [dependencies]\nlow = { path = \"../low\" }\nmac = { path = \"../mac\" }\n",
    ),
    (
        "app/build.rs",
        "fn main() { println!(\"cargo::rerun-if-changed=build.rs\");\n\
         assert_eq!(std::env::var(\"DEP_LOW_FOUND\").unwrap(), \"yes\"); }",
    ),
    (
        "app/src/lib.rs",
        "pub fn sum() -> u32 { low::low() + mac::two!() }",
    ),
    (
        "app/src/main.rs",
        "fn main() { println!(\"{}\", app::sum()); }",
    ),
    ("app/src/bin/other.rs", "fn main() {}"),
    (
        "app/tests/it.rs",
        "#[test]\nfn it() { assert!(!env!(\"CARGO_BIN_EXE_app\").is_empty()); }",
    ),
];

struct Project {
    dir: tempfile::TempDir,
}

impl Project {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in FILES {
            let path = dir.path().join("ws").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self { dir }
    }

    fn path(&self, name: &str) -> Utf8PathBuf {
        // As cargo sees it, where the temporary directory is a link.
        Utf8PathBuf::from_path_buf(self.dir.path().canonicalize().unwrap())
            .unwrap()
            .join(name)
    }

    fn options(&self, args: &[&str]) -> RecordOptions {
        let root = self.path("ws");
        RecordOptions {
            exe: env!("CARGO_BIN_EXE_cargo-buildspeed").into(),
            cargo: CargoRun {
                args: args.iter().map(|arg| (*arg).to_owned()).collect(),
                cwd: root.clone(),
                env: vec![("CARGO_INCREMENTAL".to_owned(), "1".to_owned())],
                env_remove: ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"]
                    .map(str::to_owned)
                    .to_vec(),
                ..CargoRun::default()
            },
            target_dir: Some(self.path("target")),
            user_wrapper: None,
            inject: Injection::default(),
            member_dirs: ["app", "low", "mac"].map(|name| root.join(name)).to_vec(),
            rustc: "rustc 1.95.0".to_owned(),
            host: host(),
            profile: "dev".to_owned(),
            key: "key".to_owned(),
            machine: Machine {
                cores: 2,
                memory_bytes: 1 << 30,
            },
            jobs: 2,
        }
    }

    fn record(&self, args: &[&str]) -> Recorded {
        record(&self.options(args), &mut |_| {}).unwrap()
    }

    /// Builds in the same target directory as the user would.
    fn plain_build(&self) -> String {
        let output = Command::new(env!("CARGO"))
            .args(["build", "--workspace", "--offline", "-v"])
            .current_dir(self.path("ws"))
            .env("CARGO_TARGET_DIR", self.path("target"))
            .env("CARGO_INCREMENTAL", "1")
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    }
}

const BUILD: &[&str] = &["build", "--workspace", "--offline"];

fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("host: "));
    line.unwrap().to_owned()
}

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

#[cfg(unix)]
fn executable(path: &Utf8Path, script: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(unix)]
#[test]
fn the_users_wrapper_is_chained_to() {
    let project = Project::new();
    let (wrapper, log) = (project.path("wrapper.sh"), project.path("wrapper.log"));
    executable(
        &wrapper,
        &format!("#!/bin/sh\necho \"$*\" >> {log}\nexec \"$@\"\n"),
    );
    let mut options = project.options(BUILD);
    options.user_wrapper = Some(wrapper.into_string());
    let recorded = record(&options, &mut |_| {}).unwrap();
    assert_eq!(recorded.recording.units.len(), 9);
    assert!(recorded.recording.cache.is_none());
    let log = fs::read_to_string(log).unwrap();
    let compiled = log
        .lines()
        .filter(|line| line.contains("--out-dir"))
        .count();
    assert_eq!(compiled, 7, "{log}");
    assert!(log.lines().all(|line| line.contains("rustc")), "{log}");
    assert!(log.lines().any(|line| line.ends_with("-vV")), "{log}");
}

#[cfg(unix)]
#[test]
fn the_linker_is_called_as_without_the_wrapper() {
    let project = Project::new();
    let cc = project.path("cc");
    let calls = |name: &str| -> Vec<String> {
        let log = project.path(name);
        let mut calls: Vec<String> = fs::read_to_string(&log)
            .unwrap()
            .lines()
            .map(without_random_names)
            .collect();
        fs::remove_file(log).unwrap();
        calls.sort();
        calls
    };
    executable(
        &cc,
        "#!/bin/sh\necho \"$*\" >> \"$LINK_LOG\"\nPATH=$REAL_PATH exec cc \"$@\"\n",
    );
    let path = std::env::var("PATH").unwrap();
    let mut cargo = project.options(BUILD).cargo;
    let dir = cc.parent().unwrap();
    cargo.env.extend([
        ("REAL_PATH".to_owned(), path.clone()),
        ("PATH".to_owned(), format!("{dir}:{path}")),
        (
            "CARGO_TARGET_DIR".to_owned(),
            project.path("target").into_string(),
        ),
        ("LINK_LOG".to_owned(), project.path("plain").into_string()),
    ]);
    cargo.run(&mut |_| {}).unwrap();
    fs::remove_dir_all(project.path("target")).unwrap();

    cargo
        .env
        .push(("LINK_LOG".to_owned(), project.path("wrapped").into_string()));
    let options = RecordOptions {
        cargo,
        ..project.options(BUILD)
    };
    let recorded = record(&options, &mut |_| {}).unwrap();
    let linked = recorded
        .recording
        .units
        .iter()
        .filter(|unit| unit.link_s.is_some());
    assert_eq!(linked.count(), 5);
    assert_eq!(calls("plain"), calls("wrapped"));
}

/// Leaves out the names that differ from run to run: rustc's temporary directory and what is in it.
#[cfg(unix)]
fn without_random_names(line: &str) -> String {
    let stable = |arg: &&str| !arg.contains("/rustc") || arg.contains("/rustlib/");
    line.split(' ')
        .filter(stable)
        .filter(|arg| !arg.contains(".rcgu.o"))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Calls the plugin as cargo does, with a compiler that is a script.
#[cfg(unix)]
fn wrapped(project: &Project, compiler: &str) -> Command {
    let path = project.path("compiler");
    executable(&path, compiler);
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-buildspeed"));
    command
        .arg(path)
        .args(["--crate-name", "a", "--json=artifacts", "--crate-type=lib"])
        .env("CARGO_CRATE_NAME", "a")
        .env("PITCREW_WRAPPER", project.path("log"));
    command
}

#[cfg(unix)]
#[test]
fn the_compilers_end_and_its_words_are_passed_on_unchanged() {
    use std::os::unix::process::ExitStatusExt as _;
    let project = Project::new();
    fs::create_dir(project.path("log")).unwrap();
    let output = wrapped(
        &project,
        "#!/bin/sh\nprintf 'out'\nprintf 'e\\377rr' >&2\nexit 42\n",
    )
    .output()
    .unwrap();
    assert_eq!(output.status.code(), Some(42));
    assert_eq!(
        (&output.stdout[..], &output.stderr[..]),
        (&b"out"[..], &b"e\xffrr"[..])
    );

    let status = wrapped(&project, "#!/bin/sh\nkill -TERM $$\n")
        .status()
        .unwrap();
    assert_eq!(status.signal(), Some(15));
    let status = wrapped(&project, "#!/bin/sh\nkill -SEGV $$\n")
        .status()
        .unwrap();
    assert_eq!(status.signal(), Some(11));

    let log = fs::read_to_string(project.path("log/calls.jsonl")).unwrap();
    assert_eq!(log.matches("\"success\":false").count(), 3);
}

#[cfg(unix)]
#[test]
fn a_build_goes_on_where_nothing_can_be_logged() {
    let project = Project::new();
    let said = "#!/bin/sh\necho compiled\n";
    let output = wrapped(&project, said)
        .env("PITCREW_WRAPPER", "/proc/no/such/directory")
        .output()
        .unwrap();
    assert!(output.status.success());
    assert_eq!(output.stdout, b"compiled\n");
    assert_eq!(output.stderr, b"");
}
