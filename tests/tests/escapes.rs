//! Names of the project in reports: whatever they look like, no terminal obeys them, no annotation or
//! table begins in them, and what is JSON stays JSON.

#![cfg(unix)]

use camino::Utf8Path;
use pitcrew_tests::{Project, buildspeed, concurrency_lint, depslim, hotpath};
use serde_json::Value;

/// A folder's name that wants to be everything at once.
const NAME: &str =
    "a\u{1b}[31m\u{1b}]0;x\u{7}`|<img src=x onerror=alert(1)>\u{202e}@team\n::error::no%0A";

const FORMATS: [&str; 5] = ["human", "json", "sarif", "github", "markdown"];

/// A member and a module of that name, with something to say about each.
fn project() -> Project {
    let project = Project::new(&[("idle/src/lib.rs", "")]);
    let package = |name: &str, rest: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{rest}")
    };
    let quoted = toml_edit::Value::from(NAME);
    project.write(
        "Cargo.toml",
        &format!("[workspace]\nmembers = [{quoted}, \"idle\"]\nresolver = \"3\"\n"),
    );
    project.write("idle/Cargo.toml", &package("idle", ""));
    let rest = "\n[profile.dev]\nopt-level = 1\n\n[dependencies]\nidle = { path = \"../idle\" }\n";
    project.write(&format!("{NAME}/Cargo.toml"), &package("member", rest));
    project.write(
        &format!("{NAME}/src/lib.rs"),
        &format!("#[path = {}]\npub mod odd;\n", rust()),
    );
    project.write(
        &format!("{NAME}/src/{NAME}.rs"),
        "pub async fn f() {\n    std::thread::sleep(std::time::Duration::from_secs(1));\n}\n",
    );
    let stacks = format!("main;member::{};member::f 9\n", NAME.replace('\n', " "));
    project.write("stacks.collapsed", &stacks);
    project
}

/// The module's file as Rust writes it.
fn rust() -> String {
    let name = format!("{NAME}.rs");
    let escaped: String = name
        .chars()
        .map(|c| match c {
            '"' | '\\' => format!("\\{c}"),
            c if c.is_control() || !c.is_ascii() => format!("\\u{{{:x}}}", u32::from(c)),
            c => c.to_string(),
        })
        .collect();
    format!("\"{escaped}\"")
}

/// A plugin, how it reports, and a word that its report must hold.
type Call = (
    &'static str,
    fn() -> &'static Utf8Path,
    &'static [&'static str],
    &'static str,
);

const CALLS: [Call; 4] = [
    (
        "buildspeed",
        buildspeed,
        &["--no-build", "--no-measure", "--offline"],
        "ignored-profile",
    ),
    (
        "depslim",
        depslim,
        &["--proof", "scan", "--offline"],
        "unused-dependency",
    ),
    (
        "concurrency-lint",
        concurrency_lint,
        &["--source", "--offline"],
        "std-sleep-in-async",
    ),
    (
        "hotpath",
        hotpath,
        &["import", "stacks.collapsed"],
        "member",
    ),
];

#[test]
fn no_report_lets_a_name_out() {
    let project = project();
    for (plugin, binary, args, word) in CALLS {
        for format in FORMATS {
            let mut command = std::process::Command::new(binary());
            command.arg(plugin).args(args).args(["--format", format]);
            command.current_dir(&project.root);
            project.isolate(&mut command);
            let output = command.output().unwrap();
            let (text, said) = (
                String::from_utf8(output.stdout).unwrap(),
                String::from_utf8(output.stderr).unwrap(),
            );
            let about = format!("cargo {plugin} --format {format}");
            assert!(output.status.success(), "{about}: {said}");
            // Annotations are of findings, of which a profile has none here.
            if (plugin, format) != ("hotpath", "github") && (plugin, format) != ("hotpath", "sarif")
            {
                assert!(text.contains(word), "{about}: {text}");
            }
            for text in [&text, &said] {
                let obeyed = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
                assert!(!text.contains(obeyed), "{about} lets through: {text:?}");
            }
            match format {
                "json" | "sarif" => {
                    serde_json::from_str::<Value>(&text).unwrap();
                }
                "github" => {
                    let of_ours = |line: &str| {
                        !line.starts_with("::")
                            || line.contains(" title=")
                            || line.contains(",title=")
                    };
                    assert!(text.lines().all(of_ours), "{about}: {text}");
                }
                "markdown" => assert!(!html_in(&text), "{about}: {text}"),
                _ => {}
            }
        }
    }
}

/// Whether Markdown would hand a tag on to the page, outside of code.
fn html_in(text: &str) -> bool {
    let mut in_code = 0_usize;
    let mut rest = text;
    while let Some(at) = rest.find(['`', '<', '\n']) {
        match rest.as_bytes()[at] {
            b'`' => {
                let run = rest[at..].bytes().take_while(|byte| *byte == b'`').count();
                in_code = match in_code {
                    0 => run,
                    open if open == run => 0,
                    open => open,
                };
                rest = &rest[at + run..];
                continue;
            }
            b'\n' if in_code < 3 => in_code = 0,
            b'<' if in_code == 0 && rest[at..].starts_with("<img") => return true,
            _ => {}
        }
        rest = &rest[at + 1..];
    }
    false
}
