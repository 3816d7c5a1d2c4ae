//! Builds a program so that its profile can be read: the user's own profile with names and lines
//! added, in a profile of its own, so that neither the manifest nor the user's artifacts are touched.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::{Package, TargetKind};
use pitcrew_core::cargo::{BuiltArtifact, CargoRun};
use pitcrew_core::cli::CargoFlags;
use pitcrew_core::config::{self, TargetCfg};
use pitcrew_core::nearest::suggestion;
use pitcrew_core::progress::Progress;
use pitcrew_core::regular_file;
use pitcrew_core::session::Session;

/// What is to be built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    Bin {
        package: String,
        name: String,
    },
    Example {
        package: String,
        name: String,
    },
    /// `cargo test --no-run`, with the flags that choose the targets.
    Tests(Vec<String>),
    /// `cargo bench --no-run`.
    Benches(Vec<String>),
}

/// The executables of one build.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Built {
    pub executables: Vec<Executable>,
    /// The user's profile that was built upon: `release`.
    pub profile: String,
    pub optimised: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Executable {
    pub path: Utf8PathBuf,
    /// What chooses it among a package's: `--lib`, `--test NAME`.
    pub flag: String,
    pub package_dir: Utf8PathBuf,
    /// Of a bench target, what runs it.
    pub harness: Harness,
}

/// What runs the benchmarks of a target.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Harness {
    Criterion,
    Divan,
    /// `#[bench]`, or anything else.
    #[default]
    Libtest,
}

impl Harness {
    /// By the source of the bench target: a package may have benches of each kind.
    fn of(source: &str) -> Self {
        if source.contains("criterion") {
            Self::Criterion
        } else if source.contains("divan") {
            Self::Divan
        } else {
            Self::Libtest
        }
    }
}

/// The profile that we build in; cargo gives it a folder of its own.
const OURS: &str = "hotpath";

/// The binary or example that `cargo run` would run, or an error that names the choices.
pub fn choose(session: &Session, bin: Option<&str>, example: Option<&str>) -> Result<Wanted> {
    let kind = if example.is_some() {
        TargetKind::Example
    } else {
        TargetKind::Bin
    };
    let targets = session.workspace.selected_members().flat_map(|package| {
        let of_kind = package.targets.iter().filter(|t| t.kind.contains(&kind));
        of_kind.map(move |target| (package, target.name.as_str()))
    });
    let mut found: Vec<(&Package, &str)> = targets.collect();
    let all = names(&found);
    if let Some(wanted) = bin.or(example) {
        found.retain(|(_, name)| *name == wanted);
        if found.is_empty() {
            let hint = suggestion(wanted, all.iter().map(String::as_str));
            bail!("no {kind} named `{wanted}` in the selected packages{hint}");
        }
    } else if found.len() > 1 {
        let default =
            |(package, name): &(&Package, &str)| package.default_run.as_deref() == Some(*name);
        let defaults: Vec<_> = found.iter().copied().filter(default).collect();
        if defaults.len() == 1 {
            found = defaults;
        }
    }
    match found[..] {
        [] => bail!(
            "there is no binary to profile here: name one with --bin or --example, or profile tests \
             with `cargo hotpath test NAME`"
        ),
        [(package, name)] => {
            let (package, name) = (package.name.to_string(), name.to_owned());
            Ok(match kind {
                TargetKind::Example => Wanted::Example { package, name },
                _ => Wanted::Bin { package, name },
            })
        }
        _ => bail!(
            "several binaries could be profiled: choose one with --bin: {}",
            names(&found).join(", ")
        ),
    }
}

fn names(found: &[(&Package, &str)]) -> Vec<String> {
    let mut names: Vec<String> = found.iter().map(|(_, name)| (*name).to_owned()).collect();
    names.sort();
    names.dedup();
    names
}

/// Builds it; cargo's own errors are the error.
pub fn build(
    session: &Session,
    flags: &CargoFlags,
    wanted: &Wanted,
    progress: &mut Progress,
) -> Result<Built> {
    let profile = flags
        .profile
        .clone()
        .unwrap_or_else(|| "release".to_owned());
    let run = CargoRun {
        args: arguments(session, flags, wanted, &profile),
        cwd: session.cwd.clone(),
        env: vec![("CARGO_ENCODED_RUSTFLAGS".to_owned(), rustflags(session))],
        // Beside ours it would be an error, and ours holds what it says.
        env_remove: vec!["RUSTFLAGS".to_owned()],
        ..CargoRun::default()
    };
    progress.stage("building for profiling");
    let output = run.run(&mut |event| progress.build_event(event))?;
    progress.finish();
    let executables = output.artifacts().filter_map(|artifact| {
        let path = artifact.executable.clone()?;
        is_wanted(artifact, wanted).then(|| executable(session, artifact, path))
    });
    Ok(Built {
        executables: executables.collect(),
        optimised: is_optimised(session, &profile),
        profile,
    })
}

