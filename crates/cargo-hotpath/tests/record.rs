//! Records small programs of our own with the recorder, and looks whether what must be hot is. Shares
//! are compared, never times. Where the kernel forbids sampling these tests say so and, but in CI, pass.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a set-up that fails must fail its test")]
#![expect(clippy::print_stderr, reason = "a skipped test says what it skips")]

use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use cargo_hotpath::analyse::{Filter, View, totals};
use cargo_hotpath::names::origin::Places;
use cargo_hotpath::observe::sampler::{self, Failure, Options, Recorded, Unavailable};
use cargo_hotpath::observe::symbolise::symbolise;
use cargo_hotpath::profile::{Ended, Profile};

/// `hot` works four times as long as `warm`, and calls `inlined`, which is part of it.
const SOURCE: &str = r#"
use std::hint::black_box;
#[inline(always)]
fn inlined(x: u64) -> u64 { x.wrapping_mul(6364136223846793005).rotate_left(17) }
#[inline(never)]
fn hot(rounds: u64) -> u64 { (0..rounds).fold(1, |sum, n| black_box(inlined(sum ^ n))) }
#[inline(never)]
fn warm(rounds: u64) -> u64 { (0..rounds).fold(1, |sum, n| black_box(inlined(sum ^ n))) + 1 }
#[inline(never)]
fn deep(depth: u64, rounds: u64) -> u64 {
    let pad = black_box([depth; 16]);
    if depth == 0 { hot(rounds) } else { deep(depth - 1, rounds) + pad[3] }
}
async fn awaited(rounds: u64) -> u64 { std::future::ready(()).await; hot(rounds) + 2 }
#[inline(never)]
fn dozing() { std::thread::sleep(std::time::Duration::from_millis(300)); black_box(()); }
fn main() {
    let args: Vec<String> = std::env::args().collect();
    const N: u64 = 60_000_000;
    match args.get(1).map(String::as_str) {
        Some("threads") => {
            let threads: Vec<_> = ["alpha", "beta"].into_iter().map(|name| {
                std::thread::Builder::new().name(name.into()).spawn(move || hot(N * 2)).unwrap()
            }).collect();
            for thread in threads { black_box(thread.join().unwrap()); }
        }
        Some("child") => {
            let exe = std::env::current_exe().unwrap();
            std::process::Command::new(exe).arg("plain").status().unwrap();
        }
        Some("async") => {
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            let future = std::pin::pin!(awaited(N * 4));
            black_box(std::future::Future::poll(future, &mut context).is_ready());
        }
        Some("deep") => { black_box(deep(60, N * 4)); }
        Some("abort") => { black_box(hot(N)); std::process::abort(); }
        Some("fail") => { black_box(hot(N)); std::process::exit(3); }
        Some("forever") => { println!("at work"); loop { black_box(hot(1000)); } }
        Some("nothing") => {}
        Some("sleep") => { black_box(hot(1000)); dozing(); }
        // Long enough that shares are sure even where samples are few, as on a busy machine.
        _ => { black_box(hot(N * 16)); black_box(warm(N * 4)); }
    }
}
"#;

fn program() -> &'static PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let (source, program) = (folder.join("spin.rs"), folder.join("spin"));
        // Each test may be a process of its own: the first builds it, the others wait.
        let lock = std::fs::File::create(folder.join("spin.lock")).unwrap();
        lock.lock().unwrap();
        if program.exists() && std::fs::read_to_string(&source).is_ok_and(|old| old == SOURCE) {
            return program;
        }
        std::fs::write(&source, SOURCE).unwrap();
        let status = Command::new("rustc")
            .args(["--edition=2024", "-Copt-level=2", "-Cdebuginfo=1"])
            .args(["-Csymbol-mangling-version=v0", "--crate-name=spin", "-o"])
            .arg(&program)
            .arg(&source)
            .status();
        assert!(status.unwrap().success());
        program
    })
}

const OPTIONS: Options = Options {
    rate_hz: 1000,
    stack_bytes: 16_384,
    duration: None,
    off_cpu: false,
};

