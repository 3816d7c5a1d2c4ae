//! Projects of every shape that cargo takes, and some that it does not.

#![expect(clippy::unwrap_used, reason = "a set-up that fails must fail its test")]

use std::fs;

use pitcrew_tests::{Project, buildspeed};
use serde_json::Value;

/// Two members and a folder between; nothing at the root.
fn virtual_workspace() -> Project {
    let member = |name: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n")
    };
    let depends = "\n[dependencies]\nlower = { path = \"../lower\" }\n";
    Project::new(&[
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"members/*\"]\nresolver = \"3\"\n",
        ),
        ("members/lower/Cargo.toml", &member("lower")),
        (
            "members/lower/src/lib.rs",
            "pub fn one() -> u32 {\n    1\n}\n",
        ),
        ("members/lower/data/deep/notes.txt", "none\n"),
        ("members/upper/Cargo.toml", &(member("upper") + depends)),
        (
            "members/upper/src/main.rs",
            "fn main() {\n    println!(\"{}\", lower::one());\n}\n",
        ),
    ])
}

/// Records, and gives the report.
fn recorded(project: &Project, folder: &str, args: &[&str]) -> Value {
    let mut command = project.buildspeed(&["--no-measure", "--format", "json"]);
    command.args(args).current_dir(project.root.join(folder));
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn units(report: &Value) -> u64 {
    report["summary"]["recording"]["units"].as_u64().unwrap()
}

/// What is said of a project that is refused.
fn refused(project: &Project, args: &[&str]) -> String {
    let before = project.files();
    let output = project.buildspeed(args).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.starts_with("error: ") || stderr.contains("\nerror: "),
        "{stderr}"
    );
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert_eq!(project.files(), before);
    assert_eq!(project.leftovers(), [""; 0]);
    stderr
}

#[test]
fn a_virtual_workspace_a_member_of_it_and_a_folder_below() {
    let project = virtual_workspace();
    let before = project.files();
    let all = recorded(&project, "", &["--offline"]);
    assert_eq!(units(&all), 2);
    let one = recorded(&project, "", &["--offline", "-p", "lower"]);
    assert_eq!(units(&one), 1, "{one}");
    let below = recorded(&project, "members/lower/data/deep", &["--offline"]);
    assert_eq!(
        units(&below),
        1,
        "where one stands selects, as it does for cargo"
    );
    assert_eq!(project.files(), before);
    assert_eq!(project.leftovers(), [""; 0]);
}

#[test]
fn a_workspace_without_members() {
    let project = Project::new(&[("Cargo.toml", "[workspace]\n")]);
    let output = project.buildspeed(&["--offline"]).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("no members"), "{stderr}");
    assert_eq!(project.leftovers(), [""; 0]);
}

#[test]
fn a_member_without_targets() {
    let project = virtual_workspace();
    fs::remove_dir_all(project.root.join("members/lower/src")).unwrap();
    let stderr = refused(&project, &["--offline"]);
    assert!(stderr.contains("no targets specified"), "{stderr}");
    assert!(stderr.contains("members/lower/Cargo.toml"), "{stderr}");
}

#[test]
fn broken_toml_in_a_member_names_the_file() {
    let project = virtual_workspace();
    project.write("members/upper/Cargo.toml", "[package\n");
    let stderr = refused(&project, &["--no-build"]);
    assert!(stderr.contains("members/upper/Cargo.toml"), "{stderr}");
}

#[test]
fn a_missing_lockfile_under_locked_is_not_written() {
    let project = virtual_workspace();
    let stderr = refused(&project, &["--locked", "--offline"]);
    assert!(stderr.contains("--locked"), "{stderr}");
    assert!(!project.root.join("Cargo.lock").exists());
}

#[test]
fn a_dependency_that_does_not_compile_shows_cargos_own_error() {
    let project = virtual_workspace();
    project.write(
        "members/lower/src/lib.rs",
        "pub fn one() -> u32 {\n    one\n}\n",
    );
    let stderr = refused(
        &project,
        &["--offline", "-p", "upper", "--apply", "--allow-no-vcs"],
    );
    assert!(stderr.contains("members/lower/src/lib.rs:2"), "{stderr}");
    assert!(stderr.contains("could not compile `lower`"), "{stderr}");
}

#[test]
fn the_target_directory_that_the_user_sets_holds_what_is_kept() {
    let project = virtual_workspace();
    let elsewhere = project.temporary.join("elsewhere");
    let mut command = project.buildspeed(&["--no-measure", "--offline"]);
    command.env("CARGO_TARGET_DIR", &elsewhere);
    command.assert().success();
    assert!(elsewhere.join("pitcrew").is_dir());
    assert!(!project.root.join("target").exists());
    let mut again = project.buildspeed(&["--no-measure", "--offline"]);
    let again = again.env("CARGO_TARGET_DIR", &elsewhere).output().unwrap();
    let stderr = String::from_utf8(again.stderr).unwrap();
    assert!(!stderr.contains("recording"), "{stderr}");
}

#[test]
fn a_toolchain_file_that_names_what_is_not_installed() {
    let project = Project::small();
    project.write("rust-toolchain.toml", "[toolchain]\nchannel = \"1.2.3\"\n");
    let before = project.files();
    let mut command = project.buildspeed(&["--no-build"]);
    // As from a shell: rustup's own choice, and no download.
    command.env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN");
    let output = command.env("RUSTUP_AUTO_INSTALL", "0").output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    if output.status.success() {
        // Without rustup nobody reads the file.
        assert!(which_rustup().is_none(), "{stderr}");
        return;
    }
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.contains("1.2.3") && stderr.contains("not installed"),
        "{stderr}"
    );
    assert_eq!(project.files(), before);
}

fn which_rustup() -> Option<std::process::Output> {
    std::process::Command::new("rustup").arg("-V").output().ok()
}

/// Names that cargo never reads do not prevent a report, nor the trials.
#[cfg(target_os = "linux")]
#[test]
fn file_names_that_are_not_utf8_lie_in_the_tree() {
    use std::os::unix::ffi::OsStrExt;
    let project = virtual_workspace();
    let odd = |bytes: &'static [u8]| std::ffi::OsStr::from_bytes(bytes);
    let folder = project.root.join("members/upper").into_std_path_buf();
    fs::create_dir(folder.join(odd(b"dir\xff"))).unwrap();
    fs::write(folder.join(odd(b"dir\xff")).join(odd(b"caf\xe9")), "x").unwrap();
    fs::write(folder.join("src").join(odd(b"\xfe.rs")), "x").unwrap();
    std::os::unix::fs::symlink(odd(b"nowhere\xff"), folder.join(odd(b"link\xff"))).unwrap();
    let report = recorded(&project, "", &["--offline"]);
    assert_eq!(units(&report), 2);
    let output = project
        .buildspeed(&["--offline", "--budget", "4s"])
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert!(stderr.contains("The trials cost"), "{stderr}");
    assert_eq!(project.leftovers(), [""; 0]);
}

/// The plugin lies anywhere; what it is called by does not matter.
#[test]
fn the_plugin_is_called_by_its_path_from_elsewhere() {
    let project = virtual_workspace();
    let mut command = std::process::Command::new(buildspeed());
    project.isolate(&mut command);
    let manifest = project.root.join("members/lower/Cargo.toml");
    command.args(["--no-build", "--manifest-path", manifest.as_str()]);
    let output = command.current_dir("/").output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
}
