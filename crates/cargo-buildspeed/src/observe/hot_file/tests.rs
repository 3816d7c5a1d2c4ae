//! What `hot_file` promises, tested.

use super::*;

struct Repository {
    _dir: tempfile::TempDir,
    root: Utf8PathBuf,
}

impl Repository {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(dir.path().canonicalize().unwrap()).unwrap();
        Self { _dir: dir, root }
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn git(&self, args: &[&str]) {
        let output = Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@b"])
            .args([
                "-c",
                "commit.gpgsign=false",
                "-c",
                "init.defaultBranch=main",
            ])
            .args(args)
            .current_dir(&self.root)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    }

    /// Commits this text of `path`.
    fn change(&self, path: &str, text: &str) {
        self.write(path, text);
        self.git(&["add", "-A"]);
        self.git(&["commit", "-qm", "x"]);
    }

    fn workspace(&self, members: &[(&str, &[(&str, &str)])]) -> WorkspaceFacts {
        let members = members.iter().map(|(name, targets)| Member {
            name: (*name).to_owned(),
            targets: targets
                .iter()
                .map(|(kind, path)| TargetFacts {
                    kinds: vec![(*kind).to_owned()],
                    src_path: (*path).into(),
                    ..TargetFacts::default()
                })
                .collect(),
            ..Member::default()
        });
        WorkspaceFacts {
            root: self.root.clone(),
            members: members.collect(),
            ..WorkspaceFacts::default()
        }
    }
}

fn hot(path: &str, member: &str, commits: u32) -> Option<HotFile> {
    Some(HotFile {
        path: path.into(),
        member: member.into(),
        commits,
    })
}

#[test]
fn the_file_of_a_product_that_changed_most() {
    let repository = Repository::new();
    repository.git(&["init", "-q"]);
    repository.write(
        "a/src/lib.rs",
        "mod ü;\n#[cfg(test)] mod t;\nmod only_types;",
    );
    for round in 0..5 {
        let text = format!("fn f() {{}} // {round}");
        repository.write("a/tests/it.rs", &text);
        repository.write("a/src/t.rs", &text);
        repository.change("a/src/only_types.rs", &format!("struct A{round};"));
        if round < 3 {
            repository.change("a/src/ü.rs", &text);
        }
        if round < 2 {
            repository.change("b/src/main.rs", &text);
        }
    }
    let workspace = repository.workspace(&[
        ("a", &[("lib", "a/src/lib.rs"), ("test", "a/tests/it.rs")]),
        ("b", &[("bin", "b/src/main.rs")]),
    ]);
    assert_eq!(pick(&workspace, &[]), hot("a/src/ü.rs", "a", 3));
    assert_eq!(
        pick(&workspace, &["b".to_owned()]),
        hot("b/src/main.rs", "b", 2)
    );
    assert_eq!(pick(&workspace, &["none".to_owned()]), None);
}

#[test]
fn a_workspace_below_the_top_of_its_repository() {
    let repository = Repository::new();
    repository.git(&["init", "-q"]);
    repository.change("rust/src/lib.rs", "fn f() {}");
    repository.change("rust/src/lib.rs", "fn g() {}");
    let mut workspace = repository.workspace(&[("a", &[("lib", "src/lib.rs")])]);
    workspace.root.push("rust");
    assert_eq!(pick(&workspace, &[]), hot("src/lib.rs", "a", 2));
}

#[test]
fn without_a_history_the_root_of_the_biggest_crate() {
    let repository = Repository::new();
    repository.write("a/src/lib.rs", "fn f() {}");
    repository.write("b/src/lib.rs", "mod c; fn f() {}");
    repository.write("b/src/c.rs", "fn f() { /* much more than in a */ }");
    repository.write(
        "d/src/lib.rs",
        "mod e; // nothing to edit in this long file, but in the other",
    );
    repository.write(
        "d/src/e.rs",
        "fn f() { /* and even more here than in b, to be the biggest */ }",
    );
    let a: (&str, &[(&str, &str)]) = ("a", &[("lib", "a/src/lib.rs")]);
    let b: (&str, &[(&str, &str)]) = ("b", &[("rlib", "b/src/lib.rs")]);
    let d: (&str, &[(&str, &str)]) = ("d", &[("proc-macro", "d/src/lib.rs")]);
    let picked = pick(&repository.workspace(&[a, b]), &[]);
    assert_eq!(picked, hot("b/src/lib.rs", "b", 0));
    let picked = pick(&repository.workspace(&[a, b, d]), &[]);
    assert_eq!(picked, hot("d/src/e.rs", "d", 0));
}

#[test]
fn a_single_commit_is_no_history() {
    let repository = Repository::new();
    repository.git(&["init", "-q"]);
    repository.change("src/main.rs", "fn main() {}");
    let workspace = repository.workspace(&[("a", &[("bin", "src/main.rs")])]);
    assert_eq!(pick(&workspace, &[]), hot("src/main.rs", "a", 0));
}
