//! Whether a report that measures nothing is the same bytes again: called twice, with one thread and with
//! eight, and in another checkout of the same sources.

use std::process::Output;

use camino::Utf8Path;

use crate::{Project, buildspeed, concurrency_lint, copy, depslim, hotpath};

/// Every format that a plugin prints.
pub const FORMATS: [&str; 5] = ["human", "json", "sarif", "github", "markdown"];

/// A call that reports and measures nothing.
pub struct Report {
    pub plugin: &'static str,
    pub binary: fn() -> &'static Utf8Path,
    args: &'static [&'static str],
    project: fn() -> Project,
}

/// One for each plugin.
pub static REPORTS: [Report; 4] = [
    Report {
        plugin: "buildspeed",
        binary: buildspeed,
        args: &["--no-build", "--no-measure", "--offline"],
        project: Project::sample,
    },
    Report {
        plugin: "depslim",
        binary: depslim,
        args: &["--proof", "scan", "--offline"],
        project: Project::sample,
    },
    Report {
        plugin: "concurrency-lint",
        binary: concurrency_lint,
        args: &["--source", "--offline"],
        project: waiting,
    },
    Report {
        plugin: "hotpath",
        binary: hotpath,
        args: &["import", "stacks.collapsed"],
        project: profiled,
    },
];

/// Many modules, so that the order in which threads end would show.
fn waiting() -> Project {
    let project = Project::small();
    let mut root = String::new();
    for n in 0..24 {
        root.push_str(&format!("pub mod m{n};\n"));
        project.write(
            &format!("src/m{n}.rs"),
            "use std::sync::Mutex;\n\npub async fn add(numbers: &Mutex<Vec<u32>>) {\n    let mut numbers = \
             numbers.lock().unwrap();\n    numbers.push(1);\n    pause().await;\n}\n\npub async fn pause() \
             {\n    std::thread::sleep(std::time::Duration::from_secs(1));\n}\n",
        );
    }
    project.write("src/lib.rs", &root);
    project
}

/// Functions with the same time, so that any order among them would be right once.
fn profiled() -> Project {
    let project = Project::small();
    let stacks: String = (0..200)
        .map(|n| format!("main;small::step{};small::leaf{n} 7\n", n % 13))
        .collect();
    project.write("stacks.collapsed", &stacks);
    project
}

/// What is not the same, in words.
pub fn differences(report: &Report, format: &str) -> Vec<String> {
    let (here, there) = ((report.project)(), (report.project)());
    // Not of the same length, so that a width that depends on it shows.
    let elsewhere = there.temporary.join("another").join("checkout");
    copy(&there.root, &elsewhere);
    let run = |project: &Project, folder: &Utf8Path, threads: &str| -> Output {
        let args = [report.args, &["--format", format]].concat();
        let mut command = project.command((report.binary)(), report.plugin, &args);
        command
            .env("RAYON_NUM_THREADS", threads)
            .current_dir(folder);
        command.output().unwrap()
    };
    let first = run(&here, &here.root, "1");
    let told = |what: &str| format!("cargo {} --format {format}: {what}", report.plugin);
    // Annotations are of findings, and a profile may have none.
    let is_silent = first.stdout.is_empty() && format != "github";
    if !first.status.success() || is_silent {
        return vec![told(&String::from_utf8_lossy(&first.stderr))];
    }
    let others = [
        ("called again", run(&here, &here.root, "1")),
        ("with eight threads", run(&here, &here.root, "8")),
        ("in another checkout", run(&there, &elsewhere, "8")),
    ];
    let differ = others
        .iter()
        .filter(|(_, other)| other.stdout != first.stdout);
    differ
        .map(|(how, other)| {
            let (first, other) = (text(&first), text(other));
            let lines = first.lines().zip(other.lines()).find(|(a, b)| a != b);
            told(&format!("differs {how}: {lines:?}"))
        })
        .collect()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}
