//! Which functions of std are only glue: adapters and accessors that nobody would look for, and the
//! frames around `main` and around a thread's body. Their time is their caller's.

use crate::profile::{Frame, Function, Origin};

/// Modules of core and alloc whose inlined functions say nothing of their own.
const MODULES: &[&str] = &[
    "core::alloc",
    "core::any",
    "core::array",
    "core::borrow",
    "core::cell",
    "core::clone",
    "core::cmp",
    "core::convert",
    "core::default",
    "core::hint",
    "core::intrinsics",
    "core::iter",
    "core::marker",
    "core::mem",
    "core::num",
    "core::ops",
    "core::option",
    "core::pin",
    "core::ptr",
    "core::result",
    "core::slice::index",
    "core::slice::iter",
    "core::slice::raw",
    "core::sync::atomic",
    "core::task",
    "core::ub_checks",
    "alloc::alloc",
    "alloc::borrow",
    "alloc::boxed",
];

/// Methods that are glue on any type of std.
const METHODS: &[&str] = &[
    "as_mut",
    "as_mut_ptr",
    "as_ptr",
    "as_ref",
    "as_slice",
    "borrow",
    "borrow_mut",
    "call",
    "call_mut",
    "call_once",
    "deref",
    "deref_mut",
    "index",
    "index_mut",
    "into_iter",
    "is_empty",
    "iter",
    "iter_mut",
    "len",
];

/// What std wraps around the program and its threads.
const RUNTIME: &[&str] = &[
    "main",
    "_start",
    "clone",
    "clone3",
    "__clone3",
    "start_thread",
    "std::rt::lang_start",
    "std::rt::lang_start_internal",
    "std::sys::backtrace::__rust_begin_short_backtrace",
    "std::panic::catch_unwind",
    "std::panicking::try",
    "std::panicking::catch_unwind",
    "std::thread::lifecycle::spawn_unchecked",
];

/// Whether a frame is left out of views.
pub fn is_glue(function: &Function, frame: &Frame) -> bool {
    if !matches!(function.origin, Origin::Std | Origin::Libc | Origin::Unknown) {
        return false;
    }
    let name = function.name.as_str();
    if is_runtime(name) {
        return true;
    }
    if function.origin != Origin::Std || name.starts_with("core::ptr::drop_in_place") {
        return false;
    }
    let path = name.trim_start_matches(['<', '&', '[', '(']);
    let inside = |module: &&str| {
        let rest = path.strip_prefix(*module);
        rest.is_some_and(|rest| rest.starts_with("::"))
    };
    let last = name.rsplit("::").next().unwrap_or(name);
    frame.inlined && (MODULES.iter().any(inside) || METHODS.contains(&last))
        // A vtable's or a pointer's shim around a closure, inlined or not.
        || name.starts_with("<") && ["call", "call_mut", "call_once"].contains(&last)
        || name.starts_with("core::ops::function::")
}

fn is_runtime(name: &str) -> bool {
    // Versions of std move these between modules, and wrap closures around them.
    let plain = name.split("::{closure").next().unwrap_or(name);
    RUNTIME.contains(&plain)
        || name.starts_with("__libc_start")
        || plain.starts_with("std::thread::") && plain.contains("spawn_unchecked")
        || plain.starts_with("std::panicking::") && plain.contains("catch_unwind")
        || plain.starts_with("<std::thread::") && plain.ends_with("::main")
        || plain.starts_with("<std::sys::") && plain.ends_with("::thread_start")
        || plain.starts_with("std::sys::") && plain.ends_with("::thread_start")
        || plain.starts_with("<core::panic::unwind_safe::AssertUnwindSafe")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glue(name: &str, inlined: bool, origin: Origin) -> bool {
        let function = Function {
            name: name.to_owned(),
            origin,
            ..Function::default()
        };
        let frame = Frame {
            inlined,
            ..Frame::default()
        };
        is_glue(&function, &frame)
    }

    #[test]
    fn adapters_are_glue_and_work_is_not() {
        assert!(glue("core::ptr::read", true, Origin::Std));
        assert!(glue("<core::ops::range::Range<_> as core::iter::Iterator>::next", true, Origin::Std));
        assert!(glue("alloc::vec::Vec<_>::len", true, Origin::Std));
        assert!(glue("std::rt::lang_start::{closure#0}", false, Origin::Std));
        assert!(!glue("core::ptr::read", false, Origin::Std), "a call of its own costs");
        assert!(!glue("alloc::vec::Vec<_>::push", true, Origin::Std));
        assert!(!glue("alloc::raw_vec::RawVec<_>::grow_one", false, Origin::Std));
        assert!(!glue("core::ptr::drop_in_place<_>", true, Origin::Std));
        assert!(!glue("core::iter::mine", true, Origin::Workspace("a".to_owned())));
    }
}
