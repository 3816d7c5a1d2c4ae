//! What `manifest` promises, tested.

use super::*;

mod removal;

fn set(text: &str, key: &[&str], value: &str) -> Result<String, ManifestError> {
    one(text, key, Some(value), false)
}

fn append(text: &str, key: &[&str], value: &str) -> Result<String, ManifestError> {
    one(text, key, Some(value), true)
}

fn remove(text: &str, key: &[&str]) -> Result<String, ManifestError> {
    one(text, key, None, false)
}

fn one(
    text: &str,
    key: &[&str],
    value: Option<&str>,
    append: bool,
) -> Result<String, ManifestError> {
    let change = TomlChange {
        key: key.iter().map(|&part| part.to_owned()).collect(),
        value: value.map(str::to_owned),
        append,
    };
    super::change(text, &[change])
}

const DEBUG: &[&str] = &["profile", "dev", "debug"];

#[track_caller]
fn sets(text: &str, key: &[&str], value: &str, expected: &str) {
    assert_eq!(set(text, key, value).as_deref(), Ok(expected), "{text}");
    assert_eq!(set(expected, key, value).as_deref(), Ok(expected), "twice");
}

#[test]
fn a_replaced_value_keeps_its_surroundings() {
    sets(
        "[profile.dev]\n  debug   =  true   # why\nx = 1\n",
        DEBUG,
        "0",
        "[profile.dev]\n  debug   =  0   # why\nx = 1\n",
    );
    sets(
        "\u{feff}[profile.dev]\r\ndebug = true # why\r\n",
        DEBUG,
        "\"none\"",
        "\u{feff}[profile.dev]\r\ndebug = \"none\" # why\r\n",
    );
    sets(
        "profile = { dev = { debug = 1, lto = false } } # p\n",
        DEBUG,
        "2",
        "profile = { dev = { debug = 2, lto = false } } # p\n",
    );
    sets(
        "profile.dev.debug = 1\nname = 'x'\nprofile.dev.lto = 'off'",
        DEBUG,
        "2",
        "profile.dev.debug = 2\nname = 'x'\nprofile.dev.lto = 'off'",
    );
}

#[test]
fn an_equal_value_changes_nothing_however_it_is_written() {
    for (text, value) in [
        ("[profile.dev]\ndebug = 0x10\r\n", "16"),
        ("profile.dev = { debug = 'x'}", "\"x\""),
        ("[profile]\ndev.debug = [1,\n 2 , # c\n]", "[1, 2]"),
        ("[profile]\ndev.debug = { b=1,a=2 }", "{ a = 2, b = 1 }"),
        ("[profile.dev.debug]\na = 2 # c\nb = 1", "{ a = 2, b = 1 }"),
    ] {
        assert_eq!(set(text, DEBUG, value).as_deref(), Ok(text));
    }
}

#[test]
fn a_new_key_goes_behind_the_last_of_its_table() {
    sets(
        "[profile.dev]\n  lto = false # why\n\n# next\n[lib]\n",
        DEBUG,
        "0",
        "[profile.dev]\n  lto = false # why\n  debug = 0\n\n# next\n[lib]\n",
    );
    sets(
        "[profile.dev] # empty\r\n\r\n[lib]",
        DEBUG,
        "0",
        "[profile.dev] # empty\r\ndebug = 0\r\n\r\n[lib]",
    );
    sets(
        "[profile.dev]\nlto = '''\n[x]\n# no comment\n'''",
        DEBUG,
        "0",
        "[profile.dev]\nlto = '''\n[x]\n# no comment\n'''\ndebug = 0",
    );
    sets("[profile.dev]", DEBUG, "0", "[profile.dev]\ndebug = 0");
}

#[test]
fn a_new_table_stands_at_the_end_or_beside_its_kin() {
    sets("", DEBUG, "0", "[profile.dev]\ndebug = 0\n");
    sets("\n", DEBUG, "0", "\n[profile.dev]\ndebug = 0\n");
    sets(
        "[package]\nname = \"x\"\n# end\n",
        DEBUG,
        "0",
        "[package]\nname = \"x\"\n# end\n\n[profile.dev]\ndebug = 0\n",
    );
    sets(
        "[package]\r\nname = \"x\"",
        DEBUG,
        "0",
        "[package]\r\nname = \"x\"\r\n\r\n[profile.dev]\r\ndebug = 0",
    );
    sets(
        "[profile.release]\nlto = true\n\n# old = 1\n\n# deps\n[dependencies]\n",
        DEBUG,
        "0",
        "[profile.release]\nlto = true\n\n# old = 1\n\n[profile.dev]\ndebug = 0\n\n# deps\n[dependencies]\n",
    );
    sets(
        "[profile.dev]\nlto = false\n[profile.release]\nlto = true\n",
        &["profile", "dev", "package", "*", "debug"],
        "0",
        "[profile.dev]\nlto = false\n\n[profile.dev.package.\"*\"]\ndebug = 0\n\n[profile.release]\nlto = true\n",
    );
    sets(
        "# all\n[profile.dev.package.\"*\"]\nopt-level = 2\n",
        DEBUG,
        "0",
        "[profile.dev]\ndebug = 0\n\n# all\n[profile.dev.package.\"*\"]\nopt-level = 2\n",
    );
    sets(
        "[profile]\n",
        DEBUG,
        "0",
        "[profile]\n\n[profile.dev]\ndebug = 0\n",
    );
}

