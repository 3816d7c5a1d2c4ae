//! Release builds that leave speed behind by their settings.

use pitcrew_core::finding::{Evidence, Finding, Rule, RuleInfo, Severity};

use crate::facts::{Facts, Release};
use crate::profile::Origin;

pub struct BuildProfile;

static INFO: RuleInfo = RuleInfo {
    id: "build-profile",
    summary: "The release profile keeps hot calls from being inlined",
    severity: Severity::Advice,
    docs: "\
## What it does

Reports a release profile that optimises for size, or one without link-time optimisation of a program \
that spends time in short functions of other crates which were called and not inlined.

## Why it matters

Without `lto` a function of another crate is inlined only if it is generic or marked; with sixteen \
codegen units the same holds within a crate. What is not inlined cannot be optimised for its caller.

## Example

```toml
[profile.release]
lto = \"thin\"        # or \"fat\"
codegen-units = 1
```

`cargo buildspeed --goal runtime` tries such settings on your program and keeps those that are faster.

## When it is wrong

When the size of the program or the time to build it matters more.
",
};

impl Rule<Facts<'_>> for BuildProfile {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts<'_>) -> Vec<Finding> {
        let about = &facts.view.profile.about;
        let Some(release) = &facts.around.release else {
            return Vec::new();
        };
        let is_release = about.build_profile.as_deref() == Some("release");
        let Some(fact) = reason(release).filter(|_| is_release) else {
            return Vec::new();
        };
        let crossing = crossing(facts);
        if !release.optimises_size
            && (!facts.is_hot(&crossing) || facts.share(&crossing).share < LEAST)
        {
            return Vec::new();
        }
        let message = match release.optimises_size {
            true => "the release profile optimises for size, not for speed",
            false => "short functions of other crates are called, not inlined",
        };
        let mut finding = Finding::new(&INFO, "profile.release".to_owned(), message.to_owned())
            .evidence(Evidence::Configured {
                fact: fact.to_owned(),
            });
        if !release.optimises_size {
            finding = finding.evidence(Evidence::Profile {
                share: facts.share(&crossing).share,
                samples: facts.works.count,
            });
        }
        vec![finding.next("cargo buildspeed --goal runtime")]
    }
}

/// Less than this inlining does not change much.
const LEAST: f64 = 0.1;

fn reason(release: &Release) -> Option<&'static str> {
    match release {
        Release {
            optimises_size: true,
            ..
        } => Some("profile.release.opt-level is s or z"),
        Release {
            has_lto: false,
            one_codegen_unit: false,
            ..
        } => Some("profile.release has neither lto nor codegen-units = 1"),
        _ => None,
    }
}

/// Time of functions of one Rust crate that another one called.
fn crossing(facts: &Facts<'_>) -> Vec<usize> {
    let view = facts.view;
    let is_rust = |origin: &Origin| matches!(origin, Origin::Workspace(_) | Origin::Dependency(_));
    let crosses = |leaf: u32| {
        let callee = view
            .walk(Some(leaf))
            .find(|stack| !view.frame(*stack).inlined)?;
        let caller = view.caller(callee)?;
        let (callee, caller) = (view.origin(callee), view.origin(caller));
        Some(is_rust(callee) && is_rust(caller) && callee != caller)
    };
    let works = facts.works.all.iter().enumerate();
    let crossing = works.filter(|(_, work)| crosses(work.leaf).unwrap_or(false));
    crossing.map(|(at, _)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_left_behind_is_a_reason() {
        let plain = Release::default();
        assert!(reason(&plain).is_some());
        let lto = Release {
            has_lto: true,
            ..Release::default()
        };
        assert!(reason(&lto).is_none());
        let small = Release {
            optimises_size: true,
            ..lto
        };
        assert!(reason(&small).unwrap().contains("opt-level"));
    }
}
