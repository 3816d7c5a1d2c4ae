//! What `journal` promises, tested.

use std::cell::Cell;
use std::fs;
use std::rc::Rc;

use super::*;
use tempfile::TempDir;

mod full_disk;

struct World {
    _directory: TempDir,
    home: Utf8PathBuf,
    root: Utf8PathBuf,
}

impl World {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let base = Utf8Path::from_path(directory.path()).unwrap();
        let base = base.canonicalize_utf8().unwrap();
        let root = base.join("work space");
        fs::create_dir(&root).unwrap();
        fs::write(root.join("Cargo.toml"), "\u{feff}a = 1\r\n").unwrap();
        fs::write(root.join("other.toml"), "b = 1").unwrap();
        Self {
            _directory: directory,
            home: base.join("home"),
            root,
        }
    }

    fn journal(&self) -> Journal {
        Journal::open(&self.home, &self.root).unwrap()
    }

    fn path(&self, name: &str) -> Utf8PathBuf {
        self.root.join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn change(&self, plan: &mut Plan, name: &str, new: &str) {
        plan.add(self.path(name), fs::read(self.path(name)).ok(), new);
    }

    /// Changes two files and creates one in a new directory.
    fn plan(&self) -> Plan {
        let mut plan = Plan::default();
        self.change(&mut plan, "Cargo.toml", "\u{feff}a = 2\r\n");
        self.change(&mut plan, "other.toml", "b = 2");
        self.change(&mut plan, ".cargo/deep/config.toml", "[build]\n");
        plan
    }

    /// Names and contents of everything below the root.
    fn tree(&self) -> Vec<(String, Option<String>)> {
        let mut tree = Vec::new();
        let mut directories = vec![self.root.clone()];
        while let Some(directory) = directories.pop() {
            for entry in directory.read_dir_utf8().unwrap() {
                let path = entry.unwrap().into_path();
                let name = path.strip_prefix(&self.root).unwrap().to_string();
                tree.push((name, fs::read_to_string(&path).ok()));
                if path.is_dir() {
                    directories.push(path);
                }
            }
        }
        tree.sort();
        tree
    }
}

#[test]
fn the_home_is_found_in_order_of_precedence() {
    let home = |vars: &[(&str, &str)]| {
        let env = |name: &str| {
            let found = vars.iter().find(|(key, _)| *key == name)?;
            Some(found.1.to_owned())
        };
        default_home(&env).ok().map(Utf8PathBuf::into_string)
    };
    let all = [
        ("PITCREW_STATE_DIR", "/s"),
        ("CARGO_HOME", "/c"),
        ("HOME", "/h"),
    ];
    assert_eq!(home(&all).as_deref(), Some("/s"));
    assert_eq!(home(&all[1..]).as_deref(), Some("/c/pitcrew"));
    assert_eq!(home(&all[2..]).as_deref(), Some("/h/.cargo/pitcrew"));
    assert_eq!(
        home(&[("CARGO_HOME", ""), ("USERPROFILE", "/u")]).as_deref(),
        Some("/u/.cargo/pitcrew")
    );
    assert_eq!(home(&[]), None);
}

#[test]
fn an_apply_and_its_undo_are_the_identity() {
    let world = World::new();
    let before = world.tree();
    let plan = world.plan();
    let applied = world.journal().apply("t", &plan).unwrap();
    assert_eq!(applied.files, plan.paths().collect::<Vec<_>>());
    assert_eq!(world.read("Cargo.toml"), "\u{feff}a = 2\r\n");
    assert_eq!(world.read("other.toml"), "b = 2");
    assert_eq!(world.read(".cargo/deep/config.toml"), "[build]\n");
    assert_eq!(world.tree().len(), 5, "no stray file: {:?}", world.tree());
    let undone = world.journal().undo("t").unwrap();
    assert_eq!(undone.files, applied.files);
    assert_eq!(world.tree(), before);
    assert_eq!(world.journal().recover().unwrap(), None);
}

#[test]
fn nothing_is_created_before_an_apply() {
    let world = World::new();
    let journal = world.journal();
    assert_eq!(journal.recover().unwrap(), None);
    let error = journal.undo("t").unwrap_err();
    assert!(
        matches!(error, JournalError::NothingToUndo { .. }),
        "{error}"
    );
    let applied = journal.apply("t", &Plan::default()).unwrap();
    assert_eq!(applied, Applied::default());
    assert!(!world.home.exists());
}

