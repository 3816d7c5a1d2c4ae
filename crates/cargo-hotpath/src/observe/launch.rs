//! When a recorded program ends: by itself, because its time is up, or because the user pressed
//! Ctrl-C. Ended by us, it gets a chance to tidy up first.

use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use pitcrew_core::cargo::interrupted;

use crate::profile::Ended;

/// What a program gets to tidy up.
const GRACE: Duration = Duration::from_secs(3);

/// What a program gets to end by the Ctrl-C that the terminal told it of too.
const BY_ITSELF: Duration = Duration::from_millis(500);

/// Watches a running program.
pub struct Watch {
    begun: Instant,
    duration: Option<Duration>,
    ending: Ending,
    /// When to ask it to end, once it is to.
    ask_at: Option<Instant>,
    asked: bool,
}

/// Whether we are ending the program, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    No,
    TimeUp,
    Interrupted,
    /// It did not end when it was asked to, and was killed.
    Forced,
}

impl Watch {
    pub fn new(duration: Option<Duration>) -> Self {
        Self {
            begun: Instant::now(),
            duration,
            ending: Ending::No,
            ask_at: None,
            asked: false,
        }
    }

    /// How long nothing needs to be looked at.
    pub fn next_look(&self) -> Duration {
        let left = |duration: Duration| duration.saturating_sub(self.begun.elapsed());
        self.duration.map_or(Duration::MAX, left)
    }

    /// Why the program ends, as far as we are the reason; a forced end is of the reason before it.
    pub fn ending(&self) -> Ending {
        self.ending
    }

    /// Asks the program to end where it is time, and kills it where it does not.
    pub fn look(&mut self, child: &mut Child) -> Ending {
        let Some(ask_at) = self.ask_at.or_else(|| self.decide()) else {
            return Ending::No;
        };
        self.ask_at = Some(ask_at);
        if Instant::now() >= ask_at && !self.asked {
            self.asked = true;
            ask(child);
        }
        if Instant::now() >= ask_at + GRACE {
            // It may have ended just now.
            let _ = child.kill();
            return Ending::Forced;
        }
        self.ending
    }

    /// Whether it is time, and then for what and when to ask.
    fn decide(&mut self) -> Option<Instant> {
        let time_up = self.duration.is_some_and(|d| self.begun.elapsed() >= d);
        if interrupted() {
            self.ending = Ending::Interrupted;
            // A signal that was meant for us alone it has not heard of.
            Some(Instant::now() + BY_ITSELF)
        } else if time_up {
            self.ending = Ending::TimeUp;
            Some(Instant::now())
        } else {
            None
        }
    }
}

/// Waits for the program, and ends it where it is time.
pub fn wait(child: &mut Child, duration: Option<Duration>) -> Result<Ended> {
    const TICK: Duration = Duration::from_millis(20);
    let mut watch = Watch::new(duration);
    loop {
        if let Some(status) = child.try_wait().context("cannot wait for the program")? {
            return Ok(ended(status, watch.ending()));
        }
        if watch.look(child) == Ending::Forced {
            let status = child.wait().context("cannot wait for the program")?;
            return Ok(ended(status, watch.ending()));
        }
        std::thread::sleep(TICK.min(watch.next_look()));
    }
}

#[cfg(unix)]
fn ask(child: &Child) {
    use nix::sys::signal::{Signal, kill};
    if let Ok(id) = i32::try_from(child.id()) {
        let _ = kill(nix::unistd::Pid::from_raw(id), Signal::SIGTERM);
    }
}

/// There is no asking there: it gets its time to tidy up, and is ended then.
#[cfg(not(unix))]
fn ask(_: &Child) {}

/// The end as the report tells it.
pub fn ended(status: ExitStatus, ending: Ending) -> Ended {
    match ending {
        Ending::Interrupted => return Ended::Interrupted,
        Ending::TimeUp | Ending::Forced => return Ended::TimeUp,
        Ending::No => {}
    }
    if interrupted() {
        return Ended::Interrupted;
    }
    if let Some(code) = status.code() {
        return Ended::Exited { code };
    }
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;
        if let Some(signal) = status.signal() {
            let name = nix::sys::signal::Signal::try_from(signal);
            let name = name.map_or_else(|_| format!("signal {signal}"), |s| s.as_str().to_owned());
            return Ended::Killed { signal, name };
        }
    }
    Ended::Unknown
}
