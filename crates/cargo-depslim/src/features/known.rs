//! What people would notice without a feature, in plain words, for well-known ones. It only adds to
//! reasons: that a feature stays was decided before, by what its gates alter.

/// Package, feature, and what would be different.
const KNOWN: &[(&str, &str, &str)] = &[
    (
        "ahash",
        "runtime-rng",
        "hashes would be the same in every run",
    ),
    ("clap", "color", "help and errors would have no colours"),
    (
        "clap",
        "error-context",
        "errors would not say which argument is wrong",
    ),
    ("clap", "help", "`--help` would not work"),
    (
        "clap",
        "suggestions",
        "a mistyped argument would get no \"did you mean\"",
    ),
    ("clap", "usage", "help and errors would show no usage line"),
    (
        "clap",
        "wrap_help",
        "help would not be wrapped to the terminal",
    ),
    (
        "regex",
        "unicode",
        "classes such as `\\w` would know no Unicode",
    ),
    (
        "regex",
        "unicode-case",
        "matching without case would know ASCII only",
    ),
    (
        "regex",
        "unicode-perl",
        "`\\w`, `\\d` and `\\s` would not work in Unicode mode",
    ),
    (
        "reqwest",
        "brotli",
        "responses in brotli would not be decompressed",
    ),
    (
        "reqwest",
        "deflate",
        "responses in deflate would not be decompressed",
    ),
    (
        "reqwest",
        "gzip",
        "responses in gzip would not be decompressed",
    ),
    (
        "reqwest",
        "zstd",
        "responses in zstd would not be decompressed",
    ),
    ("rustls", "logging", "the handshake would not be logged"),
    (
        "rustls",
        "tls12",
        "servers that only speak TLS 1.2 would be refused",
    ),
    (
        "serde_json",
        "arbitrary_precision",
        "numbers would be rounded to 64 bits",
    ),
    (
        "serde_json",
        "float_roundtrip",
        "floats might not read back as they were written",
    ),
    (
        "serde_json",
        "preserve_order",
        "the keys of objects would come out sorted",
    ),
    (
        "tokio",
        "parking_lot",
        "its locks would be those of the standard library",
    ),
    (
        "tracing-subscriber",
        "ansi",
        "log lines would have no colours",
    ),
    (
        "tracing-subscriber",
        "env-filter",
        "`RUST_LOG` would have no effect",
    ),
    (
        "tracing-subscriber",
        "tracing-log",
        "records of the `log` crate would not be shown",
    ),
];

/// What would be different, where that is known.
pub fn loss(package: &str, feature: &str) -> Option<&'static str> {
    let found = KNOWN
        .iter()
        .find(|(known, of, _)| *known == package && *of == feature);
    found.map(|(_, _, loss)| *loss)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_says_each_once() {
        assert!(
            KNOWN
                .windows(2)
                .all(|pair| (pair[0].0, pair[0].1) < (pair[1].0, pair[1].1))
        );
        assert_eq!(loss("clap", "help"), Some("`--help` would not work"));
        assert_eq!(loss("clap", "derive"), None);
    }
}
