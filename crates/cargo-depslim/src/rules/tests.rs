//! What the rules promise together.

use super::*;

#[test]
fn rules_are_sorted_and_documented() {
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.info().id).collect();
    assert!(ids.is_sorted(), "{ids:?}");
    for rule in RULES {
        let docs = rule.info().docs;
        for section in [
            "## What it does",
            "## Why it matters",
            "## Example",
            "## When it is wrong",
        ] {
            assert!(docs.contains(section), "{}: {section}", rule.info().id);
        }
        assert_eq!(
            find(rule.info().id).map(|r| r.info().id),
            Some(rule.info().id)
        );
    }
}
