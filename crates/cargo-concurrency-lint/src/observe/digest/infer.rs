//! Types by convention: what a constructor gives, what a wrapper holds, what an await leaves.

use super::Digest;
use crate::facts::{By, Origin, Ty, Value};

/// Types whose `new` holds its argument.
const HOLDERS: [&str; 21] = [
    "std::sync::Arc",
    "std::rc::Rc",
    "std::boxed::Box",
    "std::sync::Mutex",
    "std::sync::RwLock",
    "std::cell::RefCell",
    "std::cell::Cell",
    "std::pin::Pin",
    "std::io::BufReader",
    "std::io::BufWriter",
    "std::io::LineWriter",
    "std::option::Option",
    "tokio::sync::Mutex",
    "tokio::sync::RwLock",
    "tokio::io::BufReader",
    "tokio::io::BufWriter",
    "tokio::io::BufStream",
    "parking_lot::Mutex",
    "parking_lot::RwLock",
    "futures::lock::Mutex",
    "async_std::sync::Mutex",
];

/// Types that hold several of their first argument.
const COLLECTIONS: [&str; 10] = [
    "[]",
    "[;]",
    "std::vec::Vec",
    "std::collections::VecDeque",
    "std::collections::HashSet",
    "std::collections::BTreeSet",
    "std::option::Option",
    "std::iter::Iterator",
    "std::collections::BinaryHeap",
    "std::collections::LinkedList",
];

impl Digest<'_> {
    /// What a call of another crate's function gives.
    pub(super) fn gives(&self, path: &str, generics: &[Ty], on: Option<&Ty>, args: &[Value]) -> Ty {
        if let Some(row) = self.world.ecosystem.gives.at(path) {
            let on = on.map(Ty::pointee);
            return template(&row.ty, on, args);
        }
        let Some((of, name)) = path.rsplit_once("::") else {
            return Ty::unknown();
        };
        let is_type = of
            .rsplit("::")
            .next()
            .is_some_and(|last| last.starts_with(char::is_uppercase));
        if !is_type || on.is_some() {
            return Ty::unknown();
        }
        let argument = args.first().map(|value| value.ty.clone());
        match name {
            "clone" => argument.unwrap_or_default().by(By::Value),
            "builder" => Ty::new(format!("{of}Builder")),
            "new" | "from" | "pin" | "with_capacity" | "const_new" if HOLDERS.contains(&of) => {
                Ty::new(of).with(argument.map(|ty| ty.by(By::Value)))
            }
            // What a derive writes.
            "parse" | "try_parse" | "parse_from" | "default" | "from" | "try_from" | "from_str"
            | "new" => Ty::new(of).with(generics.iter().cloned()),
            // By convention an associated function makes one of its type.
            _ if self.declared.types.contains_key(of) => Ty::unknown(),
            _ => Ty::new(of).with(generics.iter().cloned()),
        }
    }

    /// What an await of `value` gives.
    pub(super) fn awaited_ty(&self, value: &Value) -> Ty {
        let ty = value.ty.pointee();
        match ty.path.as_str() {
            "std::future::Future" => ty.args.first().cloned().unwrap_or_default(),
            "tokio::task::JoinHandle" => ty.args.first().cloned().unwrap_or_default(),
            // A call of another crate gives its value's type without the future around.
            _ => match value.origin {
                Origin::Call(_) => value.ty.clone(),
                _ => Ty::unknown(),
            },
        }
    }

    /// The type of an item that a loop over `ty` gives.
    pub(super) fn item_ty(&self, ty: &Ty) -> Ty {
        let by = ty.by;
        let item = self.item(ty.pointee()).cloned().unwrap_or_default();
        if by == By::Value { item } else { item.by(by) }
    }

    pub(super) fn item<'t>(&self, ty: &'t Ty) -> Option<&'t Ty> {
        COLLECTIONS
            .contains(&ty.path.as_str())
            .then(|| ty.args.first())
            .flatten()
    }

    pub(super) fn field_ty(&self, ty: &Ty, name: &str) -> Ty {
        let mut at = ty.pointee();
        loop {
            let found = self.declared.field(at, name);
            if found.is_known() {
                return found;
            }
            match at.args.first() {
                Some(inner) if self.is_transparent(at) => at = inner.pointee(),
                _ => return found,
            }
        }
    }

    /// `*x`.
    pub(super) fn deref_ty(&self, ty: &Ty) -> Ty {
        if ty.by != By::Value {
            return ty.clone().by(By::Value);
        }
        let pointee = ty.pointee();
        if !std::ptr::eq(pointee, ty) {
            return pointee.clone();
        }
        let inner = self.is_transparent(ty).then(|| ty.args.first()).flatten();
        inner.cloned().unwrap_or_default()
    }

    /// The type that a struct literal makes.
    pub(super) fn struct_ty(&self, path: String) -> Ty {
        if self.declared.types.contains_key(&path) {
            return Ty::new(path);
        }
        match path.rsplit_once("::") {
            Some((of, _)) if self.declared.types.contains_key(of) => Ty::new(of),
            _ => Ty::new(path),
        }
    }
}

/// A row's type, `$0` and `#0` filled in.
fn template(text: &str, on: Option<&Ty>, args: &[Value]) -> Ty {
    let mut rest = text;
    parse(&mut rest, on, args)
}

fn parse(rest: &mut &str, on: Option<&Ty>, args: &[Value]) -> Ty {
    *rest = rest.trim_start();
    let end = rest.find(['<', '>', ',']).unwrap_or(rest.len());
    let name = rest[..end].trim();
    let mut ty = match name {
        "$0" => on
            .and_then(|on| on.args.first())
            .cloned()
            .unwrap_or_default(),
        "#0" => args
            .first()
            .map(|value| value.ty.clone())
            .unwrap_or_default(),
        "Self" => on.cloned().unwrap_or_default(),
        name => Ty::new(name),
    };
    *rest = &rest[end..];
    if let Some(inner) = rest.strip_prefix('<') {
        *rest = inner;
        loop {
            ty.args.push(parse(rest, on, args));
            *rest = rest.trim_start();
            match rest.strip_prefix(',') {
                Some(more) => *rest = more,
                None => break,
            }
        }
        *rest = rest.strip_prefix('>').unwrap_or(rest);
    }
    ty
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_filled_in() {
        let on = Ty::new("Mutex").with([Ty::new("u8")]);
        assert_eq!(
            template("Guard<$0>", Some(&on), &[]),
            Ty::new("Guard").with([Ty::new("u8")])
        );
        let pair = template("()<a::B, c::D<e>>", None, &[]);
        assert_eq!(pair.path, "()");
        assert_eq!(pair.args[1], Ty::new("c::D").with([Ty::new("e")]));
    }
}
