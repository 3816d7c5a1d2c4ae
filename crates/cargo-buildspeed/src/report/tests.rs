//! How verdicts read on 80 columns: each figure once, levers by their titles.

use pitcrew_core::finding::RuleInfo;
use pitcrew_core::handover::Steps;
use pitcrew_core::style::Palette;

use super::*;

static RULE: RuleInfo = RuleInfo {
    id: "rule",
    summary: "something may help",
    severity: Severity::Advice,
    docs: "",
};

fn proposal(id: &str, title: &str) -> Proposal {
    let lever = Lever::new(id, title, id, &Goal::DEV, Vec::new()).cost("something");
    Proposal::trial(Finding::new(&RULE, "subject", "may help"), lever)
}

fn measured(ratio: f64, interval: [f64; 2], pairs: u32) -> Evidence {
    Evidence::Measured {
        scenario: "rebuild after an edit".to_owned(),
        baseline: 1.4,
        candidate: 1.4 * ratio,
        unit: "s".to_owned(),
        ratio,
        interval,
        pairs,
    }
}

fn verdict(lever_id: &str, outcome: Outcome, evidence: Option<Evidence>) -> LeverVerdict {
    LeverVerdict {
        lever_id: lever_id.to_owned(),
        outcome,
        evidence,
        guard: None,
    }
}

fn proof(verdicts: Vec<LeverVerdict>, chosen: &[&str]) -> Proof {
    Proof {
        verdicts,
        chosen: chosen.iter().map(|&id| id.to_owned()).collect(),
        combination: None,
        interrupted: false,
        out_of_time: false,
        out_of_room: false,
        allowed_s: None,
        clean_build_s: Some(20.0),
        clean_builds_spent: 7.0,
    }
}

/// Each finding as it is read.
fn read(proposals: &[Proposal], proof: &Proof) -> String {
    let levers: Vec<&Lever> = proposals.iter().filter_map(lever_of).collect();
    let judged = proposals.iter().zip(&levers).map(|(proposal, lever)| {
        let mut finding = proposal.finding.clone();
        judge(&mut finding, lever, &levers, proof.verdict(&lever.id));
        finding
    });
    let findings: Vec<Finding> = judged.collect();
    let report = Report {
        tool: "cargo-buildspeed",
        version: "0.0.0",
        findings: &findings,
        summary: Value::Null,
        rules: &[&RULE],
        source: &|_| None,
        snippets: false,
        steps: &|_| Steps::default(),
    };
    let mut out = Vec::new();
    render::render(Format::Human, &report, Palette::PLAIN, 80, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    text
}

/// Of one lever beside a chosen one.
fn read_one(outcome: Outcome, evidence: Option<Evidence>) -> String {
    let proposals = [
        proposal("deps", "[profile.dev.package.\"*\"] debug = false"),
        proposal(
            "dev-debuginfo:line-tables-only",
            "debug = \"line-tables-only\"",
        ),
    ];
    let verdicts = vec![verdict("deps", outcome, evidence)];
    let text = read(&proposals[..], &proof(verdicts, &[]));
    assert!(!text.contains("dev-debuginfo:"), "an id shows: {text}");
    let end = text.find("\nnote[rule] subject\n  `debug = \"line-tables-only\"` was not tried");
    text[..end.unwrap()].trim_end().to_owned()
}

fn chosen() -> Vec<String> {
    vec!["dev-debuginfo:line-tables-only".to_owned()]
}

#[test]
fn a_figure_is_said_once() {
    let why = "it was slower each time".to_owned();
    let text = read_one(
        Outcome::Rejected { why },
        Some(measured(1.044, [1.032, 1.12], 3)),
    );
    insta::assert_snapshot!(text, @r#"
    note[rule] subject
      `[profile.dev.package."*"] debug = false` was tried and rejected: it was
      slower each time
      +4 % (+3 to +12) over 3 pairs: rebuild after an edit, 1.40 s to 1.46 s
    "#);
}

#[test]
fn others_are_named_by_their_titles() {
    let gain = || Some(measured(0.9, [0.85, 0.96], 6));
    let text = read_one(Outcome::Outdone { by: chosen() }, gain());
    insta::assert_snapshot!(text, @r#"
    note[rule] subject
      `[profile.dev.package."*"] debug = false` helps, but `debug =
      "line-tables-only"` helps more
      −10 % [−15, −4] over 6 pairs: rebuild after an edit, 1.40 s to 1.26 s
    "#);
    let text = read_one(Outcome::Needless { beside: chosen() }, gain());
    insta::assert_snapshot!(text, @r#"
    note[rule] subject
      `[profile.dev.package."*"] debug = false` helps by itself, but is not shown to
      add anything to `debug = "line-tables-only"`
      −10 % [−15, −4] over 6 pairs: rebuild after an edit, 1.40 s to 1.26 s
    "#);
    let left_out = Outcome::LeftOut {
        beside: chosen(),
        why: "they were not tried together to the end (the time was up)".to_owned(),
    };
    insta::assert_snapshot!(read_one(left_out, gain()), @r#"
    note[rule] subject
      `[profile.dev.package."*"] debug = false` helps by itself, but was left out
      beside `debug = "line-tables-only"`: they were not tried together to the end
      (the time was up)
      −10 % [−15, −4] over 6 pairs: rebuild after an edit, 1.40 s to 1.26 s
    "#);
}

#[test]
fn what_was_not_brought_to_an_end_says_what_it_lacked() {
    let why = "not tried (the time was up)".to_owned();
    insta::assert_snapshot!(read_one(Outcome::Unproven { why }, None), @r#"
    note[rule] subject
      `[profile.dev.package."*"] debug = false` is not proven: not tried (the time
      was up)
    "#);
    let error = "error: unknown flag".to_owned();
    insta::assert_snapshot!(read_one(Outcome::Failed { error }, None), @r#"
    note[rule] subject
      `[profile.dev.package."*"] debug = false` does not build here: error: unknown
      flag
    "#);
}

#[test]
fn what_is_chosen_says_its_price() {
    let proposals = [proposal("linker:mold", "link with mold")];
    let gain = Some(measured(0.77, [0.74, 0.8], 12));
    let verdicts = vec![verdict("linker:mold", Outcome::Accepted, gain)];
    insta::assert_snapshot!(read(&proposals, &proof(verdicts, &["linker:mold"])), @r"
    advice[rule] subject
      link with mold helps here
      −23 % [−26, −20] over 12 pairs: rebuild after an edit, 1.40 s to 1.08 s
      help: it costs: something

    1 piece of advice
    ");
}

#[test]
fn a_combination_is_told_for_what_it_was() {
    let together = |rejected: Option<&str>| Combination {
        lever_ids: vec!["a".to_owned(), "b".to_owned(), "c".to_owned()],
        evidence: Some(measured(0.75, [0.7, 0.8], 6)),
        guard: None,
        ratio_to_best: Some(1.01),
        interval_to_best: Some([0.98, 1.03]),
        adds_nothing: rejected.is_some(),
        rejected: rejected.map(ToOwned::to_owned),
    };
    assert_eq!(
        in_words(&together(None)),
        "The 3 changes together: −25 % [−30, −20] over 6 pairs: rebuild after an edit, 1.40 s to 1.05 s"
    );
    let why = "together they are not shown to be faster than `debug = false` alone";
    assert_eq!(
        in_words(&together(Some(why))),
        "3 changes help by themselves; together they are not shown to be faster than `debug = false` \
         alone."
    );
}
