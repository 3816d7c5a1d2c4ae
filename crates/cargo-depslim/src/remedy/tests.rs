//! What `remedy` promises, tested on manifests.

use super::*;
use crate::facts::{SharedDependency, Table};

/// A member with this manifest; `dependencies` are keys with the kind of their table, `?` behind
/// those that are optional.
fn member(manifest: &str, dependencies: &[(&str, Kind)]) -> Member {
    let of = |(key, kind): &(&str, Kind)| Dependency {
        key: key.trim_end_matches('?').to_owned(),
        optional: key.ends_with('?'),
        inherited: manifest.contains(&format!("{}.workspace", key.trim_end_matches('?'))),
        table: Table {
            kind: *kind,
            target: None,
            path: vec![kind.table().to_owned()],
        },
        ..Dependency::default()
    };
    let document: toml_edit::DocumentMut = manifest.parse().unwrap();
    let features = document.get("features").and_then(|item| item.as_table());
    let features = features.into_iter().flat_map(|table| table.iter());
    Member {
        manifest_path: "Cargo.toml".into(),
        manifest: manifest.to_owned(),
        dependencies: dependencies.iter().map(of).collect(),
        features: features
            .map(|(name, list)| {
                let list = list.as_array().unwrap().iter();
                let items = list.map(|item| item.as_str().unwrap().to_owned());
                (name.to_owned(), items.collect())
            })
            .collect(),
        ..Member::default()
    }
}

fn applied(facts: &Facts, actions: &[Action]) -> String {
    let changes: Vec<TomlChange> = changes(facts, actions)
        .into_iter()
        .map(|(_, c)| c)
        .collect();
    manifest::change(&facts.members[0].manifest, &changes).unwrap()
}

fn id(dependency: usize) -> EntryId {
    EntryId {
        member: 0,
        dependency,
    }
}

fn facts(member: Member) -> Facts {
    Facts {
        members: vec![member],
        ..Facts::default()
    }
}

/// The manifest without its first dependency.
fn without_first(manifest: &str, dependencies: &[(&str, Kind)]) -> String {
    applied(
        &facts(member(manifest, dependencies)),
        &[Action::Remove(id(0))],
    )
}

#[test]
fn references_in_features_go_with_a_dependency() {
    let text = "[dependencies]\nx = { version = \"1\", optional = true } # why\ny = \"1\"\n\n[features]\n\
                # the default\ndefault = [\"a\", \"b\"]\na = [\"dep:x\", \"x?/f\", \"y/g\"] # a\nb = [\"dep:x\"]\n\
                c = [\"x/f\"]\nd = [\"c\", \"y/h\"]\ne = [\"x/f\"]\n";
    assert_eq!(
        without_first(text, &[("x?", Kind::Normal), ("y", Kind::Normal)]),
        "[dependencies]\n# why\ny = \"1\"\n\n[features]\n\
         # the default\ndefault = [\"a\", \"b\"]\na = [\"y/g\"] # a\nb = []\n\
         c = []\nd = [\"c\", \"y/h\"]\n"
    );
}

#[test]
fn the_default_feature_stays_though_it_be_empty() {
    let text = "[dependencies]\nx = { version = \"1\", optional = true }\n\n[features]\ndefault = [\"x\"]\n";
    assert_eq!(
        without_first(text, &[("x?", Kind::Normal)]),
        "[features]\ndefault = []\n"
    );
}

#[test]
fn an_implicit_feature_stays_where_others_name_it() {
    let text = "[dependencies]\nx = { version = \"1\", optional = true }\n\n[features]\nfull = [\"x\", \"y\"]\ny = []\n";
    let dependencies = [("x?", Kind::Normal)];
    assert_eq!(
        without_first(text, &dependencies),
        "[features]\nfull = [\"y\"]\ny = []\n"
    );
    let mut named = member(text, &dependencies);
    named.named_features.insert("x".to_owned());
    let facts = facts(named);
    assert_eq!(
        applied(&facts, &[Action::Remove(id(0))]),
        "[features]\nfull = [\"x\", \"y\"]\ny = []\nx = []\n"
    );
    let touched = touched_features(&facts, &[Action::Remove(id(0))]);
    assert_eq!(touched[&0], BTreeSet::from(["x".to_owned()]));
}

