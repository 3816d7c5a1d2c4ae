//! Dependencies that no code names.

use pitcrew_core::finding::{Evidence, Finding, Rule, RuleInfo, Severity};

use crate::evidence::{self, Grade};
use crate::facts::{Dependency, Facts, Kind, Member, SharedDependency};
use crate::remedy::{Action, EntryId, Proposal};

pub struct UnusedDependency;

static INFO: RuleInfo = RuleInfo {
    id: "unused-dependency",
    summary: "A dependency that nothing uses",
    severity: Severity::Warning,
    docs: r#"## What it does
Finds entries of all dependency tables (normal, development, build, of a target; optional, renamed,
inherited) that no source of the package names: not in a path, an import, an attribute, a macro's
arguments, a documentation test, the build script, nor in what the macros and generators that it uses
write. Where the project builds, rustc's own word is taken for each target, and the proof builds the
workspace without all of them. Entries of `[workspace.dependencies]` that no member inherits are found
too. What names the dependency in `[features]` (`dep:x`, `x/f`, `x?/f`) goes in the same edit; a feature
that becomes empty stays if anyone names it.

## Why it matters
Each is downloaded, compiled and audited, with all that it depends on, for nothing.

## Example
```toml
[dependencies]
rand = "0.9" # no `rand::` anywhere

[features]
dice = ["dep:rand"]
```

## When it is wrong
The dependency is there for what it does to others: it switches on a feature of a package that is in
the tree anyway, or holds back a version. A removal that takes features from another package, and one
of a dependency pinned with `=` or `~`, is therefore never applied by itself. A pin says best what it
is under `[target."cfg(false)".dependencies]`, which is never touched. Tables of other platforms cannot
be built here and rest on the text alone. What asks for features of a package that another dependency
brings too may be there for these: the report says so, and an allow with a reason keeps it.

```toml
[package.metadata.pitcrew.depslim]
allow = [{ rule = "unused-dependency", subject = "idna_adapter", reason = "keeps ICU out" }]
```

The ignore lists of cargo-machete, cargo-shear and cargo-udeps are honoured.
"#,
};

impl Rule<Facts, Proposal> for UnusedDependency {
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
        let shared = facts.shared.iter().enumerate();
        out.extend(shared.filter_map(|(index, shared)| judge_shared(index, shared)));
        out
    }
}

fn judge(facts: &Facts, member: &Member, id: EntryId) -> Option<Proposal> {
    let dependency = member.dependencies.get(id.dependency)?;
    if dependency.kept.is_some() {
        return None;
    }
    let package = &member.name;
    if repeats_normal(facts, member, id) {
        let message = "it repeats the entry in [dependencies], which serves tests too".to_owned();
        return Some(proposal(
            dependency,
            message,
            &Grade::Text,
            Action::Remove(id),
        ));
    }
    let (message, grade) = match evidence::usage(facts, id)? {
        // What serves the library serves tests; this entry is there for what it adds.
        usage if usage.is_unused() && adds_to_normal(facts, member, id) => return None,
        usage if usage.is_unused() => {
            let message = match dependency.table.kind {
                Kind::Normal => format!("nothing in {package} uses it"),
                Kind::Development => format!("no test, example or bench of {package} uses it"),
                Kind::Build => format!("the build script of {package} does not use it"),
            };
            (message, usage.grade)
        }
        // Beside one of `[dev-dependencies]`, a normal entry serves what is no test alone.
        usage
            if usage.is_development_only() && covering(member, id, Kind::Development).is_some() =>
        {
            let message = format!(
                "only {} use it, which its entry in [dev-dependencies] serves",
                usage.words()
            );
            (message, usage.grade)
        }
        _ if repeats_normal(facts, member, id) => {
            let message =
                "it repeats the entry in [dependencies], which serves tests too".to_owned();
            (message, Grade::Text)
        }
        _ => return None,
    };
    Some(proposal(dependency, message, &grade, Action::Remove(id)))
}

fn proposal(dependency: &Dependency, message: String, grade: &Grade, action: Action) -> Proposal {
    let mut finding = Finding::new(&INFO, &dependency.key, message)
        .at(dependency.location.clone())
        .evidence(grade.evidence());
    if dependency.brought_by_others {
        finding = finding.help(format!(
            "it may be there for the features that it switches on of a package which others bring \
             too: {}",
            dependency.features.join(", ")
        ));
    }
    if dependency.library.assumed && *grade == Grade::Text {
        finding = finding.help(
            "its sources are not at hand, so that the name of its library was guessed from the \
             package's",
        );
    }
    Proposal {
        finding,
        action: Some(action),
    }
}

/// The entry of another kind for the same package in an unconditional table.
fn covering(member: &Member, id: EntryId, kind: Kind) -> Option<usize> {
    let own = member.dependencies.get(id.dependency)?;
    if own.table.kind == kind {
        return None;
    }
    let mut others = member.dependencies.iter();
    others.position(|other| {
        other.table.kind == kind
            && other.table.target.is_none()
            && !other.optional
            && other.package == own.package
            && other.names == own.names
    })
}

/// The normal entry beside a development one, where it is there to stay.
fn normal_that_stays<'m>(facts: &Facts, member: &'m Member, id: EntryId) -> Option<&'m Dependency> {
    let own = member.dependencies.get(id.dependency)?;
    if own.table.kind != Kind::Development {
        return None;
    }
    let number = covering(member, id, Kind::Normal)?;
    let normal = EntryId {
        dependency: number,
        ..id
    };
    let usage = evidence::usage(facts, normal);
    let stays = usage.is_none_or(|usage| !usage.is_unused() && !usage.is_development_only());
    member.dependencies.get(number).filter(|_| stays)
}

/// Whether a development entry adds features to a normal one.
fn adds_to_normal(facts: &Facts, member: &Member, id: EntryId) -> bool {
    normal_that_stays(facts, member, id).is_some()
}

/// Whether a development entry adds nothing to the normal one.
fn repeats_normal(facts: &Facts, member: &Member, id: EntryId) -> bool {
    let Some(there) = normal_that_stays(facts, member, id) else {
        return false;
    };
    let own = &member.dependencies[id.dependency];
    own.requirement == there.requirement
        && own.inherited == there.inherited
        && own.library.folder == there.library.folder
        && (there.default_features || !own.default_features)
        && own
            .features
            .iter()
            .all(|feature| there.features.contains(feature))
}

fn judge_shared(index: usize, shared: &SharedDependency) -> Option<Proposal> {
    if shared.kept.is_some() || !shared.inherited_by.is_empty() {
        return None;
    }
    let message = "no member of the workspace inherits it";
    let finding = Finding::new(&INFO, &shared.key, message)
        .at(shared.location.clone())
        .evidence(Evidence::Configured {
            fact: "`workspace = true` stands in no member's entry of this name".to_owned(),
        });
    Some(Proposal {
        finding,
        action: Some(Action::RemoveShared(index)),
    })
}
