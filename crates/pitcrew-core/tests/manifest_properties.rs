//! What must hold of every change of every manifest: nothing else moves, and it can be taken back.

use std::fs;

use camino::Utf8Path;
use pitcrew_core::fix::{self, Edit};
use pitcrew_core::journal::Journal;
use pitcrew_core::manifest::{self, ManifestError, TomlChange, change, locate, lookup};
use pitcrew_core::plan::Plan;
use proptest::prelude::*;
use proptest::sample::select;

/// A manifest as people write them: comments everywhere, odd spacing, all notations of tables.
fn a_manifest() -> impl Strategy<Value = String> {
    let block = prop_oneof![
        Just(String::new()),
        Just("# a comment = 1\n\n".to_owned()),
        Just("[[bin]]  # bin\nname = 'b' # name\n  path = \"p\"\n".to_owned()),
        Just("[dependencies]\nserde = { version = \"1\", features = [ 'derive' ] }\n\n\n".to_owned()),
        Just("[package.metadata.\"x y\"]\ntext = \"\"\"\n# not a comment\n[not.a.table]\n\"\"\"\n".to_owned()),
        Just("[target.'cfg(unix)'.dependencies] # only there\nlibc = \"0.2\" # c\n".to_owned()),
        Just("[build]\nrustflags = [ # all\n    \"-a\", # first\n\n  # second\n    \"-b\"\n  , \"-c\" ]\n".to_owned()),
        Just("[build]\nrustflags = \"-a -b\"# words\n".to_owned()),
    ];
    (
        select(vec!["", "\u{feff}"]),
        select(vec!["", "# licence\n\n", "# licence\n", "\n\n"]),
        select(vec!["", "cargo-features = []\n", "name='x' # n\n"]),
        a_profile(),
        proptest::collection::vec(block, 0..4),
        any::<prop::sample::Index>(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(mark, top, root, profile, mut blocks, at, crlf, cut)| {
            let (keys, tables) = profile;
            blocks.sort();
            blocks.dedup_by(|a, b| a.split('\n').next() == b.split('\n').next());
            blocks.insert(at.index(blocks.len() + 1), tables);
            let mut text = format!("{top}{root}{keys}{}", blocks.concat());
            if cut {
                text.truncate(text.trim_end().len());
            }
            if crlf {
                text = text.replace('\n', "\r\n");
            }
            format!("{mark}{text}")
        })
        .prop_filter("must be TOML", |text| {
            manifest::parse_error(Utf8Path::new("x"), text).is_none()
        })
}

/// `profile` in each of the ways it can be written: keys of the root, and tables.
fn a_profile() -> impl Strategy<Value = (String, String)> {
    let pair = |keys: &str, tables: &str| (keys.to_owned(), tables.to_owned());
    select(vec![
        pair("", ""),
        pair(
            "profile.dev.debug = 1 # d\nx = 1\n  profile . dev . lto=false\n",
            "",
        ),
        pair("profile.dev = { debug = true, lto = 'off' } # p\n", ""),
        pair(
            "profile = { dev.debug = 1, release = { lto = true } }\n",
            "",
        ),
        pair("profile = {}\n", ""),
        pair(
            "profile.dev = {\n\tdebug = 1, # d\n\t# l\n\tlto = false # l\n}\n",
            "",
        ),
        pair("", "[profile]\ndev.debug = 2\nrelease.lto=true # r\n\n"),
        pair("", "[profile.dev] # h\n# above\ndebug   =   0# d\n\n\n"),
        pair(
            "",
            "# block\n[ profile . dev ]\nlto = \"off\"\n# end\n\n[profile.dev.package.\"*\"]\nopt-level = 1\n",
        ),
        pair(
            "",
            "[profile.dev.package.\"*\"]\nopt-level = 1 # one\n[profile.release]\nlto = true\n",
        ),
        pair(
            "",
            "\t[profile.dev]\n\tdebug = [\n\t1, # one\n\t]\n[profile.dev.build-override]\n",
        ),
        pair(
            "",
            "[profile.dev]\ndebug = 0\n[profile.release]\n\n\n[profile.bench]\n# empty\n",
        ),
    ])
}

fn a_change() -> impl Strategy<Value = TomlChange> {
    let tables = select(vec![
        ("profile.dev.debug", "\"line-tables-only\""),
        ("profile.dev.debug", "0"),
        ("profile.dev.lto", "false"),
        ("profile.dev.package.*.opt-level", "1"),
        ("profile.dev.package.*.debug", "false"),
        ("profile.release.lto", "\"thin\""),
        ("profile.dev.build-override.opt-level", "3"),
        ("build.rustflags", "[\"-a\", \"-x\", \"-c\"]"),
        ("build.rustflags", "[]"),
        ("build.rustc-wrapper", "'sccache'"),
        ("target.x86_64-unknown-linux-gnu.linker", "\"clang\""),
        ("dependencies.serde.features", "['derive', 'rc']"),
        ("resolver", "\"3\""),
        ("bin.name", "1"),
    ]);
    (tables, 0..4u8).prop_map(|((key, value), kind)| TomlChange {
        key: key.split('.').map(str::to_owned).collect(),
        value: (kind > 0).then(|| value.to_owned()),
        append: kind == 1 && value.starts_with('['),
    })
}

fn try_change(text: &str, change: &TomlChange) -> Option<String> {
    match manifest::change(text, std::slice::from_ref(change)) {
        Ok(changed) => Some(changed),
        // What the generated manifests make impossible; anything else is a defect.
        Err(
            ManifestError::NotATable { .. }
            | ManifestError::IsATable { .. }
            | ManifestError::NotAnArray { .. },
        ) => None,
        Err(error) => panic!("{error}\n{change:?}\n{text}"),
    }
}

fn key_of(change: &TomlChange) -> Vec<&str> {
    change.key.iter().map(String::as_str).collect()
}

/// The lines that hold the key and its value, or the braces that it goes into.
fn lines_of_key(text: &str, change: &TomlChange) -> std::ops::Range<usize> {
    let key = key_of(change);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let in_braces = (1..key.len()).find_map(|length| {
        let (line, _) = locate(text, &key[..length])?;
        let shown = lines[line as usize - 1].trim_start_matches(['\u{feff}', ' ', '\t']);
        (!shown.starts_with('[') && shown.contains('{')).then_some(line)
    });
    let Some(line) = in_braces.or_else(|| Some(locate(text, &key)?.0)) else {
        return 0..0;
    };
    let first = line as usize - 1;
    // A value ends where the text up to there is TOML for the first time.
    let end = (first + 1..=lines.len()).find(|end| {
        let text = lines[..*end].concat();
        manifest::parse_error(Utf8Path::new("x"), &text).is_none()
    });
    first..end.unwrap_or(lines.len())
}

fn assert_in_order(wanted: &[&str], text: &str) -> Result<(), TestCaseError> {
    let mut lines = text.lines();
    for wanted in wanted {
        prop_assert!(
            lines.any(|line| line == *wanted),
            "the line {wanted:?} is lost in\n{text}"
        );
    }
    Ok(())
}

/// The comments of the generated manifests; what only looks like one stands in a string.
fn comments(text: &str) -> Vec<&str> {
    let comments = text
        .lines()
        .filter_map(|line| Some(line[line.find('#')?..].trim_end()));
    comments
        .filter(|comment| *comment != "# not a comment")
        .collect()
}

/// A failure prints its case; a file with its seed would say less.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(512))]

    #[test]
    fn every_other_line_survives_in_its_place(text in a_manifest(), change in a_change()) {
        let Some(changed) = try_change(&text, &change) else { return Ok(()) };
        let own = lines_of_key(&text, &change);
        let is_removal = change.value.is_none();
        let others: Vec<&str> = text
            .trim_start_matches('\u{feff}')
            .lines()
            .enumerate()
            .filter(|(number, _)| !own.contains(number))
            .map(|(_, line)| line)
            // A header goes with its last key, and the blank lines that set it off.
            .filter(|line| !is_removal || !(line.is_empty() || line.trim_start().starts_with('[')))
            .collect();
        assert_in_order(&others, changed.trim_start_matches('\u{feff}'))?;
        if text.contains("\r\n") {
            prop_assert!(changed.split_inclusive('\n').all(|line| {
                !line.ends_with('\n') || line.ends_with("\r\n")
            }), "{changed:?}");
        } else {
            prop_assert!(!changed.contains('\r'));
        }
        prop_assert_eq!(text.starts_with('\u{feff}'), changed.starts_with('\u{feff}'));
        if ![text.as_str(), &changed].iter().any(|text| text.trim_start_matches('\u{feff}').is_empty()) {
            prop_assert_eq!(text.ends_with('\n'), changed.ends_with('\n'), "{:?}", changed);
        }
    }

    #[test]
    fn every_comment_survives(text in a_manifest(), change in a_change()) {
        let Some(changed) = try_change(&text, &change) else { return Ok(()) };
        let (mut before, mut after) = (comments(&text), comments(&changed));
        before.sort_unstable();
        after.sort_unstable();
        prop_assert_eq!(before, after, "{}", changed);
    }

    #[test]
    fn the_result_holds_the_value_and_a_second_time_changes_nothing(
        text in a_manifest(),
        change in a_change(),
    ) {
        let Some(changed) = try_change(&text, &change) else { return Ok(()) };
        let found = lookup(&changed, &key_of(&change));
        match &change.value {
            Some(value) if !change.append => {
                let wanted = lookup(&format!("v = {value}"), &["v"]);
                prop_assert_eq!(found, wanted, "{}", changed);
            }
            Some(_) => prop_assert!(found.is_some_and(|value| value.is_array())),
            None => prop_assert_eq!(found, None),
        }
        let again = try_change(&changed, &change);
        prop_assert_eq!(again.as_deref(), Some(changed.as_str()));
    }

    #[test]
    fn the_inverse_edit_is_the_way_back(text in a_manifest(), change in a_change()) {
        let Some(changed) = try_change(&text, &change) else { return Ok(()) };
        let back: Vec<Edit> = Edit::between("f", &changed, &text).into_iter().collect();
        prop_assert_eq!(fix::apply(&changed, &back).unwrap(), text);
    }

    #[test]
    fn any_text_and_any_key_are_survived(text in ".*", key in proptest::collection::vec(".*", 0..4)) {
        survives(&text, &key);
    }

    #[test]
    fn any_mixture_of_toml_is_survived(
        parts in proptest::collection::vec(select(vec![
            "[", "]", "[[", "]]", "a", ".", "=", "1", "\"", "'", "\"\"\"", "'''", "{", "}", ",",
            "#", "\n", "\r\n", " ", "\t", "b", "\u{feff}", "\\", "é", "\r", "true", "-", "\0",
        ]), 0..24),
        key in proptest::collection::vec(select(vec!["a", "b", "1", ""]), 0..4),
    ) {
        let key: Vec<String> = key.into_iter().map(str::to_owned).collect();
        survives(&parts.concat(), &key);
    }
}

