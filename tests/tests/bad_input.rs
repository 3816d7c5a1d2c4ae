//! Bad input is a normal case: one clear error that says what to do, exit 2, and nothing lost.

#![expect(clippy::unwrap_used, reason = "a set-up that fails must fail its test")]

use std::fs;

use pitcrew_tests::Project;

/// Runs the plugin, expects a failure that changes nothing, and gives its stderr.
fn refused(project: &Project, args: &[&str]) -> String {
    let before = project.files();
    let output = project.buildspeed(args).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        output.status.code(),
        Some(2),
        "{args:?} must exit 2: {stderr}"
    );
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "",
        "results do not mix with errors"
    );
    assert!(stderr.contains("error"), "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert_eq!(project.files(), before, "nothing may change");
    stderr
}

#[test]
fn a_folder_without_a_manifest() {
    let stderr = refused(&Project::empty(), &["--no-build"]);
    assert!(stderr.contains("Cargo.toml"), "{stderr}");
}

#[test]
fn broken_toml_names_the_place() {
    let project = Project::small();
    project.write(
        "Cargo.toml",
        "[package]\nname = \"small\nversion = \"0.1.0\"\n",
    );
    let stderr = refused(&project, &["--no-build"]);
    assert!(
        stderr.contains("Cargo.toml") && stderr.contains('2'),
        "{stderr}"
    );
}

#[test]
fn broken_cargo_configuration_names_the_place() {
    let project = Project::small();
    project.write(".cargo/config.toml", "[build\njobs = 2\n");
    let stderr = refused(&project, &["--no-build"]);
    assert!(stderr.contains("config.toml"), "{stderr}");
}

#[test]
fn a_missing_lockfile_under_locked() {
    let project = Project::small();
    fs::remove_file(project.root.join("Cargo.lock")).unwrap();
    let stderr = refused(&project, &["--no-build", "--locked"]);
    assert!(
        stderr.contains("--locked") || stderr.contains("lock file"),
        "{stderr}"
    );
}

#[test]
fn an_unknown_flag_and_unknown_values() {
    let project = Project::small();
    assert!(refused(&project, &["--aply"]).contains("--apply"));
    refused(&project, &["--goal", "speed"]);
    refused(&project, &["--budget", "soon"]);
    refused(&project, &["--cores", "0"]);
    refused(&project, &["--apply", "--undo"]);
    refused(&project, &["--apply", "--check"]);
}

#[test]
fn a_package_that_is_not_there() {
    let stderr = refused(&Project::small(), &["--no-build", "-p", "nowhere"]);
    assert!(stderr.contains("nowhere"), "{stderr}");
}

#[test]
fn a_manifest_path_that_is_not_there() {
    let stderr = refused(
        &Project::small(),
        &["--no-build", "--manifest-path", "no/Cargo.toml"],
    );
    assert!(stderr.contains("no/Cargo.toml"), "{stderr}");
}

#[test]
fn an_unknown_rule_names_the_nearest() {
    let stderr = refused(&Project::small(), &["explain", "linkr"]);
    assert!(stderr.contains("linker"), "{stderr}");
}

#[test]
fn an_unknown_key_in_the_settings_names_the_nearest() {
    let project = Project::small();
    let manifest = project.read("Cargo.toml");
    let bad = format!("{manifest}\n[package.metadata.pitcrew.buildspeed]\nalow = []\n");
    project.write("Cargo.toml", &bad);
    let stderr = refused(&project, &["--no-build"]);
    assert!(
        stderr.contains("alow") && stderr.contains("allow"),
        "{stderr}"
    );
}

#[test]
fn an_allow_without_a_reason() {
    let project = Project::small();
    let manifest = project.read("Cargo.toml");
    let allow = "\n[package.metadata.pitcrew.buildspeed]\nallow = [{ rule = \"linker\" }]\n";
    project.write("Cargo.toml", &format!("{manifest}{allow}"));
    assert!(refused(&project, &["--no-build"]).contains("reason"));
}

#[test]
fn undo_with_nothing_to_undo() {
    let stderr = refused(&Project::small(), &["--undo"]);
    assert!(stderr.contains("undo"), "{stderr}");
}

#[test]
fn a_project_that_does_not_build_shows_cargos_own_error() {
    let project = Project::small();
    project.write("src/lib.rs", "pub fn one() -> u32 {\n    \"one\"\n}\n");
    let stderr = refused(&project, &["--apply", "--allow-no-vcs"]);
    assert!(stderr.contains("mismatched types"), "{stderr}");
    assert!(stderr.contains("src/lib.rs:2"), "{stderr}");
}

#[test]
fn a_workspace_inside_a_workspace() {
    let project = Project::small();
    let manifest = project.read("Cargo.toml");
    project.write(
        "Cargo.toml",
        &format!("{manifest}\n[workspace]\nmembers = [\"inner\"]\n"),
    );
    let inner = "[package]\nname = \"inner\"\nversion = \"0.1.0\"\n\n[workspace]\n";
    project.write("inner/Cargo.toml", inner);
    project.write("inner/src/lib.rs", "");
    let stderr = refused(&project, &["--no-build"]);
    assert!(stderr.contains("multiple workspace roots"), "{stderr}");
}

#[test]
fn runtime_without_a_command_to_time() {
    let stderr = refused(&Project::small(), &["--goal", "runtime"]);
    assert!(stderr.contains("--bench"), "{stderr}");
}

#[cfg(unix)]
#[test]
fn a_path_that_is_not_utf8() {
    use std::os::unix::ffi::OsStrExt;
    let project = Project::small();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9");
    let odd = project.root.as_std_path().join(name);
    fs::create_dir(&odd).unwrap();
    fs::write(odd.join("Cargo.toml"), project.read("Cargo.toml")).unwrap();
    let mut command = project.buildspeed(&["--no-build"]);
    let output = command.current_dir(&odd).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("UTF-8"), "{stderr}");
}
