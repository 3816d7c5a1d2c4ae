//! What must hold of every reader and every edit, whatever bytes it is given. A fuzzer looks for bytes
//! that break it (`fuzz/`), and an ordinary test replays the bytes that are known (`tests/corpora.rs`).

#![expect(
    clippy::unwrap_used,
    reason = "what breaks a property fails by panicking"
)]

mod cargo_config;
mod manifest;
mod mir;
mod profiles;
mod sources;

use std::fs;
use std::thread;

use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::source::nesting;
use tempfile::TempDir;

/// Something that takes bytes from strangers.
#[derive(Clone, Copy)]
pub struct Property {
    /// The name of the fuzz target and of the corpus.
    pub name: &'static str,
    /// Panics where the property does not hold of the bytes.
    pub holds: fn(&[u8]),
}

/// Every one, in the order of what is likeliest to break.
pub const PROPERTIES: &[Property] = &[
    Property {
        name: "source_trees",
        holds: sources::trees,
    },
    Property {
        name: "source_tokens",
        holds: sources::tokens,
    },
    Property {
        name: "mir",
        holds: mir::holds,
    },
    Property {
        name: "manifest",
        holds: manifest::holds,
    },
    Property {
        name: "cargo_config",
        holds: cargo_config::holds,
    },
    Property {
        name: "perf_data",
        holds: profiles::perf_data,
    },
    Property {
        name: "perf_script",
        holds: profiles::perf_script,
    },
    Property {
        name: "firefox",
        holds: profiles::firefox,
    },
    Property {
        name: "xctrace",
        holds: profiles::xctrace,
    },
    Property {
        name: "callgrind",
        holds: profiles::callgrind,
    },
    Property {
        name: "dhat",
        holds: profiles::dhat,
    },
    Property {
        name: "collapsed",
        holds: profiles::collapsed,
    },
];

/// Runs the property of this name on a stack like that of the plugins.
pub fn check(name: &str, bytes: &[u8]) {
    let property = PROPERTIES.iter().find(|one| one.name == name).unwrap();
    thread::scope(|scope| {
        let deep = thread::Builder::new().stack_size(nesting::STACK);
        let thread = deep
            .spawn_scoped(scope, || (property.holds)(bytes))
            .unwrap();
        if let Err(panicked) = thread.join() {
            std::panic::resume_unwind(panicked);
        }
    });
}

/// A folder of its own for what reads from files.
struct Place {
    _kept: TempDir,
    folder: Utf8PathBuf,
}

impl Place {
    fn new() -> Self {
        let memory = Utf8Path::new("/dev/shm");
        let kept = match memory.is_dir() {
            true => tempfile::tempdir_in(memory),
            false => tempfile::tempdir(),
        };
        let kept = kept.unwrap();
        let folder = Utf8PathBuf::from_path_buf(kept.path().to_owned()).unwrap();
        Self {
            _kept: kept,
            folder,
        }
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Utf8PathBuf {
        let path = self.folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }
}
