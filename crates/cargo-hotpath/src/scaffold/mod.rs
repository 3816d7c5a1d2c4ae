//! `cargo hotpath bench --init FUNCTION`: a criterion benchmark for a hot function.
//!
//! The library is read until the function is found under a path that another crate can name; its
//! arguments become values, marked as placeholders for the user to fill; the whole is compiled in a
//! scratch copy; and only then the journal writes it.

mod inputs;
mod library;
mod made;
mod reach;
mod text;

use anyhow::{Context, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::{Package, TargetKind};
use pitcrew_core::apply;
use pitcrew_core::cargo::{BuildFailed, CargoRun};
use pitcrew_core::cli::{ApplyFlags, Out};
use pitcrew_core::exit::Exit;
use pitcrew_core::nearest::nearest;
use pitcrew_core::plan::Plan;
use pitcrew_core::progress::Progress;
use pitcrew_core::scratch::{self, Scratch, ScratchWorkspace};
use pitcrew_core::session::Session;

use crate::args::BenchArgs;
use made::{Manifest, Setting};

/// The name under which the journal keeps what this writes.
const TOOL: &str = "cargo-hotpath";

/// Writes a benchmark for the function, or takes the last one back.
pub fn run(args: &BenchArgs, out: &mut Out<'_>) -> Result<Exit> {
    let flags = ApplyFlags {
        apply: true,
        allow_dirty: args.init.allow_dirty,
        allow_staged: args.init.allow_staged,
        allow_no_vcs: args.init.allow_no_vcs,
        ..ApplyFlags::default()
    };
    let session = Session::open(&args.profiling.cargo)?;
    if args.init.undo {
        apply::undo(&session, TOOL, out)?;
        return Ok(Exit::Clean);
    }
    let name = args.init.init.as_deref().context("a function is named")?;
    let (package, benchmark) = designed(&session, name)?;
    let place = Place::of(&session, package, &benchmark.name)?;
    let files = [place.manifest.clone(), place.lockfile.clone()];
    let existing: Vec<Utf8PathBuf> = files.into_iter().filter(|file| file.exists()).collect();
    apply::check_files(&session, &existing, &flags)?;
    let mut progress = Progress::new(args.profiling.output.quiet);
    let plan = proven(&session, args, (package, &place, &benchmark), &mut progress);
    progress.finish();
    let plan = plan?;
    let format = args.profiling.output.format;
    apply::write(&session, TOOL, &plan, (&flags, format), out)?;
    closing(&session, &place, &benchmark, out)?;
    Ok(Exit::Clean)
}

/// Finds the function in the libraries that the command line selects.
fn designed<'a>(session: &'a Session, name: &str) -> Result<(&'a Package, text::Benchmark)> {
    let mut near: Vec<String> = Vec::new();
    let mut found = Vec::new();
    let mut without_library = Vec::new();
    for package in session.workspace.selected_members() {
        let Some(target) = package
            .targets
            .iter()
            .find(|target| is_library(&target.kind))
        else {
            without_library.push(package.name.to_string());
            continue;
        };
        let library = library::read(&target.src_path, &target.name.replace('-', "_"))?;
        let matching = library.matching(name);
        near.extend(
            library
                .functions
                .iter()
                .map(|function| function.path.clone()),
        );
        found.extend(matching.into_iter().map(|function| (package, function)));
    }
    let (package, library_function) = match found.as_slice() {
        [(package, function)] => (*package, function.clone()),
        [] => bail!("{}", nothing_found(name, &near, &without_library)),
        many => {
            let paths: Vec<&str> = many.iter().map(|(_, f)| f.function.path.as_str()).collect();
            bail!(
                "{} functions are called `{name}`: say which by more of its path: {}",
                many.len(),
                paths.join(", ")
            )
        }
    };
    let tokio = package
        .dependencies
        .iter()
        .any(|dependency| dependency.name == "tokio");
    Ok((package, text::benchmark(&library_function, tokio)?))
}

fn is_library(kinds: &[TargetKind]) -> bool {
    let linkable = |kind: &TargetKind| matches!(kind, TargetKind::Lib | TargetKind::RLib);
    kinds.iter().any(linkable)
}

fn nothing_found(name: &str, functions: &[String], without_library: &[String]) -> String {
    if functions.is_empty() && !without_library.is_empty() {
        return format!(
            "{} has no library, and a benchmark is a crate of its own that can only call one: move the code \
             that is to be measured into src/lib.rs",
            without_library.join(", ")
        );
    }
    let last = |path: &str| path.rsplit("::").next().unwrap_or(path).to_owned();
    let names: Vec<String> = functions.iter().map(|path| last(path)).collect();
    let near = nearest(&last(name), names.iter().map(String::as_str));
    let suggestion = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    format!("no function of the selected libraries is called `{name}`{suggestion}")
}

