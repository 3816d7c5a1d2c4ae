//! "Did you mean": the known name that a mistyped one is closest to.

/// The most similar of `known`, where one is similar enough to be what was meant.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// Below it a suggestion is more puzzling than none.
    const ALIKE: f64 = 0.7;
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(score, _)| *score >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// `; did you mean \`linker\`?`, or else the known names, ready to follow a message.
pub fn suggestion<'a>(name: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    if let Some(candidate) = nearest(name, known.clone()) {
        return format!("; did you mean `{candidate}`?");
    }
    let all: Vec<String> = known.into_iter().map(|name| format!("`{name}`")).collect();
    if all.is_empty() {
        String::new()
    } else {
        format!("; known are {}", all.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_was_meant() {
        let known = ["linker", "split-debuginfo", "debuginfo"];
        assert_eq!(nearest("linkr", known), Some("linker"));
        assert_eq!(nearest("split_debuginfo", known), Some("split-debuginfo"));
        assert_eq!(nearest("zzz", known), None);
    }

    #[test]
    fn lists_all_where_nothing_is_near() {
        assert_eq!(suggestion("linkr", ["linker"]), "; did you mean `linker`?");
        assert_eq!(suggestion("zzz", ["a", "b"]), "; known are `a`, `b`");
        assert_eq!(suggestion("zzz", []), "");
    }
}
