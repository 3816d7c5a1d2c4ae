//! Manifests and configurations that are huge, nest without end, or go round in circles.

use super::{Case, Must, Size};
use crate::Project;

const PACKAGE: &str = "[package]\nname = \"small\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";

pub fn cases(size: Size) -> Vec<Case> {
    let depth = size.of(5_000, 100_000);
    let many = size.of(5_000, 60_000);
    let nested = |opening: &str, closing: &str| {
        format!("{}1{}", opening.repeat(depth), closing.repeat(depth))
    };
    let metadata = |value: String| format!("{PACKAGE}\n[package.metadata]\nx = {value}\n");
    let dotted = format!(
        "{PACKAGE}\n[package.metadata]\n{}a = 1\n",
        "a.".repeat(depth)
    );
    let header = format!(
        "{PACKAGE}\n[package.metadata{}]\na = 1\n",
        ".a".repeat(depth)
    );
    let keys: String = (0..many).map(|n| format!("key-{n} = \"{n}\"\n")).collect();
    let features: String = (1..many / 8)
        .map(|n| format!("f{n} = [\"f{}\"]\n", n - 1))
        .collect();
    let manifests = [
        ("nested arrays", metadata(nested("[", "]")), Must::Refuse),
        (
            "nested tables",
            metadata(nested("{ a = ", " }")),
            Must::Refuse,
        ),
        ("a long key", dotted, Must::End),
        ("a long header", header, Must::End),
        (
            "many keys",
            format!("{PACKAGE}\n[package.metadata.large]\n{keys}"),
            Must::Report,
        ),
        (
            "a long chain of features",
            format!("{PACKAGE}\n[features]\nf0 = []\n{features}"),
            Must::End,
        ),
        (
            "features in a circle",
            format!("{PACKAGE}\n[features]\na = [\"b\"]\nb = [\"a\"]\ndefault = [\"a\"]\n"),
            Must::End,
        ),
        (
            "a long string",
            metadata(format!("\"{}\"", "x".repeat(many * 16))),
            Must::Report,
        ),
    ];
    let mut cases: Vec<Case> = manifests
        .into_iter()
        .map(|(name, manifest, must)| {
            let project = Project::small();
            project.write("Cargo.toml", &manifest);
            Case::new(format!("manifest: {name}"), project, must)
        })
        .collect();
    let configurations = [
        (
            "nested arrays",
            format!("[x]\ny = {}\n", nested("[", "]")),
            Must::Refuse,
        ),
        (
            "many flags",
            format!(
                "[build]\nrustflags = [{}]\n",
                "\"-Adead_code\", ".repeat(many / 8)
            ),
            Must::End,
        ),
        (
            "an include of itself",
            "include = [\"config.toml\"]\n[build]\njobs = 1\n".to_owned(),
            Must::End,
        ),
        ("no TOML", "[build\n".to_owned(), Must::Refuse),
    ];
    for (name, text, must) in configurations {
        let project = Project::small();
        project.write(".cargo/config.toml", &text);
        cases.push(Case::new(format!("configuration: {name}"), project, must));
    }
    cases.push(circle());
    cases
}

/// Path dependencies that depend on each other.
fn circle() -> Case {
    let project = Project::small();
    let depends = |name: &str, on: &str| {
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n{on} = {{ path = \
             \"../{on}\" }}\n"
        )
    };
    project.write(
        "Cargo.toml",
        "[workspace]\nmembers = [\"a\", \"b\"]\nresolver = \"3\"\n",
    );
    for (name, on) in [("a", "b"), ("b", "a")] {
        project.write(&format!("{name}/Cargo.toml"), &depends(name, on));
        project.write(&format!("{name}/src/lib.rs"), "");
    }
    std::fs::remove_file(project.root.join("Cargo.lock")).unwrap();
    // `depslim --proof scan` reads the manifests without a resolution and need not see it.
    Case::new("manifest: dependencies in a circle", project, Must::End)
}
