//! `cargo buildspeed cache` with the real sccache, a real Redis, an S3 server, and servers that are dead
//! or silent.

#![expect(clippy::unwrap_used, reason = "a set-up that fails must fail its test")]

mod machine;
mod servers;
mod shared;

use std::net::TcpListener;

use pitcrew_tests::{Project, buildspeed, copy};
use serde_json::Value;

use machine::{Machine, sccache};
use servers::free_port;

/// A program above two libraries of the workspace, of which one reads its own path.
fn project() -> Project {
    let member = |name: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n")
    };
    Project::new(&[
        (
            "Cargo.toml",
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\none = { \
             path = \"one\" }\ntwo = { path = \"two\" }\n\n[workspace]\nmembers = [\"one\", \"two\"]\n",
        ),
        (
            "src/main.rs",
            "fn main() {\n    println!(\"{}\", one::one() + two::two());\n}\n",
        ),
        ("one/Cargo.toml", &member("one")),
        ("one/src/lib.rs", "pub fn one() -> usize {\n    1\n}\n"),
        ("two/Cargo.toml", &member("two")),
        (
            "two/src/lib.rs",
            "pub fn two() -> usize {\n    env!(\"CARGO_MANIFEST_DIR\").len()\n}\n",
        ),
    ])
}

fn rules(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().filter_map(|f| f["rule"].as_str()).collect()
}

#[test]
fn setup_shows_then_writes_and_undo_restores_every_byte() {
    let project = project();
    project.write(".cargo/config.toml", "# ours\n[build]\njobs = 2\n");
    project.commit();
    let before = project.files();
    let setup = [
        "cache",
        "setup",
        "--backend",
        "redis",
        "--endpoint",
        "redis://cache.example:6379",
    ];
    let shown = project.buildspeed(&setup).output().unwrap();
    let diff = String::from_utf8_lossy(&shown.stdout);
    assert!(
        diff.contains("+rustc-wrapper = \"cargo-buildspeed\""),
        "{diff}"
    );
    let notes = String::from_utf8_lossy(&shown.stderr);
    assert!(notes.contains("SCCACHE_REDIS_PASSWORD"), "{notes}");
    assert_eq!(project.files(), before, "nothing is written yet");

    let args = [&setup[..], &["--check"]].concat();
    project.buildspeed(&args).assert().code(1);
    let args = [&setup[..], &["--apply"]].concat();
    project.buildspeed(&args).assert().success();
    let written = project.read(".cargo/config.toml");
    assert!(
        written.starts_with("# ours\n[build]\njobs = 2\n"),
        "{written}"
    );
    assert!(written.contains("SCCACHE_REDIS_ENDPOINT = \"redis://cache.example:6379\""));
    let args = [&setup[..], &["--check"]].concat();
    project.buildspeed(&args).assert().success();
    project.buildspeed(&["--undo"]).assert().success();
    assert_eq!(project.files(), before);
}

#[test]
fn bad_options_and_other_wrappers_are_refused() {
    let project = project();
    let refused = |args: &[&str], part: &str| {
        let args = [&["cache", "setup", "--backend"], args].concat();
        let output = project.buildspeed(&args).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(part), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    };
    refused(&["redis"], "needs `--endpoint`");
    refused(
        &["redis", "--endpoint", "redis://a:hunter2@h"],
        "SCCACHE_REDIS_PASSWORD",
    );
    refused(&["s3", "--bucket", "builds"], "--region");
    refused(&["local", "--bucket", "builds"], "has no `--bucket`");
    project.write(
        ".cargo/config.toml",
        "[build]\nrustc-wrapper = \"/opt/wrap\"\n",
    );
    refused(&["local"], "`rustc-wrapper = \"/opt/wrap\"`");
}

#[test]
fn each_backend_has_its_setup() {
    let project = project();
    for args in [
        &["local", "--dir", "/var/cache/rust", "--size", "20G"][..],
        &["s3", "--bucket", "builds", "--region", "eu-west-1"],
        &["gcs", "--bucket", "builds"],
        &["azure", "--container", "builds", "--account", "acme"],
        &["gha"],
        &["webdav", "--endpoint", "https://dav.example/rust"],
        &["memcached", "--endpoint", "tcp://cache.example:11211"],
        &["dist", "--endpoint", "https://scheduler.example"],
    ] {
        let args = [&["cache", "setup", "--backend"], args].concat();
        let output = project.buildspeed(&args).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && said.contains("sccache"),
            "{args:?}: {said}"
        );
    }
    for service in ["github", "gitlab"] {
        let ci = project
            .buildspeed(&["cache", "ci", "--for", service])
            .output()
            .unwrap();
        let yaml = String::from_utf8_lossy(&ci.stdout);
        assert!(yaml.contains("CARGO_INCREMENTAL: \"0\""), "{yaml}");
    }
}

