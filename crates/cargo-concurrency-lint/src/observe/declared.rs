//! What the workspace declares: its functions with their signatures, its types with their fields, its
//! constants. All that a name's type can be told from.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

mod written;

use super::names::Names;
use super::sketch::expr::{Block, Expr, Kind, StatementKind};
use super::sketch::{
    AliasItem, ConstItem, FunctionSketch, Generic, Import, PathSketch, TypeSketch,
};
use super::tree::{ModuleId, Tree};
use crate::ecosystem::Ecosystem;
use crate::facts::{By, Ty, TypeDef};

use written::DEPTH;

/// A function to digest.
pub struct Declaration<'a> {
    pub path: String,
    pub implements: Option<String>,
    pub code: Code<'a>,
    pub scope: Scope<'a>,
    pub test: bool,
}

/// Where the code of a declaration stands.
#[derive(Clone, Copy)]
pub enum Code<'a> {
    Function(&'a FunctionSketch),
    Constant(&'a ConstItem),
}

/// Where names of a declaration are looked up.
#[derive(Clone)]
pub struct Scope<'a> {
    pub module: ModuleId,
    pub generics: Vec<&'a Generic>,
    pub self_ty: Option<Ty>,
    /// Of the blocks around a function within a function.
    pub imports: Vec<&'a Import>,
}

#[derive(Debug, Clone, Default)]
pub struct Signature {
    pub is_async: bool,
    pub receiver: Option<By>,
    /// Without the future of an `async fn`.
    pub output: Ty,
}

impl Signature {
    /// What a call gives.
    pub fn gives(&self) -> Ty {
        if self.is_async {
            Ty::new("std::future::Future").with([self.output.clone()])
        } else {
            self.output.clone()
        }
    }
}

#[derive(Debug, Clone, Default)]
pub struct Constant {
    pub ty: Ty,
    pub value: Option<i128>,
}

/// Everything that is declared.
pub struct Declared<'a> {
    pub functions: Vec<Declaration<'a>>,
    pub signatures: FxHashMap<String, Signature>,
    pub types: BTreeMap<String, TypeDef>,
    pub constants: FxHashMap<String, Constant>,
    /// The traits of each type.
    pub traits: FxHashMap<String, Vec<String>>,
    aliases: FxHashMap<String, (ModuleId, &'a AliasItem)>,
    own_traits: FxHashSet<String>,
    names: &'a Names<'a>,
    ecosystem: &'a Ecosystem,
}

impl<'a> Declared<'a> {
    pub fn new(tree: &'a Tree, names: &'a Names<'a>, ecosystem: &'a Ecosystem) -> Self {
        let mut declared = Self {
            functions: Vec::new(),
            signatures: FxHashMap::default(),
            types: BTreeMap::new(),
            constants: FxHashMap::default(),
            traits: FxHashMap::default(),
            aliases: FxHashMap::default(),
            own_traits: FxHashSet::default(),
            names,
            ecosystem,
        };
        for (index, node) in tree.modules.iter().enumerate() {
            for alias in &node.sketch.aliases {
                let path = format!("{}::{}", node.path, alias.name);
                declared.aliases.insert(path, (ModuleId(index), alias));
            }
        }
        for index in 0..tree.modules.len() {
            declared.add_types(tree, ModuleId(index));
        }
        for index in 0..tree.modules.len() {
            declared.add_functions(tree, ModuleId(index));
        }
        declared
    }

    fn add_types(&mut self, tree: &'a Tree, id: ModuleId) {
        let node = &tree.modules[id.0];
        for item in &node.sketch.types {
            let scope = Scope {
                module: id,
                generics: item.generics.iter().collect(),
                self_ty: None,
                imports: Vec::new(),
            };
            let fields = item.fields.iter();
            let fields = fields.map(|(name, ty)| (name.clone(), self.ty(&scope, ty)));
            let def = TypeDef {
                fields: fields.collect(),
            };
            self.types
                .insert(format!("{}::{}", node.path, item.name), def);
        }
        for item in &node.sketch.constants {
            self.add_constant(&node.path, &Scope::module(id), item, node.test);
        }
    }

