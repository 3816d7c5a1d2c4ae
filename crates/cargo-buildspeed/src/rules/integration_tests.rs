//! Many integration-test programs, each of which links the whole library again.

use pitcrew_core::finding::{Evidence, Finding, Rule, RuleInfo, Severity};
use pitcrew_core::recording::{Recording, Unit, UnitKind};

use crate::facts::{Facts, Member};
use crate::lever::Proposal;
use crate::place;
use crate::recorded::WORTH_A_TRIAL;

pub struct IntegrationTests;

/// From this many on without a recording: two or three may well be apart on purpose.
const MANY: usize = 4;

static INFO: RuleInfo = RuleInfo {
    id: "integration-tests",
    summary: "several integration-test programs are linked apart",
    severity: Severity::Advice,
    docs: r#"## What it does
Counts the integration tests of each member (each file in `tests/` is a program), and adds up how long
they took to link where the recording built them.

## Why it matters
Each of these programs links the library and all its dependencies again, fills the disk with another
copy of them, and `cargo test` runs them one after another. As modules of one program they link once
and share their threads. Only moving files does it, so the change is yours to make.

## Example
```text
tests/it/main.rs      mod login; mod orders;
tests/it/login.rs     was tests/login.rs
tests/it/orders.rs    was tests/orders.rs
```

## When it is wrong
The tests must be separate processes: they change the environment or the working directory, set a
global allocator, logger or panic hook, or have no harness (`harness = false`). And a test that is
edited alone rebuilds less when it is a crate of its own.
"#,
};

impl Rule<Facts, Proposal> for IntegrationTests {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        facts
            .workspace
            .members
            .iter()
            .filter_map(|member| judge(member, facts.recording.as_ref()))
            .collect()
    }
}

fn judge(member: &Member, recording: Option<&Recording>) -> Option<Proposal> {
    let count = member
        .targets
        .iter()
        .filter(|target| target.kinds.iter().any(|kind| kind == "test"))
        .count();
    if count < 2 {
        return None;
    }
    let links = recording.map(|recording| links(member, recording));
    let evidence = match links {
        Some((linked, link_s, work_s)) if linked >= 2 => {
            let matters = link_s / f64::from(linked) >= WORTH_A_TRIAL * work_s;
            if !matters && count < MANY {
                return None;
            }
            let fact = format!("{linked} integration tests took {link_s:.1} s to link");
            Evidence::Recorded { fact }
        }
        _ if count < MANY => return None,
        _ => Evidence::Configured {
            fact: format!("{} has {count} test targets", member.name),
        },
    };
    let message = format!(
        "{count} integration tests of {} are {count} programs, and each links the library and \
         its dependencies again",
        member.name
    );
    let finding = Finding::new(&INFO, member.name.clone(), message)
        .at(place::in_manifest(
            &member.manifest_path,
            &member.manifest,
            &["package"],
        ))
        .evidence(evidence)
        .help("make them modules of one program: tests/it/main.rs with `mod name;` for each")
        .help("keep apart those that need a process of their own");
    Some(Proposal::advice(finding))
}

/// How many of the member's integration tests linked, for how long, and the work of all units.
fn links(member: &Member, recording: &Recording) -> (u32, f64, f64) {
    let mut linked = 0;
    let mut seconds = 0.0;
    let own =
        |unit: &&Unit| unit.member && unit.package == member.name && unit.kind == UnitKind::Test;
    for link in recording
        .units
        .iter()
        .filter(own)
        .filter_map(|unit| unit.link_s)
    {
        linked += 1;
        seconds += link;
    }
    let work = recording.units.iter().map(Unit::duration_s).sum();
    (linked, seconds, work)
}
