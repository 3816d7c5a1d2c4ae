//! Whether a program's allocations can be seen by a library that is loaded before libc: told by its file,
//! before it runs.

use std::fs;

use camino::Utf8Path;
use object::read::ReadCache;
use object::{Object as _, ObjectSection as _, ObjectSymbol as _};

/// Why preloading would see nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// No loader looks at it.
    Static,
    /// It has an allocator of its own under its own names.
    Allocator(&'static str),
    /// It defines `malloc` itself, which wins over any library's.
    OwnMalloc,
    /// Its loader belongs to another libc than the compiler's own programs.
    OtherLibc(String),
    /// It runs with other rights than its caller's, for which the loader preloads nothing.
    Privileged,
}

/// Allocators by the functions that they have.
const ALLOCATORS: &[(&str, &str)] = &[
    ("mi_malloc", "mimalloc"),
    ("_rjem_malloc", "jemalloc"),
    ("_rjem_mallocx", "jemalloc"),
    ("je_malloc", "jemalloc"),
    ("tc_malloc", "tcmalloc"),
    ("sn_malloc", "snmalloc"),
    ("sn_rust_alloc", "snmalloc"),
    ("rpmalloc", "rpmalloc"),
];

impl Unfit {
    /// In words, for a sentence that begins with "preloading does not see its allocations: ".
    pub fn reason(&self) -> String {
        match self {
            Self::Static => "it is linked statically".to_owned(),
            Self::Allocator(name) => format!("it allocates with {name}, which is linked into it"),
            Self::OwnMalloc => "it defines `malloc` itself".to_owned(),
            Self::OtherLibc(loader) => {
                format!("its loader is {loader}, another libc's than the compiler's")
            }
            Self::Privileged => "it is set to run with another user's rights".to_owned(),
        }
    }

    /// Whether Valgrind, which replaces `malloc` wherever it finds it, sees what we do not. It too needs
    /// the loader, and knows no other name.
    pub fn is_seen_by_dhat(&self) -> bool {
        matches!(self, Self::OwnMalloc | Self::OtherLibc(_))
    }

    /// What to do where nothing sees them.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Static => {
                "build it for a target that links libc dynamically: leave out --target …-musl or \
                 +crt-static"
            }
            Self::Allocator(_) => {
                "leave its `#[global_allocator]` out of this build, for example by a feature and \
                 --no-default-features"
            }
            Self::Privileged => "run a copy of it without the set-user-id bit",
            Self::OwnMalloc | Self::OtherLibc(_) => "install valgrind, and use --engine dhat",
        }
    }
}

/// Why this program cannot be seen; none where it can, or where nothing tells. `triple` is the compiler's.
pub fn unfit(path: &Utf8Path, triple: &str) -> Option<Unfit> {
    if is_privileged(path) {
        return Some(Unfit::Privileged);
    }
    let cache = ReadCache::new(fs::File::open(path).ok()?);
    let object = object::File::parse(&cache).ok()?;
    if object.format() != object::BinaryFormat::Elf {
        return None;
    }
    let Some(section) = object.section_by_name(".interp") else {
        return Some(Unfit::Static);
    };
    let loader = section.data().unwrap_or_default();
    let loader = String::from_utf8_lossy(loader);
    let loader = loader.trim_end_matches('\0');
    if loader.contains("musl") != triple.contains("musl") {
        return Some(Unfit::OtherLibc(loader.to_owned()));
    }
    let mut own_malloc = false;
    for symbol in object.symbols().filter(object::ObjectSymbol::is_definition) {
        let name = symbol.name().unwrap_or_default();
        own_malloc |= name == "malloc";
        if let Some((_, allocator)) = ALLOCATORS.iter().find(|(function, _)| *function == name) {
            return Some(Unfit::Allocator(allocator));
        }
    }
    own_malloc.then_some(Unfit::OwnMalloc)
}

#[cfg(unix)]
fn is_privileged(path: &Utf8Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    const SET_USER_OR_GROUP: u32 = 0o6000;
    let Ok(metadata) = fs::metadata(path) else {
        return false;
    };
    if metadata.mode() & SET_USER_OR_GROUP == 0 {
        return false;
    }
    // To its owner it gives no other rights.
    let Ok(own) = fs::metadata("/proc/self") else {
        return true;
    };
    let changes_user = metadata.mode() & 0o4000 != 0 && metadata.uid() != own.uid();
    let changes_group = metadata.mode() & 0o2000 != 0 && metadata.gid() != own.gid();
    changes_user || changes_group
}

#[cfg(not(unix))]
fn is_privileged(_path: &Utf8Path) -> bool {
    false
}