    fn add_constant(&mut self, home: &str, scope: &Scope<'a>, item: &'a ConstItem, test: bool) {
        let path = format!("{home}::{}", item.name);
        let constant = Constant {
            ty: self.ty(scope, &item.ty),
            value: match item.value.as_ref().map(|value| &value.kind) {
                Some(Kind::Int(number)) => Some(*number),
                _ => None,
            },
        };
        self.constants.insert(path.clone(), constant);
        if item.value.as_ref().is_some_and(may_call) {
            self.functions.push(Declaration {
                path,
                implements: None,
                code: Code::Constant(item),
                scope: scope.clone(),
                test: test || item.test,
            });
        }
    }

    fn add_functions(&mut self, tree: &'a Tree, id: ModuleId) {
        let node = &tree.modules[id.0];
        for function in &node.sketch.functions {
            self.add(&node.path, None, function, &Scope::module(id), node.test);
        }
        for item in &node.sketch.traits {
            let path = format!("{}::{}", node.path, item.name);
            self.own_traits.insert(path.clone());
            let scope = Scope {
                self_ty: Some(Ty::new(path.clone())),
                ..Scope::module(id)
            };
            for function in &item.functions {
                self.add(&path, Some(&path), function, &scope, node.test);
            }
        }
        for item in &node.sketch.impls {
            let mut scope = Scope {
                generics: item.generics.iter().collect(),
                ..Scope::module(id)
            };
            let mut ty = self.ty(&scope, &item.ty);
            if !ty.is_known()
                && let Some(name) = written_name(&item.ty)
            {
                // A macro makes the type.
                ty = Ty::new(format!("{}::{name}", node.path));
            }
            let implements = item
                .implements
                .as_ref()
                .and_then(|path| self.path(&scope, path));
            // `impl<T: Read> Ext for T`: found by the trait alone.
            let home = if ty.is_known() {
                ty.pointee().path.clone()
            } else {
                implements.clone().unwrap_or_default()
            };
            if let Some(implemented) = &implements {
                let traits = self.traits.entry(home.clone()).or_default();
                traits.push(implemented.clone());
            }
            scope.self_ty = Some(ty);
            for function in &item.functions {
                self.add(&home, implements.as_deref(), function, &scope, node.test);
            }
            for constant in &item.constants {
                self.add_constant(&home, &scope, constant, node.test);
            }
        }
    }

    fn add(
        &mut self,
        home: &str,
        implements: Option<&str>,
        function: &'a FunctionSketch,
        scope: &Scope<'a>,
        test: bool,
    ) {
        let path = format!("{home}::{}", function.name);
        let mut scope = scope.clone();
        scope.generics.extend(&function.generics);
        let signature = self.signature(&scope, function);
        // Two of one name: under different `cfg`s, or of different traits. The first is as good.
        self.signatures.entry(path.clone()).or_insert(signature);
        let test = test || function.attributes.test;
        if let Some(block) = &function.body {
            self.add_inner(&path, block, &scope, test);
            self.functions.push(Declaration {
                path,
                implements: implements
                    .map(|implemented| format!("{implemented}::{}", function.name)),
                code: Code::Function(function),
                scope,
                test,
            });
        }
    }

    /// The functions in the blocks of a function's body, one block within the other.
    fn add_inner(&mut self, path: &str, block: &'a Block, scope: &Scope<'a>, test: bool) {
        let mut scope = scope.clone();
        scope.imports.extend(&block.uses);
        for function in &block.functions {
            self.add(path, None, function, &scope, test);
        }
        for statement in &block.statements {
            if let StatementKind::Expr(expr, _) = &statement.kind
                && let Kind::Block(inner) | Kind::Async(inner) = &expr.kind
            {
                self.add_inner(path, inner, &scope, test);
            }
        }
    }

