//! Items: functions, types, imports, modules.

use syn::{Attribute, Fields, FnArg, ImplItem, Item, ReceiverKind, Signature, TraitItem, UseTree};

use super::super::sketch::expr::Extent;
use super::super::sketch::{
    AliasItem, ConstItem, FunctionSketch, ImplItem as Impl, Import, Module, ModuleItem, SelfParam,
    TraitItem as Trait, TypeItem, TypeSketch,
};
use super::{attributes, expr, extent, pattern, types};
use crate::facts::By;

pub fn module(items: &[Item]) -> Module {
    let mut module = Module::default();
    for item in items {
        add(&mut module, item);
    }
    module
}

fn add(module: &mut Module, item: &Item) {
    match item {
        Item::Fn(it) => {
            let block = Some(expr::block(&it.block));
            let found = function(&it.attrs, &it.sig, block);
            module.functions.push(found);
        }
        Item::Use(it) => imports(&it.tree, &mut module.uses),
        Item::ExternCrate(it) => {
            let name = it.rename.as_ref().map_or(&it.ident, |(_, name)| name);
            module.uses.push(Import {
                name: name.to_string(),
                path: vec![it.ident.to_string()],
            });
        }
        Item::Mod(it) => module.modules.push(ModuleItem {
            name: it.ident.to_string(),
            path: attributes::path_of(&it.attrs),
            inline: it.content.as_ref().map(|(_, items)| self::module(items)),
            test: attributes::is_test_only(&it.attrs),
        }),
        Item::Struct(it) => module.types.push(TypeItem {
            name: it.ident.to_string(),
            generics: types::generics(&it.generics),
            fields: fields(&it.fields),
        }),
        Item::Enum(it) => module.types.push(TypeItem {
            name: it.ident.to_string(),
            generics: types::generics(&it.generics),
            fields: it.variants.iter().flat_map(variant_fields).collect(),
        }),
        Item::Type(it) => module.aliases.push(AliasItem {
            name: it.ident.to_string(),
            generics: types::generics(&it.generics),
            ty: types::ty(&it.ty),
        }),
        Item::Const(it) => {
            let extent = whole(&it.const_token.span, &it.semi_token.spans[0]);
            let value = Some(expr::expr(&it.expr));
            let found = constant(&it.attrs, &it.ident, &it.ty, value, extent);
            module.constants.push(found);
        }
        Item::Static(it) => {
            let extent = whole(&it.static_token.span, &it.semi_token.spans[0]);
            let value = Some(expr::expr(&it.expr));
            let found = constant(&it.attrs, &it.ident, &it.ty, value, extent);
            module.constants.push(found);
        }
        Item::Trait(it) => module.traits.push(Trait {
            name: it.ident.to_string(),
            functions: trait_functions(&it.items),
        }),
        Item::Impl(it) => module.impls.push(implementation(it)),
        _ => {}
    }
}

/// An item in a function's body: its functions and imports are the block's.
pub fn add_local(item: &Item, block: &mut super::super::sketch::expr::Block) {
    let mut module = Module::default();
    add(&mut module, item);
    block.uses.append(&mut module.uses);
    block.functions.append(&mut module.functions);
    for mut it in module.impls {
        block.functions.append(&mut it.functions);
    }
}

fn whole(first: &proc_macro2::Span, last: &proc_macro2::Span) -> Extent {
    extent(*first).to(extent(*last))
}

fn constant(
    attributes: &[Attribute],
    name: &proc_macro2::Ident,
    ty: &syn::Type,
    value: Option<super::super::sketch::expr::Expr>,
    extent: Extent,
) -> ConstItem {
    ConstItem {
        name: name.to_string(),
        ty: types::ty(ty),
        value,
        extent,
        test: attributes::is_test_only(attributes),
    }
}

fn fields(fields: &Fields) -> Vec<(String, TypeSketch)> {
    let named = fields.iter().enumerate().map(|(index, field)| {
        let name = field
            .ident
            .as_ref()
            .map_or(index.to_string(), ToString::to_string);
        (name, types::ty(&field.ty))
    });
    named.collect()
}

/// Behind the variant's name: two variants may call theirs alike.
fn variant_fields(variant: &syn::Variant) -> Vec<(String, TypeSketch)> {
    let fields = fields(&variant.fields).into_iter();
    fields
        .map(|(name, ty)| (format!("{}::{name}", variant.ident), ty))
        .collect()
}

