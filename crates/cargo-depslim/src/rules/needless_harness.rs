//! Programs for tests that run none, and tests that no program runs.

use pitcrew_core::finding::{Evidence, Finding, Location, Rule, RuleInfo, Severity};
use pitcrew_core::manifest;

use crate::costs::Costs;
use crate::facts::{Facts, Member, TargetKind};
use crate::remedy::{Action, Harness, Proposal};

pub struct NeedlessHarness;

static INFO: RuleInfo = RuleInfo {
    id: "needless-harness",
    summary: "A library is built for tests that it has not, or has tests that are not built",
    severity: Severity::Advice,
    docs: r#"## What it does
Finds libraries without a single test for which `cargo test` compiles and links a program all the same
(`test`), or starts rustdoc (`doctest`), and sets the key in `[lib]` to `false`. It also finds the
opposite: a library that has tests, or code blocks in its documentation, while its manifest says
`test = false` or `doctest = false`, so that they never run.

Anything that speaks of tests counts as one: `#[tokio::test]`, `#[rstest]`, `proptest!`, code under
`cfg(test)`. A key that the manifest spells out as `true` is the user's word and stays.

## Why it matters
Each such program is compiled and linked anew after each edit, for every `cargo test`. What that took is
told from the recorded build; the linker's part is known where programs were built, as by
`--proof full`. The start of rustdoc is not timed. Tests that do not run are worse: they look like a
safety that is not there.

## Example
```toml
[lib]
test = false
doctest = false
```

## When it is wrong
You are about to write the first test: with these keys cargo would not run it, and would not say so. A
macro of another crate may make tests without a word that speaks of them.
"#,
};

impl Rule<Facts, Proposal> for NeedlessHarness {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        let mut out: Vec<Proposal> = Vec::new();
        for (index, member) in facts.members.iter().enumerate() {
            if member.selected {
                out.extend(judge(index, member, Harness::Test));
                out.extend(judge(index, member, Harness::Doctest));
            }
        }
        for proposal in &mut out {
            if let (Some(Action::NoHarness(member, Harness::Test)), Some(costs)) =
                (&proposal.action, &facts.costs)
            {
                weigh(&mut proposal.finding, costs, &facts.members[*member].name);
            }
        }
        out
    }
}

/// Says what the program cost in the build at hand.
fn weigh(finding: &mut Finding, costs: &Costs, member: &str) {
    let Some(cost) = costs.harnesses.get(member) else {
        return;
    };
    let link = match cost.link_s {
        Some(link_s) => format!(
            "compiling and linking it took {:.2} s of CPU, {link_s:.2} s of time in the linker",
            cost.cpu_s
        ),
        None => format!("checking it took {:.2} s of CPU", cost.cpu_s),
    };
    let fact = format!("{link}, {}", costs.where_found());
    finding.evidence.push(Evidence::Recorded { fact });
    finding.saves.cpu_s = Some(cost.cpu_s);
}

fn judge(index: usize, member: &Member, harness: Harness) -> Option<Proposal> {
    let mut targets = member.targets.iter();
    let library = targets.find(|target| target.kind == TargetKind::Library)?;
    let sources = &member.sources;
    let (on, none, some) = match harness {
        Harness::Test => (
            library.test,
            sources.tests == 0 && !sources.may_test,
            sources.tests,
        ),
        Harness::Doctest => (
            library.doctest,
            sources.code_blocks == 0,
            sources.code_blocks,
        ),
    };
    let written = manifest::lookup(&member.manifest, &["lib", harness.key()]);
    let name = &member.name;
    let (message, action) = match (on, written) {
        (true, None) if none && sources.unreadable.is_empty() => {
            let message = match harness {
                Harness::Test => {
                    format!("`cargo test` links a program for {name}, which has no unit test")
                }
                Harness::Doctest => format!(
                    "`cargo test` starts rustdoc for {name}, which has no documentation test"
                ),
            };
            (message, Some(Action::NoHarness(index, harness)))
        }
        (false, Some(_)) if some > 0 => {
            let (count, what) = match harness {
                Harness::Test => (some, "unit test"),
                Harness::Doctest => (some, "documentation test"),
            };
            let s = if count == 1 { "" } else { "s" };
            let key = harness.key();
            let message =
                format!("{count} {what}{s} of {name} never run: its manifest says `{key} = false`");
            (message, None)
        }
        _ => return None,
    };
    let key: &[&str] = match manifest::lookup(&member.manifest, &["lib"]) {
        Some(_) => &["lib"],
        None => &["package"],
    };
    let place = manifest::locate(&member.manifest, key);
    let location = place.map(|(line, column)| Location {
        path: member.manifest_path.clone(),
        line,
        column,
    });
    let subject = format!("{name}:{}", harness.key());
    let finding = Finding::new(&INFO, subject, message)
        .at(location)
        .evidence(Evidence::Syntax);
    Some(Proposal { finding, action })
}