    fn signature(&self, scope: &Scope<'a>, function: &FunctionSketch) -> Signature {
        Signature {
            is_async: function.is_async,
            receiver: function.receiver.as_ref().map(|receiver| receiver.by),
            output: self.ty(scope, &function.output),
        }
    }

    /// What a path means, its generic arguments left out.
    pub fn path(&self, scope: &Scope<'_>, path: &PathSketch) -> Option<String> {
        let names: Vec<&str> = path.names().collect();
        match (names.split_first(), &scope.self_ty) {
            (Some((&"Self", rest)), Some(ty)) => {
                let mut whole = ty.pointee().path.clone();
                for name in rest {
                    whole.push_str("::");
                    whole.push_str(name);
                }
                Some(whole)
            }
            _ => self.names.resolve(scope.module, &scope.imports, &names),
        }
    }

    /// What the path of a callee means: through aliases of types, parameters' bounds and traits.
    pub fn callee(&self, scope: &Scope<'_>, path: &PathSketch) -> Option<String> {
        let last = path.last();
        if let Some(on) = &path.on {
            let ty = self.ty(scope, on);
            if let Some((path, _)) = self.method(ty.pointee(), last) {
                return Some(path);
            }
        }
        let mut names = path.names();
        let first = names.next()?;
        if path.segments.len() == 2
            && let Some(generic) = scope.generics.iter().rev().find(|it| it.name == first)
        {
            let bound = self.bound(scope, &generic.bounds, &[], DEPTH);
            return bound.is_known().then(|| format!("{}::{last}", bound.path));
        }
        let meant = self.path(scope, path)?;
        if self.signatures.contains_key(&meant) {
            return Some(meant);
        }
        let Some((of, _)) = meant.rsplit_once("::") else {
            return Some(meant);
        };
        if let Some((module, alias)) = self.aliases.get(of) {
            let ty = self.ty(&Scope::module(*module), &alias.ty);
            return Some(format!("{}::{last}", ty.path));
        }
        let inherited = self.method(&Ty::new(of), last);
        Some(inherited.map_or(meant, |(path, _)| path))
    }

    /// The function that a method of this name on `ty` is, with its path.
    pub fn method(&self, ty: &Ty, name: &str) -> Option<(String, &Signature)> {
        let direct = format!("{}::{name}", ty.path);
        if let Some(signature) = self.signatures.get(&direct) {
            return Some((direct, signature));
        }
        let traits = self.traits.get(&ty.path)?.iter();
        traits
            .map(|implemented| format!("{implemented}::{name}"))
            .find_map(|path| Some((path.clone(), self.signatures.get(&path)?)))
    }

    /// The type of a field, looked for behind pointers.
    pub fn field(&self, ty: &Ty, name: &str) -> Ty {
        let ty = ty.pointee();
        if ty.path == "()" {
            let index: Option<usize> = name.parse().ok();
            return index
                .and_then(|index| ty.args.get(index))
                .cloned()
                .unwrap_or_default();
        }
        let def = self.types.get(&ty.path);
        def.and_then(|def| def.fields.get(name))
            .cloned()
            .unwrap_or_default()
    }

    /// Whether a trait of the workspace has this path.
    pub fn is_trait(&self, path: &str) -> bool {
        self.own_traits.contains(path)
    }

    pub fn names(&self) -> &'a Names<'a> {
        self.names
    }
}

impl Scope<'_> {
    pub fn module(module: ModuleId) -> Self {
        Self {
            module,
            generics: Vec::new(),
            self_ty: None,
            imports: Vec::new(),
        }
    }
}

/// The one name that a type is, where it is no parameter.
fn written_name(ty: &TypeSketch) -> Option<&str> {
    match ty {
        TypeSketch::Path(path) => path.single().filter(|name| name.len() > 1),
        _ => None,
    }
}

/// Whether a constant's value may hold code worth a look.
fn may_call(value: &Expr) -> bool {
    !matches!(
        value.kind,
        Kind::Int(_)
            | Kind::Text(_)
            | Kind::Literal
            | Kind::Path(_)
            | Kind::Operands(_)
            | Kind::Array(_)
    )
}
