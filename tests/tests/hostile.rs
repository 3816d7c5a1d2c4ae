//! Every hostile project, as small as it still bites; `cargo xtask campaign hostile` has them large.

use pitcrew_tests::hostile::{Size, cases, run};

#[test]
fn whatever_is_read_the_plugins_end_by_themselves() {
    let mut faults = Vec::new();
    for case in cases(Size::Small) {
        let outcome = run(&case);
        eprintln!("{:.1} s: {}", outcome.longest.as_secs_f64(), case.name);
        faults.extend(outcome.faults);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
