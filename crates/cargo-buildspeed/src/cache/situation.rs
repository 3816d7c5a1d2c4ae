//! What is set up for the cache and how it does right now, as plain data for the rules to judge.

use std::collections::BTreeMap;
use std::time::Duration;

use camino::Utf8Path;
use pitcrew_core::config::{EffectiveConfig, Origin};
use pitcrew_core::finding::Location;
use pitcrew_core::session::Session;
use pitcrew_core::wrapper::GUARDED;

use super::backend::{BACKENDS, Kind, SECRETS};
use super::guard::{self, Found};
use super::reach::{self, Reach};
use super::sccache::{Sccache, Server};

/// All that `status` and `doctor` judge.
#[derive(Debug, Clone, PartialEq)]
pub struct Situation {
    pub wrapper: Wrapper,
    /// The sccache on PATH.
    pub sccache: Option<Sccache>,
    /// sccache's settings in force for builds of this project.
    pub settings: BTreeMap<String, Setting>,
    /// Where they say that compiled crates are kept.
    pub backend: Kind,
    pub server: Server,
    /// The storage behind the server, where it can be asked.
    pub storage: Option<(String, Reach)>,
    /// What the guard found last.
    pub guard: Option<Found>,
    /// Members of the workspace compile incrementally in the dev profile.
    pub incremental: bool,
    /// `RUSTFLAGS` of the environment, which enters every key.
    pub rustflags: Option<String>,
    /// Secrets that a configuration file holds, with their places.
    pub secrets: Vec<(String, Option<Location>)>,
    /// Any way to log in is set in the environment.
    pub has_credentials: bool,
    pub wait: Duration,
}

/// Who calls rustc.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrapper {
    None,
    Sccache,
    /// This plugin, standing guard over the program named.
    Guard(String),
    Other(String),
}

/// A variable's value and where it is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    pub value: String,
    pub origin: Place,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Environment,
    /// cargo's `[env]`, and where.
    Config(Option<Location>),
}

impl Situation {
    pub fn observe(session: &Session, wait: Duration) -> Self {
        let settings = settings(&session.config, &session.env, session.root());
        let values: BTreeMap<String, String> = settings
            .iter()
            .map(|(name, setting)| (name.clone(), setting.value.clone()))
            .collect();
        let variable = |name: &str| {
            let value = values.get(name).or_else(|| session.env.get(name));
            value.cloned()
        };
        let sccache = Sccache::find(&session.toolchain, wait);
        let server = match &sccache {
            Some(sccache) => sccache.server(&values, wait),
            None => Server::Down,
        };
        let storage = guard::storage(&variable)
            .map(|(address, endpoint)| (address, reach::ask(&endpoint, wait)));
        let backend = backend(&values);
        Self {
            wrapper: wrapper(session, &values),
            backend,
            server,
            storage,
            guard: guard::file(&variable).as_ref().and_then(guard::read),
            incremental: session.config.bool("build.incremental").unwrap_or(
                session
                    .config
                    .bool("profile.dev.incremental")
                    .unwrap_or(profile_incremental(session).unwrap_or(true)),
            ),
            rustflags: session
                .env
                .get("RUSTFLAGS")
                .filter(|f| !f.is_empty())
                .cloned(),
            secrets: secrets(&settings),
            has_credentials: has_credentials(backend, &variable),
            settings,
            sccache,
            wait,
        }
    }
}

/// The first backend that the variables name, in sccache's own order.
pub fn backend(values: &BTreeMap<String, String>) -> Kind {
    let set = |name: &str| values.get(name).is_some_and(|value| !value.is_empty());
    let named = BACKENDS.iter().find(|backend| backend.is_named_by(&set));
    named.map_or(Kind::Local, |backend| backend.kind)
}

fn has_credentials(kind: Kind, variable: &dyn Fn(&str) -> Option<String>) -> bool {
    let ways = kind.backend().credentials;
    ways.is_empty()
        || ways
            .iter()
            .any(|way| way.iter().any(|name| variable(name).is_some()))
}

fn wrapper(session: &Session, values: &BTreeMap<String, String>) -> Wrapper {
    let Some(wrapper) = session.user_wrapper() else {
        return Wrapper::None;
    };
    let guarded = values.get(GUARDED).or_else(|| session.env.get(GUARDED));
    match (Utf8Path::new(&wrapper).file_stem(), guarded) {
        (Some("sccache"), _) => Wrapper::Sccache,
        (Some("cargo-buildspeed"), Some(guarded)) => Wrapper::Guard(guarded.clone()),
        _ => Wrapper::Other(wrapper),
    }
}

/// The root manifest's `profile.dev.incremental`.
fn profile_incremental(session: &Session) -> Option<bool> {
    let text = std::fs::read_to_string(session.workspace.root_manifest()).ok()?;
    pitcrew_core::manifest::lookup(&text, &["profile", "dev", "incremental"])?.as_bool()
}

