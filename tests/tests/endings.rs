//! Ctrl-C, and time that runs out: the children are ended, the tree is as it was, what is known is
//! kept.

#![cfg(unix)]

use std::fs;

use pitcrew_tests::{Ended, Project, wait_for_end_of};

/// A small program with a few levers to try.
fn program() -> Project {
    let project = Project::small();
    project.write(
        "src/main.rs",
        "fn main() {\n    println!(\"{}\", small::one());\n}\n",
    );
    project
}

/// Gives the project a build script that writes its process id to `mark` and sleeps, in its first
/// run or only in its second. It runs in clean builds only.
fn hang(project: &Project, in_second_run: bool) -> camino::Utf8PathBuf {
    let mark = project.temporary.join("hangs");
    let before = project.temporary.join("ran");
    let script = format!(
        "fn main() {{\n    println!(\"cargo::rerun-if-changed=build.rs\");\n    if {} {{\n        return std::fs::write({before:?}, \"\").unwrap();\n    }}\n    \
         std::fs::write({:?}, std::process::id().to_string()).unwrap();\n    std::fs::rename({:?}, \
         {mark:?}).unwrap();\n    std::thread::sleep(std::time::Duration::from_secs(300));\n}}\n",
        if in_second_run {
            format!("!std::path::Path::new({before:?}).exists()")
        } else {
            "false".to_owned()
        },
        project.temporary.join("mark.tmp"),
        project.temporary.join("mark.tmp"),
    );
    project.write("build.rs", &script);
    mark
}

fn check_interrupted(ended: &Ended) {
    assert_eq!(ended.status.code(), Some(2), "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .ends_with("error: interrupted; nothing was changed\n"),
        "{}",
        ended.stderr
    );
}

#[test]
fn an_interrupt_during_the_recording_leaves_nothing_behind() {
    let project = Project::small();
    let mark = hang(&project, false);
    let before = project.files();
    let mut running = project.start_buildspeed(&["--no-measure", "--offline"]);
    running.wait_for_file(&mark);
    running.interrupt();
    let ended = running.end();
    check_interrupted(&ended);
    assert_eq!(ended.stdout, "");
    assert_eq!(project.files(), before);
    assert_eq!(project.leftovers(), [""; 0]);
    wait_for_end_of(&fs::read_to_string(&mark).unwrap());
}

#[test]
fn an_interrupt_during_a_trials_build_keeps_the_recording_and_reports() {
    let project = program();
    let mark = hang(&project, true);
    let before = project.files();
    let mut running = project.start_buildspeed(&["--offline", "--apply", "--allow-no-vcs"]);
    running.wait_for_file(&mark);
    running.interrupt();
    let ended = running.end();
    check_interrupted(&ended);
    assert!(ended.stdout.contains("critical path"), "{}", ended.stdout);
    assert!(
        ended
            .stdout
            .contains("is not proven: not tried (interrupted)"),
        "{}",
        ended.stdout
    );
    assert_eq!(project.files(), before, "nothing is applied");
    assert_eq!(project.leftovers(), [""; 0]);
    wait_for_end_of(&fs::read_to_string(&mark).unwrap());

    let again = project.buildspeed(&["--no-measure", "--offline"]).output();
    let stderr = String::from_utf8(again.unwrap().stderr).unwrap();
    assert!(!stderr.contains("recording a clean build"), "{stderr}");
}

#[test]
fn an_interrupt_during_the_rounds_tells_what_is_known() {
    let project = program();
    let before = project.files();
    let mut running = project.start_buildspeed(&["--offline", "--budget", "1h"]);
    running.wait_for("comparing");
    running.interrupt();
    let ended = running.end();
    check_interrupted(&ended);
    assert!(
        ended
            .stdout
            .contains("its rounds were not finished (interrupted)"),
        "{}",
        ended.stdout
    );
    assert_eq!(project.files(), before);
    assert_eq!(project.leftovers(), [""; 0]);
}

#[test]
fn a_build_script_that_hangs_is_ended_by_the_budget() {
    let project = Project::small();
    let mark = hang(&project, false);
    let before = project.files();
    let running = project.start_buildspeed(&["--offline", "--budget", "4s"]);
    let ended = running.end();
    assert_eq!(ended.status.code(), Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("--budget"), "{}", ended.stderr);
    assert_eq!(project.files(), before);
    assert_eq!(project.leftovers(), [""; 0]);
    // On a busy machine it was not even begun.
    if mark.exists() {
        wait_for_end_of(&fs::read_to_string(&mark).unwrap());
    }
}

#[test]
fn a_build_script_that_hangs_in_a_trial_is_ended_by_the_budget() {
    let project = program();
    let mark = hang(&project, true);
    project
        .buildspeed(&["--offline", "--no-measure"])
        .assert()
        .success();
    let mut running = project.start_buildspeed(&["--offline", "--budget", "5s"]);
    running.wait_for("clean build: baseline");
    let ended = running.end();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    assert!(
        ended.stdout.contains("(the time was up)"),
        "{}",
        ended.stdout
    );
    assert!(
        ended
            .stderr
            .contains("The time was up before all was proven"),
        "{}",
        ended.stderr
    );
    assert_eq!(project.leftovers(), [""; 0]);
    if mark.exists() {
        wait_for_end_of(&fs::read_to_string(&mark).unwrap());
    }
}
