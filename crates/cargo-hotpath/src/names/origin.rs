//! Whose code a function is: by the file that it is written in, else by its module and name.

use crate::profile::{Module, ModuleKind, Origin};

/// Where the packages lie.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// The workspace's root, without a final `/`.
    pub root: String,
    /// The folder and the name of each member, absolute, the deepest first.
    pub members: Vec<(String, String)>,
    /// The same of path dependencies outside the workspace.
    pub outside: Vec<(String, String)>,
    /// The names that the crates of members have in symbols, with their package.
    pub crates: Vec<(String, String)>,
}

/// What is known of a function.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// Demangled.
    pub name: &'a str,
    pub file: Option<&'a str>,
    pub module: &'a Module,
}

impl Places {
    /// The path as reports show it: relative inside the workspace.
    pub fn shown(&self, path: &str) -> String {
        inside(path, &self.root).unwrap_or(path).to_owned()
    }

    pub fn origin(&self, seen: &Seen<'_>) -> Origin {
        if seen.module.kind == ModuleKind::Kernel {
            return Origin::Kernel;
        }
        if is_allocator(seen.name) {
            return Origin::Allocator;
        }
        if let Some(file) = seen.file
            && let Some(origin) = self.by_file(file)
        {
            return origin;
        }
        self.by_module(seen)
    }

    fn by_file(&self, file: &str) -> Option<Origin> {
        if is_std(file) {
            return Some(Origin::Std);
        }
        if let Some(name) = registry_package(file).or_else(|| git_package(file)) {
            return Some(dependency(name));
        }
        let find = |places: &[(String, String)]| {
            let found = places.iter().find(|(dir, _)| inside(file, dir).is_some());
            found.map(|(_, name)| name.clone())
        };
        find(&self.members)
            .map(Origin::Workspace)
            .or_else(|| find(&self.outside).map(|name| dependency(&name)))
    }

    fn by_module(&self, seen: &Seen<'_>) -> Origin {
        let file = seen.module.path.rsplit('/').next().unwrap_or_default();
        if seen.module.kind == ModuleKind::Library {
            let is_libc = LIBC.iter().any(|name| file.starts_with(name));
            return if is_libc {
                Origin::Libc
            } else {
                Origin::Library(file.to_owned())
            };
        }
        let root = root_crate(seen.name);
        if let Some((_, package)) = self.crates.iter().find(|(name, _)| name == root) {
            return Origin::Workspace(package.clone());
        }
        match root {
            "std" | "core" | "alloc" | "hashbrown" | "panic_unwind" | "__rustc" => Origin::Std,
            "main" | "_start" => Origin::Std,
            root if seen.name.contains("::") && seen.module.kind == ModuleKind::Program => {
                dependency(root)
            }
            _ => Origin::Unknown,
        }
    }
}

const LIBC: &[&str] = &[
    "libc.",
    "libc-",
    "libm.",
    "libpthread",
    "ld-",
    "libgcc_s",
    "[vdso]",
];

fn inside<'a>(path: &'a str, dir: &str) -> Option<&'a str> {
    if dir.is_empty() {
        return None;
    }
    path.strip_prefix(dir)?.strip_prefix('/')
}

/// Allocators that serve in place of the C library's, and how their functions begin.
const REPLACEMENTS: &[(&str, &[&str])] = &[
    ("jemalloc", &["_rjem_", "je_"]),
    ("mimalloc", &["mi_", "_mi_"]),
    ("snmalloc", &["sn_malloc", "sn_rust_"]),
    ("tcmalloc", &["tc_malloc", "tc_free", "tc_realloc"]),
];

/// The allocator that an allocator's function belongs to, where it is not the C library's.
pub fn replacement(name: &str) -> Option<&'static str> {
    let mut all = REPLACEMENTS.iter();
    let found = all.find(|(allocator, starts)| {
        name.contains(allocator) || starts.iter().any(|start| name.starts_with(start))
    });
    found.map(|(allocator, _)| *allocator)
}

/// Allocators that are dependencies are not the user's business either.
fn dependency(name: &str) -> Origin {
    let mut allocators = REPLACEMENTS.iter();
    if allocators.any(|(allocator, _)| name.contains(allocator)) {
        Origin::Allocator
    } else {
        Origin::Dependency(name.to_owned())
    }
}

/// glibc's, musl's and the usual replacements' functions, and Rust's own shims.
fn is_allocator(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "malloc",
        "free",
        "cfree",
        "calloc",
        "realloc",
        "aligned_alloc",
        "posix_memalign",
        "memalign",
        "__libc_malloc",
        "__libc_free",
        "__libc_calloc",
        "__libc_realloc",
        "_int_malloc",
        "_int_free",
        "_int_realloc",
        "_int_memalign",
        "malloc_consolidate",
        "sysmalloc",
        "unlink_chunk",
        "malloc_usable_size",
    ];
    let last = name.rsplit("::").next().unwrap_or(name);
    NAMES.contains(&name)
        // Copies that the compiler makes of some of them: `unlink_chunk.constprop.0`.
        || name.split_once('.').is_some_and(|(name, _)| NAMES.contains(&name))
        || last.starts_with("__rust_alloc")
        || ["__rust_dealloc", "__rust_realloc"].contains(&last)
        || ["__rdl_", "__rust_no_alloc_shim"]
            .iter()
            .any(|prefix| last.starts_with(prefix))
        || REPLACEMENTS
            .iter()
            .flat_map(|(_, starts)| *starts)
            .any(|start| name.starts_with(start))
}

