//! Kills a real process at every single step of an apply, an undo and a recovery, and lets several
//! of them meet.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::cell::Cell;
use std::env;
use std::fs;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::journal::{Action, Journal, JournalError};
use pitcrew_core::plan::Plan;
use tempfile::TempDir;

/// What the child is told through its environment.
const ROLE: &str = "JOURNAL_KILL_ROLE";
const BASE: &str = "JOURNAL_KILL_BASE";
const STEP: &str = "JOURNAL_KILL_STEP";

const FILES: [(&str, Option<&str>, &str); 4] = [
    (
        "Cargo.toml",
        Some("a = 1\r\nb = 2\r\n"),
        "a = 1\r\nb = 3\r\n",
    ),
    ("link.toml", Some("linked = 1"), "linked = 2"),
    (".cargo/deep/config.toml", None, "[build]\njobs = 2\n"),
    (
        "\u{fc}.toml",
        Some("\u{feff}x = 1\n"),
        "\u{feff}x = 1\ny = 2\n",
    ),
];

struct World {
    _directory: TempDir,
    base: Utf8PathBuf,
}

impl World {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let base = Utf8Path::from_path(directory.path()).unwrap();
        let base = base.canonicalize_utf8().unwrap();
        let root = root(&base);
        fs::create_dir_all(root.join("shared")).unwrap();
        link(&root.join("shared/real.toml"), &root.join("link.toml"));
        for (name, old, _) in FILES {
            if let Some(old) = old {
                fs::write(root.join(name), old).unwrap();
            }
        }
        Self {
            _directory: directory,
            base,
        }
    }

    fn run(&self, role: &str, step: usize) -> ExitStatus {
        child(&self.base, role, step).wait().unwrap()
    }

    fn journal(&self) -> Journal {
        journal(&self.base)
    }

    /// All files and directories, with contents.
    fn tree(&self) -> Vec<(Utf8PathBuf, Option<Vec<u8>>)> {
        let mut tree = Vec::new();
        let mut directories = vec![root(&self.base)];
        while let Some(directory) = directories.pop() {
            for entry in directory.read_dir_utf8().unwrap() {
                let path = entry.unwrap().into_path();
                if path.is_dir() {
                    directories.push(path.clone());
                }
                tree.push((path.clone(), fs::read(&path).ok()));
            }
        }
        tree.sort();
        tree
    }

    fn assert_each_file_is_whole(&self, context: &str) {
        for (name, old, new) in FILES {
            let path = root(&self.base).join(name);
            let text = fs::read_to_string(path).ok();
            assert!(
                text.as_deref() == old || text.as_deref() == Some(new),
                "{context}: {name} holds {text:?}"
            );
        }
        #[cfg(unix)]
        assert!(root(&self.base).join("link.toml").is_symlink(), "{context}");
    }

    /// After a recovery: no state but that of applies which are done.
    fn assert_journal_is_clean(&self, context: &str) {
        let directory = self.journal().directory().to_owned();
        for name in ["applying.json", "undoing.json", "journal.tmp"] {
            assert!(!directory.join(name).exists(), "{context}: {name} is left");
        }
    }
}

#[cfg(unix)]
fn link(target: &Utf8Path, link: &Utf8Path) {
    std::os::unix::fs::symlink(target, link).unwrap();
}

#[cfg(not(unix))]
fn link(_: &Utf8Path, _: &Utf8Path) {}

fn root(base: &Utf8Path) -> Utf8PathBuf {
    base.join("ws")
}

fn journal(base: &Utf8Path) -> Journal {
    Journal::open(&base.join("home"), &root(base)).unwrap()
}

fn plan(base: &Utf8Path) -> Plan {
    let mut plan = Plan::default();
    for (name, old, new) in FILES {
        plan.add(root(base).join(name), old.map(Into::into), new);
    }
    plan
}

