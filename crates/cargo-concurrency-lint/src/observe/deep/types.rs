//! Types of MIR in the words of the facts.

use crate::calls::View;
use crate::ecosystem::Ecosystem;
use crate::facts::{By, Call, Callee, Form, Ty, Value};
use crate::mir::ty::Type;

/// The type by its canonical paths.
fn canonical(ecosystem: &Ecosystem, from: &Type) -> Ty {
    let mut ty = convert(&str::to_owned, from);
    ecosystem.canonical_ty(&mut ty);
    ty
}

/// The type as printed. `absolute` puts the crate in front of a path that has none.
pub fn convert(absolute: &dyn Fn(&str) -> String, from: &Type) -> Ty {
    let all = |types: &[Type]| types.iter().map(|ty| convert(absolute, ty)).collect();
    let made = |path: &str, args: Vec<Ty>| Ty {
        path: path.to_owned(),
        args,
        by: By::Value,
    };
    match from {
        Type::Path { path, args } => match is_unknown(path) {
            true => Ty::unknown(),
            false if is_primitive(path) => made(path, Vec::new()),
            false => made(&absolute(path), all(args)),
        },
        Type::Ref { mutable, to } => {
            let by = if *mutable { By::RefMut } else { By::Ref };
            convert(absolute, to).by(by)
        }
        Type::Tuple(types) => made("()", all(types)),
        Type::Slice(item) => made("[]", vec![convert(absolute, item)]),
        Type::Array(item) => made("[;]", vec![convert(absolute, item)]),
        Type::Dyn { path, args } => match path.rsplit("::").next() {
            Some("Fn" | "FnMut" | "FnOnce") => made("fn", Vec::new()),
            _ => made(&absolute(path), all(args)),
        },
        Type::Fn { output, .. } => made("fn", vec![convert(absolute, output)]),
        Type::Body(text) if text.starts_with("{async ") && !text.starts_with("{async closure@") => {
            made("std::future::Future", Vec::new())
        }
        Type::Body(text) if text.contains("closure@") => made("fn", Vec::new()),
        Type::Body(_) | Type::Other(_) => Ty::unknown(),
    }
}

/// A parameter that nobody filled.
fn is_unknown(path: &str) -> bool {
    path.is_empty()
        || path.starts_with("impl ")
        || path == "Self"
        || path.len() == 1 && path.starts_with(|c: char| c.is_ascii_uppercase())
}

fn is_primitive(path: &str) -> bool {
    !path.contains("::") && path.starts_with(|c: char| c.is_ascii_lowercase())
}

/// A call for the tables to look at.
pub fn call(ecosystem: &Ecosystem, view: &View<'_>) -> Call {
    let value = |from: &Type| Value {
        ty: canonical(ecosystem, from),
        ..Value::default()
    };
    let mut args = view.args.iter();
    // A function has no receiver, but then no table asks for it.
    let receiver = args.next().map(value);
    let mut call = Call {
        form: Form::Method,
        callee: Callee {
            path: ecosystem.canonical(view.path).into_owned(),
            name: view.name.to_owned(),
        },
        receiver,
        args: args.map(value).collect(),
        ..Call::default()
    };
    // `T` of `<T as Trait>::method` is what the method is called on.
    if let Some(on) = view.on {
        let on = canonical(ecosystem, on);
        match &mut call.receiver {
            Some(receiver) if !receiver.ty.is_known() => receiver.ty = on,
            Some(_) => {}
            none => {
                *none = Some(Value {
                    ty: on,
                    ..Value::default()
                });
            }
        }
    }
    call
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Ty {
        let absolute = |path: &str| format!("app::{path}").replace("app::std::", "std::");
        convert(&absolute, &Type::read(text))
    }

    #[test]
    fn types_are_written_as_the_facts_want_them() {
        assert_eq!(
            read("&mut std::sync::Arc<State>"),
            Ty::new("std::sync::Arc")
                .with([Ty::new("app::State")])
                .by(By::RefMut)
        );
        assert_eq!(read("T"), Ty::unknown());
        assert_eq!(read("u32"), Ty::new("u32"));
        assert_eq!(read("(u8, [u8; 4])").args[1].path, "[;]");
        assert_eq!(read("{async fn body of a()}").path, "std::future::Future");
        assert_eq!(
            read("std::boxed::Box<dyn std::ops::Fn(u8) -> u8>").args[0].path,
            "fn"
        );
        assert_eq!(
            read("fn(u8) -> u16 {a::b}"),
            Ty::new("fn").with([Ty::new("u16")])
        );
    }
}