/// sccache's variables and the guard's, as a rustc that cargo calls here would see them: what is set in
/// the environment stands, unless the configuration forces its own.
pub fn settings(
    config: &EffectiveConfig,
    env: &BTreeMap<String, String>,
    root: &Utf8Path,
) -> BTreeMap<String, Setting> {
    let ours =
        |name: &str| name.starts_with("SCCACHE_") || name == GUARDED || SECRETS.contains(&name);
    let mut all: BTreeMap<String, Setting> = env
        .iter()
        .filter(|(name, _)| ours(name))
        .map(|(name, value)| {
            let setting = Setting {
                value: value.clone(),
                origin: Place::Environment,
            };
            (name.clone(), setting)
        })
        .collect();
    for (key, found) in config.below(&["env"]) {
        let (name, is_value) = match key.as_slice() {
            [name] => (name, true),
            [name, part] => (name, part == "value"),
            _ => continue,
        };
        let flag = |part: &str| {
            let key = pitcrew_core::config::key(&["env", name, part]);
            config.bool(&key).unwrap_or(false)
        };
        let stands = env.contains_key(name.as_str()) && !flag("force");
        let Some(value) = found
            .value
            .as_str()
            .filter(|_| is_value && ours(name) && !stands)
        else {
            continue;
        };
        let value = match (&found.origin, flag("relative")) {
            (Origin::File { path, .. }, true) => {
                let base = path.parent().and_then(Utf8Path::parent);
                base.map_or_else(|| value.to_owned(), |base| base.join(value).into_string())
            }
            _ => value.to_owned(),
        };
        let setting = Setting {
            value,
            origin: Place::Config(location(&found.origin, root)),
        };
        all.insert(name.clone(), setting);
    }
    all
}

fn location(origin: &Origin, root: &Utf8Path) -> Option<Location> {
    match origin {
        Origin::File { path, line, column } => Some(Location {
            path: path.strip_prefix(root).unwrap_or(path).to_owned(),
            line: *line,
            column: *column,
        }),
        Origin::Env { .. } | Origin::Cli => None,
    }
}

/// Secrets in files: not those of the environment, where they belong.
fn secrets(settings: &BTreeMap<String, Setting>) -> Vec<(String, Option<Location>)> {
    let mut found = Vec::new();
    for (name, setting) in settings {
        let Place::Config(location) = &setting.origin else {
            continue;
        };
        let in_address = setting.value.contains("://")
            && setting
                .value
                .split(['/', '?'])
                .nth(2)
                .and_then(|authority| authority.split_once('@'))
                .is_some_and(|(user, _)| user.contains(':'));
        if SECRETS.contains(&name.as_str()) || in_address {
            found.push((name.clone(), location.clone()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> (tempfile::TempDir, EffectiveConfig) {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        std::fs::create_dir(root.join(".cargo")).unwrap();
        std::fs::write(root.join(".cargo/config.toml"), text).unwrap();
        let home = root.join("home");
        let config = pitcrew_core::config::load(root, Some(&home), &BTreeMap::new(), &[]).unwrap();
        (folder, config)
    }

    fn env(name: &str, value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(name.to_owned(), value.to_owned())])
    }

    #[test]
    fn the_environment_stands_unless_the_configuration_forces_its_own() {
        let (folder, config) = config(
            "[env]\nSCCACHE_DIR = \"/file\"\nSCCACHE_CACHE_SIZE = { value = \"5G\", force = true }\n\
             SCCACHE_BASEDIRS = { value = \".\", relative = true }\nOTHER = \"x\"\n",
        );
        let root = Utf8Path::from_path(folder.path()).unwrap();
        let mut set = env("SCCACHE_DIR", "/env");
        set.extend(env("SCCACHE_CACHE_SIZE", "1G"));
        let all = settings(&config, &set, root);
        let value = |name: &str| all[name].value.clone();
        assert_eq!(value("SCCACHE_DIR"), "/env");
        assert_eq!(all["SCCACHE_DIR"].origin, Place::Environment);
        assert_eq!(value("SCCACHE_CACHE_SIZE"), "5G");
        assert_eq!(value("SCCACHE_BASEDIRS"), format!("{root}/."));
        assert!(!all.contains_key("OTHER"));
    }

    #[test]
    fn a_secret_counts_only_in_a_file() {
        let (folder, config) = config(
            "[env]\nSCCACHE_REDIS_PASSWORD = \"x\"\nSCCACHE_REDIS = \"redis://u:p@h\"\n\
             SCCACHE_REDIS_ENDPOINT = \"redis://h\"\n",
        );
        let root = Utf8Path::from_path(folder.path()).unwrap();
        let all = settings(&config, &env("SCCACHE_WEBDAV_TOKEN", "t"), root);
        let named: Vec<String> = secrets(&all).into_iter().map(|(name, _)| name).collect();
        assert_eq!(named, ["SCCACHE_REDIS", "SCCACHE_REDIS_PASSWORD"]);
    }

    #[test]
    fn the_backend_is_the_one_that_is_named() {
        assert_eq!(backend(&BTreeMap::new()), Kind::Local);
        assert_eq!(backend(&env("SCCACHE_BUCKET", "b")), Kind::S3);
        assert_eq!(backend(&env("SCCACHE_REDIS_ENDPOINT", "r")), Kind::Redis);
        assert_eq!(backend(&env("SCCACHE_DIR", "/d")), Kind::Local);
    }
}
