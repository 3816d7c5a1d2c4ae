//! What recording adds to a build: clean builds with and without the wrapper, interleaved.

use std::fs;
use std::process::Command;

use anyhow::Result;
use camino::Utf8Path;
use pitcrew_core::wrapper::{Injection, Wrapping};

use super::{Bench, Figure, median, sample, seconds};
use crate::process::{cargo, say};

/// At most 2 % of the wall time.
const BOUND: f64 = 1.02;
/// And at most this for each call of rustc.
const BOUND_A_CALL_S: f64 = 0.005;

pub fn measure(bench: &Bench, project: &Utf8Path) -> Result<Vec<Figure>> {
    let name = project.file_name().unwrap_or("project").to_owned();
    let folder = sample::folder()?;
    let root = folder.path.join("project");
    crate::demo::copy(project, &root)?;
    let log = folder.path.join("log");
    fs::create_dir_all(&log)?;
    let wrapping = Wrapping {
        exe: bench.plugin.clone(),
        log_dir: Some(log.clone()),
        user_wrapper: None,
        host: None,
        lints: Vec::new(),
        inject: Injection::default(),
    };
    let build = |wrapped: bool| -> Result<f64> {
        fs::remove_dir_all(root.join("target")).ok();
        let mut command: Command = cargo();
        command
            .current_dir(&root)
            .env_remove("CARGO_TARGET_DIR")
            .args(["build", "--offline"]);
        if wrapped {
            command.envs(wrapping.env());
        }
        seconds(&mut command)
    };
    say(&format!(
        "overhead: clean builds of {name}, with and without the wrapper"
    ));
    build(false)?;
    let (mut ratios, mut added) = (Vec::new(), Vec::new());
    for round in 0..bench.rounds {
        let (plain, wrapped) = if round % 2 == 0 {
            let plain = build(false)?;
            (plain, build(true)?)
        } else {
            let wrapped = build(true)?;
            (build(false)?, wrapped)
        };
        ratios.push(wrapped / plain);
        added.push(wrapped - plain);
    }
    let calls = sample::lines(&log)? as f64 / f64::from(bench.rounds);
    let a_call = median(&added) / calls.max(1.0);
    let ratio = median(&ratios);
    Ok(vec![
        Figure {
            project: name.clone(),
            what: "clean build while it is recorded, over plain `cargo build`".to_owned(),
            value: format!("{ratio:.3} ({} pairs)", ratios.len()),
            bound: format!("{BOUND:.2}"),
            holds: ratio <= BOUND,
        },
        Figure {
            project: name,
            what: "wall time added, a call of rustc".to_owned(),
            value: format!("{:.1} ms over {calls:.0} calls", a_call * 1000.0),
            bound: format!("{:.0} ms", BOUND_A_CALL_S * 1000.0),
            holds: a_call <= BOUND_A_CALL_S,
        },
    ])
}