#[test]
fn applies_stack_and_each_tool_undoes_its_own() {
    let world = World::new();
    let journal = world.journal();
    for (tool, name, new) in [
        ("one", "Cargo.toml", "1"),
        ("one", "Cargo.toml", "2"),
        ("two", "other.toml", "3"),
    ] {
        let mut plan = Plan::default();
        world.change(&mut plan, name, new);
        journal.apply(tool, &plan).unwrap();
    }
    journal.undo("one").unwrap();
    assert_eq!(world.read("Cargo.toml"), "1");
    assert_eq!(world.read("other.toml"), "3");
    journal.undo("one").unwrap();
    assert_eq!(world.read("Cargo.toml"), "\u{feff}a = 1\r\n");
    let error = journal.undo("one").unwrap_err();
    assert!(
        matches!(error, JournalError::NothingToUndo { .. }),
        "{error}"
    );
    journal.undo("two").unwrap();
    assert_eq!(world.read("other.toml"), "b = 1");
}

#[test]
fn the_history_is_bounded() {
    let world = World::new();
    let journal = world.journal();
    for i in 0..40 {
        let mut plan = Plan::default();
        world.change(&mut plan, "other.toml", &i.to_string());
        journal.apply("t", &plan).unwrap();
    }
    let mut undone = 0;
    while journal.undo("t").is_ok() {
        undone += 1;
    }
    assert_eq!(undone, 32);
    assert_eq!(world.read("other.toml"), "7");
}

#[test]
fn an_undo_names_what_has_changed_since_and_changes_nothing() {
    let world = World::new();
    let journal = world.journal();
    journal.apply("one", &world.plan()).unwrap();
    let mut later = Plan::default();
    world.change(&mut later, "other.toml", "later");
    journal.apply("two", &later).unwrap();
    fs::remove_file(world.path(".cargo/deep/config.toml")).unwrap();
    let before = world.tree();
    let error = journal.undo("one").unwrap_err();
    let JournalError::ChangedSince { files, .. } = &error else {
        panic!("{error}");
    };
    let names: Vec<_> = files.iter().map(|file| file.by.as_deref()).collect();
    assert_eq!(names, [Some("two"), None]);
    let text = error.to_string();
    assert!(
        text.contains("other.toml (by two: undo that first)") && text.contains("config.toml"),
        "{text}"
    );
    assert_eq!(world.tree(), before);
}

#[test]
fn an_undo_leaves_a_created_directory_that_has_found_another_use() {
    let world = World::new();
    world.journal().apply("t", &world.plan()).unwrap();
    fs::write(world.path(".cargo/mine"), "x").unwrap();
    world.journal().undo("t").unwrap();
    assert!(!world.path(".cargo/deep").exists());
    assert_eq!(world.read(".cargo/mine"), "x");
}

#[test]
fn an_apply_refuses_a_file_that_is_not_what_the_plan_was_made_from() {
    let world = World::new();
    let plan = world.plan();
    fs::write(world.path("other.toml"), "mine").unwrap();
    fs::create_dir_all(world.path(".cargo/deep")).unwrap();
    fs::write(world.path(".cargo/deep/config.toml"), "mine").unwrap();
    let before = world.tree();
    let error = world.journal().apply("t", &plan).unwrap_err();
    assert!(
        matches!(&error, JournalError::Changed { files } if files.len() == 2),
        "{error}"
    );
    assert_eq!(world.tree(), before);
}

#[test]
fn what_is_read_only_is_named_before_anything_is_written() {
    for name in ["other.toml", "."] {
        let world = World::new();
        let plan = world.plan();
        let before = world.tree();
        let path = world.path(name).canonicalize_utf8().unwrap();
        let writable = fs::metadata(&path).unwrap().permissions();
        let mut read_only = writable.clone();
        read_only.set_readonly(true);
        fs::set_permissions(&path, read_only).unwrap();
        let steps = Rc::new(Cell::new(0));
        let counted = Rc::clone(&steps);
        let root = world.root.clone();
        let journal = world.journal().with_steps(move |step| {
            counted.set(counted.get() + u32::from(step.path.starts_with(&root)));
            Ok(())
        });
        let error = journal.apply("t", &plan).unwrap_err();
        fs::set_permissions(&path, writable).unwrap();
        assert!(
            matches!(&error, JournalError::ReadOnly { path: named } if *named == path),
            "{error}"
        );
        assert!(error.to_string().contains("make it writable"), "{error}");
        assert_eq!((world.tree(), steps.get()), (before, 0));
    }
}