/// `cargo build --profile hotpath --config profile.hotpath...`
fn arguments(session: &Session, flags: &CargoFlags, wanted: &Wanted, profile: &str) -> Vec<String> {
    let mut args: Vec<String> = match wanted {
        Wanted::Bin { package, name } => {
            vec![
                "build".to_owned(),
                format!("--package={package}"),
                format!("--bin={name}"),
            ]
        }
        Wanted::Example { package, name } => {
            vec![
                "build".to_owned(),
                format!("--package={package}"),
                format!("--example={name}"),
            ]
        }
        Wanted::Tests(chosen) => [&["test".to_owned(), "--no-run".to_owned()][..], chosen].concat(),
        Wanted::Benches(chosen) => {
            [&["bench".to_owned(), "--no-run".to_owned()][..], chosen].concat()
        }
    };
    let mut flags = flags.clone();
    if matches!(wanted, Wanted::Bin { .. } | Wanted::Example { .. }) {
        // The package is named already, with the binary that was chosen in it.
        flags.packages.clear();
        flags.workspace = false;
        flags.exclude.clear();
    }
    args.extend(flags.to_args());
    if let Some(path) = &flags.manifest_path {
        args.push(format!("--manifest-path={}", session.cwd.join(path)));
    }
    if let Some(folder) = &flags.target_dir {
        args.push(format!("--target-dir={folder}"));
    }
    args.push(format!("--profile={OURS}"));
    for (key, value) in [
        ("inherits", format!("{profile:?}")),
        // Line tables alone have no paths of inlined functions; types and variables are not needed.
        ("debug", "\"limited\"".to_owned()),
        ("strip", "false".to_owned()),
        ("split-debuginfo", "\"off\"".to_owned()),
    ] {
        args.push(format!("--config=profile.{OURS}.{key}={value}"));
    }
    args
}

/// The user's own flags, mangling that keeps generic arguments, and frame pointers: by these the recorder
/// of allocations walks stacks. The sampler needs none, but one build serves both.
fn rustflags(session: &Session) -> String {
    let toolchain = &session.toolchain;
    let target = TargetCfg {
        triple: &toolchain.host.triple,
        cfg: &toolchain.cfg,
    };
    let mut flags = config::effective_rustflags(&session.config, target, &session.env).flags;
    if !flags
        .iter()
        .any(|flag| flag.contains("symbol-mangling-version"))
    {
        flags.push("-Csymbol-mangling-version=v0".to_owned());
    }
    flags.push("-Cforce-frame-pointers=yes".to_owned());
    flags.join("\u{1f}")
}

fn is_wanted(artifact: &BuiltArtifact, wanted: &Wanted) -> bool {
    let is = |kind: &str| artifact.kinds.iter().any(|k| k == kind);
    match wanted {
        Wanted::Bin { name, .. } => is("bin") && artifact.target == *name,
        Wanted::Example { name, .. } => is("example") && artifact.target == *name,
        Wanted::Tests(_) => artifact.test,
        Wanted::Benches(_) => is("bench"),
    }
}

fn executable(session: &Session, artifact: &BuiltArtifact, path: Utf8PathBuf) -> Executable {
    let packages = &session.workspace.metadata.packages;
    let package = packages.iter().find(|p| p.id.repr == artifact.package_id);
    let dir = package.and_then(|package| package.manifest_path.parent());
    let source = package.and_then(|package| {
        let mut targets = package.targets.iter();
        let target = targets.find(|t| t.is_bench() && t.name == artifact.target)?;
        regular_file::read_to_string(&target.src_path).ok()
    });
    Executable {
        path,
        flag: flag(artifact),
        package_dir: dir.map_or_else(|| session.root().to_owned(), Utf8Path::to_owned),
        harness: Harness::of(&source.unwrap_or_default()),
    }
}

fn flag(artifact: &BuiltArtifact) -> String {
    let kinds = artifact.kinds.iter().map(String::as_str);
    let named = ["bin", "example", "test", "bench"];
    let kind = kinds.clone().find(|kind| named.contains(kind));
    kind.map_or_else(
        || "--lib".to_owned(),
        |kind| format!("--{kind} {}", artifact.target),
    )
}

/// Whether the user's profile optimises. Debug builds run other code than what users get.
fn is_optimised(session: &Session, profile: &str) -> bool {
    let manifest =
        regular_file::read_to_string(session.workspace.root_manifest()).unwrap_or_default();
    let manifest: toml_edit::DocumentMut = manifest.parse().unwrap_or_default();
    let mut name = profile.to_owned();
    let mut seen = BTreeMap::new();
    // A chain of `inherits` ends at a profile that cargo knows; a loop ends too.
    while seen.insert(name.clone(), ()).is_none() {
        let table = manifest.get("profile").and_then(|p| p.get(&name));
        let key = format!("profile.{name}.opt-level");
        let level = session
            .config
            .get(&key)
            .map(|value| value.value.to_string())
            .or_else(|| Some(table?.get("opt-level")?.to_string()));
        if let Some(level) = level {
            return level.trim().trim_matches('"') != "0";
        }
        match table.and_then(|t| t.get("inherits")?.as_str()) {
            Some(parent) => name = parent.to_owned(),
            None => break,
        }
    }
    name == "release" || name == "bench"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_tells_the_harness() {
        assert_eq!(Harness::of("use criterion::Criterion;"), Harness::Criterion);
        assert_eq!(Harness::of("fn main() { divan::main(); }"), Harness::Divan);
        assert_eq!(Harness::of("#![feature(test)]"), Harness::Libtest);
    }
}
