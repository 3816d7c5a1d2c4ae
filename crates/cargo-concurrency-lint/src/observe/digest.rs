//! From the sketch of one function to its facts: walks the code in the order in which it runs, knows
//! which variable a name means, tells types as far as hints go, and follows guards to their end.

use std::collections::HashMap;

use super::declared::{Code, Constant, Declaration, Declared, Scope, Signature};
use super::sketch::expr::{Extent, Pattern};
use super::sketch::{FunctionSketch, TypeSketch};
use super::tree::{Node, Tree};
use crate::ecosystem::Ecosystem;
use crate::facts::{
    BlockId, Body, BodyId, BodyKind, CallId, CrateKind, Entry, FileId, Function, Local, LocalId,
    LocalKind, LoopId, Origin, Receiver, Span, Touch, TouchKind, Ty, Use, Value,
};

mod bind;
mod calls;
mod control;
mod expr;
mod guards;
mod infer;
mod macros;
mod methods;

use guards::Live;

/// What every function's digestion may look at.
pub struct World<'a> {
    pub tree: &'a Tree,
    pub declared: &'a Declared<'a>,
    pub ecosystem: &'a Ecosystem,
    /// The extension traits that each module imports.
    pub traits: Vec<Vec<String>>,
    pub kinds: Vec<CrateKind>,
}

/// The facts of one function.
pub fn digest(world: &World<'_>, declaration: &Declaration<'_>) -> Function {
    let node = &world.tree.modules[declaration.scope.module.0];
    let mut digest = Digest::new(world, declaration, node);
    match declaration.code {
        Code::Function(sketch) => digest.function_body(sketch),
        Code::Constant(item) => {
            digest.function.span = digest.span(item.extent);
            digest.function.name = digest.function.span;
            digest.function.bodies[0].span = digest.function.span;
            if let Some(value) = &item.value {
                let value = digest.expr(value);
                digest.returned(value);
            }
        }
    }
    digest.function
}

struct Digest<'w> {
    world: &'w World<'w>,
    declared: &'w Declared<'w>,
    scope: Scope<'w>,
    /// Extension traits in scope.
    traits: Vec<String>,
    file: FileId,
    function: Function,
    body: BodyId,
    within: Option<LoopId>,
    block: Option<BlockId>,
    /// Variables by name, the innermost last.
    variables: Vec<(String, LocalId)>,
    /// Functions of the blocks around, by name, with their paths.
    inner: HashMap<String, String>,
    live: Vec<Live>,
    /// How many `return`, `break` and `continue` were met.
    exits: usize,
}

impl<'w> Digest<'w> {
    fn new(world: &'w World<'w>, declaration: &Declaration<'w>, node: &Node) -> Self {
        let mut traits = world.traits[declaration.scope.module.0].clone();
        let names = world.declared.names();
        let imports = &declaration.scope.imports;
        if !imports.is_empty() {
            traits.extend(names.imported_traits(declaration.scope.module, imports));
        }
        let is_async = matches!(declaration.code, Code::Function(sketch) if sketch.is_async);
        Self {
            world,
            declared: world.declared,
            scope: declaration.scope.clone(),
            traits,
            file: node.file,
            function: Function {
                path: declaration.path.clone(),
                implements: declaration.implements.clone(),
                krate: node.krate,
                test: declaration.test,
                bodies: vec![Body {
                    kind: BodyKind::Function,
                    is_async,
                    ..Body::default()
                }],
                ..Function::default()
            },
            body: BodyId(0),
            within: None,
            block: None,
            variables: Vec::new(),
            inner: HashMap::new(),
            live: Vec::new(),
            exits: 0,
        }
    }

    fn function_body(&mut self, sketch: &'w FunctionSketch) {
        self.function.span = self.span(sketch.extent);
        self.function.name = self.span(sketch.name_extent);
        self.function.entry = self.entry(sketch);
        let output = self.declared.ty(&self.scope, &sketch.output);
        self.function.output = output.clone();
        self.function.bodies[0].output = output;
        if let Some(receiver) = &sketch.receiver {
            self.function.receiver = Some(Receiver { by: receiver.by });
            let ty = match &receiver.ty {
                Some(ty) => self.declared.ty(&self.scope, ty),
                None => self
                    .scope
                    .self_ty
                    .clone()
                    .unwrap_or_default()
                    .by(receiver.by),
            };
            let local = Local {
                name: "self".to_owned(),
                kind: LocalKind::Receiver,
                span: self.span(receiver.extent),
                mutable: receiver.mutable || receiver.by == crate::facts::By::RefMut,
                ty,
                ..Local::default()
            };
            let id = self.add_local(local);
            self.function.bodies[0].params.push(id);
        }
        for (pattern, ty) in &sketch.params {
            let ty = self.declared.ty(&self.scope, ty);
            let ids = self.bind(pattern, &ty, LocalKind::Parameter, None);
            self.function.bodies[0].params.extend(ids);
        }
        if let Some(block) = &sketch.body {
            self.function.bodies[0].span = self.span(block.extent);
            let value = self.block(block);
            self.returned(value);
        }
    }

