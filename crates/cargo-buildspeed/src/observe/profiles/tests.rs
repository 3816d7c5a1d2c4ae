//! What `profiles` promises, tested.

use camino::Utf8PathBuf;
use pitcrew_core::config::ConfigValue;
use serde_json::{Value, json};

use super::*;
use crate::facts::IgnoredSetting;

fn from(manifest: &str) -> Profiles {
    resolve(manifest, &[], &EffectiveConfig::default())
}

fn config(values: &[(&str, Value)]) -> EffectiveConfig {
    let values = values.iter().map(|(key, value)| {
        let value = ConfigValue {
            value: value.clone(),
            origin: Origin::Cli,
            one_string: false,
        };
        ((*key).to_owned(), value)
    });
    EffectiveConfig {
        values: values.collect(),
        files: Vec::new(),
    }
}

fn ignored(key: &str, toml: &str, value: &str) -> IgnoredSetting {
    IgnoredSetting {
        key: key.into(),
        toml: toml.into(),
        value: value.into(),
    }
}

fn manifest_source(profile: &str, line: u32, column: u32) -> SettingSource {
    SettingSource::Manifest {
        profile: profile.into(),
        line,
        column,
    }
}

#[test]
fn an_empty_manifest_has_cargos_defaults() {
    let profiles = from("");
    let names: Vec<&str> = profiles.by_name.keys().map(String::as_str).collect();
    assert_eq!(names, ["bench", "dev", "release", "test"]);
    let dev = &profiles.by_name["dev"];
    assert_eq!(dev.value("opt-level"), "0");
    assert_eq!(dev.value("debug"), "2");
    assert_eq!(dev.value("strip"), "none");
    assert_eq!(dev.value("incremental"), "true");
    assert_eq!(dev.value("codegen-units"), "256");
    assert_eq!(dev.value("split-debuginfo"), "");
    assert!(!dev.is_set("debug"));
    let bench = &profiles.by_name["bench"];
    assert_eq!(bench.inherits.as_deref(), Some("release"));
    assert_eq!(bench.value("opt-level"), "3");
    assert_eq!(bench.value("incremental"), "false");
    assert_eq!(profiles.by_name["test"].inherits.as_deref(), Some("dev"));
}

#[test]
fn build_override_resets_what_cargo_resets_and_keeps_the_rest() {
    let profiles = from(
        "[profile.release]\ncodegen-units = 1\ndebug = true\noverflow-checks = true\n\
         [profile.release.build-override]\nopt-level = 3\n",
    );
    let over = &profiles.by_name["release"].build_override;
    assert_eq!(over["opt-level"].value, "3");
    assert_eq!(over["opt-level"].source, manifest_source("release", 6, 1));
    assert_eq!(over["codegen-units"].value, "256");
    assert_eq!(over["debug"].value, "0");
    assert_eq!(over["debug"].source, SettingSource::Default);
    assert_eq!(over["overflow-checks"].value, "true");
    assert!(!over.contains_key("lto"));
}

#[test]
fn inheritance_reaches_settings_overrides_and_packages() {
    let profiles = from(
        "[profile.dev]\ndebug = 1\n\
         [profile.dev.package.\"*\"]\nopt-level = 2\ndebug = false\n\
         [profile.dev.build-override]\nopt-level = 1\n\
         [profile.mine]\ninherits = \"test\"\n\
         [profile.mine.package.\"*\"]\nopt-level = \"s\"\n",
    );
    assert_eq!(profiles.by_name["test"].value("debug"), "1");
    let mine = &profiles.by_name["mine"];
    assert_eq!(mine.value("debug"), "1");
    assert_eq!(mine.settings["debug"].source, manifest_source("dev", 2, 1));
    assert_eq!(mine.inherits.as_deref(), Some("test"));
    assert_eq!(mine.build_override["opt-level"].value, "1");
    let all = &mine.packages["*"];
    assert_eq!(all["opt-level"].value, "s");
    assert_eq!(all["opt-level"].source, manifest_source("mine", 11, 1));
    assert_eq!(all["debug"].value, "0");
}

#[test]
fn configuration_wins_over_the_manifest_and_is_inherited() {
    let profiles = resolve(
        "[profile.dev]\ndebug = 1\n[profile.test]\ndebug = 2\n",
        &[],
        &config(&[
            ("profile.dev.debug", json!("line-tables-only")),
            ("profile.dev.package.\"*\".opt-level", json!(3)),
            ("profile.dev.build-override.opt-level", json!(2)),
            ("profile.lean.inherits", json!("release")),
            ("profile.lean.strip", json!(true)),
            ("profiles.dev.debug", json!(0)),
        ]),
    );
    let dev = &profiles.by_name["dev"];
    assert_eq!(dev.value("debug"), "line-tables-only");
    assert_eq!(
        dev.settings["debug"].source,
        SettingSource::Config(Origin::Cli)
    );
    assert_eq!(dev.packages["*"]["opt-level"].value, "3");
    assert_eq!(dev.build_override["opt-level"].value, "2");
    assert_eq!(profiles.by_name["test"].value("debug"), "2");
    assert_eq!(profiles.by_name["lean"].value("strip"), "symbols");
    assert_eq!(profiles.by_name["lean"].value("opt-level"), "3");
}

