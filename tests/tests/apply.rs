//! `--apply` writes what was proven or is plainly wrong, `--undo` takes it back byte for byte.

use std::fs;

use pitcrew_tests::Project;

/// Only what needs no trial: fast, and the same on every machine.
const SETTLED: [&str; 4] = [
    "--no-build",
    "--no-measure",
    "--apply",
    "--allow-maybe-incorrect",
];

#[test]
fn apply_shows_the_diff_and_undo_restores_every_byte() {
    let project = Project::sample();
    project.commit();
    let before = project.files();
    let output = project.buildspeed(&SETTLED).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        text.contains("-[profile.dev]"),
        "the diff shows what goes: {text}"
    );
    let applied = project.files();
    assert_ne!(applied, before);
    assert!(
        !project
            .read("crates/inkwell-report/Cargo.toml")
            .contains("[profile.dev]")
    );
    project.buildspeed(&["--undo"]).assert().success();
    assert_eq!(project.files(), before);
}

#[test]
fn what_is_only_offered_is_written_only_when_asked_for() {
    let project = Project::sample();
    let path = "crates/inkwell-report/Cargo.toml";
    let (before, others) = (project.read(path), project.read("Cargo.toml"));
    let args = [&SETTLED[..3], &["--allow-no-vcs"]].concat();
    project.buildspeed(&args).assert().success();
    assert_eq!(project.read(path), before);
    assert_eq!(project.read("Cargo.toml"), others);
    let core = project.read("crates/inkwell-core/Cargo.toml");
    assert!(core.contains("doctest = false"), "{core}");
}

#[test]
fn a_second_apply_changes_nothing() {
    let project = Project::sample();
    project.commit();
    project.buildspeed(&SETTLED).assert().success();
    let applied = project.files();
    // What differs from the commit is what we wrote: nothing of the user's is at stake.
    project.buildspeed(&SETTLED).assert().success();
    assert_eq!(project.files(), applied);
    project.buildspeed(&["--undo"]).assert().success();
    let output = project.buildspeed(&["--undo"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "one apply, one undo");
}

#[test]
fn apply_refuses_without_version_control_and_with_dirty_files() {
    let project = Project::sample();
    let before = project.files();
    let output = project.buildspeed(&SETTLED).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--allow-no-vcs"));
    assert_eq!(project.files(), before);

    project.commit();
    let manifest = project.read("crates/inkwell-report/Cargo.toml");
    project.write(
        "crates/inkwell-report/Cargo.toml",
        &format!("{manifest}# mine\n"),
    );
    let dirty = project.files();
    let output = project.buildspeed(&SETTLED).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("--allow-dirty"), "{stderr}");
    assert_eq!(project.files(), dirty);

    project.git(&["add", "-A"]);
    let output = project.buildspeed(&SETTLED).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("--allow-staged"));
    project
        .buildspeed(&SETTLED)
        .arg("--allow-staged")
        .assert()
        .success();
    assert!(
        project
            .read("crates/inkwell-report/Cargo.toml")
            .contains("# mine")
    );
}

#[test]
fn undo_refuses_where_a_file_has_changed_since() {
    let project = Project::sample();
    project
        .buildspeed(&SETTLED)
        .arg("--allow-no-vcs")
        .assert()
        .success();
    let manifest = project.read("crates/inkwell-report/Cargo.toml");
    project.write(
        "crates/inkwell-report/Cargo.toml",
        &format!("{manifest}# since\n"),
    );
    let changed = project.files();
    let output = project.buildspeed(&["--undo"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.contains("crates/inkwell-report/Cargo.toml"),
        "{stderr}"
    );
    assert_eq!(project.files(), changed);
}

#[test]
fn a_read_only_manifest_is_refused_before_anything_is_written() {
    let project = Project::sample();
    let path = project.root.join("crates/inkwell-report/Cargo.toml");
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    let before = project.files();
    let output = project
        .buildspeed(&SETTLED)
        .arg("--allow-no-vcs")
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("read-only"), "{stderr}");
    assert_eq!(project.files(), before);
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_survive() {
    let project = Project::sample();
    let path = "crates/inkwell-report/Cargo.toml";
    let crlf = format!("\u{feff}{}", project.read(path).replace('\n', "\r\n"));
    project.write(path, &crlf);
    project
        .buildspeed(&SETTLED)
        .arg("--allow-no-vcs")
        .assert()
        .success();
    let applied = project.read(path);
    assert!(applied.starts_with('\u{feff}'));
    assert_eq!(
        applied.matches('\n').count(),
        applied.matches("\r\n").count()
    );
    project.buildspeed(&["--undo"]).assert().success();
    assert_eq!(project.read(path), crlf);
}

#[test]
fn a_manifest_that_changes_while_the_project_is_built_is_not_overwritten() {
    let project = Project::small();
    let manifest = project.root.join("Cargo.toml");
    project.write("src/lib.rs", "");
    let script = format!(
        "fn main() {{\n    println!(\"cargo::rerun-if-changed=build.rs\");\n    let mut text = std::fs::read_to_string({manifest:?}).unwrap();\n    \
         text.push_str(\"# mine\\n\");\n    std::fs::write({manifest:?}, text).unwrap();\n}}\n"
    );
    project.write("build.rs", &script);
    let mut expected = project.files();
    let output = project
        .buildspeed(&["--no-measure", "--offline", "--apply", "--allow-no-vcs"])
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("run the command again"), "{stderr}");
    assert!(stderr.contains("project/Cargo.toml"), "{stderr}");
    let text = expected.get_mut("Cargo.toml").unwrap();
    text.extend(b"# mine\n");
    assert_eq!(project.files(), expected);
}