    fn entry(&self, sketch: &FunctionSketch) -> Option<Entry> {
        if sketch.attributes.is_test {
            return Some(Entry::Test);
        }
        let runtime = sketch.attributes.runtime;
        let kind = self.world.kinds.get(self.function.krate.index());
        let program = matches!(kind, Some(CrateKind::Bin | CrateKind::Example));
        let root = self.world.tree.modules[self.scope.module.0]
            .parent
            .is_none();
        let is_main = sketch.name == "main" && program && root;
        (is_main || runtime.is_some()).then_some(Entry::Main(runtime))
    }

    fn span(&self, extent: Extent) -> Span {
        Span {
            file: self.file,
            start: extent.start,
            end: extent.end,
        }
    }

    fn ty(&self, written: &TypeSketch) -> Ty {
        self.declared.ty(&self.scope, written)
    }

    /// The value that the body gives.
    fn returned(&mut self, value: Value) {
        self.goes(&value, Use::Returned);
        self.touched(&value, TouchKind::Moved);
        let body = &mut self.function.bodies[self.body.index()];
        if !body.output.is_known() {
            body.output = value.ty.clone();
        }
        body.tail = Some(value);
    }

    /// Notes where a value goes, with what it is the result of.
    fn goes(&mut self, value: &Value, to: Use) {
        match value.origin {
            Origin::Call(id) => self.function.calls[id.index()].goes = to,
            Origin::Await(id) => self.function.awaits[id.index()].goes = to,
            Origin::Body(id) => self.function.bodies[id.index()].goes = to,
            _ => {}
        }
    }

    /// Notes that `?` or `unwrap` follows.
    fn tried(&mut self, value: &Value) {
        match value.origin {
            Origin::Call(id) => self.function.calls[id.index()].tried = true,
            Origin::Await(id) => self.function.awaits[id.index()].tried = true,
            _ => {}
        }
    }

    fn add_local(&mut self, mut local: Local) -> LocalId {
        let id = LocalId::at(self.function.locals.len());
        local.body = self.body;
        self.variables.push((local.name.clone(), id));
        self.function.locals.push(local);
        id
    }

    fn variable(&self, name: &str) -> Option<LocalId> {
        let mut variables = self.variables.iter().rev();
        variables
            .find(|(known, _)| known == name)
            .map(|(_, id)| *id)
    }

    /// Notes a mention of a variable.
    fn mention(&mut self, id: LocalId, span: Span) {
        let touch = Touch {
            span,
            body: self.body,
            kind: TouchKind::Read,
        };
        self.function.locals[id.index()].touches.push(touch);
    }

    /// Tells more of the mention that `value` is, or that it is a field of.
    fn touched(&mut self, value: &Value, kind: TouchKind) {
        match &value.origin {
            Origin::Local(id) => {
                let span = value.span;
                let touches = &mut self.function.locals[id.index()].touches;
                let mut latest = touches.iter_mut().rev();
                if let Some(touch) = latest.find(|touch| span.contains(touch.span)) {
                    touch.kind = touch.kind.max(kind);
                }
                if kind == TouchKind::Moved && value.by == crate::facts::By::Value {
                    self.moved(*id, span);
                }
            }
            // Moving a field out leaves the rest.
            Origin::Field(of, _) if kind != TouchKind::Moved => {
                let kind = kind.min(TouchKind::Changed);
                self.touched(&of.clone(), kind);
            }
            _ => {}
        }
    }

    fn new_body(&mut self, body: Body) -> BodyId {
        let id = BodyId::at(self.function.bodies.len());
        self.function.bodies.push(Body {
            parent: Some(self.body),
            ..body
        });
        id
    }

    /// Walks what runs as a piece of its own.
    fn in_body(
        &mut self,
        id: BodyId,
        params: &'w [Pattern],
        walk: impl FnOnce(&mut Self) -> Value,
    ) {
        let around = (self.body, self.within.take(), self.block.take(), self.exits);
        // What is held outside is not held by whoever runs the inside.
        let live = std::mem::take(&mut self.live);
        let known = self.variables.len();
        self.body = id;
        for pattern in params {
            let ids = self.bind(pattern, &Ty::unknown(), LocalKind::Parameter, None);
            self.function.bodies[id.index()].params.extend(ids);
        }
        let value = walk(self);
        self.returned(value);
        self.variables.truncate(known);
        self.live = live;
        (self.body, self.within, self.block, self.exits) = around;
    }

    fn call_mut(&mut self, id: CallId) -> &mut crate::facts::Call {
        &mut self.function.calls[id.index()]
    }

    fn signature(&self, path: &str) -> Option<&'w Signature> {
        self.declared.signatures.get(path)
    }

    fn constant(&self, path: &str) -> Option<&'w Constant> {
        self.declared.constants.get(path)
    }
}
