//! From what the wrapper and cargo said to the units of a recording.

use std::collections::{BTreeMap, HashMap};

use camino::{Utf8Path, Utf8PathBuf};

use super::edges::connect;
use super::{Unit, UnitKind, UnitProfile};
use crate::cargo::{BuiltArtifact, TimedEvent};
use crate::wrapper::log::{Invocation, LogLine};
use crate::wrapper::rustc_args::RustcArgs;

/// What was seen of a build.
#[derive(Debug, Clone, Copy)]
pub struct Observed<'a> {
    pub log: &'a [LogLine],
    pub events: &'a [TimedEvent],
    /// When cargo was started, on the clock of the log.
    pub started_s: f64,
    /// The directories of the members' manifests.
    pub member_dirs: &'a [Utf8PathBuf],
    /// The directories of manifests with `links`.
    pub links_dirs: &'a [Utf8PathBuf],
}

/// A unit, with what its edges are found by.
#[derive(Debug)]
pub(super) struct Node {
    pub unit: Unit,
    pub origin: Origin,
}

#[derive(Debug)]
pub(super) enum Origin {
    Rustc {
        args: Box<RustcArgs>,
        env: BTreeMap<String, String>,
    },
    Script {
        program: Utf8PathBuf,
        out_dir: Utf8PathBuf,
    },
}

/// The units that were built, in order of their start, with what each waited for. What was fresh is
/// not among them.
pub fn assemble(observed: &Observed<'_>) -> Vec<Unit> {
    let mut nodes = compilations(observed);
    let runs = script_runs(observed, &nodes);
    nodes.extend(runs);
    nodes.sort_by(|a, b| a.unit.start_s.total_cmp(&b.unit.start_s));
    connect(&mut nodes, observed.links_dirs);
    end_before_use(&mut nodes);
    nodes.into_iter().map(|node| node.unit).collect()
}

/// A run whose end was read late ended before what waited for it started: another script that it has a word
/// for, the line of which comes through the other pipe.
fn end_before_use(nodes: &mut [Node]) {
    for at in 0..nodes.len() {
        let start_s = nodes[at].unit.start_s;
        for dep in nodes[at].unit.deps.clone() {
            let run = &mut nodes[dep.unit].unit;
            if run.kind == UnitKind::RunBuildScript {
                run.end_s = run.end_s.min(start_s).max(run.start_s);
            }
        }
    }
}

fn compilations(observed: &Observed<'_>) -> Vec<Node> {
    let mut artifacts: HashMap<(&Utf8Path, bool), &BuiltArtifact> = HashMap::new();
    for event in observed.events {
        if let TimedEvent::Artifact(artifact) = event {
            artifacts.insert((&artifact.src_path, artifact.test), artifact);
        }
    }
    let mut link_s: HashMap<&str, f64> = HashMap::new();
    for line in observed.log {
        if let LogLine::Link(link) = line {
            *link_s.entry(&link.call).or_default() += link.end_s - link.start_s;
        }
    }
    let rustc = observed.log.iter().filter_map(|line| match line {
        LogLine::Rustc(invocation) if invocation.success => Some(invocation),
        _ => None,
    });
    rustc
        .map(|invocation| {
            let args = RustcArgs::parse(invocation.args.iter().map(String::as_str));
            let input = Utf8Path::new(&invocation.cwd).join(args.input.as_deref().unwrap_or(""));
            let artifact = artifacts.get(&(input.as_path(), args.test)).copied();
            let mut unit = compilation(observed, invocation, &args, artifact);
            unit.link_s = link_s.get(invocation.id.as_str()).copied().map(to_micros);
            Node {
                unit,
                origin: Origin::Rustc {
                    args: Box::new(args),
                    env: invocation.env.clone(),
                },
            }
        })
        .collect()
}

