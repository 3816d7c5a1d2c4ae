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
Counts the integration tests of each member (each file in `tests/` is a program), but for those without
a harness. Where the recording built them it adds up how long they took to link, and says nothing where
all links but one are less than 2 % of the work; elsewhere it speaks from four programs on.

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
    // Without the harness a test is a program of its own on purpose.
    let tests: Vec<&str> = member
        .targets
        .iter()
        .filter(|target| target.harness && target.kinds.iter().any(|kind| kind == "test"))
        .map(|target| target.name.as_str())
        .collect();
    let count = tests.len();
    if count < 2 {
        return None;
    }
    let links = recording.map(|recording| Links::of(member, &tests, recording));
    let evidence = match links.filter(|links| links.count >= 2) {
        Some(links) if !links.matter() => return None,
        Some(Links { count, seconds, .. }) => {
            let fact = format!("{count} integration tests took {seconds:.1} s to link");
            Evidence::Recorded { fact }
        }
        None if count < MANY => return None,
        None => Evidence::Configured {
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

/// The links of a member's integration tests in a recorded build.
#[derive(Clone, Copy)]
struct Links {
    count: u32,
    seconds: f64,
    /// The work of all units.
    of_seconds: f64,
}

impl Links {
    fn of(member: &Member, tests: &[&str], recording: &Recording) -> Self {
        // A library's unit tests are of the same kind, but link only once in any case.
        let own = |unit: &&Unit| {
            unit.member
                && unit.package == member.name
                && unit.kind == UnitKind::Test
                && tests.contains(&unit.target.as_str())
        };
        let units = recording.units.iter().filter(own);
        let links: Vec<f64> = units.filter_map(|unit| unit.link_s).collect();
        Self {
            count: u32::try_from(links.len()).unwrap_or(u32::MAX),
            seconds: links.iter().sum(),
            of_seconds: recording.units.iter().map(Unit::duration_s).sum(),
        }
    }

    /// Whether it shows that all but one link are gone.
    fn matter(self) -> bool {
        let others = self.seconds * (1.0 - 1.0 / f64::from(self.count));
        others >= WORTH_A_TRIAL * self.of_seconds
    }
}