#[test]
fn a_new_key_of_the_root_stands_before_all_tables() {
    sets("a = 1\n[x]\n", &["b"], "2", "a = 1\nb = 2\n[x]\n");
    sets(
        "# licence\n\n# x\n[x]\n",
        &["b"],
        "2",
        "# licence\n\nb = 2\n\n# x\n[x]\n",
    );
    sets("# only\n", &["b"], "2", "# only\n\nb = 2\n");
    sets("", &["a b"], "2", "\"a b\" = 2\n");
}

#[test]
fn dotted_keys_beget_dotted_keys() {
    sets(
        "profile.dev.lto = false\nx = 1\nprofile.dev.strip = true # s\n[lib]\n",
        DEBUG,
        "0",
        "profile.dev.lto = false\nx = 1\nprofile.dev.strip = true # s\nprofile.dev.debug = 0\n[lib]\n",
    );
    sets(
        "[profile]\nrelease.lto = true\n",
        &["profile", "release", "package", "*", "debug"],
        "0",
        "[profile]\nrelease.lto = true\nrelease.package.\"*\".debug = 0\n",
    );
    sets(
        "profile = { dev.lto = true, release.lto = false }",
        DEBUG,
        "0",
        "profile = { dev.lto = true, release.lto = false, dev.debug = 0 }",
    );
}

#[test]
fn inline_tables_grow_in_place() {
    sets(
        "profile = {}",
        DEBUG,
        "0",
        "profile = { dev = { debug = 0 } }",
    );
    sets(
        "profile = { dev = {lto=false} } # c\n",
        DEBUG,
        "0",
        "profile = { dev = {lto=false, debug = 0} } # c\n",
    );
    // TOML 1.1: several lines, comments and a comma behind the last entry.
    sets(
        "profile.dev = {\n  lto = false, # a\n  # b\n}\n",
        DEBUG,
        "0",
        "profile.dev = {\n  lto = false, # a\n  debug = 0,\n  # b\n}\n",
    );
    sets(
        "profile.dev = {\n  lto = false # a\n}\n",
        DEBUG,
        "0",
        "profile.dev = {\n  lto = false, # a\n  debug = 0\n}\n",
    );
    sets(
        "profile.dev = {\n  lto = false\n}\n",
        DEBUG,
        "0",
        "profile.dev = {\n  lto = false,\n  debug = 0\n}\n",
    );
}

const FLAGS: &[&str] = &["build", "rustflags"];

#[test]
fn arrays_change_element_by_element() {
    sets(
        "[build]\nrustflags = [\n  \"-a\", # a\n  # b\n  \"-b\",\n  \"-c\", # c\n]\n",
        FLAGS,
        "[\"-a\", \"-x\", \"-c\", \"-d\"]",
        "[build]\nrustflags = [\n  \"-a\", # a\n  # b\n  \"-x\",\n  \"-c\", # c\n  \"-d\",\n]\n",
    );
    sets(
        "build.rustflags = [ 1, 2, 3 ]\n",
        FLAGS,
        "[1, 3]",
        "build.rustflags = [ 1, 3 ]\n",
    );
    sets(
        "build.rustflags = [1, 2, 3]\n",
        FLAGS,
        "[]",
        "build.rustflags = []\n",
    );
    sets(
        "build.rustflags = [\n  1, # one\n  2 # two\n]\n",
        FLAGS,
        "[1]",
        "build.rustflags = [\n  1 # one\n  # two\n]\n",
    );
    sets(
        "build.rustflags = [ # none\n]\n",
        FLAGS,
        "[1]",
        "build.rustflags = [1,  # none\n]\n",
    );
    sets(
        "[build]\nrustflags = [ # a\n  1, # b\n]\n",
        FLAGS,
        "\"x\"",
        "[build]\n# a\n# b\nrustflags = \"x\"\n",
    );
}

#[test]
fn appending_keeps_what_is_there_and_happens_once() {
    for (text, expected) in [
        (
            "[build]\nrustflags = [\"-a\"] # c\n",
            "[build]\nrustflags = [\"-a\", \"-C\", \"x\"] # c\n",
        ),
        (
            "[build]\r\nrustflags = [\r\n    \"-a\",\r\n]\r\n",
            "[build]\r\nrustflags = [\r\n    \"-a\",\r\n    \"-C\", \"x\",\r\n]\r\n",
        ),
        (
            "[build]\nrustflags = \"-a  -b\"\n",
            "[build]\nrustflags = [\"-a\", \"-b\", \"-C\", \"x\"]\n",
        ),
        (
            "[build]\njobs = 2\n",
            "[build]\njobs = 2\nrustflags = [\"-C\", \"x\"]\n",
        ),
    ] {
        let value = "[\"-C\", \"x\"]";
        assert_eq!(append(text, FLAGS, value).as_deref(), Ok(expected));
        assert_eq!(append(expected, FLAGS, value).as_deref(), Ok(expected));
    }
    assert_eq!(
        append("[build]\nrustflags = 1\n", FLAGS, "[\"x\"]"),
        Err(ManifestError::NotAnArray {
            key: "build.rustflags".into(),
            line: 2
        })
    );
}