#[cfg(unix)]
#[test]
fn links_stay_links_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let world = World::new();
    let shared = world.path("shared");
    fs::create_dir(&shared).unwrap();
    fs::write(shared.join("real.toml"), "x").unwrap();
    fs::set_permissions(shared.join("real.toml"), PermissionsExt::from_mode(0o640)).unwrap();
    symlink("shared/real.toml", world.path("link.toml")).unwrap();
    let mut plan = Plan::default();
    world.change(&mut plan, "link.toml", "y");
    let mode = || {
        fs::metadata(shared.join("real.toml"))
            .unwrap()
            .permissions()
    };
    world.journal().apply("t", &plan).unwrap();
    assert!(world.path("link.toml").is_symlink());
    assert_eq!(fs::read_to_string(shared.join("real.toml")).unwrap(), "y");
    assert_eq!(mode().mode() & 0o7777, 0o640);
    world.journal().undo("t").unwrap();
    assert!(world.path("link.toml").is_symlink());
    assert_eq!(world.read("link.toml"), "x");
    assert_eq!(mode().mode() & 0o7777, 0o640);

    let mut plan = world.plan();
    world.change(&mut plan, "link.toml", "y");
    world.change(&mut plan, "shared/real.toml", "z");
    let error = world.journal().apply("t", &plan).unwrap_err();
    assert!(matches!(error, JournalError::SameFile { .. }), "{error}");

    symlink("nowhere", world.path("dangling.toml")).unwrap();
    let mut plan = Plan::default();
    plan.add(world.path("dangling.toml"), None, "x");
    let error = world.journal().apply("t", &plan).unwrap_err();
    assert!(
        matches!(error, JournalError::DanglingLink { .. }),
        "{error}"
    );
}

#[test]
fn a_directory_in_the_place_of_a_file_and_a_file_in_that_of_a_directory_are_refused() {
    let world = World::new();
    fs::create_dir(world.path("dir.toml")).unwrap();
    let mut plan = Plan::default();
    plan.add(world.path("dir.toml"), None, "x");
    let error = world.journal().apply("t", &plan).unwrap_err();
    assert!(matches!(error, JournalError::NotAFile { .. }), "{error}");
    let mut plan = Plan::default();
    plan.add(world.path("other.toml/x/config.toml"), None, "x");
    let error = world.journal().apply("t", &plan).unwrap_err();
    assert!(matches!(error, JournalError::Io { .. }), "{error}");
}

#[test]
fn a_damaged_journal_is_named() {
    let world = World::new();
    world.journal().apply("t", &world.plan()).unwrap();
    let path = world.journal().directory().join("applied/00000001.json");
    let json = fs::read_to_string(&path).unwrap();
    fs::write(&path, json.replace("b = 1", "b = 9")).unwrap();
    let error = world.journal().undo("t").unwrap_err();
    assert!(
        matches!(&error, JournalError::Damaged { path: named, .. } if *named == path),
        "{error}"
    );
    assert_eq!(world.read("other.toml"), "b = 2");
}

#[test]
fn recovery_leaves_what_somebody_else_changed_and_keeps_what_it_held() {
    let world = World::new();
    let journal = world.journal();
    journal.apply("t", &world.plan()).unwrap();
    // As if the process had died before the end, and the user had gone on with one file.
    let directory = journal.directory();
    fs::rename(
        directory.join("applied/00000001.json"),
        directory.join("applying.json"),
    )
    .unwrap();
    fs::write(world.path("other.toml"), "mine").unwrap();
    let recovered = journal.recover().unwrap().unwrap();
    assert_eq!(recovered.what, Interrupted::Apply);
    assert_eq!(recovered.left, [world.path("other.toml")]);
    assert_eq!(world.read("other.toml"), "mine");
    assert_eq!(world.read("Cargo.toml"), "\u{feff}a = 1\r\n");
    let kept = recovered.kept.clone().unwrap();
    assert!(fs::read_to_string(&kept).unwrap().contains("b = 1"));
    let text = recovered.to_string();
    assert!(
        text.contains("other.toml has changed meanwhile") && text.contains(kept.as_str()),
        "{text}"
    );
    assert_eq!(journal.recover().unwrap(), None);
}

#[test]
fn a_files_origin_is_what_it_held_before_all_applies_that_it_still_shows() {
    let world = World::new();
    let journal = world.journal();
    let origin = |name: &str| world.journal().origin(&world.path(name)).unwrap();
    assert_eq!(origin("Cargo.toml"), None);
    journal.apply("cargo-one", &world.plan()).unwrap();
    let mut second = Plan::default();
    world.change(&mut second, "Cargo.toml", "a = 3");
    journal.apply("cargo-two", &second).unwrap();
    let first = Some("\u{feff}a = 1\r\n".as_bytes().to_vec());
    assert_eq!(origin("Cargo.toml"), Some(Origin { bytes: first }));
    let created = Some(Origin { bytes: None });
    assert_eq!(origin(".cargo/deep/config.toml"), created);
    fs::write(world.path("Cargo.toml"), "a = 4").unwrap();
    assert_eq!(origin("Cargo.toml"), None, "a change of the user's own");
    journal.undo("cargo-one").unwrap_err();
    assert_eq!(origin("nowhere.toml"), None);
}
