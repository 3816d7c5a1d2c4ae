//! How right the plugin is on its labelled corpus of what is used, and where: by the text alone, with the
//! compiler's word, and by the full proof.
//!
//! `PITCREW_CASE=shadow cargo test -p cargo-depslim --test corpus` runs only the cases whose name holds
//! the word.

#![expect(
    clippy::unwrap_used,
    reason = "a case that cannot be set up must fail its test"
)]

#[path = "../cases/mod.rs"]
mod cases;

use camino::Utf8Path;
use cargo_depslim::facts::Facts;
use cargo_depslim::observe::{self, World, compile};
use cargo_depslim::prove::{self, Question, Workshop};
use cargo_depslim::remedy::Proposal;
use cargo_depslim::{compiled::Told, report, rule_infos, rules};
use pitcrew_core::cli::CargoFlags;
use pitcrew_core::finding::Finding;
use pitcrew_core::fix::Applicability;
use pitcrew_core::progress::Progress;
use pitcrew_core::session::Session;
use pitcrew_core::settings::{self, Known, Settings};
use pitcrew_tests::accuracy::Accuracy;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use cases::Case;

/// The rules that the corpus is about.
const RULES: [&str; 2] = ["misplaced-dependency", "unused-dependency"];

/// What was found in a case, by grade: labels, each with `?` behind it where it is not for a machine
/// to apply.
struct Judged {
    scan: Vec<String>,
    compile: Vec<String>,
    full: Vec<String>,
}

fn judge(case: &Case) -> Judged {
    let stage = case.stage();
    let flags = CargoFlags {
        manifest_path: Some(stage.root.join("Cargo.toml")),
        workspace: true,
        offline: true,
        ..CargoFlags::default()
    };
    let session = Session::open(&flags).unwrap_or_else(|error| panic!("{}: {error:#}", case.name));
    let infos = rule_infos();
    let settings = session
        .settings(&Known {
            plugin: "depslim",
            keys: &[],
            rules: &infos,
        })
        .unwrap();
    let mut facts = observe::observe(&World {
        workspace: &session.workspace,
        config: &session.config,
        cargo_home: &session.cargo_home,
        cwd: &session.cwd,
        targets: &[],
    })
    .unwrap();
    let scan = proposals(&facts, &settings);

    let mut progress = Progress::silent();
    let exe = env!("CARGO_BIN_EXE_cargo-depslim").into();
    let mut workshop = Workshop::new(&session, &flags, exe, &mut progress).unwrap();
    let built = workshop.first_build(false).unwrap();
    assert!(
        built.failure.is_none(),
        "{} does not build: {:?}",
        case.name,
        built.failure
    );
    facts.compiled = Some(compile::compiled(
        &facts,
        workshop.root(),
        &built.command,
        &built.calls,
    ));
    let compiled = proposals(&facts, &settings);
    let question = Question {
        facts: &facts,
        proposals: &compiled,
        verify_with: None,
        written: None,
    };
    let sifted = prove::sift(&question, &mut workshop).unwrap();
    let told = Told {
        proof: Some(prove::prove(&question, sifted, &mut workshop).unwrap()),
        ..Told::default()
    };
    let full = report::findings(&facts, &compiled, Some(&told)).unwrap();
    let labels = |proposals: &[Proposal]| {
        let findings = proposals.iter().map(|proposal| &proposal.finding);
        findings.map(label).collect()
    };
    Judged {
        scan: labels(&scan),
        compile: labels(&compiled),
        full: full.iter().map(graded).collect(),
    }
}

fn proposals(facts: &Facts, settings: &Settings) -> Vec<Proposal> {
    let mut proposals = rules::judge(facts);
    proposals.retain(|proposal| RULES.contains(&proposal.finding.rule.as_str()));
    let found = proposals.iter().map(|p| p.finding.clone()).collect();
    let (kept, _) = settings::silence(found, settings, &|_| true);
    proposals.retain(|proposal| kept.contains(&proposal.finding));
    proposals
}

/// `unused-dependency:n/a`: the rule, the member's folder, the key.
fn label(finding: &Finding) -> String {
    let place = finding.location.as_ref().unwrap();
    let folder = place.path.parent().unwrap_or(Utf8Path::new(""));
    format!("{}:{}", finding.rule, folder.join(&finding.subject))
}

fn graded(finding: &Finding) -> String {
    let grade = finding.fix.as_ref().map(|fix| fix.applicability);
    let mark = if grade == Some(Applicability::MachineApplicable) {
        ""
    } else {
        "?"
    };
    label(finding) + mark
}

fn ungraded(labels: &[String]) -> Vec<String> {
    labels
        .iter()
        .map(|label| label.trim_end_matches('?').to_owned())
        .collect()
}

#[test]
fn the_corpus_is_judged_as_labelled() {
    let word = std::env::var("PITCREW_CASE").unwrap_or_default();
    let folder = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let cases: Vec<Case> = RULES
        .iter()
        .flat_map(|rule| cases::load(&folder.join(rule)))
        .filter(|case| case.name.contains(&word))
        .collect();
    assert!(!word.is_empty() || cases.len() >= 60, "{}", cases.len());
    let judged: Vec<Judged> = cases.par_iter().map(judge).collect();
    let [mut scan, mut compiled, mut full] = [(); 3].map(|()| Accuracy::default());
    let mut graded = Accuracy::default();
    for (case, judged) in cases.iter().zip(&judged) {
        let truth = ungraded(&case.expected);
        scan.count(&case.name, &truth, &judged.scan);
        compiled.count(&case.name, &truth, &judged.compile);
        full.count(&case.name, &truth, &ungraded(&judged.full));
        graded.count(&case.name, &case.expected, &judged.full);
    }
    println!("by the text alone\n{scan}{}\n", scan.mistakes.join("\n"));
    println!(
        "with the compiler's word\n{compiled}{}\n",
        compiled.mistakes.join("\n")
    );
    println!("proven in full\n{full}{}\n", full.mistakes.join("\n"));
    let mistakes = graded.mistakes.join("\n");
    assert!(
        full.precision() >= 1.0,
        "a full proof is never wrong:\n{mistakes}"
    );
    assert!(mistakes.is_empty(), "{mistakes}");
    assert!(compiled.precision() >= 0.98 && compiled.recall() >= 0.98);
    assert!(scan.precision() >= 0.95 && scan.recall() >= 0.95);
}
