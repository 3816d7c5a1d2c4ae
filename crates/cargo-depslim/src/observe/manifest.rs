//! One manifest as it is written: its dependency tables with the place of each entry, its features,
//! and the entries that a workspace shares.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use camino::Utf8Path;
use pitcrew_core::finding::Location;
use pitcrew_core::manifest::parse_error;
use pitcrew_core::position::line_column;
use toml_edit::{Document, Item, TableLike};

use crate::facts::{Kind, Table};

/// A manifest, read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Manifest {
    pub entries: Vec<Entry>,
    /// `[workspace.dependencies]`
    pub shared: Vec<Entry>,
    pub features: BTreeMap<String, Vec<String>>,
    /// `package.links`
    pub links: Option<String>,
    /// `lib.name`
    pub lib_name: Option<String>,
    pub lib_path: Option<String>,
    pub proc_macro: bool,
    pub crate_types: Vec<String>,
    pub package_name: Option<String>,
    /// Strings anywhere in `[package.metadata]`.
    pub metadata_words: Vec<String>,
    /// Other tools' lists of what not to report, by tool.
    pub ignored: Vec<Ignored>,
}

/// An entry of a dependency table, as far as its manifest alone tells.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entry {
    pub key: String,
    pub table: Table,
    /// `package = "…"`
    pub package: Option<String>,
    pub path: Option<String>,
    pub requirement: Option<String>,
    pub optional: bool,
    pub default_features: Option<bool>,
    pub features: Vec<String>,
    pub inherited: bool,
    /// `artifact = "…"`: built for its file.
    pub artifact: bool,
    pub location: Option<Location>,
}

/// What another tool was told not to report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    pub tool: &'static str,
    pub name: String,
    /// Only in this kind of table.
    pub kind: Option<Kind>,
}

/// Reads the manifest at `path`, which is relative to the workspace root.
pub fn read(path: &Utf8Path, text: &str) -> Result<Manifest> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Ok(document) = Document::parse(text) else {
        match parse_error(path, text) {
            Some(error) => bail!(error),
            None => bail!("{path} is not TOML"),
        }
    };
    let reader = Reader { path, text };
    let root: &dyn TableLike = document.as_table();
    let mut manifest = Manifest {
        entries: reader.tables(root, None, &[]),
        features: features(root),
        ..Manifest::default()
    };
    if let Some(targets) = table(root, "target") {
        for (target, tables) in targets.iter() {
            if let Some(tables) = tables.as_table_like() {
                let above = ["target".to_owned(), target.to_owned()];
                let entries = reader.tables(tables, Some(target), &above);
                manifest.entries.extend(entries);
            }
        }
    }
    if let Some(workspace) = table(root, "workspace") {
        let path = ["workspace".to_owned(), "dependencies".to_owned()];
        if let Some(shared) = table(workspace, "dependencies") {
            let place = Table {
                path: path.to_vec(),
                ..Table::default()
            };
            manifest.shared = reader.entries(shared, &place);
        }
        manifest.ignored.extend(ignored(workspace));
    }
    if let Some(lib) = table(root, "lib") {
        manifest.lib_name = string(lib, "name");
        manifest.lib_path = string(lib, "path");
        manifest.proc_macro = flag(lib, ["proc-macro", "proc_macro"]) == Some(true);
        manifest.crate_types = strings(lib.get("crate-type").or_else(|| lib.get("crate_type")));
    }
    if let Some(package) = table(root, "package").or_else(|| table(root, "project")) {
        manifest.package_name = string(package, "name");
        manifest.links = string(package, "links");
        manifest.ignored.extend(ignored(package));
        if let Some(metadata) = package.get("metadata") {
            words(metadata, &mut manifest.metadata_words);
        }
    }
    Ok(manifest)
}

struct Reader<'a> {
    path: &'a Utf8Path,
    text: &'a str,
}

