//! Under which path another crate can name an item: where it is public all the way, or where something
//! public exports it again.

use super::library::{Library, Path};

/// Exports of exports; past this many, or in a circle, nobody can follow either.
const DEEPEST: u32 = 8;

impl Library {
    /// The path of an item for other crates, without the crate's name.
    pub fn reach(&self, path: &Path) -> Option<Path> {
        self.reach_within(path, DEEPEST)
    }

    fn reach_within(&self, path: &[String], deeper: u32) -> Option<Path> {
        let Some((name, parent)) = path.split_last() else {
            return Some(Path::new());
        };
        let deeper = deeper.checked_sub(1)?;
        let public = self.public.contains(path);
        if public && let Some(mut found) = self.reach_within(parent, deeper) {
            found.push(name.clone());
            return Some(found);
        }
        self.exports.iter().find_map(|export| {
            let exported = match &export.name {
                Some(exported) if export.target == path => exported,
                // A star exports what is public.
                None if public && export.target == parent => name,
                _ => return None,
            };
            let mut found = self.reach_within(&export.module, deeper)?;
            found.push(exported.clone());
            Some(found)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use camino::Utf8Path;

    use crate::scaffold::library;

    /// The path for others of the one function that is called so, in a library of these files.
    fn reached(files: &[(&str, &str)], name: &str) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let library = library::read(&root.join("lib.rs"), "app").unwrap();
        let mut found = library.matching(name);
        assert_eq!(found.len(), 1);
        found.remove(0).called
    }

    #[test]
    fn what_is_public_all_the_way_has_its_own_path() {
        let files = [
            ("lib.rs", "pub mod a;"),
            (
                "a/mod.rs",
                "pub mod b { pub struct S; impl S { pub fn f(&self) {} fn g() {} } }",
            ),
        ];
        assert_eq!(reached(&files, "f").unwrap(), "app::a::b::S::f");
        assert_eq!(reached(&files, "app::a::b::S::g"), None, "private");
    }

    #[test]
    fn what_is_exported_again_has_the_path_of_the_export() {
        let private = "mod a { pub mod b { pub fn f() {} } pub fn g() {} }";
        for (export, name, path) in [
            ("pub use a::b::f;", "f", "app::f"),
            ("pub use crate::a::b::f as h;", "f", "app::h"),
            ("pub use self::a::*;", "g", "app::g"),
            ("pub use a::b;", "f", "app::b::f"),
            (
                "pub mod c { pub use super::a::{b::*, g}; }",
                "f",
                "app::c::f",
            ),
        ] {
            let text = format!("{private}\n{export}");
            assert_eq!(
                reached(&[("lib.rs", &text)], name).as_deref(),
                Some(path),
                "{export}"
            );
        }
        assert_eq!(reached(&[("lib.rs", private)], "g"), None);
        let circle = "mod a { pub use super::b::*; fn f() {} } mod b { pub use super::a::*; }";
        assert_eq!(reached(&[("lib.rs", circle)], "f"), None);
    }
}
