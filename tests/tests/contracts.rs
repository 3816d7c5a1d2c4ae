//! The contracts that every plugin keeps: the same call in each form, exit codes, formats, and that a
//! report writes nothing.

use std::process::{Command as StdCommand, Stdio};

use pitcrew_tests::{Project, buildspeed};

const SCHEMA: &str = include_str!("../../docs/schema/report.schema.json");

#[test]
fn help_is_the_same_in_each_form_and_fits_the_terminal() {
    let project = Project::small();
    let plain = StdCommand::new(buildspeed())
        .arg("--help")
        .output()
        .unwrap();
    let by_cargo = project.buildspeed(&["--help"]).output().unwrap();
    assert!(plain.status.success() && by_cargo.status.success());
    assert_eq!(plain.stdout, by_cargo.stdout);
    let text = String::from_utf8(by_cargo.stdout).unwrap();
    for flag in [
        "--goal", "--apply", "--undo", "--check", "--cores", "--budget",
    ] {
        assert!(text.contains(flag), "{flag} is not documented");
    }
}

#[test]
fn the_json_keeps_its_schema() {
    let project = Project::sample();
    let output = project
        .buildspeed(&["--no-build", "--format", "json"])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(&report)
        .map(|e| e.to_string())
        .collect();
    assert_eq!(errors, [""; 0]);
    assert_eq!(report["schema"], 1);
    assert_eq!(report["tool"], "cargo-buildspeed");
    let rules: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["rule"].as_str().unwrap())
        .collect();
    assert!(rules.contains(&"ignored-profile"), "{rules:?}");
}

#[test]
fn each_format_prints_and_is_repeatable() {
    let project = Project::sample();
    for format in ["human", "json", "sarif", "github", "markdown"] {
        let run = || {
            project
                .buildspeed(&["--no-build", "--format", format])
                .output()
                .unwrap()
        };
        let (first, second) = (run(), run());
        assert!(
            first.status.success(),
            "{format}: {}",
            String::from_utf8_lossy(&first.stderr)
        );
        assert!(!first.stdout.is_empty(), "{format}");
        assert_eq!(first.stdout, second.stdout, "{format}");
        let text = String::from_utf8(first.stdout).unwrap();
        assert!(text.contains("ignored-profile"), "{format}: {text}");
        if ["json", "sarif"].contains(&format) {
            serde_json::from_str::<serde_json::Value>(&text).unwrap();
        }
    }
}

#[test]
fn a_report_writes_nothing() {
    let project = Project::sample();
    let before = project.files();
    project.buildspeed(&["--no-build"]).assert().success();
    project
        .buildspeed(&["--no-build", "--check"])
        .assert()
        .code(1);
    assert_eq!(project.files(), before);
}

#[test]
fn check_is_clean_where_there_is_nothing_to_find() {
    Project::small()
        .buildspeed(&["--no-build", "--check"])
        .assert()
        .code(0);
}

#[test]
fn it_works_from_any_folder_and_by_manifest_path() {
    let project = Project::sample();
    let from_root = project
        .buildspeed(&["--no-build", "--workspace", "--format=json"])
        .output()
        .unwrap();
    let mut below = project.buildspeed(&["--no-build", "--workspace", "--format=json"]);
    let below = below
        .current_dir(project.root.join("crates/inkwell/src"))
        .output()
        .unwrap();
    assert!(
        below.status.success(),
        "{}",
        String::from_utf8_lossy(&below.stderr)
    );
    assert_eq!(from_root.stdout, below.stdout);
    let manifest = project.root.join("Cargo.toml");
    let mut afar = project.buildspeed(&[
        "--no-build",
        "--format=json",
        "--manifest-path",
        manifest.as_str(),
    ]);
    afar.current_dir(&project.temporary).assert().success();
}

#[test]
fn explain_prints_each_rule() {
    let project = Project::small();
    let list = project.buildspeed(&["explain"]).output().unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    assert!(list.contains("ignored-profile"), "{list}");
    let one = project
        .buildspeed(&["explain", "ignored-profile"])
        .output()
        .unwrap();
    let one = String::from_utf8(one.stdout).unwrap();
    assert!(
        one.contains("What it does") && one.contains("When it is wrong"),
        "{one}"
    );
}

#[test]
fn a_broken_pipe_ends_quietly() {
    let project = Project::sample();
    let mut child = StdCommand::new(buildspeed())
        .args(["buildspeed", "--no-build", "--format", "markdown"])
        .current_dir(&project.root)
        .env("PITCREW_STATE_DIR", &project.state)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        !stderr.contains("panicked") && !stderr.contains("Broken pipe"),
        "{stderr}"
    );
}

#[test]
fn an_allow_with_a_reason_silences_and_an_idle_one_is_reported() {
    let manifest = "[workspace]\nmembers = [\"member\"]\nresolver = \"3\"\n";
    let member = "[package]\nname = \"member\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
                  [profile.dev]\nopt-level = 1\n";
    let project = Project::new(&[("member/Cargo.toml", member), ("member/src/lib.rs", "")]);
    let allow = "\n[workspace.metadata.pitcrew.buildspeed]\nallow = [\n    { rule = \
                 \"ignored-profile\", reason = \"a reminder\" },\n    { rule = \"old-resolver\", reason \
                 = \"none\" },\n]\n";
    project.write("Cargo.toml", &format!("{manifest}{allow}"));
    let args = ["--no-measure", "--offline", "--format", "json"];
    let output = project.buildspeed(&args).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let found: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["rule"].as_str().unwrap(), f["subject"].as_str().unwrap()))
        .collect();
    assert!(
        !found.iter().any(|(rule, _)| *rule == "ignored-profile"),
        "{found:?}"
    );
    assert!(
        found.iter().any(|(rule, _)| *rule == "unused-allow"),
        "{found:?}"
    );
}
