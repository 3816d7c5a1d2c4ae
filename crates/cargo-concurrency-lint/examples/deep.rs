use cargo_concurrency_lint::observe::deep::{self, Check};
use cargo_concurrency_lint::ecosystem::Ecosystem;
use pitcrew_core::{cli::CargoFlags, session::Session, wrapper};
use clap::Parser;
use std::time::Instant;
#[derive(Parser)]
struct A { #[command(flatten)] cargo: CargoFlags, #[arg(long)] targets: bool, #[arg(long)] guards: bool, #[arg(long)] outside: bool, #[arg(long)] calls: bool }
fn main() {
    if wrapper::run_if_invoked_with(deep::compile).is_some_and(|c| { std::process::exit(if c == std::process::ExitCode::SUCCESS { 0 } else { 101 }) }) { return }
    let a = A::parse();
    let t0 = Instant::now();
    let s = Session::open(&a.cargo).unwrap();
    let t1 = Instant::now();
    let mut selection = a.cargo.to_args();
    if a.targets { selection.push("--all-targets".into()); }
    let c = Check { exe: camino::Utf8PathBuf::try_from(std::env::current_exe().unwrap()).unwrap(), selection };
    let eco = Ecosystem::load().unwrap();
    let r = deep::facts(&s, &c, &eco, &[], &mut |_| {}).unwrap();
    let t2 = Instant::now();
    let d = match r { Err(e) => { println!("{e}"); return } Ok(d) => d };
    println!("session {:?} deep {:?} effort {:?} functions {} ways {} outside {} notices {:?}", t1 - t0, t2 - t1, d.effort, d.compiled.functions.len(), d.ways.len(), d.compiled.outside.len(), d.notices);
    let place = |s: &cargo_concurrency_lint::facts::Span| format!("{}:{}:{}", d.compiled.files[s.file.index()].path, s.start.line, s.start.column);
    for w in &d.ways { println!("way {}", w.links.iter().map(|l| format!("{} ({})", l.path, l.at.as_ref().map(&place).or(l.note.clone()).unwrap_or_default())).collect::<Vec<_>>().join(" > ")); }
    if a.outside { for (k, o) in &d.compiled.outside { println!("outside {k} > {}", o.chain.iter().map(|s| s.path.clone()).collect::<Vec<_>>().join(" > ")); } }
    for f in &d.compiled.functions {
        if let Some(n) = f.bodies[0].size { if a.guards { println!("size {n} {} {}", f.path, place(&f.span)); } }
        for g in &f.guards { println!("guard {:?} {} {} across {}", g.name, g.ty.path, place(&g.taken), g.held_across.iter().map(|a| place(&f.awaits[a.index()].dot)).collect::<Vec<_>>().join(" ")); }
        if a.guards { for x in &f.awaits { println!("await {} {} -> {}", place(&x.dot), x.value.ty.path, x.output.path); } }
        if a.calls { for x in &f.calls { println!("call {} {} on {:?} args {:?} -> {}", place(&x.name), x.callee.path, x.receiver.as_ref().map(|r| &r.ty.path), x.args.iter().map(|v| &v.ty.path).collect::<Vec<_>>(), x.output.path); } }
    }
}
