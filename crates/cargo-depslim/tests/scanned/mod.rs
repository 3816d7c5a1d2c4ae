//! What a scan sees of a workspace, as `--proof scan` does.

use camino::Utf8Path;
use cargo_depslim::args::Args;
use cargo_depslim::facts::Facts;
use cargo_depslim::ground::Ground;
use cargo_depslim::observe;
use clap::Parser;

pub fn facts(root: &Utf8Path) -> Facts {
    let manifest = root.join("Cargo.toml");
    let words = [
        "cargo-depslim",
        "--proof",
        "scan",
        "--offline",
        "--workspace",
        "--manifest-path",
        manifest.as_str(),
    ];
    let ground = Ground::open(&Args::try_parse_from(words).unwrap())
        .unwrap_or_else(|error| panic!("{root}: {error:#}"));
    observe::observe(&ground.world(&[])).unwrap()
}
