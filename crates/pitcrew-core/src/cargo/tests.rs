//! What `cargo` promises, tested.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::*;

fn here() -> Utf8PathBuf {
    Utf8PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn package(lib: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("src")).unwrap();
    std::fs::write(dir.path().join("src/lib.rs"), lib).unwrap();
    std::fs::write(
        dir.path().join("Cargo.toml"),
        "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n",
    )
    .unwrap();
    dir
}

fn build(dir: &tempfile::TempDir) -> CargoRun {
    let cwd = Utf8PathBuf::from_path_buf(dir.path().to_owned()).unwrap();
    CargoRun {
        args: vec!["build".to_owned(), "--offline".to_owned()],
        env: vec![("CARGO_TARGET_DIR".to_owned(), cwd.join("t").into_string())],
        env_remove: vec!["RUSTC_WRAPPER".to_owned()],
        cwd,
        ..CargoRun::default()
    }
}

#[test]
fn a_build_reports_its_artifacts() {
    let dir = package("pub fn f() {}");
    let mut totals = Vec::new();
    let output = build(&dir)
        .run(&mut |event| {
            if let BuildEvent::Progress { total, .. } = event {
                totals.push(*total);
            }
        })
        .unwrap();
    assert_eq!(output.command, "cargo build --offline");
    assert!(output.wall_s > 0.0);
    let artifact = output.artifacts().next().unwrap();
    assert_eq!((artifact.target.as_str(), artifact.fresh), ("a", false));
    assert_eq!(artifact.kinds, ["lib"]);
    assert!(totals.contains(&1), "{totals:?}");
}

#[test]
fn a_failing_build_says_what_cargo_says() {
    let dir = package("pub fn f() -> u32 { \"no number\" }");
    let error = build(&dir).run(&mut |_| {}).unwrap_err();
    let failed = error.downcast_ref::<BuildFailed>().unwrap();
    assert_eq!(failed.command, "cargo build --offline");
    assert!(
        failed.said.starts_with("error[E0308]: mismatched types"),
        "{}",
        failed.said
    );
    assert!(
        failed.said.contains("could not compile `a` (lib)"),
        "{}",
        failed.said
    );
    assert!(!failed.said.contains("--crate-name"), "{}", failed.said);
}

#[test]
fn a_broken_manifest_is_cargos_to_explain() {
    let dir = package("");
    std::fs::write(dir.path().join("Cargo.toml"), "[package\n").unwrap();
    let error = build(&dir).run(&mut |_| {}).unwrap_err();
    assert!(
        error
            .downcast_ref::<BuildFailed>()
            .unwrap()
            .said
            .starts_with("error: ")
    );
}

#[test]
fn arguments_after_the_dashes_stay_there() {
    let run = CargoRun {
        args: ["rustc", "-p", "a b", "--", "-Ctarget-cpu=native"]
            .map(str::to_owned)
            .to_vec(),
        cwd: here(),
        ..CargoRun::default()
    };
    assert_eq!(run.display(), "cargo rustc -p 'a b' -- -Ctarget-cpu=native");
    let command = run.command();
    let args: Vec<_> = command
        .get_args()
        .map(|arg| arg.to_str().unwrap())
        .collect();
    assert_eq!(
        args,
        [
            "rustc",
            "-p",
            "a b",
            "--message-format=json",
            "-v",
            "--",
            "-Ctarget-cpu=native"
        ]
    );
}

#[cfg(unix)]
#[test]
fn a_command_of_the_user_is_run_by_the_shell() {
    let output = run_command(&CommandRun {
        command: UserCommand::Shell(
            "echo \"$GREETING\" | tr a-z A-Z; echo no >&2; exit 3".to_owned(),
        ),
        cwd: here(),
        env: vec![("GREETING".to_owned(), "hello".to_owned())],
        deadline: None,
    })
    .unwrap();
    assert_eq!(
        (output.stdout.as_str(), output.stderr.as_str()),
        ("HELLO\n", "no\n")
    );
    assert_eq!(output.status.code(), Some(3));
    assert!(output.cpu_s.is_some());
}

#[cfg(unix)]
#[test]
fn a_deadline_ends_the_command_and_what_it_started() {
    let dir = tempfile::tempdir().unwrap();
    let error = run_command(&CommandRun {
        command: UserCommand::Shell("(sleep 60; touch late) & echo $! > pid; sleep 60".to_owned()),
        cwd: Utf8PathBuf::from_path_buf(dir.path().to_owned()).unwrap(),
        env: Vec::new(),
        deadline: Some(Instant::now() + Duration::from_millis(500)),
    })
    .unwrap_err();
    assert!(error.is::<DeadlinePassed>());
    let pid = std::fs::read_to_string(dir.path().join("pid")).unwrap();
    assert!(
        is_gone(pid.trim()),
        "the command's own child is still there"
    );
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_even_what_ignores_being_asked() {
    let interrupts = AtomicU32::new(0);
    let mut command = Command::new("sh");
    command.args([
        "-c",
        "trap '' TERM INT; echo ready; while :; do sleep 0.05; done",
    ]);
    let error = child::supervise(
        &mut command,
        None,
        &|| interrupts.load(Ordering::SeqCst),
        &mut |_, _, _| {
            interrupts.fetch_add(1, Ordering::SeqCst);
        },
    )
    .unwrap_err();
    assert!(error.is::<Interrupted>());
}

#[cfg(unix)]
#[test]
fn a_daemon_that_keeps_the_pipes_does_not_hold_the_result_back() {
    let output = run_command(&CommandRun {
        command: UserCommand::Shell("sleep 20 & echo $!".to_owned()),
        cwd: here(),
        ..CommandRun::default()
    })
    .unwrap();
    let daemon = output.stdout.trim();
    assert_ne!(state(daemon), "", "waited for it");
    Command::new("kill").arg(daemon).status().unwrap();
}

/// Whether the process has ended; one that is only not yet reaped counts as ended.
#[cfg(unix)]
fn is_gone(pid: &str) -> bool {
    for _ in 0..100 {
        let state = state(pid);
        if state.is_empty() || state.starts_with('Z') {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

#[cfg(unix)]
fn state(pid: &str) -> String {
    let state = Command::new("ps")
        .args(["-o", "stat=", "-p", pid])
        .output()
        .unwrap();
    String::from_utf8_lossy(&state.stdout).trim().to_owned()
}

#[test]
fn a_tail_keeps_the_end() {
    let mut tail = Tail::default();
    tail.push(&vec![b'a'; 100_000]);
    tail.push(b"the end");
    assert_eq!(tail.text().len(), 64 * 1024);
    assert!(tail.text().ends_with("athe end"));
}
