//! What `workspace` promises, tested.

use std::fs;

use super::*;

/// A directory with the given files; a `Cargo.toml` with `[package]` gets an empty library.
struct Tree {
    _dir: tempfile::TempDir,
    root: Utf8PathBuf,
}

impl Tree {
    fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(dir.path().canonicalize().unwrap()).unwrap();
        for (path, text) in files {
            let path = root.join(path);
            let parent = path.parent().unwrap();
            fs::create_dir_all(parent.join("src")).unwrap();
            fs::write(&path, text).unwrap();
            fs::write(parent.join("src/lib.rs"), "").unwrap();
        }
        Self { _dir: dir, root }
    }

    fn options(&self, cwd: &str) -> LoadOptions {
        LoadOptions {
            cwd: self.root.join(cwd),
            offline: true,
            ..LoadOptions::default()
        }
    }

    fn load(&self, cwd: &str) -> Result<Workspace> {
        load(&self.options(cwd))
    }
}

fn package(name: &str, rest: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"1.2.3\"\nedition = \"2024\"\n{rest}")
}

fn virtual_workspace() -> Tree {
    Tree::new(&[
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"crates/*\"]\nresolver = \"3\"\n",
        ),
        (
            "crates/app/Cargo.toml",
            &package("app", "[dependencies]\nbase = { path = \"../base\" }\n"),
        ),
        ("crates/base/Cargo.toml", &package("base", "")),
        ("crates/base-test/Cargo.toml", &package("base-test", "")),
    ])
}

fn names(workspace: &Workspace) -> Vec<&str> {
    workspace
        .selected_members()
        .map(|p| p.name.as_str())
        .collect()
}

#[test]
fn a_single_crate_leaves_no_lockfile_behind() {
    let tree = Tree::new(&[("Cargo.toml", &package("solo", ""))]);
    let workspace = tree.load("").unwrap();
    assert_eq!(workspace.root, tree.root);
    assert!(workspace.target_dir.is_absolute());
    assert_eq!(names(&workspace), ["solo"]);
    assert_eq!(workspace.graph().unwrap().packages().count(), 1);
    let mut left: Vec<String> = tree
        .root
        .read_dir_utf8()
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_owned())
        .collect();
    left.sort();
    assert_eq!(left, ["Cargo.toml", "src"]);
}

#[test]
fn an_outdated_lockfile_stays_as_it_is() {
    let tree = Tree::new(&[("Cargo.toml", &package("solo", ""))]);
    let old = "version = 4\n\n[[package]]\nname = \"former\"\nversion = \"0.1.0\"\n";
    fs::write(tree.root.join("Cargo.lock"), old).unwrap();
    assert_eq!(names(&tree.load("").unwrap()), ["solo"]);
    assert_eq!(
        fs::read_to_string(tree.root.join("Cargo.lock")).unwrap(),
        old
    );
}

#[test]
fn a_virtual_workspace_selects_by_directory_and_flags() {
    let tree = virtual_workspace();
    assert_eq!(names(&tree.load("").unwrap()), ["app", "base", "base-test"]);
    assert_eq!(names(&tree.load("crates/app/src").unwrap()), ["app"]);

    let select = |packages: &[&str], workspace: bool, exclude: &[&str]| {
        let owned = |texts: &[&str]| texts.iter().map(|&t| t.to_owned()).collect();
        load(&LoadOptions {
            packages: owned(packages),
            workspace,
            exclude: owned(exclude),
            ..tree.options("crates/app")
        })
    };
    assert_eq!(
        names(&select(&["base*"], false, &[]).unwrap()),
        ["base", "base-test"]
    );
    assert_eq!(names(&select(&["base@1.2"], false, &[]).unwrap()), ["base"]);
    assert_eq!(
        names(&select(&["base", "app"], false, &[]).unwrap()),
        ["app", "base"]
    );
    assert_eq!(names(&select(&[], true, &["base*"]).unwrap()), ["app"]);
    let url = format!("file://{}/crates/base", tree.root);
    assert_eq!(names(&select(&[&url], false, &[]).unwrap()), ["base"]);

    let unmatched = select(&[], true, &["gone"]).unwrap();
    assert_eq!(names(&unmatched).len(), 3);
    assert_eq!(
        unmatched.warnings,
        [format!(
            "excluded package `gone` not found in the workspace `{}`",
            tree.root
        )]
    );
    let refused = |packages: &[&str], workspace, exclude: &[&str]| {
        select(packages, workspace, exclude)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused(&["bse"], false, &[]),
        format!(
            "package `bse` is not a member of the workspace `{}`; did you mean `base`?",
            tree.root
        )
    );
    assert!(refused(&["base@2"], false, &[]).contains("`base@2` is not a member"));
    assert!(refused(&["["], false, &[]).contains("cannot read the package pattern `[`"));
    assert!(refused(&[], true, &["*"]).contains("excludes every member"));
    assert_eq!(
        refused(&[], false, &["app"]),
        "--exclude can only be used together with --workspace"
    );
}

#[test]
fn default_members_are_cargos() {
    let tree = Tree::new(&[
        (
            "Cargo.toml",
            &package(
                "top",
                "[workspace]\nmembers = [\"a\", \"b\"]\ndefault-members = [\"b\"]\n",
            ),
        ),
        ("a/Cargo.toml", &package("a", "")),
        ("b/Cargo.toml", &package("b", "")),
    ]);
    assert_eq!(names(&tree.load("").unwrap()), ["b"]);
    assert_eq!(names(&tree.load("a").unwrap()), ["a"]);
}

