//! The contracts that every plugin keeps: the same call in each form, exit codes, formats, and that a
//! report writes nothing.

#![expect(clippy::unwrap_used, reason = "a set-up that fails must fail its test")]

use std::process::{Command as StdCommand, Output, Stdio};

use pitcrew_tests::{PLUGINS, Project};
use serde_json::Value;

const SCHEMA: &str = include_str!("../../docs/schema/report.schema.json");

fn stdout(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn rules(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect()
}

#[test]
fn help_is_the_same_in_each_form_and_fits_the_terminal() {
    let project = Project::small();
    for plugin in &PLUGINS {
        let plain = StdCommand::new(plugin.binary())
            .arg("--help")
            .output()
            .unwrap();
        let by_cargo = project.plugin(plugin, &["--help"]).output().unwrap();
        assert!(plain.status.success() && by_cargo.status.success());
        assert_eq!(plain.stdout, by_cargo.stdout);
        let text = String::from_utf8(by_cargo.stdout).unwrap();
        for flag in ["--apply", "--undo", "--check", "--format"]
            .iter()
            .chain(plugin.flags)
        {
            assert!(text.contains(flag), "{flag} is not documented");
        }
    }
}

#[test]
fn the_json_keeps_its_schema() {
    let project = Project::sample();
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for plugin in &PLUGINS {
        let output = project.quick(plugin, &["--format", "json"]).output();
        let report: Value = serde_json::from_str(&stdout(&output.unwrap())).unwrap();
        let errors: Vec<_> = validator
            .iter_errors(&report)
            .map(|e| e.to_string())
            .collect();
        assert_eq!(errors, [""; 0]);
        assert_eq!(report["schema"], 1);
        assert_eq!(report["tool"], plugin.package());
        let rules = rules(&report);
        assert!(rules.contains(&plugin.rule), "{rules:?}");
    }
}

#[test]
fn each_format_prints_and_is_repeatable() {
    let project = Project::sample();
    for plugin in &PLUGINS {
        for format in ["human", "json", "sarif", "github", "markdown"] {
            let run = || {
                project
                    .quick(plugin, &["--format", format])
                    .output()
                    .unwrap()
            };
            let (first, second) = (run(), run());
            let text = stdout(&first);
            assert!(!text.is_empty(), "{format}");
            assert_eq!(first.stdout, second.stdout, "{format}");
            assert!(text.contains(plugin.rule), "{format}: {text}");
            if ["json", "sarif"].contains(&format) {
                serde_json::from_str::<Value>(&text).unwrap();
            }
        }
    }
}

#[test]
fn a_report_writes_nothing() {
    let project = Project::sample();
    let before = project.files();
    for plugin in &PLUGINS {
        project.quick(plugin, &[]).assert().success();
        project.quick(plugin, &["--check"]).assert().code(1);
        assert_eq!(project.files(), before);
    }
}

#[test]
fn check_is_clean_where_there_is_nothing_to_find() {
    for plugin in &PLUGINS {
        Project::small()
            .quick(plugin, &["--check"])
            .assert()
            .code(0);
    }
}

#[test]
fn it_works_from_any_folder_and_by_manifest_path() {
    let project = Project::sample();
    for plugin in &PLUGINS {
        let all = ["--workspace", "--format=json"];
        let from_root = project.quick(plugin, &all).output().unwrap();
        let mut below = project.quick(plugin, &all);
        let below = below.current_dir(project.root.join("crates/inkwell/src"));
        assert_eq!(stdout(&from_root), stdout(&below.output().unwrap()));
        let manifest = project.root.join("Cargo.toml");
        let mut afar = project.quick(
            plugin,
            &["--format=json", "--manifest-path", manifest.as_str()],
        );
        afar.current_dir(&project.temporary).assert().success();
    }
}

#[test]
fn explain_prints_each_rule() {
    let project = Project::small();
    for plugin in &PLUGINS {
        let list = project.plugin(plugin, &["explain"]).output().unwrap();
        assert!(stdout(&list).contains(plugin.rule));
        let one = project.plugin(plugin, &["explain", plugin.rule]).output();
        let one = stdout(&one.unwrap());
        assert!(
            one.contains("What it does") && one.contains("When it is wrong"),
            "{one}"
        );
    }
}

#[test]
fn a_broken_pipe_ends_quietly() {
    let project = Project::sample();
    for plugin in &PLUGINS {
        let mut child = StdCommand::new(plugin.binary())
            .arg(plugin.name)
            .args(plugin.quick)
            .args(["--format", "markdown"])
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
}

#[test]
fn an_allow_with_a_reason_silences_and_an_idle_one_is_reported() {
    let member = "[package]\nname = \"member\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
                  [profile.dev]\nopt-level = 1\n\n[dependencies]\nidle = { path = \"../idle\" }\n";
    let idle = "[package]\nname = \"idle\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    for (plugin, args) in PLUGINS.iter().zip([
        // Without a recording it does not call an allow idle.
        &["--no-measure", "--offline"][..],
        &["--proof", "scan"],
    ]) {
        let project = Project::new(&[
            ("member/Cargo.toml", member),
            ("member/src/lib.rs", ""),
            ("idle/Cargo.toml", idle),
            ("idle/src/lib.rs", ""),
        ]);
        let (name, rule, silent) = (plugin.name, plugin.rule, plugin.silent_rule);
        let manifest = format!(
            "[workspace]\nmembers = [\"member\", \"idle\"]\nresolver = \"3\"\n\n\
             [workspace.metadata.pitcrew.{name}]\nallow = [\n    {{ rule = \"{rule}\", reason = \
             \"a reminder\" }},\n    {{ rule = \"{silent}\", reason = \"none\" }},\n]\n"
        );
        project.write("Cargo.toml", &manifest);
        let mut command = project.plugin(plugin, args);
        let output = command.args(["--format", "json"]).output().unwrap();
        let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
        let rules = rules(&report);
        assert!(!rules.contains(&rule), "{rules:?}");
        assert!(rules.contains(&"unused-allow"), "{rules:?}");
    }
}