#[test]
fn a_trial_without_builds_is_refused() {
    let project = project();
    let output = project
        .buildspeed(&["cache", "trial", "--no-build"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("a trial is builds"), "{said}");
}

#[test]
fn status_says_that_a_server_is_dead_or_silent() {
    let Some(sccache) = sccache(None) else { return };
    let project = project();
    let hole = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let silent = hole.local_addr().unwrap().port();
    for (port, said) in [
        (free_port(), "cannot be reached"),
        (silent, "does not answer within 0.2 s"),
    ] {
        let machine = Machine::new(&project, &sccache, "m").set(
            "SCCACHE_REDIS_ENDPOINT",
            &format!("redis://127.0.0.1:{port}"),
        );
        for command in [&["status"][..], &["doctor", "--no-build"]] {
            let report = machine.json(&project, &[command, &["--wait", "0.2s"]].concat());
            assert!(rules(&report).contains(&"cache-unreachable"), "{report:#}");
            let storage = &report["summary"]["cache"]["storage"];
            assert!(
                storage["said"].as_str().unwrap().contains(said),
                "{storage}"
            );
        }
    }
}

#[test]
fn a_dead_or_silent_server_breaks_no_build_behind_the_guard() {
    let Some(sccache) = sccache(None) else { return };
    let project = project();
    let hole = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let silent = hole.local_addr().unwrap().port();
    for port in [free_port(), silent] {
        let endpoint = format!("redis://127.0.0.1:{port}");
        let setup = ["setup", "--backend", "redis", "--endpoint", &endpoint];
        let machine = Machine::new(&project, &sccache, "m");
        let args = [&setup[..], &["--apply", "--allow-no-vcs"]].concat();
        assert!(machine.cache(&project, &args).status.success());
        machine.build(&project);
        let guard = &machine.json(&project, &["status"])["summary"]["cache"]["guard"];
        let trouble = guard["trouble"].as_str().unwrap();
        assert!(trouble.contains(&port.to_string()), "{guard}");
        if port != silent {
            // A recording chains to the guard, which must not record once more.
            let args = [
                "buildspeed",
                "--no-measure",
                "--offline",
                "--format",
                "json",
            ];
            let recorded = machine.run(&project, buildspeed().as_str(), &args);
            let said = String::from_utf8_lossy(&recorded.stderr);
            assert!(recorded.status.success(), "{said}");
            let report: Value = serde_json::from_slice(&recorded.stdout).unwrap();
            assert_eq!(report["summary"]["recording"]["units"], 3, "{report:#}");
        }
    }
}

#[test]
fn a_trial_measures_and_leaves_nothing_behind() {
    let Some(sccache) = sccache(None) else { return };
    let project = project();
    let before = project.files();
    let machine = Machine::new(&project, &sccache, "m").set("SCCACHE_DIR", "/nonexistent");
    let report = machine.json(
        &project,
        &["trial", "--rounds", "1", "--offline", "--no-incremental"],
    );
    let trial = &report["summary"]["trial"];
    assert_eq!(
        trial["warm"],
        serde_json::json!({ "answered": 2, "asked": 2 })
    );
    assert_eq!(trial["elsewhere"]["asked"], 2);
    assert!(trial["stored_bytes"].as_u64().unwrap() > 0, "{trial:#}");
    assert!(trial["rounds"][0]["warm_s"].as_f64().unwrap() > 0.0);
    let why = &trial["uncacheable"][0];
    assert_eq!(
        (&why["crate"], &why["why"]),
        (&"app (bin)".into(), &"crate-type (bin)".into())
    );
    let found = rules(&report);
    assert!(
        found.contains(&"cache-uncacheable") && found.contains(&"cache-trial"),
        "{found:?}"
    );
    let missed = trial["elsewhere"]["answered"].as_u64().unwrap() < 2;
    assert_eq!(found.contains(&"cache-path-bound"), missed, "{report:#}");
    assert_eq!(project.files(), before);
    assert_eq!(project.leftovers(), [""; 0]);
}

#[test]
fn doctor_finds_what_differs_between_two_checkouts() {
    let Some(sccache) = sccache(None) else { return };
    let here = project();
    let there = Project::empty();
    copy(&here.root, &there.root);
    let saved = here.temporary.join("there.json");
    let other = Machine::new(&there, &sccache, "m").set("CARGO_TERM_COLOR", "always");
    let alone = other.json(&there, &["doctor", "--offline", "--save", saved.as_str()]);
    assert!(rules(&alone).contains(&"cache-environment"), "{alone:#}");
    assert!(rules(&alone).contains(&"cache-path-bound"), "{alone:#}");

    let machine = Machine::new(&here, &sccache, "m");
    let report = machine.json(&here, &["doctor", "--offline", "--against", saved.as_str()]);
    let keys = &report["summary"]["keys"];
    let causes = keys["differing"]["two 0.1.0 (lib)"].as_array().unwrap();
    let kinds: Vec<&str> = causes.iter().filter_map(|c| c["cause"].as_str()).collect();
    assert!(
        kinds.contains(&"path") && kinds.contains(&"variable"),
        "{keys:#}"
    );
    assert!(
        causes.iter().any(|c| c["name"] == "CARGO_TERM_COLOR"),
        "{keys:#}"
    );
    assert!(causes.iter().any(|c| c["place"] == "root"), "{keys:#}");
    assert!(!rules(&report).contains(&"cache-environment"), "{report:#}");

    let torn = here.temporary.join("torn.json");
    std::fs::write(&torn, "{").unwrap();
    let output = machine.cache(&here, &["doctor", "--against", torn.as_str()]);
    assert_eq!(output.status.code(), Some(2));
}
