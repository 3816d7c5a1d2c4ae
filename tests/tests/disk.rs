//! Disks that are full, and files that may not be written: one clear error, nothing lost, nothing left.

#![expect(clippy::unwrap_used, reason = "a set-up that fails must fail its test")]

use std::fs;
use std::io::Write as _;
use std::process::{Command, Output};

use pitcrew_tests::{Project, buildspeed};

/// Runs the plugin with a scratch directory of so many kilobytes, or says why that cannot be. Last on
/// stdout stands what was left there.
#[cfg(target_os = "linux")]
fn on_small_disk(project: &Project, kilobytes: u32, args: &str) -> Option<Output> {
    let script = format!(
        "mount -t tmpfs -o size={kilobytes}k tmpfs {scratch} || exit 77\n{plugin} buildspeed {args}\n\
         code=$?\necho \"left: $(ls -A {scratch})\"\nexit $code",
        scratch = project.scratch,
        plugin = buildspeed(),
    );
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]);
    command.current_dir(&project.root);
    project.isolate(&mut command);
    let output = command.output();
    let refused = match &output {
        Ok(output) => output.status.code() == Some(77) || output.stdout.is_empty(),
        Err(_) => true,
    };
    if refused {
        // Not a failure even in CI: containers commonly forbid it.
        let mut stderr = std::io::stderr();
        writeln!(
            stderr,
            "skipped: no small disk can be mounted here: {output:?}"
        )
        .unwrap();
        return None;
    }
    Some(output.unwrap())
}

#[cfg(target_os = "linux")]
fn check_full(output: &Output) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    let errors = stderr.lines().filter(|line| line.starts_with("error"));
    assert_eq!(errors.count(), 1, "{stderr}");
    assert!(
        stderr.contains("is full; nothing of yours was changed"),
        "{stderr}"
    );
    assert!(stderr.contains("PITCREW_SCRATCH_DIR"), "{stderr}");
    assert_eq!(stdout, "left: \n");
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full_while_a_build_is_recorded() {
    let project = Project::small();
    let before = project.files();
    // Too small for the copy of the sources, for the library, for the program.
    for kilobytes in [12, 200, 2_000] {
        project.write("src/main.rs", "fn main() {}\n");
        let Some(output) = on_small_disk(&project, kilobytes, "--no-measure --offline") else {
            return;
        };
        check_full(&output);
    }
    fs::remove_file(project.root.join("src/main.rs")).unwrap();
    assert_eq!(project.files(), before);
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full_during_the_trials() {
    let project = Project::small();
    project.write("src/main.rs", "fn main() {}\n");
    let before = project.files();
    let mut record = project.buildspeed(&["--no-measure", "--offline"]);
    record.assert().success();
    let apply = "--offline --apply --allow-no-vcs";
    let Some(output) = on_small_disk(&project, 2_000, apply) else {
        return;
    };
    check_full(&output);
    assert_eq!(project.files(), before);

    // Room for the baseline, and for nothing beside it: what can be told is told.
    let output = on_small_disk(&project, 14_000, "--offline --budget 30s").unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert!(stdout.contains("not tried (no room"), "{stdout}");
    assert!(stderr.contains("PITCREW_SCRATCH_DIR"), "{stderr}");
    assert!(stdout.ends_with("left: \n"), "{stdout}");
}

/// A change of the configuration that was proven, as a kept proof says it: the trial itself would be
/// decided by the machine.
fn with_proven_change(project: &Project) {
    project.write(".cargo/config.toml", "[build]\nincremental = false\n");
    for args in [["--offline", "--no-measure"], ["--offline", "--budget=1s"]] {
        project.buildspeed(&args).assert().success();
    }
    let kept = "target/pitcrew/buildspeed/proof-edit.json";
    let mut proof: serde_json::Value = serde_json::from_str(&project.read(kept)).unwrap();
    let value = &mut proof["value"];
    value["chosen"] = serde_json::json!(["incremental:on"]);
    value["out_of_time"] = false.into();
    let verdicts = value["verdicts"].as_array_mut().unwrap();
    let verdict = verdicts
        .iter_mut()
        .find(|v| v["lever_id"] == "incremental:on");
    verdict.unwrap()["outcome"] = serde_json::json!({ "kind": "accepted" });
    project.write(kept, &proof.to_string());
}

#[cfg(unix)]
#[test]
fn a_read_only_configuration_folder() {
    let project = Project::small();
    with_proven_change(&project);
    let before = project.files();
    let folder = project.root.join(".cargo");
    let writable = fs::metadata(&folder).unwrap().permissions();
    let mut permissions = writable.clone();
    permissions.set_readonly(true);
    fs::set_permissions(&folder, permissions).unwrap();
    let mut apply = project.buildspeed(&["--offline", "--apply", "--allow-no-vcs"]);
    let output = apply.output().unwrap();
    fs::set_permissions(&folder, writable).unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.contains(".cargo is read-only; make it writable"),
        "{stderr}"
    );
    assert_eq!(project.files(), before);

    // And it was the mark alone that prevented it.
    apply = project.buildspeed(&["--offline", "--apply", "--allow-no-vcs"]);
    apply.assert().success();
    assert!(!project.read(".cargo/config.toml").contains("incremental"));
}
