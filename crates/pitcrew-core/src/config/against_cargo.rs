//! Holds the loader to what cargo itself answers. `cargo config get` is unstable;
//! `RUSTC_BOOTSTRAP` lets the stable cargo answer too.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use super::tests::Fixture;
use super::*;

/// Everything cargo knows from files and `--config`, as leaves; the environment is not in it.
fn cargo_all(fixture: &Fixture, cwd: &str, cli: &[&str]) -> Option<BTreeMap<String, Value>> {
    let json = cargo_config(fixture, cwd, &[], cli, None)?;
    let mut leaves = BTreeMap::new();
    flatten(
        &serde_json::from_str(&json).unwrap(),
        &mut Vec::new(),
        &mut leaves,
    );
    Some(leaves)
}

/// None, and said why, where this cargo refuses the question.
fn cargo_config(
    fixture: &Fixture,
    cwd: &str,
    env: &[(&str, &str)],
    cli: &[&str],
    key: Option<&str>,
) -> Option<String> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let kept = [
            "PATH",
            "RUSTUP_HOME",
            "RUSTUP_TOOLCHAIN",
            "HOME",
            "LD_LIBRARY_PATH",
        ];
        if !kept.iter().any(|kept| name == *kept) {
            command.env_remove(name);
        }
    }
    command
        .current_dir(fixture.root.join(cwd))
        .env("CARGO_HOME", fixture.root.join("home"))
        .env("RUSTC_BOOTSTRAP", "1")
        .envs(env.iter().copied());
    for config in cli {
        command.args(["--config", config]);
    }
    command.args(["-Zunstable-options", "config", "get", "--format"]);
    match key {
        Some(key) => command.args(["json-value", key]),
        None => command.arg("json"),
    };
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        let refused = ["unstable", "-Z", "no such command"];
        assert!(
            refused.iter().any(|word| stderr.contains(word)),
            "cargo rejects the fixture: {stderr}"
        );
        eprintln!("this cargo does not answer `cargo config get`, nothing to compare: {stderr}");
        return None;
    }
    Some(String::from_utf8(output.stdout).unwrap())
}

fn flatten(value: &Value, at: &mut Vec<String>, leaves: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(table) => {
            for (name, value) in table {
                at.push(name.clone());
                flatten(value, at, leaves);
                at.pop();
            }
        }
        // Ours has no empty arrays, and flags as an array even where they are written as one string.
        Value::Array(items) if items.is_empty() => {}
        Value::String(text) if tree::is_flags(at) => {
            let words = text.split_whitespace().map(Value::from).collect();
            leaves.insert(key(at), words);
        }
        leaf => {
            leaves.insert(key(at), leaf.clone());
        }
    }
}

fn ours(fixture: &Fixture, cwd: &str, cli: &[&str]) -> BTreeMap<String, Value> {
    let config = fixture.load(cwd, &[], cli).unwrap();
    let values = config.values.into_iter();
    values.map(|(key, value)| (key, value.value)).collect()
}

#[track_caller]
fn assert_same(fixture: &Fixture, cwd: &str, cli: &[&str]) {
    if let Some(theirs) = cargo_all(fixture, cwd, cli) {
        assert_eq!(ours(fixture, cwd, cli), theirs);
        assert!(!theirs.is_empty(), "the fixture says nothing");
    }
}

fn layered() -> Fixture {
    Fixture::new(&[
        (
            "home/config.toml",
            "build.jobs = 1\nbuild.rustflags = ['-C', 'home']\nterm.color = 'never'\n\
             [target.'cfg(unix)']\nrustflags = '-C h'\n",
        ),
        (
            ".cargo/config.toml",
            "[build]\njobs = 2\nrustflags = ['-C', 'top']\n[alias]\nb = 'build'\nr = ['run', '-q']\n\
             [env]\nFOO = 'bar'\nBAZ = { value = 'x', relative = true }\n",
        ),
        (
            "a/.cargo/config",
            "build.rustflags = ['-C', 'legacy']\n[profile.dev.package.'*']\nopt-level = 1\n",
        ),
        (
            "a/.cargo/config.toml",
            "build.rustflags = ['-C', 'not read']\n",
        ),
        (
            "a/b/.cargo/config.toml",
            "build = { jobs = 3, \"target-dir\" = 'out' }\n\"profile\".'dev'.debug = 'limited'\n\
             [profile.dev.package.\"a.b\"]\nstrip = true\n[target.'cfg(unix)']\n\
             rustflags = '-C d'\n[[patch.list]]\nx = 1\n[empty]\nlist = []\n",
        ),
    ])
}

#[test]
fn layers_arrays_quoted_keys_and_the_old_name() {
    let fixture = layered();
    for cwd in ["", "a", "a/b"] {
        assert_same(&fixture, cwd, &[]);
    }
}

