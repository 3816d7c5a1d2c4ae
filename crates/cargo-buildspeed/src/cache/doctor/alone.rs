//! What one build's keys tell by themselves: the crates without a key, the paths and the variables that
//! keep others from sharing entries.

use std::collections::BTreeMap;

use pitcrew_core::finding::{Evidence, Finding, RuleInfo};
use serde_json::json;

use super::Judged;
use super::inputs::{Inputs, Place, UnitInputs};
use crate::cache::rules;
use crate::cache::trial::uncached;

pub fn judge(inputs: &Inputs) -> Judged {
    let (with_key, without): (Vec<&UnitInputs>, Vec<&UnitInputs>) = inputs
        .units
        .iter()
        .partition(|unit| unit.uncacheable.is_none());
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for unit in &without {
        let why = unit.uncacheable.as_deref().unwrap_or_default();
        let why = if unit.name.contains("build script") {
            uncached::BUILD_SCRIPT
        } else {
            why
        };
        reasons.entry(why).or_default().push(&unit.name);
    }
    let bound = bound(inputs, &with_key);
    let mut findings: Vec<Finding> = reasons
        .iter()
        .map(|(why, names)| uncached::finding(why, names, None))
        .collect();
    findings.extend(bound.iter().map(|(place, names)| path_bound(*place, names)));
    findings.extend(environment(inputs, with_key.len()));
    let lines = vec![format!(
        "keys            {} crates have one, {} are not cacheable",
        with_key.len(),
        without.len()
    )];
    let summary = json!({
        "with_key": with_key.len(),
        "uncacheable": reasons,
        "path_bound": bound.iter().map(|(place, names)| json!({ "place": place, "crates": names }))
            .collect::<Vec<_>>(),
        "environment": inputs.environment.keys().collect::<Vec<_>>(),
    });
    Judged {
        lines,
        findings,
        summary,
    }
}

/// The crates whose keys hold a place, by the place.
fn bound<'a>(inputs: &Inputs, units: &[&'a UnitInputs]) -> BTreeMap<Place, Vec<&'a str>> {
    let mut found: BTreeMap<Place, Vec<&str>> = BTreeMap::new();
    for unit in units {
        let texts = unit.args.iter().chain(unit.env.values()).chain([&unit.cwd]);
        let blind: Vec<String> = texts.map(|text| inputs.places.blind(text)).collect();
        for (place, _) in inputs.places.named() {
            if blind.iter().any(|text| text.contains(place.mark())) {
                found.entry(place).or_default().push(&unit.name);
            }
        }
    }
    found
}

fn path_bound(place: Place, names: &[&str]) -> Finding {
    let count = names.len();
    let (s, have) = if count == 1 {
        ("", "has")
    } else {
        ("s", "have")
    };
    let help = match place {
        Place::Root => "check out at the same path wherever entries are to be shared",
        Place::Target => {
            "they read OUT_DIR: have the target directory at the same path too, which it is where \
             the checkout is"
        }
        Place::CargoHome => "set CARGO_HOME to the same path for all who share the cache",
    };
    listed(
        &rules::PATH_BOUND,
        place.in_words(),
        format!(
            "{count} crate{s} {have} the path of {} in the key: no other path finds the entry",
            place.in_words()
        ),
        names,
    )
    .help(help)
}

/// A finding about crates, with their names as its evidence.
pub fn listed(rule: &RuleInfo, subject: &str, message: String, names: &[&str]) -> Finding {
    /// Enough to see what they have in common.
    const SHOWN: usize = 12;
    let mut shown: Vec<&str> = names.iter().copied().take(SHOWN).collect();
    let more = names.len().saturating_sub(SHOWN);
    let more = format!("{more} more");
    if names.len() > SHOWN {
        shown.push(&more);
    }
    Finding::new(rule, subject, message).evidence(Evidence::Recorded {
        fact: shown.join(", "),
    })
}

fn environment(inputs: &Inputs, keys: usize) -> Vec<Finding> {
    let variables: Vec<&str> = inputs.environment.keys().map(String::as_str).collect();
    if variables.is_empty() {
        return Vec::new();
    }
    let message = format!(
        "{} of your environment enters all {keys} keys: who has another value shares nothing",
        variables.join(", ")
    );
    let finding = listed(&rules::ENVIRONMENT, variables[0], message, &variables);
    vec![finding.help("say it in cargo's configuration, which enters no key, or say it everywhere")]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::doctor::inputs::Places;

    fn unit(name: &str, cwd: &str) -> UnitInputs {
        UnitInputs {
            name: name.to_owned(),
            cwd: cwd.to_owned(),
            ..UnitInputs::default()
        }
    }

    fn inputs(units: Vec<UnitInputs>) -> Inputs {
        Inputs {
            places: Places {
                root: "/w".to_owned(),
                target: "/w/target".to_owned(),
                cargo_home: "/h".to_owned(),
            },
            units,
            ..Inputs::default()
        }
    }

    fn said(judged: &Judged) -> Vec<(&str, &str)> {
        let parts = judged.findings.iter();
        parts
            .map(|f| (f.rule.as_str(), f.subject.as_str()))
            .collect()
    }

    #[test]
    fn places_in_keys_are_found_wherever_they_stand() {
        let mut generated = unit("g 1.0.0 (lib)", "/elsewhere");
        generated.env.insert(
            "OUT_DIR".to_owned(),
            "/w/target/debug/build/g/out".to_owned(),
        );
        let judged = judge(&inputs(vec![
            unit("member 0.1.0 (lib)", "/w"),
            unit("serde 1.0.0 (lib)", "/h/registry/serde-1.0.0"),
            generated,
            unit("free 1.0.0 (lib)", "/elsewhere"),
        ]));
        let rule = "cache-path-bound";
        assert_eq!(
            said(&judged),
            [
                (rule, "the checkout"),
                (rule, "the target directory"),
                (rule, "cargo's home")
            ]
        );
        assert!(judged.findings[0].message.starts_with("1 crate has"));
    }

    #[test]
    fn crates_without_a_key_are_grouped_by_the_reason() {
        let without = |name: &str, why: &str| UnitInputs {
            uncacheable: Some(why.to_owned()),
            ..unit(name, "/w")
        };
        let judged = judge(&inputs(vec![
            without("a 0.1.0 (lib)", "incremental"),
            without("b 0.1.0 (lib)", "incremental"),
            without("b 0.1.0 (build script)", "crate-type (bin)"),
        ]));
        let rule = "cache-uncacheable";
        assert_eq!(
            said(&judged),
            [(rule, uncached::BUILD_SCRIPT), (rule, "incremental")]
        );
        assert_eq!(judged.summary["with_key"], 0);
    }

    #[test]
    fn a_variable_of_the_user_is_named() {
        let mut inputs = inputs(vec![unit("free 1.0.0 (lib)", "/elsewhere")]);
        assert_eq!(judge(&inputs).findings, []);
        inputs
            .environment
            .insert("CARGO_TERM_COLOR".to_owned(), "always".to_owned());
        assert_eq!(
            said(&judge(&inputs)),
            [("cache-environment", "CARGO_TERM_COLOR")]
        );
    }
}