/// This test binary again, as the process that dies.
fn child(base: &Utf8Path, role: &str, step: usize) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "the_process_that_dies", "--ignored"])
        .env(ROLE, role)
        .env(BASE, base)
        .env(STEP, step.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn die() -> ! {
    #[cfg(unix)]
    {
        use nix::sys::signal::{Signal, kill};
        kill(nix::unistd::Pid::this(), Signal::SIGKILL).unwrap();
    }
    std::process::abort()
}

fn was_killed(status: ExitStatus) -> bool {
    // A failed test ends with a code, a killed process does not.
    status.code().is_none() || cfg!(windows)
}

#[test]
#[ignore = "the child of the other tests, started by them"]
fn the_process_that_dies() {
    let Ok(role) = env::var(ROLE) else { return };
    let base = Utf8PathBuf::from(env::var(BASE).unwrap());
    let fatal: usize = env::var(STEP).unwrap().parse().unwrap();
    let steps = Cell::new(0);
    let journal = match role.as_str() {
        "hold" => {
            let base = base.clone();
            journal(&base).with_steps(move |step| {
                if step.action == Action::Create && step.path.file_name() == Some("journal.tmp") {
                    fs::write(base.join("holding"), "").unwrap();
                    while !base.join("let-go").exists() {
                        thread::sleep(Duration::from_millis(5));
                    }
                }
                Ok(())
            })
        }
        _ => journal(&base).with_steps(move |_| {
            if steps.replace(steps.get() + 1) == fatal {
                die();
            }
            Ok(())
        }),
    };
    match role.as_str() {
        "apply" | "hold" => drop(journal.apply("t", &plan(&base)).unwrap()),
        "undo" => drop(journal.undo("t").unwrap()),
        "recover" => drop(journal.recover().unwrap()),
        role => panic!("no such role: {role}"),
    }
}

/// Runs `role` with a death at each step, until it gets through; returns the number of steps.
fn at_every_step(role: &str, prepare: impl Fn(&World), check: impl Fn(&World, &str)) -> usize {
    for step in 0.. {
        let world = World::new();
        prepare(&world);
        let status = world.run(role, step);
        if status.success() {
            return step;
        }
        assert!(was_killed(status), "{role} failed by itself: {status}");
        let context = format!("{role} killed at step {step}");
        world.assert_each_file_is_whole(&context);
        check(&world, &context);
    }
    unreachable!("the loop has no end of its own")
}

#[test]
fn an_apply_that_is_killed_anywhere_is_rolled_back() {
    let old = |world: &World| {
        let fresh = World::new();
        let (from, to) = (root(&fresh.base), root(&world.base));
        let tree = fresh.tree().into_iter();
        tree.map(|(path, bytes)| (to.join(path.strip_prefix(&from).unwrap()), bytes))
            .collect::<Vec<_>>()
    };
    let steps = at_every_step(
        "apply",
        |_| {},
        |world, context| {
            let applied = world.journal().directory().join("applied/00000001.json");
            let was_done = applied.exists();
            world.journal().recover().unwrap();
            world.assert_journal_is_clean(context);
            if was_done {
                // It died after the last word was written.
                world.journal().undo("t").unwrap();
            }
            assert_eq!(world.tree(), old(world), "{context}");
            // And it can be done again.
            world.journal().apply("t", &plan(&world.base)).unwrap();
            world.journal().undo("t").unwrap();
            assert_eq!(world.tree(), old(world), "{context}");
        },
    );
    assert!(steps > 30, "only {steps} steps");
}

#[test]
fn an_undo_that_is_killed_anywhere_ends_on_one_side() {
    let steps = at_every_step(
        "undo",
        |world| drop(world.journal().apply("t", &plan(&world.base)).unwrap()),
        |world, context| {
            world.journal().recover().unwrap();
            world.assert_journal_is_clean(context);
            let texts = FILES.map(|(name, ..)| fs::read_to_string(root(&world.base).join(name)));
            let texts = texts.map(Result::ok);
            let old = FILES.map(|(_, old, _)| old.map(str::to_owned));
            if texts == FILES.map(|(.., new)| Some(new.to_owned())) {
                world.journal().undo("t").unwrap();
            } else {
                assert_eq!(texts, old, "{context}");
                let error = world.journal().undo("t").unwrap_err();
                assert!(matches!(error, JournalError::NothingToUndo { .. }));
            }
            assert!(!root(&world.base).join(".cargo").exists(), "{context}");
            let fresh = World::new();
            assert_eq!(world.tree().len(), fresh.tree().len(), "{context}");
        },
    );
    assert!(steps > 20, "only {steps} steps");
}

#[test]
fn a_recovery_that_is_killed_anywhere_is_finished_by_the_next() {
    // Deaths of the apply before, between and after the renames.
    for first in (8..36).step_by(4) {
        at_every_step(
            "recover",
            |world| assert!(was_killed(world.run("apply", first)), "step {first}"),
            |world, context| {
                let context = format!("apply killed at step {first}, {context}");
                world.journal().recover().unwrap();
                world.assert_journal_is_clean(&context);
                for (name, old, _) in FILES {
                    let text = fs::read_to_string(root(&world.base).join(name)).ok();
                    assert_eq!(text.as_deref(), old, "{context}: {name}");
                }
                assert_eq!(world.tree().len(), World::new().tree().len(), "{context}");
            },
        );
    }
}

#[test]
fn a_second_process_is_told_who_holds_the_lock() {
    let world = World::new();
    let mut holder = child(&world.base, "hold", 0);
    while !world.base.join("holding").exists() {
        assert!(holder.try_wait().unwrap().is_none(), "the holder is gone");
        thread::sleep(Duration::from_millis(5));
    }
    let before = world.tree();
    let error = world.journal().apply("t", &plan(&world.base)).unwrap_err();
    assert!(
        matches!(error, JournalError::Locked { holder: Some(pid) } if pid == holder.id()),
        "{error}"
    );
    assert_eq!(world.tree(), before);
    fs::write(world.base.join("let-go"), "").unwrap();
    assert!(holder.wait().unwrap().success());
    // The other one has done it meanwhile, so this plan is out of date.
    let error = world.journal().apply("t", &plan(&world.base)).unwrap_err();
    assert!(matches!(error, JournalError::Changed { .. }), "{error}");
}

#[test]
fn concurrent_applies_lose_no_update() {
    let world = World::new();
    let path = root(&world.base).join("counter");
    fs::write(&path, "0").unwrap();
    let count = |base: &Utf8Path| {
        let mut done = 0;
        while done < 5 {
            let old = fs::read_to_string(&path).unwrap();
            let new = old.parse::<u32>().unwrap() + 1;
            let mut plan = Plan::default();
            plan.add(path.clone(), Some(old.into_bytes()), new.to_string());
            match journal(base).apply("t", &plan) {
                Ok(_) => done += 1,
                Err(JournalError::Changed { .. } | JournalError::Locked { .. }) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| count(&world.base));
        }
    });
    assert_eq!(fs::read_to_string(&path).unwrap(), "15");
    for _ in 0..15 {
        world.journal().undo("t").unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), "0");
}
