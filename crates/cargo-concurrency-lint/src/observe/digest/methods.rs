//! Method calls: whose method it is, told by the receiver's type, else by the traits in scope.

use super::Digest;
use crate::ecosystem::Trait;
use crate::facts::{By, Call, CallId, Callee, Form, Origin, Span, TouchKind, Ty, Value};
use crate::observe::sketch::expr::Method;

/// Methods that only look through a `Result` or an `Option`.
const UNWRAPS: [&str; 4] = ["unwrap", "expect", "unwrap_unchecked", "expect_err"];

/// The same, with something else to give or to say where there is nothing.
const OUTCOMES: [&str; 12] = [
    "unwrap_or",
    "unwrap_or_else",
    "unwrap_or_default",
    "context",
    "with_context",
    "map_err",
    "wrap_err",
    "wrap_err_with",
    "ok",
    "ok_or",
    "ok_or_else",
    "inspect_err",
];

/// Methods of iterators that streams have too: without an await nobody knows whose it is.
const AMBIGUOUS: [&str; 22] = [
    "next",
    "map",
    "filter",
    "filter_map",
    "flat_map",
    "for_each",
    "fold",
    "take",
    "skip",
    "zip",
    "chain",
    "all",
    "any",
    "enumerate",
    "by_ref",
    "collect",
    "count",
    "peekable",
    "inspect",
    "then",
    "chunks",
    "concat",
];

/// Methods that give what they are called on, or a part that behaves alike.
const SAME: [&str; 12] = [
    "clone",
    "to_owned",
    "cloned",
    "copied",
    "by_ref",
    "as_ref",
    "as_mut",
    "borrow",
    "as_deref",
    "as_deref_mut",
    "into",
    "take",
];

/// Methods of std's collections that change them.
const CHANGES: [&str; 22] = [
    "push",
    "push_back",
    "push_front",
    "push_str",
    "insert",
    "remove",
    "extend",
    "clear",
    "pop",
    "pop_front",
    "pop_back",
    "append",
    "drain",
    "retain",
    "truncate",
    "sort",
    "entry",
    "get_mut",
    "iter_mut",
    "swap",
    "replace",
    "set",
];

impl<'w> Digest<'w> {
    pub(super) fn method(&mut self, method: &'w Method, span: Span) -> Value {
        let receiver = self.expr(&method.receiver);
        if UNWRAPS.contains(&method.name.as_str()) {
            self.args(&method.args);
            return self.unwrapped(receiver);
        }
        let name = self.span(method.name_extent);
        let args = self.args(&method.args);
        let generics: Vec<Ty> = method.generics.iter().map(|ty| self.ty(ty)).collect();
        let path = self.method_path(&receiver, &method.name, &args, false);
        let signature = self.signature(&path);
        self.receiver_touched(
            &receiver,
            &method.name,
            signature.and_then(|it| it.receiver),
        );
        let output = if OUTCOMES.contains(&method.name.as_str()) {
            let receiver = self.lock_outcome(receiver.clone());
            receiver.ty.success().unwrap_or(&receiver.ty).clone()
        } else {
            match signature {
                Some(signature) => signature.gives(),
                None => self.method_gives(&path, &method.name, &receiver.ty, &generics, &args),
            }
        };
        let call = Call {
            span,
            name,
            form: Form::Method,
            callee: Callee {
                path,
                name: method.name.clone(),
            },
            receiver: Some(receiver),
            args,
            generics,
            ..Call::default()
        };
        let output = self.guard_of(&call, output);
        // A guard that only passes through is not taken here.
        let passes_on = OUTCOMES.contains(&method.name.as_str());
        let value = self.add_call(Call {
            output: if passes_on {
                Ty::unknown()
            } else {
                output.clone()
            },
            ..call
        });
        if let Origin::Call(id) = value.origin {
            self.call_mut(id).output = output.clone();
        }
        Value {
            ty: output,
            ..value
        }
    }

    /// The guard that a lock's method gives, where nothing else is known of it.
    fn guard_of(&self, call: &Call, output: Ty) -> Ty {
        if output.is_known() {
            return output;
        }
        let row = self.world.ecosystem.locks.find(call);
        row.map_or(output, |row| Ty::new(row.gives.as_str()))
    }

