//! `cargo depslim` from the user's command to the files: what it proves, applies, takes back, and what
//! it does where it cannot.

#![expect(clippy::unwrap_used, reason = "a set-up that fails must fail its test")]

use std::fs;
use std::process::Output;

use pitcrew_tests::Project;
use serde_json::Value;

/// A virtual workspace with inheritance: `app` uses `used` and `tested`, and nothing uses `idle`.
fn workspace() -> Project {
    let package = |name: &str, rest: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{rest}")
    };
    let project = Project::new(&[
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"app\"]\nexclude = [\"vendor\"]\nresolver = \"3\"\n\n\
             [workspace.dependencies]\n# used at run time\nused = { path = \"vendor/used\" }\n\
             idle = { path = \"vendor/idle\" } # once of use\ntested = { path = \"vendor/tested\" }\n",
        ),
        (
            "app/src/lib.rs",
            "//! ```\n//! assert_eq!(app::one(), 1);\n//! ```\npub fn one() -> u32 {\n    used::one()\n}\n\n\
             #[test]\nfn is_one() {\n    assert_eq!(one(), 1);\n}\n",
        ),
        (
            "app/tests/t.rs",
            "#[test]\nfn one() {\n    assert_eq!(app::one(), tested::one());\n}\n",
        ),
        ("app/src/main.rs", "fn main() {}\n"),
    ]);
    project.write(
        "app/Cargo.toml",
        &package(
            "app",
            "\n[dependencies]\nused.workspace = true\nidle = { workspace = true, optional = true }\n\
             tested.workspace = true\n\n[features]\ndefault = [\"extra\"]\nextra = [\"dep:idle\"]\n",
        ),
    );
    for name in ["used", "idle", "tested"] {
        project.write(&format!("vendor/{name}/Cargo.toml"), &package(name, ""));
        let code = "pub fn one() -> u32 {\n    1\n}\n";
        project.write(&format!("vendor/{name}/src/lib.rs"), code);
    }
    project
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn report(project: &Project, args: &[&str]) -> Value {
    let output = project
        .depslim(args)
        .args(["--offline", "--format", "json"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Each finding as `rule subject applicability`.
fn found(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap();
    let shown = |finding: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or("advice").to_owned();
        format!(
            "{} {} {}",
            text(&finding["rule"]),
            text(&finding["subject"]),
            text(&finding["fix"]["applicability"])
        )
    };
    let mut all: Vec<String> = findings.iter().map(shown).collect();
    all.sort();
    all
}

#[test]
fn what_was_proven_is_applied_with_the_lockfile_and_taken_back() {
    let project = workspace();
    let _ = report(&project, &["--proof", "scan"]);
    let lock = std::process::Command::new("cargo")
        .args(["generate-lockfile", "--offline", "--quiet"])
        .current_dir(&project.root)
        .status();
    assert!(lock.unwrap().success());
    project.commit();
    let before = project.files();
    let expected = [
        "misplaced-dependency tested MachineApplicable",
        "unused-dependency idle MachineApplicable",
    ];
    assert_eq!(found(&report(&project, &[])), expected);
    assert_eq!(project.files(), before, "a report writes nothing");

    let apply = ["--apply", "--offline", "--no-measure"];
    let output = project.depslim(&apply).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let said = stderr(&output);
    assert!(
        !said.contains("building"),
        "the report has proven it: {said}"
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("-idle = { workspace"), "{text}");
    assert_eq!(
        project
            .read("app/Cargo.toml")
            .split("\n\n")
            .skip(1)
            .collect::<Vec<_>>(),
        [
            "[dependencies]\nused.workspace = true",
            "[dev-dependencies]\ntested = { workspace = true }",
            "[features]\ndefault = [\"extra\"]\nextra = []\n"
        ]
    );
    assert_eq!(
        project.read("Cargo.toml").split("\n\n").nth(1).unwrap(),
        "[workspace.dependencies]\n# used at run time\nused = { path = \"vendor/used\" }\n\
         # once of use\ntested = { path = \"vendor/tested\" }\n"
    );
    assert!(!project.read("Cargo.lock").contains("idle"));
    let applied = project.files();
    let output = project
        .depslim(&apply)
        .arg("--allow-dirty")
        .output()
        .unwrap();
    assert!(
        stderr(&output).contains("Nothing to apply"),
        "{}",
        stderr(&output)
    );
    assert_eq!(project.files(), applied, "a second apply changes nothing");

    let tests = std::process::Command::new("cargo")
        .args(["test", "--offline", "--locked", "--quiet"])
        .current_dir(&project.root)
        .status();
    assert!(tests.unwrap().success(), "it builds and its tests pass");
    project.depslim(&["--undo"]).assert().success();
    let mut restored = project.files();
    restored.retain(|path, _| before.contains_key(path));
    assert_eq!(restored, before);
}

#[test]
fn figures_tell_what_was_won() {
    let project = workspace();
    let output = project
        .depslim(&["--apply", "--offline", "--allow-no-vcs"])
        .output()
        .unwrap();
    let said = stderr(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("Before: 4 crates"), "{said}");
    assert!(said.contains("After:  2 crates"), "{said}");
}

#[test]
fn a_command_of_the_user_may_veto() {
    let project = workspace();
    let keeps_idle = "grep -q idle app/Cargo.toml";
    let report = report(&project, &["--verify-with", keeps_idle]);
    assert_eq!(
        found(&report),
        ["misplaced-dependency tested MachineApplicable"]
    );
    let output = project
        .depslim(&["--offline", "--verify-with", "false"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("--verify-with"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_project_that_does_not_build_is_judged_by_its_text() {
    let project = workspace();
    project.write("app/src/lib.rs", "pub fn one() -> u32 {\n    \"one\"\n}\n");
    project.write("app/src/main.rs", "fn main() {\n    1\n}\n");
    let before = project.files();
    let report = report(&project, &[]);
    let found = found(&report);
    assert!(
        found.contains(&"unused-dependency idle MaybeIncorrect".to_owned()),
        "{found:?}"
    );
    let output = project.depslim(&["--offline"]).output().unwrap();
    let said = stderr(&output);
    assert!(
        said.contains("does not build") && said.contains("mismatched types"),
        "{said}"
    );
    let output = project
        .depslim(&["--apply", "--offline", "--allow-no-vcs"])
        .output()
        .unwrap();
    assert!(
        stderr(&output).contains("Nothing to apply"),
        "{}",
        stderr(&output)
    );
    assert_eq!(project.files(), before);
}

#[test]
fn what_cannot_be_read_is_said_and_counts_as_used() {
    let project = workspace();
    fs::write(project.root.join("app/src/odd.rs"), b"// \xff\nidle\n").unwrap();
    let lib = project.read("app/src/lib.rs");
    project.write("app/src/lib.rs", &format!("{lib}mod odd;\n"));
    let output = project
        .depslim(&["--proof", "scan", "--format", "json"])
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        found(&report),
        ["misplaced-dependency tested MaybeIncorrect"]
    );
    assert!(
        stderr(&output).contains("app/src/odd.rs could not be read"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_missing_lockfile_under_locked_is_refused() {
    let project = workspace();
    for grade in ["scan", "full"] {
        let output = project
            .depslim(&["--locked", "--proof", grade])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        let said = stderr(&output);
        assert!(
            said.contains("--locked") && said.contains("cargo generate-lockfile"),
            "{said}"
        );
    }
}

#[test]
fn a_dependency_from_git_is_proven_like_any_other() {
    let project = workspace();
    let library = Project::new(&[
        (
            "Cargo.toml",
            "[package]\nname = \"far\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
        ),
        ("src/lib.rs", "pub fn f() {}\n"),
    ]);
    library.commit();
    let manifest = project.read("app/Cargo.toml");
    let entry = format!(
        "[dependencies]\nfar = {{ git = \"file://{}\" }}\n",
        library.root
    );
    project.write(
        "app/Cargo.toml",
        &manifest.replace("[dependencies]\n", &entry),
    );
    let output = project.depslim(&["--format", "json"]).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let found = found(&serde_json::from_slice(&output.stdout).unwrap());
    let far = "unused-dependency far MachineApplicable";
    assert!(found.iter().any(|line| line == far), "{found:?}");
}

#[test]
fn missing_sources_of_the_registry_leave_the_scan() {
    let project = workspace();
    let manifest = project.read("app/Cargo.toml");
    let entry = "[dependencies]\nno-such-crate-at-hand = \"1\"\n";
    project.write(
        "app/Cargo.toml",
        &manifest.replace("[dependencies]\n", entry),
    );
    let home = project.temporary.join("cargo-home");
    let run = |grade: &str| {
        let mut command = project.depslim(&["--offline", "--proof", grade, "--format", "json"]);
        command.env("CARGO_HOME", &home).output().unwrap()
    };
    let scanned = run("scan");
    assert!(scanned.status.success(), "{}", stderr(&scanned));
    let found = found(&serde_json::from_slice(&scanned.stdout).unwrap());
    let missing = "unused-dependency no-such-crate-at-hand MaybeIncorrect";
    assert!(found.iter().any(|line| line == missing), "{found:?}");
    let full = run("full");
    assert_eq!(full.status.code(), Some(2));
    let said = stderr(&full);
    assert!(
        said.contains("no-such-crate-at-hand") && !said.contains("panicked"),
        "{said}"
    );
}

#[test]
fn a_member_without_targets_is_refused_in_cargos_words() {
    let project = Project::new(&[(
        "Cargo.toml",
        "[package]\nname = \"bare\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    )]);
    for grade in ["scan", "full"] {
        let output = project.depslim(&["--proof", grade]).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let said = stderr(&output);
        assert!(said.contains("no targets specified"), "{said}");
    }
}

#[test]
fn features_are_slimmed_at_the_workspace_and_only_asked_for_rules_run() {
    let project = workspace();
    project.write(
        "vendor/used/Cargo.toml",
        "[package]\nname = \"used\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[features]\n\
         default = [\"extra\"]\nextra = []\nmore = []\n",
    );
    let code = "pub fn one() -> u32 {\n    1\n}\n#[cfg(feature = \"extra\")]\npub fn extra() {}\n\
                #[cfg(feature = \"more\")]\npub fn more() {}\n";
    project.write("vendor/used/src/lib.rs", code);
    let manifest = project.read("Cargo.toml").replace(
        "used = { path = \"vendor/used\" }",
        "used = { path = \"vendor/used\", features = [\"more\"] }",
    );
    project.write("Cargo.toml", &manifest);
    let only = ["--only", "needless-feature", "--offline"];
    let output = project
        .depslim(&only)
        .args(["--apply", "--allow-no-vcs", "--no-measure"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let manifest = project.read("Cargo.toml");
    let slim = "used = { path = \"vendor/used\", default-features = false }";
    assert!(manifest.contains(slim), "{manifest}");
    assert!(
        manifest.contains("idle = {"),
        "nothing else was asked for: {manifest}"
    );
    let output = project
        .depslim(&["--only", "needless-features"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("did you mean `needless-feature`"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn only_what_is_written_takes_part_in_the_proof() {
    let project = workspace();
    let manifest = project.read("app/Cargo.toml");
    let entry = "[dependencies]\npinned = { path = \"../vendor/pinned\", version = \"=0.1.0\" }\n";
    project.write(
        "app/Cargo.toml",
        &manifest.replace("[dependencies]\n", entry),
    );
    project.write(
        "vendor/pinned/Cargo.toml",
        "[package]\nname = \"pinned\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    );
    project.write("vendor/pinned/src/lib.rs", "pub fn f() {}\n");
    let told = found(&report(&project, &[]));
    let pinned = "unused-dependency pinned MaybeIncorrect";
    assert!(told.iter().any(|line| line == pinned), "{told:?}");
    // The user's command sees what would be written, and nothing else.
    let sees = "grep -q pinned app/Cargo.toml && ! grep -q '^idle' app/Cargo.toml || \
                { grep -q '^idle' app/Cargo.toml && grep -q pinned app/Cargo.toml; }";
    let output = project
        .depslim(&["--apply", "--offline", "--allow-no-vcs", "--no-measure"])
        .args(["--verify-with", sees])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let manifest = project.read("app/Cargo.toml");
    assert!(manifest.contains("pinned") && !manifest.contains("idle ="));
}

#[test]
fn a_patched_dependency_is_proven_like_any_other() {
    let project = workspace();
    let root = project.read("Cargo.toml");
    let patch = "\n[patch.crates-io]\nidle-and-patched = { path = \"vendor/patched\" }\n";
    project.write("Cargo.toml", &format!("{root}{patch}"));
    let manifest = project.read("app/Cargo.toml");
    let entry = "[dependencies]\nidle-and-patched = \"0.1\"\n";
    project.write(
        "app/Cargo.toml",
        &manifest.replace("[dependencies]\n", entry),
    );
    project.write(
        "vendor/patched/Cargo.toml",
        "[package]\nname = \"idle-and-patched\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[lib]\n\
         name = \"another_name\"\n",
    );
    project.write("vendor/patched/src/lib.rs", "pub fn f() {}\n");
    let unused = "unused-dependency idle-and-patched MachineApplicable";
    let told = found(&report(&project, &[]));
    assert!(told.iter().any(|line| line == unused), "{told:?}");
    let lib = project.read("app/src/lib.rs");
    project.write(
        "app/src/lib.rs",
        &format!("{lib}pub use another_name::f;\n"),
    );
    for grade in ["scan", "full"] {
        let told = found(&report(&project, &["--proof", grade]));
        assert!(
            !told.iter().any(|line| line.contains("patched")),
            "{told:?}"
        );
    }
}
