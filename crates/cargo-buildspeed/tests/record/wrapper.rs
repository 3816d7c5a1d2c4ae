//! The plugin between cargo and the user's own compiler, wrapper and linker, which are scripts here.

use std::fs;
use std::process::Command;

use camino::Utf8Path;
use pitcrew_core::recording::{RecordOptions, record};

use crate::BUILD;
use crate::project::Project;

fn executable(path: &Utf8Path, script: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

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
fn without_random_names(line: &str) -> String {
    let stable = |arg: &&str| !arg.contains("/rustc") || arg.contains("/rustlib/");
    line.split(' ')
        .filter(stable)
        .filter(|arg| !arg.contains(".rcgu.o"))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Calls the plugin as cargo does, with a compiler that is a script.
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