/// None where the kernel forbids it.
fn recorded(what: &str, options: &Options) -> Option<Recorded> {
    let mut command = Command::new(program());
    command.arg(what);
    match sampler::run(command, options) {
        Ok(recorded) => Some(recorded),
        Err(Failure::Unavailable(why)) => {
            skip(&why);
            None
        }
        Err(Failure::Other(error)) => panic!("{error:#}"),
    }
}

/// Where the kernel forbids it a test says so, but not in CI, where nobody would miss it.
fn skip(why: &Unavailable) {
    eprintln!("skipped: {}; {}", why.reason, why.remedy);
    assert!(
        std::env::var_os("CI").is_none(),
        "CI must be able to record"
    );
}

fn profile(recorded: &Recorded) -> Profile {
    let profile = symbolise(&recorded.raw, &Places::default(), None);
    assert!(profile.is_sound());
    profile
}

/// Own and total shares of the function whose name ends so.
fn share(view: &View<'_>, name: &str) -> (f64, f64) {
    let rows = totals::by_function(view);
    let found = rows
        .iter()
        .find(|row| view.groups[row.key as usize].name.ends_with(name));
    let weight = view.weight() as f64;
    found.map_or((0.0, 0.0), |row| {
        (row.own as f64 / weight, row.total as f64 / weight)
    })
}

#[test]
fn the_hot_function_is_hot_and_stacks_reach_main() {
    let Some(recorded) = recorded("plain", &OPTIONS) else {
        return;
    };
    let profile = profile(&recorded);
    let view = View::new(&profile, &Filter::default());
    assert_eq!(recorded.ended, Ended::Exited { code: 0 });
    assert!(view.count() > 50, "{}", view.count());
    let (_, hot) = share(&view, "spin::hot");
    let (_, warm) = share(&view, "spin::warm");
    assert!((hot - 0.8).abs() < 0.12, "hot {hot}, warm {warm}");
    assert!((warm - 0.2).abs() < 0.12, "hot {hot}, warm {warm}");
    assert!(share(&view, "spin::main").1 > 0.95);
    // Of the program's own code: what the loader does before it need not have unwind tables.
    let focus = Filter {
        focus: Some(regex::Regex::new("^spin::(hot|warm)$").unwrap()),
        ignore: None,
    };
    let own = View::new(&profile, &focus);
    let (_, truncated) = totals::flaws(&own);
    assert!((truncated as f64) < 0.02 * own.weight() as f64);
}

#[test]
fn inlined_functions_have_names_and_lines() {
    let Some(recorded) = recorded("plain", &OPTIONS) else {
        return;
    };
    let profile = profile(&recorded);
    let inlined: Vec<_> = profile
        .frames
        .iter()
        .filter(|frame| profile.function_of(frame).name == "spin::inlined")
        .collect();
    assert!(!inlined.is_empty());
    assert!(
        inlined
            .iter()
            .all(|frame| frame.inlined && frame.line == Some(4))
    );
    assert!(
        inlined
            .iter()
            .all(|f| profile.path(f.file).unwrap().ends_with("spin.rs"))
    );
}

#[test]
fn threads_and_children_are_followed() {
    let Some(threads) = recorded("threads", &OPTIONS) else {
        return;
    };
    let threads = profile(&threads);
    let names: Vec<&str> = threads
        .threads
        .iter()
        .map(|thread| thread.name.as_str())
        .collect();
    assert!(
        names.contains(&"alpha") && names.contains(&"beta"),
        "{names:?}"
    );
    let view = View::new(&threads, &Filter::default());
    assert!(share(&view, "spin::hot").1 > 0.9);
    let Some(child) = recorded("child", &OPTIONS) else {
        return;
    };
    let child = profile(&child);
    let view = View::new(&child, &Filter::default());
    assert!(
        share(&view, "spin::hot").1 > 0.6,
        "the child's time is counted"
    );
    let pids: std::collections::BTreeSet<i32> = child.threads.iter().map(|t| t.pid).collect();
    assert!(!pids.is_empty());
}

#[test]
fn async_bodies_have_their_functions_name() {
    let Some(recorded) = recorded("async", &OPTIONS) else {
        return;
    };
    let profile = profile(&recorded);
    let view = View::new(&profile, &Filter::default());
    assert!(share(&view, "spin::awaited").1 > 0.9, "{:?}", view.groups);
}

