//! Compiles sources with the installed rustc, without cargo and without a registry, and hands over
//! their MIR.

use std::fs;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_concurrency_lint::mir::bodies;
use cargo_concurrency_lint::mir::summarise::{Crate, summarise};
use cargo_concurrency_lint::mir::summary::Summary;

/// A folder with what was compiled in it.
pub struct Compiler {
    folder: tempfile::TempDir,
    edition: &'static str,
}

impl Compiler {
    pub fn new(edition: &'static str) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            edition,
        }
    }

    pub fn dir(&self) -> &Path {
        self.folder.path()
    }

    /// Compiles a library; the text of its MIR.
    pub fn compile(&self, name: &str, source: &str, externs: &[&str]) -> PathBuf {
        let dir = self.dir();
        fs::write(dir.join(format!("{name}.rs")), source).unwrap();
        let text = dir.join(format!("{name}.mir"));
        let mut command = Command::new("rustc");
        command.current_dir(dir).env("RUSTC_BOOTSTRAP", "1");
        command.args(["--crate-type", "lib", "--edition", self.edition]);
        command.arg(format!("--emit=metadata,mir={}", text.display()));
        command.args([
            "-Zno-codegen",
            "-Zmir-include-spans=on",
            "-Zmir-opt-level=0",
        ]);
        command.args(["-Ztrim-diagnostic-paths=no", "-L."]);
        for name in externs {
            command.arg(format!("--extern={name}=lib{name}.rmeta"));
        }
        let output = command.arg(format!("{name}.rs")).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        text
    }

    /// The summary of a library, as the wrapper would make it.
    pub fn summary(&self, name: &str, source: &str, externs: &[&str], member: bool) -> Summary {
        let text = fs::File::open(self.compile(name, source, externs)).unwrap();
        let known = Crate {
            name: name.to_owned(),
            externs: externs
                .iter()
                .map(|name| ((*name).to_owned(), (*name).to_owned()))
                .collect(),
            dir: self.dir().to_owned(),
            member,
        };
        summarise(BufReader::new(text), known).unwrap()
    }
}

/// The functions of a crate of this name, as rustc prints them.
pub fn functions(name: &str, source: &str, edition: &'static str) -> Vec<String> {
    let compiler = Compiler::new(edition);
    let text = fs::File::open(compiler.compile(name, source, &[])).unwrap();
    let mut found = Vec::new();
    bodies::each(BufReader::new(text), &mut |body| {
        found.push(body.to_owned());
    })
    .unwrap();
    found
}
