//! What the trials of `--goal edit` cost, in clean builds of the same project.

use anyhow::{Context, Result};
use camino::Utf8Path;

use super::{Bench, Figure, sample};
use crate::process::{output, say};

const BOUND: f64 = 10.0;

pub fn measure(bench: &Bench, project: &Utf8Path) -> Result<Vec<Figure>> {
    let folder = sample::folder()?;
    let root = folder.path.join("project");
    crate::demo::copy(project, &root)?;
    let name = project.file_name().unwrap_or("project").to_owned();
    say(&format!("trials: proving the levers of {name}"));
    let mut command = bench.plugin(&root, &folder.path.join("state"));
    command.args(["--goal", "edit", "--fresh", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&output(&mut command)?)?;
    let spent = report["summary"]["proof"]["clean_builds_spent"].as_f64();
    let spent = spent.context("the report does not say what the trials cost")?;
    let unproven = |verdict: &&serde_json::Value| verdict["outcome"]["kind"] == "unproven";
    let verdicts = report["summary"]["proof"]["verdicts"].as_array();
    let verdicts = verdicts.context("the report has no verdicts")?;
    let left = verdicts.iter().filter(unproven).count();
    Ok(vec![Figure {
        project: name,
        what: "cost of the trials of `--goal edit`".to_owned(),
        value: format!(
            "{spent:.1} clean builds, {left} of {} levers left unproven",
            verdicts.len()
        ),
        bound: format!("{BOUND:.0} clean builds"),
        // The last build is ended at the bound, which takes a moment.
        holds: spent <= BOUND + 0.5,
    }])
}
