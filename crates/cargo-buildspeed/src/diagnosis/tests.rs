use proptest::prelude::*;

use super::*;
use crate::model::dominators::recorded_packages;
use crate::model::{analyse, synthetic};

fn text(recording: &Recording, cores: &[u32]) -> String {
    let analyses = analyse(recording, &recorded_packages(recording), cores);
    let mut out = Vec::new();
    write(&mut out, recording, &analyses, Palette::PLAIN).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_realistic_build_in_a_screenful() {
    insta::assert_snapshot!(text(&synthetic::generate(7, 60, 4), &[8, 16]), @"");
}

#[test]
fn an_empty_build_says_so() {
    insta::assert_snapshot!(text(&synthetic::empty(), &[8]), @"");
}

#[test]
fn a_name_cannot_command_the_terminal() {
    let mut recording = synthetic::chain(&[1.0]);
    recording.units[0].package = "\u{1b}[31mred\n".to_owned();
    let text = text(&recording, &[]);
    assert!(text.contains("\\u{1b}[31mred\\n"), "{text}");
}

#[test]
fn more_jobs_than_memory_holds_are_named() {
    let mut recording = synthetic::generate(3, 30, 4);
    for unit in &mut recording.units {
        unit.peak_bytes = Some(3 << 30);
    }
    let text = text(&recording, &[]);
    assert!(text.contains("--jobs 2 surely fits"), "{text}");
}

#[test]
fn the_json_names_its_units_and_holds_the_same_figures() {
    let recording = synthetic::chain(&[1.0, 2.5]);
    let json = summary_json(&analyse(&recording, &[], &[4]));
    assert_eq!(json["wall_s"], 3.5);
    assert_eq!(json["critical_path"]["steps"][1]["own_s"], 2.5);
    assert_eq!(json["what_if"][0]["cores"], 4);
    assert_eq!(json["memory"]["largest_jobs"], serde_json::Value::Null);
}

proptest! {
    #[test]
    fn every_line_of_any_recording_fits_the_terminal(
        recording in prop_oneof![synthetic::arbitrary(), synthetic::realistic()],
    ) {
        for line in text(&recording, &[1, 8]).lines() {
            prop_assert!(line.chars().count() <= 80, "{}", line);
        }
    }
}
