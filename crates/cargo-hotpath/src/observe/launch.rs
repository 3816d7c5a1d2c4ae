//! When a recorded program ends: by itself, because its time is up, or because the user pressed
//! Ctrl-C. Ended by us, it gets a chance to tidy up first.

use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use pitcrew_core::cargo::interrupted;

use crate::profile::Ended;

/// What a program gets to tidy up.
const GRACE: Duration = Duration::from_secs(3);

/// Watches a running program.
pub struct Watch {
    begun: Instant,
    duration: Option<Duration>,
    ending: Ending,
    asked: Option<Instant>,
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
            asked: None,
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
        match self.asked {
            None => {
                let time_up = self.duration.is_some_and(|d| self.begun.elapsed() >= d);
                self.ending = match (interrupted(), time_up) {
                    (true, _) => Ending::Interrupted,
                    (false, true) => Ending::TimeUp,
                    (false, false) => return Ending::No,
                };
                self.asked = Some(Instant::now());
                // The terminal has told the program of Ctrl-C too, but nobody has told it of a
                // signal that was meant for us.
                ask(child);
                self.ending
            }
            Some(asked) if asked.elapsed() >= GRACE => {
                // It may have ended just now.
                let _ = child.kill();
                Ending::Forced
            }
            Some(_) => self.ending,
        }
    }
}

#[cfg(unix)]
fn ask(child: &Child) {
    use nix::sys::signal::{Signal, kill};
    if let Ok(id) = i32::try_from(child.id()) {
        let _ = kill(nix::unistd::Pid::from_raw(id), Signal::SIGTERM);
    }
}

#[cfg(not(unix))]
fn ask(child: &mut Child) {
    let _ = child.kill();
}

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
