//! The file that a page is written to.

use std::fs;

use pitcrew_tests::Project;
use serde_json::Value;

use crate::recorded;

/// Runs the plugin, expects it to fail, and gives its stderr.
fn refused(project: &Project, args: &[&str]) -> String {
    let output = project.buildspeed(args).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
    stderr
}

#[test]
fn without_a_recording_there_is_no_page() {
    let project = Project::small();
    let page = project.temporary.join("page.html");
    for flag in ["--no-build", "--check"] {
        let stderr = refused(&project, &[flag, "--html", page.as_str()]);
        assert!(
            stderr.contains("no recording") && stderr.contains(flag),
            "{stderr}"
        );
        assert!(!page.exists());
    }
}

#[test]
fn where_no_page_can_be_written_nothing_is_built() {
    let project = Project::small();
    let before = project.files();
    let nowhere = project.temporary.join("no/page.html");
    for file in ["Cargo.toml", "src", "src/lib.rs", nowhere.as_str()] {
        let stderr = refused(&project, &["--no-measure", "--html", file]);
        assert!(stderr.contains(file), "{stderr}");
        assert!(!stderr.contains("recording"), "before any build: {stderr}");
    }
    assert_eq!(project.files(), before);
    let stderr = refused(&project, &["--undo", "--html", "page.html"]);
    assert!(stderr.contains("cannot be used with"), "{stderr}");
}

#[test]
fn a_page_is_written_anew_over_the_old_one_and_beside_any_report() {
    let project = Project::small();
    let page = recorded(&project);
    let first = fs::read(&page).unwrap();
    let args = ["--no-build", "--offline", "--quiet", "--format=json"];
    let mut command = project.buildspeed(&args);
    let output = command.args(["--html", page.as_str()]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success());
    serde_json::from_slice::<Value>(&output.stdout).unwrap();
    assert_eq!(fs::read(&page).unwrap(), first);
    let beside = page.parent().unwrap().read_dir_utf8().unwrap();
    let left = beside.filter(|entry| entry.as_ref().unwrap().file_name().starts_with(".pitcrew"));
    assert_eq!(left.count(), 0);
}
