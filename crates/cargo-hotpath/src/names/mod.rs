//! Names as people read them: demangled, generic arguments folded, async bodies named by their
//! function, and short enough for a line of a terminal.

use std::collections::BTreeSet;

pub mod origin;

mod fold;
mod short;

pub use fold::fold;
pub use short::{fit, short};

/// Demangles a Rust symbol, without the hash; any other stays as it is.
pub fn demangle(symbol: &str) -> String {
    // Versioned symbols of shared libraries: `memcpy@@GLIBC_2.14`.
    let plain = symbol.split('@').next().unwrap_or(symbol);
    // Copies that the compiler makes: `f.cold`, `f.isra.0`, `f.llvm.123`.
    match rustc_demangle::try_demangle(plain) {
        Ok(demangled) => format!("{demangled:#}"),
        Err(_) => plain.to_owned(),
    }
}

/// The name with async bodies replaced by the function that they are the body of: of
/// `a::run::{closure#0}::{closure#1}` where `a::run::{closure#0}` is async, `a::run::{closure#1}`.
pub fn without_async(full: &str, asyncs: &BTreeSet<String>) -> String {
    let mut name = full.to_owned();
    let mut from = 0;
    // Each body inside a body is one more step.
    while let Some(at) = name[from..].find("::{closure") {
        let start = from + at;
        let Some(end) = name[start..].find('}').map(|end| start + end + 1) else {
            break;
        };
        let prefix_of_full = full.get(..full.len() - (name.len() - end));
        if prefix_of_full.is_some_and(|prefix| asyncs.contains(prefix)) {
            name.replace_range(start..end, "");
            from = start;
        } else {
            from = end;
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_manglings_are_read_and_c_is_left_alone() {
        assert_eq!(demangle("_RNvCsiwPfp8WW2GH_1t4main"), "t::main");
        assert_eq!(
            demangle("_ZN4core3ptr7drop_in17h0123456789abcdefE"),
            "core::ptr::drop_in"
        );
        assert_eq!(demangle("memcpy@@GLIBC_2.14"), "memcpy");
    }

    #[test]
    fn async_bodies_are_named_by_their_function() {
        let asyncs = BTreeSet::from(["a::run::{closure#0}".to_owned()]);
        assert_eq!(without_async("a::run::{closure#0}", &asyncs), "a::run");
        assert_eq!(
            without_async("a::run::{closure#0}::{closure#1}", &asyncs),
            "a::run::{closure#1}"
        );
        assert_eq!(
            without_async("a::go::{closure#0}", &asyncs),
            "a::go::{closure#0}"
        );
        let nested = BTreeSet::from([
            "a::run::{closure#0}".to_owned(),
            "a::run::{closure#0}::{closure#0}".to_owned(),
        ]);
        assert_eq!(
            without_async("a::run::{closure#0}::{closure#0}", &nested),
            "a::run"
        );
    }
}
