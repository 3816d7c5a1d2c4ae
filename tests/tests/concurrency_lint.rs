//! The contracts as `cargo concurrency-lint` keeps them, on a program without dependencies.

#![expect(clippy::unwrap_used, reason = "a set-up that fails must fail its test")]

use std::process::Command as StdCommand;

use pitcrew_tests::{Project, concurrency_lint};
use serde_json::Value;

const SCHEMA: &str = include_str!("../../docs/schema/report.schema.json");

const MANIFEST: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
const LOCK: &str = "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\n";

/// A lock that is held across an await, and a file that is read in async code through a function.
const LIB: &str = r#"//! One defect that can be mended, and one that cannot.

use std::sync::Mutex;

pub async fn add(numbers: &Mutex<Vec<u32>>, number: u32) {
    let mut numbers = numbers.lock().unwrap();
    numbers.push(number);
    pause().await;
}

pub async fn load() -> String {
    read("settings.txt")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

async fn pause() {}

#[cfg(test)]
mod tests {
    async fn a_test_may_read() -> String {
        std::fs::read_to_string("settings.txt").unwrap()
    }
}
"#;

fn app() -> Project {
    Project::new(&[
        ("Cargo.toml", MANIFEST),
        ("Cargo.lock", LOCK),
        ("src/lib.rs", LIB),
    ])
}

fn report(project: &Project, args: &[&str]) -> Value {
    let output = project
        .concurrency_lint(args)
        .args(["--format", "json"])
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn rules(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect()
}

#[test]
fn help_is_the_same_in_each_form() {
    let project = app();
    let plain = StdCommand::new(concurrency_lint())
        .arg("--help")
        .output()
        .unwrap();
    let by_cargo = project.concurrency_lint(&["--help"]).output().unwrap();
    assert!(plain.status.success() && by_cargo.status.success());
    assert_eq!(plain.stdout, by_cargo.stdout);
    let text = String::from_utf8(by_cargo.stdout).unwrap();
    for flag in [
        "--deep",
        "--baseline",
        "--changed",
        "--apply",
        "--undo",
        "--check",
    ] {
        assert!(text.contains(flag), "{flag} is not documented");
    }
}

#[test]
fn each_format_prints_the_same_each_time_and_writes_nothing() {
    let project = app();
    let before = project.files();
    for format in ["human", "json", "sarif", "github", "markdown"] {
        let run = || {
            project
                .concurrency_lint(&["--source", "--format", format])
                .output()
                .unwrap()
        };
        let (first, second) = (run(), run());
        assert!(
            first.status.success(),
            "{}",
            String::from_utf8_lossy(&first.stderr)
        );
        assert_eq!(first.stdout, second.stdout, "{format}");
        let text = String::from_utf8(first.stdout).unwrap();
        assert!(text.contains("lock-across-await"), "{format}: {text}");
    }
    assert_eq!(project.files(), before);
}

#[test]
fn the_json_keeps_its_schema_and_the_chain_is_told() {
    let report = report(&app(), &["--source"]);
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(&report)
        .map(|e| e.to_string())
        .collect();
    assert_eq!(errors, [""; 0]);
    assert_eq!(report["tool"], "cargo-concurrency-lint");
    assert_eq!(
        rules(&report),
        ["lock-across-await", "blocking-call-in-async"]
    );
    let help = report["findings"][1]["help"][0].as_str().unwrap();
    assert_eq!(
        help,
        "app::load → app::read (src/lib.rs:12) → std::fs::read_to_string (src/lib.rs:16)"
    );
}

/// The flags that spare the compiler work break this crate, which nobody needs to know.
#[test]
fn calls_that_come_to_one_place_are_told_once() {
    let project = app();
    let again = "\npub async fn reload() -> String {\n    let text = read(\"a.txt\");\n    text + &read(\"b.txt\")\n}\n";
    project.write("src/lib.rs", &format!("{LIB}{again}"));
    let report = report(&project, &["--source"]);
    let findings = report["findings"].as_array().unwrap();
    let blocking: Vec<&Value> = findings
        .iter()
        .filter(|finding| finding["rule"] == "blocking-call-in-async")
        .collect();
    assert_eq!(blocking.len(), 3, "{report:#}");
    for finding in blocking {
        assert_eq!(finding["cause"]["line"], 16, "{finding:#}");
    }
    let output = project.concurrency_lint(&["--source"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(
        text.matches("[blocking-call-in-async]").count(),
        1,
        "{text}"
    );
    assert!(
        text.contains("and at src/lib.rs:29:16, 30:13 in app::reload"),
        "{text}"
    );
}

#[test]
fn a_crate_that_does_not_bear_the_light_way_is_compiled_in_full() {
    let project = Project::new(&[
        ("Cargo.toml", MANIFEST),
        ("Cargo.lock", LOCK),
        (
            "src/lib.rs",
            "#![forbid(internal_features)]\n\
             use std::fs::read_to_string as slurp;\n\n\
             pub async fn load() -> String {\n    slurp(\"settings.txt\").unwrap_or_default()\n}\n",
        ),
    ]);
    let output = project.concurrency_lint(&["--deep"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("internal_features"), "{said}");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        told.contains("rustc: this calls std::fs::read_to_string"),
        "{told}{said}"
    );
}

#[test]
fn check_fails_on_findings_and_on_nothing_else() {
    let project = app();
    project
        .concurrency_lint(&["--source", "--check"])
        .assert()
        .code(1);
    let clean = Project::small();
    let output = clean
        .concurrency_lint(&["--source", "--check"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stdout).contains("No async code"));
}

#[test]
fn tests_are_shown_where_the_project_says_so() {
    let project = app();
    let setting = "\n[workspace.metadata.pitcrew.concurrency-lint]\ntests = \"note\"\n";
    project.write("Cargo.toml", &format!("{MANIFEST}{setting}"));
    let report = report(&project, &["--source"]);
    let notes = report["findings"].as_array().unwrap();
    let notes = notes.iter().filter(|finding| finding["severity"] == "note");
    assert_eq!(notes.count(), 1, "{report:#}");
}

#[test]
fn a_comment_with_a_reason_allows() {
    let project = app();
    let commented = LIB.replace(
        "    read(\"settings.txt\")",
        "    // concurrency-lint: allow(blocking-call-in-async) tiny, and read once\n    read(\"settings.txt\")",
    );
    project.write("src/lib.rs", &commented);
    assert_eq!(
        rules(&report(&project, &["--source"])),
        ["lock-across-await"]
    );
    project.write("src/lib.rs", &commented.replace("tiny, and read once", ""));
    let found = report(&project, &["--source"]);
    assert!(
        rules(&found).contains(&"bad-allow") && rules(&found).contains(&"blocking-call-in-async")
    );
    let idle = LIB.replace(
        "async fn pause",
        "// concurrency-lint: allow(dropped-future) none\nasync fn pause",
    );
    project.write("src/lib.rs", &idle);
    assert!(rules(&report(&project, &["--source"])).contains(&"unused-allow"));
}

#[test]
fn a_baseline_leaves_only_what_is_new() {
    let project = app();
    let known = project
        .concurrency_lint(&["--source", "--format", "json"])
        .output()
        .unwrap();
    project.write("known.json", &String::from_utf8(known.stdout).unwrap());
    let args = ["--source", "--baseline", "known.json"];
    assert_eq!(rules(&report(&project, &args)), [""; 0]);
    let more =
        format!("// Moved.\n{LIB}\npub async fn more() -> String {{\n    read(\"more.txt\")\n}}\n");
    project.write("src/lib.rs", &more);
    let found = report(&project, &args);
    assert_eq!(found["findings"][0]["subject"], "app::more", "{found:#}");
    assert_eq!(rules(&found).len(), 1);
    project
        .concurrency_lint(&["--source", "--baseline", "none.json"])
        .assert()
        .code(2);
}

#[test]
fn changed_shows_only_functions_that_changed() {
    let project = app();
    project.commit();
    assert_eq!(
        rules(&report(&project, &["--source", "--changed"])),
        [""; 0]
    );
    project.write(
        "src/lib.rs",
        &LIB.replace("settings.txt\")\n}\n\nfn", "other.txt\")\n}\n\nfn"),
    );
    let found = report(&project, &["--source", "--changed"]);
    assert_eq!(rules(&found), ["blocking-call-in-async"]);
    let output = project
        .concurrency_lint(&["--source", "--changed", "no-such-revision"])
        .output();
    assert_eq!(output.unwrap().status.code(), Some(2));
}

#[test]
fn apply_writes_what_compiles_and_undo_takes_it_back() {
    let project = app();
    project.commit();
    let before = project.files();
    let output = project
        .concurrency_lint(&["--source", "--apply", "--offline"])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("+    drop(numbers);") && text.contains("verified"),
        "{text}"
    );
    assert!(
        project
            .read("src/lib.rs")
            .contains("drop(numbers);\n    pause().await;")
    );
    assert_eq!(
        rules(&report(&project, &["--source"])),
        ["blocking-call-in-async"]
    );
    project.concurrency_lint(&["--undo"]).assert().success();
    assert_eq!(project.files(), before);
}

#[test]
fn code_that_does_not_compile_is_judged_but_not_mended() {
    let project = app();
    project.write(
        "src/lib.rs",
        &LIB.replace("async fn pause() {}", "async fn pause() { missing() }"),
    );
    project.commit();
    let before = project.files();
    assert_eq!(rules(&report(&project, &["--source"])).len(), 2);
    let output = project
        .concurrency_lint(&["--source", "--apply", "--offline"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("does not compile"), "{said}");
    assert_eq!(project.files(), before);
}

#[test]
fn a_file_that_does_not_parse_is_named_and_the_rest_is_judged() {
    let project = app();
    project.write(
        "src/lib.rs",
        &format!(
            "mod broken;\n{}",
            LIB.trim_start_matches("//! One defect that can be mended, and one that cannot.\n")
        ),
    );
    project.write("src/broken.rs", "fn f( {\n");
    let output = project.concurrency_lint(&["--source"]).output().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("src/broken.rs:1:"), "{said}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("lock-across-await"));
}

#[test]
fn why_tells_who_runs_a_line_and_how_it_blocks() {
    let project = app();
    let output = project
        .concurrency_lint(&["why", "src/lib.rs:16"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("app::load → app::read"), "{text}");
    assert!(text.contains("std::fs::read_to_string"), "{text}");
    project
        .concurrency_lint(&["why", "nowhere"])
        .assert()
        .code(2);
    project
        .concurrency_lint(&["why", "src/none.rs:3"])
        .assert()
        .code(2);
}

#[test]
fn bad_settings_get_one_clear_error() {
    let project = app();
    for (setting, word) in [
        ("io-concurrency = 0", "io-concurrency"),
        ("test = \"on\"", "tests"),
    ] {
        let table = format!("\n[workspace.metadata.pitcrew.concurrency-lint]\n{setting}\n");
        project.write("Cargo.toml", &format!("{MANIFEST}{table}"));
        let output = project.concurrency_lint(&["--source"]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{setting}");
        assert!(
            String::from_utf8_lossy(&output.stderr).contains(word),
            "{setting}"
        );
    }
}
