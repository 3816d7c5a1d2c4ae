//! What `diagnosis` promises, tested.

use pitcrew_core::model::dominators::recorded_packages;
use pitcrew_core::model::{analyse, synthetic};
use proptest::prelude::*;

use super::*;

fn text(recording: &Recording, cores: &[u32]) -> String {
    let analyses = analyse(recording, &recorded_packages(recording), cores);
    let mut out = Vec::new();
    write(&mut out, recording, &analyses, Palette::PLAIN).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_realistic_build_in_a_screenful() {
    insta::assert_snapshot!(text(&synthetic::generate(7, 60, 4), &[8, 16]), @r"
    cargo build: 14.8 s wall, 58.3 s CPU, 90 units
    parallelism 3.94 of 4 cores; one unit alone for 1.27 s (9 %)

    critical path: 3.11 s of work, 11.6 s waiting for a free core
        0.67 s  mio-58 1.0.0 (build script)          to its end, waited 11.6 s
        0.33 s  mio-58 1.0.0 (build script run)      to its end
        0.82 s  mio_58 (lib)                         to its end
        1.29 s  app-1 (bin)                          to its end
      the dependencies alone need 7.22 s, on any number of cores

    slowest units                                         wall       CPU      link
      libc-0 1.0.0 (lib)                                1.97 s    1.83 s
      mio-10 1.0.0 (build script)                       1.89 s    2.03 s    0.57 s
      mio-10 1.0.0 (proc-macro)                         1.54 s    1.44 s    0.46 s
      indexmap-40 1.0.0 (lib)                           1.49 s    1.58 s
      serde-52 1.0.0 (build script)                     1.47 s    1.90 s    0.44 s
      http-41 1.0.0 (lib)                               1.44 s    1.61 s

    links           28 links in 5.06 s, longest mio-10 1.0.0 (build script) 0.57 s
    build scripts   14 compiled in 9.67 s, 14 run in 7.50 s
    proc-macros     12 in 5.67 s, and 6 that only they need in 4.92 s
    own crates      start at 11.4 s, run alone for 1.57 s

    direct dependencies, by what only they bring          wall       CPU  packages
      serde-52 1.0.0                                    0.84 s    3.59 s         2
      syn-29 1.0.0                                      0.63 s    2.76 s         1
      log-46 1.0.0                                      0.40 s    1.47 s         1
      rand-19 1.0.0                                     0.30 s    1.49 s         1
      url-20 1.0.0                                      0.30 s    1.55 s         1
      hyper-42 1.0.0                                    0.29 s    1.37 s         1

    memory          at most 1.6 GiB of 8.0 GiB, with libc-0 1.0.0 (lib)

    on 8 cores      predicted 8.91 s (−40 %)
    on 16 cores     predicted 7.54 s (−49 %)
    model error     +3 % (this build: replayed 15.3 s, measured 14.8 s)
    ");
}

#[test]
fn an_empty_build_says_so() {
    insta::assert_snapshot!(text(&synthetic::empty(), &[8]), @r"
    cargo build: 0.00 s wall, 0 units
    nothing was compiled: everything was up to date
    ");
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
    assert!(text.contains("--jobs 2 fits"), "{text}");
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
