//! What a user writes while a fix is proven is never written over, and never made part of the proof.

use pitcrew_tests::Project;

const MANIFEST: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";

const HELD: &str = "use std::sync::Mutex;

pub async fn add(numbers: &Mutex<Vec<u32>>, number: u32) {
    let mut numbers = numbers.lock().unwrap();
    numbers.push(number);
    pause().await;
}

async fn pause() {}
";

/// Makes a user of the project's build script, which runs in a copy: it adds `line` to `file` of the
/// project itself, once.
fn edits_meanwhile(project: &Project, file: &str, line: &str) {
    let path = project.root.join(file);
    let script = format!(
        "fn main() {{\n    let mut text = std::fs::read_to_string({path:?}).unwrap();\n    if \
         !text.ends_with({line:?}) {{\n        text.push_str({line:?});\n        \
         std::fs::write({path:?}, text).unwrap();\n    }}\n}}\n",
        path = path.as_str(),
    );
    project.write("build.rs", &script);
}

fn is_refused(output: &std::process::Output, file: &str) {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("files have changed since they were read; run the command again"),
        "{said}"
    );
    assert!(said.contains(file), "{said}");
}

#[test]
fn a_source_that_changes_while_its_fix_is_compiled() {
    let project = Project::new(&[("Cargo.toml", MANIFEST), ("src/lib.rs", HELD)]);
    // Before what the fix changes, so that its place is another.
    edits_meanwhile(&project, "src/lib.rs", "// a user's\n");
    project.commit();
    let apply = ["--source", "--apply", "--offline", "--allow-dirty"];
    let output = project.concurrency_lint(&apply).output().unwrap();
    is_refused(&output, "src/lib.rs");
    assert_eq!(project.read("src/lib.rs"), format!("{HELD}// a user's\n"));
    // What is there now is mended by the next call.
    project.concurrency_lint(&apply).assert().success();
    let mended = project.read("src/lib.rs");
    assert_eq!(mended.matches("drop(numbers);").count(), 1, "{mended}");
    assert!(mended.ends_with("// a user's\n"), "{mended}");
}

#[test]
fn a_manifest_that_changes_while_a_removal_is_built() {
    let manifest = format!("{MANIFEST}\n[dependencies]\nidle = {{ path = \"idle\" }}\n");
    let project = Project::new(&[
        ("Cargo.toml", &manifest),
        ("src/lib.rs", "pub fn one() -> u32 {\n    1\n}\n"),
        ("idle/Cargo.toml", &MANIFEST.replace("app", "idle")),
        ("idle/src/lib.rs", "pub fn two() {}\n"),
    ]);
    edits_meanwhile(&project, "Cargo.toml", "# a user's\n");
    project.commit();
    let apply = ["--apply", "--no-measure", "--offline", "--allow-dirty"];
    let output = project.depslim(&apply).output().unwrap();
    is_refused(&output, "Cargo.toml");
    assert_eq!(
        project.read("Cargo.toml"),
        format!("{manifest}# a user's\n")
    );
    project.depslim(&apply).assert().success();
    let slim = project.read("Cargo.toml");
    assert!(!slim.contains("idle ="), "{slim}");
    assert!(slim.contains("# a user's\n"), "{slim}");
}
