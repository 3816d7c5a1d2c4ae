//! What `config` promises, tested.

use serde_json::json;

use super::*;

/// Files in a directory of their own; `home` in it is cargo's home.
pub(super) struct Fixture {
    _dir: tempfile::TempDir,
    pub(super) root: Utf8PathBuf,
}

impl Fixture {
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(dir.path().canonicalize().unwrap()).unwrap();
        for (path, text) in files {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self { _dir: dir, root }
    }

    pub(super) fn load(
        &self,
        cwd: &str,
        env: &[(&str, &str)],
        cli: &[&str],
    ) -> Result<EffectiveConfig> {
        let cli: Vec<String> = cli.iter().map(|&arg| arg.to_owned()).collect();
        let home = self.root.join("home");
        load(&self.root.join(cwd), Some(&home), &map(env), &cli)
    }

    fn refusal(&self, cli: &[&str]) -> String {
        let error = self.load("", &[], cli).unwrap_err();
        format!("{error:#}").replace(self.root.as_str(), "ROOT")
    }
}

fn map(env: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
    env.iter().map(owned).collect()
}

fn env_origin(name: &str) -> Origin {
    Origin::Env {
        name: name.to_owned(),
    }
}

#[test]
fn a_value_tells_its_file_line_and_column() {
    let fixture = Fixture::new(&[(
        ".cargo/config.toml",
        "# head\r\n[profile.dev]\r\n  debug = 1\r\n[build]\r\nrustflags = [\r\n  '-Cx',\r\n]\r\n",
    )]);
    let config = fixture.load("", &[], &[]).unwrap();
    let path = fixture.root.join(".cargo/config.toml");
    let at = |line, column| Origin::File {
        path: path.clone(),
        line,
        column,
    };
    assert_eq!(config.get("profile.dev.debug").unwrap().origin, at(3, 3));
    assert_eq!(config.get("build.rustflags").unwrap().origin, at(5, 1));
    assert_eq!(config.files.as_slice(), std::slice::from_ref(&path));
}

#[test]
fn a_joined_array_has_the_origin_of_its_strongest_part() {
    let fixture = Fixture::new(&[
        (
            ".cargo/config.toml",
            "include = ['low.toml']\nbuild.rustflags = ['file']\n",
        ),
        (".cargo/low.toml", "build.rustflags = ['low']\n"),
        ("home/config.toml", "build.rustflags = 'home  flags'\n"),
    ]);
    std::fs::remove_file(fixture.root.join("home/config.toml")).unwrap();
    let env = [("CARGO_BUILD_RUSTFLAGS", "env twice")];
    let config = fixture.load("", &env, &[]).unwrap();
    let flags = config.get("build.rustflags").unwrap();
    assert_eq!(flags.value, json!(["low", "file", "env", "twice"]));
    assert_eq!(flags.origin, env_origin("CARGO_BUILD_RUSTFLAGS"));
    let config = fixture
        .load("", &env, &["build.rustflags=['cli']"])
        .unwrap();
    let flags = config.get("build.rustflags").unwrap();
    assert_eq!(flags.value, json!(["low", "file", "env", "twice", "cli"]));
    assert_eq!(flags.origin, Origin::Cli);
    let names: Vec<_> = config.files.iter().filter_map(|f| f.file_name()).collect();
    assert_eq!(names, ["config.toml", "low.toml"]);
}

