//! What a cache does not answer for, why, and what would change that: pure.

use std::collections::BTreeMap;

use pitcrew_core::finding::{Evidence, Finding, Severity};
use pitcrew_core::recording::{Unit, UnitKind};

use super::log::{Answer, Call};
use crate::cache::doctor::alone::listed;
use crate::cache::rules;

/// The reason of build scripts, which sccache counts among programs.
pub const BUILD_SCRIPT: &str = "build script";

/// A crate that is not cached.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub krate: String,
    pub why: String,
    /// Of work, where a recording knows.
    pub seconds: Option<f64>,
}

/// The crates of `calls` that have no key, with the work that `units` know of each.
pub fn rows(calls: &[Call], units: &[Unit]) -> Vec<Row> {
    let mut free: Vec<&Unit> = units.iter().collect();
    let mut rows: Vec<Row> = calls
        .iter()
        .filter_map(|call| {
            let Answer::Uncacheable(why) = &call.answer else {
                return None;
            };
            let at = free.iter().position(|unit| is_of(unit, call));
            let unit = at.map(|at| free.remove(at));
            Some(Row {
                krate: unit.map_or_else(|| of_the_call(call), Unit::label),
                why: if call.is_build_script {
                    BUILD_SCRIPT.to_owned()
                } else {
                    why.clone()
                },
                seconds: unit.map(Unit::duration_s),
            })
        })
        .collect();
    rows.sort_by(|a, b| {
        b.seconds
            .unwrap_or(0.0)
            .total_cmp(&a.seconds.unwrap_or(0.0))
            .then_with(|| a.krate.cmp(&b.krate))
    });
    rows
}

/// Build scripts have one name: their source tells whose they are, where it is one from a registry.
fn of_the_call(call: &Call) -> String {
    let folder = call
        .input
        .rsplit_once("/build.rs")
        .map(|(folder, _)| folder);
    let package = folder.and_then(|folder| folder.rsplit('/').next());
    match package.filter(|package| call.is_build_script && !package.is_empty()) {
        Some(package) => format!("{package} (build script)"),
        None => call.krate.clone(),
    }
}

fn is_of(unit: &Unit, call: &Call) -> bool {
    if call.is_build_script {
        let version = format!("/{}-{}/", unit.package, unit.version);
        return unit.kind == UnitKind::BuildScript
            && (call.input.contains(&version) || unit.member && !call.input.starts_with('/'));
    }
    let kind_fits = unit.kind != UnitKind::BuildScript && unit.kind != UnitKind::RunBuildScript;
    let is_bin = call.input.ends_with("main.rs") || call.input.contains("/bin/");
    kind_fits
        && unit.target.replace('-', "_") == call.krate
        && (unit.kind == UnitKind::Bin) == is_bin
}

/// One finding for each reason.
pub fn judge(calls: &[Call], units: &[Unit]) -> Vec<Finding> {
    let mut by_why: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for row in rows(calls, units) {
        by_why.entry(row.why.clone()).or_default().push(row);
    }
    let mut groups: Vec<(String, Vec<Row>)> = by_why.into_iter().collect();
    let work = |rows: &[Row]| rows.iter().filter_map(|row| row.seconds).sum::<f64>();
    groups.sort_by(|(_, a), (_, b)| work(b).total_cmp(&work(a)));
    let all: f64 = units.iter().map(Unit::duration_s).sum();
    groups
        .iter()
        .map(|(why, rows)| {
            let names: Vec<String> = rows.iter().map(named).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let seconds = work(rows);
            let of = (all > 0.0).then_some((seconds, all));
            finding(why, &names, of)
        })
        .collect()
}

/// `mini-redis (lib) 1.2 s`.
fn named(row: &Row) -> String {
    match row.seconds {
        Some(seconds) => format!("{} {seconds:.1} s", row.krate),
        None => row.krate.clone(),
    }
}

/// What is to be said of crates that are not cached for one reason; `of` is their work and all work.
pub fn finding(why: &str, names: &[&str], of: Option<(f64, f64)>) -> Finding {
    let count = names.len();
    let (s, are) = if count == 1 { ("", "is") } else { ("s", "are") };
    let message = format!("{count} crate{s} {are} not cached: {}", meaning(why));
    let mut finding = listed(&rules::UNCACHEABLE, why, message, names).help(change(why));
    if let Some((seconds, all)) = of {
        let fact = format!("{seconds:.1} s of {all:.1} s of work in a build from a warm cache");
        finding = finding.evidence(Evidence::Recorded { fact });
    }
    if !can_change(why) {
        finding = finding.severity(Severity::Note);
    }
    finding
}

fn meaning(why: &str) -> String {
    match why {
        "incremental" => "what is compiled incrementally has no key".to_owned(),
        BUILD_SCRIPT => "build scripts are linked".to_owned(),
        "crate-type (bin)" => "programs are linked".to_owned(),
        "crate-type (proc-macro)" => "proc-macros are linked".to_owned(),
        "crate-type (No crate-type passed)" => "tests are linked".to_owned(),
        why if why.contains("dylib") => "dynamic libraries are linked".to_owned(),
        why => format!("sccache says: {why}"),
    }
}

