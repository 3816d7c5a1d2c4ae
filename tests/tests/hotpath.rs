//! The contracts of `cargo hotpath`: help, a whole run on a small program, its formats, and bad input.

#![expect(clippy::unwrap_used, reason = "a set-up that fails must fail its test")]

use std::fs;
use std::process::Command as StdCommand;

use pitcrew_tests::{Project, hotpath};

const SCHEMA: &str = include_str!("../../docs/schema/report.schema.json");

const MAIN: &str = "\
fn main() {
    let rounds = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(200_000_000);
    println!(\"{}\", spin(rounds));
}

#[inline(never)]
fn spin(rounds: u64) -> u64 {
    let mut sum = 1_u64;
    for n in 0..rounds {
        sum = std::hint::black_box(sum.wrapping_mul(31) ^ n);
    }
    sum
}
";

/// Where there is none cargo writes one, as it does for `cargo run`.
const LOCK: &str = "version = 4\n\n[[package]]\nname = \"spinner\"\nversion = \"0.1.0\"\n";

fn manifest(name: &str, rest: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{rest}")
}

fn project() -> Project {
    Project::new(&[
        ("Cargo.toml", &manifest("spinner", "")),
        ("Cargo.lock", LOCK),
        ("src/main.rs", MAIN),
    ])
}

/// Runs the plugin, expects a failure that changes nothing, and gives its stderr.
fn refused(project: &Project, args: &[&str]) -> String {
    let before = project.files();
    let output = project.hotpath(args).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        output.status.code(),
        Some(2),
        "{args:?} must exit 2: {stderr}"
    );
    assert!(
        stderr.contains("error") && !stderr.contains("panicked"),
        "{stderr}"
    );
    assert_eq!(project.files(), before, "nothing may change");
    stderr
}

#[test]
fn help_is_the_same_in_each_form() {
    let project = Project::empty();
    let plain = StdCommand::new(hotpath()).arg("--help").output().unwrap();
    let by_cargo = project.hotpath(&["--help"]).output().unwrap();
    assert!(plain.status.success() && by_cargo.status.success());
    let text = String::from_utf8(plain.stdout.clone()).unwrap();
    for word in [
        "attach", "list", "peek", "diff", "import", "--rate", "--export", "--bin",
    ] {
        assert!(text.contains(word), "{word} is not documented");
    }
    let headed = |bytes: &[u8]| String::from_utf8_lossy(bytes).lines().count();
    assert_eq!(headed(&plain.stdout), headed(&by_cargo.stdout));
}

/// One recording serves many questions: it is the slow part.
#[test]
fn a_program_is_profiled_from_build_to_report() {
    let project = project();
    let before = project.files();
    let output = project.hotpath(&["--format", "json"]).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{stderr}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("the program's own output is not mixed in: {error}"));
    let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(&report)
        .map(|e| e.to_string())
        .collect();
    assert_eq!(errors, [""; 0]);
    assert_eq!(report["tool"], "cargo-hotpath");
    let functions = report["summary"]["functions"].as_array().unwrap();
    assert_eq!(functions[0]["name"], "spinner::spin");
    assert_eq!(functions[0]["yours"], true);
    assert!(
        functions[0]["own"]["share"].as_f64().unwrap() > 0.8,
        "{functions:?}"
    );
    let lines = report["summary"]["your_lines"].as_array().unwrap();
    assert_eq!(lines[0]["path"], "src/main.rs");
    assert_eq!(project.files(), before, "nothing is written into the tree");

    let said = |args: &[&str]| {
        let output = project.hotpath(args).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{args:?}: {stderr}");
        String::from_utf8(output.stdout).unwrap()
    };
    let shown = said(&["show"]);
    assert!(
        shown.contains("spinner::spin") && shown.contains("src/main.rs"),
        "{shown}"
    );
    assert!(
        shown.lines().all(|line| line.chars().count() <= 80),
        "{shown}"
    );
    assert!(said(&["list", "spin$"]).contains("wrapping_mul"));
    assert!(said(&["peek", "spin$"]).contains("spinner::main"));
    assert!(said(&["show", "--format", "markdown"]).contains("| own | total |"));
    for file in [
        "flame.svg",
        "firefox.json",
        "stacks.collapsed",
        "profile.pb",
    ] {
        let path = project.temporary.join(file);
        said(&["show", "--export", path.as_str()]);
        assert!(fs::metadata(&path).unwrap().len() > 100, "{file}");
    }
    let collapsed = project.temporary.join("stacks.collapsed");
    assert!(said(&["import", collapsed.as_str()]).contains("spinner::spin"));
    said(&["save", "before"]);
    assert!(said(&["diff", "before", "--check"]).contains("+0.0 %"));
}

#[test]
fn several_binaries_are_named() {
    let project = project();
    project.write("src/bin/other.rs", "fn main() {}\n");
    let stderr = refused(&project, &[]);
    assert!(
        stderr.contains("--bin") && stderr.contains("other, spinner"),
        "{stderr}"
    );
    let stderr = refused(&project, &["--bin", "othr"]);
    assert!(stderr.contains("did you mean `other`"), "{stderr}");
}

#[test]
fn bad_input_is_one_clear_error() {
    let library = Project::small();
    assert!(refused(&library, &[]).contains("no binary"));
    assert!(refused(&Project::empty(), &[]).contains("Cargo.toml"));
    let project = project();
    assert!(refused(&project, &["show"]).contains("no profile yet"));
    assert!(refused(&project, &["list", "x"]).contains("no profile yet"));
    assert!(refused(&project, &["peek", "("]).contains("unclosed group"));
    assert!(refused(&project, &["diff", "before"]).contains("before"));
    assert!(refused(&project, &["save", "../x"]).contains("letters"));
    assert!(refused(&project, &["--export", "x.doc"]).contains(".svg"));
    assert!(refused(&project, &["attach", "999999999"]).contains("999999999"));
    refused(&project, &["--rate", "0"]);
    refused(&project, &["--duration", "soon"]);
    refused(&project, &["explain", "debug-bild"]);
    project.write("src/main.rs", "fn main() { 1 }\n");
    assert!(refused(&project, &[]).contains("mismatched types"));
}

#[test]
fn broken_imports_are_refused() {
    let project = Project::empty();
    assert!(refused(&project, &["import", "nowhere.data"]).contains("nowhere.data"));
    for (name, text) in [
        ("empty.txt", ""),
        ("noise.txt", "what is this\nno one knows\n"),
        ("cut.data", "PERFILE2\u{1}\u{2}"),
        (
            "huge.collapsed",
            "a;b 18446744073709551615\na;c 18446744073709551615\n",
        ),
        ("callgrind.out", "# callgrind format\nfn=(7)\n"),
    ] {
        project.write(name, text);
        let stderr = refused(&project, &["import", name]);
        assert!(stderr.contains(name), "{stderr}");
    }
}
