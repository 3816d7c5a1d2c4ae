//! What a library declares, as far as a benchmark can call it: functions and methods, what is public,
//! what is exported again, and how values of its types are made.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::rc::Rc;

use anyhow::{Context, Result};
use camino::Utf8Path;
use pitcrew_core::source::modules::{ModulePlace, SourceFile};
use quote::ToTokens as _;
use syn::{Attribute, ImplItem, Item, Signature, UseTree, Visibility};

/// A path within the crate, without the crate's name.
pub type Path = Vec<String>;

/// All of one library.
#[derive(Default)]
pub struct Library {
    /// As Rust code names it.
    pub name: String,
    pub functions: Vec<Function>,
    /// Items and modules that are `pub` where they stand.
    pub public: BTreeSet<Path>,
    pub exports: Vec<Export>,
    /// How values of types come about, by the type's path.
    pub types: BTreeMap<Path, Made>,
}

#[derive(Clone)]
pub struct Function {
    /// `frame::Frame::parse`
    pub path: String,
    /// Of a method, the path of its type; else of the module.
    pub within: Path,
    pub method: bool,
    pub public: bool,
    pub signature: Rc<Signature>,
    /// Of a method of a generic or of a trait's implementation, why it cannot be called by its path.
    pub obstacle: Option<String>,
}

/// `pub use`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    pub module: Path,
    pub target: Path,
    /// None for `*`.
    pub name: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub struct Made {
    pub default: bool,
    /// Whose value is `Self`, without an argument.
    pub new: bool,
}

/// Reads the library whose root is at `root`.
pub fn read(root: &Utf8Path, name: &str) -> Result<Library> {
    let mut library = Library {
        name: name.to_owned(),
        ..Library::default()
    };
    let mut open = vec![(SourceFile::root(root), Path::new())];
    let mut seen = BTreeSet::new();
    while let Some((file, module)) = open.pop() {
        if !seen.insert(file.path.clone()) {
            continue;
        }
        let text =
            fs::read_to_string(&file.path).with_context(|| format!("cannot read {}", file.path))?;
        let Ok(parsed) = syn::parse_file(&text) else {
            // rustc tells better what is wrong there; the rest may hold the function.
            continue;
        };
        let mut children = Vec::new();
        library.items(parsed.items, &module, &Path::new(), &mut children);
        for (place, path) in children {
            let files = file.modules(&place).into_iter();
            open.extend(files.map(|file| (file, path.clone())));
        }
    }
    Ok(library)
}

impl Library {
    /// The functions that the user may mean: by their path, or by its end.
    pub fn matching(&self, name: &str) -> Vec<Callable> {
        let name = name.trim_end_matches("()");
        let own = format!("{}::", self.name);
        let name = name.strip_prefix(&own).unwrap_or(name);
        let end = format!("::{name}");
        let functions = self.functions.iter();
        let matching = functions.filter(|f| f.path == name || f.path.ends_with(&end));
        let matching: Vec<&Function> = matching.collect();
        // The whole path means this one and not one that ends so.
        let exact: Vec<&Function> = matching
            .iter()
            .copied()
            .filter(|f| f.path == name)
            .collect();
        let chosen = if exact.is_empty() { matching } else { exact };
        let callable = |function: &Function| Callable::of(self, function);
        chosen.into_iter().map(callable).collect()
    }

    fn items(
        &mut self,
        items: Vec<Item>,
        module: &Path,
        inline: &Path,
        children: &mut Vec<(ModulePlace, Path)>,
    ) {
        for item in items {
            match item {
                Item::Fn(function) if !is_test(&function.attrs) => {
                    let path = joined(module, &function.sig.ident.to_string());
                    self.note(&path, &function.vis);
                    self.functions.push(Function {
                        path: path.join("::"),
                        within: module.clone(),
                        method: false,
                        public: is_public(&function.vis),
                        signature: Rc::new(function.sig),
                        obstacle: None,
                    });
                }
                Item::Mod(child) if !is_test(&child.attrs) => {
                    let name = child.ident.to_string();
                    let path = joined(module, &name);
                    self.note(&path, &child.vis);
                    match child.content {
                        Some((_, items)) => {
                            self.items(items, &path, &joined(inline, &name), children);
                        }
                        None => {
                            let place = ModulePlace {
                                name,
                                paths: paths(&child.attrs),
                                inside: inline.clone(),
                            };
                            children.push((place, path));
                        }
                    }
                }
                Item::Struct(item) => self.data(module, &item.ident, &item.vis, &item.attrs),
                Item::Enum(item) => self.data(module, &item.ident, &item.vis, &item.attrs),
                Item::Impl(block) if !is_test(&block.attrs) => self.block(block, module),
                Item::Use(used) if is_public(&used.vis) => {
                    let leading = used.leading_colon.is_some();
                    if !leading {
                        self.export(&used.tree, module, Path::new());
                    }
                }
                _ => {}
            }
        }
    }

    fn note(&mut self, path: &Path, visibility: &Visibility) {
        if is_public(visibility) {
            self.public.insert(path.clone());
        }
    }

