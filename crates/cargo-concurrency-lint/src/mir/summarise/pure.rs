//! Which calls of a dependency need not be kept, because nothing that they reach can block: the
//! greater part of all calls.

use super::place_type;
use crate::mir::body::Body;
use crate::mir::lex::find;
use crate::mir::path::Path;
use crate::mir::statement::{Call, Callee, Operand};
use crate::mir::ty::last;

/// Modules of std in which nothing waits.
const MODULES: &[&str] = &[
    "alloc",
    "any",
    "array",
    "ascii",
    "borrow",
    "boxed",
    "cell",
    "char",
    "clone",
    "cmp",
    "collections",
    "convert",
    "default",
    "error",
    "ffi",
    "fmt",
    "hash",
    "hint",
    "intrinsics",
    "iter",
    "marker",
    "mem",
    "num",
    "ops",
    "option",
    "panic",
    "panicking",
    "pin",
    "primitive",
    "ptr",
    "rc",
    "result",
    "slice",
    "str",
    "string",
    "sync",
    "task",
    "time",
    "vec",
];

/// Traits whose methods only compute, whoever implements them.
const TRAITS: &[&str] = &[
    "Add",
    "AddAssign",
    "Any",
    "AsMut",
    "AsRef",
    "BitAnd",
    "BitOr",
    "BitXor",
    "Borrow",
    "BorrowMut",
    "Clone",
    "Debug",
    "Deref",
    "DerefMut",
    "Display",
    "Div",
    "Eq",
    "Hash",
    "Hasher",
    "Index",
    "IndexMut",
    "Mul",
    "Neg",
    "Not",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Rem",
    "Shl",
    "Shr",
    "Sub",
    "SubAssign",
    "Sum",
    "ToOwned",
    "ToString",
    "Try",
    "FromResidual",
    "Extend",
];

/// What waits although it is in one of those modules.
const WAITING: &[&str] = &["Condvar", "Barrier", "mpsc", "mpmc"];

pub fn is_pure(body: &Body<'_>, call: &Call<'_>) -> bool {
    let Callee::Path(text) = call.callee else {
        return true;
    };
    if call.args.iter().any(|arg| may_run(body, arg)) {
        return false;
    }
    let path = Path::read(text);
    match path.of {
        Some((ty, of)) => {
            let of = last(&of[..find(of, "<").unwrap_or(of.len())]);
            // Whatever implements it may be a type of a crate that waits.
            TRAITS.contains(&of) || is_std(&path.plain()) && only_std(ty) && of != "Read"
        }
        None => {
            let plain = path.plain();
            is_std(&plain) && !WAITING.iter().any(|name| plain.contains(name))
        }
    }
}

fn is_std(path: &str) -> bool {
    let mut names = path.split("::");
    let root = names.next().unwrap_or_default();
    match root {
        "core" | "alloc" => true,
        "std" => names.next().is_some_and(|module| MODULES.contains(&module)),
        _ => false,
    }
}

/// Whether a type is made of nothing but std's computing types.
fn only_std(ty: &str) -> bool {
    let names = ty.split(|c: char| !(c.is_alphanumeric() || "_:".contains(c)));
    names
        .filter(|name| !name.is_empty())
        .all(|name| is_std(name) || name.chars().all(|c| c.is_lowercase() || c.is_ascii_digit()))
}

/// Whether the callee may call the argument: a closure, a function, or who knows what.
fn may_run(body: &Body<'_>, arg: &Operand<'_>) -> bool {
    match arg {
        Operand::Item(_) => true,
        Operand::Const(_) => false,
        Operand::Copy(place) | Operand::Move(place) => {
            let ty = place_type(body, place).trim_start_matches(['&', ' ']);
            let ty = ty.strip_prefix("mut ").unwrap_or(ty);
            let parameter = ty.starts_with(|c: char| c.is_ascii_uppercase())
                && ty.chars().all(|c| c.is_ascii_alphanumeric());
            parameter
                || ["{closure@", "fn(", "fn "]
                    .iter()
                    .any(|word| ty.contains(word))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mir::statement::Terminator;

    fn pure(call: &str) -> bool {
        let text = format!(
            "fn f(_1: F, _2: &mut {{closure@a.rs:1:1: 1:2}}, _3: u32) -> () {{\n    bb0: {{\n        _0 = {call} -> bb1;\n    }}\n"
        );
        let body = Body::read(&text).unwrap();
        let Some((Terminator::Call(call), _)) = &body.blocks[0].end else {
            panic!("{call}")
        };
        is_pure(&body, call)
    }

    #[test]
    fn what_computes_is_left_out() {
        assert!(pure("std::vec::Vec::<u32>::push(copy _3)"));
        assert!(pure("core::num::<impl u32>::pow(copy _3)"));
        assert!(pure("<a::B as std::clone::Clone>::clone(copy _3)"));
        assert!(pure(
            "<std::vec::IntoIter<u8> as std::iter::Iterator>::next(copy _3)"
        ));
    }

    #[test]
    fn what_may_wait_or_run_something_is_kept() {
        assert!(!pure("std::fs::read(copy _3)"));
        assert!(!pure("std::sync::Condvar::wait(copy _3)"));
        assert!(!pure("std::sync::mpsc::Receiver::<u8>::recv(copy _3)"));
        assert!(!pure(
            "std::option::Option::<u8>::map::<u8, F>(copy _3, move _1)"
        ));
        assert!(!pure(
            "std::option::Option::<u8>::map::<u8, X>(copy _3, move _2)"
        ));
        assert!(!pure(
            "std::option::Option::<u8>::map::<u8, X>(copy _3, a::b)"
        ));
        assert!(!pure("<a::Lines as std::iter::Iterator>::next(copy _3)"));
        assert!(!pure("a::b(copy _3)"));
        assert!(!pure("<std::fs::File as std::io::Read>::read(copy _3)"));
    }
}
