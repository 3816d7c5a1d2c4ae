//! `cargo hotpath bench --init`: what it writes compiles, whatever the function takes, and goes again;
//! what it cannot do it says, and then nothing is written.

use pitcrew_tests::Project;

/// As much of criterion as a benchmark names, so that nothing has to be fetched.
const CRITERION: &str = "\
pub struct Criterion;
pub struct Bencher;
pub enum BatchSize { SmallInput }
impl Criterion {
    pub fn bench_function(&mut self, _: &str, mut of: impl FnMut(&mut Bencher)) -> &mut Self {
        of(&mut Bencher);
        self
    }
}
impl Bencher {
    pub fn iter<O>(&mut self, mut of: impl FnMut() -> O) { of(); }
    pub fn iter_batched<I, O>(&mut self, mut make: impl FnMut() -> I, mut of: impl FnMut(I) -> O, _: BatchSize) {
        of(make());
    }
}
#[macro_export]
macro_rules! criterion_group { ($name:ident, $of:path) => { fn $name() { $of(&mut $crate::Criterion) } } }
#[macro_export]
macro_rules! criterion_main { ($name:ident) => { fn main() { $name() } } }
";

const LIBRARY: &str = "\
mod inner;
pub use inner::{Grid, words};

use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::path::Path;

#[derive(Default)]
pub struct Config { depth: u32 }
pub struct Opaque(u32);

pub fn nothing() -> u32 { 1 }
pub fn sum(numbers: &[u64], start: u64) -> u64 { numbers.iter().sum::<u64>() + start }
pub fn longest<'a>(lines: &'a [String], other: &'a str) -> &'a str {
    lines.first().map_or(other, |line| line)
}
pub fn tally(counts: &mut HashMap<String, usize>, word: &str) { *counts.entry(word.into()).or_default() += 1; }
pub fn taken(text: String, pairs: Vec<(u8, Option<char>)>) -> usize { text.len() + pairs.len() }
pub fn configured(config: &Config, opaque: &Opaque) -> u32 { config.depth + opaque.0 }
pub fn streamed<R: BufRead>(input: R, out: &mut dyn Write) -> std::io::Result<()> {
    for line in input.lines() { writeln!(out, \"{}\", line?)?; }
    Ok(())
}
pub fn named(name: impl AsRef<str>, path: &Path) -> usize { name.as_ref().len() + path.as_os_str().len() }
fn hidden(x: u32) -> u32 { x }
pub unsafe fn raw(p: *const u8) -> u8 { unsafe { *p } }
pub async fn later() {}
pub fn applied(f: impl Fn(u32) -> u32) -> u32 { f(hidden(1)) }
";

const INNER: &str = "\
pub struct Grid { cells: Vec<u8> }
impl Grid {
    pub fn new() -> Self { Self { cells: vec![0; 9] } }
    pub fn step(&mut self, by: u8) { for cell in &mut self.cells { *cell = cell.wrapping_add(by); } }
    pub fn into_cells(self) -> Vec<u8> { self.cells }
}
pub fn words(text: &str) -> Vec<&str> { text.split(' ').collect() }
pub fn step(x: u8) -> u8 { x }
";

fn project() -> Project {
    let package = |name: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n")
    };
    let project = Project::new(&[
        ("src/lib.rs", LIBRARY),
        ("src/inner.rs", INNER),
        ("criterion/src/lib.rs", CRITERION),
        ("criterion/Cargo.toml", &package("criterion")),
        (".gitignore", "/target\n"),
    ]);
    let manifest = format!(
        "{}\n[dev-dependencies] # for benches\ncriterion = {{ path = \"criterion\" }}\n",
        package("app")
    );
    project.write("Cargo.toml", &manifest);
    project.commit();
    project
}

#[test]
fn what_is_written_compiles_and_is_taken_back() {
    let project = project();
    let before = project.files();
    for (function, bench) in [
        ("nothing", "nothing"),
        ("sum", "sum"),
        ("app::longest", "longest"),
        ("tally", "tally"),
        ("taken", "taken"),
        ("configured", "configured"),
        ("streamed", "streamed"),
        ("named", "named"),
        ("words", "words"),
        ("Grid::step", "grid_step"),
        ("inner::Grid::into_cells", "grid_into_cells"),
    ] {
        let output = project
            .hotpath(&["bench", "--init", function])
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{function}: {stderr}");
        assert!(
            stderr.contains("`cargo hotpath bench --undo` takes it back"),
            "{stderr}"
        );
        let text = project.read(&format!("benches/{bench}.rs"));
        assert!(text.contains("criterion_main!(benches);"), "{text}");
        let manifest = project.read("Cargo.toml");
        assert!(manifest.contains(&format!("[[bench]]\nname = \"{bench}\"\nharness = false\n")));
        project.hotpath(&["bench", "--undo"]).assert().success();
        let mut after = project.files();
        // cargo wrote the lockfile, which was not there.
        after.remove("Cargo.lock");
        assert_eq!(after, before, "{function}");
    }
}

#[test]
fn what_no_benchmark_can_call_is_said_and_nothing_is_written() {
    let project = project();
    let before = project.files();
    for (function, said) in [
        ("hidden", "make it `pub`"),
        ("inner::step", "private to its crate"),
        ("raw", "is unsafe"),
        ("later", "has no tokio"),
        ("applied", "no value can be made up for `f: "),
        ("step", "say which by more of its path"),
        ("nothin", "did you mean `nothing`?"),
    ] {
        let output = project
            .hotpath(&["bench", "--init", function])
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{function}: {stderr}");
        assert!(stderr.contains(said), "{function}: {stderr}");
        let mut after = project.files();
        after.remove("Cargo.lock");
        assert_eq!(after, before, "{function}");
    }
}
