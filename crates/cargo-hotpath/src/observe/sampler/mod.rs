//! The recorder: samples a command, or a running process, with the kernel's own clock, and unwinds
//! while it records. Needs no tool and no root.
//!
//! One event a CPU follows the command and all that it starts (`inherit`); the kernel writes into one
//! ring a CPU, which is read here, put into order, and handed to the [`Collector`].

mod events;
mod order;
mod processes;
mod sys;

use std::fs;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use linux_perf_event_reader::RecordParseInfo;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::time::{ClockId, clock_gettime};
use pitcrew_core::cargo::interrupted;

use super::collect::Collector;
use super::decode::decode;
use super::launch::{Ending, Watch, ended};
use super::raw::Raw;
use super::registers::Arch;
use crate::profile::{Ended, KernelFrames, Unit};
use events::{Event, Granted};
use order::Order;
use sys::{Gate, Ring};

/// How to sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    pub rate_hz: u32,
    /// Bytes of each stack that are copied to be unwound.
    pub stack_bytes: u32,
    /// When to end the program, or to stop looking.
    pub duration: Option<Duration>,
    /// Record the waits of threads, not their running time.
    pub off_cpu: bool,
}

/// What was recorded, and how.
#[derive(Debug)]
pub struct Recorded {
    pub raw: Raw,
    pub event: &'static str,
    pub unit: Unit,
    pub kernel: KernelFrames,
    pub wall_s: f64,
    pub ended: Ended,
}

/// The kernel does not let us sample.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Unavailable {
    pub reason: String,
    pub remedy: String,
}

impl Unavailable {
    fn refused(error: &io::Error) -> Self {
        let paranoid = fs::read_to_string("/proc/sys/kernel/perf_event_paranoid").ok();
        Self::explained(error, paranoid.as_deref().map(str::trim))
    }

    /// The kernel's answer in words.
    fn explained(error: &io::Error, paranoid: Option<&str>) -> Self {
        let (reason, remedy) = match (error.raw_os_error(), paranoid) {
            (Some(libc::ENOSYS), _) | (_, None) => (
                "this kernel has no perf_event_open".to_owned(),
                "boot a kernel with CONFIG_PERF_EVENTS".to_owned(),
            ),
            (Some(libc::EACCES | libc::EPERM), Some(level)) => {
                if level.parse::<i32>().is_ok_and(|level| level > 2) {
                    (
                        format!(
                            "perf_event_open is forbidden (kernel.perf_event_paranoid={level})"
                        ),
                        "run `sudo sysctl kernel.perf_event_paranoid=2`".to_owned(),
                    )
                } else {
                    (
                        "perf_event_open is forbidden though kernel.perf_event_paranoid allows it, as \
                         in a container"
                            .to_owned(),
                        "start the container with `--security-opt seccomp=unconfined` or `--cap-add \
                         PERFMON`"
                            .to_owned(),
                    )
                }
            }
            (Some(libc::EMFILE), _) => (
                "too many files are open for an event on each CPU".to_owned(),
                "raise the limit: `ulimit -n 65536`".to_owned(),
            ),
            _ => (
                format!("perf_event_open failed: {error}"),
                "see `dmesg` for the kernel's own words".to_owned(),
            ),
        };
        Self { reason, remedy }
    }

    /// Waits are seen from inside of the kernel only.
    fn waits_are_hidden() -> Self {
        Self {
            reason: "--off-cpu looks at threads while the kernel has them wait, and \
                     kernel.perf_event_paranoid hides the kernel from you"
                .to_owned(),
            remedy: "run `sudo sysctl kernel.perf_event_paranoid=1`, or record as root".to_owned(),
        }
    }

    fn nothing_to_sample() -> Self {
        Self {
            reason: "there is no thread or no CPU to sample".to_owned(),
            remedy: "look whether the process is still there".to_owned(),
        }
    }
}

