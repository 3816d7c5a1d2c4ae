//! What is not followed, so that a linter does not cry wolf: code that waits in ways that nobody can
//! or should avoid, and crates that are made for async code and keep its rules themselves.
//!
//! A chain that would lead through one of these ends there. Each row says why.

use crate::calls::policy::Follow;

/// Crates none of whose functions is followed. Their MIR is not read either.
const CRATES: &[(&str, &[&str])] = &[
    (
        "runtimes and what they are made of: what blocks in them blocks a worker on purpose, and what \
         they offer that blocks stands in the table of blocking calls",
        &[
            "tokio",
            "tokio_util",
            "tokio_stream",
            "tokio_macros",
            "mio",
            "async_std",
            "smol",
            "async_executor",
            "async_io",
            "async_global_executor",
            "async_task",
            "async_channel",
            "async_lock",
            "blocking",
            "polling",
            "futures",
            "futures_util",
            "futures_core",
            "futures_channel",
            "futures_executor",
            "futures_io",
            "futures_sink",
            "futures_task",
            "futures_lite",
            "socket2",
            "signal_hook_registry",
            "event_listener",
            "parking",
            "pin_project_lite",
            "pin_project",
            "actix_rt",
            "async_stream",
            "async_trait",
        ],
    ),
    (
        "servers, clients and protocols written on them",
        &[
            "hyper",
            "hyper_util",
            "h2",
            "h3",
            "http",
            "http_body",
            "http_body_util",
            "httparse",
            "tower",
            "tower_service",
            "tower_layer",
            "tower_http",
            "axum",
            "axum_core",
            "tonic",
            "actix_web",
            "actix_http",
            "actix_server",
            "actix_service",
            "actix_router",
            "actix_codec",
            "warp",
            "rocket",
            "tungstenite",
            "tokio_tungstenite",
            "quinn",
            "quinn_proto",
            "quinn_udp",
            "rustls",
            "tokio_rustls",
            "webpki",
            "ring",
            "prost",
            "matchit",
            "mime",
            "headers",
        ],
    ),
    (
        "logging and metrics: whether and where a line is written is the program's own choice, made \
         once, and not that of each function that logs",
        &[
            "log",
            "tracing",
            "tracing_core",
            "tracing_subscriber",
            "tracing_log",
            "tracing_appender",
            "tracing_futures",
            "slog",
            "env_logger",
            "fern",
            "metrics",
            "prometheus",
            "opentelemetry",
            "sharded_slab",
            "matchers",
            "nu_ansi_term",
            "anstream",
            "anstyle",
        ],
    ),
    (
        "short locks, lazy values and thread-locals: they wait for microseconds, or once",
        &[
            "parking_lot",
            "parking_lot_core",
            "lock_api",
            "once_cell",
            "lazy_static",
            "spin",
            "thread_local",
            "dashmap",
            "arc_swap",
            "crossbeam_utils",
            "crossbeam_epoch",
            "conc_queue",
            "ctor",
            "static_assertions",
            "scopeguard",
            "smallvec",
            "hashbrown",
            "indexmap",
            "bytes",
        ],
    ),
    (
        "random numbers, time and what the system tells: a file is read once, or where the system has \
         no call for it",
        &[
            "getrandom",
            "rand",
            "rand_core",
            "rand_chacha",
            "fastrand",
            "uuid",
            "time",
            "chrono",
            "iana_time_zone",
            "jiff",
            "jiff_tzdb_platform",
            "tzfile",
            "num_cpus",
            "hostname",
            "libc",
            "nix",
            "rustix",
            "windows_sys",
            "windows",
            "errno",
            "ahash",
            "fxhash",
            "rustc_hash",
            "backtrace",
            "gimli",
            "addr2line",
            "object",
            "rustc_demangle",
            "anyhow",
            "thiserror",
            "eyre",
            "color_eyre",
        ],
    ),
    (
        "channels: their functions that wait stand in the table of blocking calls; the others share code \
         with these, but do not get to where it waits",
        &[
            "flume",
            "crossbeam",
            "crossbeam_channel",
            "crossbeam_queue",
            "crossbeam_deque",
            "kanal",
            "loole",
            "concurrent_queue",
        ],
    ),
    (
        "the terminal: it is set up and written to in microseconds; to wait for its keys stands in the \
         table of blocking calls",
        &[
            "crossterm",
            "termion",
            "termwiz",
            "console",
            "ratatui",
            "ratatui_core",
            "ratatui_crossterm",
            "supports_color",
            "is_terminal",
            "terminal_size",
            "indicatif",
            "owo_colors",
            "colored",
        ],
    ),
    (
        "pure computation: big, and no call in it can wait",
        &[
            "regex",
            "regex_automata",
            "regex_syntax",
            "aho_corasick",
            "memchr",
            "unicode_ident",
            "unicode_width",
            "unicode_segmentation",
            "syn",
            "quote",
            "proc_macro2",
            "serde",
            "serde_core",
            "serde_derive",
            "itoa",
            "ryu",
            "dtoa",
            "num_traits",
            "num_bigint",
            "num_integer",
            "idna",
            "url",
            "percent_encoding",
            "base64",
            "hex",
            "sha2",
            "sha1",
            "md5",
            "digest",
            "generic_array",
            "typenum",
            "subtle",
            "zeroize",
            "either",
            "itertools",
            "nom",
            "winnow",
            "heck",
            "strsim",
            "clap_lex",
            "textwrap",
            "bitflags",
            "cfg_if",
            "tinyvec",
            "arrayvec",
            "rustversion",
            "autocfg",
            "version_check",
            "icu_normalizer",
            "icu_properties",
            "utf8parse",
            "anstyle_parse",
            "unicode_normalization",
            "miniz_oxide",
            "adler2",
            "crc32fast",
            "atoi",
            "semver",
            "humantime",
            "ordered_float",
            "petgraph",
            "zerocopy",
            "half",
        ],
    ),
];

