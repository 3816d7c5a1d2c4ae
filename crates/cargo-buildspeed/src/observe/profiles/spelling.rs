//! One spelling for each value of a profile, so that rules compare text.

/// The canonical spelling of `value` (TOML text without quotes) for `key`; see
/// [`Setting`](crate::facts::Setting).
pub(super) fn canonical(key: &str, value: &str) -> String {
    let canonical = match (key, value) {
        ("debug", "false" | "none") => "0",
        ("debug", "limited") => "1",
        ("debug", "true" | "full") => "2",
        ("strip", "true") => "symbols",
        ("strip", "false") => "none",
        ("lto", "true") => "fat",
        (_, other) => other,
    };
    canonical.to_owned()
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn each_value_has_one_spelling() {
        let cases = [
            ("debug", "true", "2"),
            ("debug", "full", "2"),
            ("debug", "limited", "1"),
            ("debug", "none", "0"),
            ("debug", "false", "0"),
            ("debug", "line-tables-only", "line-tables-only"),
            ("strip", "true", "symbols"),
            ("strip", "false", "none"),
            ("lto", "true", "fat"),
            ("lto", "off", "off"),
            ("lto", "false", "false"),
            ("incremental", "true", "true"),
            ("opt-level", "s", "s"),
        ];
        for (key, value, expected) in cases {
            assert_eq!(canonical(key, value), expected, "{key} = {value}");
        }
    }
}
