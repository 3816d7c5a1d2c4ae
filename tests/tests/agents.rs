//! What docs/agents.md tells others to run does run, in that order, on the sample workspace.

#![expect(clippy::unwrap_used, reason = "a set-up that fails must fail its test")]

use std::fs;
use std::process::Command;

use pitcrew_tests::{PLUGINS, Plugin, Project, concurrency_lint, hotpath};
use serde_json::Value;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/agents.md");

/// The commands of the page's console blocks, each with the exit status that the page promises.
fn commands(page: &str) -> Vec<(String, i32)> {
    let mut inside = false;
    let mut commands = Vec::new();
    for line in page.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| inside) {
            let (command, status) = match command.split_once(" # exits ") {
                Some((command, status)) => (command, status.parse().unwrap()),
                None => (command, 0),
            };
            commands.push((command.to_owned(), status));
        }
    }
    commands
}

#[test]
#[cfg_attr(
    not(target_os = "linux"),
    ignore = "records a program, and asks a POSIX shell"
)]
fn every_command_of_the_page_for_agents_runs() {
    let page = fs::read_to_string(PAGE).unwrap();
    let commands = commands(&page);
    assert!(commands.len() > 15, "{commands:?}");
    let project = Project::sample();
    project.write(".gitignore", "/target\n*.json\n*.md\n*.sarif\n");
    let quick = PLUGINS.iter().map(Plugin::binary);
    let folders: Vec<String> = quick
        .chain([concurrency_lint(), hotpath()])
        .map(|binary| binary.parent().unwrap().to_string())
        .collect();
    let path = format!("{}:{}", folders.join(":"), std::env::var("PATH").unwrap());
    for (line, status) in commands {
        let mut command = Command::new("sh");
        command.args(["-c", &line]).current_dir(&project.root);
        project.isolate(&mut command);
        command.env("PATH", &path);
        for name in ["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"] {
            command.env(name, "Test");
        }
        for name in ["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"] {
            command.env(name, "test@example.com");
        }
        let output = command.output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(status),
            "$ {line}\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let read = |name: &str| -> Value { serde_json::from_str(&project.read(name)).unwrap() };
    // Each finding says how to go on, and how to see that it is mended.
    for name in ["hot.json", "slim.json"] {
        let report = read(name);
        let findings = report["findings"].as_array().unwrap();
        assert!(!findings.is_empty(), "{name}");
        for finding in findings {
            for steps in ["next", "verify"] {
                let steps = finding[steps].as_array().unwrap();
                assert!(!steps.is_empty(), "{name}: {finding}");
            }
        }
    }
    assert!(project.read("slim.md").starts_with("### cargo-depslim"));
}
