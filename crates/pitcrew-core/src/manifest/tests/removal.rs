//! What goes with a key, and what stays.

use super::*;

#[track_caller]
fn removes(text: &str, key: &[&str], expected: &str) {
    assert_eq!(remove(text, key).as_deref(), Ok(expected), "{text}");
    assert_eq!(remove(expected, key).as_deref(), Ok(expected), "twice");
}

#[test]
fn a_removed_key_takes_its_line_and_an_empty_header() {
    removes(
        "[a]\nx = 1\n\n[profile.dev]\ndebug = 0\n\n[b]\ny = 1\n",
        DEBUG,
        "[a]\nx = 1\n\n[b]\ny = 1\n",
    );
    removes(
        "[a]\nx = 1\n\n[profile.dev]\ndebug = 0",
        DEBUG,
        "[a]\nx = 1",
    );
    removes("[profile.dev]\ndebug = 0\n", DEBUG, "");
    removes(
        "[profile.dev]\ndebug = 0\nlto = true\n",
        DEBUG,
        "[profile.dev]\nlto = true\n",
    );
    removes(
        "[profile.dev]\n\n[profile.dev.package.x]\ndebug = 0\n",
        &["profile", "dev", "package", "x", "debug"],
        "[profile.dev]\n",
    );
    removes("profile.dev.debug = 0\nx = 1\n", DEBUG, "x = 1\n");
    removes("[lib]\n", DEBUG, "[lib]\n");
}

#[test]
fn comments_survive_a_removal_and_keep_the_header() {
    removes(
        "[profile.dev]\n# why\ndebug = 0\n",
        DEBUG,
        "[profile.dev]\n# why\n",
    );
    removes(
        "[profile.dev]\r\ndebug = 0 # why\r\n",
        DEBUG,
        "[profile.dev]\r\n# why\r\n",
    );
    removes(
        "# fast\n[profile.dev]\ndebug = 0\n",
        DEBUG,
        "# fast\n[profile.dev]\n",
    );
    removes(
        "[build]\n  rustflags = [ # a\n  1, # b\n] # c\njobs = 1\n",
        FLAGS,
        "[build]\n  # a\n  # b\n  # c\njobs = 1\n",
    );
}

#[test]
fn entries_of_inline_tables_are_removed_in_place() {
    removes(
        "profile.dev = { debug = 0, lto = true }",
        DEBUG,
        "profile.dev = { lto = true }",
    );
    removes(
        "profile.dev = { lto = true, debug = 0 }",
        DEBUG,
        "profile.dev = { lto = true }",
    );
    removes(
        "x = 1\nprofile = { dev = { debug = 0 } }\n",
        DEBUG,
        "x = 1\n",
    );
    removes(
        "profile = { dev.debug = 0, dev.lto = true, release = {} }\n",
        &["profile", "dev"],
        "profile = { release = {} }\n",
    );
    removes(
        "profile.dev = {\n  debug = 0, # a\n  lto = true, # b\n}\n",
        DEBUG,
        "profile.dev = {\n  # a\n  lto = true, # b\n}\n",
    );
    removes(
        "profile.dev = {\n  lto = true,\n  debug = 0\n}\n",
        DEBUG,
        "profile.dev = {\n  lto = true\n}\n",
    );
}

#[test]
fn a_whole_table_goes_and_its_comments_stay() {
    removes(
        "[package]\nname = 'x'\n\n# fast\n[profile.dev] # h\ndebug = 0 # d\n\n[profile.dev.package.x]\nlto = {}\n\n[lib]\n",
        &["profile"],
        "[package]\nname = 'x'\n\n# fast\n# h\n# d\n\n[lib]\n",
    );
    let tables = "[[bin]]\nname = 'x'\n";
    assert_eq!(
        remove(tables, &["bin"]),
        Err(ManifestError::Unsupported { key: "bin".into() })
    );
}
