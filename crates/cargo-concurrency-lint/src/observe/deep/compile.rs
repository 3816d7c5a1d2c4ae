//! One call of rustc within a deep run: has it print MIR, and reads that at once.
//!
//! `RUSTC_BOOTSTRAP` is set for this call only. Build scripts that probe the compiler do not pass
//! through here, so they see the compiler as it is.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use pitcrew_core::wrapper::rustc_args::RustcArgs;

use super::order::{Order, SUMMARY, TEXT, VARIABLE};
use crate::mir::layout::Layouts;
use crate::mir::summarise::{Crate, summarise};
use crate::mir::summary::Summary;

/// Makes a stable compiler take unstable flags.
const BOOTSTRAP: &str = "RUSTC_BOOTSTRAP";

/// Runs a compilation of a deep run; none where this is not one, or the crate is not read.
pub fn compile(args: &RustcArgs, command: &mut Command) -> Option<io::Result<ExitStatus>> {
    let order: Order = serde_json::from_str(&std::env::var(VARIABLE).ok()?).ok()?;
    let home = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    if !is_check(args) {
        return None;
    }
    Some(Job::of(args, &order, &home)?.run(&order, command))
}

/// Not for what is compiled to be run: proc-macros, build scripts, and what they need.
fn is_check(args: &RustcArgs) -> bool {
    let emits = |kind: &str| args.emit.iter().any(|emitted| emitted == kind);
    emits("metadata") && !emits("link")
}

/// A crate whose MIR is to be read.
struct Job {
    krate: Crate,
    text: PathBuf,
    summary: PathBuf,
}

impl Job {
    /// None for a dependency that is not read.
    fn of(args: &RustcArgs, order: &Order, home: &str) -> Option<Self> {
        let name = args.crate_name.clone()?;
        // As paths, for which a slash at the end makes no difference.
        let members = order.members.iter().map(Path::new);
        let member = members.into_iter().any(|folder| folder == Path::new(home));
        if !member && order.skip.contains(&name) {
            return None;
        }
        let stem = format!("{name}{}", args.extra_filename);
        let folder = PathBuf::from(args.out_dir.as_ref()?);
        let beside = |ending: &str| folder.join(format!("{stem}.{ending}"));
        let externs = args.externs.iter().filter_map(|one| {
            let stem = Path::new(&one.path).file_stem()?.to_str()?;
            let stem = stem.strip_prefix("lib").unwrap_or(stem);
            Some((one.name.clone(), stem.to_owned()))
        });
        Some(Self {
            text: beside(TEXT),
            summary: beside(SUMMARY),
            krate: Crate {
                name,
                externs: externs.collect(),
                dir: std::env::current_dir().ok()?,
                member,
            },
        })
    }

    fn run(self, order: &Order, command: &mut Command) -> io::Result<ExitStatus> {
        // An old summary must not outlive the code that it is of.
        let _ = fs::remove_file(&self.summary);
        command
            .env(BOOTSTRAP, "1")
            // With unstable flags a compiler that breaks leaves a file about it in the user's folder.
            .env("RUSTC_ICE", "0")
            .arg(format!("--emit=mir={}", self.text.display()))
            .args(&order.flags);
        if self.krate.member {
            command.args(&order.member_flags);
        }
        let mut layouts = Layouts::default();
        let status = self.lightly(order, command, &mut layouts)?;
        if status.success() {
            // Whoever looks for the summary sees that it is missing: a build is worth more.
            let _ = self.summarise(layouts);
        }
        let _ = fs::remove_file(&self.text);
        Ok(status)
    }

