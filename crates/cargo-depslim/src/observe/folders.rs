//! Where the sources of packages lie that are not the workspace's own: the registry's unpacked crates,
//! git checkouts, and the directories that replace them.

use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::config::EffectiveConfig;

use super::lock::Locked;

/// The folders that cargo keeps sources in.
#[derive(Debug, Clone, Default)]
pub struct Folders {
    /// `registry/src/index.crates.io-…`
    registries: Vec<Utf8PathBuf>,
    /// `[source.x] directory = "vendor"`
    vendored: Vec<Utf8PathBuf>,
    /// `git/checkouts`
    checkouts: Utf8PathBuf,
}

impl Folders {
    pub fn new(cargo_home: &Utf8Path, config: &EffectiveConfig, cwd: &Utf8Path) -> Self {
        let directories = config
            .values
            .keys()
            .filter(|key| key.starts_with("source.") && key.ends_with(".directory"));
        Self {
            registries: subfolders(&cargo_home.join("registry").join("src")),
            vendored: directories
                .filter_map(|key| config.path(key, cwd))
                .collect(),
            checkouts: cargo_home.join("git").join("checkouts"),
        }
    }

    /// The folder of a locked package, where it is at hand.
    pub fn of(&self, package: &Locked) -> Option<Utf8PathBuf> {
        let name = &package.name;
        let versioned = format!("{name}-{}", package.version);
        let vendored = self
            .vendored
            .iter()
            .flat_map(|folder| [folder.join(&versioned), folder.join(name)]);
        let unpacked = self.registries.iter().map(|folder| folder.join(&versioned));
        let mut at_hand = vendored.chain(unpacked).filter(|folder| is_package(folder));
        let source = package.source.as_deref()?;
        match source.strip_prefix("git+") {
            None => at_hand.next(),
            Some(git) => at_hand.next().or_else(|| self.checkout(git, name)),
        }
    }

    /// `https://h/o/repository.git?branch=x#commit`
    fn checkout(&self, source: &str, package: &str) -> Option<Utf8PathBuf> {
        let (url, commit) = source.split_once('#')?;
        let url = url.split('?').next()?.trim_end_matches('/');
        let repository = url.rsplit('/').next()?.trim_end_matches(".git");
        let prefix = format!("{repository}-");
        let is_of_repository = |folder: &Utf8PathBuf| {
            folder
                .file_name()
                .is_some_and(|name| name.to_lowercase().starts_with(&prefix.to_lowercase()))
        };
        let checkouts = subfolders(&self.checkouts).into_iter();
        let commits = checkouts
            .filter(is_of_repository)
            .flat_map(|folder| subfolders(&folder));
        let mut at_commit = commits.filter(|folder| {
            let short = folder.file_name().unwrap_or_default();
            !short.is_empty() && commit.starts_with(short)
        });
        at_commit.find_map(|folder| package_below(&folder, package, 4))
    }
}

fn is_package(folder: &Utf8Path) -> bool {
    folder.join("Cargo.toml").is_file()
}

/// The folder at or below `folder` whose manifest has this name.
fn package_below(folder: &Utf8Path, name: &str, depth: u32) -> Option<Utf8PathBuf> {
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).ok();
    let found = manifest.and_then(|text| super::manifest::read(folder, &text).ok());
    if found.is_some_and(|manifest| manifest.package_name.as_deref() == Some(name)) {
        return Some(folder.to_owned());
    }
    let below = subfolders(folder).into_iter().filter(|_| depth > 0);
    below
        .filter(|folder| !matches!(folder.file_name(), Some(".git" | "target")))
        .find_map(|folder| package_below(&folder, name, depth - 1))
}

fn subfolders(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let Ok(entries) = folder.read_dir_utf8() else {
        return Vec::new();
    };
    let folders = entries
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let mut folders: Vec<_> = folders.map(|entry| entry.path().to_owned()).collect();
    folders.sort();
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(folder: &Utf8Path, name: &str) {
        std::fs::create_dir_all(folder).unwrap();
        let text = format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\n");
        std::fs::write(folder.join("Cargo.toml"), text).unwrap();
    }

    #[test]
    fn each_kind_of_source_is_found() {
        let home = tempfile::tempdir().unwrap();
        let home = Utf8Path::from_path(home.path()).unwrap();
        let unpacked = home.join("registry/src/index-1/a-1.0.0");
        manifest(&unpacked, "a");
        let checkout = home.join("git/checkouts/repo-12ab/abcdef0/crates/b");
        manifest(&checkout, "b");
        let folders = Folders::new(home, &EffectiveConfig::default(), home);
        let locked = |name: &str, source: &str| Locked {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            source: Some(source.to_owned()),
            ..Locked::default()
        };
        assert_eq!(folders.of(&locked("a", "registry+x")), Some(unpacked));
        let git = "git+https://h/o/Repo.git?rev=x#abcdef0123";
        assert_eq!(folders.of(&locked("b", git)), Some(checkout));
        assert_eq!(folders.of(&locked("c", git)), None);
        assert_eq!(folders.of(&locked("c", "registry+x")), None);
    }
}
