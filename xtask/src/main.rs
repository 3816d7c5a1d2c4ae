//! The project's own chores, each one command: `cargo xtask demo | ci | install | dist | docs | bench |
//! campaign | picture | tidy`.

mod bench;
mod campaign;
mod ci;
mod demo;
mod dist;
mod docs;
mod install;
mod packages;
mod picture;
mod plugins;
mod process;
mod tidy;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "The project's own chores"
)]
struct Args {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Run each plugin for real on a copy of the bundled sample workspace
    Demo,
    /// Formatting, clippy, all tests, the docs check, and our own plugins on ourselves
    Ci,
    /// Build the plugins in release mode and put them into cargo's bin directory
    Install {
        /// Install into DIR/bin instead
        #[arg(long, value_name = "DIR")]
        root: Option<Utf8PathBuf>,
    },
    /// Pack each plugin with man pages, completions, licences and checksums
    Dist(dist::Args),
    /// Write the generated pages of docs/
    Docs {
        /// Only check that they are current
        #[arg(long)]
        check: bool,
    },
    /// Measure what we claim, beside the peers that are installed
    Bench(bench::Args),
    /// Search for faults for hours: kill tests, hostile projects, scale, repeatability, fuzzing
    Campaign(campaign::Args),
    /// Draw a plugin's real output in a project as a terminal, for the README
    Picture(picture::Args),
    /// Check the house's rules on the sources: lengths, names, module docs, leftovers
    Tidy,
}

fn main() -> Result<()> {
    match Args::parse().chore {
        Chore::Demo => demo::run(),
        Chore::Ci => ci::run(),
        Chore::Install { root } => install::run(root.as_deref()),
        Chore::Dist(args) => dist::run(&args),
        Chore::Docs { check } => docs::run(check),
        Chore::Bench(args) => bench::run(&args),
        Chore::Campaign(args) => campaign::run(&args),
        Chore::Picture(args) => picture::run(&args),
        Chore::Tidy => tidy::run(),
    }
}

/// The root of the checkout that this binary was built from.
fn root() -> &'static Utf8Path {
    Utf8Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
