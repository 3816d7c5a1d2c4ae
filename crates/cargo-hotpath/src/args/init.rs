//! The flags of `cargo hotpath bench --init`.

use clap::Args as ClapArgs;

/// Writing a benchmark, in the place of running one.
#[derive(Debug, Default, ClapArgs)]
#[command(next_help_heading = "New benchmark")]
pub struct InitFlags {
    /// Write a criterion benchmark for FUNCTION of your library: its path, or the end of it
    #[arg(long, value_name = "FUNCTION", conflicts_with_all = ["name", "bench", "measure"])]
    pub init: Option<String>,

    /// Take the last `--init` back, byte for byte
    #[arg(long, conflicts_with_all = ["init", "name", "bench", "measure"])]
    pub undo: bool,

    /// Change a manifest with uncommitted changes too
    #[arg(long, requires = "init")]
    pub allow_dirty: bool,

    /// Change a manifest with staged changes too
    #[arg(long, requires = "init")]
    pub allow_staged: bool,

    /// Change a manifest that no version control tracks
    #[arg(long, requires = "init")]
    pub allow_no_vcs: bool,
}

impl InitFlags {
    /// Whether nothing is to be run.
    pub fn asked(&self) -> bool {
        self.init.is_some() || self.undo
    }
}
