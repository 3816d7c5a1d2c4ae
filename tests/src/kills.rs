//! Kills a plugin, with all that it has started, in the middle of an `--apply` or an `--undo`, and looks
//! at what is left: each file wholly old or wholly new, and after the next command nothing of it at all.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use camino::Utf8PathBuf;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use pitcrew_core::journal::Journal;

use crate::Project;
use crate::random::Random;

mod plays;

pub use plays::{PLAYS, Play};

/// Between two looks at the journal: far shorter than what is written takes.
const GLANCE: Duration = Duration::from_micros(100);

type Files = BTreeMap<String, Vec<u8>>;

/// What came of it.
#[derive(Debug, Default, Clone)]
pub struct Toll {
    /// Commands that were ended before they ended by themselves.
    pub kills: usize,
    /// Of them, while files were being written.
    pub writing: usize,
    /// Times that the next command had something to clear up.
    pub recoveries: usize,
    /// What must not be.
    pub faults: Vec<String>,
}

/// When to strike.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// After the command's start.
    Start(Duration),
    /// After its journal was first seen.
    Writing(Duration),
}

/// A project with what it holds before and after the apply.
pub struct Stage {
    play: &'static Play,
    project: Project,
    journal: Utf8PathBuf,
    before: Files,
    after: Files,
    /// How long the apply and the undo take, and the writing in each.
    lengths: [(Duration, Duration); 2],
}

impl Stage {
    /// Builds the project of a play, lets the plugin prove what it proves, and goes once through apply
    /// and undo unharmed.
    pub fn set(play: &'static Play) -> Self {
        let project = (play.project)();
        lock(&project);
        let prepared = command(&project, play, play.prepare)
            .wait_with_output()
            .unwrap();
        expect(play, "the first report", &prepared);
        let before = project.files();
        let journal = Journal::open(&project.state, &project.root).unwrap();
        let mut stage = Self {
            play,
            journal: journal.directory().to_owned(),
            project,
            before: before.clone(),
            after: Files::new(),
            lengths: [(Duration::ZERO, Duration::ZERO); 2],
        };
        stage.lengths[0] = stage.timed(play.apply);
        stage.after = stage.project.files();
        let changed = stage.changed();
        assert!(
            changed >= play.least,
            "{}: only {changed} files change",
            play.name
        );
        stage.lengths[1] = stage.timed(play.undo);
        assert_eq!(stage.project.files(), before, "{}: the undo", play.name);
        stage
    }

    /// Files that the apply changes.
    pub fn changed(&self) -> usize {
        let differs = |(name, bytes): &(&String, &Vec<u8>)| self.before.get(*name) != Some(*bytes);
        self.after.iter().filter(differs).count()
    }

    /// The length of a command, and of its writing.
    fn timed(&self, args: &[&str]) -> (Duration, Duration) {
        let begun = Instant::now();
        let mut child = command(&self.project, self.play, args);
        let (mut first, mut last) = (None, Duration::ZERO);
        while child.try_wait().unwrap().is_none() {
            if self.is_writing() {
                first.get_or_insert(begun.elapsed());
                last = begun.elapsed();
            }
            thread::sleep(GLANCE);
        }
        let whole = begun.elapsed();
        expect(self.play, "unharmed", &child.wait_with_output().unwrap());
        let writing = first.map_or(whole / 8, |first| last.saturating_sub(first));
        (whole, writing.max(Duration::from_millis(2)))
    }

    fn is_writing(&self) -> bool {
        ["journal.tmp", "applying.json", "undoing.json"]
            .iter()
            .any(|name| self.journal.join(name).exists())
    }

    /// Strikes `count` times at the apply and at the undo in turn, three times of four in the writing.
    pub fn strike(&self, count: usize, seed: u64) -> Toll {
        let mut random = Random::new(seed);
        let mut toll = Toll::default();
        // A strike that comes too late is none.
        for turn in 0..count * 3 {
            if toll.kills >= count || toll.faults.len() >= 10 {
                break;
            }
            let is_undo = toll.kills % 2 == 1;
            let (whole, writing) = self.lengths[usize::from(is_undo)];
            let within = |length: Duration, random: &mut Random| {
                let micros = u64::try_from(length.as_micros()).unwrap_or(u64::MAX);
                Duration::from_micros(random.below(micros))
            };
            let moment = match random.below(4) {
                0 => Moment::Start(within(whole, &mut random)),
                _ => Moment::Writing(within(writing, &mut random)),
            };
            let context = format!("{}, strike {turn} {moment:?}", self.play.name);
            self.one(is_undo, moment, &context, &mut toll);
        }
        toll
    }