#[test]
fn nothing_to_debug_is_stripped_unless_said_otherwise() {
    assert_eq!(from("").by_name["release"].value("strip"), "debuginfo");
    assert!(!from("").by_name["release"].is_set("strip"));
    let strip = |manifest: &str| from(manifest).by_name["release"].value("strip").to_owned();
    assert_eq!(strip("[profile.release]\ndebug = 1\n"), "none");
    assert_eq!(strip("[profile.release]\nstrip = false\n"), "none");
    assert_eq!(strip("[profile.release.package.a]\ndebug = 1\n"), "none");
    let dev = from("[profile.dev]\ndebug = 0\n");
    assert_eq!(dev.by_name["dev"].value("strip"), "debuginfo");
}

#[test]
fn what_cargo_refuses_is_tolerated() {
    let profiles = from(
        "[profile.a]\ninherits = \"b\"\nlto = true\n[profile.b]\ninherits = \"a\"\n\
         [profile.c]\ninherits = \"nowhere\"\n[profile.d]\nstrip = true\n\
         [profile.e]\ninherits = 3\n[profile]\ndev = 7\n",
    );
    // A repeated table is a syntax error: the whole manifest is unknown, the built-ins remain.
    assert_eq!(profiles.by_name["dev"].value("debug"), "2");
    let profiles = from(
        "[profile.a]\ninherits = \"b\"\nlto = true\n[profile.b]\ninherits = \"a\"\n\
         [profile.c]\ninherits = \"nowhere\"\n[profile.d]\nstrip = true\n",
    );
    assert_eq!(profiles.by_name["a"].value("lto"), "fat");
    assert_eq!(profiles.by_name["b"].value("lto"), "fat");
    assert_eq!(profiles.by_name["c"].value("debug"), "2");
    assert_eq!(profiles.by_name["d"].value("strip"), "symbols");
}

#[test]
fn every_way_to_write_a_table_has_its_place() {
    let profiles = from(
        "profile.dev.debug = 0\n\
         profile.release = { lto = \"thin\", package = { a = { opt-level = 1 } } }\n",
    );
    let dev = &profiles.by_name["dev"].settings["debug"];
    assert_eq!(dev.source, manifest_source("dev", 1, 13));
    let release = &profiles.by_name["release"];
    assert_eq!(
        release.settings["lto"].source,
        manifest_source("release", 2, 21)
    );
    assert_eq!(
        release.packages["a"]["opt-level"].source,
        manifest_source("release", 2, 53)
    );
}

#[test]
fn incremental_is_overridden_for_all_profiles() {
    let with = |value: bool| {
        let profiles = resolve(
            "[profile.dev]\nincremental = true\n[profile.release]\nincremental = false\n",
            &[],
            &config(&[("build.incremental", json!(value))]),
        );
        profiles.by_name
    };
    assert_eq!(with(true)["release"].value("incremental"), "true");
    let off = with(false);
    assert_eq!(off["dev"].value("incremental"), "false");
    assert_eq!(off["dev"].build_override["incremental"].value, "false");
    assert_eq!(
        off["test"].settings["incremental"].source,
        SettingSource::Config(Origin::Cli)
    );
}

#[test]
fn profiles_of_members_are_ignored_ones() {
    let member = |path: &str, manifest: &str| Member {
        manifest_path: Utf8PathBuf::from(path),
        manifest: manifest.to_owned(),
        ..Member::default()
    };
    let members = [
        member("Cargo.toml", "[profile.dev]\ndebug = 0\n"),
        member(
            "a/Cargo.toml",
            "[package]\nname = \"a\"\n\n[profile.release]\nlto = true # fast\ndebug = \"full\"\n\
             [profile.dev.package.\"*\"]\nopt-level = 3\n",
        ),
        member("b/Cargo.toml", "[package]\nname = \"profiler\"\n"),
        member("c/Cargo.toml", "[profile\n"),
    ];
    let found = resolve("", &members, &EffectiveConfig::default()).ignored;
    assert_eq!(
        found,
        [
            IgnoredProfile {
                manifest_path: "a/Cargo.toml".into(),
                profile: "release".into(),
                line: 4,
                column: 1,
                settings: vec![
                    ignored("lto", "true", "fat"),
                    ignored("debug", "\"full\"", "2")
                ],
            },
            IgnoredProfile {
                manifest_path: "a/Cargo.toml".into(),
                profile: "dev".into(),
                line: 7,
                column: 10,
                settings: vec![ignored("package.\"*\".opt-level", "3", "3")],
            },
        ]
    );
}