impl Reader<'_> {
    /// The entries of all dependency tables in `tables`, which `above` leads to.
    fn tables(&self, tables: &dyn TableLike, target: Option<&str>, above: &[String]) -> Vec<Entry> {
        /// Older manifests spell them with an underscore.
        const SPELLINGS: [(&str, Kind); 5] = [
            ("dependencies", Kind::Normal),
            ("dev-dependencies", Kind::Development),
            ("dev_dependencies", Kind::Development),
            ("build-dependencies", Kind::Build),
            ("build_dependencies", Kind::Build),
        ];
        let mut entries = Vec::new();
        for (name, kind) in SPELLINGS {
            let Some(found) = table(tables, name) else {
                continue;
            };
            let path = above.iter().cloned().chain([name.to_owned()]);
            let place = Table {
                kind,
                target: target.map(str::to_owned),
                path: path.collect(),
            };
            entries.extend(self.entries(found, &place));
        }
        entries
    }

    fn entries(&self, dependencies: &dyn TableLike, place: &Table) -> Vec<Entry> {
        let mut entries: Vec<(usize, Entry)> = dependencies
            .iter()
            .map(|(key, item)| {
                let found = dependencies.get_key_value(key);
                let span = found.and_then(|(key, item)| match item {
                    // The key of a dotted one or of a header stands elsewhere for some of them.
                    Item::Table(table) if !table.is_dotted() => table.span().or_else(|| key.span()),
                    _ => key.span(),
                });
                let start = span.map_or(0, |span| span.start);
                (start, self.entry(key, item, place, start))
            })
            .collect();
        entries.sort_by_key(|(start, _)| *start);
        entries.into_iter().map(|(_, entry)| entry).collect()
    }

    fn entry(&self, key: &str, item: &Item, place: &Table, start: usize) -> Entry {
        let location = line_column(self.text, start).map(|(line, column)| Location {
            path: self.path.to_owned(),
            line,
            column,
        });
        let mut entry = Entry {
            key: key.to_owned(),
            table: place.clone(),
            requirement: item.as_str().map(str::to_owned),
            location,
            ..Entry::default()
        };
        if let Some(table) = item.as_table_like() {
            entry.package = string(table, "package");
            entry.path = string(table, "path");
            entry.requirement = string(table, "version");
            entry.optional = flag(table, ["optional"]) == Some(true);
            entry.inherited = flag(table, ["workspace"]) == Some(true);
            entry.default_features = flag(table, ["default-features", "default_features"]);
            entry.features = strings(table.get("features"));
            entry.artifact = table.contains_key("artifact");
        }
        entry
    }
}

fn table<'t>(parent: &'t dyn TableLike, key: &str) -> Option<&'t dyn TableLike> {
    parent.get(key)?.as_table_like()
}

fn string(table: &dyn TableLike, key: &str) -> Option<String> {
    table.get(key)?.as_str().map(str::to_owned)
}

/// True or false under the first of the spellings that is there.
fn flag<const N: usize>(table: &dyn TableLike, spellings: [&str; N]) -> Option<bool> {
    let mut found = spellings.iter().filter_map(|name| table.get(name));
    found.find_map(Item::as_bool)
}

fn strings(item: Option<&Item>) -> Vec<String> {
    let array = item.and_then(Item::as_array);
    let values = array.into_iter().flatten();
    values
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect()
}

fn features(root: &dyn TableLike) -> BTreeMap<String, Vec<String>> {
    let table = table(root, "features");
    let features = table.into_iter().flat_map(TableLike::iter);
    features
        .map(|(name, list)| (name.to_owned(), strings(Some(list))))
        .collect()
}

/// The lists of cargo-machete, cargo-shear and cargo-udeps in the `metadata` of a table.
fn ignored(owner: &dyn TableLike) -> Vec<Ignored> {
    let mut out = Vec::new();
    let Some(metadata) = table(owner, "metadata") else {
        return out;
    };
    for tool in ["cargo-machete", "cargo-shear"] {
        let names = table(metadata, tool).map(|table| strings(table.get("ignored")));
        out.extend(names.into_iter().flatten().map(|name| Ignored {
            tool,
            name,
            kind: None,
        }));
    }
    let udeps = table(metadata, "cargo-udeps").and_then(|udeps| table(udeps, "ignore"));
    let kinds = [
        ("normal", Kind::Normal),
        ("development", Kind::Development),
        ("build", Kind::Build),
    ];
    for (name, kind) in kinds {
        let names = udeps.map(|udeps| strings(udeps.get(name)));
        out.extend(names.into_iter().flatten().map(|name| Ignored {
            tool: "cargo-udeps",
            name,
            kind: Some(kind),
        }));
    }
    out
}