#[test]
fn paths_are_told_relative_and_by_member() {
    let tree = virtual_workspace();
    let workspace = tree.load("").unwrap();
    let manifest = tree.root.join("crates/base-test/Cargo.toml");
    assert_eq!(workspace.relative(&manifest), "crates/base-test/Cargo.toml");
    assert_eq!(
        workspace.relative(Utf8Path::new("/elsewhere/x")),
        "/elsewhere/x"
    );
    let member = |path: &str| Some(workspace.member_of(Utf8Path::new(path))?.name.as_str());
    assert_eq!(member("crates/base-test/src/lib.rs"), Some("base-test"));
    assert_eq!(member(manifest.as_str()), Some("base-test"));
    assert_eq!(member("Cargo.toml"), None);
    assert_eq!(workspace.members().count(), 3);
}

#[test]
fn a_path_dependency_outside_the_workspace_is_no_member() {
    let tree = Tree::new(&[
        (
            "app/Cargo.toml",
            &package("app", "[dependencies]\nbeside = { path = \"../beside\" }\n"),
        ),
        ("beside/Cargo.toml", &package("beside", "")),
    ]);
    let workspace = tree.load("app").unwrap();
    assert_eq!(names(&workspace), ["app"]);
    let beside = workspace
        .metadata
        .packages
        .iter()
        .find(|p| p.name == "beside")
        .unwrap();
    assert!(!workspace.is_member(&beside.id));
    let manifest = tree.root.join("beside/Cargo.toml");
    assert_eq!(workspace.relative(&manifest), manifest);
    assert_eq!(workspace.graph().unwrap().packages().count(), 2);
}

#[test]
fn a_workspace_inside_a_workspace_is_cargos_own_error() {
    let tree = Tree::new(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"inner\"]\n"),
        ("inner/Cargo.toml", &package("inner", "[workspace]\n")),
    ]);
    let error = tree.load("").unwrap_err().to_string();
    assert!(
        error.starts_with("multiple workspace roots found"),
        "{error}"
    );
}

#[test]
fn without_dependencies_there_are_members_and_no_graph() {
    let tree = virtual_workspace();
    let options = LoadOptions {
        no_deps: true,
        ..tree.options("")
    };
    let workspace = load(&options).unwrap();
    assert_eq!(workspace.members().count(), 3);
    assert_eq!(
        workspace.graph().unwrap_err().to_string(),
        "the workspace was loaded without its dependencies"
    );
    assert!(!tree.root.join("Cargo.lock").exists());
}

#[test]
fn features_and_the_manifest_path_reach_cargo() {
    let tree = Tree::new(&[(
        "deep/Cargo.toml",
        &package(
            "solo",
            "[features]\ndefault = [\"one\"]\none = []\ntwo = []\n",
        ),
    )]);
    let enabled = |change: fn(&mut LoadOptions)| {
        let mut options = tree.options("");
        options.manifest_path = Some("deep/Cargo.toml".into());
        change(&mut options);
        let workspace = load(&options).unwrap();
        let resolve = workspace.metadata.resolve.unwrap();
        let features = resolve.nodes[0].features.iter().map(ToString::to_string);
        features.collect::<Vec<_>>()
    };
    assert_eq!(enabled(|_| ()), ["default", "one"]);
    assert_eq!(enabled(|o| o.no_default_features = true), [""; 0]);
    assert_eq!(
        enabled(|o| o.all_features = true),
        ["default", "one", "two"]
    );
    assert_eq!(
        enabled(|o| o.features = vec!["two".into()]),
        ["default", "one", "two"]
    );
}

#[test]
fn refusals_are_short_and_say_what_to_do() {
    let empty = Tree::new(&[]);
    assert_eq!(
        empty.load("").unwrap_err().to_string(),
        format!(
            "could not find `Cargo.toml` in `{}` or any parent directory\n\
             run this inside a Rust project, or name one with --manifest-path",
            empty.root
        )
    );
    assert_eq!(
        empty.load("gone").unwrap_err().to_string(),
        format!("`{}/gone` is not a directory", empty.root)
    );

    let broken = Tree::new(&[("Cargo.toml", "[package]\nname = \n")]);
    let error = broken.load("").unwrap_err().to_string();
    assert!(error.contains("Cargo.toml:2:8"), "{error}");

    let unlocked = Tree::new(&[("Cargo.toml", &package("solo", ""))]);
    let options = LoadOptions {
        locked: true,
        ..unlocked.options("")
    };
    let error = load(&options).unwrap_err().to_string();
    assert!(error.contains("Cargo.lock"), "{error}");
    assert!(error.contains("run `cargo generate-lockfile`"), "{error}");
    assert!(!unlocked.root.join("Cargo.lock").exists());
}

#[test]
fn the_graph_is_built_once() {
    let tree = Tree::new(&[("Cargo.toml", &package("solo", ""))]);
    let workspace = tree.load("").unwrap();
    let (one, two) = (workspace.graph().unwrap(), workspace.graph().unwrap());
    assert!(std::ptr::eq(one, two));
}