fn trait_functions(items: &[TraitItem]) -> Vec<FunctionSketch> {
    let functions = items.iter().filter_map(|item| match item {
        TraitItem::Fn(it) => {
            let block = it.default.as_ref().map(expr::block);
            Some(function(&it.attrs, &it.sig, block))
        }
        _ => None,
    });
    functions.collect()
}

fn implementation(it: &syn::ItemImpl) -> Impl {
    let test = attributes::is_test_only(&it.attrs);
    let mut functions = Vec::new();
    let mut constants = Vec::new();
    for item in &it.items {
        match item {
            ImplItem::Fn(it) => {
                let block = Some(expr::block(&it.block));
                let mut found = function(&it.attrs, &it.sig, block);
                found.attributes.test |= test;
                functions.push(found);
            }
            ImplItem::Const(it) => {
                let extent = whole(&it.const_token.span, &it.semi_token.spans[0]);
                let value = Some(expr::expr(&it.expr));
                let found = constant(&it.attrs, &it.ident, &it.ty, value, extent);
                constants.push(found);
            }
            _ => {}
        }
    }
    Impl {
        ty: types::ty(&it.self_ty),
        implements: it.trait_.as_ref().map(|(path, _)| types::path(path)),
        generics: types::generics(&it.generics),
        functions,
        constants,
    }
}

fn function(
    attributes: &[Attribute],
    signature: &Signature,
    body: Option<super::super::sketch::expr::Block>,
) -> FunctionSketch {
    let name_extent = extent(signature.ident.span());
    let start = match (&signature.asyncness, &signature.constness) {
        (_, Some(token)) => extent(token.span),
        (Some(token), None) => extent(token.span),
        (None, None) => extent(signature.fn_token.span),
    };
    let end = match &body {
        Some(block) => block.extent,
        None => extent(signature.paren_token.span.close()),
    };
    let params = signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some((pattern::pattern(&typed.pat), types::ty(&typed.ty))),
        FnArg::Receiver(_) => None,
    });
    FunctionSketch {
        name: signature.ident.to_string(),
        name_extent,
        extent: start.to(end),
        is_async: signature.asyncness.is_some(),
        attributes: attributes::of_function(attributes),
        generics: types::generics(&signature.generics),
        receiver: signature.receiver().map(self_param),
        params: params.collect(),
        output: types::output(&signature.output),
        body,
    }
}

fn self_param(receiver: &syn::Receiver) -> SelfParam {
    let (by, ty) = match &receiver.kind {
        ReceiverKind::Reference(_, _, mutable) => (types::by(mutable.is_some()), None),
        ReceiverKind::Typed(_, ty) => {
            let ty = types::ty(ty);
            let by = match &ty {
                TypeSketch::Ref(by, _) => *by,
                _ => By::Value,
            };
            (by, Some(ty))
        }
        _ => (By::Value, None),
    };
    SelfParam {
        by,
        mutable: receiver.mutability.is_some(),
        extent: extent(receiver.self_token.span),
        ty,
    }
}

/// The names of a `use`, one by one.
fn imports(tree: &UseTree, out: &mut Vec<Import>) {
    let mut path = Vec::new();
    walk(tree, &mut path, &mut |name, path| {
        out.push(Import { name, path });
    });
}

fn walk(tree: &UseTree, path: &mut Vec<String>, found: &mut dyn FnMut(String, Vec<String>)) {
    match tree {
        UseTree::Path(it) => {
            path.push(it.ident.to_string());
            walk(&it.tree, path, found);
            path.pop();
        }
        UseTree::Name(it) => {
            let name = it.ident.to_string();
            if name == "self" {
                let last = path.last().cloned().unwrap_or_default();
                found(last, path.clone());
            } else {
                let mut whole = path.clone();
                whole.push(name.clone());
                found(name, whole);
            }
        }
        UseTree::Rename(it) => {
            let mut whole = path.clone();
            if it.ident != "self" {
                whole.push(it.ident.to_string());
            }
            found(it.rename.to_string(), whole);
        }
        UseTree::Glob(_) => found(String::new(), path.clone()),
        UseTree::Group(it) => it.items.iter().for_each(|tree| walk(tree, path, found)),
    }
}
