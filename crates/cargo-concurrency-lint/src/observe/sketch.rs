//! One file's code with all that has nothing to do with concurrency left out: what is between the
//! text and the facts. Names are as written; what they mean is told later, when all files are known.
//! Unlike a syntax tree it can pass from the thread that read it to another.

use super::sketch::expr::{Block, Expr, Extent, Pattern};
use crate::facts::{By, Flavor};

pub mod expr;

/// The items of a module.
#[derive(Debug, Default)]
pub struct Module {
    pub uses: Vec<Import>,
    pub functions: Vec<FunctionSketch>,
    pub types: Vec<TypeItem>,
    pub aliases: Vec<AliasItem>,
    pub constants: Vec<ConstItem>,
    pub traits: Vec<TraitItem>,
    pub impls: Vec<ImplItem>,
    pub modules: Vec<ModuleItem>,
}

/// One name that a `use` brings.
#[derive(Debug, Clone)]
pub struct Import {
    /// Empty for a glob.
    pub name: String,
    pub path: Vec<String>,
}

impl Import {
    pub fn is_glob(&self) -> bool {
        self.name.is_empty()
    }
}

#[derive(Debug)]
pub struct ModuleItem {
    pub name: String,
    /// Of `#[path = ".."]`.
    pub path: Option<String>,
    /// None where it is a file of its own.
    pub inline: Option<Module>,
    pub test: bool,
}

#[derive(Debug)]
pub struct TypeItem {
    pub name: String,
    pub generics: Vec<Generic>,
    pub fields: Vec<(String, TypeSketch)>,
}

#[derive(Debug)]
pub struct AliasItem {
    pub name: String,
    pub generics: Vec<Generic>,
    pub ty: TypeSketch,
}

#[derive(Debug)]
pub struct ConstItem {
    pub name: String,
    pub ty: TypeSketch,
    pub value: Option<Expr>,
    pub extent: Extent,
    pub test: bool,
}

#[derive(Debug)]
pub struct TraitItem {
    pub name: String,
    pub functions: Vec<FunctionSketch>,
}

#[derive(Debug)]
pub struct ImplItem {
    pub ty: TypeSketch,
    pub implements: Option<PathSketch>,
    pub generics: Vec<Generic>,
    pub functions: Vec<FunctionSketch>,
    pub constants: Vec<ConstItem>,
}

/// A type parameter and what is known of it.
#[derive(Debug, Clone)]
pub struct Generic {
    pub name: String,
    pub bounds: Vec<PathSketch>,
}

#[derive(Debug)]
pub struct FunctionSketch {
    pub name: String,
    pub name_extent: Extent,
    pub extent: Extent,
    pub is_async: bool,
    pub attributes: Attributes,
    pub generics: Vec<Generic>,
    pub receiver: Option<SelfParam>,
    pub params: Vec<(Pattern, TypeSketch)>,
    pub output: TypeSketch,
    pub body: Option<Block>,
}

#[derive(Debug)]
pub struct SelfParam {
    pub by: By,
    pub mutable: bool,
    pub extent: Extent,
    /// `self: Arc<Self>`.
    pub ty: Option<TypeSketch>,
}

/// What a function's attributes say of how it is run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Attributes {
    /// `#[test]` or a framework's, or `#[cfg(test)]`.
    pub test: bool,
    /// `#[test]` or a framework's.
    pub is_test: bool,
    /// A runtime's attribute on `main`.
    pub runtime: Option<Flavor>,
}

/// A type as it is written.
#[derive(Debug, Clone, Default)]
pub enum TypeSketch {
    /// `_`, or what tells nothing.
    #[default]
    Unknown,
    Path(PathSketch),
    Ref(By, Box<TypeSketch>),
    Tuple(Vec<TypeSketch>),
    Slice(Box<TypeSketch>),
    Array(Box<TypeSketch>),
    /// `impl A + B` and `dyn A + B`.
    Bounds(Vec<PathSketch>),
    /// `fn(..) -> R`.
    Fn(Box<TypeSketch>),
}

impl TypeSketch {
    pub fn unit() -> Self {
        Self::Tuple(Vec::new())
    }
}

/// A path as it is written.
#[derive(Debug, Clone, Default)]
pub struct PathSketch {
    /// `::a::b`.
    pub global: bool,
    /// `<T as Trait>::f`: the `T`; the segments are then the trait's.
    pub on: Option<Box<TypeSketch>>,
    pub segments: Vec<Segment>,
    pub extent: Extent,
}

#[derive(Debug, Clone, Default)]
pub struct Segment {
    pub name: String,
    pub args: Vec<TypeSketch>,
    /// `Output = T`, `Item = T`, and the `R` of `Fn(A) -> R`.
    pub output: Option<Box<TypeSketch>>,
}

impl PathSketch {
    /// The one name that it is, without arguments.
    pub fn single(&self) -> Option<&str> {
        match self.segments.as_slice() {
            [one] if !self.global && self.on.is_none() => Some(&one.name),
            _ => None,
        }
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().map(|segment| segment.name.as_str())
    }

    pub fn last(&self) -> &str {
        self.segments.last().map_or("", |segment| &segment.name)
    }
}
