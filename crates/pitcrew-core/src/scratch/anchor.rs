//! Keeping the meaning of relative paths in a cargo configuration that is read from another place:
//! those that lead out of what is copied become absolute.

use camino::{Utf8Path, Utf8PathBuf};
use toml_edit::{DocumentMut, Formatted, Item, TableLike, Value};

use super::tree::normalize;

/// How a value that may be a path is told from one that is not.
#[derive(Clone, Copy)]
enum Kind {
    /// Always a path, relative to the directory that holds `.cargo`.
    Path,
    /// A program: a path only where it has a slash, else a name on PATH.
    Program,
    /// A target: a path only where it ends in `.json`.
    Target,
    /// A path relative to the configuration file itself.
    Include,
}

/// `*` stands for any one key.
const PATHS: &[(&[&str], Kind)] = &[
    (&["paths"], Kind::Path),
    (&["include"], Kind::Include),
    (&["build", "rustc"], Kind::Program),
    (&["build", "rustc-wrapper"], Kind::Program),
    (&["build", "rustc-workspace-wrapper"], Kind::Program),
    (&["build", "rustdoc"], Kind::Program),
    (&["build", "target"], Kind::Target),
    (&["build", "target-dir"], Kind::Path),
    (&["build", "build-dir"], Kind::Path),
    (&["target", "*", "linker"], Kind::Program),
    (&["target", "*", "runner"], Kind::Program),
    (&["host", "linker"], Kind::Program),
    (&["source", "*", "directory"], Kind::Path),
    (&["source", "*", "local-registry"], Kind::Path),
    (&["patch", "*", "*", "path"], Kind::Path),
];

/// The configuration `text` of the file `config` with every relative path that leads to something
/// that is not `copied` made absolute; none where it can stay as it is.
pub(super) fn anchor(
    text: &str,
    config: &Utf8Path,
    copied: &dyn Fn(&Utf8Path) -> bool,
) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    let cargo_dir = config.parent()?;
    let base = cargo_dir.parent()?;
    let mut changed = false;
    for (key, kind) in PATHS {
        let from = match kind {
            Kind::Include => cargo_dir,
            _ => base,
        };
        let mut anchored = |path: &str| absolute(path, *kind, from, copied);
        changed |= walk(document.as_item_mut(), key, *kind, &mut anchored);
    }
    if let Some(env) = document.get_mut("env").and_then(Item::as_table_like_mut) {
        changed |= anchor_env(env, base, copied);
    }
    changed.then(|| document.to_string())
}

fn absolute(
    path: &str,
    kind: Kind,
    from: &Utf8Path,
    copied: &dyn Fn(&Utf8Path) -> bool,
) -> Option<String> {
    let is_path = match kind {
        Kind::Path | Kind::Include => true,
        Kind::Program => path.contains(['/', '\\']),
        Kind::Target => path.ends_with(".json"),
    };
    // `build-dir` may hold a placeholder, which cargo resolves itself.
    if !is_path || Utf8Path::new(path).is_absolute() || path.starts_with('{') {
        return None;
    }
    let absolute = normalize(from.join(path).as_ref());
    let absolute = Utf8PathBuf::try_from(absolute).ok()?;
    (!copied(&absolute)).then(|| absolute.into_string())
}

type Anchored<'a> = &'a mut dyn FnMut(&str) -> Option<String>;

fn walk(item: &mut Item, key: &[&str], kind: Kind, anchored: Anchored<'_>) -> bool {
    let Some((first, rest)) = key.split_first() else {
        return replace(item, kind, anchored);
    };
    let Some(table) = item.as_table_like_mut() else {
        return false;
    };
    if *first == "*" {
        let children = table.iter_mut().map(|(_, child)| child);
        return children.fold(false, |changed, child| {
            walk(child, rest, kind, anchored) | changed
        });
    }
    table
        .get_mut(first)
        .is_some_and(|child| walk(child, rest, kind, anchored))
}