/// `/rustc/HASH/library/core/...`, the same in the sources that rustup installs, and std's own
/// dependencies, which are built elsewhere.
fn is_std(file: &str) -> bool {
    file.starts_with("/rustc/")
        || file.starts_with("/rust/deps/")
        || file.contains("/rustlib/src/rust/library/")
}

/// `.../registry/src/index.crates.io-HASH/NAME-VERSION/...`
fn registry_package(file: &str) -> Option<&str> {
    let (_, rest) = file.split_once("/registry/src/")?;
    let folder = rest.split('/').nth(1)?;
    let is_version = |at: &usize| folder[at + 1..].starts_with(|c: char| c.is_ascii_digit());
    let dash = folder
        .match_indices('-')
        .map(|(at, _)| at)
        .find(is_version)?;
    Some(&folder[..dash])
}

/// `.../git/checkouts/NAME-HASH/REVISION/...`
fn git_package(file: &str) -> Option<&str> {
    let (_, rest) = file.split_once("/git/checkouts/")?;
    let folder = rest.split('/').next()?;
    folder.rsplit_once('-').map(|(name, _)| name)
}

/// The crate that a path starts in; of a method the one of its type.
pub fn root_crate(name: &str) -> &str {
    let start = name.trim_start_matches(|c: char| !c.is_ascii_alphabetic() && c != '_');
    let start = start.strip_prefix("dyn ").unwrap_or(start);
    let start = start.strip_prefix("mut ").unwrap_or(start);
    let end = start.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    &start[..end.unwrap_or(start.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(name: &str, file: Option<&str>, path: &str, kind: ModuleKind) -> Origin {
        let places = Places {
            root: "/w".to_owned(),
            members: vec![
                ("/w/crates/inner".to_owned(), "inner".to_owned()),
                ("/w".to_owned(), "outer".to_owned()),
            ],
            outside: vec![("/elsewhere/side".to_owned(), "side".to_owned())],
            crates: vec![("my_tool".to_owned(), "my-tool".to_owned())],
        };
        let module = Module {
            path: path.to_owned(),
            build_id: None,
            kind,
        };
        places.origin(&Seen {
            name,
            file,
            module: &module,
        })
    }

    #[test]
    fn files_tell_first() {
        let by_file = |file: &str| origin("x::y", Some(file), "/w/target/x", ModuleKind::Program);
        let cargo = "/home/u/.cargo";
        assert_eq!(by_file("/rustc/abc/library/core/src/a.rs"), Origin::Std);
        assert_eq!(by_file("/rust/deps/hashbrown-0.15/src/a.rs"), Origin::Std);
        assert_eq!(
            by_file(&format!(
                "{cargo}/registry/src/i-1/serde_json-1.0.1/src/de.rs"
            )),
            Origin::Dependency("serde_json".to_owned())
        );
        assert_eq!(
            by_file(&format!(
                "{cargo}/registry/src/i-1/rand-core-2-0.6.4/src/de.rs"
            )),
            Origin::Dependency("rand-core".to_owned())
        );
        assert_eq!(
            by_file(&format!(
                "{cargo}/registry/src/i-1/tikv-jemallocator-0.6.0/src/a.rs"
            )),
            Origin::Allocator
        );
        assert_eq!(
            by_file(&format!("{cargo}/git/checkouts/my-lib-0a1b/9f/src/a.rs")),
            Origin::Dependency("my-lib".to_owned())
        );
        assert_eq!(
            by_file("/w/crates/inner/src/a.rs"),
            Origin::Workspace("inner".to_owned())
        );
        assert_eq!(
            by_file("/w/src/a.rs"),
            Origin::Workspace("outer".to_owned())
        );
        assert_eq!(
            by_file("/elsewhere/side/a.rs"),
            Origin::Dependency("side".to_owned())
        );
    }

    #[test]
    fn without_a_file_the_module_and_the_name_tell() {
        let libc = "/usr/lib/x86_64-linux-gnu/libc.so.6";
        assert_eq!(
            origin("memmove", None, libc, ModuleKind::Library),
            Origin::Libc
        );
        assert_eq!(
            origin("_int_malloc", None, libc, ModuleKind::Library),
            Origin::Allocator
        );
        assert_eq!(
            origin("f", None, "/usr/lib/libssl.so.3", ModuleKind::Library),
            Origin::Library("libssl.so.3".to_owned())
        );
        assert_eq!(
            origin("unlink_chunk.constprop.0", None, libc, ModuleKind::Library),
            Origin::Allocator
        );
        let program = |name| origin(name, None, "/w/target/x", ModuleKind::Program);
        for shim in [
            "__rustc::__rdl_alloc_zeroed",
            "__rustc::__rust_no_alloc_shim_is_unstable_v2",
        ] {
            assert_eq!(program(shim), Origin::Allocator);
        }
        assert_eq!(program("__rustc::rust_panic"), Origin::Std);
        assert_eq!(
            program("<my_tool::A>::f"),
            Origin::Workspace("my-tool".to_owned())
        );
        assert_eq!(program("<alloc::vec::Vec<u8>>::push"), Origin::Std);
        assert_eq!(
            program("regex::find"),
            Origin::Dependency("regex".to_owned())
        );
        assert_eq!(program("x+0x10"), Origin::Unknown);
        assert_eq!(
            origin("schedule", None, "[kernel]", ModuleKind::Kernel),
            Origin::Kernel
        );
    }
}
