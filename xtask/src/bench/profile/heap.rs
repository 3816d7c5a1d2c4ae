//! What recording allocations costs a program that does little else.

use std::fs;
use std::process::Command;

use anyhow::Result;
use camino::Utf8Path;

use super::{MANIFEST, Told, named};
use crate::bench::{Bench, Figure, median};
use crate::process::{output, say};

const MAIN: &str = include_str!("allocating_program.rs");
const SLOWER: f64 = 2.0;

pub fn measure(bench: &Bench, folder: &Utf8Path) -> Result<Figure> {
    let root = folder.join("allocating");
    fs::create_dir_all(root.join("src"))?;
    fs::write(root.join("Cargo.toml"), MANIFEST)?;
    fs::write(root.join("src/main.rs"), MAIN)?;
    say("profile: a program that allocates all the time, alone and with its allocations recorded");
    let recorded = || -> Result<f64> {
        let mut command = Command::new(&bench.hotpath);
        command
            .args(["hotpath", "heap", "-q", "--offline"])
            .current_dir(&root);
        Ok(Told::read(&output(command.env_remove("CARGO_TARGET_DIR"))?)?.wall_s)
    };
    recorded()?;
    let alone = || -> Result<f64> {
        let mut command = Command::new(root.join("target/hotpath/profiled"));
        Ok(Told::read(&output(&mut command)?)?.wall_s)
    };
    let mut ratios = Vec::new();
    for round in 0..bench.rounds {
        let (plain, with) = if round % 2 == 0 {
            let plain = alone()?;
            (plain, recorded()?)
        } else {
            let with = recorded()?;
            (alone()?, with)
        };
        ratios.push(with / plain);
    }
    let slower = median(&ratios);
    Ok(named(
        "allocates all the time",
        "the program while `heap` records it, over alone",
        format!("{slower:.2} ({} pairs)", ratios.len()),
        format!("{SLOWER:.1}"),
        slower < SLOWER,
    ))
}
