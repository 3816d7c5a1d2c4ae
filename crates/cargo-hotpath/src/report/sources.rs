//! The text of source files, read once each.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::regular_file;

/// Sources by the paths that profiles have.
pub struct Sources<'a> {
    root: &'a Utf8Path,
    /// Where rustup keeps std's sources, if it does.
    sysroot: Option<&'a Utf8Path>,
    read: RefCell<HashMap<String, Option<Rc<str>>>>,
}

impl<'a> Sources<'a> {
    pub fn new(root: &'a Utf8Path, sysroot: Option<&'a Utf8Path>) -> Self {
        Self {
            root,
            sysroot,
            read: RefCell::default(),
        }
    }

    /// The whole text; none where it is not on this machine.
    pub fn text(&self, path: &str) -> Option<Rc<str>> {
        let mut read = self.read.borrow_mut();
        let text = read.entry(path.to_owned()).or_insert_with(|| {
            let text = regular_file::read_to_string(self.find(path)).ok()?;
            Some(text.into())
        });
        text.clone()
    }

    /// One line, from 1, without the spaces around it.
    pub fn line(&self, path: &str, line: u32) -> Option<String> {
        let text = self.text(path)?;
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        Some(text.lines().nth(index)?.trim().to_owned())
    }

    fn find(&self, path: &str) -> Utf8PathBuf {
        if let (Some(sysroot), Some((_, rest))) = (self.sysroot, std_source(path)) {
            return sysroot.join("lib/rustlib/src/rust/library").join(rest);
        }
        // An absolute path stays as it is.
        self.root.join(path)
    }

    /// The path as people know it: of a dependency from its own folder on.
    pub fn shortened(&self, path: &str) -> String {
        if let Some((_, rest)) = std_source(path) {
            return format!("std: {rest}");
        }
        for marker in ["/registry/src/", "/git/checkouts/"] {
            if let Some((_, rest)) = path.split_once(marker) {
                let rest = rest.split_once('/').map_or(rest, |(_, rest)| rest);
                return rest.to_owned();
            }
        }
        path.to_owned()
    }
}

/// `/rustc/HASH/library/core/src/...`
fn std_source(path: &str) -> Option<(&str, &str)> {
    let rest = path.strip_prefix("/rustc/")?;
    rest.split_once("/library/")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn paths_are_short_and_lines_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        fs::write(root.join("a.rs"), "one\n    two\n").unwrap();
        let sources = Sources::new(root, None);
        assert_eq!(sources.line("a.rs", 2).as_deref(), Some("two"));
        assert_eq!(sources.line("a.rs", 0), None);
        assert_eq!(sources.line("a.rs", 3), None);
        assert_eq!(sources.line("b.rs", 1), None);
        assert_eq!(
            sources.shortened("/h/.cargo/registry/src/index-1/serde-1.0.1/src/de.rs"),
            "serde-1.0.1/src/de.rs"
        );
        assert_eq!(
            sources.shortened("/rustc/abc/library/core/src/fmt/mod.rs"),
            "std: core/src/fmt/mod.rs"
        );
    }
}