/// These fixtures share one key only: where two files share several, cargo 1.95 forgets which key it
/// is at and joins these arrays too, depending on the order of a hash map.
#[test]
fn commands_are_replaced_and_not_joined() {
    for key in [
        "target.'cfg(unix)'.runner",
        "doc.browser",
        "credential-alias.x",
    ] {
        let file = |command: &str| format!("{key} = ['{command}', 'arg']\n");
        let fixture = Fixture::new(&[
            ("home/config.toml", &file("home")),
            (".cargo/config.toml", &file("top")),
        ]);
        assert_same(&fixture, "", &[]);
        assert_same(&fixture, "", &[&file("cli")]);
    }
}

#[test]
fn a_home_on_the_way_up_is_read_once() {
    let fixture = Fixture::new(&[
        ("home/config.toml", "build.rustflags = ['one']\n"),
        ("w/x", ""),
    ]);
    std::fs::rename(fixture.root.join("home"), fixture.root.join(".cargo")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(fixture.root.join(".cargo"), fixture.root.join("home")).unwrap();
    assert_same(&fixture, "w", &[]);
}

#[test]
fn includes_nested_optional_and_overridden() {
    let fixture = Fixture::new(&[
        (
            ".cargo/config.toml",
            "include = ['one.toml', { path = '../shared/two.toml' }, \
             { path = 'gone.toml', optional = true }]\n\
             build.rustflags = ['own']\nterm.hyperlinks = true\n",
        ),
        (
            ".cargo/one.toml",
            "build.rustflags = ['one']\nbuild.jobs = 1\nterm.hyperlinks = false\nterm.unicode = true\n",
        ),
        (
            "shared/two.toml",
            "include = ['three.toml']\nbuild.rustflags = ['two']\nbuild.jobs = 2\n",
        ),
        (
            "shared/three.toml",
            "build.rustflags = ['three']\nnet.retry = 3\nbuild.jobs = 3\n",
        ),
        (
            "home/config.toml",
            "build.rustflags = ['home']\nbuild.jobs = 9\nnet.retry = 9\n",
        ),
    ]);
    assert_same(&fixture, "", &[]);
}

#[test]
fn command_line_arguments() {
    let fixture = layered();
    std::fs::write(
        fixture.root.join("a/extra.toml"),
        "include = ['more.toml']\nbuild.rustflags = ['extra']\nbuild.jobs = 7\n",
    )
    .unwrap();
    std::fs::write(
        fixture.root.join("a/more.toml"),
        "build.rustflags = ['more']\nnet.retry = 4\n",
    )
    .unwrap();
    for cli in [
        &["build.jobs=5"][..],
        &["build.jobs=5", "build.jobs=6"],
        &["extra.toml", "build.rustflags=['cli']"],
        &["build.rustflags=['cli']", "extra.toml"],
        &[
            "profile.dev.package.'*'.opt-level=3",
            "target.'cfg(unix)'.runner=['cli']",
        ],
        &["profile.dev.\"debug\"=\"none\""],
        &["include=['more.toml']"],
    ] {
        assert_same(&fixture, "a", cli);
    }
}

#[test]
fn environment_variables_key_by_key() {
    let fixture = layered();
    let triple = "x86_64-unknown-linux-gnu";
    let env = [
        ("CARGO_BUILD_JOBS", "8"),
        ("CARGO_BUILD_RUSTFLAGS", "-C env"),
        ("CARGO_BUILD_TARGET_DIR", "from-env"),
        ("CARGO_PROFILE_DEV_DEBUG", "line-tables-only"),
        ("CARGO_PROFILE_DEV_SPLIT_DEBUGINFO", "unpacked"),
        ("CARGO_PROFILE_DEV_DEBUG_ASSERTIONS", "false"),
        ("CARGO_PROFILE_DEV_BUILD_OVERRIDE_OPT_LEVEL", "3"),
        ("CARGO_PROFILE_RELEASE_LTO", "thin"),
        ("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER", "clang"),
        ("CARGO_ALIAS_R", "bench"),
        ("CARGO_TERM_COLOR", "always"),
        ("CARGO_NET_RETRY", "2"),
        ("CARGO_INSTALL_ROOT", ""),
    ];
    let keys = [
        "build.jobs",
        "build.rustflags",
        "build.target-dir",
        "profile.dev.debug",
        "profile.dev.split-debuginfo",
        "profile.dev.debug-assertions",
        "profile.dev.build-override.opt-level",
        "profile.release.lto",
        &format!("target.{triple}.linker"),
        "alias.r",
        "alias.b",
        "term.color",
        "net.retry",
        "install.root",
    ];
    for cli in [
        &[][..],
        &[
            "build.jobs=5",
            "build.rustflags=['cli']",
            "profile.release.lto='fat'",
        ],
    ] {
        let config = fixture.load("a/b", &env, cli).unwrap();
        for key in keys {
            let Some(json) = cargo_config(&fixture, "a/b", &env, cli, Some(key)) else {
                return;
            };
            let theirs: Value = serde_json::from_str(&json).unwrap();
            let mine = config.get(key).map(|value| &value.value);
            assert_eq!(mine, Some(&theirs), "{key} with {cli:?}");
        }
    }
}
