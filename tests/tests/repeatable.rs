//! The same input gives the same bytes: twice, with one thread and with eight, and in another checkout.

use std::process::Output;

use assert_cmd::Command;
use pitcrew_tests::repeat::{FORMATS, REPORTS, differences};

#[test]
fn each_report_is_the_same_bytes_again() {
    for report in &REPORTS {
        for format in FORMATS {
            assert_eq!(differences(report, format), [""; 0]);
        }
    }
}

#[test]
fn the_explanations_are_the_same_bytes_again() {
    let said = |report: &pitcrew_tests::repeat::Report| -> Output {
        let mut command = Command::new((report.binary)());
        command.args([report.plugin, "explain"]).output().unwrap()
    };
    for report in &REPORTS {
        assert_eq!(said(report).stdout, said(report).stdout);
    }
}
