//! The same input gives the same bytes, many times over.

use pitcrew_tests::repeat::{FORMATS, REPORTS, differences};

use crate::bench::Figure;
use crate::process::say;

/// An order that depends on the threads does not show each time.
const ROUNDS: usize = 5;

pub fn run() -> Vec<Figure> {
    say("repeat: each report in each format, again, with other threads, and in another checkout");
    let of = |report| {
        let formats = FORMATS
            .iter()
            .flat_map(|format| (0..ROUNDS).map(move |_| *format));
        let faults: Vec<String> = formats
            .flat_map(|format| differences(report, format))
            .collect();
        let what = format!(
            "cargo {}: {} formats, {} pairs each",
            report.plugin,
            FORMATS.len(),
            ROUNDS * 3
        );
        super::without("repeat", what, &faults)
    };
    REPORTS.iter().map(of).collect()
}