fn compilation(
    observed: &Observed<'_>,
    invocation: &Invocation,
    args: &RustcArgs,
    artifact: Option<&BuiltArtifact>,
) -> Unit {
    let env = |name: &str| invocation.env.get(name).cloned();
    let crate_name = args.crate_name.clone().unwrap_or_default();
    let or_zero = |value: &Option<String>| value.clone().unwrap_or_else(|| "0".to_owned());
    let since = |at_s: f64| to_micros((at_s - observed.started_s).max(0.0));
    let counted = !measures_a_client(invocation, args);
    Unit {
        package: env("CARGO_PKG_NAME").unwrap_or_else(|| crate_name.clone()),
        version: env("CARGO_PKG_VERSION").unwrap_or_default(),
        target: artifact
            .map(|artifact| artifact.target.clone())
            .or_else(|| env("CARGO_BIN_NAME"))
            .unwrap_or(crate_name),
        kind: kind(args, artifact),
        member: env("CARGO_MANIFEST_DIR")
            .is_some_and(|dir| observed.member_dirs.contains(&Utf8PathBuf::from(dir))),
        for_host: false,
        profile: UnitProfile {
            opt_level: or_zero(&args.opt_level),
            debuginfo: or_zero(&args.debuginfo),
            incremental: args.incremental,
            test: args.test,
            codegen_units: args.codegen_units,
            lto: args.lto.clone(),
        },
        start_s: since(invocation.start_s),
        metadata_s: invocation.metadata_s.map(since),
        end_s: since(invocation.end_s),
        link_s: None,
        cpu_s: invocation.cpu_s.filter(|_| counted).map(to_micros),
        peak_bytes: invocation.peak_bytes.filter(|_| counted),
        cache: None,
        deps: Vec::new(),
    }
}

/// Clocks tell no more, and JSON keeps so many digits exactly.
pub(super) fn to_micros(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}

/// Whether the work was done, or spared, by a server behind the user's wrapper, so that what was
/// measured is the client's.
fn measures_a_client(invocation: &Invocation, args: &RustcArgs) -> bool {
    invocation
        .chained
        .as_deref()
        .is_some_and(super::cache::has_a_server)
        && super::cache::is_cacheable(args)
}

/// cargo's own word where it reported the target, else what the command line tells.
fn kind(args: &RustcArgs, artifact: Option<&BuiltArtifact>) -> UnitKind {
    let is = |kind: &str| match artifact {
        Some(artifact) => artifact.kinds.iter().any(|k| k == kind),
        None => args.crate_types.iter().any(|k| k == kind),
    };
    let named_script = artifact.is_none()
        && args
            .crate_name
            .as_deref()
            .is_some_and(|name| name.starts_with("build_script_"));
    if is("custom-build") || named_script {
        UnitKind::BuildScript
    } else if is("example") {
        UnitKind::Example
    } else if is("bench") {
        UnitKind::Bench
    } else if is("bin") {
        UnitKind::Bin
    } else if args.test || is("test") {
        UnitKind::Test
    } else if is("proc-macro") {
        UnitKind::ProcMacro
    } else if ["cdylib", "dylib", "staticlib"].iter().any(|kind| is(kind)) {
        UnitKind::LinkedLib
    } else {
        UnitKind::Lib
    }
}

/// The runs of build scripts: from the line that says it runs to the message that it ran. A script
/// that was not run again has the message only.
fn script_runs(observed: &Observed<'_>, compiled: &[Node]) -> Vec<Node> {
    let mut executed: Vec<(&str, &Utf8PathBuf, f64)> = Vec::new();
    for event in observed.events {
        if let TimedEvent::ScriptExecuted {
            package_id,
            out_dir,
            at_s,
        } = event
        {
            executed.push((package_id, out_dir, *at_s));
        }
    }
    let mut runs = Vec::new();
    for event in observed.events {
        let TimedEvent::ScriptStarted { program, at_s } = event else {
            continue;
        };
        let (package, version) = script_package(program, compiled);
        let is_of = |id: &str| {
            let (name, of_version) = name_and_version(id);
            name == package
                && version
                    .as_deref()
                    .is_none_or(|version| version == of_version)
        };
        // The line and the message come through different pipes, and may overtake each other.
        let ended = executed
            .iter()
            .position(|(id, _, end_s)| is_of(id) && *end_s >= at_s - OVERTAKING_S)
            .or_else(|| executed.iter().rposition(|(id, ..)| is_of(id)));
        if let Some(ended) = ended {
            let (package_id, out_dir, end_s) = executed.remove(ended);
            let start_s = (at_s - observed.started_s).max(0.0);
            let end_s = (end_s - observed.started_s).max(start_s);
            // Both may have been read late, but what uses the output started when there was one.
            let used_s = first_use_s(out_dir, compiled);
            let times = (start_s.min(used_s), end_s.min(used_s));
            runs.push(Node {
                unit: script_run(name_and_version(package_id), times, compiled, program),
                origin: Origin::Script {
                    program: program.clone(),
                    out_dir: out_dir.clone(),
                },
            });
        }
    }
    runs
}

