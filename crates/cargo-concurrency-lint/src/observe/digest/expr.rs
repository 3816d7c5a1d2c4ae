//! Expressions: each gives a value, and leaves its calls, awaits and mentions behind.

use super::Digest;
use crate::facts::{Await, AwaitId, Body, BodyKind, By, Origin, Span, TouchKind, Ty, Use, Value};
use crate::observe::sketch::expr::{Closure, Expr, Extent, Kind};
use crate::observe::sketch::{PathSketch, TypeSketch};

impl<'w> Digest<'w> {
    pub(super) fn expr(&mut self, expr: &'w Expr) -> Value {
        let span = self.span(expr.extent);
        let mut value = self.kind(&expr.kind, span);
        // What is looked through keeps its own place, but that of the whole is what a reader sees.
        if !matches!(value.origin, Origin::Local(_)) {
            value.span = span;
        }
        value
    }

    fn kind(&mut self, kind: &'w Kind, span: Span) -> Value {
        match kind {
            Kind::Path(path) => self.path(path, span),
            Kind::Int(number) => self.value(span, Ty::unknown(), Origin::Int(*number)),
            Kind::Text(text) => {
                let ty = Ty::new("str").by(By::Ref);
                self.value(span, ty, Origin::Text(text.clone()))
            }
            Kind::Literal | Kind::Continue => {
                self.exits += usize::from(matches!(kind, Kind::Continue));
                self.other(span)
            }
            Kind::Call(callee, args) => self.call(callee, args, span),
            Kind::Method(method) => self.method(method, span),
            Kind::Macro(call) => self.macro_call(call, span),
            Kind::Await(base, word) => self.awaited(base, *word, span),
            Kind::Try(inner) => self.tried_expr(inner),
            Kind::Async(block) => {
                let id = self.new_body(Body {
                    kind: BodyKind::AsyncBlock,
                    is_async: true,
                    span,
                    ..Body::default()
                });
                self.in_body(id, &[], |this| this.block(block));
                let output = self.function[id].output.clone();
                let ty = Ty::new("std::future::Future").with([output]);
                self.value(span, ty, Origin::Body(id))
            }
            Kind::Closure(closure) => self.closure(closure, span),
            Kind::Ref(mutable, inner) => self.reference(*mutable, inner),
            Kind::Field(base, name) => {
                let of = self.expr(base);
                let ty = self.field_ty(&of.ty, name);
                self.value(span, ty, Origin::Field(Box::new(of), name.clone()))
            }
            Kind::Cast(inner, ty) => self.cast(inner, ty),
            Kind::Deref(inner) => {
                let inner = self.expr(inner);
                let ty = self.deref_ty(&inner.ty);
                // What a variable points to is a part of it, as a field is.
                let origin = match inner.origin {
                    Origin::Local(_) => Origin::Field(Box::new(inner), "*".to_owned()),
                    origin => origin,
                };
                self.value(span, ty, origin)
            }
            other => self.compound(other, span),
        }
    }

