//! What one call starts from. A scan needs the members and the configuration, and must not wait for
//! cargo to resolve the whole graph; everything else needs it all.

use std::fs;

use anyhow::{Result, bail};
use camino::Utf8PathBuf;
use pitcrew_core::config::{self, EffectiveConfig};
use pitcrew_core::session::{self, Session};
use pitcrew_core::settings::{self, Known, Settings};
use pitcrew_core::workspace::{self, LoadOptions, Workspace};

use crate::args::{Args, ProofGrade};
use crate::observe::World;

/// What does not depend on a build.
pub enum Ground {
    /// The members alone.
    Members(Box<Members>),
    Whole(Box<Session>),
}

/// What a scan needs.
pub struct Members {
    workspace: Workspace,
    config: EffectiveConfig,
    cargo_home: Utf8PathBuf,
    cwd: Utf8PathBuf,
}

impl Ground {
    pub fn open(args: &Args) -> Result<Self> {
        if args.grade() > ProofGrade::Scan {
            return Ok(Self::Whole(Box::new(Session::open(&args.cargo)?)));
        }
        let cwd = workspace::current_dir()?;
        let env = session::environment();
        let cargo_home = session::cargo_home(&env)?;
        let workspace = workspace::load(&LoadOptions {
            no_deps: true,
            ..args.cargo.load_options(&cwd)
        })?;
        if (args.cargo.locked || args.cargo.frozen) && !workspace.root.join("Cargo.lock").exists() {
            bail!(
                "there is no Cargo.lock in {}, and --locked forbids making one\nrun `cargo \
                 generate-lockfile` first, or leave out --locked",
                workspace.root
            );
        }
        Ok(Self::Members(Box::new(Members {
            config: config::load(&cwd, Some(&cargo_home), &env, &args.cargo.config)?,
            workspace,
            cargo_home,
            cwd,
        })))
    }

    pub fn workspace(&self) -> &Workspace {
        match self {
            Self::Members(members) => &members.workspace,
            Self::Whole(session) => &session.workspace,
        }
    }

    /// None where only the members were loaded.
    pub fn session(&self) -> Option<&Session> {
        match self {
            Self::Members(_) => None,
            Self::Whole(session) => Some(session),
        }
    }

    /// What is there to observe, where these triples are built for.
    pub fn world<'a>(&'a self, targets: &'a [String]) -> World<'a> {
        match self {
            Self::Members(members) => World {
                workspace: &members.workspace,
                config: &members.config,
                cargo_home: &members.cargo_home,
                cwd: &members.cwd,
                targets,
            },
            Self::Whole(session) => World {
                workspace: &session.workspace,
                config: &session.config,
                cargo_home: &session.cargo_home,
                cwd: &session.cwd,
                targets,
            },
        }
    }

    /// The project's own settings.
    pub fn settings(&self, known: &Known<'_>) -> Result<Settings> {
        let workspace = self.workspace();
        let texts = |path: &camino::Utf8Path| fs::read_to_string(workspace.root.join(path)).ok();
        settings::read(&workspace.metadata, known, &texts)
    }
}
