//! What `settings` promises, tested.

use super::*;
use serde_json::json;

static LINKER: RuleInfo = RuleInfo {
    id: "linker",
    summary: "",
    severity: Severity::Warning,
    docs: "",
};
static DEBUGINFO: RuleInfo = RuleInfo {
    id: "debuginfo",
    summary: "",
    severity: Severity::Warning,
    docs: "",
};

const KNOWN: Known<'_> = Known {
    plugin: "x",
    keys: &["goal", "budget"],
    rules: &[&LINKER, &DEBUGINFO],
};

/// Settings of a workspace of the package `app` in `crates/app`, from both `metadata` tables.
fn read_both(workspace: &Value, package: &Value, texts: &[(&str, &str)]) -> Result<Settings> {
    let id = "path+file:///w/crates/app#app@0.1.0";
    let metadata: Metadata = serde_json::from_value(json!({
        "version": 1,
        "workspace_root": "/w",
        "target_directory": "/w/target",
        "workspace_members": [id],
        "metadata": workspace,
        "packages": [{
            "name": "app", "version": "0.1.0", "id": id, "dependencies": [], "targets": [],
            "features": {}, "manifest_path": "/w/crates/app/Cargo.toml", "metadata": package,
        }],
    }))?;
    read(&metadata, &KNOWN, &|path| {
        let found = texts.iter().find(|(name, _)| path == *name)?;
        Some(found.1.to_owned())
    })
}

/// The settings that `[workspace.metadata.pitcrew.x]` says.
fn read_table(table: &Value) -> Result<Settings> {
    read_both(&json!({ "pitcrew": { "x": table } }), &Value::Null, &[])
}

fn refused(table: &Value) -> String {
    format!("{:#}", read_table(table).unwrap_err())
}

fn finding(rule: &RuleInfo, subject: &str, path: Option<&str>) -> Finding {
    Finding::new(rule, subject, "").at(path.map(|path| Location {
        path: path.into(),
        line: 1,
        column: 1,
    }))
}

#[test]
fn no_settings_are_empty_settings() {
    let settings = read_both(&Value::Null, &Value::Null, &[]).unwrap();
    assert_eq!(settings, Settings::default());
    let others = json!({ "pitcrew": { "other-plugin": { "anything": 1 } }, "docs": {} });
    let settings = read_both(&others, &Value::Null, &[]).unwrap();
    assert_eq!(settings, Settings::default());
}

#[test]
fn a_package_overrides_the_workspace() {
    let workspace = json!({ "pitcrew": { "x": { "goal": "edit", "budget": "10m" } } });
    let package = json!({ "pitcrew": { "x": { "goal": "size" } } });
    let settings = read_both(&workspace, &package, &[]).unwrap();
    assert_eq!(settings.value(None, "goal"), Some(&json!("edit")));
    assert_eq!(settings.value(Some("app"), "goal"), Some(&json!("size")));
    assert_eq!(settings.value(Some("app"), "budget"), Some(&json!("10m")));
    assert_eq!(settings.value(Some("other"), "nothing"), None);
}

