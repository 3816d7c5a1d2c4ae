//! Which functions under a user's line tell what the line costs: a table of callees, by folded name, with
//! the reason for each row. The first row that matches decides.
//!
//! Names are those of [`crate::names::fold`]: `<T as Trait<_>>::method`, `path::Type<_>::method`. Both
//! manglings, inlined functions and the symbols of libc and the kernel come in that form.

use std::sync::LazyLock;

use regex::RegexSet;

use crate::profile::Origin;

/// What a callee means for its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// A vector, string or queue moves to a larger place.
    GrowVec,
    /// A map or set does, with every hash anew.
    GrowMap,
    /// An owned copy is made.
    Clone,
    /// A reference count changes.
    Counted,
    /// std's hasher.
    SipHash,
    /// A string is made by formatting.
    Format,
    /// Formatting into something that is there already.
    Fmt,
    /// A thing that is meant to be made once: a regular expression, a runtime, a client.
    Compile,
    /// `print!` and its kind.
    Print,
    /// Writes through the locked, line-buffered standard output.
    Stdout,
    /// Reads and writes through a buffer.
    Buffered,
    /// An iterator that gives each line as a string of its own.
    Lines,
    /// A system call for each read or write.
    Read,
    Write,
    /// Files, sockets, processes: the thread waits.
    Blocking,
    /// All elements behind one move.
    Shift,
    /// Elements are compared one after another.
    Search,
    Collect,
    Drop,
    Lock,
    /// The caller asked for room beforehand.
    Reserve,
    /// Known to say nothing: whatever is below is what the caller asked for.
    Asked,
    // What says something only if nothing above it does.
    Alloc,
    Free,
    PageFault,
    Copy,
    /// A copy that the source asks for.
    CopySlice,
    Set,
}

impl Class {
    /// Whether an outer callee of another class explains it.
    pub fn is_soft(self) -> bool {
        self >= Self::Alloc
    }

    pub fn bit(self) -> u32 {
        1 << (self as u32)
    }
}

/// One row: a pattern of folded names, what it means, and how we know.
pub struct Row {
    pub class: Class,
    pub name: &'static str,
    pub why: &'static str,
}

const fn row(class: Class, name: &'static str, why: &'static str) -> Row {
    Row { class, name, why }
}

