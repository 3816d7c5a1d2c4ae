//! Links out of the tree: what is changed behind one is told, goes through the journal, and comes back.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Output;

use pitcrew_tests::Project;

const HELD: &str = "use std::sync::Mutex;\n\npub async fn add(numbers: &Mutex<Vec<u32>>) {\n    let mut numbers = \
                    numbers.lock().unwrap();\n    numbers.push(1);\n    pause().await;\n}\n\nasync fn pause() {}\n";

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_source_outside_is_changed_with_a_word_and_restored() {
    let project = Project::small();
    let outside = project.temporary.join("outside.rs");
    fs::write(&outside, HELD).unwrap();
    project.write("src/lib.rs", "pub mod held;\n");
    let link = project.root.join("src/held.rs");
    symlink(&outside, &link).unwrap();

    let apply = ["--source", "--offline", "--apply", "--allow-no-vcs"];
    let output = project.concurrency_lint(&apply).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let told = format!("src/held.rs is reached by a link: {outside}, outside of the workspace");
    assert!(stderr(&output).contains(&told), "{}", stderr(&output));
    assert!(link.is_symlink(), "the link stays one");
    assert_ne!(fs::read_to_string(&outside).unwrap(), HELD);

    project.concurrency_lint(&["--undo"]).assert().success();
    assert!(link.is_symlink());
    assert_eq!(fs::read_to_string(&outside).unwrap(), HELD);
}

#[test]
fn a_member_outside_is_changed_with_a_word_and_restored() {
    let project = Project::new(&[(
        "Cargo.toml",
        "[workspace]\nmembers = [\"member\"]\nresolver = \"3\"\n",
    )]);
    let outside = project.temporary.join("outside");
    let manifest = "[package]\nname = \"member\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[profile.dev]\nopt-level = 1\n";
    fs::create_dir_all(outside.join("src")).unwrap();
    fs::write(outside.join("Cargo.toml"), manifest).unwrap();
    fs::write(outside.join("src/lib.rs"), "").unwrap();
    symlink(&outside, project.root.join("member")).unwrap();

    let apply = [
        "--no-build",
        "--no-measure",
        "--offline",
        "--apply",
        "--allow-maybe-incorrect",
        "--allow-no-vcs",
    ];
    let output = project.buildspeed(&apply).output().unwrap();
    let said = stderr(&output);
    let changed = fs::read_to_string(outside.join("Cargo.toml")).unwrap();
    // Cargo may take the member for one that lies where its link leads, and refuse it.
    match output.status.code() {
        Some(0) if changed != manifest => {
            assert!(
                said.contains("outside of the workspace, is changed"),
                "{said}"
            );
            project.buildspeed(&["--undo"]).assert().success();
        }
        Some(0) => assert!(said.contains("Nothing to apply"), "{said}"),
        _ => assert!(said.contains("error"), "{said}"),
    }
    assert_eq!(
        fs::read_to_string(outside.join("Cargo.toml")).unwrap(),
        manifest
    );
    assert!(project.root.join("member").is_symlink());
}
