//! dev
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a set-up that fails must fail its test")]
#![expect(clippy::print_stderr, reason = "the table is read by people")]

use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use cargo_hotpath::analyse::{Filter, View};
use cargo_hotpath::names::origin::Places;
use cargo_hotpath::observe::sampler::{self, Options};
use cargo_hotpath::observe::symbolise::symbolise;
use pitcrew_tests::planted;

#[test]
fn dump() {
    let package = Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = package.join("corpus");
    let programs = planted::load(&corpus).unwrap();
    let folder = Utf8PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("corpus");
    let built = planted::build(&programs, &package.join("../../Cargo.lock"), &folder).unwrap();
    let only = std::env::var("ONLY").unwrap_or_default();
    for program in programs.iter().filter(|p| p.name.contains(&only)) {
        let mut command = Command::new(&built[&format!("{}-slow", program.name)]);
        command.stdout(Stdio::null());
        let options = Options { rate_hz: 1000, stack_bytes: 16384, duration: None };
        let recorded = sampler::run(command, &options).unwrap_or_else(|_| panic!());
        let places = Places { root: corpus.to_string(), members: vec![(corpus.to_string(), "corpus".into())], ..Places::default() };
        let profile = symbolise(&recorded.raw, &places, None);
        let view = View::unfolded(&profile, &Filter::default());
        let total = view.weight() as f64;
        eprintln!("=== {} hot {} {} cold {} samples {}", program.name, program.hot, program.rule, program.cold, view.count());
        let mut rows = std::collections::BTreeMap::<String, u64>::new();
        for sample in &view.samples {
            let mut text = Vec::new();
            for frame in profile.frames_of(sample.stack) {
                let f = profile.function_of(frame);
                let yours = f.origin.is_yours();
                text.push(format!("{}{}{}", if frame.inlined {"~"} else {""}, f.full, if yours { format!("@{}:{}", profile.path(frame.file).unwrap_or("?").rsplit('/').next().unwrap(), frame.line.unwrap_or(0)) } else { format!("<{}>", f.origin.name()) }));
                if yours { break }
            }
            text.reverse();
            *rows.entry(text.join("\n        > ")).or_default() += sample.weight;
        }
        let mut rows: Vec<_> = rows.into_iter().collect();
        rows.sort_by_key(|r| std::cmp::Reverse(r.1));
        for (text, weight) in rows.iter().take(14).filter(|r| r.1 as f64 > 0.015 * total) {
            eprintln!("{:5.1} {}", *weight as f64 * 100.0 / total, text);
        }
    }
}
