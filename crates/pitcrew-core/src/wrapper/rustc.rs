//! One call of rustc: add arguments, run it, pass on what it says, log it.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use super::child::{children_usage, could_not_run, end_as, hand_over};
use super::clock::now_s;
use super::log::{Invocation, LogLine, append, is_kept};
use super::rustc_args::{RustcArgs, expand};
use super::{CHAIN, Compile, HOST, LINK_ARGS, RUSTC_ARGS, TARGET_ONLY, encoded, link};

/// Runs `program args...`, which is rustc, or a workspace wrapper with rustc.
pub fn run(
    me: &OsStr,
    log_dir: &OsStr,
    program: OsString,
    args: Vec<OsString>,
    compile: Compile,
) -> ExitCode {
    let start_s = now_s();
    let text: Vec<String> = args
        .iter()
        .map(|arg| arg.to_string_lossy().into_owned())
        .collect();
    let expanded = expand(&text);
    let parsed = RustcArgs::parse(expanded.iter().map(String::as_str));

    let chain = env::var_os(CHAIN).filter(|wrapper| !wrapper.is_empty());
    let mut command = match &chain {
        Some(wrapper) => {
            let mut command = Command::new(wrapper);
            command.arg(program);
            command
        }
        None => Command::new(program),
    };
    command.args(args);
    if !is_compilation(&parsed) {
        return hand_over(command);
    }
    command.args(injected(&parsed));
    if let Some(ended) = compile(&parsed, &mut command) {
        return match ended {
            Ok(status) => end_as(status),
            Err(error) => could_not_run(&command, &error),
        };
    }
    if log_dir.is_empty() {
        return hand_over(command);
    }

    let log_dir = Path::new(log_dir);
    let id = format!("{}-{start_s}", std::process::id());
    if let Some(shim) = link::plan(&parsed, env::var(HOST).ok().as_deref())
        .and_then(|linker| link::Shim::install(Path::new(me), log_dir, linker))
    {
        shim.set_on(&mut command, &id);
    }
    if parsed.json_artifacts {
        command.stderr(Stdio::piped());
    }
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return could_not_run(&command, &error),
    };
    let metadata_s = child
        .stderr
        .take()
        .and_then(|stderr| forward(stderr, &mut io::stderr()));
    let status = match child.wait() {
        Ok(status) => status,
        Err(error) => return could_not_run(&command, &error),
    };
    let end_s = now_s();
    let usage = children_usage();
    let line = LogLine::Rustc(Invocation {
        id,
        args: expanded,
        cwd: env::current_dir().map_or(String::new(), |dir| dir.to_string_lossy().into_owned()),
        env: kept_env(),
        chained: chain.map(|wrapper| wrapper.to_string_lossy().into_owned()),
        start_s,
        metadata_s,
        end_s,
        cpu_s: usage.map(|usage| usage.cpu_s),
        peak_bytes: usage.map(|usage| usage.peak_bytes),
        success: status.success(),
    });
    // A build is worth more than its record: whoever reads the log sees that the unit is missing.
    let _ = append(log_dir, &line);
    end_as(status)
}

/// Whether cargo compiles a unit with this call. Build scripts call the wrapper too, to probe the
/// compiler, but without the variable that cargo sets for its own calls only.
fn is_compilation(args: &RustcArgs) -> bool {
    !args.asks
        && args.crate_name.as_deref().is_some_and(|name| name != "___")
        && env::var_os("CARGO_CRATE_NAME").is_some()
}

fn injected(args: &RustcArgs) -> Vec<OsString> {
    if args.target.is_none() && env::var_os(TARGET_ONLY).is_some() {
        return Vec::new();
    }
    let mut more = Vec::new();
    if !is_for_host(args) {
        more.extend(encoded(RUSTC_ARGS));
    }
    if args.links() {
        more.extend(encoded(LINK_ARGS));
    }
    more
}

/// Whether it is compiled to be run by cargo or rustc, as far as its own command line tells.
fn is_for_host(args: &RustcArgs) -> bool {
    args.crate_types.iter().any(|kind| kind == "proc-macro")
        || (env::var_os("CARGO_BIN_NAME").is_none()
            && args.crate_types == ["bin"]
            && args
                .crate_name
                .as_deref()
                .is_some_and(|name| name.starts_with("build_script_")))
}

fn kept_env() -> BTreeMap<String, String> {
    env::vars_os()
        .filter_map(|(name, value)| {
            let name = name.to_str().filter(|name| is_kept(name))?.to_owned();
            Some((name, value.to_string_lossy().into_owned()))
        })
        .collect()
}

/// Passes on what rustc says as it comes, and returns when it said that the metadata is ready.
fn forward(mut from: impl Read, to: &mut impl io::Write) -> Option<f64> {
    let mut watch = MetadataWatch::default();
    let mut buffer = vec![0; 64 * 1024];
    let mut ready_s = None;
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => break,
        };
        // Before it is passed on: cargo may start a dependent while this process waits for a core.
        if ready_s.is_none() && watch.feed(&buffer[..count]) {
            ready_s = Some(now_s());
        }
        // Where cargo is gone, rustc is still drained, or it would hang.
        let _ = to.write_all(&buffer[..count]);
    }
    ready_s
}

/// Looks for `{"$message_type":"artifact",...,"emit":"metadata"}` in a stream of lines.
#[derive(Default)]
struct MetadataWatch {
    line: Vec<u8>,
}

impl MetadataWatch {
    /// Longer lines are diagnostics.
    const LONGEST: usize = 8 * 1024;

    fn feed(&mut self, bytes: &[u8]) -> bool {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let room = Self::LONGEST.saturating_sub(self.line.len());
            self.line.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.ends_with(b"\n") {
                let found = Self::says_so(&self.line);
                self.line.clear();
                if found {
                    return true;
                }
            }
        }
        false
    }

    fn says_so(line: &[u8]) -> bool {
        let is_artifact = [&b"{\"$message_type\":\"artifact\""[..], b"{\"artifact\":"]
            .iter()
            .any(|start| line.starts_with(start));
        let emit = b"\"emit\":\"metadata\"";
        is_artifact && line.windows(emit.len()).any(|window| window == emit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: &[u8] =
        b"{\"$message_type\":\"artifact\",\"artifact\":\"/t/liba.rmeta\",\"emit\":\"metadata\"}\n";

    #[test]
    fn metadata_is_seen_however_the_bytes_arrive() {
        let mut watch = MetadataWatch::default();
        let (last, rest) = READY.split_last().unwrap();
        assert!(rest.iter().all(|byte| !watch.feed(&[*byte])));
        assert!(watch.feed(&[*last]));

        let long = [b"{\"message\":\"", &vec![b'x'; 20_000][..], b"\"}\n", READY].concat();
        assert!(MetadataWatch::default().feed(&long));
    }

    #[test]
    fn a_diagnostic_that_quotes_an_artifact_is_not_one() {
        let quote =
            b"{\"$message_type\":\"diagnostic\",\"message\":\"\\\"emit\\\":\\\"metadata\\\"\"}\n";
        assert!(!MetadataWatch::default().feed(quote));
        let link = b"{\"$message_type\":\"artifact\",\"artifact\":\"/t/a\",\"emit\":\"link\"}\n";
        assert!(!MetadataWatch::default().feed(link));
    }

    #[test]
    fn every_byte_is_passed_on() {
        let said = [b"plain \xff\n", READY, b"no newline at the end"].concat();
        let mut passed = Vec::new();
        assert!(forward(&said[..], &mut passed).is_some());
        assert_eq!(passed, said);
    }
}
