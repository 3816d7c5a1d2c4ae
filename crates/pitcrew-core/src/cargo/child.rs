//! A child in a process group of its own, read as it writes, and ended with all that it started.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use wait4::{ResUse, Wait4 as _};

use super::{DeadlinePassed, Interrupted};
use crate::wrapper::clock::now_s;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    Out,
    Err,
}

/// A child that ended by itself.
#[derive(Debug)]
pub struct Finished {
    pub status: ExitStatus,
    pub started_s: f64,
    pub ended_s: f64,
    /// Of the child and all that it waited for; none where the platform cannot say.
    pub cpu_s: Option<f64>,
    /// The most memory that one process among them had.
    pub peak_bytes: Option<u64>,
}

/// How often interrupts and the deadline are looked at.
const TICK: Duration = Duration::from_millis(50);
/// What children get to tidy up.
const GRACE: Duration = Duration::from_secs(3);
/// How long output is awaited after the end: a server that the child started may keep the pipes.
const LINGER: Duration = Duration::from_millis(300);

enum Message {
    Bytes(Stream, f64, Vec<u8>),
    Eof,
    Exited(io::Result<ResUse>, f64),
}

/// Runs the command to its end, or ends it on an interrupt or at the deadline.
pub fn supervise(
    command: &mut Command,
    deadline: Option<Instant>,
    interrupts: &dyn Fn() -> u32,
    on_bytes: &mut dyn FnMut(Stream, f64, &[u8]),
) -> Result<Finished> {
    if interrupts() > 0 {
        return Err(Interrupted.into());
    }
    if is_past(deadline) {
        return Err(DeadlinePassed.into());
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        // The terminal's Ctrl-C reaches this process only, which then ends the whole group.
        command.process_group(0);
    }
    let started_s = now_s();
    let mut child = command.spawn()?;
    let group = Group(child.id());
    let (sender, receiver) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        read_on_thread(stdout, Stream::Out, sender.clone());
    }
    if let Some(stderr) = child.stderr.take() {
        read_on_thread(stderr, Stream::Err, sender.clone());
    }
    thread::spawn(move || {
        let ended = child.wait4();
        let _ = sender.send(Message::Exited(ended, now_s()));
    });

    let (ended, ended_s) = watch(&receiver, &group, deadline, interrupts, on_bytes)?;
    let ended = ended?;
    let cpu = ended.rusage.utime + ended.rusage.stime;
    Ok(Finished {
        status: ended.status,
        started_s,
        ended_s,
        cpu_s: Some(cpu.as_secs_f64()),
        peak_bytes: Some(ended.rusage.maxrss),
    })
}

fn read_on_thread(mut from: impl Read + Send + 'static, stream: Stream, to: Sender<Message>) {
    thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => {
                    let bytes = buffer[..count].to_vec();
                    if to.send(Message::Bytes(stream, now_s(), bytes)).is_err() {
                        return;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        let _ = to.send(Message::Eof);
    });
}

/// Passes output on until the child has ended and its pipes are read.
fn watch(
    receiver: &Receiver<Message>,
    group: &Group,
    deadline: Option<Instant>,
    interrupts: &dyn Fn() -> u32,
    on_bytes: &mut dyn FnMut(Stream, f64, &[u8]),
) -> Result<(io::Result<ResUse>, f64)> {
    let mut open = 2;
    let mut exited = None;
    let mut ended_at = None;
    while open > 0 || exited.is_none() {
        let wait = if exited.is_some() { LINGER } else { TICK };
        match receiver.recv_timeout(wait) {
            Ok(Message::Bytes(stream, at_s, bytes)) => on_bytes(stream, at_s, &bytes),
            Ok(Message::Eof) => open -= 1,
            Ok(Message::Exited(status, at_s)) => {
                exited = Some((status, at_s));
                ended_at = Some(Instant::now());
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        match ended_at {
            Some(at) if at.elapsed() >= LINGER => break,
            Some(_) => {}
            None if interrupts() > 0 => {
                group.end(receiver, interrupts);
                return Err(Interrupted.into());
            }
            None if is_past(deadline) => {
                group.end(receiver, &|| 0);
                return Err(DeadlinePassed.into());
            }
            None => {}
        }
    }
    match exited {
        // Told to end by whoever told us: what it managed to do is not a result.
        Some((Ok(ended), _)) if !ended.status.success() && interrupts() > 0 => {
            Err(Interrupted.into())
        }
        Some(exited) => Ok(exited),
        None => Ok((Err(io::Error::other("the child was lost")), now_s())),
    }
}

fn is_past(deadline: Option<Instant>) -> bool {
    deadline.is_some_and(|deadline| Instant::now() >= deadline)
}

/// The process group of a child, named by the child's id.
struct Group(u32);

impl Group {
    /// Asks all to end, and ends those that do not.
    fn end(&self, receiver: &Receiver<Message>, interrupts: &dyn Fn() -> u32) {
        let before = interrupts();
        self.signal(false);
        let asked = Instant::now();
        let mut exited = false;
        while !exited && asked.elapsed() < GRACE && interrupts() <= before {
            exited = matches!(receiver.recv_timeout(TICK), Ok(Message::Exited(..)));
        }
        // The child may be gone and leave others behind, who must not write on.
        self.signal(true);
        let killed = Instant::now();
        while !exited && killed.elapsed() < GRACE {
            exited = matches!(receiver.recv_timeout(TICK), Ok(Message::Exited(..)));
        }
    }

    #[cfg(unix)]
    fn signal(&self, kill: bool) {
        use nix::sys::signal::{Signal, killpg};
        let signal = if kill {
            Signal::SIGKILL
        } else {
            Signal::SIGTERM
        };
        if let Ok(id) = i32::try_from(self.0) {
            // No such group: all have ended.
            let _ = killpg(nix::unistd::Pid::from_raw(id), signal);
        }
    }

    #[cfg(not(unix))]
    fn signal(&self, kill: bool) {
        if kill {
            let _ = Command::new("taskkill")
                .args(["/T", "/F", "/PID", &self.0.to_string()])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
        }
    }
}

/// The last of what was written.
#[derive(Debug, Clone, Default)]
pub struct Tail {
    bytes: VecDeque<u8>,
}

impl Tail {
    const LONGEST: usize = 64 * 1024;

    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
        let over = self.bytes.len().saturating_sub(Self::LONGEST);
        self.bytes.drain(..over);
    }

    pub fn text(&self) -> String {
        let bytes: Vec<u8> = self.bytes.iter().copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
