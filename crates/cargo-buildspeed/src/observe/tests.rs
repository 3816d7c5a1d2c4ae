//! What `observe` promises, tested.

use camino::Utf8PathBuf;
use pitcrew_core::toolchain::{Channel, Host, Os};

use super::*;
use crate::facts::Duplicate;

fn world() -> World {
    World {
        goal: Goal::Edit,
        config: EffectiveConfig::default(),
        toolchain: Toolchain {
            rustc: "rustc 1.95.0".into(),
            release: (1, 95, 0),
            channel: Channel::Stable,
            host: Host {
                triple: "x86_64-unknown-linux-gnu".into(),
                os: Os::Linux,
            },
            cfg: Vec::new(),
            sysroot: "/none".into(),
            tools: BTreeMap::new(),
        },
        machine: Machine {
            cores: 2,
            memory_bytes: 0,
        },
        env: BTreeMap::from([
            ("RUSTFLAGS".to_owned(), "-g".to_owned()),
            ("HOME".to_owned(), "/home/me".to_owned()),
        ]),
        recording: None,
        rebuild: None,
        antivirus: Antivirus::None,
    }
}

fn tree(files: &[(&str, &str)]) -> (tempfile::TempDir, Utf8PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let root = Utf8PathBuf::from_path_buf(dir.path().canonicalize().unwrap()).unwrap();
    for (path, text) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    (dir, root)
}

fn package(name: &str, rest: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n{rest}")
}

#[test]
fn a_virtual_workspace_without_a_lockfile() {
    let a = package(
        "a",
        "[dependencies]\nb = { path = \"../b\" }\nserde = \"1\"\n",
    );
    let b = package(
        "b",
        "[profile.release]\nlto = true\n[lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n",
    );
    let (_dir, root) = tree(&[
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"a\", \"b\"]\n[profile.dev]\ndebug = 1\n",
        ),
        ("a/Cargo.toml", &a),
        ("a/src/main.rs", "fn main() {}\n#[test] fn t() {}"),
        ("b/Cargo.toml", &b),
        (
            "b/src/lib.rs",
            "//! ```\n//! b::f();\n//! ```\npub fn f() {}",
        ),
        ("b/tests/it.rs", "#[test] fn t() {}\n#[test] fn u() {}"),
        (
            ".vscode/settings.json",
            "{ \"rust-analyzer.cargo.targetDir\": true }",
        ),
    ]);
    let facts = without_build(&root, world()).unwrap();
    let workspace = &facts.workspace;
    assert!(workspace.is_virtual);
    assert_eq!((workspace.resolver, &workspace.resolver_key), (1, &None));
    assert_eq!(workspace.ide.len(), 1);
    assert_eq!(facts.env.keys().collect::<Vec<_>>(), ["RUSTFLAGS"]);
    assert_eq!(facts.profiles.by_name["dev"].value("debug"), "1");
    assert_eq!(facts.profiles.ignored[0].manifest_path, "b/Cargo.toml");
    let [a, b] = workspace.members.as_slice() else {
        panic!("{:?}", workspace.members);
    };
    assert_eq!(a.manifest_path, "a/Cargo.toml");
    assert_eq!((a.used_by_members, b.used_by_members), (false, true));
    assert_eq!(a.targets[0].test_functions, Some(1));
    let lib = b.targets.iter().find(|t| t.doctest).unwrap();
    assert_eq!(lib.doctest_blocks, Some(1));
    assert_eq!(lib.test_functions, Some(0));
    assert!(!lib.exports_symbols);
    let test = b.targets.iter().find(|t| t.kinds == ["test"]).unwrap();
    assert_eq!(test.src_path, "b/tests/it.rs");
    assert_eq!(test.test_functions, Some(2));
    assert!(!root.join("Cargo.lock").exists());
}

#[test]
fn duplicates_come_from_what_was_built_or_else_from_the_graph() {
    let first = package("same", "");
    let second = first.replace("0.1.0", "0.10.0");
    let root_manifest = package(
        "root",
        "[dependencies]\nold = { package = \"same\", path = \"one\" }\n\
         new = { package = \"same\", path = \"two\" }\n[workspace]\nexclude = [\"one\", \"two\"]\n",
    );
    let lock = "version = 4\n[[package]]\nname = \"root\"\nversion = \"0.1.0\"\n\
                dependencies = [\"same 0.1.0\", \"same 0.10.0\"]\n\
                [[package]]\nname = \"same\"\nversion = \"0.1.0\"\n\
                [[package]]\nname = \"same\"\nversion = \"0.10.0\"\n";
    let (_dir, root) = tree(&[
        ("Cargo.toml", &root_manifest),
        ("Cargo.lock", lock),
        ("src/lib.rs", ""),
        ("one/Cargo.toml", &first),
        ("one/src/lib.rs", ""),
        ("two/Cargo.toml", &second),
        ("two/src/lib.rs", ""),
    ]);
    let facts = without_build(&root, world()).unwrap();
    let expected = Duplicate {
        name: "same".into(),
        versions: vec!["0.1.0".into(), "0.10.0".into()],
    };
    assert_eq!(facts.workspace.duplicates, [expected]);
    assert_eq!(facts.workspace.resolver, 2);
    assert!(!facts.workspace.is_virtual);

    let recording: Recording = serde_json::from_value(serde_json::json!({
        "schema": 1, "created": 0, "command": "cargo build", "rustc": "", "profile": "dev",
        "key": "", "cores": 2, "jobs": 2, "memory_bytes": 0, "wall_s": 1.0, "target_bytes": null,
        "cache": null, "units": []
    }))
    .unwrap();
    let world = World {
        recording: Some(recording),
        ..world()
    };
    let facts = without_build(&root, world).unwrap();
    assert_eq!(facts.workspace.duplicates, []);
}

#[test]
fn unreadable_sources_are_unknown_and_a_missing_workspace_is_an_error() {
    let (_dir, root) = tree(&[("Cargo.toml", &package("a", "")), ("src/lib.rs", "")]);
    std::fs::write(root.join("src/lib.rs"), b"\xff").unwrap();
    let facts = without_build(&root, world()).unwrap();
    let lib = &facts.workspace.members[0].targets[0];
    assert_eq!((lib.doctest_blocks, lib.test_functions), (None, None));
    let error = without_build(&root.join("none"), world()).unwrap_err();
    assert!(error.to_string().contains("Cargo.toml"), "{error}");
}
