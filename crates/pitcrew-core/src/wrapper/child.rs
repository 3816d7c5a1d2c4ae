//! Running a compiler or a linker in the wrapper's place: handing over, and ending as it ended.

use std::process::{Command, ExitCode, ExitStatus};

/// What the children that have ended took.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Usage {
    pub cpu_s: f64,
    /// The largest of them, not their sum.
    pub peak_bytes: u64,
}

/// The children that this process has waited for, with theirs; none where the platform cannot say.
pub fn children_usage() -> Option<Usage> {
    #[cfg(unix)]
    {
        use nix::sys::resource::{UsageWho, getrusage};
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN).ok()?;
        let seconds = |time: nix::sys::time::TimeVal| {
            time.tv_sec() as f64 + f64::from(i32::try_from(time.tv_usec()).unwrap_or(0)) / 1e6
        };
        // Linux and the BSDs count in KiB, Apple's systems in bytes.
        let unit = if cfg!(target_vendor = "apple") {
            1
        } else {
            1024
        };
        Some(Usage {
            cpu_s: seconds(usage.user_time()) + seconds(usage.system_time()),
            peak_bytes: u64::try_from(usage.max_rss()).unwrap_or(0) * unit,
        })
    }
    #[cfg(not(unix))]
    None
}

/// Becomes the command, where the platform can; runs it and ends as it ended elsewhere.
pub fn hand_over(mut command: Command) -> ExitCode {
    #[cfg(unix)]
    let error = {
        use std::os::unix::process::CommandExt as _;
        command.exec()
    };
    #[cfg(not(unix))]
    let error = match command.status() {
        Ok(status) => return end_as(status),
        Err(error) => error,
    };
    could_not_run(&command, &error)
}

/// Says on stderr, as cargo would have, that the program cannot be run.
pub fn could_not_run(command: &Command, error: &std::io::Error) -> ExitCode {
    use std::io::Write as _;
    let program = command.get_program().to_string_lossy();
    // There is nobody left to tell that stderr is closed.
    let _ = writeln!(
        std::io::stderr(),
        "error: could not run `{program}`: {error}"
    );
    ExitCode::from(127)
}

/// Ends as the child did: with its status, or by its signal.
pub fn end_as(status: ExitStatus) -> ExitCode {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;
        if let Some(number) = status.signal() {
            if let Ok(signal) = nix::sys::signal::Signal::try_from(number) {
                // Rust's own handler for a stack overflow takes the first one and steps aside.
                let _ = nix::sys::signal::raise(signal);
                let _ = nix::sys::signal::raise(signal);
            }
            return ExitCode::from(u8::try_from(128 + number).unwrap_or(255));
        }
    }
    match status.code() {
        Some(code) => ExitCode::from(u8::try_from(code).unwrap_or(101)),
        None => ExitCode::from(101),
    }
}
