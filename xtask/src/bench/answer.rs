//! How long `cargo buildspeed` takes to answer when a recording is at hand, beyond `cargo metadata`.

use anyhow::Result;

use super::{Bench, Figure, median, sample, seconds};
use crate::process::{cargo, say};

const PACKAGES: usize = 500;
const BOUND_S: f64 = 0.3;

pub fn measure(bench: &Bench) -> Result<Vec<Figure>> {
    let folder = sample::folder()?;
    let root = folder.path.join("big");
    sample::workspace(&root, PACKAGES)?;
    let state = folder.path.join("state");
    say(&format!(
        "answer: recording a workspace of {PACKAGES} packages"
    ));
    seconds(
        bench
            .plugin(&root, &state)
            .args(["--no-measure", "--offline"]),
    )?;

    let mut beyond = Vec::new();
    for _ in 0..bench.rounds {
        let mut metadata = cargo();
        metadata
            .current_dir(&root)
            .args(["metadata", "--format-version=1", "--offline"]);
        let metadata = seconds(&mut metadata)?;
        let answer = seconds(
            bench
                .plugin(&root, &state)
                .args(["--no-measure", "--offline"]),
        )?;
        beyond.push(answer - metadata);
    }
    let value = median(&beyond);
    Ok(vec![Figure {
        project: format!("generated, {PACKAGES} packages"),
        what: "a report with a recording at hand, beyond `cargo metadata`".to_owned(),
        value: format!("{:.0} ms", value * 1000.0),
        bound: format!("{:.0} ms", BOUND_S * 1000.0),
        holds: value <= BOUND_S,
    }])
}
