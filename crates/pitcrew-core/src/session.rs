//! What one call of a plugin starts from: the workspace, the configuration in force, the compiler,
//! the machine, and the journal of the workspace. Loaded once, side by side, and not changed after.

use std::collections::BTreeMap;
use std::thread;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::CargoFlags;
use crate::config::{self, EffectiveConfig};
use crate::journal::{self, Journal, Recovered};
use crate::machine::{self, Machine};
use crate::recording;
use crate::regular_file;
use crate::settings::{self, Known, Settings};
use crate::toolchain::{self, Toolchain};
use crate::workspace::{self, LoadOptions, Workspace};

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
    pub cargo_home: Utf8PathBuf,
    pub journal: Journal,
}

impl Session {
    pub fn open(flags: &CargoFlags) -> Result<Self> {
        Self::load(flags, false)
    }

    /// The same without a word to the user's wrapper of rustc, for who wants to know whether it works.
    pub fn open_around_wrapper(flags: &CargoFlags) -> Result<Self> {
        Self::load(flags, true)
    }

    fn load(flags: &CargoFlags, no_wrapper: bool) -> Result<Self> {
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
            let workspace = workspace::load(&LoadOptions {
                no_wrapper,
                ..flags.load_options(&cwd)
            });
            (workspace, toolchain.join())
        });
        let workspace = workspace?;
        let toolchain =
            toolchain.map_err(|_| anyhow::anyhow!("asking rustc ended in a panic"))??;
        let config = config::load(&cwd, Some(&cargo_home), &env, &flags.config)?;
        Ok(Self {
            within: start_dir(flags)?
                .canonicalize_utf8()
                .ok()
                .and_then(|dir| Some(dir.strip_prefix(&workspace.root).ok()?.to_owned()))
                .unwrap_or_default(),
            journal: journal_of(&workspace.root, &env)?,
            machine: machine::detect(),
            workspace,
            config,
            toolchain,
            env,
            cwd,
            cargo_home,
        })
    }

    pub fn root(&self) -> &Utf8Path {
        &self.workspace.root
    }

    /// The project's own settings for a plugin.
    pub fn settings(&self, known: &Known<'_>) -> Result<Settings> {
        let texts = |path: &Utf8Path| regular_file::read_to_string(self.root().join(path)).ok();
        settings::read(&self.workspace.metadata, known, &texts)
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
        let packages = &self.workspace.metadata.packages;
        let local = packages.iter().filter(|p| p.source.is_none());
        let folders = local.filter_map(|package| package.manifest_path.parent());
        let outside = folders.filter(|folder| !folder.starts_with(self.root()));
        outside.map(Utf8Path::to_owned).collect()
    }

    /// The members' manifests, the root's and the lockfile.
    fn manifests(&self) -> impl Iterator<Item = Utf8PathBuf> {
        let members = self.workspace.members();
        let root = [
            self.workspace.root_manifest(),
            self.root().join("Cargo.lock"),
        ];
        members
            .map(|member| member.manifest_path.clone())
            .chain(root)
    }

    /// What is proven of a project holds for these files as they are: taken before, to see with
    /// [`check_unchanged`] that nobody changed them meanwhile.
    pub fn inputs(&self) -> Inputs {
        let files = self.manifests().chain(self.config.files.iter().cloned());
        files
            .map(|path| (path.clone(), regular_file::read(path).ok()))
            .collect()
    }

    /// What must be equal for a recording or a proof to be used again: all that decides how the
    /// project is compiled, but for its sources. `parts` are the caller's own.
    pub fn key(&self, flags: &CargoFlags, parts: &[&str]) -> String {
        let mut all: Vec<Vec<u8>> = parts.iter().map(|part| (*part).into()).collect();
        all.extend([
            self.toolchain.rustc.clone().into(),
            self.machine.cores.to_string().into(),
            format!("{:?}", flags.to_args()).into(),
            format!("{:?}", self.workspace.selected).into(),
        ]);
        for (key, value) in &self.config.values {
            all.push(format!("{key}={}", value.value).into());
        }
        let rustflags = self.env.get("RUSTFLAGS").cloned();
        all.push(rustflags.unwrap_or_default().into());
        all.extend(
            self.manifests()
                .map(|path| regular_file::read(path).unwrap_or_default()),
        );
        recording::key(all.iter().map(Vec::as_slice))
    }
}

/// Files that decide how a project is built, with what they hold; none where there is no such file.
pub type Inputs = BTreeMap<Utf8PathBuf, Option<Vec<u8>>>;

/// Refuses where a file of `inputs` has changed.
pub fn check_unchanged(inputs: &Inputs) -> Result<()> {
    let changed =
        |(path, held): &(&Utf8PathBuf, &Option<Vec<u8>>)| regular_file::read(path).ok() != **held;
    let files: Vec<Utf8PathBuf> = inputs
        .iter()
        .filter(changed)
        .map(|(path, _)| path.clone())
        .collect();
    if files.is_empty() {
        Ok(())
    } else {
        Err(journal::JournalError::Changed { files }.into())
    }
}

/// Clears up what an interrupted `--apply` left, before anything else is read: the workspace may be
/// half one thing and half another, and its root is not known yet.
pub fn recover(flags: &CargoFlags) -> Result<Vec<Recovered>> {
    let env = environment();
    let mut recovered = Vec::new();
    for folder in start_dir(flags)?.ancestors() {
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
fn start_dir(flags: &CargoFlags) -> Result<Utf8PathBuf> {
    let cwd = workspace::current_dir()?;
    let manifest = flags.manifest_path.as_ref().and_then(|path| path.parent());
    let folder = manifest
        .map(|folder| cwd.join(folder))
        .filter(|folder| folder.is_dir());
    Ok(folder.unwrap_or(cwd))
}

/// The variables of the process that are UTF-8.
pub fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// The folder that cargo keeps its own in.
pub fn cargo_home(env: &BTreeMap<String, String>) -> Result<Utf8PathBuf> {
    if let Some(home) = env.get("CARGO_HOME").filter(|home| !home.is_empty()) {
        return Ok(workspace::current_dir()?.join(home));
    }
    let home = env.get("HOME").or_else(|| env.get("USERPROFILE"));
    let home = home.context("neither CARGO_HOME nor HOME is set: set CARGO_HOME")?;
    Ok(Utf8Path::new(home).join(".cargo"))
}