#[test]
fn references_stay_while_another_table_declares_the_key() {
    let text =
        "[dependencies]\nx = \"1\"\n[build-dependencies]\nx = \"1\"\n[features]\na = [\"x/f\"]\n";
    assert_eq!(
        without_first(text, &[("x", Kind::Normal), ("x", Kind::Build)]),
        "[build-dependencies]\nx = \"1\"\n[features]\na = [\"x/f\"]\n"
    );
    let text =
        "[dependencies]\nx = \"1\"\n[dev-dependencies]\nx = \"1\"\n[features]\na = [\"x/f\"]\n";
    assert_eq!(
        without_first(text, &[("x", Kind::Normal), ("x", Kind::Development)]),
        "[dev-dependencies]\nx = \"1\"\n"
    );
}

#[test]
fn two_removals_share_one_list() {
    let text = "[dependencies]\nx = { version = \"1\", optional = true }\ny = { version = \"1\", optional = true }\n\
                z = \"1\"\n\n[features]\na = [\"dep:x\", \"dep:y\", \"z/f\"]\n";
    let member = member(
        text,
        &[
            ("x?", Kind::Normal),
            ("y?", Kind::Normal),
            ("z", Kind::Normal),
        ],
    );
    assert_eq!(
        applied(
            &facts(member),
            &[Action::Remove(id(0)), Action::Remove(id(1))]
        ),
        "[dependencies]\nz = \"1\"\n\n[features]\na = [\"z/f\"]\n"
    );
}

#[test]
fn a_shared_entry_goes_with_the_last_that_inherits_it() {
    let text = "[workspace.dependencies]\nx = \"1\"\ny = \"1\"\n\n[dependencies]\nx.workspace = true\ny.workspace = true\n";
    let mut facts = facts(member(text, &[("x", Kind::Normal), ("y", Kind::Normal)]));
    facts.shared = ["x", "y"]
        .map(|key| SharedDependency {
            key: key.to_owned(),
            inherited_by: vec![0],
            ..SharedDependency::default()
        })
        .to_vec();
    assert_eq!(
        applied(&facts, &[Action::Remove(id(0))]),
        "[workspace.dependencies]\ny = \"1\"\n\n[dependencies]\ny.workspace = true\n"
    );
    facts.shared[0].inherited_by.push(1);
    facts.members.push(facts.members[0].clone());
    let changes = changes(&facts, &[Action::Remove(id(0))]);
    assert_eq!(changes.len(), 1, "the other member still inherits it");
}

#[test]
fn an_entry_moves_as_it_is_written() {
    let moved = |text: &str, dependencies: &[(&str, Kind)]| {
        let facts = facts(member(text, dependencies));
        applied(&facts, &[Action::Move(id(0), Kind::Development)])
    };
    let normal = [("x", Kind::Normal)];
    assert_eq!(
        moved(
            "[dependencies]\nx = { version = \"1\",  features = ['f'] }\nz = \"1\"\n",
            &normal
        ),
        "[dependencies]\nz = \"1\"\n\n[dev-dependencies]\nx = { version = \"1\",  features = ['f'] }\n"
    );
    assert_eq!(
        moved("[dependencies]\nx.workspace = true\nz = \"1\"\n", &normal),
        "[dependencies]\nz = \"1\"\n\n[dev-dependencies]\nx = { workspace = true }\n"
    );
    let both = [("x", Kind::Normal), ("y", Kind::Development)];
    assert_eq!(
        moved(
            "[dependencies]\nx.workspace = true\n\n[dev-dependencies]\ny.workspace = true\n",
            &both
        ),
        "[dev-dependencies]\ny.workspace = true\nx.workspace = true\n"
    );
    assert_eq!(
        moved(
            "[dependencies.x]\nversion = \"1\"\nfeatures = [\"f\"]\n\n[dev-dependencies]\ny = \"1\"\n",
            &both
        ),
        "[dev-dependencies]\ny = \"1\"\n\n[dev-dependencies.x]\nversion = \"1\"\nfeatures = [\"f\"]\n"
    );
}
