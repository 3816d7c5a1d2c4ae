//! The rules on programs with a planted inefficiency each, `corpus/<name>/`: each is built and recorded,
//! and what is said first must be the planted thing, on its line. The same pattern stands in cold code
//! too, where nothing may be said. `cargo test -p cargo-hotpath --test advice -- --nocapture` prints
//! precision and recall of each rule.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a set-up that fails must fail its test")]
#![expect(clippy::print_stderr, reason = "the table is read by people")]

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use cargo_hotpath::advice::resolve;
use cargo_hotpath::analyse::{Filter, View};
use cargo_hotpath::facts::{Around, Facts};
use cargo_hotpath::names::origin::Places;
use cargo_hotpath::observe::sampler::{self, Failure, Options};
use cargo_hotpath::observe::{checks, symbolise};
use cargo_hotpath::profile::{KernelFrames, Profile};
use cargo_hotpath::report::Sources;
use cargo_hotpath::rules;
use pitcrew_core::finding::Finding;
use pitcrew_tests::accuracy::Accuracy;
use pitcrew_tests::planted::{self, Planted};
use pitcrew_tests::registry;

fn package() -> &'static Utf8Path {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn programs(folder: &str) -> Vec<Planted> {
    planted::load(&package().join(folder)).unwrap()
}

#[test]
fn every_rule_has_its_file_and_its_documentation() {
    let found = registry::shape(package(), &rules::infos()).unwrap();
    assert_eq!(found, [""; 0]);
}

#[test]
fn every_rule_over_lines_has_a_program() {
    /// They judge the recording as a whole; their own tests are beside them.
    const WHOLE: [&str; 2] = ["build-profile", "debug-build"];
    let planted: BTreeSet<String> = programs("corpus")
        .into_iter()
        .map(|program| program.rule)
        .collect();
    let rules = rules::infos().into_iter().map(|info| info.id.to_owned());
    let rules: BTreeSet<String> = rules.filter(|id| !WHOLE.contains(&id.as_str())).collect();
    assert_eq!(planted, rules);
}

/// Rules that only speak where the kernel's part of the time was seen, which not every user may.
const NEED_KERNEL: [&str; 1] = ["page-faults"];

/// None where the kernel forbids it.
fn recorded(program: &Planted, executable: &Utf8Path) -> Option<(Profile, KernelFrames)> {
    let mut command = Command::new(executable);
    command.stdout(Stdio::null());
    let options = Options {
        rate_hz: 1000,
        stack_bytes: 16_384,
        duration: None,
        off_cpu: false,
    };
    let recorded = match sampler::run(command, &options) {
        Ok(recorded) => recorded,
        Err(Failure::Unavailable(why)) => {
            eprintln!("skipped: {}; {}", why.reason, why.remedy);
            assert!(
                std::env::var_os("CI").is_none(),
                "CI must be able to record"
            );
            return None;
        }
        Err(Failure::Other(error)) => panic!("{}: {error:#}", program.name),
    };
    let root = program.slow.parent().unwrap().to_string();
    let places = Places {
        members: vec![(root.clone(), "corpus".to_owned())],
        root,
        ..Places::default()
    };
    let profile = symbolise::symbolise(&recorded.raw, &places, None);
    Some((profile, recorded.kernel))
}

fn judged(program: &Planted, profile: &Profile) -> Vec<Finding> {
    let view = View::unfolded(profile, &Filter::default());
    let sources = Sources::new(program.slow.parent().unwrap(), None);
    let around = Around {
        cores: 4,
        ..Around::default()
    };
    let mut facts = Facts::new(&view, &sources, around);
    facts.around.checks = checks::at(profile, &rules::hot_indices(&facts));
    rules::judge(&facts)
}

fn label(finding: &Finding) -> String {
    let line = finding
        .location
        .as_ref()
        .map_or(0, |location| location.line);
    format!("{}:{line}", finding.rule)
}

#[test]
fn what_is_planted_is_said_first_and_cold_code_is_left_alone() {
    // A machine that is busy with others may blur one of them.
    tried("corpus", 1);
}

/// Written after the rules and in other styles: what they miss there is not hidden.
#[test]
fn programs_of_other_styles_are_judged_as_well() {
    tried("held-out", 1);
}

/// Records and judges all programs of a folder, of which so many may be judged wrong, but none of them on
/// cold code.
fn tried(folder: &str, allowed: usize) {
    let only = std::env::var("PITCREW_ONLY").unwrap_or_default();
    let programs = programs(folder);
    let folder = Utf8PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(folder);
    let built = planted::build(
        &programs,
        &["slow"],
        &package().join("../../Cargo.lock"),
        &folder,
    );
    let built = built.unwrap();
    let mut accuracy = Accuracy::default();
    let (mut right, mut judged_programs) = (0, 0);
    for program in programs
        .iter()
        .filter(|program| program.name.contains(&only))
    {
        let executable = &built[&format!("{}-slow", program.name)];
        let Some((profile, kernel)) = recorded(program, executable) else {
            return;
        };
        if NEED_KERNEL.contains(&program.rule.as_str()) && kernel != KernelFrames::Recorded {
            eprintln!(
                "{}: skipped, the kernel is not in the recording",
                program.name
            );
            continue;
        }
        let findings = judged(program, &profile);
        let said: Vec<String> = (findings.iter())
            .map(|finding| {
                let [least, most] = resolve::promised(finding);
                format!("{} can gain {least:.3} to {most:.3}", label(finding))
            })
            .collect();
        eprintln!(
            "{}: {} samples; {}",
            program.name,
            profile.count(),
            said.join(", ")
        );
        let is_cold = |finding: &&Finding| {
            let location = finding.location.as_ref();
            location.is_some_and(|location| location.line == program.cold)
        };
        assert_eq!(findings.iter().find(is_cold), None, "{}", program.name);
        let expected = [format!("{}:{}", program.rule, program.hot)];
        let found: Vec<String> = findings.first().map(label).into_iter().collect();
        accuracy.count(&program.name, &expected, &found);
        right += usize::from(found == expected);
        judged_programs += 1;
    }
    eprintln!("{accuracy}{}", accuracy.mistakes.join("\n"));
    assert!(
        right + allowed >= judged_programs,
        "{right} of {judged_programs} are right: {:?}",
        accuracy.mistakes
    );
}
