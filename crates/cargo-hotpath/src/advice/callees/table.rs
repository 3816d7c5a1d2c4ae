//! The rows, the ones that decide first standing first.

use super::{Class, Row, row};

pub static CALLEES: &[Row] = &[
    // Growth.
    row(
        Class::Alloc,
        r"^alloc::raw_vec::.*::(with_capacity|with_capacity_in|with_capacity_zeroed|with_capacity_zeroed_in|try_allocate_in|new_uninit)",
        "room of the wanted size, made once",
    ),
    row(
        Class::GrowVec,
        r"^alloc::raw_vec::(.*::)?(grow_one|grow_amortized|grow_exact|finish_grow|reserve|try_reserve|do_reserve|shrink)",
        "the buffer of Vec, String, VecDeque and BinaryHeap moves; what only asks where it is does not",
    ),
    row(
        Class::Reserve,
        r"^(std::collections::hash::(map|set)::Hash(Map|Set)<_>|hashbrown::(map|set)::Hash(Map|Set)<_>)::(reserve|try_reserve|with_capacity)",
        "the user reserves",
    ),
    row(
        Class::GrowMap,
        r"^hashbrown::raw::.*(reserve|resize|rehash)",
        "HashMap and HashSet put every entry into a larger table",
    ),
    row(
        Class::GrowVec,
        r"^(alloc::vec::Vec<_>|alloc::string::String|alloc::collections::vec_deque::VecDeque<_>)::(reserve|try_reserve|grow|handle_capacity_increase)",
        "called by push, extend and push_str; where the user calls it, the rule sees no growth below",
    ),
    row(
        Class::GrowVec,
        r"^smallvec::SmallVec<_>::(reserve|try_reserve|grow|try_grow|reserve_one_unchecked)",
        "SmallVec leaves its inline place",
    ),
    row(
        Class::GrowMap,
        r"^indexmap::.*::(reserve_entries|reserve)",
        "IndexMap grows both of its parts",
    ),
    // Copies.
    row(
        Class::Counted,
        r"^<alloc::(sync::Arc|rc::Rc)<_> as core::clone::Clone>::clone",
        "no data is copied; shared counts cost when threads meet there",
    ),
    row(
        Class::Asked,
        r"^<(core::|&|\(|[a-z]+[0-9]* as core::clone|std::(iter|ops)::).* as core::clone::Clone>::clone",
        "iterators, references and numbers are copied as cheaply as they are read",
    ),
    row(
        Class::Clone,
        r" as core::clone::Clone>::clone(_from)?$",
        "derived or written, it copies all that is owned",
    ),
    row(
        Class::Clone,
        r" as alloc::borrow::ToOwned>::to_owned",
        "str, slices, paths",
    ),
    row(
        Class::Clone,
        r"^(\[_\]|str|alloc::slice::\[_\]|alloc::slice|std::path::Path|std::ffi::os_str::OsStr|core::slice::\[_\])::(to_vec|to_owned|into_owned|to_path_buf|to_os_string)",
        "inherent copies",
    ),
    row(
        Class::Clone,
        r"^alloc::slice::<impl \[_\]>::to_vec",
        "the same, mangled the old way",
    ),
    row(
        Class::Clone,
        r"^<(str|alloc::string::String|alloc::borrow::Cow<_>|char) as alloc::string::(Spec)?ToString>",
        "to_string of a text is a copy, not formatting",
    ),
    row(
        Class::Clone,
        r"^<(alloc::string::String|alloc::vec::Vec<_>|std::path::PathBuf|alloc::boxed::Box<_>) as core::convert::From<_>>::from",
        "String::from(&str) and its like",
    ),
    row(
        Class::Clone,
        r"^alloc::borrow::Cow<_>::(into_owned|to_mut)",
        "the copy that Cow had put off",
    ),
    // Hashing.
    row(
        Class::SipHash,
        r"^<?(std::hash::random|std::collections::hash::map)::(RandomState|DefaultHasher)",
        "std's keyed hasher, made against attackers",
    ),
    row(Class::SipHash, r"core::hash::sip::", "its rounds"),
    // Formatting.
    row(
        Class::Format,
        r"^alloc::fmt::format",
        "format! makes a String each time",
    ),
    row(
        Class::Format,
        r" as alloc::string::(Spec)?ToString>::(spec_)?to_string",
        "to_string of a number or of a Display",
    ),
    row(Class::Fmt, r"^<?core::fmt::", "write! and Display"),
    row(
        Class::Fmt,
        r" as core::fmt::",
        "implementations of Display, Debug and Write",
    ),
    // What is made once.
    row(
        Class::Compile,
        r"^(regex|regex_lite|fancy_regex|pcre2)::.*(Regex|RegexSet)::new",
        "compiling costs thousands of matches",
    ),
    row(
        Class::Compile,
        r"^(regex|regex_lite|fancy_regex|regex_automata)::.*Builder::(build|build_many|new)",
        "the same, by its builder",
    ),
    row(
        Class::Compile,
        r"^regex::.* as core::str::traits::FromStr>::from_str",
        "the same, by parse",
    ),
    row(
        Class::Compile,
        r"^regex_automata::.*::(new|new_many|builder)$",
        "the engine below regex",
    ),
    row(
        Class::Compile,
        r"^(aho_corasick|globset|glob|wildmatch|minijinja|handlebars|tera|jsonschema|jsonpath_rust|cel_interpreter)::.*::(new|build|build_many|compile|parse|register_template_string|add_raw_template)$",
        "patterns and templates",
    ),
    row(
        Class::Compile,
        r"^(time|chrono)::format.*::parse(_borrowed|_owned)?$",
        "descriptions of formats",
    ),
    row(
        Class::Compile,
        r"^tokio::runtime::(builder::Builder::build|runtime::Runtime::new)",
        "a runtime starts threads",
    ),
    row(
        Class::Compile,
        r"^(reqwest|ureq)::.*(Client|Agent)(Builder)?::(new|build)$",
        "a client has a pool and a TLS configuration",
    ),
    row(
        Class::Compile,
        r"^rustls::.*(ClientConfig|ServerConfig|RootCertStore).*::(builder|with_|add)",
        "certificates are parsed",
    ),
    // Input and output.
    row(
        Class::Print,
        r"^std::io::stdio::(_print|_eprint|print_to)",
        "a lock, and a system call for each line",
    ),
    row(
        Class::Stdout,
        r"^<&?(mut )?std::io::stdio::(Stdout|StdoutLock|Stderr|StderrLock)(<_>)? as std::io::Write>",
        "a system call for each line, or for each write",
    ),
    row(
        Class::Buffered,
        r"std::io::buffered::",
        "few system calls, of a good size",
    ),
    row(
        Class::Lines,
        r"^<std::io::(Lines|Split)<_> as ",
        "a new String for each line",
    ),
    row(
        Class::Asked,
        r"(::default_read_to_end|::default_read_to_string|::read_to_end|::read_to_string)$",
        "the whole at once",
    ),
    row(
        Class::Read,
        r"^<&?(mut )?(std::fs::File|std::net::tcp::TcpStream|std::os::unix::net::stream::UnixStream|std::process::Child(Stdout|Stderr)|std::io::stdio::StdinRaw) as std::io::Read>",
        "a system call each",
    ),
    row(
        Class::Read,
        r"^<std::io::Bytes<_> as ",
        "one byte at a time",
    ),
    row(
        Class::Write,
        r"^<&?(mut )?(std::fs::File|std::net::tcp::TcpStream|std::os::unix::net::stream::UnixStream|std::process::ChildStdin) as std::io::Write>",
        "a system call each",
    ),
    row(
        Class::Blocking,
        r"^<?(std::fs|std::net|std::process|std::os::unix::net|std::thread::functions::sleep|std::thread::sleep|std::sys::fs|std::sys::net)\b",
        "the thread waits for the kernel",
    ),
    // Structures used against their grain.
    row(
        Class::Shift,
        r"^alloc::vec::Vec<_>::(remove|try_remove|insert|insert_mut|splice)$",
        "everything behind the place moves",
    ),
    row(
        Class::Shift,
        r"^alloc::string::String::(remove|insert|insert_str|insert_bytes|replace_range)$",
        "the same",
    ),
    row(
        Class::Shift,
        r"(^alloc::(vec|string)::drain::|^<alloc::(vec::drain|string)::Drain(<_>)? as core::ops::drop::Drop>)",
        "what is behind the drained part moves to the front",
    ),
    row(
        Class::NewString,
        r"^(str|alloc::str|alloc::str::<impl str>|core::str)::(to_lowercase|to_uppercase|to_ascii_lowercase|to_ascii_uppercase|replace|replacen|repeat)$",
        "each allocates a string and walks over all characters",
    ),
    row(
        Class::Search,
        r"^<core::str::iter::(Chars|CharIndices) as core::iter::traits::iterator::Iterator>::(nth|advance_by)$",
        "characters have no place of their own: all before are walked over",
    ),
    row(
        Class::Search,
        r"^\[_\]::contains$|SliceContains>::slice_contains|^alloc::collections::(vec_deque::VecDeque|linked_list::LinkedList)<_>::contains$",
        "one element after another",
    ),
    row(
        Class::Collect,
        r"Iterator(>)?::collect$|FromIterator<_>>::from_iter|^alloc::vec::(spec_from_iter|in_place_collect)",
        "a collection is made",
    ),
    // Locks before drops: a guard's drop is an unlock.
    row(
        Class::Lock,
        r"drop_in_place<.*(MutexGuard|RwLockReadGuard|RwLockWriteGuard|ReentrantLockGuard|RwLockUpgradableReadGuard)",
        "unlocking",
    ),
    row(
        Class::Lock,
        r"^<?(std::sync::(poison::|nonpoison::)?(mutex|rwlock|reentrant_lock)|std::sys::sync::(mutex|rwlock)|lock_api::|parking_lot|spin::)",
        "locking, and waiting for it",
    ),
    row(
        Class::Lock,
        r"^(futex_wait|futex_wake|do_futex|__x64_sys_futex|__arm64_sys_futex|pthread_mutex_(lock|unlock))",
        "waiting in the kernel",
    ),
    row(
        Class::Asked,
        r"drop_in_place<std::(fs::File|net::|process::|io::buffered)",
        "closing and flushing",
    ),
    row(
        Class::Drop,
        r"^core::ptr::drop_in_place|^core::ptr::drop_glue|^core::mem::drop$| as core::ops::drop::Drop>::drop$",
        "what is owned is freed",
    ),
    // The soft ones.
    row(
        Class::CopySlice,
        r"::(copy_from_slice|clone_from_slice|copy_within|extend_from_slice|append_elements|push_str|append|copy_to_slice)$",
        "the source asks for this copy",
    ),
    row(
        Class::Alloc,
        r"^alloc::(boxed::(Box<_>::(new|pin)|box_new)|alloc::(alloc|exchange_malloc)|vec::(from_elem|Vec<_>::with_capacity)|string::String::with_capacity|rc::Rc<_>::new|sync::Arc<_>::new)",
        "memory is asked for",
    ),
    row(
        Class::Alloc,
        r"^<.* as alloc::vec::spec_from_elem::SpecFromElem>::from_elem",
        "vec![x; n]",
    ),
    row(
        Class::PageFault,
        r"^(asm_)?(exc_page_fault|do_user_addr_fault|do_page_fault|do_translation_fault|do_mem_abort|el0_da)",
        "memory is touched for the first time",
    ),
    row(
        Class::Copy,
        r"^_*(mem(cpy|move))(_|$|@)|^compiler_builtins::mem::mem(cpy|move)",
        "libc has one for each kind of processor",
    ),
    row(
        Class::Set,
        r"^_*memset(_|$|@)|^compiler_builtins::mem::memset",
        "zeroes are written",
    ),
    row(
        Class::Compare,
        r"^_*(memcmp|bcmp)(_|$|@)|^compiler_builtins::mem::(memcmp|bcmp)",
        "equality and order of strings and slices",
    ),
];
