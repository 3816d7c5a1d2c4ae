//! Runs the search for minimal features on a project and prints what comes out: for those who work on
//! it. `cargo run --example minimal -- PATH [--scan]`
#![expect(clippy::print_stdout, reason = "a program for developers")]

use std::time::Instant;

use anyhow::{Context as _, Result};
use cargo_depslim::features::{self, Request, Roots, extract, graph, trial};
use pitcrew_core::cargo::BuildEvent;
use pitcrew_core::fix::Applicability;
use pitcrew_core::linked::Difference;
use pitcrew_core::workspace::{LoadOptions, load};

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let path = args.next().context("name a project")?;
    let scan = args.next().is_some_and(|arg| arg == "--scan");
    let started = Instant::now();
    let workspace = load(&LoadOptions {
        cwd: path.into(),
        ..LoadOptions::default()
    })?;
    let triple = pitcrew_core::toolchain::detect(
        "rustc",
        &workspace.root,
        std::env::var_os("PATH").as_deref(),
    )?
    .host
    .triple;
    let printed = features::printed_cfg("rustc", None)?;
    let host = graph::Host::parse(&triple, &printed);
    let first = features::uses_first_resolver(&workspace.metadata);
    let graph = graph::Graph::new(&workspace.metadata, &host, first);
    let uses = extract::uses(&workspace.metadata, &graph);
    println!("{:.2} s: uses read", started.elapsed().as_secs_f64());
    let request = Request {
        metadata: &workspace.metadata,
        triple,
        printed_cfg: printed,
        flags: features::Flags::new(),
        uses: &uses,
        roots: Roots::default(),
        trial: trial::Settings {
            args: vec!["--workspace".to_owned(), "--offline".to_owned()],
            outside: trial::outside(&workspace.metadata),
            target_dir: workspace.target_dir.clone(),
            ..trial::Settings::default()
        },
        build: !scan,
        accept: match std::env::var_os("SAFE") {
            Some(_) => Applicability::MachineApplicable,
            None => Applicability::MaybeIncorrect,
        },
        doctests: std::env::var_os("DOCTESTS").is_some(),
    };
    let outcome = features::minimal(&request, &mut |event| {
        if let BuildEvent::Diagnostic {
            error: true,
            rendered,
            ..
        } = event
        {
            println!("{}", rendered.lines().next().unwrap_or_default());
        }
    })?;
    println!("{:.2} s in all", started.elapsed().as_secs_f64());
    print(&outcome);
    Ok(())
}

fn print(outcome: &features::Outcome) {
    for (what, seconds) in &outcome.builds {
        println!("  {seconds:.1} s: built {what}");
    }
    for note in &outcome.notes {
        println!("note: {note}");
    }
    for slimmed in &outcome.slimmed {
        println!(
            "{} in {}: {:?} default={} -> {:?} default={} ({:?})",
            slimmed.entry.key.join("."),
            slimmed.entry.manifest,
            slimmed.entry.wanted.features,
            slimmed.entry.wanted.default_features,
            slimmed.wanted.features,
            slimmed.wanted.default_features,
            slimmed.applicability,
        );
        println!("  drops {:?}", slimmed.dropped);
        for (feature, why) in &slimmed.reasons {
            println!("  needs {feature}: {}", why.in_words());
        }
        for altered in &slimmed.altered {
            println!(
                "  altered: {} {} [{}]",
                altered.verdict.in_words(),
                altered.place,
                altered.gate
            );
        }
        if let Some(difference) = &slimmed.difference {
            println!(
                "  linked: -{} +{} ~{} instances {}",
                difference.removed.len(),
                difference.added.len(),
                difference.resized.len(),
                difference.instances.len()
            );
            println!("  removed {:?}", Difference::places(&difference.removed, 8));
            println!("  added {:?}", Difference::places(&difference.added, 8));
            println!("  resized {:?}", Difference::places(&difference.resized, 8));
        }
    }
    for kept in &outcome.kept {
        println!(
            "kept {}/{}: {}",
            kept.dependency,
            kept.feature,
            kept.why.in_words()
        );
    }
    if let Some(slimmed) = outcome.slimmed.first() {
        println!("not built any more: {}", slimmed.packages_gone.join(", "));
    }
    println!("verified: {:?}", outcome.verified);
}