/// Replaces a string, each string of a list, or the `path` of each table of a list (`include`).
fn replace(item: &mut Item, kind: Kind, anchored: Anchored<'_>) -> bool {
    if let Some(value) = item.as_value_mut() {
        return replace_value(value, kind, anchored);
    }
    let Some(tables) = item.as_array_of_tables_mut() else {
        return false;
    };
    tables.iter_mut().fold(false, |changed, table| {
        table
            .get_mut("path")
            .is_some_and(|path| replace(path, kind, anchored))
            | changed
    })
}

fn replace_value(value: &mut Value, kind: Kind, anchored: Anchored<'_>) -> bool {
    match value {
        Value::String(text) => set(text, anchored),
        // Of a program with arguments only the first is a path.
        Value::Array(items) => {
            let count = if matches!(kind, Kind::Program) {
                1
            } else {
                items.len()
            };
            let items = items.iter_mut().take(count);
            items.fold(false, |changed, item| {
                replace_value(item, kind, anchored) | changed
            })
        }
        Value::InlineTable(table) => table
            .get_mut("path")
            .is_some_and(|path| replace_value(path, kind, anchored)),
        _ => false,
    }
}

/// Keeps the comments and spaces around the value.
fn set(text: &mut Formatted<String>, anchored: Anchored<'_>) -> bool {
    let Some(path) = anchored(text.value()) else {
        return false;
    };
    let decor = text.decor().clone();
    *text = Formatted::new(path);
    *text.decor_mut() = decor;
    true
}

/// `[env]` values are paths where they say `relative = true`.
fn anchor_env(
    env: &mut dyn TableLike,
    base: &Utf8Path,
    copied: &dyn Fn(&Utf8Path) -> bool,
) -> bool {
    let mut changed = false;
    for (_, variable) in env.iter_mut() {
        let Some(table) = variable.as_table_like_mut() else {
            continue;
        };
        if table.get("relative").and_then(Item::as_bool) == Some(true)
            && let Some(value) = table.get_mut("value")
        {
            changed |= replace(value, Kind::Path, &mut |path| {
                absolute(path, Kind::Path, base, copied)
            });
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anchored(text: &str) -> Option<String> {
        anchor(text, "/home/u/.cargo/config.toml".into(), &|path| {
            path.starts_with("/home/u/project")
        })
    }

    #[test]
    fn paths_out_of_the_copy_become_absolute_and_the_rest_stays() {
        let text = r#"
paths = ["project/a", "b"] # two
include = [{ path = "more.toml", optional = true }]
[build]
rustc-wrapper = "sccache"
rustc = "tools/rustc" # ours
target = ["x86_64-unknown-linux-gnu", "specs/mine.json"]
[target.x86_64-unknown-linux-gnu]
runner = ["tools/run", "tools/arg"]
linker = "clang"
[source.vendored]
directory = "vendor"
[patch.crates-io]
a = { path = "../a" }
[env]
PLAIN = "x/y"
HERE = { value = "x/y", relative = true }
"#;
        let expected = r#"
paths = ["project/a", "/home/u/b"] # two
include = [{ path = "/home/u/.cargo/more.toml", optional = true }]
[build]
rustc-wrapper = "sccache"
rustc = "/home/u/tools/rustc" # ours
target = ["x86_64-unknown-linux-gnu", "/home/u/specs/mine.json"]
[target.x86_64-unknown-linux-gnu]
runner = ["/home/u/tools/run", "tools/arg"]
linker = "clang"
[source.vendored]
directory = "/home/u/vendor"
[patch.crates-io]
a = { path = "/home/a" }
[env]
PLAIN = "x/y"
HERE = { value = "/home/u/x/y", relative = true }
"#;
        assert_eq!(anchored(text).as_deref(), Some(expected));
    }

    #[test]
    fn nothing_to_anchor_and_broken_configuration_are_left_alone() {
        for text in [
            "[build]\njobs = 2\n",
            "paths = [\"project/x\"]",
            "paths = [",
            "",
        ] {
            assert_eq!(anchored(text), None);
        }
    }
}
