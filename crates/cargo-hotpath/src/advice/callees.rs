//! Which functions under a user's line tell what the line costs: a table of callees, by folded name, with
//! the reason for each row. The first row that matches decides.
//!
//! Names are those of [`crate::names::fold`]: `<T as Trait<_>>::method`, `path::Type<_>::method`. Both
//! manglings, inlined functions and the symbols of libc and the kernel come in that form.

mod table;

use std::sync::LazyLock;

use regex::RegexSet;

use crate::profile::Origin;

pub use table::CALLEES;

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
    /// A string is made out of another.
    NewString,
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
    /// Bytes are compared.
    Compare,
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
        "hashbrown",
        "indexmap",
        "smallvec",
        "arrayvec",
        "itertools",
        "either",
        "rayon",
        "rayon-core",
        "parking_lot",
        "lock_api",
        "parking_lot_core",
        "dashmap",
        "bytes",
        "tinyvec",
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
            (
                "alloc::raw_vec::RawVecInner::finish_grow",
                Some(Class::GrowVec),
            ),
            ("alloc::raw_vec::finish_grow", Some(Class::GrowVec)),
            ("alloc::raw_vec::RawVecInner<_>::non_null", None),
            ("alloc::raw_vec::RawVec<_>::ptr", None),
            (
                "alloc::raw_vec::RawVecInner<_>::reserve::do_reserve_and_handle",
                Some(Class::GrowVec),
            ),
            (
                "alloc::raw_vec::RawVecInner<_>::with_capacity_in",
                Some(Class::Alloc),
            ),
            (
                "hashbrown::raw::RawTable<_>::reserve_rehash",
                Some(Class::GrowMap),
            ),
            (
                "<app::Row as core::clone::Clone>::clone",
                Some(Class::Clone),
            ),
            (
                "<alloc::vec::Vec<_> as core::clone::Clone>::clone",
                Some(Class::Clone),
            ),
            (
                "<alloc::sync::Arc<_> as core::clone::Clone>::clone",
                Some(Class::Counted),
            ),
            (
                "<core::slice::iter::Iter<_> as core::clone::Clone>::clone",
                Some(Class::Asked),
            ),
            (
                "<str as alloc::borrow::ToOwned>::to_owned",
                Some(Class::Clone),
            ),
            (
                "<str as alloc::string::ToString>::to_string",
                Some(Class::Clone),
            ),
            (
                "<i32 as alloc::string::SpecToString>::spec_to_string",
                Some(Class::Format),
            ),
            ("[_]::to_vec", Some(Class::Clone)),
            (
                "<std::hash::random::RandomState as core::hash::BuildHasher>::hash_one",
                Some(Class::SipHash),
            ),
            (
                "<core::hash::sip::Hasher<_> as core::hash::Hasher>::finish",
                Some(Class::SipHash),
            ),
            (
                "<core::hash::BuildHasherDefault<_> as core::hash::BuildHasher>::hash_one",
                None,
            ),
            ("alloc::fmt::format::format_inner", Some(Class::Format)),
            ("regex::regex::string::Regex::new", Some(Class::Compile)),
            ("regex::regex::string::Regex::is_match", None),
            ("std::io::stdio::_print", Some(Class::Print)),
            (
                "<std::io::buffered::bufwriter::BufWriter<_> as std::io::Write>::write_all",
                Some(Class::Buffered),
            ),
            (
                "<&std::fs::File as std::io::Read>::read_exact",
                Some(Class::Read),
            ),
            (
                "<std::fs::File as std::io::Write>::write_all",
                Some(Class::Write),
            ),
            ("std::fs::read", Some(Class::Blocking)),
            ("alloc::vec::Vec<_>::remove", Some(Class::Shift)),
            ("[_]::contains", Some(Class::Search)),
            (
                "<core::iter::adapters::map::Map<_> as core::iter::traits::iterator::Iterator>::collect",
                Some(Class::Collect),
            ),
            (
                "core::ptr::drop_in_place<std::sync::poison::mutex::MutexGuard<_>>",
                Some(Class::Lock),
            ),
            (
                "core::ptr::drop_in_place<alloc::string::String>",
                Some(Class::Drop),
            ),
            (
                "std::sys::sync::mutex::futex::Mutex::lock_contended",
                Some(Class::Lock),
            ),
            ("asm_exc_page_fault", Some(Class::PageFault)),
            ("__memmove_avx_unaligned_erms", Some(Class::Copy)),
            ("__memset_avx2_unaligned_erms", Some(Class::Set)),
            ("__memcmp_evex_movbe", Some(Class::Compare)),
            ("__memchr_avx2", None),
            ("alloc::vec::Vec<_>::push", None),
        ] {
            assert_eq!(class_of(name, &Origin::Std), class, "{name}");
        }
        assert_eq!(
            class_of("_int_malloc", &Origin::Allocator),
            Some(Class::Alloc)
        );
        assert_eq!(class_of("cfree", &Origin::Allocator), Some(Class::Free));
    }
}