/// Why nothing was recorded: the caller may fall back on the first only.
#[derive(Debug)]
pub enum Failure {
    Unavailable(Unavailable),
    Other(anyhow::Error),
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

/// Runs `command` and samples it from its first instruction to its end.
pub fn run(command: Command, options: &Options) -> Result<Recorded, Failure> {
    run_watched(command, options, &mut |_| {})
}

/// Sees what was recorded so far, now and then.
pub type Watcher<'w> = &'w mut dyn FnMut(&Raw);

/// The same, with one who watches.
pub fn run_watched(
    mut command: Command,
    options: &Options,
    watcher: Watcher<'_>,
) -> Result<Recorded, Failure> {
    let arch = arch()?;
    let mut gate = Gate::before_exec(&mut command).context("cannot make a pipe")?;
    // Spawning returns only after exec, and exec waits for the gate.
    let spawning = thread::spawn(move || command.spawn());
    let opened = match gate.child() {
        Some(child) => {
            let opened = events::open_all(&[child], &cpus(), options, true);
            // Without events the child must not run: a fallback starts it anew.
            match opened {
                Ok(opened) => {
                    gate.open()
                        .context("the program went away before it began")?;
                    Some(opened)
                }
                Err(unavailable) => {
                    drop(gate);
                    let _ = spawning.join();
                    return Err(Failure::Unavailable(unavailable));
                }
            }
        }
        None => None,
    };
    let spawned = spawning
        .join()
        .map_err(|_| anyhow!("starting the program ended in a panic"))?;
    let mut child = spawned.context("cannot start the program")?;
    let opened = opened.context("the program began before its events were open")?;
    let mut recorder = Recorder::new(arch, opened);
    let begun = Instant::now();
    let ending = recorder.until_the_end(&mut child, options, watcher)?;
    let wall_s = begun.elapsed().as_secs_f64();
    Ok(recorder.finish(wall_s, ending))
}

/// Samples a running process until it ends, the time is up, or the user has seen enough.
pub fn attach(pid: i32, options: &Options) -> Result<Recorded, Failure> {
    attach_watched(pid, options, &mut |_| {})
}

/// The same, with one who watches.
pub fn attach_watched(
    pid: i32,
    options: &Options,
    watcher: Watcher<'_>,
) -> Result<Recorded, Failure> {
    let arch = arch()?;
    let tasks = processes::threads(pid)?;
    let opened = events::open_all(&tasks, &cpus(), options, false).map_err(Failure::Unavailable)?;
    let mut recorder = Recorder::new(arch, opened);
    // Enabled first: what is mapped from here on is in the rings, what was before in the list.
    // The other way round, a process that has just started would map its program unseen.
    recorder.enable()?;
    let begun = Instant::now();
    for event in processes::present(pid)? {
        recorder.collector.event(event);
    }
    let ended = loop {
        recorder.round(TICK);
        watcher(recorder.collector.so_far());
        let time_up = options.duration.is_some_and(|d| begun.elapsed() >= d);
        if interrupted() || time_up {
            break Ended::Running;
        }
        if !processes::is_alive(pid) {
            break Ended::Unknown;
        }
    };
    let wall_s = begun.elapsed().as_secs_f64();
    Ok(recorder.finish(wall_s, ended))
}

fn arch() -> Result<Arch> {
    Arch::HOST.context("only x86_64 and aarch64 can be recorded: import a recording instead")
}

fn cpus() -> Vec<i32> {
    let online = fs::read_to_string("/sys/devices/system/cpu/online").unwrap_or_default();
    let cpus = events::online_cpus(&online);
    if cpus.is_empty() {
        let count = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        return (0..i32::try_from(count).unwrap_or(1)).collect();
    }
    cpus
}

/// How long a round waits at most: what is told to the user, Ctrl-C and the time are looked at then.
const TICK: Duration = Duration::from_millis(50);

struct Recorder {
    granted: Granted,
    rings: Vec<Ring>,
    others: Vec<OwnedFd>,
    info: RecordParseInfo,
    arch: Arch,
    order: Order,
    collector: Collector<'static>,
    /// When the round before began.
    previous_ns: u64,
}

impl Recorder {
    fn new(arch: Arch, (granted, rings, others): (Granted, Vec<Ring>, Vec<OwnedFd>)) -> Self {
        Self {
            granted,
            rings,
            others,
            info: events::parse_info(),
            arch,
            order: Order::default(),
            collector: match granted.event {
                Event::OffCpu => Collector::of_waits(arch, Box::new(processes::load)),
                _ => Collector::new(arch, Box::new(processes::load)),
            },
            previous_ns: 0,
        }
    }