#[test]
fn a_stack_that_is_too_deep_for_its_copy_is_cut_and_says_so() {
    let small = Options {
        stack_bytes: 1024,
        ..OPTIONS
    };
    let Some(recorded) = recorded("deep", &small) else {
        return;
    };
    let profile = profile(&recorded);
    let view = View::new(&profile, &Filter::default());
    let (_, truncated) = totals::flaws(&view);
    assert!(truncated as f64 > 0.9 * view.weight() as f64);
    assert!(share(&view, "spin::hot").1 > 0.9, "what is there is right");
}

#[test]
fn however_it_ends_there_is_a_profile() {
    let Some(abort) = recorded("abort", &OPTIONS) else {
        return;
    };
    let Ended::Killed { name, .. } = &abort.ended else {
        panic!("{:?}", abort.ended);
    };
    assert_eq!(name, "SIGABRT");
    assert!(!abort.raw.samples.is_empty());
    let Some(fail) = recorded("fail", &OPTIONS) else {
        return;
    };
    assert_eq!(fail.ended, Ended::Exited { code: 3 });
    let Some(nothing) = recorded("nothing", &OPTIONS) else {
        return;
    };
    assert_eq!(nothing.ended, Ended::Exited { code: 0 });
    let timed = Options {
        duration: Some(Duration::from_secs(1)),
        ..OPTIONS
    };
    let Some(timed) = recorded("forever", &timed) else {
        return;
    };
    assert_eq!(timed.ended, Ended::TimeUp);
    assert!(!timed.raw.samples.is_empty());
}

#[test]
fn a_running_process_can_be_looked_at() {
    let mut command = Command::new(program());
    let mut child = command
        .arg("forever")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // The loader is done when the first words come: a machine that is busy may take long for it.
    let mut words = [0; 7];
    let said = child.stdout.as_mut().unwrap().read_exact(&mut words);
    said.unwrap();
    let options = Options {
        duration: Some(Duration::from_secs(1)),
        ..OPTIONS
    };
    let seen = sampler::attach(i32::try_from(child.id()).unwrap(), &options);
    child.kill().unwrap();
    child.wait().unwrap();
    match seen {
        Ok(recorded) => {
            assert_eq!(recorded.ended, Ended::Running);
            let profile = profile(&recorded);
            let view = View::new(&profile, &Filter::default());
            let (samples, hot) = (recorded.raw.samples.len(), share(&view, "spin::hot").1);
            assert!(hot > 0.9, "hot has {hot} of {samples} samples");
        }
        Err(Failure::Unavailable(why)) => skip(&why),
        Err(Failure::Other(error)) => panic!("{error:#}"),
    }
}

#[test]
fn a_program_that_cannot_start_is_an_error() {
    let command = Command::new("/nowhere/at/all");
    match sampler::run(command, &OPTIONS) {
        Err(Failure::Other(error)) => {
            assert!(format!("{error:#}").contains("cannot start"), "{error:#}");
        }
        Err(Failure::Unavailable(why)) => skip(&why),
        Ok(_) => panic!("there is no such program"),
    }
    assert!(matches!(
        sampler::attach(i32::MAX, &OPTIONS),
        Err(Failure::Other(_))
    ));
}

#[test]
fn a_wait_weighs_as_long_as_it_was() {
    let mut command = Command::new(program());
    command.arg("sleep");
    let options = Options {
        off_cpu: true,
        ..OPTIONS
    };
    let recorded = match sampler::run(command, &options) {
        Ok(recorded) => recorded,
        // Who may not look into the kernel is told so, in CI too.
        Err(Failure::Unavailable(why)) => {
            eprintln!("skipped: {}; {}", why.reason, why.remedy);
            return;
        }
        Err(Failure::Other(error)) => panic!("{error:#}"),
    };
    let profile = profile(&recorded);
    let view = View::new(&profile, &Filter::default());
    let rows = totals::by_function(&view);
    let dozing = rows
        .iter()
        .find(|row| view.groups[row.key as usize].name.ends_with("::dozing"));
    // A sleep is never shorter than what was asked for.
    assert!(dozing.unwrap().total >= 300_000_000, "{rows:?}");
}