    fn data(
        &mut self,
        module: &Path,
        ident: &syn::Ident,
        visibility: &Visibility,
        attributes: &[Attribute],
    ) {
        let path = joined(module, &ident.to_string());
        self.note(&path, visibility);
        let derives = attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("derive"));
        let default = derives.into_iter().any(|derive| {
            let tokens = derive.meta.to_token_stream().to_string();
            tokens
                .split(|c: char| !c.is_alphanumeric())
                .any(|word| word == "Default")
        });
        self.types.entry(path).or_default().default |= default;
    }

    fn block(&mut self, block: syn::ItemImpl, module: &Path) {
        let syn::Type::Path(named) = &*block.self_ty else {
            return;
        };
        let Some(last) = named.path.segments.last() else {
            return;
        };
        // The type is looked for where the block stands; one of another module is rare, and not found.
        let owner = joined(module, &last.ident.to_string());
        let of_trait = block
            .trait_
            .as_ref()
            .and_then(|(path, _)| path.segments.last());
        if of_trait.is_some_and(|segment| segment.ident == "Default") {
            self.types.entry(owner.clone()).or_default().default = true;
        }
        let obstacle = match of_trait {
            Some(name) => Some(format!("it belongs to the trait `{}`", name.ident)),
            None if !block.generics.params.is_empty() => {
                Some(format!("its type `{}` is generic", last.ident))
            }
            None => None,
        };
        for item in block.items {
            let ImplItem::Fn(method) = item else { continue };
            if is_test(&method.attrs) {
                continue;
            }
            let name = method.sig.ident.to_string();
            if name == "new"
                && method.sig.inputs.is_empty()
                && is_public(&method.vis)
                && returns_self(&method.sig)
            {
                self.types.entry(owner.clone()).or_default().new = true;
            }
            self.functions.push(Function {
                path: joined(&owner, &name).join("::"),
                within: owner.clone(),
                method: true,
                public: is_public(&method.vis),
                signature: Rc::new(method.sig),
                obstacle: obstacle.clone(),
            });
        }
    }

    fn export(&mut self, tree: &UseTree, module: &Path, mut before: Path) {
        let name = match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                return self.export(&path.tree, module, before);
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.export(tree, module, before.clone());
                }
                return;
            }
            UseTree::Name(name) => {
                before.push(name.ident.to_string());
                Some(name.ident.to_string())
            }
            UseTree::Rename(rename) => {
                before.push(rename.ident.to_string());
                Some(rename.rename.to_string())
            }
            UseTree::Glob(_) => None,
        };
        self.exports.push(Export {
            module: module.clone(),
            target: absolute(&before, module),
            name,
        });
    }
}

/// A function with all that is needed to call it from another crate.
#[derive(Clone)]
pub struct Callable {
    pub function: Function,
    /// As Rust code of another crate writes it; none where nothing exports it.
    pub called: Option<String>,
    /// Types of the library that a value can be made of, by name: the expression.
    pub values: BTreeMap<String, String>,
}

impl Callable {
    fn of(library: &Library, function: &Function) -> Self {
        let within = |path: Path| {
            let words = std::iter::once(library.name.clone()).chain(path);
            words.collect::<Vec<_>>().join("::")
        };
        let name = function.signature.ident.to_string();
        let called = if function.method {
            let owner = library.reach(&function.within).filter(|_| function.public);
            owner.map(|owner| format!("{}::{name}", within(owner)))
        } else {
            library.reach(&joined(&function.within, &name)).map(within)
        };
        let mut values = BTreeMap::new();
        for (path, made) in &library.types {
            let how = match made {
                Made { default: true, .. } => "default",
                Made { new: true, .. } => "new",
                Made { .. } => continue,
            };
            if let (Some(name), Some(path)) = (path.last(), library.reach(path)) {
                values.insert(name.clone(), format!("{}::{how}()", within(path)));
            }
        }
        Self {
            function: function.clone(),
            called,
            values,
        }
    }
}

pub fn joined(path: &Path, name: &str) -> Path {
    path.iter().cloned().chain([name.to_owned()]).collect()
}

/// `crate::`, `self::` and `super::` resolved; what starts otherwise is looked for where it stands.
fn absolute(path: &Path, module: &Path) -> Path {
    let mut base = module.clone();
    let mut rest = path.as_slice();
    while let Some((first, after)) = rest.split_first() {
        match first.as_str() {
            "crate" => base.clear(),
            "self" => {}
            "super" => {
                base.pop();
            }
            _ => break,
        }
        rest = after;
    }
    base.extend(rest.iter().cloned());
    base
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let tokens = attribute.meta.to_token_stream().to_string();
        tokens == "test" || tokens.replace(' ', "") == "cfg(test)"
    })
}

fn paths(attributes: &[Attribute]) -> Vec<String> {
    let values = attributes.iter().filter_map(|attribute| {
        let syn::Meta::NameValue(pair) = &attribute.meta else {
            return None;
        };
        let syn::Expr::Lit(literal) = &pair.value else {
            return None;
        };
        match &literal.lit {
            syn::Lit::Str(text) if pair.path.is_ident("path") => Some(text.value()),
            _ => None,
        }
    });
    values.collect()
}

fn returns_self(signature: &Signature) -> bool {
    matches!(&signature.output, syn::ReturnType::Type(_, kind) if kind.to_token_stream().to_string() == "Self")
}