    fn enable(&self) -> Result<()> {
        let rings = self.rings.iter().map(Ring::event);
        let others = self.others.iter().map(|event| event.as_fd());
        for event in rings.chain(others) {
            sys::enable(event).context("cannot enable an event")?;
        }
        Ok(())
    }

    /// Waits for records, reads all that are there, and hands on what is in order.
    fn round(&mut self, wait: Duration) {
        let wait = PollTimeout::try_from(wait).unwrap_or(PollTimeout::ZERO);
        let mut fds: Vec<PollFd<'_>> = self
            .rings
            .iter()
            .map(|ring| PollFd::new(ring.event(), PollFlags::POLLIN))
            .collect();
        // A signal that interrupts the wait is looked at by the caller.
        let woken = poll(&mut fds, wait);
        if woken.is_ok_and(|ready| ready > 0) && fds.iter().all(hung_up) {
            // Nothing will come any more; polling again would not wait.
            thread::sleep(Duration::from_millis(1));
        }
        self.read();
    }

    fn read(&mut self) {
        let begun_ns = now_ns();
        for ring in &mut self.rings {
            let order = &mut self.order;
            let (info, arch) = (&self.info, self.arch);
            ring.drain(&mut |record| {
                if let Some((time_ns, event)) = decode(record, info, arch) {
                    order.push(time_ns, event);
                }
            });
        }
        let collector = &mut self.collector;
        self.order
            .release(self.previous_ns, &mut |event| collector.event(event));
        self.previous_ns = begun_ns;
    }

    fn until_the_end(
        &mut self,
        child: &mut Child,
        options: &Options,
        watcher: Watcher<'_>,
    ) -> Result<Ended> {
        let mut watch = Watch::new(options.duration);
        loop {
            self.round(TICK.min(watch.next_look()));
            watcher(self.collector.so_far());
            let status: Option<ExitStatus> =
                child.try_wait().context("cannot wait for the program")?;
            if let Some(status) = status {
                return Ok(ended(status, watch.ending()));
            }
            if watch.look(child) == Ending::Forced {
                let status = child.wait().context("cannot wait for the program")?;
                return Ok(ended(status, watch.ending()));
            }
        }
    }

    fn finish(mut self, wall_s: f64, ended: Ended) -> Recorded {
        self.read();
        let collector = &mut self.collector;
        self.order
            .release(u64::MAX, &mut |event| collector.event(event));
        let unit = match self.granted.event {
            Event::Cycles => Unit::Cycles,
            Event::CpuClock | Event::OffCpu => Unit::Nanoseconds,
        };
        Recorded {
            raw: self.collector.finish(),
            event: self.granted.event.name(),
            unit,
            kernel: kernel_frames(self.granted),
            wall_s,
            ended,
        }
    }
}

fn hung_up(fd: &PollFd<'_>) -> bool {
    fd.revents()
        .is_some_and(|events| events.contains(PollFlags::POLLHUP))
}

fn kernel_frames(granted: Granted) -> KernelFrames {
    if granted.kernel {
        return KernelFrames::Recorded;
    }
    let level = fs::read_to_string("/proc/sys/kernel/perf_event_paranoid").unwrap_or_default();
    KernelFrames::Excluded {
        why: format!(
            "kernel.perf_event_paranoid={} hides it from you: `sudo sysctl \
             kernel.perf_event_paranoid=1` shows it",
            level.trim()
        ),
    }
}

fn now_ns() -> u64 {
    // The events' own clock. Where it fails nothing is ever released early, and all at the end.
    clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(0, |now| {
        u64::try_from(now.tv_sec()).unwrap_or(0) * 1_000_000_000
            + u64::try_from(now.tv_nsec()).unwrap_or(0)
    })
}

#[cfg(test)]
mod tests;
