//! Bars and status lines on stderr: bars on a terminal, one line per stage where there is none,
//! nothing with `--quiet`.

use std::io::{self, IsTerminal as _, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cargo::BuildEvent;

/// Shows what is being done, and how far it is.
pub struct Progress {
    bar: ProgressBar,
    /// Where stages are named line by line.
    lines: Option<Box<dyn Write + Send>>,
}

impl Progress {
    /// On stderr.
    pub fn new(quiet: bool) -> Self {
        if quiet {
            Self::silent()
        } else if io::stderr().is_terminal() {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
            Self { bar, lines: None }
        } else {
            Self::lines(Box::new(io::stderr()))
        }
    }

    /// Shows nothing.
    pub fn silent() -> Self {
        Self {
            bar: ProgressBar::hidden(),
            lines: None,
        }
    }

    /// Names each stage in a line of its own.
    pub fn lines(to: Box<dyn Write + Send>) -> Self {
        Self {
            bar: ProgressBar::hidden(),
            lines: Some(to),
        }
    }

    /// A new piece of work, in a few words: `recording a clean build`.
    pub fn stage(&mut self, name: &str) {
        if let Some(lines) = &mut self.lines {
            // Nobody may be reading any more; the work goes on.
            let _ = writeln!(lines, "{name}...");
        }
        self.bar.reset();
        self.bar.set_style(spinner());
        self.bar.unset_length();
        self.bar.set_position(0);
        self.bar.set_prefix(name.to_owned());
        self.bar.set_message("");
        self.bar.enable_steady_tick(Duration::from_millis(120));
    }

    /// What the stage is busy with, on a bar only: a log has no use for it.
    pub fn detail(&self, label: &str) {
        self.bar.set_message(label.to_owned());
    }

    /// How far the stage is, and what it is busy with.
    pub fn position(&self, done: u64, total: u64, label: &str) {
        if total > 0 && self.bar.length() != Some(total) {
            self.bar.set_style(counter());
            self.bar.set_length(total);
        }
        self.bar.set_position(done.min(total));
        self.bar.set_message(label.to_owned());
    }

    /// Shows cargo's own counter.
    pub fn build_event(&self, event: &BuildEvent) {
        if let BuildEvent::Progress { done, total, label } = event {
            self.position(u64::from(*done), u64::from(*total), label);
        }
    }

    /// Takes the bar away, to write to the terminal, and puts it back.
    pub fn suspend<R>(&self, write: impl FnOnce() -> R) -> R {
        self.bar.suspend(write)
    }

    /// Takes the bar away for good, until the next stage.
    pub fn finish(&self) {
        self.bar.disable_steady_tick();
        self.bar.finish_and_clear();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Both templates are constants that a test parses; the fallback never shows.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

const SPINNER: &str = "{spinner} {prefix} {elapsed} {wide_msg:.dim}";
const COUNTER: &str = "{spinner} {prefix} [{bar:20}] {pos}/{len} {elapsed} {wide_msg:.dim}";

fn spinner() -> ProgressStyle {
    style(SPINNER)
}

fn counter() -> ProgressStyle {
    style(COUNTER).progress_chars("=> ")
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn templates_parse() {
        for template in [SPINNER, COUNTER] {
            assert!(ProgressStyle::with_template(template).is_ok());
        }
    }

    #[test]
    fn without_a_terminal_each_stage_is_one_line() {
        let written = Shared::default();
        let mut progress = Progress::lines(Box::new(written.clone()));
        progress.stage("recording a clean build");
        progress.build_event(&BuildEvent::Progress {
            done: 1,
            total: 2,
            label: "a".to_owned(),
        });
        progress.stage("trying mold");
        progress.detail("round 3");
        assert_eq!(progress.suspend(|| 7), 7);
        drop(progress);
        let written = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        assert_eq!(written, "recording a clean build...\ntrying mold...\n");
    }

    #[test]
    fn a_bar_follows_the_counter() {
        let mut progress = Progress::silent();
        progress.stage("recording");
        progress.position(3, 86, "syn");
        assert_eq!(progress.bar.position(), 3);
        assert_eq!(progress.bar.length(), Some(86));
        progress.stage("next");
        assert_eq!(progress.bar.position(), 0);
        assert_eq!(progress.bar.length(), None);
    }
}