    /// `x.unwrap()` is `x`, tried.
    fn unwrapped(&mut self, receiver: Value) -> Value {
        self.tried(&receiver);
        let receiver = self.lock_outcome(receiver);
        let ty = receiver.ty.success().unwrap_or(&receiver.ty).clone();
        Value { ty, ..receiver }
    }

    /// `.lock().unwrap()` on who knows what is a lock of std: no other lock's `lock` can fail.
    fn lock_outcome(&mut self, receiver: Value) -> Value {
        let Some(id) = receiver.call() else {
            return receiver;
        };
        let call = &self.function[id];
        let bare = call.form == Form::Method && call.args.is_empty() && call.callee.path.is_empty();
        let (path, guard) = match call.callee.name.as_str() {
            "lock" if bare => ("std::sync::Mutex::lock", "std::sync::MutexGuard"),
            "read" if bare => ("std::sync::RwLock::read", "std::sync::RwLockReadGuard"),
            "write" if bare => ("std::sync::RwLock::write", "std::sync::RwLockWriteGuard"),
            _ => return receiver,
        };
        let ty = Ty::new(guard);
        let call = self.call_mut(id);
        path.clone_into(&mut call.callee.path);
        call.output = ty.clone();
        self.guard_found(id);
        Value { ty, ..receiver }
    }

    fn receiver_touched(&mut self, receiver: &Value, name: &str, by: Option<By>) {
        let kind = match by {
            Some(By::RefMut) => TouchKind::Changed,
            Some(By::Value) => TouchKind::Moved,
            Some(By::Ref) => TouchKind::Read,
            None if CHANGES.contains(&name) => TouchKind::Changed,
            None => TouchKind::Read,
        };
        self.touched(receiver, kind);
    }

    /// The path of a method; empty where it cannot be told. `awaited`: its result is.
    fn method_path(&self, receiver: &Value, name: &str, args: &[Value], awaited: bool) -> String {
        let layers = self.layers(&receiver.ty);
        for ty in &layers {
            if let Some((path, _)) = self.declared.method(ty, name) {
                return path;
            }
            let path = format!("{}::{name}", ty.path);
            if self.world.ecosystem.knows(&path) {
                return path;
            }
        }
        let streams = layers.iter().any(|ty| is_stream(&ty.path));
        if !AMBIGUOUS.contains(&name) || awaited || streams {
            let rows = self.world.ecosystem.traits.iter();
            let known = !layers.is_empty() || awaited;
            let rows = rows.filter(|row| known || !row.awaited);
            let mut fitting = rows.filter(|row| self.is_trait_of(row, receiver, name, args));
            if let Some(row) = fitting.next() {
                return format!("{}::{name}", row.path);
            }
        }
        match layers.last() {
            Some(ty) => format!("{}::{name}", ty.path),
            None => self.own_trait(name, awaited).unwrap_or_default(),
        }
    }

    /// The types that a method is looked up on: behind pointers, and within guards.
    fn layers(&self, ty: &Ty) -> Vec<Ty> {
        let mut layers = Vec::new();
        let mut at = ty.pointee().clone();
        while at.is_known() && layers.len() < 4 {
            let inner = self.is_transparent(&at).then(|| at.args.first()).flatten();
            let inner = inner.map(|inner| inner.pointee().clone());
            layers.push(at);
            match inner {
                Some(inner) => at = inner,
                None => break,
            }
        }
        layers
    }

    /// Whether methods of the first argument can be called on it.
    pub(super) fn is_transparent(&self, ty: &Ty) -> bool {
        let ecosystem = self.world.ecosystem;
        ecosystem.is_lock_guard(ty)
            || ecosystem.is_borrow_guard(ty)
            || ty.path.starts_with("tokio::sync::") && ty.path.ends_with("Guard")
            || [
                "axum::extract::State",
                "axum::Extension",
                "actix_web::web::Data",
                "axum::extract::Extension",
                "rocket::State",
            ]
            .contains(&ty.path.as_str())
    }

    /// Whether an extension trait of the ecosystem has this method, and is in scope.
    fn is_trait_of(&self, row: &Trait, receiver: &Value, name: &str, args: &[Value]) -> bool {
        if !row.methods.iter().any(|method| method == name) {
            return false;
        }
        if !row.after.is_empty() {
            return self.comes_after(receiver, &row.after);
        }
        if !row.distinct && !self.traits.contains(&row.path) {
            return false;
        }
        row.about.as_ref().is_none_or(|word| {
            self.is_about(receiver, word)
                || args.first().is_some_and(|arg| self.is_about(arg, word))
        })
    }

