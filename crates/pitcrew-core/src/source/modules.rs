//! Which file a `mod x;` means.

use camino::{Utf8Path, Utf8PathBuf};

/// `mod x;` as it stands in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModulePlace {
    pub name: String,
    /// `#[path = "…"]`, all of them where `cfg_attr` chooses.
    pub paths: Vec<String>,
    /// The inline modules around it, outermost first, as directory names.
    pub inside: Vec<String>,
}

/// A source file, and where the files of its modules are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceFile {
    pub path: Utf8PathBuf,
    pub modules_dir: Utf8PathBuf,
}

impl SourceFile {
    /// A file whose modules are beside it: a crate root, a `mod.rs`, a file named by `#[path]`.
    pub fn root(path: &Utf8Path) -> Self {
        Self {
            path: path.to_owned(),
            modules_dir: dir(path).to_owned(),
        }
    }

    /// The file at `path`, as this one names it in `include!` and its like.
    pub fn beside(&self, path: &str) -> Utf8PathBuf {
        dir(&self.path).join(path)
    }

    /// The files that `mod x;` may mean; more than one where `cfg_attr` chooses its path, none where
    /// there is no such file.
    pub fn modules(&self, module: &ModulePlace) -> Vec<Self> {
        let inside = module
            .inside
            .iter()
            .fold(self.modules_dir.clone(), |dir, name| dir.join(name));
        let mut found: Vec<Self> = module
            .paths
            .iter()
            .map(|path| {
                // A path is relative to the file, but to the module's directory in an inline one.
                let base = if module.inside.is_empty() {
                    dir(&self.path)
                } else {
                    &inside
                };
                Self::root(&base.join(path))
            })
            .filter(|file| file.path.is_file())
            .collect();
        let named = inside.join(format!("{}.rs", module.name));
        if named.is_file() {
            found.push(Self {
                path: named,
                modules_dir: inside.join(&module.name),
            });
            return found;
        }
        let nested = inside.join(&module.name).join("mod.rs");
        if nested.is_file() {
            found.push(Self::root(&nested));
        }
        found
    }
}

fn dir(file: &Utf8Path) -> &Utf8Path {
    file.parent().unwrap_or(Utf8Path::new(""))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn files_are_found_where_rustc_looks_for_them() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        for path in [
            "lib.rs", "a.rs", "a/b.rs", "c/mod.rs", "in/d.rs", "odd/e.rs", "in/f.rs",
        ] {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::write(root.join(path), "").unwrap();
        }
        let lib = SourceFile::root(&root.join("lib.rs"));
        let found = |file: &SourceFile, name: &str, paths: &[&str], inside: &[&str]| {
            let place = ModulePlace {
                name: name.to_owned(),
                paths: paths.iter().map(|&p| p.to_owned()).collect(),
                inside: inside.iter().map(|&p| p.to_owned()).collect(),
            };
            let files = file.modules(&place);
            files
                .iter()
                .map(|f| f.path.strip_prefix(root).unwrap().to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(found(&lib, "a", &[], &[]), ["a.rs"]);
        let a = &lib.modules(&ModulePlace {
            name: "a".to_owned(),
            ..ModulePlace::default()
        })[0];
        assert_eq!(found(a, "b", &[], &[]), ["a/b.rs"]);
        assert_eq!(found(&lib, "c", &[], &[]), ["c/mod.rs"]);
        assert_eq!(found(&lib, "d", &[], &["in"]), ["in/d.rs"]);
        assert_eq!(found(&lib, "e", &["odd/e.rs"], &[]), ["odd/e.rs"]);
        assert_eq!(found(&lib, "x", &["f.rs"], &["in"]), ["in/f.rs"]);
        assert_eq!(found(&lib, "none", &["none.rs"], &[]), [""; 0]);
    }
}