/// How much later the first of two messages may be read than the second.
const OVERTAKING_S: f64 = 0.2;

/// When the first unit started that is given the output of a build script.
fn first_use_s(out_dir: &Utf8Path, compiled: &[Node]) -> f64 {
    let uses = |node: &&Node| match &node.origin {
        Origin::Rustc { env, .. } => env
            .get("OUT_DIR")
            .is_some_and(|dir| out_dir == dir.as_str()),
        Origin::Script { .. } => false,
    };
    compiled
        .iter()
        .filter(uses)
        .map(|node| node.unit.start_s)
        .fold(f64::INFINITY, f64::min)
}

fn script_run(
    (package, version): (&str, &str),
    (start_s, end_s): (f64, f64),
    compiled: &[Node],
    program: &Utf8Path,
) -> Unit {
    let script = compiled.iter().find(|node| node.is_program(program));
    Unit {
        package: package.to_owned(),
        version: version.to_owned(),
        target: "build-script-build".to_owned(),
        kind: UnitKind::RunBuildScript,
        member: compiled
            .iter()
            .any(|node| node.unit.member && node.unit.package == package),
        for_host: false,
        profile: script
            .map(|node| node.unit.profile.clone())
            .unwrap_or_default(),
        start_s: to_micros(start_s),
        metadata_s: None,
        end_s: to_micros(end_s),
        link_s: None,
        cpu_s: None,
        peak_bytes: None,
        cache: None,
        deps: Vec::new(),
    }
}

/// The package of the script that was compiled to `program`; where it was up to date, the name
/// that cargo gives the directory (`libc-cb9fa8d39ea7788e`).
fn script_package(program: &Utf8Path, compiled: &[Node]) -> (String, Option<String>) {
    if let Some(node) = compiled.iter().find(|node| node.is_program(program)) {
        return (node.unit.package.clone(), Some(node.unit.version.clone()));
    }
    let dir = program.parent().and_then(Utf8Path::file_name).unwrap_or("");
    let name = dir.rsplit_once('-').map_or(dir, |(name, _)| name);
    (name.to_owned(), None)
}

impl Node {
    /// Whether this is the compilation of the build script at `program`.
    pub fn is_program(&self, program: &Utf8Path) -> bool {
        match &self.origin {
            Origin::Rustc { args, .. } => {
                self.unit.kind == UnitKind::BuildScript
                    && args.out_dir.as_deref() == program.parent().map(Utf8Path::as_str)
            }
            Origin::Script { .. } => false,
        }
    }
}

/// From a package id as cargo writes it today (`registry+https://...#name@1.0.0`,
/// `path+file:///dir/name#1.0.0`) or did (`name 1.0.0 (registry+https://...)`).
fn name_and_version(id: &str) -> (&str, &str) {
    if let Some((name, rest)) = id.split_once(' ') {
        return (name, rest.split(' ').next().unwrap_or(""));
    }
    let (url, fragment) = id.rsplit_once('#').unwrap_or((id, ""));
    fragment.rsplit_once('@').unwrap_or_else(|| {
        let path = url.split('?').next().unwrap_or(url).trim_end_matches('/');
        (path.rsplit('/').next().unwrap_or(path), fragment)
    })
}

#[cfg(test)]
mod tests;
