//! What `ide` promises, tested.

use super::*;

fn observed(files: &[(&str, &str)], env: &[(&str, &str)]) -> Vec<IdeSetting> {
    let dir = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(dir.path()).unwrap();
    for (path, text) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let env = env
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    observe(root, &env)
}

fn variable(text: &str) -> Variable {
    let (name, value) = text.split_once('=').unwrap();
    Variable {
        name: name.into(),
        value: value.into(),
    }
}

fn setting(path: &str, own_target_dir: bool, differing: &[&str]) -> IdeSetting {
    IdeSetting {
        path: path.into(),
        ide: "rust-analyzer".into(),
        own_target_dir,
        differing: differing.iter().map(|text| variable(text)).collect(),
    }
}

#[test]
fn vs_code_with_comments_and_trailing_commas() {
    let text = r#"{
        // keep apart
        "editor.tabSize": 4,
        "rust-analyzer.cargo.extraEnv": { "RUSTFLAGS": "--cfg ide", "RUST_LOG": "x" }, /* and */
        "rust-analyzer.check.extraEnv": { "PORT": 3 },
        "rust-analyzer.cargo.features": ["a", "b"],
    }"#;
    assert_eq!(
        observed(&[(".vscode/settings.json", text)], &[("PORT", "3")]),
        [setting(
            ".vscode/settings.json",
            false,
            &["RUSTFLAGS=--cfg ide"]
        )]
    );
}

#[test]
fn each_way_to_a_target_directory_of_its_own() {
    for text in [
        r#"{ "rust-analyzer.cargo.targetDir": true }"#,
        r#"{ "rust-analyzer.cargo.targetDir": "target/ide" }"#,
        r#"{ "rust-analyzer.rust.analyzerTargetDir": true }"#,
        r#"{ "rust-analyzer.cargo.extraEnv": { "CARGO_TARGET_DIR": "x" } }"#,
        r#"{ "rust-analyzer.server.extraEnv": { "CARGO_TARGET_DIR": "x" } }"#,
        r#"{ "rust-analyzer.check.extraArgs": ["--target-dir=x"] }"#,
    ] {
        let found = observed(&[(".vscode/settings.json", text)], &[]);
        assert_eq!(
            found,
            [setting(".vscode/settings.json", true, &[])],
            "{text}"
        );
    }
    for text in [
        r#"{ "rust-analyzer.cargo.targetDir": null }"#,
        r#"{ "rust-analyzer.cargo.targetDir": false, "rust-analyzer.cargo.features": [] }"#,
    ] {
        let found = observed(&[(".vscode/settings.json", text)], &[]);
        assert_eq!(
            found,
            [setting(".vscode/settings.json", false, &[])],
            "{text}"
        );
    }
}

#[test]
fn zed_and_helix_nest_the_same_settings() {
    let zed = r#"{ "lsp": { "rust-analyzer": { "initialization_options": {
        "check": { "extraArgs": ["--release"] } }, "binary": { "env": { "RUSTC": "y" } } } } }"#;
    let helix = "[language-server.rust-analyzer]\nenvironment = { \"RUSTFLAGS\" = \"-g\" }\n\
                 [language-server.rust-analyzer.config]\ncargo.targetDir = true\n";
    assert_eq!(
        observed(
            &[
                (".zed/settings.json", zed),
                (".helix/languages.toml", helix)
            ],
            &[]
        ),
        [
            setting(".zed/settings.json", false, &["RUSTC=y"]),
            setting(".helix/languages.toml", true, &["RUSTFLAGS=-g"]),
        ]
    );
}

#[test]
fn the_projects_own_file_counts_for_every_editor() {
    let found = observed(
        &[
            ("rust-analyzer.toml", "cargo.targetDir = true\n"),
            (
                ".vscode/settings.json",
                r#"{ "rust-analyzer.cargo.allFeatures": true }"#,
            ),
        ],
        &[],
    );
    assert_eq!(
        found,
        [
            setting(".vscode/settings.json", true, &[]),
            setting("rust-analyzer.toml", true, &[]),
        ]
    );
}

#[test]
fn rustrovers_run_configurations() {
    let xml = r#"<component name="ProjectRunConfigurationManager">
      <configuration name="Run" type="CargoCommandRunConfiguration" factoryName="Cargo Command">
        <envs><env name="RUSTFLAGS" value="-Ctarget-cpu=native &quot;x&quot;" /><env name="APP_ENV" value="dev" /></envs>
      </configuration></component>"#;
    let found = observed(
        &[
            (".idea/runConfigurations/run.xml", xml),
            (
                ".idea/runConfigurations/npm.xml",
                "<configuration type=\"js\"/>",
            ),
        ],
        &[],
    );
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].ide, "RustRover");
    assert_eq!(
        found[0].differing,
        [variable("RUSTFLAGS=-Ctarget-cpu=native \"x\"")]
    );
    assert!(!found[0].own_target_dir);
}

#[test]
fn what_is_broken_or_unrelated_is_passed_over() {
    let files = [
        (".vscode/settings.json", "{ \"rust-analyzer"),
        (".zed/settings.json", "[]"),
        (".helix/languages.toml", "[["),
        ("rust-analyzer.toml", ""),
    ];
    assert_eq!(observed(&files, &[]), []);
    assert_eq!(
        observed(&[(".vscode/settings.json", "{ \"a\": 1 }")], &[]),
        []
    );
}