    /// What is put together of parts, and what steers.
    fn compound(&mut self, kind: &'w Kind, span: Span) -> Value {
        match kind {
            Kind::Range(from, to, inclusive) => {
                let mut part = |part: &'w Option<Box<Expr>>| {
                    part.as_ref().map(|part| Box::new(self.expr(part)))
                };
                let origin = Origin::Range {
                    from: part(from),
                    to: part(to),
                    inclusive: *inclusive,
                };
                self.value(span, Ty::new("std::ops::Range"), origin)
            }
            Kind::Tuple(parts) => {
                let parts = self.moved_all(parts);
                let ty = Ty::new("()").with(parts.iter().map(|part| part.ty.clone()));
                self.value(span, ty, Origin::Tuple(parts))
            }
            Kind::Array(parts) => {
                let parts = self.moved_all(parts);
                let item = parts.first().map(|part| part.ty.clone());
                self.value(span, Ty::new("[;]").with(item), Origin::Array(parts))
            }
            Kind::Repeat(of, count) => {
                let of = self.expr(of);
                let count = Box::new(self.expr(count));
                self.value(span, Ty::new("[;]").with([of.ty]), Origin::Repeat(count))
            }
            Kind::Struct(path, fields, rest) => {
                for (_, field) in fields {
                    let value = self.expr(field);
                    self.touched(&value, TouchKind::Moved);
                }
                if let Some(rest) = rest {
                    self.expr(rest);
                }
                let ty = self.declared.path(&self.scope, path);
                let ty = ty.map_or_else(Ty::unknown, |path| self.struct_ty(path));
                self.value(span, ty, Origin::Other)
            }
            Kind::Index(base, index) => {
                let base = self.expr(base);
                self.expr(index);
                let item = base.ty.pointee().args.first().cloned();
                self.value(span, item.unwrap_or_default(), Origin::Other)
            }
            Kind::Assign(left, right, with_operator) => {
                self.assign(left, right, *with_operator);
                self.value(span, Ty::new("()"), Origin::Other)
            }
            Kind::Operands(parts) => {
                for part in parts {
                    self.expr(part);
                }
                self.other(span)
            }
            other => self.control(other, span),
        }
    }

    pub(super) fn value(&self, span: Span, ty: Ty, origin: Origin) -> Value {
        Value {
            span,
            by: By::Value,
            ty,
            origin,
        }
    }

    pub(super) fn other(&self, span: Span) -> Value {
        self.value(span, Ty::unknown(), Origin::Other)
    }

    fn moved_all(&mut self, parts: &'w [Expr]) -> Vec<Value> {
        let mut values = Vec::with_capacity(parts.len());
        for part in parts {
            let value = self.expr(part);
            self.touched(&value, TouchKind::Moved);
            values.push(value);
        }
        values
    }

    /// A variable, a constant, a function, a unit struct.
    fn path(&mut self, path: &'w PathSketch, span: Span) -> Value {
        if let Some(id) = path.single().and_then(|name| self.variable(name)) {
            self.mention(id, span);
            let ty = self.function[id].ty.clone();
            return self.value(span, ty, Origin::Local(id));
        }
        let Some(meant) = self.callee_path(path) else {
            return self.other(span);
        };
        let (ty, number) = match self.constant(&meant) {
            Some(constant) => (constant.ty.clone(), constant.value),
            None if self.signature(&meant).is_some() => (Ty::new("fn"), None),
            None if self.declared.types.contains_key(&meant) => (Ty::new(meant.clone()), None),
            None => (Ty::unknown(), None),
        };
        self.value(span, ty, Origin::Item(meant, number))
    }

    fn awaited(&mut self, base: &'w Expr, word: Extent, span: Span) -> Value {
        let value = self.expr(base);
        let word = self.span(word);
        let id = self.suspend(value, word, span);
        let output = self.function[id].output.clone();
        self.value(span, output, Origin::Await(id))
    }

    /// An await of `value`.
    pub(super) fn suspend(&mut self, value: Value, dot: Span, span: Span) -> AwaitId {
        let id = AwaitId::at(self.function.awaits.len());
        self.goes(&value, Use::Awaited(id));
        self.touched(&value, TouchKind::Moved);
        if let Some(call) = value.call() {
            self.surely_async(call);
        }
        let output = self.awaited_ty(&value);
        self.function.awaits.push(Await {
            body: self.body,
            within: self.within,
            block: self.block,
            span,
            dot,
            value,
            output,
            ..Await::default()
        });
        self.held_across(id);
        id
    }

    fn tried_expr(&mut self, inner: &'w Expr) -> Value {
        let value = self.expr(inner);
        self.tried(&value);
        self.function.bodies[self.body.index()].tries = true;
        let ty = value.ty.success().unwrap_or(&value.ty).clone();
        Value { ty, ..value }
    }

    fn reference(&mut self, mutable: bool, inner: &'w Expr) -> Value {
        let inner = self.expr(inner);
        let by = if mutable { By::RefMut } else { By::Ref };
        if mutable {
            self.touched(&inner, TouchKind::Changed);
        }
        let ty = inner.ty.clone().by(by);
        Value { ty, by, ..inner }
    }

    fn cast(&mut self, inner: &'w Expr, ty: &TypeSketch) -> Value {
        let inner = self.expr(inner);
        let ty = self.ty(ty);
        Value { ty, ..inner }
    }

    fn closure(&mut self, closure: &'w Closure, span: Span) -> Value {
        let id = self.new_body(Body {
            kind: BodyKind::Closure,
            is_async: closure.is_async,
            span,
            ..Body::default()
        });
        self.in_body(id, &closure.params, |this| this.expr(&closure.body));
        let output = self.function[id].output.clone();
        self.value(span, Ty::new("fn").with([output]), Origin::Body(id))
    }

    fn assign(&mut self, left: &'w Expr, right: &'w Expr, with_operator: bool) {
        let value = self.expr(right);
        self.touched(&value, TouchKind::Moved);
        if matches!(&left.kind, Kind::Path(path) if path.single() == Some("_")) {
            self.goes(&value, Use::Discarded);
            return;
        }
        let target = self.expr(left);
        let whole = matches!(target.origin, Origin::Local(_)) && !with_operator;
        let kind = if whole {
            TouchKind::Set
        } else {
            TouchKind::Changed
        };
        self.touched(&target, kind);
        if let (Origin::Local(id), true) = (&target.origin, whole) {
            let local = &mut self.function.locals[id.index()];
            if !local.ty.is_known() {
                local.ty = value.ty.clone();
            }
            self.goes(&value, Use::Bound(*id));
            // The old value's guard ends here, and the new one's life begins.
            let (id, ty) = (*id, value.ty.clone());
            self.moved(id, target.span);
            self.own_guard(id, &ty, crate::facts::LocalKind::Let, Some(&value));
        }
    }
}
