//! What does not build runs none of the project's code. Build script, procedural macro, tests and the
//! program itself would each leave a trace; what cargo's configuration names (a compiler, wrappers, a
//! linker, a runner, an alias) is run no more often than plain `cargo metadata` and `rustc -vV` run it.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a set-up that fails must fail its test")]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use camino::Utf8Path;
use pitcrew_tests::{Project, buildspeed, concurrency_lint, depslim, hotpath};

/// A call that builds nothing, of one plugin.
type Call = (
    &'static str,
    fn() -> &'static Utf8Path,
    &'static [&'static str],
);

const OF_BUILDSPEED: &[&[&str]] = &[
    &["--no-build", "--offline"],
    &["--no-build", "--no-measure", "--check", "--offline"],
    &["--undo", "--offline"],
    &["cache", "status", "--offline"],
    &["cache", "setup", "--backend", "local", "--offline"],
    &["cache", "doctor", "--no-build", "--offline"],
    &["explain"],
];
const OF_DEPSLIM: &[&[&str]] = &[
    &["--proof", "scan", "--offline"],
    &["--proof", "scan", "--check", "--offline"],
    &["--undo", "--offline"],
    &["explain"],
];
const OF_CONCURRENCY_LINT: &[&[&str]] = &[
    &["--source", "--offline"],
    &["--source", "--check", "--offline"],
    &["--undo", "--offline"],
    &["explain"],
];
/// In this order: each needs what those before have kept.
const OF_HOTPATH: &[&[&str]] = &[
    &["import", "stacks.collapsed"],
    &["import", "stacks.collapsed", "--format", "json"],
    &["show"],
    &["list", "work"],
    &["peek", "work"],
    &["save", "before"],
    &["diff", "before"],
    &["explain"],
];

fn calls() -> Vec<Call> {
    let of =
        |plugin, binary: fn() -> &'static Utf8Path, all: &'static [&'static [&'static str]]| {
            all.iter().map(move |args| (plugin, binary, *args))
        };
    of("buildspeed", buildspeed, OF_BUILDSPEED)
        .chain(of("depslim", depslim, OF_DEPSLIM))
        .chain(of(
            "concurrency-lint",
            concurrency_lint,
            OF_CONCURRENCY_LINT,
        ))
        .chain(of("hotpath", hotpath, OF_HOTPATH))
        .collect()
}