#[test]
fn variables_that_cargo_reads_first_beat_the_command_line() {
    let fixture = Fixture::new(&[(".cargo/config.toml", "build.rustc-wrapper = 'sccache'\n")]);
    let env = [
        ("CARGO_TARGET_DIR", "out"),
        ("CARGO_BUILD_TARGET_DIR", "weaker"),
        ("RUSTC_WRAPPER", ""),
        ("RUSTC_WORKSPACE_WRAPPER", "tools/wrap"),
        ("CARGO_INCREMENTAL", "0"),
    ];
    let cli = ["build.target-dir='cli'", "build.incremental=true"];
    let config = fixture.load("", &env, &cli).unwrap();
    assert_eq!(config.str("build.target-dir"), Some("out"));
    assert_eq!(
        config.get("build.target-dir").unwrap().origin,
        env_origin("CARGO_TARGET_DIR")
    );
    assert_eq!(config.bool("build.incremental"), Some(false));
    let cwd = Utf8Path::new("/w");
    assert_eq!(config.program("build.rustc-wrapper", cwd), None);
    assert_eq!(
        config
            .program("build.rustc-workspace-wrapper", cwd)
            .unwrap(),
        "/w/tools/wrap"
    );
    assert_eq!(config.path("build.target-dir", cwd).unwrap(), "/w/out");
}

#[test]
fn paths_of_files_start_above_the_cargo_directory() {
    let fixture = Fixture::new(&[(
        "a/.cargo/config.toml",
        "build.target-dir = 'out'\nbuild.rustc-wrapper = './wrap'\nbuild.rustc = 'my-rustc'\n",
    )]);
    let config = fixture.load("a", &[], &[]).unwrap();
    let cwd = fixture.root.join("a");
    assert_eq!(
        config.path("build.target-dir", &cwd).unwrap(),
        cwd.join("out")
    );
    assert_eq!(
        config.program("build.rustc-wrapper", &cwd).unwrap(),
        cwd.join("./wrap")
    );
    assert_eq!(config.program("build.rustc", &cwd).unwrap(), "my-rustc");
}

#[test]
fn names_of_profiles_and_targets_are_told_from_what_is_known() {
    let fixture = Fixture::new(&[(
        ".cargo/config.toml",
        "[profile.my_own]\ninherits = 'dev'\n[profile.dev.package.my-dep]\ndebug = 0\n",
    )]);
    let env = [
        ("CARGO_PROFILE_MY_OWN_DEBUG", "2"),
        ("CARGO_PROFILE_RELEASE_LTO_STRIP", "true"),
        ("CARGO_PROFILE_RELEASE_LTO", "fat"),
        ("CARGO_PROFILE_DEV_PACKAGE_my-dep_OPT_LEVEL", "2"),
        (
            "CARGO_TARGET_AARCH64_BE_UNKNOWN_LINUX_GNU_ILP32_LINKER",
            "ld",
        ),
        ("CARGO_TARGET_X86_64_PC_WINDOWS_MSVC_RUSTFLAGS", "-a -b"),
        ("CARGO_PKG_NAME", "not configuration"),
        ("CARGO_PROFILE_", ""),
        ("CARGO_PROFILE_DEBUG", "no profile is named"),
    ];
    let config = fixture.load("", &env, &[]).unwrap();
    let values: Vec<_> = config
        .values
        .iter()
        .map(|(key, value)| format!("{key} = {}", value.value))
        .collect();
    assert_eq!(
        values,
        [
            "profile.dev.package.my-dep.debug = 0",
            "profile.dev.package.my-dep.opt-level = 2",
            "profile.my_own.debug = 2",
            "profile.my_own.inherits = \"dev\"",
            "profile.release-lto.strip = true",
            "profile.release.lto = \"fat\"",
            "target.aarch64_be-unknown-linux-gnu_ilp32.linker = \"ld\"",
            "target.x86_64-pc-windows-msvc.rustflags = [\"-a\",\"-b\"]",
        ]
    );
}

#[test]
fn secrets_are_left_out() {
    let fixture = Fixture::new(&[(
        "home/config.toml",
        "registry.token = 's'\n[registries.mine]\ntoken = 's'\nsecret-key = 's'\nindex = 'i'\n",
    )]);
    let config = fixture
        .load("", &[("CARGO_REGISTRY_TOKEN", "s")], &[])
        .unwrap();
    assert_eq!(
        config.values.keys().collect::<Vec<_>>(),
        ["registries.mine.index"]
    );
}

