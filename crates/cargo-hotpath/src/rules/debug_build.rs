//! A program that was built without optimisation spends its time where the optimised one does not.

use pitcrew_core::finding::{Evidence, Finding, Rule, RuleInfo, Severity};

use crate::facts::Facts;

pub struct DebugBuild;

static INFO: RuleInfo = RuleInfo {
    id: "debug-build",
    summary: "The profiled program was not optimised",
    severity: Severity::Warning,
    docs: "\
## What it does

Reports a recording of a program that was built with a profile whose `opt-level` is 0.

## Why it matters

Without optimisation nothing is inlined and every check stays: iterators, slices and small functions \
of std dominate such a profile and cost nothing in what users run. Advice from it misleads.

## Example

```console
$ cargo hotpath --profile dev    # where a debug build spends its time
$ cargo hotpath                  # where the program that you ship does
```

## When it is wrong

When the debug build's own speed is what you look into, as of slow tests. `cargo buildspeed explain \
dev-dependency-optimization` tells how to have only the dependencies optimised there.
",
};

impl Rule<Facts<'_>> for DebugBuild {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts<'_>) -> Vec<Finding> {
        let about = &facts.view.profile.about;
        if about.optimised != Some(false) {
            return Vec::new();
        }
        let profile = about.build_profile.as_deref().unwrap_or("dev");
        let finding = Finding::new(
            &INFO,
            format!("profile.{profile}"),
            format!("profile {profile} does not optimise: its hot code is not that of a release"),
        )
        .evidence(Evidence::Configured {
            fact: format!("profile.{profile}.opt-level is 0"),
        })
        .help("leave --profile out to profile what users run");
        vec![finding.next("cargo hotpath")]
    }
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;

    use super::*;
    use crate::analyse::{Filter, View};
    use crate::facts::Around;
    use crate::profile::Profile;
    use crate::report::Sources;

    fn found(optimised: Option<bool>) -> usize {
        let mut profile = Profile::default();
        profile.about.optimised = optimised;
        let view = View::unfolded(&profile, &Filter::default());
        let sources = Sources::new(Utf8Path::new("/"), None);
        let facts = Facts::new(&view, &sources, Around::default());
        DebugBuild.check(&facts).len()
    }

    #[test]
    fn only_what_is_known_not_to_be_optimised_is_reported() {
        assert_eq!(found(Some(false)), 1);
        assert_eq!(found(Some(true)), 0);
        assert_eq!(found(None), 0);
    }
}
