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
use super::watch::{LintWatch, MetadataWatch};
use super::{
    CHAIN, CHAINED, Compile, GUARDED, HOST, LINK_ARGS, LINTS, MEMBER_ARGS, RUSTC_ARGS, TARGET_ONLY,
    encoded, link,
};

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
            command.arg(program).env(CHAINED, "1");
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
    let lints = LintWatch::new(encoded(LINTS));
    let stderr = child.stderr.take();
    let heard = stderr.map(|stderr| forward(stderr, &mut io::stderr(), lints));
    let heard = heard.unwrap_or_default();
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
        // A guard is not what answers.
        chained: chain
            .map(|wrapper| env::var_os(GUARDED).unwrap_or(wrapper))
            .map(|wrapper| wrapper.to_string_lossy().into_owned()),
        start_s,
        metadata_s: heard.metadata_s,
        end_s,
        cpu_s: usage.map(|usage| usage.cpu_s),
        peak_bytes: usage.map(|usage| usage.peak_bytes),
        success: status.success(),
        lints: heard.lints,
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
    // Set by cargo for the packages that the command line selects, build scripts included.
    if env::var_os("CARGO_PRIMARY_PACKAGE").is_some() {
        more.extend(encoded(MEMBER_ARGS));
    }
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

/// What rustc said that counts.
#[derive(Default)]
struct Heard {
    /// When it said that the metadata is ready.
    metadata_s: Option<f64>,
    lints: Vec<String>,
}

/// Passes on what rustc says as it comes, and hears what counts.
fn forward(mut from: impl Read, to: &mut impl io::Write, mut lints: LintWatch) -> Heard {
    let mut watch = MetadataWatch::default();
    let mut buffer = vec![0; 64 * 1024];
    let mut metadata_s = None;
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => break,
        };
        // Before it is passed on: cargo may start a dependent while this process waits for a core.
        if metadata_s.is_none() && watch.feed(&buffer[..count]) {
            metadata_s = Some(now_s());
        }
        lints.feed(&buffer[..count]);
        // Where cargo is gone, rustc is still drained, or it would hang.
        let _ = to.write_all(&buffer[..count]);
    }
    Heard {
        metadata_s,
        lints: lints.found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_passed_on() {
        let ready = b"{\"$message_type\":\"artifact\",\"artifact\":\"a\",\"emit\":\"metadata\"}\n";
        let said = [&b"plain \xff\n"[..], ready, b"no newline at the end"].concat();
        let mut passed = Vec::new();
        let heard = forward(&said[..], &mut passed, LintWatch::default());
        assert!(heard.metadata_s.is_some() && heard.lints.is_empty());
        assert_eq!(passed, said);
    }
}
