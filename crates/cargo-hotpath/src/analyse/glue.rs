//! Which functions of std are only glue: adapters and accessors that nobody would look for, and the
//! frames around `main` and around a thread's body. Their time is their caller's.

use crate::profile::{Function, Origin};

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

/// Parts of names that say what std is busy with, and so what to change: these stay, wherever they are
/// inlined.
const TELLING: &[&str] = &[
    "BuildHasher>::hash_one",
    "Clone>::clone",
    "Hash>::hash",
    "Hasher<_> as core::hash::Hasher>",
    "alloc::raw_vec",
    "core::fmt",
    "core::ptr::drop_in_place",
    "core::slice::sort",
    "core::str::pattern",
    "fmt::format",
    "hash_one",
    "std::io",
    "std::sync",
    "std::time",
    "to_owned",
    "to_string",
    "to_vec",
];

/// Whether the frames of a function are left out of views; none where that depends on who calls it.
///
/// What the author wrote is a call of `HashMap::entry`: the dozens of functions that are inlined into
/// it are its own work. A function that was not inlined is a piece of work by itself.
pub fn alone(function: &Function, inlined: bool) -> Option<bool> {
    let name = function.name.as_str();
    if function.origin == Origin::Kernel {
        return is_kernel_entry(name).then_some(true);
    }
    if !matches!(
        function.origin,
        Origin::Std | Origin::Libc | Origin::Unknown
    ) {
        return Some(false);
    }
    if is_runtime(name) || name.starts_with("core::ops::function::") {
        return Some(true);
    }
    if !inlined || function.origin != Origin::Std {
        return Some(false);
    }
    (!is_telling(name) && is_trivial(name)).then_some(true)
}

/// The same where it depends; `caller` is the nearest that is shown.
pub fn below(function: &Function, caller: Option<&Function>) -> bool {
    let Some(caller) = caller else { return false };
    match function.origin {
        // What the program asked for is the system call or the fault; how the kernel goes about it
        // is not the program's to change.
        Origin::Kernel => caller.origin == Origin::Kernel,
        // The helpers of a telling function are its own work too.
        _ if is_telling(&function.name) => is_same_work(&function.name, &caller.name),
        _ => caller.origin == Origin::Std,
    }
}

fn is_telling(name: &str) -> bool {
    TELLING.iter().any(|part| name.contains(part))
}

/// Whether both are telling for the same reason.
fn is_same_work(name: &str, caller: &str) -> bool {
    let mut telling = TELLING.iter();
    telling.any(|part| name.contains(part) && caller.contains(part))
        || name.contains("as core::hash::") && caller.contains("hash_one")
}

/// Adapters and accessors that cost nothing by themselves.
fn is_trivial(name: &str) -> bool {
    // `<u64 as core::iter::range::Step>::forward` is its trait's.
    let path = name
        .split_once(" as ")
        .map_or(name, |(_, of_trait)| of_trait);
    let path = path.trim_start_matches(['<', '&', '[', '(', '*']);
    let inside = |module: &&str| {
        let rest = path.strip_prefix(*module);
        rest.is_some_and(|rest| rest.starts_with("::"))
    };
    let last = name.rsplit("::").next().unwrap_or(name);
    // Methods of numbers and pointers have no module: `u64::rotate_left`, `*mut (_)::sub`.
    let primitive = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let of_primitive = name.starts_with(['*', '&'])
        || name.split("::").count() == 2
            && name.split("::").all(|part| part.chars().all(primitive));
    MODULES.iter().any(inside) || METHODS.contains(&last) || of_primitive
}

/// The way into the kernel, before it is clear what for.
fn is_kernel_entry(name: &str) -> bool {
    const ENTRIES: &[&str] = &[
        "entry_SYSCALL_64_after_hwframe",
        "do_syscall_64",
        "x64_sys_call",
        "el0t_64_sync",
        "el0t_64_sync_handler",
        "el0_svc",
        "do_el0_svc",
    ];
    let plain = name.split('.').next().unwrap_or(name);
    ENTRIES.contains(&plain) || plain.starts_with("invoke_syscall") || plain.starts_with("el0_svc_")
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

    fn function(name: &str, origin: Origin) -> Function {
        Function {
            name: name.to_owned(),
            origin,
            ..Function::default()
        }
    }

    fn is_glue(function: &Function, inlined: bool, caller: Option<&Function>) -> bool {
        alone(function, inlined).unwrap_or_else(|| below(function, caller))
    }

    fn glue(name: &str, inlined: bool, caller: Option<&str>) -> bool {
        let caller = caller.map(|name| function(name, Origin::Std));
        is_glue(&function(name, Origin::Std), inlined, caller.as_ref())
    }

    #[test]
    fn adapters_are_glue_and_work_is_not() {
        assert!(glue("core::ptr::read", true, None));
        assert!(glue(
            "<core::ops::range::Range<_> as core::iter::Iterator>::next",
            true,
            None
        ));
        assert!(glue("alloc::vec::Vec<_>::len", true, None));
        assert!(glue(
            "<u64 as core::iter::range::Step>::forward_unchecked",
            true,
            None
        ));
        assert!(!glue(
            "<[_] as alloc::slice::Concat<_>>::concat",
            true,
            None
        ));
        assert!(glue("u64::rotate_left", true, None));
        assert!(glue("std::rt::lang_start::{closure#0}", false, None));
        assert!(
            !glue("core::ptr::read", false, None),
            "a call of its own costs"
        );
        assert!(!glue("alloc::vec::Vec<_>::push", true, None));
        assert!(!glue("core::ptr::drop_in_place<_>", true, None));
        let mine = function("core::iter::mine", Origin::Workspace("a".to_owned()));
        assert!(!is_glue(&mine, true, None));
    }

    #[test]
    fn of_the_kernel_the_call_stays() {
        let kernel = |name| function(name, Origin::Kernel);
        let read = kernel("__x64_sys_read");
        let yours = function("a::run", Origin::Workspace("a".to_owned()));
        assert!(is_glue(&kernel("do_syscall_64"), false, Some(&yours)));
        assert!(!is_glue(&read, false, Some(&yours)));
        assert!(is_glue(&kernel("vfs_read"), false, Some(&read)));
        assert!(!is_glue(&kernel("asm_exc_page_fault"), false, Some(&yours)));
    }

    #[test]
    fn what_is_inlined_into_std_is_stds_own_work_unless_it_tells() {
        let entry = Some("std::collections::hash::map::HashMap<_>::entry");
        assert!(glue(
            "hashbrown::raw::RawTableInner::find_inner",
            true,
            entry
        ));
        assert!(!glue(
            "hashbrown::raw::RawTable<_>::reserve_rehash",
            false,
            entry
        ));
        let hash = "<std::hash::random::RandomState as core::hash::BuildHasher>::hash_one";
        assert!(!glue(hash, true, entry));
        let rounds = "<core::hash::sip::Hasher<_> as core::hash::Hasher>::finish";
        assert!(glue(rounds, true, Some(hash)));
        let grow = "alloc::raw_vec::RawVec<_>::grow_one";
        assert!(!glue(grow, true, Some("alloc::vec::Vec<_>::push")));
        assert!(glue("alloc::raw_vec::finish_grow", true, Some(grow)));
    }
}
