//! The main job on small real builds: record, report, prove; and what builds can do to us.

#![expect(clippy::unwrap_used, reason = "a set-up that fails must fail its test")]

use pitcrew_tests::Project;

fn json(project: &Project, args: &[&str]) -> serde_json::Value {
    let output = project
        .buildspeed(args)
        .args(["--format", "json"])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_recording_is_made_once_and_used_again() {
    let project = Project::sample();
    let before = project.files();
    let first = json(&project, &["--no-measure", "--offline"]);
    let recorded = &first["summary"]["recording"];
    assert!(recorded["wall_s"].as_f64().unwrap() > 0.0, "{recorded}");
    let second = json(&project, &["--no-measure", "--offline"]);
    assert_eq!(
        second["summary"]["recording"], *recorded,
        "the kept recording is used"
    );
    assert_eq!(project.files(), before);
}

#[test]
fn trials_end_with_a_verdict_for_each_lever() {
    let project = Project::small();
    project.write(
        "src/main.rs",
        "fn main() {\n    println!(\"{}\", small::one());\n}\n",
    );
    let report = json(&project, &["--offline", "--budget", "5m"]);
    let proof = &report["summary"]["proof"];
    let verdicts = proof["verdicts"].as_array().unwrap();
    assert!(!verdicts.is_empty(), "{proof}");
    assert!(proof["clean_builds_spent"].as_f64().unwrap() > 0.0);
    let again = json(&project, &["--offline"]);
    assert_eq!(again["summary"]["proof"], *proof, "the kept proof is used");
}

#[test]
fn a_build_script_that_writes_into_the_source_tree_writes_into_the_scratch_copy() {
    let project = Project::small();
    project.write(
        "build.rs",
        "fn main() {\n    std::fs::write(\"src/made.txt\", \"x\").unwrap();\n}\n",
    );
    let before = project.files();
    project
        .buildspeed(&["--no-measure", "--offline"])
        .assert()
        .success();
    assert_eq!(project.files(), before);
}

#[test]
fn no_build_runs_none_of_the_projects_code() {
    let project = Project::small();
    let trace = project.temporary.join("trace");
    let script = format!("fn main() {{\n    std::fs::write({trace:?}, \"x\").unwrap();\n}}\n");
    project.write("build.rs", &script);
    project.buildspeed(&["--no-build"]).assert().success();
    assert!(!trace.exists());
    project
        .buildspeed(&["--no-measure", "--offline"])
        .assert()
        .success();
    assert!(trace.exists(), "the recording does run it");
}

#[test]
fn a_path_dependency_outside_the_workspace_builds_in_the_scratch_copy() {
    let project = Project::small();
    let outside = project.temporary.join("outside");
    std::fs::create_dir_all(outside.join("src")).unwrap();
    let manifest = "[package]\nname = \"outside\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    std::fs::write(outside.join("Cargo.toml"), manifest).unwrap();
    std::fs::write(
        outside.join("src/lib.rs"),
        "pub fn two() -> u32 {\n    2\n}\n",
    )
    .unwrap();
    let own = project.read("Cargo.toml");
    project.write(
        "Cargo.toml",
        &format!("{own}\n[dependencies]\noutside = {{ path = \"../outside\" }}\n"),
    );
    std::fs::remove_file(project.root.join("Cargo.lock")).unwrap();
    project.write(
        "src/lib.rs",
        "pub fn two() -> u32 {\n    outside::two()\n}\n",
    );
    let before = project.files();
    let report = json(&project, &["--no-measure", "--offline"]);
    assert!(
        report["summary"]["recording"]["units"].as_u64().unwrap() >= 2,
        "{report}"
    );
    assert_eq!(
        project.files(),
        before,
        "not even a lockfile is left behind"
    );
}

#[test]
fn a_wrapper_that_the_user_has_is_called_too() {
    let project = Project::small();
    let log = project.temporary.join("calls");
    let wrapper = project.temporary.join("wrapper.sh");
    std::fs::write(
        &wrapper,
        format!("#!/bin/sh\necho call >> {log}\nexec \"$@\"\n"),
    )
    .unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&wrapper, mode).unwrap();
        let mut command = project.buildspeed(&["--no-measure", "--offline"]);
        command.env("RUSTC_WRAPPER", &wrapper).assert().success();
        assert!(std::fs::read_to_string(log).unwrap().contains("call"));
    }
}
