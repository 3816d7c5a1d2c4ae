//! Tools that a test drives and that whoever runs it may lack.

use camino::Utf8PathBuf;

/// The first of `names` that is on PATH; where none is, the test is to return, for it is skipped.
/// `how` is the command that brings it.
pub fn find_or_skip(names: &[&str], how: &str) -> Option<Utf8PathBuf> {
    let found = names.iter().find_map(|name| which::which(name).ok());
    let found = found.and_then(|path| Utf8PathBuf::from_path_buf(path).ok());
    if found.is_none() {
        skip_or_fail(names[0], how);
    }
    found
}

/// Says that a test is skipped for want of `tool`, and how to get it. Fails in CI, where everything
/// must run: a test that is skipped there would be missed by nobody.
#[expect(clippy::print_stderr, reason = "whoever runs the tests is to read it")]
pub fn skip_or_fail(tool: &str, how: &str) {
    let message = lacking(tool, how);
    let in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(!in_ci, "{message}");
    eprintln!("skipped: {message}");
}

fn lacking(tool: &str, how: &str) -> String {
    format!("this test needs {tool}, which is not on PATH; get it by `{how}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_that_is_there_is_found() {
        let names = ["no-such-program", "cargo"];
        let found = find_or_skip(&names, "rustup").unwrap();
        assert!(found.file_stem() == Some("cargo"), "{found}");
    }

    #[test]
    fn the_message_says_how_to_get_it() {
        let message = lacking("chromium", "apt-get install chromium");
        assert!(message.contains("`apt-get install chromium`"), "{message}");
    }
}