    /// Whether one of these methods stands before in the chain.
    fn comes_after(&self, value: &Value, names: &[String]) -> bool {
        let Some(id) = value.call() else { return false };
        let call = &self.function[id];
        names.contains(&call.callee.name)
            || call
                .receiver
                .as_ref()
                .is_some_and(|receiver| self.comes_after(receiver, names))
    }

    /// Whether a value's variable, field or type is called like this.
    fn is_about(&self, value: &Value, word: &str) -> bool {
        let named = match &value.origin {
            Origin::Local(id) => self.function[*id].name.contains(word),
            Origin::Field(_, name) => name.contains(word),
            _ => false,
        };
        named
            || value
                .ty
                .walk()
                .any(|ty| ty.path.to_lowercase().contains(word))
    }

    /// A trait of the workspace that is in scope and has this method, on who knows what: not where a type
    /// of std may have it too, nor an async one that is not awaited.
    fn own_trait(&self, name: &str, awaited: bool) -> Option<String> {
        let usual = [&CHANGES[..], &SAME[..], &AMBIGUOUS[..]];
        if usual.iter().any(|names| names.contains(&name)) {
            return None;
        }
        let own = self
            .traits
            .iter()
            .filter(|path| self.declared.is_trait(path));
        let paths = own.map(|path| format!("{path}::{name}"));
        let fits = |path: &String| {
            let signature = self.signature(path);
            signature.is_some_and(|signature| awaited || !signature.is_async)
        };
        let mut known = paths.filter(fits);
        known.next()
    }

    /// A call is awaited: whose method it is can be told where iterators have it too.
    pub(super) fn surely_async(&mut self, id: CallId) {
        let call = &self.function[id];
        let Some(receiver) = call.receiver.clone().filter(|_| call.form == Form::Method) else {
            return;
        };
        if call.callee.path.is_empty() || call.callee.path.starts_with("std::iter::") {
            let name = call.callee.name.clone();
            let args = call.args.clone();
            let path = self.method_path(&receiver, &name, &args, true);
            self.call_mut(id).callee.path = path;
        }
    }

    /// What a method gives whose signature is not known.
    fn method_gives(&self, path: &str, name: &str, on: &Ty, generics: &[Ty], args: &[Value]) -> Ty {
        let given = self.gives(path, generics, Some(on), args);
        if given.is_known() {
            return given;
        }
        let inner = on.pointee();
        if SAME.contains(&name) {
            return on.clone().by(By::Value);
        }
        if let Some(item) = self.iterates(inner, name) {
            return Ty::new("std::iter::Iterator").with(item);
        }
        let path = inner.path.as_str();
        let builds =
            path.ends_with("Builder") || path.ends_with("Options") || path.ends_with("::Command");
        if builds && name != "build" {
            return on.clone();
        }
        if inner.path == "std::iter::Iterator" && is_adapter(name) {
            return on.clone();
        }
        Ty::unknown()
    }

    fn iterates(&self, ty: &Ty, name: &str) -> Option<Option<Ty>> {
        let item = match name {
            "iter" | "iter_mut" | "into_iter" | "drain" | "values" | "values_mut"
            | "into_values" => {
                let item = if name.contains("values") {
                    ty.args.get(1)
                } else {
                    self.item(ty)
                };
                item.cloned()
            }
            "keys" | "into_keys" => ty.args.first().cloned(),
            _ => return None,
        };
        Some(item)
    }
}

/// Adapters of iterators that leave the items' type.
fn is_adapter(name: &str) -> bool {
    [
        "filter",
        "take",
        "skip",
        "rev",
        "chain",
        "step_by",
        "skip_while",
        "take_while",
        "inspect",
        "fuse",
        "peekable",
    ]
    .contains(&name)
}

fn is_stream(path: &str) -> bool {
    path.starts_with("futures::")
        || path.starts_with("tokio_stream::")
        || path.ends_with("Stream") && !path.contains("::net::")
        || path.ends_with("Receiver") && path.starts_with("tokio::")
}