    fn one(&self, is_undo: bool, moment: Moment, context: &str, toll: &mut Toll) {
        if is_undo {
            let applied = command(&self.project, self.play, self.play.apply);
            expect(self.play, context, &applied.wait_with_output().unwrap());
        }
        let args = if is_undo {
            self.play.undo
        } else {
            self.play.apply
        };
        if self.kill(args, moment) {
            toll.kills += 1;
            toll.writing += usize::from(matches!(moment, Moment::Writing(_)));
        }
        let mut fault = |what: String| toll.faults.push(format!("{context}: {what}"));
        for torn in self.torn() {
            fault(format!("{torn} is neither old nor new"));
        }
        let pending = ["applying.json", "undoing.json"];
        let pending = pending.iter().any(|name| self.journal.join(name).exists());
        let next = self.run(self.play.next);
        let said = String::from_utf8_lossy(&next.stderr)
            .matches("an interrupted `")
            .count();
        if next.status.code() != Some(0) || said != usize::from(pending) {
            fault(format!("the next command: {} and {next:?}", next.status));
        }
        if pending {
            let again = self.run(self.play.next);
            if String::from_utf8_lossy(&again.stderr).contains("an interrupted `") {
                fault("the recovery is told twice".to_owned());
            }
        }
        let mut now = self.project.files();
        if now == self.after {
            let undone = self.run(self.play.undo);
            if undone.status.code() != Some(0) {
                fault(format!("cannot be undone: {undone:?}"));
            }
            now = self.project.files();
        }
        let others = differing(&now, &self.before);
        if !others.is_empty() {
            fault(format!("does not come back: {others:?}"));
        }
        toll.recoveries += usize::from(pending);
    }

    fn run(&self, args: &[&str]) -> Output {
        command(&self.project, self.play, args)
            .wait_with_output()
            .unwrap()
    }

    /// Starts the command and kills it; false where it had ended before.
    fn kill(&self, args: &[&str], moment: Moment) -> bool {
        let mut child = command(&self.project, self.play, args);
        let mut wait = match moment {
            Moment::Start(after) => after,
            Moment::Writing(after) => {
                while !self.is_writing() && child.try_wait().unwrap().is_none() {
                    thread::sleep(GLANCE);
                }
                after
            }
        };
        // To sleep is not exact enough for what takes microseconds.
        if wait > Duration::from_millis(5) {
            thread::sleep(wait - Duration::from_millis(5));
            wait = Duration::from_millis(5);
        }
        let begun = Instant::now();
        while begun.elapsed() < wait {
            std::hint::spin_loop();
        }
        let is_over = child.try_wait().unwrap().is_some();
        if !is_over {
            let group = Pid::from_raw(i32::try_from(child.id()).unwrap());
            killpg(group, Signal::SIGKILL).unwrap();
        }
        // The pipes close when the last of the group is gone.
        let _ = child.wait_with_output().unwrap();
        !is_over
    }

    /// Files that are neither as before nor as after.
    fn torn(&self) -> Vec<String> {
        let now = self.project.files();
        let names = self.before.keys().chain(self.after.keys());
        let mut torn: Vec<String> = names
            .filter(|name| {
                let is = now.get(*name);
                is != self.before.get(*name) && is != self.after.get(*name)
            })
            .cloned()
            .collect();
        torn.dedup();
        torn
    }

    /// Two applies at once: the tree is as after one, or as before both; what is refused is said.
    pub fn two_at_once(&self) -> Vec<String> {
        let both = [0, 1].map(|_| command(&self.project, self.play, self.play.apply));
        let both = both.map(|child| child.wait_with_output().unwrap());
        let mut faults = Vec::new();
        for output in &both {
            let said = String::from_utf8_lossy(&output.stderr);
            let is_clear = ["run the command again", "try again when it is done"]
                .iter()
                .any(|words| said.contains(words));
            let is_fine = match output.status.code() {
                Some(0) => true,
                Some(2) => is_clear,
                _ => false,
            };
            if !is_fine {
                faults.push(format!("{}: {} and {said}", self.play.name, output.status));
            }
        }
        if !both.iter().any(|output| output.status.success()) {
            faults.push(format!("{}: neither came through", self.play.name));
        }
        let others = differing(&self.project.files(), &self.after);
        if !others.is_empty() {
            faults.push(format!(
                "{}: two at once do not end as one: {others:?}, {both:?}",
                self.play.name
            ));
        }
        let undone = self.run(self.play.undo);
        let others = differing(&self.project.files(), &self.before);
        if !undone.status.success() || !others.is_empty() {
            faults.push(format!(
                "{}: cannot be undone: {others:?}, {undone:?}",
                self.play.name
            ));
        }
        faults
    }
}

/// Where a project has no lockfile, cargo writes one, which stays when we are killed while it does, and which
/// each of two calls at once may take for the user's: as after a plain `cargo metadata`, and not what is looked
/// at here.
fn lock(project: &Project) {
    if project.root.join("Cargo.lock").exists() {
        return;
    }
    let mut cargo = std::process::Command::new("cargo");
    cargo
        .args(["generate-lockfile", "--offline", "--quiet"])
        .current_dir(&project.root);
    project.isolate(&mut cargo);
    assert!(cargo.status().unwrap().success(), "no lockfile");
}

/// The files that are not the same in both, or in one only.
fn differing(now: &Files, wanted: &Files) -> BTreeSet<String> {
    now.keys()
        .chain(wanted.keys())
        .filter(|name| now.get(*name) != wanted.get(*name))
        .cloned()
        .collect()
}

/// The plugin in a process group of its own.
fn command(project: &Project, play: &Play, args: &[&str]) -> Child {
    let mut command = project.command((play.binary)(), play.plugin, args);
    command
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn expect(play: &Play, what: &str, output: &Output) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}, {what}: {said}", play.name);
}