#[test]
fn what_cannot_be_done_is_said_with_its_place() {
    let error = set("\n[profile]\ndev = 1\n", DEBUG, "0").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`profile.dev` on line 3 is not a table, so nothing can be set in it"
    );
    let error = set("[[profile]]\n", DEBUG, "0").unwrap_err();
    assert!(
        matches!(error, ManifestError::NotATable { line: 1, .. }),
        "{error}"
    );
    let error = set("[profile.dev]\nx = 1\n", &["profile", "dev"], "0").unwrap_err();
    assert!(
        matches!(error, ManifestError::IsATable { line: 1, .. }),
        "{error}"
    );
    let error = set("x = \n", DEBUG, "0").unwrap_err();
    assert!(
        matches!(error, ManifestError::Syntax { line: 1, .. }),
        "{error}"
    );
    for value in ["", "x y", "[", "1 # c\n2"] {
        let error = set("", DEBUG, value).unwrap_err();
        assert!(matches!(error, ManifestError::BadValue { .. }), "{error}");
    }
    assert!(set("", &[], "1").is_err());
}

#[test]
fn values_are_looked_up_wherever_they_stand() {
    let text = "a.b = 1\n[c]\nd = { e = [1.5, 'x', true] }\n[[t]]\nu = 1979-05-27\n";
    assert_eq!(lookup(text, &["a", "b"]), Some(1.into()));
    assert_eq!(
        lookup(text, &["c", "d", "e"]),
        Some(serde_json::json!([1.5, "x", true]))
    );
    assert_eq!(
        lookup(text, &["t"]),
        Some(serde_json::json!([{ "u": "1979-05-27" }]))
    );
    for key in [&["x"][..], &["a", "b", "c"], &["t", "u"], &[]] {
        assert_eq!(lookup(text, key), None);
    }
    assert_eq!(lookup("a = ", &["a"]), None);
}

#[test]
fn keys_are_located_in_lines_and_characters() {
    let text = "\u{feff}# é\r\n[profile.dev]\r\n  debug = 1\r\n[profile.\"ü\".x]\r\ny = {'é' = 1, z = 2}\r\n";
    assert_eq!(locate(text, &["profile"]), Some((2, 2)));
    assert_eq!(locate(text, &["profile", "dev"]), Some((2, 10)));
    assert_eq!(locate(text, DEBUG), Some((3, 3)));
    assert_eq!(locate(text, &["profile", "ü", "x"]), Some((4, 14)));
    assert_eq!(locate("y = {a = \"é\", z = 2}", &["y", "z"]), Some((1, 15)));
    assert_eq!(locate(text, &["profile", "release"]), None);
    assert_eq!(locate("a = ", &["a"]), None);
    assert_eq!(locate(text, &[]), None);
}

#[test]
fn a_dotted_key_joins_dotted_keys() {
    sets(
        "[dev-dependencies]\na.workspace = true\n\n[features]\n",
        &["dev-dependencies", "b", "workspace"],
        "true",
        "[dev-dependencies]\na.workspace = true\nb.workspace = true\n\n[features]\n",
    );
}

#[test]
fn what_stands_at_a_key_is_told_as_it_is_written() {
    let text = "[dependencies]\na = { version = \"1\",  features = [ 'x' ] } # c\nb.workspace = true\n\
                b.features = [\"y\"]\n[dependencies.c]\nversion = '2'\npath = \"p\"\n";
    let written = |key| -> Vec<String> {
        let found = written(text, &["dependencies", key]);
        let shown = found
            .iter()
            .map(|(key, value)| format!("{} = {value}", key.join(".")));
        shown.collect()
    };
    assert_eq!(
        written("a"),
        [" = { version = \"1\",  features = [ 'x' ] }"]
    );
    assert_eq!(written("b"), ["workspace = true", "features = [\"y\"]"]);
    assert_eq!(written("c"), ["version = '2'", "path = \"p\""]);
    assert_eq!(written("d"), [""; 0]);
}

#[test]
fn a_table_of_dependencies_joins_the_others() {
    sets(
        "[dependencies]\na = \"1\"\n\n[features]\nf = []\n",
        &["dev-dependencies", "b"],
        "\"2\"",
        "[dependencies]\na = \"1\"\n\n[dev-dependencies]\nb = \"2\"\n\n[features]\nf = []\n",
    );
}
