//! The report as a terminal of 80 columns shows it.

use camino::Utf8Path;

use super::*;
use crate::analyse::Filter;
use crate::analyse::allocations::Measure;
use crate::profile::{Ended, KernelFrames};
use crate::profile::{Profile, synthetic};

fn report(profile: &Profile, asked: &Asked) -> String {
    let view = View::new(profile, &Filter::default());
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap();
    std::fs::create_dir(root.join("src")).unwrap();
    let source = "fn run() {\n    for row in rows {\n        out.push(row);\n    }\n}\n";
    std::fs::write(root.join("src/main.rs"), source).unwrap();
    let sources = Sources::new(root, None);
    let page = Page {
        view: &view,
        asked,
        sources: &sources,
        palette: Palette::PLAIN,
        width: 80,
    };
    let mut out = Vec::new();
    page.write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

const ALL: Asked = Asked {
    top: 10,
    by: None,
    tree: false,
    measure: Measure::Bytes,
};

#[test]
fn a_report_reads_like_this() {
    let text = report(&synthetic::sample(), &ALL);
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    insta::assert_snapshot!(text);
}

#[test]
fn a_call_tree_reads_like_this() {
    let asked = Asked { tree: true, ..ALL };
    insta::assert_snapshot!(report(&synthetic::sample(), &asked));
}

#[test]
fn one_table_is_one_table() {
    let asked = Asked {
        by: Some(By::Crate),
        ..ALL
    };
    let text = report(&synthetic::sample(), &asked);
    assert!(
        text.contains("Crates") && !text.contains("Functions"),
        "{text}"
    );
}

#[test]
fn what_went_wrong_is_said() {
    let mut profile = synthetic::sample();
    let about = &mut profile.about;
    about.lost = 12;
    about.kernel = KernelFrames::Excluded {
        why: "it is hidden".to_owned(),
    };
    about.ended = Ended::Killed {
        signal: 11,
        name: "SIGSEGV".to_owned(),
    };
    let text = report(&profile, &ALL);
    for wanted in ["lost 12", "it is hidden", "killed by SIGSEGV"] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    for sample in &mut profile.samples {
        sample.truncated = true;
    }
    let text = report(&profile, &ALL);
    assert!(text.contains("--stack-size"), "{text}");
    profile.about.ended = Ended::Exited { code: 3 };
    assert!(report(&profile, &ALL).contains("exit status 3"));
}

#[test]
fn a_stripped_program_is_named() {
    use crate::import::named::{Named, Stacks};
    use crate::profile::Sample;
    let places = crate::names::origin::Places::default();
    let mut stacks = Stacks::new(&places, Unit::Samples, "samples");
    let thread = stacks.thread(1, 1, "app");
    let stack = stacks.stack([Named {
        module: Some("/opt/app"),
        ..Named::default()
    }]);
    stacks.sample(Sample {
        thread,
        stack,
        weight: 500,
        count: 500,
        ..Sample::default()
    });
    let text = report(&stacks.finish(), &ALL);
    assert!(
        text.contains("100.0 % of the time is in /opt/app"),
        "{text}"
    );
}

#[test]
fn few_samples_and_none_are_said() {
    let one = synthetic::yours("app::run", "src/main.rs", 3);
    let text = report(&synthetic::profile(&[(&[one], 5)]), &ALL);
    assert!(text.contains("only 5 samples"), "{text}");
    let text = report(&synthetic::profile(&[]), &ALL);
    assert!(
        text.contains("no sample") && !text.contains("Functions"),
        "{text}"
    );
}

#[test]
fn names_from_outside_cannot_drive_the_terminal() {
    let evil = synthetic::yours("app::\u{1b}[2J\u{202e}x", "src/\u{7}.rs", 3);
    let mut profile = synthetic::profile(&[(&[evil], 200)]);
    profile.about.command = "\u{1b}]0;x\u{7}".to_owned();
    let text = report(&profile, &ALL);
    let obeyed = |c: char| c != '\n' && pitcrew_core::style::is_unprintable(c);
    assert!(!text.contains(obeyed), "{text:?}");
}
