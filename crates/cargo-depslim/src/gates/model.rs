//! What a crate's sources say of its gates, as plain data.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use super::cfg::Cfg;
use super::item::{Kind, Vis};
use super::tokens::Mentions;

/// The sources of one crate, read for their gates.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// The name that paths begin with.
    pub krate: String,
    /// The root is the first.
    pub modules: Vec<Module>,
    pub names: Vec<Name>,
    pub impls: Vec<Impl>,
    /// Methods and associated items, of implementations and of traits.
    pub members: Vec<Member>,
    pub sites: Vec<Site>,
    /// `compile_error!`: when, and what it says.
    pub refusals: Vec<(Cfg, String)>,
    /// The crate goes without the standard library where one of these holds.
    pub no_std: Vec<Cfg>,
    /// What could not be read: nothing is known of what stands there.
    pub unread: Vec<Unread>,
    pub files: Vec<Utf8PathBuf>,
    /// The condition of each file, by its index.
    pub file_gates: Vec<Cfg>,
}

#[derive(Debug, Clone)]
pub struct Unread {
    pub file: Utf8PathBuf,
    pub reason: String,
}

impl Unread {
    /// A file that is there and cannot be read may gate anything; one that is missing is another
    /// platform's, or made by a build script.
    pub fn hides_gates(&self) -> bool {
        self.file.is_file()
    }
}

#[derive(Debug, Clone)]
pub struct Module {
    /// Below the crate, without it.
    pub path: Vec<String>,
    pub parent: Option<usize>,
    /// Its own condition and those of the modules around it.
    pub gate: Cfg,
    /// Reachable from outside by its path.
    pub public: bool,
    /// What stands in it, by name.
    pub names: BTreeMap<String, Vec<usize>>,
    /// `use x::*`: where from.
    pub globs: Vec<Glob>,
}

#[derive(Debug, Clone)]
pub struct Glob {
    pub path: Vec<String>,
    pub gate: Cfg,
    pub public: bool,
}

/// Where something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// Index into the files of the model.
    pub file: usize,
    pub line: u32,
}

/// What a name in a module stands for.
#[derive(Debug, Clone)]
pub struct Name {
    pub module: usize,
    pub name: String,
    pub meaning: Meaning,
    /// When it is there, with the conditions of all around it.
    pub gate: Cfg,
    pub vis: Vis,
    pub place: Place,
    /// Variants of an enum and public fields of a struct.
    pub parts: Vec<(String, Cfg)>,
    /// What its text mentions; only read where its gate names a feature.
    pub mentions: Option<Mentions>,
    /// A function that can be looked up in a program.
    pub has_symbol: bool,
    /// Of a macro: the paths of its crate that its expansion names.
    pub leads_to: Vec<Vec<String>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    Item(Kind),
    Module(usize),
    /// `use path as name`, or `extern crate`.
    Import(Vec<String>),
    /// Exported macros stand at the root.
    Macro,
    /// What a procedural macro crate gives: `derive`, attribute or function-like.
    ProcMacro,
}

/// One implementation block, or a derive.
#[derive(Debug, Clone)]
pub struct Impl {
    pub module: usize,
    pub self_type: String,
    pub of_trait: Option<String>,
    /// Every name in the trait's and in the type's arguments too.
    pub names: Vec<String>,
    pub gate: Cfg,
    pub place: Place,
    pub mentions: Option<Mentions>,
}

/// A function of an implementation or of a trait.
#[derive(Debug, Clone)]
pub struct Member {
    pub owner: Owner,
    pub gate: Cfg,
    pub vis: Vis,
    pub place: Place,
    pub mentions: Option<Mentions>,
    /// It only sets fields of `self` to what it is given, or to a fixed value.
    pub only_sets: bool,
}

/// Which function, or other item, code stands in.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner {
    pub module: usize,
    /// The type or trait that it is a member of.
    pub self_type: Option<String>,
    pub of_trait: Option<String>,
    /// Tells implementations of one trait for one type apart.
    pub key: String,
    pub name: String,
    /// A function that can be looked up in a program.
    pub is_function: bool,
}

/// A condition inside of an item that is there in either case: what it does can change.
#[derive(Debug, Clone)]
pub struct Site {
    pub owner: Owner,
    /// When the item around it is there.
    pub outer: Cfg,
    /// The condition itself.
    pub gate: Cfg,
    pub shape: Shape,
    pub mentions: Mentions,
    pub place: Place,
}

/// What stands under the condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shape {
    Statement,
    /// A `match` arm.
    Arm,
    /// The element of an array, or an argument.
    Element,
    /// A field of a struct expression or a pattern.
    FieldValue,
    /// The field of a struct, or a variant.
    FieldOrVariant,
    /// A parameter of a function.
    Parameter,
    /// `cfg!(..)` as a value.
    Value,
    /// An attribute other than a lint.
    Attribute,
}

impl Model {
    pub fn module_path(&self, module: usize) -> String {
        let mut path = self.krate.clone();
        for part in &self.modules[module].path {
            path.push_str("::");
            path.push_str(part);
        }
        path
    }

    /// Every condition in it.
    pub(super) fn gates(&self) -> impl Iterator<Item = &Cfg> {
        let names = self.names.iter();
        let parts = names.clone().flat_map(|name| &name.parts);
        let globs = self.modules.iter().flat_map(|module| &module.globs);
        names
            .map(|name| &name.gate)
            .chain(parts.map(|(_, gate)| gate))
            .chain(globs.map(|glob| &glob.gate))
            .chain(self.modules.iter().map(|module| &module.gate))
            .chain(self.impls.iter().map(|implementation| &implementation.gate))
            .chain(self.members.iter().map(|member| &member.gate))
            .chain(self.sites.iter().map(|site| &site.gate))
            .chain(self.refusals.iter().map(|(gate, _)| gate))
            .chain(&self.no_std)
    }

    /// A path for people: `tokio::runtime::Builder::enable_all`.
    pub fn owner_path(&self, owner: &Owner) -> String {
        let mut path = self.module_path(owner.module);
        for part in [owner.self_type.as_deref(), Some(owner.name.as_str())] {
            if let Some(part) = part.filter(|part| !part.is_empty()) {
                path.push_str("::");
                path.push_str(part);
            }
        }
        path
    }
}
