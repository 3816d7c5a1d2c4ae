//! What one call starts from: the workspace, the configuration in force, the compiler, the machine,
//! and the places where things are kept. Loaded once, side by side, and not changed after.

use std::collections::BTreeMap;
use std::fs;
use std::thread;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::config::{self, EffectiveConfig};
use pitcrew_core::journal::{self, Journal, Recovered};
use pitcrew_core::machine::{self, Machine};
use pitcrew_core::recording::{self, Recording};
use pitcrew_core::settings::{self, Known, Settings};
use pitcrew_core::toolchain::{self, Toolchain};
use pitcrew_core::workspace::{self, Workspace};
use pitcrew_core::wrapper::{Injection, Wrapping};

use crate::apply::Places;
use crate::args::Args;
use crate::facts::{Antivirus, Facts};
use crate::observe::{self, World};
use crate::prove::{HotEdit, Setup};
use crate::record;
use crate::store::Store;

/// Everything that does not depend on a build.
pub struct Session {
    pub workspace: Workspace,
    pub config: EffectiveConfig,
    pub toolchain: Toolchain,
    pub machine: Machine,
    pub env: BTreeMap<String, String>,
    /// Where the user stands.
    pub cwd: Utf8PathBuf,
    /// Where the user stands, or the manifest that was named, relative to the workspace root.
    pub within: Utf8PathBuf,
    pub places: Places,
    pub journal: Journal,
    pub store: Store,
}

impl Session {
    pub fn open(args: &Args) -> Result<Self> {
        // cargo reads its configuration from here, whatever `--manifest-path` says.
        let cwd = workspace::current_dir()?;
        let env = environment();
        let cargo_home = cargo_home(&env)?;
        // Three programs are asked; none needs another's answer.
        let (workspace, toolchain) = thread::scope(|scope| {
            let toolchain = scope.spawn(|| {
                let rustc = env.get("RUSTC").map_or("rustc", String::as_str);
                toolchain::detect(rustc, &cwd, std::env::var_os("PATH").as_deref())
            });
            let workspace = workspace::load(&args.cargo.load_options(&cwd));
            (workspace, toolchain.join())
        });
        let workspace = workspace?;
        let toolchain =
            toolchain.map_err(|_| anyhow::anyhow!("asking rustc ended in a panic"))??;
        let config = config::load(&cwd, Some(&cargo_home), &env, &args.cargo.config)?;
        let places = Places {
            root: workspace.root.clone(),
            cargo_home,
            scope: args.scope,
        };
        Ok(Self {
            within: start_dir(args)?
                .canonicalize_utf8()
                .ok()
                .and_then(|dir| Some(dir.strip_prefix(&workspace.root).ok()?.to_owned()))
                .unwrap_or_default(),
            journal: journal_of(&workspace.root, &env)?,
            store: Store::new(&workspace.target_dir),
            machine: machine::detect(),
            workspace,
            config,
            toolchain,
            env,
            cwd,
            places,
        })
    }

    /// The project's own settings for this plugin.
    pub fn settings(&self, known: &Known<'_>) -> Result<Settings> {
        let root = &self.workspace.root;
        let texts = |path: &Utf8Path| fs::read_to_string(root.join(path)).ok();
        settings::read(&self.workspace.metadata, known, &texts)
    }

    /// The facts that the rules judge.
    pub fn observe(&self, args: &Args, recording: Option<Recording>) -> Facts {
        let may_build = !args.proof.no_build && !args.apply.check;
        let antivirus = if may_build {
            observe::antivirus::observe(&self.toolchain, &self.workspace.target_dir)
        } else {
            Antivirus::None
        };
        let world = World {
            goal: args.goal,
            config: self.config.clone(),
            toolchain: self.toolchain.clone(),
            machine: self.machine.clone(),
            env: self.env.clone(),
            recording,
            antivirus,
        };
        observe::observe(&self.workspace.metadata, world)
    }

