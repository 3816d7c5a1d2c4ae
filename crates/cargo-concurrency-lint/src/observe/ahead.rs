//! Reads the sources while cargo is still resolving the dependencies, which takes it as long as reading
//! takes us. Where the crates begin it tells at once when it is asked for nothing else. What is read
//! here is only ahead of time: who uses it asks for what the whole answer names, and reads what is
//! missing.

use std::thread::{self, JoinHandle};

use anyhow::{Context as _, Result};
use camino::Utf8Path;
use pitcrew_core::cli::CargoFlags;
use pitcrew_core::source::nesting;
use pitcrew_core::workspace::{self, LoadOptions};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::files::Sources;

/// Files on their way.
pub struct Ahead(JoinHandle<Result<Read>>);

/// The threads that read, and what they have read.
pub struct Read {
    pub pool: ThreadPool,
    pub sources: Sources,
}

impl Ahead {
    /// Begins to read the workspace that `flags` mean.
    pub fn start(flags: &CargoFlags, generated: bool) -> Self {
        let flags = flags.clone();
        Self(thread::spawn(move || {
            let read = Read::nothing(generated)?;
            // Who asks for everything hears what is wrong, and says so.
            if let Ok(workspace) = members(&flags) {
                let targets = workspace.members().flat_map(|member| &member.targets);
                let roots: Vec<&Utf8Path> = targets.map(|it| it.src_path.as_path()).collect();
                read.pool.install(|| read.sources.read(roots.into_iter()));
            }
            Ok(read)
        }))
    }

    /// What was read, once all of it is.
    pub fn wait(self) -> Result<Read> {
        let read = self.0.join();
        read.map_err(|_| anyhow::anyhow!("reading the sources ended in a panic"))?
    }
}

fn members(flags: &CargoFlags) -> Result<workspace::Workspace> {
    workspace::load(&LoadOptions {
        no_deps: true,
        ..flags.load_options(&workspace::current_dir()?)
    })
}

impl Read {
    pub fn nothing(generated: bool) -> Result<Self> {
        // As deep as anything nests that is read at all.
        let pool = ThreadPoolBuilder::new().stack_size(nesting::STACK).build();
        Ok(Self {
            pool: pool.context("cannot start threads")?,
            sources: Sources::new(generated),
        })
    }
}