proptest! {
    // Each case writes to disk.
    #![proptest_config(config(24))]

    #[test]
    fn an_applied_change_is_undone_byte_for_byte(text in a_manifest(), change in a_change()) {
        let Some(changed) = try_change(&text, &change) else { return Ok(()) };
        let directory = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(directory.path()).unwrap();
        let (home, path) = (root.join("home"), root.join("Cargo.toml"));
        fs::write(&path, &text).unwrap();
        let mut plan = Plan::default();
        plan.add(path.clone(), Some(text.clone().into_bytes()), changed.clone());
        let journal = Journal::open(&home, root).unwrap();
        journal.apply("t", &plan).unwrap();
        prop_assert_eq!(fs::read_to_string(&path).unwrap(), changed);
        if !plan.is_empty() {
            journal.undo("t").unwrap();
        }
        prop_assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

fn survives(text: &str, key: &[String]) {
    let names: Vec<&str> = key.iter().map(String::as_str).collect();
    let is_toml = manifest::parse_error(Utf8Path::new("f"), text).is_none();
    let found = locate(text, &names);
    assert!(is_toml || found.is_none());
    if let Some((line, column)) = found {
        assert!(line >= 1 && column >= 1);
    }
    for value in [Some("1"), Some("[1]"), Some("{ a = 1 }"), None] {
        let one = TomlChange {
            key: key.to_vec(),
            value: value.map(str::to_owned),
            append: false,
        };
        let Ok(changed) = change(text, &[one]) else {
            continue;
        };
        assert!(is_toml);
        assert!(manifest::parse_error(Utf8Path::new("f"), &changed).is_none());
    }
}
