//! A project for each command that writes, in which it has several files to change.

use camino::Utf8Path;

use crate::{Project, buildspeed, concurrency_lint, depslim};

/// A command that writes, on a project of its own.
pub struct Play {
    pub name: &'static str,
    pub plugin: &'static str,
    pub binary: fn() -> &'static Utf8Path,
    pub project: fn() -> Project,
    /// Leaves its proofs, so that the apply is quick.
    pub prepare: &'static [&'static str],
    pub apply: &'static [&'static str],
    pub undo: &'static [&'static str],
    /// What a user may call next.
    pub next: &'static [&'static str],
    /// Files that the apply changes, at least.
    pub least: usize,
}

/// Every command that writes.
pub static PLAYS: [Play; 4] = [
    Play {
        name: "buildspeed",
        plugin: "buildspeed",
        binary: buildspeed,
        project: Project::sample,
        prepare: &["--no-build", "--no-measure", "--offline"],
        apply: &[
            "--no-build",
            "--no-measure",
            "--offline",
            "--apply",
            "--allow-maybe-incorrect",
            "--allow-no-vcs",
        ],
        undo: &["--undo"],
        next: &["--no-build", "--no-measure", "--offline"],
        least: 2,
    },
    Play {
        name: "buildspeed cache setup",
        plugin: "buildspeed",
        binary: buildspeed,
        project: configured,
        prepare: &[
            "cache",
            "setup",
            "--backend",
            "redis",
            "--endpoint",
            "redis://127.0.0.1:1",
        ],
        apply: &[
            "cache",
            "setup",
            "--backend",
            "redis",
            "--endpoint",
            "redis://127.0.0.1:1",
            "--apply",
            "--allow-no-vcs",
        ],
        undo: &["--undo"],
        next: &[
            "cache",
            "setup",
            "--backend",
            "redis",
            "--endpoint",
            "redis://127.0.0.1:1",
        ],
        least: 1,
    },
    Play {
        name: "depslim",
        plugin: "depslim",
        binary: depslim,
        project: idle_dependencies,
        prepare: &["--offline", "--no-measure"],
        apply: &["--offline", "--no-measure", "--apply", "--allow-no-vcs"],
        undo: &["--undo"],
        next: &["--proof", "scan", "--offline"],
        least: 4,
    },
    Play {
        name: "concurrency-lint",
        plugin: "concurrency-lint",
        binary: concurrency_lint,
        project: held_locks,
        prepare: &["--source", "--offline"],
        apply: &["--source", "--offline", "--apply", "--allow-no-vcs"],
        undo: &["--undo"],
        next: &["--source", "--offline"],
        least: 3,
    },
];

const MEMBERS: [&str; 3] = ["first", "second", "third"];

fn manifest(name: &str, rest: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{rest}")
}

/// A project with a configuration of the user's own.
fn configured() -> Project {
    let project = Project::small();
    project.write(".cargo/config.toml", "# ours\n[build]\njobs = 2\n");
    project
}

/// Three members with a dependency each that nothing uses, and one that everything does.
fn idle_dependencies() -> Project {
    let project = Project::new(&[(
        "Cargo.toml",
        "[workspace]\nmembers = [\"first\", \"second\", \"third\"]\nexclude = [\"vendor\"]\nresolver = \
         \"3\"\n\n[workspace.dependencies]\n# Used.\nused = { path = \"vendor/used\" }\nidle = { path = \
         \"vendor/idle\" } # once of use\n",
    )]);
    let code = "pub fn one() -> u32 {\n    1\n}\n";
    for name in ["used", "idle"] {
        project.write(&format!("vendor/{name}/Cargo.toml"), &manifest(name, ""));
        project.write(&format!("vendor/{name}/src/lib.rs"), code);
    }
    for name in MEMBERS {
        let rest = "\n[dependencies]\nused.workspace = true\nidle.workspace = true # why?\n";
        project.write(&format!("{name}/Cargo.toml"), &manifest(name, rest));
        let code = "pub fn one() -> u32 {\n    used::one()\n}\n";
        project.write(&format!("{name}/src/lib.rs"), code);
    }
    project
}

/// Three modules, in each of which a lock is held across an await.
fn held_locks() -> Project {
    let project = Project::new(&[("Cargo.toml", &manifest("app", ""))]);
    let mut root = String::new();
    for name in MEMBERS {
        root.push_str(&format!("pub mod {name};\n"));
        project.write(
            &format!("src/{name}.rs"),
            "use std::sync::Mutex;\n\npub async fn add(numbers: &Mutex<Vec<u32>>, number: u32) {\n    let mut \
             numbers = numbers.lock().unwrap();\n    numbers.push(number);\n    pause().await;\n}\n\nasync fn \
             pause() {}\n",
        );
    }
    project.write("src/lib.rs", &root);
    project
}