/// Where the files lie.
struct Place {
    bench: Utf8PathBuf,
    manifest: Utf8PathBuf,
    lockfile: Utf8PathBuf,
    package: String,
}

impl Place {
    fn of(session: &Session, package: &Package, name: &str) -> Result<Self> {
        let folder = package
            .manifest_path
            .parent()
            .context("a manifest's folder")?;
        let place = Self {
            bench: folder.join("benches").join(format!("{name}.rs")),
            manifest: package.manifest_path.clone(),
            lockfile: session.root().join("Cargo.lock"),
            package: package.name.to_string(),
        };
        ensure!(
            !place.bench.exists() && package.targets.iter().all(|target| target.name != name),
            "there is a target `{name}` already: run it with `cargo hotpath bench --bench {name}`"
        );
        Ok(place)
    }
}

/// The changes, compiled in a scratch copy first.
fn proven(
    session: &Session,
    args: &BenchArgs,
    (package, place, benchmark): (&Package, &Place, &text::Benchmark),
    progress: &mut Progress,
) -> Result<Plan> {
    progress.stage("compiling the benchmark in a scratch copy");
    let scratch = Scratch::new()?;
    let copy = scratch::copy_workspace(
        session.root(),
        &session.outside(),
        &session.workspace.target_dir,
        &scratch.path().join("copy"),
    )?;
    let setting = Setting::of(session, package)?;
    let mut plan = Plan::default();
    let manifest = Manifest::read(&place.manifest)?;
    let with = manifest.with(
        &benchmark.name,
        &setting.dependency(&args.profiling.cargo, &copy)?,
    )?;
    plan.add(&place.manifest, Some(manifest.text.into_bytes()), with);
    plan.add(&place.bench, None, benchmark.text.clone());
    for change in plan.changes() {
        scratch::write(&placed(&copy, &change.path)?, &change.new)?;
    }
    compile(session, args, place, (&copy, &benchmark.name), progress)?;
    lockfile(place, &copy, &mut plan)?;
    scratch.close()?;
    Ok(plan)
}

fn placed(copy: &ScratchWorkspace, path: &Utf8Path) -> Result<Utf8PathBuf> {
    copy.place(path)
        .with_context(|| format!("{path} lies on another drive than the workspace"))
}

fn compile(
    session: &Session,
    args: &BenchArgs,
    place: &Place,
    (copy, name): (&ScratchWorkspace, &str),
    progress: &Progress,
) -> Result<()> {
    let mut words = vec!["check".to_owned(), format!("--bench={name}")];
    words.push(format!("--package={}", place.package));
    words.extend(args.profiling.cargo.metadata_args());
    // The lockfile does not know the new dependency yet.
    words.retain(|word| word != "--locked" && word != "--frozen");
    let target = session
        .workspace
        .target_dir
        .join("hotpath")
        .join("scaffold");
    let run = CargoRun {
        args: words,
        cwd: copy.root.join(&session.within),
        env: ["CARGO_TARGET_DIR", "CARGO_BUILD_BUILD_DIR"]
            .map(|name| (name.to_owned(), target.to_string()))
            .to_vec(),
        ..CargoRun::default()
    };
    match run.run(&mut |event| progress.build_event(event)) {
        Ok(_) => Ok(()),
        Err(error) => Err(match error.downcast::<BuildFailed>() {
            Ok(failed) => anyhow::anyhow!(
                "the benchmark does not compile, and nothing was written:\n{}",
                failed.said.trim_end()
            ),
            Err(error) => error,
        }),
    }
}

/// A lockfile that is there goes with the manifest.
fn lockfile(place: &Place, copy: &ScratchWorkspace, plan: &mut Plan) -> Result<()> {
    let Some(old) = apply::read(&place.lockfile)? else {
        return Ok(());
    };
    if let Some(new) = apply::read(&placed(copy, &place.lockfile)?)? {
        plan.add(&place.lockfile, Some(old.into_bytes()), new);
    }
    Ok(())
}

fn closing(
    session: &Session,
    place: &Place,
    benchmark: &text::Benchmark,
    out: &mut Out<'_>,
) -> Result<()> {
    let file = session.workspace.relative(&place.bench);
    for placeholder in &benchmark.placeholders {
        writeln!(out.stderr, "placeholder: {placeholder}")?;
    }
    let first = if benchmark.placeholders.is_empty() {
        String::new()
    } else {
        format!("Fill in what is marked PLACEHOLDER in {file}, then ")
    };
    let name = &benchmark.name;
    writeln!(
        out.stderr,
        "{first}`cargo hotpath bench --bench {name}` profiles it."
    )?;
    Ok(())
}