/// All strings in an item, however deep.
fn words(item: &Item, out: &mut Vec<String>) {
    if let Some(text) = item.as_str() {
        out.push(text.to_owned());
    }
    if let Some(table) = item.as_table_like() {
        for (_, item) in table.iter() {
            words(item, out);
        }
    }
    if let Some(array) = item.as_array() {
        out.extend(array.iter().filter_map(|v| v.as_str().map(str::to_owned)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(text: &str) -> Manifest {
        read(Utf8Path::new("Cargo.toml"), text).unwrap()
    }

    #[test]
    fn all_tables_and_notations_are_read() {
        let found = manifest(
            "[package]\nname = \"x\"\nlinks = \"z\"\n[lib]\nname = \"y\"\nproc-macro = true\n\
             [dependencies]\na = \"1\"\nb.workspace = true\nb.features = [\"f\"]\n\
             c = { version = \"=2\", package = \"see\", optional = true, default-features = false }\n\
             [dependencies.d]\npath = \"../d\"\n[dev_dependencies]\ne = \"1\"\n\
             [target.'cfg(unix)'.build-dependencies]\nf = \"1\"\n\
             [workspace.dependencies]\ng = { git = \"https://h/g\" }\n\
             [features]\ndefault = [\"c\"]\n",
        );
        let shown: Vec<String> = found
            .entries
            .iter()
            .map(|e| format!("{} {:?} {}", e.key, e.table.kind, e.table.path.join(".")))
            .collect();
        assert_eq!(
            shown,
            [
                "a Normal dependencies",
                "b Normal dependencies",
                "c Normal dependencies",
                "d Normal dependencies",
                "e Development dev_dependencies",
                "f Build target.cfg(unix).build-dependencies"
            ]
        );
        let by_key = |key: &str| found.entries.iter().find(|e| e.key == key).unwrap();
        assert!(by_key("b").inherited && by_key("b").features == ["f"]);
        let c = by_key("c");
        assert_eq!(c.package.as_deref(), Some("see"));
        assert!(c.optional && c.default_features == Some(false));
        assert_eq!(c.requirement.as_deref(), Some("=2"));
        let lines: Vec<u32> = found
            .entries
            .iter()
            .filter_map(|e| Some(e.location.as_ref()?.line))
            .collect();
        assert_eq!(lines, [8, 9, 11, 12, 15, 17]);
        assert_eq!(found.shared[0].key, "g");
        assert_eq!(found.features["default"], ["c"]);
        assert!(found.proc_macro && found.lib_name.as_deref() == Some("y"));
        assert_eq!(found.links.as_deref(), Some("z"));
    }

    #[test]
    fn the_ignore_lists_of_other_tools_are_read() {
        let found = manifest(
            "[package]\nname = \"x\"\n[package.metadata.cargo-machete]\nignored = [\"a\"]\n\
             [package.metadata]\ncargo-shear = { ignored = [\"b\"] }\n\
             [package.metadata.cargo-udeps.ignore]\ndevelopment = [\"c\"]\n\
             [package.metadata.docs.rs]\nfeatures = [\"full\"]\n\
             [workspace.metadata.cargo-shear]\nignored = [\"d\"]\n",
        );
        let shown: Vec<String> = found
            .ignored
            .iter()
            .map(|i| format!("{} {} {:?}", i.name, i.tool, i.kind))
            .collect();
        assert_eq!(
            shown,
            [
                "d cargo-shear None",
                "a cargo-machete None",
                "b cargo-shear None",
                "c cargo-udeps Some(Development)"
            ]
        );
        assert!(found.metadata_words.contains(&"full".to_owned()));
    }

    #[test]
    fn broken_toml_names_the_place() {
        let error = read(Utf8Path::new("a/Cargo.toml"), "[package\n").unwrap_err();
        assert!(error.to_string().starts_with("a/Cargo.toml:1:"), "{error}");
    }
}
