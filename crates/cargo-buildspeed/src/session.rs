//! What one call starts from, and what is this plugin's own in it: the places of its settings and
//! what it keeps between calls.

use anyhow::Result;
use pitcrew_core::clean_build;
use pitcrew_core::session;
use pitcrew_core::store::Store;
use pitcrew_core::wrapper::{Injection, Wrapping};

use crate::args::Args;
use crate::facts::{Antivirus, Facts};
use crate::observe::{self, World};
use crate::places::Places;
use crate::prove::{HotEdit, Setup};
use crate::record::{self, Recordings};

/// Everything that does not depend on a build.
pub struct Session {
    pub base: session::Session,
    pub places: Places,
    pub store: Store,
}

impl Session {
    pub fn open(args: &Args) -> Result<Self> {
        // What is to be taken back may be the very wrapper that no build works with.
        let base = if args.apply.undo {
            session::Session::open_around_wrapper(&args.cargo)?
        } else {
            session::Session::open(&args.cargo)?
        };
        Ok(Self {
            places: Places {
                root: base.workspace.root.clone(),
                cargo_home: base.cargo_home.clone(),
                scope: args.scope,
            },
            store: Store::new(&base.workspace.target_dir, "buildspeed"),
            base,
        })
    }

    /// The facts that the rules judge.
    pub fn observe(&self, args: &Args, recordings: Recordings) -> Facts {
        let base = &self.base;
        let may_build = !args.proof.no_build && !args.apply.check;
        let antivirus = if may_build {
            observe::antivirus::observe(&base.toolchain, &base.workspace.target_dir)
        } else {
            Antivirus::None
        };
        let world = World {
            goal: args.goal,
            config: base.config.clone(),
            toolchain: base.toolchain.clone(),
            machine: base.machine.clone(),
            env: base.env.clone(),
            recording: recordings.clean,
            rebuild: recordings.rebuild,
            antivirus,
        };
        observe::observe(&base.workspace.metadata, world)
    }

    /// What trials need to know.
    pub fn setup<'a>(&self, args: &Args, hot: Option<HotEdit<'a>>) -> Result<Setup<'a>> {
        let base = &self.base;
        Ok(Setup {
            root: base.workspace.root.clone(),
            target_dir: base.workspace.target_dir.clone(),
            outside: base.outside(),
            cwd: base.within.clone(),
            manifest_path: None,
            build_args: record::selection(args),
            wrapping: Some(Wrapping {
                exe: clean_build::own_executable()?,
                log_dir: None,
                user_wrapper: base.user_wrapper(),
                host: Some(base.toolchain.host.triple.clone()),
                lints: Vec::new(),
                inject: Injection::default(),
            }),
            hot,
            bench: args.proof.bench.clone(),
        })
    }

    /// What must be equal for a recording or a proof to be used again.
    pub fn key(&self, args: &Args) -> String {
        let parts = [env!("CARGO_PKG_VERSION"), args.goal.recorded_build()];
        self.base.key(&args.cargo, &parts)
    }
}
