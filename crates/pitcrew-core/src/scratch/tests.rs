//! Copies of small workspaces, built and looked at.

use std::process::{Command, Output};
use std::time::{Duration, SystemTime};

use super::*;

struct Fixture {
    dir: TempDir,
}

impl Fixture {
    fn new(files: &[(&str, &str)]) -> Self {
        let fixture = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        for (path, text) in files {
            fixture.write(path, text);
        }
        fixture
    }

    fn path(&self, path: &str) -> Utf8PathBuf {
        let dir = self.dir.path().canonicalize().unwrap();
        Utf8PathBuf::try_from(dir).unwrap().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn copy(&self, outside: &[&str], scratch: &Scratch) -> ScratchWorkspace {
        let outside: Vec<_> = outside.iter().map(|path| self.path(path)).collect();
        let target = self.path("ws/target");
        copy_workspace(
            &self.path("ws"),
            &outside,
            &target,
            &scratch.path().join("w"),
        )
        .unwrap()
    }
}

fn cargo(root: &Utf8Path, target: &Utf8Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO"))
        .args(args)
        .current_dir(root)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_BUILD_BUILD_DIR", target)
        .env_remove("RUSTC_WRAPPER")
        .output()
        .unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const PACKAGE: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";

#[test]
fn a_scratch_directory_goes_away_and_is_tagged() {
    let scratch = Scratch::new().unwrap();
    let path = scratch.path().to_owned();
    assert!(path.join("CACHEDIR.TAG").is_file());
    assert!(scratch.room().unwrap() > 0);
    scratch.close().unwrap();
    assert!(!path.exists());
    let missing = Scratch::within("/no/such/directory".into()).unwrap_err();
    assert!(missing.to_string().contains(SCRATCH_DIR_VAR), "{missing}");
}

#[test]
fn sources_are_copied_with_their_times_and_caches_are_not() {
    let fixture = Fixture::new(&[
        ("ws/Cargo.toml", PACKAGE),
        ("ws/src/main.rs", "fn main() {}"),
        ("ws/target/debug/app", "x"),
        ("ws/fuzz/target/CACHEDIR.TAG", CACHEDIR_TAG),
        ("ws/fuzz/target/big", "x"),
        ("ws/node_modules/a.js", "x"),
        ("ws/generated/ignored.rs", "x"),
    ]);
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let main = fixture.path("ws/src/main.rs");
    fs::File::open(&main).unwrap().set_modified(old).unwrap();
    let scratch = Scratch::new().unwrap();
    let copy = fixture.copy(&[], &scratch);
    let copied = copy.root.join("src/main.rs");
    assert_eq!(copied.metadata().unwrap().modified().unwrap(), old);
    assert!(copy.root.join("generated/ignored.rs").is_file());
    for left_out in ["target", "fuzz/target", "node_modules"] {
        assert!(!copy.root.join(left_out).exists(), "{left_out}");
    }
    assert_eq!(copy.skipped, Vec::<Utf8PathBuf>::new());
}

#[cfg(unix)]
#[test]
fn links_lead_into_the_copy_and_never_let_a_write_out() {
    let fixture = Fixture::new(&[
        ("ws/Cargo.toml", PACKAGE),
        ("ws/src/real.rs", "inside"),
        ("elsewhere/file.rs", "outside"),
    ]);
    let link = |target: &str, link: &str| {
        std::os::unix::fs::symlink(target, fixture.path(link)).unwrap();
    };
    link("real.rs", "ws/src/relative.rs");
    link(
        fixture.path("ws/src/real.rs").as_str(),
        "ws/src/absolute.rs",
    );
    link("../../elsewhere/file.rs", "ws/src/out.rs");
    link("nowhere", "ws/src/dangling");
    let scratch = Scratch::new().unwrap();
    let src = fixture.copy(&[], &scratch).root.join("src");
    assert_eq!(src.join("relative.rs").read_link_utf8().unwrap(), "real.rs");
    assert_eq!(
        src.join("absolute.rs").read_link_utf8().unwrap(),
        src.join("real.rs")
    );
    assert!(!src.join("out.rs").is_symlink());
    fs::write(src.join("out.rs"), "changed").unwrap();
    let original = fs::read_to_string(fixture.path("elsewhere/file.rs"));
    assert_eq!(original.unwrap(), "outside");
    assert!(src.join("dangling").is_symlink());
}

#[test]
fn dependencies_outside_and_what_they_inherit_still_resolve() {
    let fixture = Fixture::new(&[
        (
            "ws/Cargo.toml",
            &format!("{PACKAGE}[dependencies]\nother = {{ path = \"../libs/crates/other\" }}\n"),
        ),
        ("ws/src/main.rs", "fn main() { other::f() }"),
        (
            "libs/Cargo.toml",
            "[workspace]\nmembers = [\"crates/*\"]\n[workspace.package]\nversion = \"2.0.0\"\n",
        ),
        (
            "libs/crates/other/Cargo.toml",
            "[package]\nname = \"other\"\nversion.workspace = true\n",
        ),
        ("libs/crates/other/src/lib.rs", "pub fn f() {}"),
        (
            "libs/crates/unrelated/Cargo.toml",
            "[package]\nname = \"unrelated\"\n",
        ),
    ]);
    let scratch = Scratch::new().unwrap();
    let copy = fixture.copy(&["libs/crates/other"], &scratch);
    assert!(!copy.root.join("../libs/crates/unrelated").exists());
    let built = cargo(
        &copy.root,
        &scratch.path().join("t"),
        &["build", "--offline"],
    );
    assert!(built.status.success(), "{}", stderr(&built));
    assert!(!fixture.path("ws/Cargo.lock").exists());
}

#[test]
fn configuration_and_toolchain_above_the_root_stay_in_force() {
    let fixture = Fixture::new(&[
        ("ws/Cargo.toml", PACKAGE),
        (
            "ws/src/main.rs",
            "fn main() { assert_eq!(env!(\"ABOVE\"), \"yes\"); \
            assert!(env!(\"AT\").ends_with(\"data\")); }",
        ),
        (
            ".cargo/config.toml",
            "[env]\nABOVE = \"yes\"\nAT = { value = \"data\", relative = true }\n",
        ),
        ("rust-toolchain.toml", "[toolchain]\n"),
    ]);
    let scratch = Scratch::new().unwrap();
    let copy = fixture.copy(&[], &scratch);
    assert!(copy.root.join("../rust-toolchain.toml").is_file());
    let config = fs::read_to_string(copy.root.join("../.cargo/config.toml")).unwrap();
    assert!(config.contains(fixture.path("data").as_str()), "{config}");
    let run = cargo(&copy.root, &scratch.path().join("t"), &["run", "--offline"]);
    assert!(run.status.success(), "{}", stderr(&run));
}

#[test]
fn a_copied_target_directory_is_fresh() {
    let fixture = Fixture::new(&[
        ("ws/Cargo.toml", PACKAGE),
        ("ws/src/main.rs", "fn main() {}"),
        (
            "ws/build.rs",
            "fn main() { println!(\"cargo::rerun-if-changed=data\"); }",
        ),
        ("ws/data/a.txt", "x"),
    ]);
    let scratch = Scratch::new().unwrap();
    let copy = fixture.copy(&[], &scratch);
    let (first, second) = (scratch.path().join("t1"), scratch.path().join("t2"));
    let built = cargo(&copy.root, &first, &["build", "--offline"]);
    assert!(built.status.success(), "{}", stderr(&built));
    copy_target(&first, &second).unwrap();
    let again = cargo(&copy.root, &second, &["build", "--offline", "-v"]);
    assert!(stderr(&again).contains("Fresh app"), "{}", stderr(&again));
}

#[test]
fn git_answers_in_the_copy_and_the_original_is_not_written() {
    let fixture = Fixture::new(&[
        ("ws/Cargo.toml", PACKAGE),
        ("ws/src/main.rs", "fn main() {}"),
    ]);
    let git = |dir: &Utf8Path, args: &[&str]| {
        let output = Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@b"])
            .args(args)
            .current_dir(dir)
            .output()
            .unwrap();
        assert!(output.status.success(), "{args:?}: {}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let ws = fixture.path("ws");
    git(&ws, &["init", "-q"]);
    git(&ws, &["add", "."]);
    git(&ws, &["commit", "-qm", "one"]);
    git(&ws, &["tag", "v1"]);
    let before = fs::read(ws.join(".git/index")).unwrap();
    let scratch = Scratch::new().unwrap();
    let copy = fixture.copy(&[], &scratch);
    assert_eq!(git(&copy.root, &["describe", "--tags", "--dirty"]), "v1\n");
    fs::write(copy.root.join("src/main.rs"), "fn main() { }").unwrap();
    git(&copy.root, &["commit", "-qam", "two"]);
    assert_eq!(git(&ws, &["log", "--oneline"]).lines().count(), 1);
    assert_eq!(fs::read(ws.join(".git/index")).unwrap(), before);
}

#[test]
fn a_full_disk_is_told_with_what_to_do() {
    let full = anyhow::Error::from(io::Error::from(io::ErrorKind::StorageFull));
    let told = explain(full.context("cannot copy a to b"), "/scratch".into());
    assert!(is_disk_full(&told));
    assert!(told.to_string().contains("/scratch is full"), "{told}");
    assert!(!is_disk_full(&anyhow::anyhow!("else")));
}
