//! Records a clean build of a workspace: in a scratch copy, so that a build script that writes into
//! its source tree writes there, or from the real tree with its artifacts elsewhere.

use std::time::Instant;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};

use crate::cargo::CargoRun;
use crate::progress::Progress;
use crate::recording::{self, RecordOptions, Recorded};
use crate::scratch::{self, Scratch};
use crate::session::Session;
use crate::wrapper::Injection;

/// An edit of the copy at the given root.
pub type Edit<'a> = dyn Fn(&Utf8Path) -> Result<()> + 'a;

/// What is built, and how.
pub struct CleanBuild<'a> {
    pub session: &'a Session,
    /// `build --workspace ...`, as cargo takes it.
    pub args: Vec<String>,
    /// For cargo, beside what recording sets.
    pub env: Vec<(String, String)>,
    /// The profile that is built, by name.
    pub profile: String,
    /// Under which the recording is kept.
    pub key: String,
    pub jobs: u32,
    /// The build is ended here.
    pub deadline: Option<Instant>,
}

impl CleanBuild<'_> {
    /// Records it in a scratch copy of the workspace, and where there is an `edit` of that copy, the
    /// rebuild after it too.
    pub fn in_scratch(
        &self,
        edit: Option<&Edit<'_>>,
        progress: &mut Progress,
    ) -> Result<(Recorded, Option<Recorded>)> {
        let scratch = Scratch::new()?;
        let copy = scratch::copy_workspace(
            self.session.root(),
            &self.session.outside(),
            &self.session.workspace.target_dir,
            &scratch.path().join("sources"),
        )?;
        progress.stage("recording a clean build");
        let recorded = self.record(&copy.root, scratch.path(), progress)?;
        let rebuild = match edit {
            Some(edit) => {
                edit(&copy.root)?;
                progress.stage("recording the rebuild after an edit");
                Some(self.record(&copy.root, scratch.path(), progress)?)
            }
            None => None,
        };
        scratch.close()?;
        Ok((recorded, rebuild))
    }

    /// Records it from the real tree, with its artifacts in a scratch directory.
    pub fn of_real_tree(&self, progress: &mut Progress) -> Result<Recorded> {
        self.inspected(progress, &|recorded, _| recorded.clone())
    }

    /// The same, and what `inspect` makes of it and of its target directory while that is there.
    pub fn inspected<T>(
        &self,
        progress: &mut Progress,
        inspect: &dyn Fn(&Recorded, &Utf8Path) -> T,
    ) -> Result<T> {
        let scratch = Scratch::new()?;
        progress.stage("recording a clean build");
        let recorded = self.record(self.session.root(), scratch.path(), progress)?;
        let inspected = inspect(&recorded, &target_dir(scratch.path()));
        scratch.close()?;
        Ok(inspected)
    }

    fn record(&self, root: &Utf8Path, at: &Utf8Path, progress: &mut Progress) -> Result<Recorded> {
        let options = self.options(root, at)?;
        let recorded = recording::record(&options, &mut |event| progress.build_event(event));
        progress.finish();
        recorded.map_err(|error| scratch::explain(error, at))
    }

    fn options(&self, root: &Utf8Path, scratch: &Utf8Path) -> Result<RecordOptions> {
        let session = self.session;
        let target_dir = target_dir(scratch);
        let mut env = vec![("CARGO_BUILD_BUILD_DIR".to_owned(), target_dir.to_string())];
        env.extend(self.env.iter().cloned());
        Ok(RecordOptions {
            exe: own_executable()?,
            cargo: CargoRun {
                args: self.args.clone(),
                cwd: root.join(&session.within),
                env,
                colour: false,
                deadline: self.deadline,
                ..CargoRun::default()
            },
            target_dir: Some(target_dir),
            user_wrapper: session.user_wrapper(),
            inject: Injection::default(),
            member_dirs: session.member_dirs(root),
            rustc: session.toolchain.rustc.clone(),
            host: session.toolchain.host.triple.clone(),
            profile: self.profile.clone(),
            key: self.key.clone(),
            machine: session.machine.clone(),
            jobs: self.jobs,
        })
    }
}

/// Where a recorded build puts its artifacts.
fn target_dir(scratch: &Utf8Path) -> Utf8PathBuf {
    scratch.join("target")
}

/// The plugin itself, which cargo runs as its rustc wrapper.
pub fn own_executable() -> Result<Utf8PathBuf> {
    let exe = std::env::current_exe().context("cannot tell where this program lies")?;
    Utf8PathBuf::from_path_buf(exe)
        .map_err(|exe| anyhow::anyhow!("{} is not valid UTF-8: install elsewhere", exe.display()))
}