fn change(why: &str) -> &'static str {
    match why {
        "incremental" => {
            "CARGO_INCREMENTAL=0 makes them cacheable, and rebuilds after an edit slower: for CI and \
             for checkouts that are built once"
        }
        BUILD_SCRIPT => {
            "nothing makes them cacheable; `cargo depslim` finds dependencies that can go with theirs"
        }
        "crate-type (bin)" => {
            "move their code into a library (src/lib.rs), which is cached; what is left links"
        }
        "crate-type (proc-macro)" => {
            "nothing makes them cacheable; their dependencies (syn, quote) are plain libraries, and are"
        }
        "crate-type (No crate-type passed)" => {
            "nothing makes them cacheable; fewer files in tests/ link fewer times"
        }
        why if why.contains("dylib") => {
            "split the exported interface off: a crate that is only a plain library is cached"
        }
        _ => "see sccache's docs/Rust.md for what it caches",
    }
}

fn can_change(why: &str) -> bool {
    why == "incremental" || why == "crate-type (bin)" || why.contains("dylib")
}

/// The answers in one line for people.
pub fn counted(calls: &[Call]) -> Vec<String> {
    let count =
        |wanted: &dyn Fn(&Answer) -> bool| calls.iter().filter(|call| wanted(&call.answer)).count();
    let hits = count(&|answer| *answer == Answer::Hit);
    let misses = count(&|answer| *answer == Answer::Miss);
    let uncacheable = count(&|answer| matches!(answer, Answer::Uncacheable(_)));
    let troubles = count(&|answer| matches!(answer, Answer::Trouble(_)));
    let mut lines = vec![format!(
        "log             {hits} answered, {misses} missed, {uncacheable} not cacheable, {troubles} \
         without an answer of the storage"
    )];
    let missed: Vec<&str> = calls
        .iter()
        .filter(|call| call.answer == Answer::Miss)
        .map(|call| call.krate.as_str())
        .collect();
    if !missed.is_empty() {
        lines.push(format!("missed          {}", missed.join(", ")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use pitcrew_core::model::synthetic;

    use super::*;

    fn call(krate: &str, input: &str, why: &str) -> Call {
        Call {
            krate: krate.to_owned(),
            input: input.to_owned(),
            is_build_script: krate.starts_with("build_script"),
            answer: Answer::Uncacheable(why.to_owned()),
        }
    }

    fn unit(package: &str, kind: UnitKind, seconds: f64, member: bool) -> Unit {
        let mut unit = synthetic::chain(&[seconds]).units.remove(0);
        unit.package = package.to_owned();
        unit.version = "1.0.0".to_owned();
        unit.target = if kind == UnitKind::BuildScript {
            "build-script-build".to_owned()
        } else {
            package.to_owned()
        };
        unit.kind = kind;
        unit.member = member;
        unit
    }

    #[test]
    fn crates_meet_their_work_though_names_repeat() {
        let calls = [
            call(
                "build_script_build",
                "/r/libc-1.0.0/build.rs",
                "crate-type (bin)",
            ),
            call("build_script_build", "build.rs", "crate-type (bin)"),
            call("my_app", "src/main.rs", "crate-type (bin)"),
            call("my_app", "src/lib.rs", "incremental"),
        ];
        let units = [
            unit("my-app", UnitKind::BuildScript, 0.1, true),
            unit("libc", UnitKind::BuildScript, 0.2, false),
            unit("my-app", UnitKind::Lib, 0.3, true),
            unit("my-app", UnitKind::Bin, 0.4, true),
        ];
        let told: Vec<(String, f64)> = rows(&calls, &units)
            .into_iter()
            .map(|row| (row.why, row.seconds.unwrap()))
            .collect();
        let expected = [
            ("crate-type (bin)", 0.4),
            ("incremental", 0.3),
            (BUILD_SCRIPT, 0.2),
            (BUILD_SCRIPT, 0.1),
        ];
        assert_eq!(told.len(), 4);
        for ((why, seconds), (expected, took)) in told.iter().zip(expected) {
            assert_eq!(why, expected);
            assert!((seconds - took).abs() < 1e-9, "{why}: {seconds}");
        }
    }

    #[test]
    fn what_can_be_changed_is_advice_and_what_cannot_is_a_note() {
        let severity = |why: &str| judge(&[call("a", "a.rs", why)], &[])[0].severity;
        assert_eq!(severity("incremental"), Severity::Advice);
        assert_eq!(severity("crate-type (bin)"), Severity::Advice);
        assert_eq!(severity("crate-type (cdylib)"), Severity::Advice);
        assert_eq!(severity("crate-type (proc-macro)"), Severity::Note);
        assert_eq!(severity("something new"), Severity::Note);
    }

    #[test]
    fn a_build_script_without_a_recording_is_named_by_its_folder() {
        let calls = [call(
            "build_script_build",
            "/r/libc-1.0.0/build.rs",
            "crate-type (bin)",
        )];
        assert_eq!(rows(&calls, &[])[0].krate, "libc-1.0.0 (build script)");
    }
}