#[test]
fn what_is_not_known_names_the_nearest() {
    insta::assert_snapshot!(refused(&json!({ "goall": 1 })), @r#"
    cannot read [workspace.metadata.pitcrew.x] of Cargo.toml: unknown key `goall`; did you mean `goal`?
    "#);
    insta::assert_snapshot!(refused(&json!({ "zzz": 1 })), @r#"
    cannot read [workspace.metadata.pitcrew.x] of Cargo.toml: unknown key `zzz`; known are `goal`, `budget`, `allow`
    "#);
    insta::assert_snapshot!(
        refused(&json!({ "allow": [{ "rule": "linkr", "reason": "r" }] })),
        @r#"
    cannot read [workspace.metadata.pitcrew.x] of Cargo.toml: entry 1 of `allow` cannot be used: there is no rule `linkr`; did you mean `linker`?
    "#
    );
    insta::assert_snapshot!(
        refused(&json!({ "allow": [{ "rule": "linker", "reson": "r" }] })),
        @r#"
    cannot read [workspace.metadata.pitcrew.x] of Cargo.toml: entry 1 of `allow` cannot be used: unknown key `reson`; did you mean `reason`?
    "#
    );
    let misspelt = json!({ "pitcrew": { "xy": {} } });
    let error = read_both(&misspelt, &Value::Null, &[]).unwrap_err();
    insta::assert_snapshot!(format!("{error:#}"), @r#"
    cannot read [workspace.metadata.pitcrew] of Cargo.toml: unknown plugin `xy`; did you mean `x`?
    "#);
}

#[test]
fn an_allow_needs_its_parts() {
    for (table, wanted) in [
        (json!({ "allow": "linker" }), "`allow` must be a list"),
        (json!({ "allow": ["linker"] }), "`allow` must be a list"),
        (
            json!({ "allow": [{ "reason": "r" }] }),
            "it names no `rule`",
        ),
        (
            json!({ "allow": [{ "rule": "linker" }] }),
            "needs a `reason`",
        ),
        (
            json!({ "allow": [{ "rule": "linker", "reason": " \n" }] }),
            "needs a `reason`",
        ),
        (
            json!({ "allow": [{ "rule": "linker", "reason": 1 }] }),
            "`reason` must be a string",
        ),
        (json!(1), "is not a table"),
    ] {
        let error = refused(&table);
        assert!(error.contains(wanted), "{error}");
        assert!(error.contains("Cargo.toml"), "{error}");
    }
}

#[test]
fn an_allow_silences_what_it_names_and_no_more() {
    let settings = read_table(&json!({ "allow": [
        { "rule": "linker", "subject": "mold", "reason": "r" },
        { "rule": "debuginfo", "reason": "r" },
    ] }))
    .unwrap();
    let findings = vec![
        finding(&LINKER, "mold", None),
        finding(&LINKER, "lld", None),
        finding(&DEBUGINFO, "a", None),
        finding(&DEBUGINFO, "b", None),
    ];
    let (kept, unused) = silence(findings, &settings, &|_| true);
    assert_eq!(kept, [finding(&LINKER, "lld", None)]);
    assert_eq!(unused, []);
}

#[test]
fn a_packages_allow_stays_in_its_package() {
    let package = json!({ "pitcrew": { "x": { "allow": [
        { "rule": "debuginfo", "reason": "r" },
    ] } } });
    let settings = read_both(&Value::Null, &package, &[]).unwrap();
    let elsewhere = [
        finding(&DEBUGINFO, "a", Some("Cargo.toml")),
        finding(&DEBUGINFO, "a", Some("crates/app2/Cargo.toml")),
        finding(&DEBUGINFO, "a", None),
    ];
    let mut findings = elsewhere.to_vec();
    findings.push(finding(&DEBUGINFO, "a", Some("crates/app/Cargo.toml")));
    let (kept, unused) = silence(findings, &settings, &|_| true);
    assert_eq!(kept, elsewhere);
    assert_eq!(unused, []);
}

#[test]
fn an_allow_that_silences_nothing_is_reported_where_it_stands() {
    let text = "[workspace.metadata.pitcrew.x]\nallow = [\n  { rule = \"linker\", reason = \"a\" },\n  \
                { rule = \"debuginfo\", subject = \"é\", reason = \"b\" },\n]\n";
    let table: Value = json!({ "pitcrew": { "x": { "allow": [
        { "rule": "linker", "reason": "a" },
        { "rule": "debuginfo", "subject": "é", "reason": "b" },
    ] } } });
    let settings = read_both(&table, &Value::Null, &[("Cargo.toml", text)]).unwrap();
    let findings = vec![finding(&LINKER, "mold", None)];
    let (kept, unused) = silence(findings.clone(), &settings, &|_| true);
    assert_eq!(kept, []);
    let [unused] = unused.as_slice() else {
        panic!("{unused:?}");
    };
    assert_eq!(unused.rule, UNUSED_ALLOW.id);
    assert_eq!(unused.subject, "debuginfo");
    let place = unused.location.as_ref().unwrap();
    assert_eq!(
        (place.path.as_str(), place.line, place.column),
        ("Cargo.toml", 4, 3)
    );
    let (_, unused) = silence(findings, &settings, &|rule| rule != "debuginfo");
    assert_eq!(unused, [], "its rule did not run");
}

#[test]
fn entries_written_as_tables_are_found_too() {
    let text = "[package]\nname = \"app\"\n\n[[package.metadata.pitcrew.x.allow]]\nrule = \"linker\"\n\
                reason = \"r\"\n";
    let table = json!({ "pitcrew": { "x": { "allow": [{ "rule": "linker", "reason": "r" }] } } });
    let texts = [("crates/app/Cargo.toml", text)];
    let settings = read_both(&Value::Null, &table, &texts).unwrap();
    let place = settings.allow[0].location.as_ref().unwrap();
    assert_eq!(
        (place.path.as_str(), place.line),
        ("crates/app/Cargo.toml", 4)
    );
}

#[test]
fn the_report_of_an_unused_allow_can_be_allowed() {
    let settings = read_table(&json!({ "allow": [
        { "rule": "linker", "reason": "only on Linux" },
        { "rule": "unused-allow", "subject": "linker", "reason": "only on Linux" },
    ] }))
    .unwrap();
    let (kept, unused) = silence(Vec::new(), &settings, &|_| true);
    assert_eq!((kept, unused), (Vec::new(), Vec::new()));
}