/// Functions that are not followed, nor what they are passed.
const PATHS: &[(&str, &str)] = &[
    ("std::sync::LazyLock", "a lazy value: once"),
    ("std::sync::OnceLock", "a lazy value: once"),
    ("std::sync::Once", "a lazy value: once"),
    ("std::cell::LazyCell", "a lazy value: once"),
    ("std::cell::OnceCell", "a lazy value: once"),
    ("once_cell", "a lazy value: once"),
    ("lazy_static", "a lazy value: once"),
    ("std::thread::LocalKey", "a thread's own value: set up once"),
    ("std::panicking", "a panic is not the normal way"),
    ("std::backtrace", "asked for by whoever debugs"),
];

/// The crates of dependencies that are not read.
pub fn crates() -> impl Iterator<Item = &'static str> {
    CRATES.iter().flat_map(|(_, names)| names.iter().copied())
}

/// How far the function at this path is followed.
pub fn follows(path: &str) -> Follow {
    let krate = path.split("::").next().unwrap_or_default();
    let below = |row: &&(&str, &str)| {
        path.strip_prefix(row.0)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    if PATHS.iter().any(|row| below(&row)) {
        Follow::Not
    } else if crates().any(|name| name == krate) {
        Follow::Passed
    } else {
        Follow::Into
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_quiet_by_its_crate_or_its_beginning() {
        assert_eq!(
            follows("crossterm::terminal::enable_raw_mode"),
            Follow::Passed
        );
        assert_eq!(follows("tokio::fs::read"), Follow::Passed);
        assert_eq!(follows("std::sync::LazyLock::force"), Follow::Not);
        assert_eq!(follows("std::sync::LazyLocker::force"), Follow::Into);
        assert_eq!(follows("tokio_postgres::connect"), Follow::Into);
        assert_eq!(follows("once_cell::sync::Lazy::force"), Follow::Not);
    }

    #[test]
    fn every_crate_stands_there_once() {
        let mut seen = std::collections::BTreeSet::new();
        for name in crates() {
            assert!(seen.insert(name), "{name} stands there twice");
            assert!(!name.contains('-'), "{name} is a package, not a crate");
        }
    }
}