#[test]
fn cargo_home_is_found_in_the_environment() {
    let fixture = Fixture::new(&[("me/.cargo/config.toml", "build.jobs = 4\n")]);
    let home = fixture.root.join("me");
    let cwd = fixture.root.join("elsewhere");
    for env in [
        [("HOME", home.as_str())],
        [("USERPROFILE", home.as_str())],
        [("CARGO_HOME", "../me/.cargo")],
    ] {
        std::fs::create_dir_all(&cwd).unwrap();
        let config = load(&cwd, None, &map(&env), &[]).unwrap();
        assert_eq!(config.get("build.jobs").unwrap().value, json!(4), "{env:?}");
    }
}

#[test]
fn refusals_name_the_place() {
    let broken = Fixture::new(&[(".cargo/config.toml", "[build]\njobs = = 2\n")]);
    assert!(
        broken
            .refusal(&[])
            .starts_with("ROOT/.cargo/config.toml:2:8: "),
        "{}",
        broken.refusal(&[])
    );
    let cycle = Fixture::new(&[
        (".cargo/config.toml", "include = ['a.toml']\n"),
        (".cargo/a.toml", "include = ['../.cargo/./config.toml']\n"),
    ]);
    assert_eq!(
        cycle.refusal(&[]),
        "cannot load the `include` of `ROOT/.cargo/config.toml`: \
         cannot load the `include` of `ROOT/.cargo/a.toml`: the configuration includes \
         `ROOT/.cargo/config.toml` twice, which cargo takes for a cycle"
    );
    let missing = Fixture::new(&[(".cargo/config.toml", "include = ['gone.toml']\n")]);
    assert!(
        missing
            .refusal(&[])
            .contains("cannot read the configuration file `ROOT/.cargo/gone")
    );
    let glob = Fixture::new(&[(".cargo/config.toml", "include = ['*.toml']\n")]);
    assert!(
        glob.refusal(&[])
            .contains("names `*.toml`; cargo takes only plain paths")
    );
    let text = Fixture::new(&[(".cargo/config.toml", "include = 'a.toml'\n")]);
    assert!(
        text.refusal(&[])
            .starts_with("`include` in `ROOT/.cargo/config.toml` must be an array")
    );

    let mixed = Fixture::new(&[
        (".cargo/config.toml", "build.rustflags = 'a b'\n"),
        ("home/config.toml", "build.rustflags = ['c']\n"),
    ]);
    assert_eq!(
        mixed.refusal(&[]),
        "the configuration key `build.rustflags` is a single value in \
         ROOT/.cargo/config.toml:1:7 and an array in ROOT/home/config.toml:1:7"
    );
    let none = Fixture::new(&[]);
    for (argument, why) in [
        ("build.jobs", "expected"),
        ("a=1\nb=2", "exactly one value"),
        ("[build]\njobs=1", "exactly one value"),
        ("build={jobs=1}", "exactly one value"),
        ("", "exactly one value"),
    ] {
        let refusal = none.refusal(&[argument]);
        assert!(refusal.contains(why), "{argument}: {refusal}");
    }
}

#[test]
fn wrong_types_are_kept_where_nobody_needs_them() {
    let fixture = Fixture::new(&[(
        ".cargo/config.toml",
        "build.jobs = 'default'\nx.time = 2020-01-01\nx.float = 1.5\nbuild.rustflags = 3\n",
    )]);
    let config = fixture.load("", &[], &[]).unwrap();
    assert_eq!(config.get("x.float").unwrap().value, json!(1.5));
    assert_eq!(config.str("x.time"), Some("2020-01-01"));
    assert_eq!(config.str("build.jobs"), Some("default"));
    assert_eq!(configured_rustflags(&config, None).flags, [""; 0]);
}

#[test]
fn keys_round_trip() {
    let parts = [
        "target",
        "cfg(target_os = \"linux\")",
        "a.b",
        "*",
        "plain-1_x",
    ];
    assert_eq!(split_key(&key(&parts)), parts);
    assert_eq!(
        key(&["profile", "dev", "package", "*"]),
        "profile.dev.package.\"*\""
    );
}

