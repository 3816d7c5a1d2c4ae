//! `cargo concurrency-lint tune`, on loads whose figures are the command's own.

use pitcrew_tests::Project;
#[cfg(unix)]
use serde_json::Value;

/// The figures are the command's own, so that no clock has a say.
#[cfg(unix)]
#[test]
fn tune_finds_the_limit_from_which_more_helps_no_more() {
    let project = Project::small();
    let load = "echo rate $((LIMIT < 100 ? LIMIT : 100))";
    let tuned = |format: &str| {
        let args = [
            "tune",
            "--env",
            "LIMIT",
            "--values",
            "10,50,100,200",
            "--rounds",
            "3",
            "--metric",
            "rate ([0-9]+)",
            "--format",
            format,
            "--",
            "sh",
            "-c",
            load,
        ];
        let output = project.concurrency_lint(&args).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let report: Value = serde_json::from_str(&tuned("json")).unwrap();
    assert_eq!(report["summary"]["knee"]["value"], 100, "{report}");
    assert_eq!(
        report["summary"]["knee"]["range"],
        serde_json::json!([100, 100])
    );
    let human = tuned("human");
    assert!(human.contains("100"), "{human}");
}

#[cfg(unix)]
#[test]
fn tune_reports_a_limit_at_which_the_workload_fails() {
    let project = Project::small();
    let load = "test {} -lt 50 && echo rate {}";
    let args = [
        "tune",
        "--values",
        "10,20,80",
        "--rounds",
        "3",
        "--metric",
        "rate ([0-9]+)",
        "--format",
        "json",
        "--",
        "sh",
        "-c",
        load,
    ];
    let output = project.concurrency_lint(&args).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let limits = report["summary"]["limits"].as_array().unwrap();
    let failures = |at: usize| limits[at]["failures"].as_array().unwrap().len();
    assert_eq!((failures(0), failures(2)), (0, 3), "{report}");
    assert_eq!(report["summary"]["knee"]["value"], 20, "{report}");
}

#[test]
fn tune_says_how_the_limit_reaches_the_command() {
    let project = Project::small();
    let output = project
        .concurrency_lint(&["tune", "--values", "1,2", "--", "true"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("--env NAME"), "{said}");
}
