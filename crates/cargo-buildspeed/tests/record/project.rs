//! The workspace that is built, and how.

use std::fs;
use std::process::Command;

use camino::Utf8PathBuf;
use pitcrew_core::cargo::CargoRun;
use pitcrew_core::machine::Machine;
use pitcrew_core::recording::{RecordOptions, Recorded, record};
use pitcrew_core::wrapper::Injection;

/// An application with a library, a macro, a build script, two programs and a test.
const FILES: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        "[workspace]\nmembers = [\"app\", \"low\", \"mac\"]\nresolver = \"3\"\n",
    ),
    (
        "low/Cargo.toml",
        "[package]\nname = \"low\"\nversion = \"0.2.0\"\nedition = \"2024\"\nlinks = \"low\"\n",
    ),
    (
        "low/build.rs",
        "fn main() { println!(\"cargo::metadata=found=yes\"); }",
    ),
    ("low/src/lib.rs", "pub fn low() -> u32 { 2 }"),
    (
        "mac/Cargo.toml",
        "[package]\nname = \"mac\"\nversion = \"0.3.0\"\nedition = \"2024\"\n\
         [lib]\nproc-macro = true\n",
    ),
    (
        "mac/src/lib.rs",
        "extern crate proc_macro;\nuse proc_macro::TokenStream;\n\
         #[proc_macro]\npub fn two(_: TokenStream) -> TokenStream { \"2\".parse().unwrap() }",
    ),
    (
        "app/Cargo.toml",
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
         [dependencies]\nlow = { path = \"../low\" }\nmac = { path = \"../mac\" }\n",
    ),
    (
        "app/build.rs",
        "fn main() { println!(\"cargo::rerun-if-changed=build.rs\");\n\
         assert_eq!(std::env::var(\"DEP_LOW_FOUND\").unwrap(), \"yes\"); }",
    ),
    (
        "app/src/lib.rs",
        "pub fn sum() -> u32 { low::low() + mac::two!() }",
    ),
    (
        "app/src/main.rs",
        "fn main() { println!(\"{}\", app::sum()); }",
    ),
    ("app/src/bin/other.rs", "fn main() {}"),
    (
        "app/tests/it.rs",
        "#[test]\nfn it() { assert!(!env!(\"CARGO_BIN_EXE_app\").is_empty()); }",
    ),
];

pub struct Project {
    dir: tempfile::TempDir,
}

impl Project {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in FILES {
            let path = dir.path().join("ws").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self { dir }
    }

    pub fn path(&self, name: &str) -> Utf8PathBuf {
        // As cargo sees it, where the temporary directory is a link.
        Utf8PathBuf::from_path_buf(self.dir.path().canonicalize().unwrap())
            .unwrap()
            .join(name)
    }

    pub fn options(&self, args: &[&str]) -> RecordOptions {
        let root = self.path("ws");
        RecordOptions {
            exe: env!("CARGO_BIN_EXE_cargo-buildspeed").into(),
            cargo: CargoRun {
                args: args.iter().map(|arg| (*arg).to_owned()).collect(),
                cwd: root.clone(),
                env: vec![("CARGO_INCREMENTAL".to_owned(), "1".to_owned())],
                env_remove: ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"]
                    .map(str::to_owned)
                    .to_vec(),
                ..CargoRun::default()
            },
            target_dir: Some(self.path("target")),
            user_wrapper: None,
            inject: Injection::default(),
            member_dirs: ["app", "low", "mac"].map(|name| root.join(name)).to_vec(),
            rustc: "rustc 1.95.0".to_owned(),
            host: host(),
            profile: "dev".to_owned(),
            key: "key".to_owned(),
            machine: Machine {
                cores: 2,
                memory_bytes: 1 << 30,
            },
            jobs: 2,
        }
    }

    pub fn record(&self, args: &[&str]) -> Recorded {
        record(&self.options(args), &mut |_| {}).unwrap()
    }

    /// Builds in the same target directory as the user would.
    pub fn plain_build(&self) -> String {
        let output = Command::new(env!("CARGO"))
            .args(["build", "--workspace", "--offline", "-v"])
            .current_dir(self.path("ws"))
            .env("CARGO_TARGET_DIR", self.path("target"))
            .env("CARGO_INCREMENTAL", "1")
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    }
}

fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("host: "));
    line.unwrap().to_owned()
}
