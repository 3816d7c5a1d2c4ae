//! Crates that the standard library has come to replace: what stands in for each, and since when.

/// A crate that std replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Superseded {
    pub package: &'static str,
    /// What stands in for it.
    pub by: &'static str,
    /// The Rust that has it, as major and minor version.
    pub since: (u64, u64),
    /// Names of the crate for which std has nothing: where one is used, the crate stays.
    pub beyond: &'static [&'static str],
}

/// By package, sorted.
pub const SUPERSEDED: &[Superseded] = &[
    of(
        "array-init",
        "std::array::from_fn",
        (1, 63),
        &["try_array_init", "from_iter"],
    ),
    of("atty", "std::io::IsTerminal", (1, 70), &[]),
    of(
        "backtrace",
        "std::backtrace::Backtrace",
        (1, 65),
        &[
            "BacktraceFmt",
            "BacktraceFrame",
            "BacktraceSymbol",
            "Frame",
            "Symbol",
            "frames",
            "resolve",
            "resolve_frame",
            "trace",
        ],
    ),
    of(
        "home",
        "std::env::home_dir",
        (1, 87),
        &["cargo_home", "rustup_home", "env"],
    ),
    of("is-terminal", "std::io::IsTerminal", (1, 70), &[]),
    of("lazy_static", "std::sync::LazyLock", (1, 80), &[]),
    of(
        "lazycell",
        "std::cell::OnceCell, std::sync::OnceLock",
        (1, 70),
        &["try_borrow_with"],
    ),
    of(
        "maplit",
        "`HashMap::from([(key, value)])` and its like",
        (1, 56),
        &["convert_args"],
    ),
    of(
        "matches",
        "std::matches!",
        (1, 42),
        &["assert_matches", "debug_assert_matches"],
    ),
    of(
        "memoffset",
        "std::mem::offset_of!",
        (1, 77),
        &[
            "offset_of_tuple",
            "offset_of_union",
            "raw_field",
            "raw_field_tuple",
            "span_of",
        ],
    ),
    of(
        "num_cpus",
        "std::thread::available_parallelism",
        (1, 59),
        &["get_physical"],
    ),
    of(
        "once_cell",
        "std::sync::{LazyLock, OnceLock}, std::cell::{LazyCell, OnceCell}",
        (1, 80),
        &[
            "OnceBox",
            "OnceBool",
            "OnceNonZeroUsize",
            "OnceRef",
            "get_or_try_init",
            "race",
            "try_insert",
            "wait",
        ],
    ),
    of(
        "path-absolutize",
        "std::path::absolute",
        (1, 79),
        &["absolutize_from", "absolutize_virtually"],
    ),
    of(
        "pin-utils",
        "std::pin::pin!",
        (1, 68),
        &["unsafe_pinned", "unsafe_unpinned"],
    ),
    of(
        "scoped_threadpool",
        "std::thread::scope",
        (1, 63),
        &["Pool"],
    ),
    of("thread-scoped", "std::thread::scope", (1, 63), &[]),
    of("try_from", "std::convert::TryFrom", (1, 34), &[]),
    of(
        "void",
        "std::convert::Infallible",
        (1, 34),
        &["ResultVoidExt", "ResultVoidErrExt"],
    ),
];

const fn of(
    package: &'static str,
    by: &'static str,
    since: (u64, u64),
    beyond: &'static [&'static str],
) -> Superseded {
    Superseded {
        package,
        by,
        since,
        beyond,
    }
}

/// What stands in for a package.
pub fn find(package: &str) -> Option<&'static Superseded> {
    SUPERSEDED.iter().find(|known| known.package == package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_crate_stands_once_and_in_order() {
        assert!(SUPERSEDED.is_sorted_by(|a, b| a.package < b.package));
    }
}