const FLAGS: &str = "build.rustflags = ['build']\n\
    [target.x86_64-unknown-linux-gnu]\nrustflags = ['exact']\n\
    [target.'cfg(unix)']\nrustflags = 'unix flag'\n\
    [target.'cfg(all(unix, target_os = \"linux\"))']\nrustflags = ['linux']\n\
    [target.'cfg(windows)']\nrustflags = ['windows']\n";

#[test]
fn flags_come_from_the_first_source_that_is_set() {
    let fixture = Fixture::new(&[(".cargo/config.toml", FLAGS)]);
    let config = fixture.load("", &[], &[]).unwrap();
    let cfg = ["unix".to_owned(), "target_os=\"linux\"".to_owned()];
    let host = "x86_64-unknown-linux-gnu";
    let flags = |triple: &str, cfg: &[String], env: &[(&str, &str)]| {
        effective_rustflags(&config, TargetCfg { triple, cfg }, &map(env))
    };
    let line = |origin: Origin| match origin {
        Origin::File { line, .. } => line,
        other => panic!("{other:?}"),
    };
    let target = |found: Rustflags| match found.source {
        FlagSource::Target(origin) => (found.flags, line(origin)),
        other => panic!("{other:?}"),
    };

    let found = target(flags(host, &cfg, &[]));
    assert_eq!(found.0, ["exact", "linux", "unix", "flag"]);
    assert_eq!(found.1, 3);
    let found = target(flags("aarch64-unknown-linux-gnu", &cfg[..1], &[]));
    assert_eq!(found.0, ["unix", "flag"]);
    assert_eq!(found.1, 5);
    let found = flags("wasm32-unknown-unknown", &[], &[]);
    assert_eq!(found.flags, ["build"]);
    assert!(matches!(found.source, FlagSource::Build(origin) if line(origin.clone()) == 1));

    let found = flags(host, &cfg, &[("RUSTFLAGS", " -a  -b ")]);
    assert_eq!(found.flags, ["-a", "-b"]);
    assert_eq!(found.source, FlagSource::Env("RUSTFLAGS"));
    let both = [
        ("RUSTFLAGS", "-a"),
        ("CARGO_ENCODED_RUSTFLAGS", "-c d\u{1f}-e"),
    ];
    assert_eq!(flags(host, &cfg, &both).flags, ["-c d", "-e"]);
    let empty = [("RUSTFLAGS", "-a"), ("CARGO_ENCODED_RUSTFLAGS", "")];
    let found = flags(host, &cfg, &empty);
    assert_eq!(found.flags, [""; 0]);
    assert_eq!(found.source, FlagSource::Env("CARGO_ENCODED_RUSTFLAGS"));
    let nothing = configured_rustflags(&EffectiveConfig::default(), None);
    assert_eq!(nothing.source, FlagSource::Nothing);
}

#[test]
fn a_value_tells_whether_it_stands_as_one_string() {
    let fixture = Fixture::new(&[(".cargo/config.toml", FLAGS)]);
    let config = fixture.load("", &[], &[]).unwrap();
    assert!(!config.get("build.rustflags").unwrap().one_string);
    let unix = key(&["target", "cfg(unix)", "rustflags"]);
    assert!(config.get(&unix).unwrap().one_string);
}

proptest::proptest! {
    #[test]
    fn no_file_makes_it_panic(text in "[a-z\\[\\]=\\.\"'{}, \\n0-9#]{0,60}") {
        let fixture = Fixture::new(&[(".cargo/config.toml", &text)]);
        let env = [("CARGO_BUILD_JOBS", "2"), ("CARGO_PROFILE_DEV_DEBUG", "1")];
        if let Ok(config) = fixture.load("", &env, &[&text]) {
            proptest::prop_assert!(config.values.keys().all(|k| key(&split_key(k)) == *k));
        }
    }
}
