//! What a dependency's features gate: read from its sources alone, with its own macros resolved.
//!
//! A feature can *add* (items, methods, implementations), or it can *alter* what is there either way:
//! a statement, a `match` arm, `cfg!`, one of two definitions of a name, what a build script does.
//! The first nobody misses who does not use it; the second changes a program that still compiles.

pub(crate) mod attributes;
pub mod cfg;
mod item;
pub mod library;
pub mod lookup;
mod macros;
pub mod model;
pub mod script;
mod sites;
pub(crate) mod tokens;
mod walk;

pub use item::{Kind, Vis};
pub use library::{Library, Source};
pub use model::Model;
pub use tokens::Mentions;
pub(crate) use walk::{UseLeaf, use_leaves};

/// The files of the crate whose root is `root`, along its module tree.
pub fn files(root: &camino::Utf8Path) -> Vec<(camino::Utf8PathBuf, cfg::Cfg)> {
    let model = walk::read(root, "crate", &|_| std::rc::Rc::default());
    model.files.into_iter().zip(model.file_gates).collect()
}
