//! Every hostile project, as small as it still bites; `cargo xtask campaign hostile` has them large.

use pitcrew_tests::hostile::{Size, cases, run};

#[test]
fn whatever_is_read_the_plugins_end_by_themselves() {
    let mut faults = Vec::new();
    for case in cases(Size::Small) {
        faults.extend(run(&case).faults);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
