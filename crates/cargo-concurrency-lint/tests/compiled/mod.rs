//! Compiles a source with the installed rustc, without cargo and without a registry, and hands over
//! its MIR.

use std::fs;
use std::io::BufReader;
use std::process::Command;

use cargo_concurrency_lint::mir::bodies;

/// The functions of a crate of this name, as rustc prints them.
pub fn bodies(name: &str, source: &str, edition: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join(format!("{name}.rs"));
    fs::write(&input, source).unwrap();
    let output = Command::new("rustc")
        .current_dir(folder.path())
        .env("RUSTC_BOOTSTRAP", "1")
        .args(["--crate-type", "lib", "--edition", edition])
        .args(["--emit=metadata,mir=out.mir", "-Zno-codegen"])
        .args(["-Zmir-include-spans=on", "-Ztrim-diagnostic-paths=no"])
        .arg("-Zmir-opt-level=0")
        .arg(format!("{name}.rs"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let text = fs::File::open(folder.path().join("out.mir")).unwrap();
    let mut found = Vec::new();
    bodies::each(BufReader::new(text), &mut |body| {
        found.push(body.to_owned());
    })
    .unwrap();
    found
}
