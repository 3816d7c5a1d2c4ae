//! The page that a plugin writes with `--html`, as a file.

use std::fs;

use assert_cmd::Command;
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use crate::Project;

/// Lets a call of a plugin write its page.
pub fn written(project: &Project, mut call: Command) -> Utf8PathBuf {
    let page = project.temporary.join("page.html");
    let output = call.args(["--html", page.as_str()]).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert!(stderr.contains(&format!("Wrote {page}")), "{stderr}");
    page
}

/// The data that a page carries.
pub fn data(page: &Utf8Path) -> Value {
    let html = fs::read_to_string(page).unwrap();
    let (_, rest) = html.split_once("type=\"application/json\">").unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}