    /// What trials need to know.
    pub fn setup<'a>(&self, args: &Args, hot: Option<HotEdit<'a>>) -> Result<Setup<'a>> {
        Ok(Setup {
            root: self.workspace.root.clone(),
            target_dir: self.workspace.target_dir.clone(),
            outside: self.outside(),
            cwd: self.within.clone(),
            manifest_path: None,
            build_args: record::selection(args),
            wrapping: Some(Wrapping {
                exe: record::own_executable()?,
                log_dir: None,
                user_wrapper: self.user_wrapper(),
                host: Some(self.toolchain.host.triple.clone()),
                inject: Injection::default(),
            }),
            hot,
            bench: args.proof.bench.clone(),
        })
    }

    /// The names of the members that the command line selects.
    pub fn selected(&self) -> Vec<String> {
        self.workspace
            .selected_members()
            .map(|member| member.name.to_string())
            .collect()
    }

    /// The wrapper of rustc that the user has.
    pub fn user_wrapper(&self) -> Option<String> {
        self.config
            .program("build.rustc-wrapper", &self.cwd)
            .map(Utf8PathBuf::into_string)
    }

    /// The folders of the members in a copy of the workspace at `root`.
    pub fn member_dirs(&self, root: &Utf8Path) -> Vec<Utf8PathBuf> {
        let folders = self
            .workspace
            .members()
            .filter_map(|member| member.manifest_path.parent());
        folders
            .map(|folder| root.join(self.workspace.relative(folder)))
            .collect()
    }

    /// The folders of path dependencies that are not below the root.
    pub fn outside(&self) -> Vec<Utf8PathBuf> {
        let local = self
            .workspace
            .metadata
            .packages
            .iter()
            .filter(|p| p.source.is_none());
        let folders = local.filter_map(|package| package.manifest_path.parent());
        let outside = folders.filter(|folder| !folder.starts_with(&self.workspace.root));
        outside.map(Utf8Path::to_owned).collect()
    }

    /// What must be equal for a recording or a proof to be used again: all that decides how the
    /// project is compiled, but for its sources.
    pub fn key(&self, args: &Args) -> String {
        let mut parts: Vec<Vec<u8>> = vec![
            env!("CARGO_PKG_VERSION").into(),
            args.goal.recorded_build().into(),
            self.toolchain.rustc.clone().into(),
            self.machine.cores.to_string().into(),
            format!("{:?}", args.cargo.to_args()).into(),
            format!("{:?}", self.workspace.selected).into(),
        ];
        for (key, value) in &self.config.values {
            parts.push(format!("{key}={}", value.value).into());
        }
        parts.push(
            self.env
                .get("RUSTFLAGS")
                .cloned()
                .unwrap_or_default()
                .into(),
        );
        let manifests = self
            .workspace
            .members()
            .map(|member| member.manifest_path.clone());
        let root = [
            self.workspace.root_manifest(),
            self.workspace.root.join("Cargo.lock"),
        ];
        for path in manifests.chain(root) {
            parts.push(fs::read(&path).unwrap_or_default());
        }
        recording::key(parts.iter().map(Vec::as_slice))
    }
}

/// Clears up what an interrupted `--apply` left, before anything else is read: the workspace may be
/// half one thing and half another, and its root is not known yet.
pub fn recover(args: &Args) -> Result<Vec<Recovered>> {
    let env = environment();
    let mut recovered = Vec::new();
    for folder in start_dir(args)?.ancestors() {
        recovered.extend(journal_of(folder, &env)?.recover()?);
    }
    Ok(recovered)
}

/// The journal of a workspace, wherever journals are kept.
fn journal_of(root: &Utf8Path, env: &BTreeMap<String, String>) -> Result<Journal> {
    let home = journal::default_home(&|name| env.get(name).cloned())?;
    Ok(Journal::open(&home, root)?)
}

/// Where the workspace is looked for from: the manifest's folder, or the current one.
fn start_dir(args: &Args) -> Result<Utf8PathBuf> {
    let cwd = workspace::current_dir()?;
    let manifest = args
        .cargo
        .manifest_path
        .as_ref()
        .and_then(|path| path.parent());
    let folder = manifest
        .map(|folder| cwd.join(folder))
        .filter(|folder| folder.is_dir());
    Ok(folder.unwrap_or(cwd))
}

fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

fn cargo_home(env: &BTreeMap<String, String>) -> Result<Utf8PathBuf> {
    if let Some(home) = env.get("CARGO_HOME").filter(|home| !home.is_empty()) {
        return Ok(workspace::current_dir()?.join(home));
    }
    let home = env.get("HOME").or_else(|| env.get("USERPROFILE"));
    let home = home.context("neither CARGO_HOME nor HOME is set: set CARGO_HOME")?;
    Ok(Utf8Path::new(home).join(".cargo"))
}