/// A project all of whose code writes its name into the folder of traces.
fn traced() -> Project {
    let project = Project::new(&[
        (
            "Cargo.toml",
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\nderive = { path = \
             \"derive\" }\n\n[workspace]\nmembers = [\"derive\"]\n",
        ),
        (
            "derive/Cargo.toml",
            "[package]\nname = \"derive\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[lib]\nproc-macro = true\n",
        ),
        ("stacks.collapsed", "main;app::work 9\n"),
    ]);
    let traces = project.temporary.join("traces");
    fs::create_dir(&traces).unwrap();
    let leave = |name: &str| format!("std::fs::write({:?}, \"\").unwrap();", traces.join(name));
    project.write(
        "build.rs",
        &format!("fn main() {{ {} }}\n", leave("build-script")),
    );
    project.write(
        "derive/src/lib.rs",
        &format!(
            "use proc_macro::TokenStream;\n\n#[proc_macro]\npub fn traced(input: TokenStream) -> TokenStream {{\n    \
             {}\n    input\n}}\n",
            leave("macro")
        ),
    );
    project.write(
        "src/main.rs",
        &format!(
            "derive::traced!();\n\nasync fn f() {{}}\n\nfn main() {{ {} }}\n",
            leave("program")
        ),
    );
    project
}

/// Has cargo's configuration name programs that leave a trace, each with the arguments it got.
fn configure(project: &Project, with_compilers: bool) {
    let traces = project.temporary.join("traces");
    let tools = project.temporary.join("tools");
    fs::create_dir_all(&tools).unwrap();
    let rustc = Command::new("rustup").args(["which", "rustc"]).output();
    let rustc = rustc.ok().filter(|found| found.status.success());
    let rustc = rustc.map_or_else(
        || "rustc".to_owned(),
        |found| String::from_utf8(found.stdout).unwrap().trim().to_owned(),
    );
    let tool = |name: &str, then: &str| {
        let path = tools.join(name);
        let text = format!(
            "#!/bin/sh\nprintf '%s ' \"$@\" >> '{traces}/{name}'\nprintf '\\n' >> '{traces}/{name}'\n{then}\n"
        );
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    };
    let linker = tool("linker", "exec cc \"$@\"");
    let runner = tool("runner", "exec \"$@\"");
    let mut text = format!(
        "[target.'cfg(all())']\nlinker = {linker:?}\nrunner = {runner:?}\n\n[alias]\nmetadata = \"run\"\ncheck = \
         \"run\"\nbuildspeed = \"run\"\n"
    );
    if with_compilers {
        let rustc = tool("rustc", &format!("exec {rustc} \"$@\""));
        let wrapper = tool("wrapper", "exec \"$@\"");
        let workspace_wrapper = tool("workspace-wrapper", "exec \"$@\"");
        text.push_str(&format!(
            "\n[build]\nrustc = {rustc:?}\nrustc-wrapper = {wrapper:?}\nrustc-workspace-wrapper = \
             {workspace_wrapper:?}\n"
        ));
    }
    project.write(".cargo/config.toml", &text);
}

fn traces(project: &Project) -> BTreeSet<String> {
    let folder = project.temporary.join("traces").read_dir_utf8().unwrap();
    let mut found = BTreeSet::new();
    for entry in folder {
        let path = entry.unwrap().into_path();
        let name = path.file_name().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        found.extend(text.lines().map(|line| format!("{name} {}", line.trim())));
        if text.is_empty() {
            found.insert(name);
        }
        fs::remove_file(path).unwrap();
    }
    found
}

fn call(project: &Project, (plugin, binary, args): Call) {
    let mut command = Command::new(binary());
    command.arg(plugin).args(args).current_dir(&project.root);
    project.isolate(&mut command);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    // A check may find something, and there is nothing to undo.
    let config = fs::read_to_string(project.root.join(".cargo/config.toml")).unwrap();
    let has_wrapper = config.contains("rustc-wrapper");
    let expected: &[i32] = match args {
        _ if args.contains(&"--check") => &[0, 1],
        _ if args.contains(&"--undo") => &[2],
        // Cargo calls one wrapper only.
        _ if args.contains(&"setup") && has_wrapper => &[2],
        _ => &[0],
    };
    let ended = output
        .status
        .code()
        .is_some_and(|code| expected.contains(&code));
    assert!(ended, "{plugin} {args:?}: {said}");
}

#[test]
fn what_builds_nothing_runs_none_of_the_projects_code() {
    let project = traced();
    configure(&project, false);
    for one in calls() {
        call(&project, one);
        let found = traces(&project);
        assert!(found.is_empty(), "{one:?} has run {found:?}");
    }
    // The traces are no dead letters.
    let mut cargo = Command::new("cargo");
    cargo
        .args(["build", "--offline", "--quiet"])
        .current_dir(&project.root);
    project.isolate(&mut cargo);
    assert!(cargo.output().unwrap().status.success());
    let found: Vec<String> = traces(&project)
        .iter()
        .map(|trace| trace.split(' ').next().unwrap().to_owned())
        .collect();
    for name in ["build-script", "linker", "macro"] {
        assert!(found.iter().any(|trace| trace == name), "{name}: {found:?}");
    }
}

/// Cargo keeps what it has asked a compiler in the target directory, beside the profiles that we keep.
fn forget(project: &Project) {
    let kept = project.root.join("target/.rustc_info.json");
    if kept.exists() {
        fs::remove_file(kept).unwrap();
    }
}

#[test]
fn a_configured_compiler_gets_no_call_that_cargo_metadata_does_not_make() {
    let project = traced();
    configure(&project, true);
    let mut metadata = Command::new("cargo");
    metadata.args(["metadata", "--format-version=1", "--offline"]);
    metadata.current_dir(&project.root);
    project.isolate(&mut metadata);
    assert!(metadata.output().unwrap().status.success());
    let plain = traces(&project);
    assert!(plain.iter().any(|trace| trace == "rustc -vV"), "{plain:?}");
    assert!(plain.iter().all(|trace| !trace.contains("src/main.rs")));
    for one in calls() {
        forget(&project);
        call(&project, one);
        let found = traces(&project);
        let more: Vec<_> = found.difference(&plain).collect();
        assert!(more.is_empty(), "{one:?} has run {more:?}");
        // These do not even ask cargo for the packages.
        if ["depslim", "hotpath"].contains(&one.0) && !one.2.contains(&"--undo") {
            assert!(found.is_empty(), "{one:?} has run {found:?}");
        }
    }
}