pub static CALLEES: &[Row] = &[
    // Growth.
    row(
        Class::Alloc,
        r"^alloc::raw_vec::.*::(with_capacity|with_capacity_in|with_capacity_zeroed|with_capacity_zeroed_in|try_allocate_in|new_uninit)",
        "room of the wanted size, made once",
    ),
    row(
        Class::GrowVec,
        r"^alloc::raw_vec::",
        "the buffer of Vec, String, VecDeque and BinaryHeap: all else in it is growth",
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
    row(Class::GrowMap, r"^indexmap::.*::(reserve_entries|reserve)", "IndexMap grows both of its parts"),
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
    row(Class::Clone, r" as core::clone::Clone>::clone(_from)?$", "derived or written, it copies all that is owned"),
    row(Class::Clone, r" as alloc::borrow::ToOwned>::to_owned", "str, slices, paths"),
    row(Class::Clone, r"^(\[_\]|str|alloc::slice::\[_\]|alloc::slice|std::path::Path|std::ffi::os_str::OsStr|core::slice::\[_\])::(to_vec|to_owned|into_owned|to_path_buf|to_os_string)", "inherent copies"),
    row(Class::Clone, r"^alloc::slice::<impl \[_\]>::to_vec", "the same, mangled the old way"),
    row(Class::Clone, r"^<(str|alloc::string::String|alloc::borrow::Cow<_>|char) as alloc::string::(Spec)?ToString>", "to_string of a text is a copy, not formatting"),
    row(Class::Clone, r"^<(alloc::string::String|alloc::vec::Vec<_>|std::path::PathBuf|alloc::boxed::Box<_>) as core::convert::From<_>>::from", "String::from(&str) and its like"),
    row(Class::Clone, r"^alloc::borrow::Cow<_>::(into_owned|to_mut)", "the copy that Cow had put off"),
    // Hashing.
    row(Class::SipHash, r"^<?(std::hash::random|std::collections::hash::map)::(RandomState|DefaultHasher)", "std's keyed hasher, made against attackers"),
    row(Class::SipHash, r"core::hash::sip::", "its rounds"),
    // Formatting.
    row(Class::Format, r"^alloc::fmt::format", "format! makes a String each time"),
    row(Class::Format, r" as alloc::string::(Spec)?ToString>::(spec_)?to_string", "to_string of a number or of a Display"),
    row(Class::Fmt, r"^<?core::fmt::", "write! and Display"),
    row(Class::Fmt, r" as core::fmt::", "implementations of Display, Debug and Write"),
    // What is made once.
    row(Class::Compile, r"^(regex|regex_lite|fancy_regex|pcre2)::.*(Regex|RegexSet)::new", "compiling costs thousands of matches"),
    row(Class::Compile, r"^(regex|regex_lite|fancy_regex|regex_automata)::.*Builder::(build|build_many|new)", "the same, by its builder"),
    row(Class::Compile, r"^regex::.* as core::str::traits::FromStr>::from_str", "the same, by parse"),
    row(Class::Compile, r"^regex_automata::.*::(new|new_many|builder)$", "the engine below regex"),
    row(Class::Compile, r"^(aho_corasick|globset|glob|wildmatch|minijinja|handlebars|tera|jsonschema|jsonpath_rust|cel_interpreter)::.*::(new|build|build_many|compile|parse|register_template_string|add_raw_template)$", "patterns and templates"),
    row(Class::Compile, r"^(time|chrono)::format.*::parse(_borrowed|_owned)?$", "descriptions of formats"),
    row(Class::Compile, r"^tokio::runtime::(builder::Builder::build|runtime::Runtime::new)", "a runtime starts threads"),
    row(Class::Compile, r"^(reqwest|ureq)::.*(Client|Agent)(Builder)?::(new|build)$", "a client has a pool and a TLS configuration"),
    row(Class::Compile, r"^rustls::.*(ClientConfig|ServerConfig|RootCertStore).*::(builder|with_|add)", "certificates are parsed"),
    // Input and output.
    row(Class::Print, r"^std::io::stdio::(_print|_eprint|print_to)", "a lock, and a system call for each line"),
    row(Class::Stdout, r"^<&?(mut )?std::io::stdio::(Stdout|StdoutLock|Stderr|StderrLock)(<_>)? as std::io::Write>", "a system call for each line, or for each write"),
    row(Class::Buffered, r"std::io::buffered::", "few system calls, of a good size"),
    row(Class::Lines, r"^<std::io::(Lines|Split)<_> as ", "a new String for each line"),
    row(Class::Asked, r"(::default_read_to_end|::default_read_to_string|::read_to_end|::read_to_string)$", "the whole at once"),
    row(Class::Read, r"^<&?(mut )?(std::fs::File|std::net::tcp::TcpStream|std::os::unix::net::stream::UnixStream|std::process::Child(Stdout|Stderr)|std::io::stdio::StdinRaw) as std::io::Read>", "a system call each"),
    row(Class::Read, r"^<std::io::Bytes<_> as ", "one byte at a time"),
    row(Class::Write, r"^<&?(mut )?(std::fs::File|std::net::tcp::TcpStream|std::os::unix::net::stream::UnixStream|std::process::ChildStdin) as std::io::Write>", "a system call each"),
    row(Class::Blocking, r"^<?(std::fs|std::net|std::process|std::os::unix::net|std::thread::functions::sleep|std::thread::sleep|std::sys::fs|std::sys::net)\b", "the thread waits for the kernel"),
    // Structures used against their grain.
    row(Class::Shift, r"^alloc::vec::Vec<_>::(remove|try_remove|insert|insert_mut|splice)$", "everything behind the place moves"),
    row(Class::Shift, r"^alloc::string::String::(remove|insert|insert_str|insert_bytes|replace_range)$", "the same"),
    row(Class::Shift, r"(^alloc::vec::drain::|^<alloc::vec::drain::Drain<_> as core::ops::drop::Drop>)", "what is behind the drained part moves to the front"),
    row(Class::Search, r"^\[_\]::contains$|SliceContains>::slice_contains|^alloc::collections::(vec_deque::VecDeque|linked_list::LinkedList)<_>::contains$", "one element after another"),
    row(Class::Collect, r"Iterator(>)?::collect$|FromIterator<_>>::from_iter|^alloc::vec::(spec_from_iter|in_place_collect)", "a collection is made"),
    // Locks before drops: a guard's drop is an unlock.
    row(Class::Lock, r"drop_in_place<.*(MutexGuard|RwLockReadGuard|RwLockWriteGuard|ReentrantLockGuard|RwLockUpgradableReadGuard)", "unlocking"),
    row(Class::Lock, r"^<?(std::sync::(poison::|nonpoison::)?(mutex|rwlock|reentrant_lock)|std::sys::sync::(mutex|rwlock)|lock_api::|parking_lot|spin::)", "locking, and waiting for it"),
    row(Class::Lock, r"^(futex_wait|futex_wake|do_futex|__x64_sys_futex|__arm64_sys_futex|pthread_mutex_(lock|unlock))", "waiting in the kernel"),
    row(Class::Asked, r"drop_in_place<std::(fs::File|net::|process::|io::buffered)", "closing and flushing"),
    row(Class::Drop, r"^core::ptr::drop_in_place|^core::ptr::drop_glue|^core::mem::drop$| as core::ops::drop::Drop>::drop$", "what is owned is freed"),
    // The soft ones.
    row(Class::CopySlice, r"::(copy_from_slice|clone_from_slice|copy_within|extend_from_slice|append_elements|push_str|append|copy_to_slice)$", "the source asks for this copy"),
    row(Class::Alloc, r"^alloc::(boxed::(Box<_>::(new|pin)|box_new)|alloc::(alloc|exchange_malloc)|vec::(from_elem|Vec<_>::with_capacity)|string::String::with_capacity|rc::Rc<_>::new|sync::Arc<_>::new)", "memory is asked for"),
    row(Class::Alloc, r"^<.* as alloc::vec::spec_from_elem::SpecFromElem>::from_elem", "vec![x; n]"),
    row(Class::PageFault, r"^(asm_)?(exc_page_fault|do_user_addr_fault|do_page_fault|do_translation_fault|do_mem_abort|el0_da)", "memory is touched for the first time"),
    row(Class::Copy, r"^_*(mem(cpy|move))(_|$|@)|^compiler_builtins::mem::mem(cpy|move)", "libc has one for each kind of processor"),
    row(Class::Set, r"^_*memset(_|$|@)|^compiler_builtins::mem::memset", "zeroes are written"),
];

static NAMES: LazyLock<RegexSet> = LazyLock::new(|| {
    let names = CALLEES.iter().map(|row| row.name);
    // The table is tested: a pattern that does not compile cannot be shipped.
    RegexSet::new(names).unwrap_or_else(|_| RegexSet::empty())
});

/// What a function means, by its folded name and its origin.
pub fn class_of(name: &str, origin: &Origin) -> Option<Class> {
    if *origin == Origin::Allocator {
        let last = name.rsplit("::").next().unwrap_or(name);
        let frees = last.contains("free") || last.contains("dealloc");
        return Some(if frees { Class::Free } else { Class::Alloc });
    }
    let first = NAMES.matches(name).iter().next()?;
    Some(CALLEES[first].class)
}

/// Dependencies that are containers or adapters of the user's own types: what they call, the user calls.
pub fn is_container(package: &str) -> bool {
    const CONTAINERS: &[&str] = &[
        "hashbrown", "indexmap", "smallvec", "arrayvec", "itertools", "either", "rayon", "rayon-core",
        "parking_lot", "lock_api", "parking_lot_core", "dashmap", "bytes", "tinyvec",
    ];
    CONTAINERS.contains(&package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles_and_has_its_reason() {
        for row in CALLEES {
            assert!(regex::Regex::new(row.name).is_ok(), "{}", row.name);
            assert!(!row.why.is_empty(), "{}", row.name);
        }
        assert_eq!(NAMES.len(), CALLEES.len());
    }

    #[test]
    fn names_of_all_kinds_are_known() {
        for (name, class) in [
            ("alloc::raw_vec::RawVec<_>::grow_one", Some(Class::GrowVec)),
            ("alloc::raw_vec::RawVecInner::finish_grow", Some(Class::GrowVec)),
            ("alloc::raw_vec::finish_grow", Some(Class::GrowVec)),
            ("alloc::raw_vec::RawVecInner<_>::with_capacity_in", Some(Class::Alloc)),
            ("hashbrown::raw::RawTable<_>::reserve_rehash", Some(Class::GrowMap)),
            ("<app::Row as core::clone::Clone>::clone", Some(Class::Clone)),
            ("<alloc::vec::Vec<_> as core::clone::Clone>::clone", Some(Class::Clone)),
            ("<alloc::sync::Arc<_> as core::clone::Clone>::clone", Some(Class::Counted)),
            ("<core::slice::iter::Iter<_> as core::clone::Clone>::clone", Some(Class::Asked)),
            ("<str as alloc::borrow::ToOwned>::to_owned", Some(Class::Clone)),
            ("<str as alloc::string::ToString>::to_string", Some(Class::Clone)),
            ("<i32 as alloc::string::SpecToString>::spec_to_string", Some(Class::Format)),
            ("[_]::to_vec", Some(Class::Clone)),
            ("<std::hash::random::RandomState as core::hash::BuildHasher>::hash_one", Some(Class::SipHash)),
            ("<core::hash::sip::Hasher<_> as core::hash::Hasher>::finish", Some(Class::SipHash)),
            ("<core::hash::BuildHasherDefault<_> as core::hash::BuildHasher>::hash_one", None),
            ("alloc::fmt::format::format_inner", Some(Class::Format)),
            ("regex::regex::string::Regex::new", Some(Class::Compile)),
            ("regex::regex::string::Regex::is_match", None),
            ("std::io::stdio::_print", Some(Class::Print)),
            ("<std::io::buffered::bufwriter::BufWriter<_> as std::io::Write>::write_all", Some(Class::Buffered)),
            ("<&std::fs::File as std::io::Read>::read_exact", Some(Class::Read)),
            ("<std::fs::File as std::io::Write>::write_all", Some(Class::Write)),
            ("std::fs::read", Some(Class::Blocking)),
            ("alloc::vec::Vec<_>::remove", Some(Class::Shift)),
            ("[_]::contains", Some(Class::Search)),
            ("<core::iter::adapters::map::Map<_> as core::iter::traits::iterator::Iterator>::collect", Some(Class::Collect)),
            ("core::ptr::drop_in_place<std::sync::poison::mutex::MutexGuard<_>>", Some(Class::Lock)),
            ("core::ptr::drop_in_place<alloc::string::String>", Some(Class::Drop)),
            ("std::sys::sync::mutex::futex::Mutex::lock_contended", Some(Class::Lock)),
            ("asm_exc_page_fault", Some(Class::PageFault)),
            ("__memmove_avx_unaligned_erms", Some(Class::Copy)),
            ("__memset_avx2_unaligned_erms", Some(Class::Set)),
            ("__memchr_avx2", None),
            ("alloc::vec::Vec<_>::push", None),
        ] {
            assert_eq!(class_of(name, &Origin::Std), class, "{name}");
        }
        assert_eq!(class_of("_int_malloc", &Origin::Allocator), Some(Class::Alloc));
        assert_eq!(class_of("cfree", &Origin::Allocator), Some(Class::Free));
    }
}
