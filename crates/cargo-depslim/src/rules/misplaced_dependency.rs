//! Dependencies in a table that does not fit their use.

use pitcrew_core::finding::{Finding, Rule, RuleInfo, Severity};

use crate::evidence::{self, Usage};
use crate::facts::{Condition, Dependency, Facts, Kind, Member, Place};
use crate::remedy::{Action, EntryId, Proposal};

pub struct MisplacedDependency;

static INFO: RuleInfo = RuleInfo {
    id: "misplaced-dependency",
    summary: "A dependency in a table that does not fit its use",
    severity: Severity::Warning,
    docs: r#"## What it does
Finds normal dependencies that only tests, examples, benches or documentation tests use, and moves them
to `[dev-dependencies]`; in a project that does not build, also those that the library or the build
script needs and that stand in another table. The entry moves as it is written. Optional dependencies
stay, as do those that `[features]` names: cargo knows neither of development dependencies.

## Why it matters
A normal dependency is compiled for everyone who uses the crate. In `[dev-dependencies]` it is compiled
for those who test it.

## Example
```toml
[dependencies]
tempfile = "3" # only tests/ uses it
```
becomes
```toml
[dev-dependencies]
tempfile = "3"
```

## When it is wrong
An exported macro expands to a path into the dependency, and users are told to depend on it through this
crate. Or the dependency is there for its features, as with `unused-dependency`.
"#,
};

impl Rule<Facts, Proposal> for MisplacedDependency {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        let mut out = Vec::new();
        for (index, member) in facts.members.iter().enumerate() {
            if !member.selected {
                continue;
            }
            for number in 0..member.dependencies.len() {
                let id = EntryId {
                    member: index,
                    dependency: number,
                };
                out.extend(judge(facts, member, id));
            }
        }
        out
    }
}

fn judge(facts: &Facts, member: &Member, id: EntryId) -> Option<Proposal> {
    let dependency = member.dependencies.get(id.dependency)?;
    if dependency.kept.is_some() || dependency.optional {
        return None;
    }
    let (message, usage, to) =
        for_tests(facts, member, id).or_else(|| for_another(facts, member, id))?;
    let finding = Finding::new(&INFO, &dependency.key, message)
        .at(dependency.location.clone())
        .evidence(usage.grade.evidence())
        .help(format!("it belongs in [{}]", to.table()));
    Some(Proposal {
        finding,
        action: Some(Action::Move(id, to)),
    })
}

/// A normal dependency of tests.
fn for_tests(facts: &Facts, member: &Member, id: EntryId) -> Option<(String, Usage, Kind)> {
    let dependency = &member.dependencies[id.dependency];
    if dependency.table.kind != Kind::Normal
        || named_by_features(member, dependency)
        || has_entry(member, dependency, Kind::Development)
    {
        return None;
    }
    let usage = evidence::usage(facts, id)?;
    if !usage.is_development_only() {
        return None;
    }
    let message = format!("only {} of {} use it", usage.words(), member.name);
    Some((message, usage, Kind::Development))
}

/// What cannot build as it stands: its own table serves none of its uses, and no other entry does.
fn for_another(facts: &Facts, member: &Member, id: EntryId) -> Option<(String, Usage, Kind)> {
    let dependency = &member.dependencies[id.dependency];
    if facts.compiled.is_some() {
        return None;
    }
    let certain = |place: &Place| {
        let mut uses = dependency.uses.iter();
        uses.any(|found| found.place == *place && found.condition == Condition::Always)
    };
    let runtime = [Place::Library, Place::Binary]
        .iter()
        .find(|place| certain(place));
    let script = certain(&Place::BuildScript);
    let (place, to) = match (dependency.table.kind, runtime) {
        (Kind::Development, Some(place)) => (*place, Kind::Normal),
        (Kind::Build, Some(place)) if !script => (*place, Kind::Normal),
        (Kind::Normal | Kind::Development, _) if script && dependency.served().next().is_none() => {
            (Place::BuildScript, Kind::Build)
        }
        _ => return None,
    };
    if has_entry(member, dependency, to) {
        return None;
    }
    let table = dependency.table.kind.table();
    let message = format!(
        "{} uses it, and [{table}] does not serve that",
        place.words()
    );
    let usage = Usage::by_text([place].into());
    Some((message, usage, to))
}

fn has_entry(member: &Member, dependency: &Dependency, kind: Kind) -> bool {
    let mut others = member.dependencies.iter();
    others.any(|other| other.table.kind == kind && other.names == dependency.names)
}

/// Whether `[features]` names the dependency, as `x/f`.
fn named_by_features(member: &Member, dependency: &Dependency) -> bool {
    let mut items = member.features.values().flatten();
    items.any(|item| {
        item.split_once('/')
            .is_some_and(|(key, _)| key.trim_end_matches('?') == dependency.key)
    })
}