    /// With the flags that spare work, and without where that fails: what it said then is not passed on.
    fn lightly(
        &self,
        order: &Order,
        command: &mut Command,
        layouts: &mut Layouts,
    ) -> io::Result<ExitStatus> {
        if order.light_flags.is_empty() {
            return self.compile(command, layouts);
        }
        let mut light = again(command);
        light.args(&order.light_flags);
        light.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = light.spawn()?;
        let said = child.stderr.take().map(|mut stderr| {
            std::thread::spawn(move || {
                let mut said = Vec::new();
                stderr.read_to_end(&mut said).map(|_| said)
            })
        });
        let mut printed = Vec::new();
        if let Some(stdout) = child.stdout.take() {
            sift(stdout, layouts, &mut printed)?;
        }
        let status = child.wait()?;
        if !status.success() {
            *layouts = Layouts::default();
            return self.compile(command, layouts);
        }
        io::stdout().write_all(&printed)?;
        if let Some(said) = said.and_then(|said| said.join().ok()) {
            io::stderr().write_all(&said?)?;
        }
        Ok(status)
    }

    fn compile(&self, command: &mut Command, layouts: &mut Layouts) -> io::Result<ExitStatus> {
        if !self.krate.member {
            return command.status();
        }
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        if let Some(stdout) = child.stdout.take() {
            sift(stdout, layouts, &mut io::stdout())?;
        }
        child.wait()
    }

    fn summarise(&self, layouts: Layouts) -> io::Result<()> {
        let text = BufReader::with_capacity(1 << 20, File::open(&self.text)?);
        let mut summary = summarise(text, self.krate.clone())?;
        add_sizes(&mut summary, layouts);
        let bytes = summary.to_bytes().map_err(io::Error::other)?;
        let folder = self.summary.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&bytes)?;
        file.persist(&self.summary)?;
        Ok(())
    }
}

/// The same call once more: a command is not to be cloned.
fn again(command: &Command) -> Command {
    let mut again = Command::new(command.get_program());
    again.args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => again.env(name, value),
            None => again.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        again.current_dir(folder);
    }
    again
}

fn add_sizes(summary: &mut Summary, layouts: Layouts) {
    for (ty, size) in layouts.sizes {
        let ty = summary.texts.intern(&ty);
        summary.sizes.push((ty, size));
    }
}

/// Takes the lines about sizes out of what rustc prints, and passes the others on.
fn sift(from: impl Read, layouts: &mut Layouts, to: &mut impl io::Write) -> io::Result<()> {
    let mut from = BufReader::with_capacity(1 << 18, from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line);
        if !layouts.line(text.trim_end()) {
            to.write_all(&line)?;
        }
        line.clear();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(line: &str, order: &Order) -> Option<Job> {
        Job::of(&RustcArgs::parse(line.split(' ')), order, "/w/app")
    }

    const CHECK: &str = "--crate-name app src/lib.rs --crate-type lib --emit=dep-info,metadata \
        -C extra-filename=-5f --out-dir /t/deps --extern a=/t/deps/liba-1.rmeta";

    #[test]
    fn a_check_is_read_and_what_is_linked_is_not() {
        let order = Order::default();
        let found = job(CHECK, &order).unwrap();
        assert_eq!(found.summary, Path::new("/t/deps/app-5f.pitcrew"));
        assert_eq!(found.krate.externs, [("a".to_owned(), "a-1".to_owned())]);
        assert!(!found.krate.member);
        let linked = CHECK.replace("dep-info,metadata", "dep-info,metadata,link");
        assert!(!is_check(&RustcArgs::parse(linked.split(' '))));
        assert!(is_check(&RustcArgs::parse(CHECK.split(' '))));
    }

    #[test]
    fn a_crate_of_no_use_is_left_alone_unless_it_is_a_member() {
        let mut order = Order {
            skip: vec!["app".to_owned()],
            ..Order::default()
        };
        assert!(job(CHECK, &order).is_none());
        order.members.push("/w/app/".to_owned());
        assert!(job(CHECK, &order).unwrap().krate.member);
    }

    #[test]
    fn only_the_lines_about_sizes_are_taken_out() {
        let said = b"a\nprint-type-size type: `{async block@a.rs:1:2: 3:4}`: 8 bytes, alignment: 8 bytes\nb";
        let (mut layouts, mut rest) = (Layouts::default(), Vec::new());
        sift(&said[..], &mut layouts, &mut rest).unwrap();
        assert_eq!(rest, b"a\nb");
        assert_eq!(layouts.sizes.len(), 1);
    }
}
