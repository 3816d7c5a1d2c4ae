//! Where the packages of a workspace lie, so that a function's file tells whose it is.

use pitcrew_core::workspace::Workspace;

use crate::names::origin::Places;

pub fn of(workspace: &Workspace) -> Places {
    let mut members = Vec::new();
    let mut crates = Vec::new();
    let mut outside = Vec::new();
    for package in &workspace.metadata.packages {
        let Some(dir) = package.manifest_path.parent() else {
            continue;
        };
        let entry = (dir.to_string(), package.name.to_string());
        if workspace.is_member(&package.id) {
            members.push(entry);
            for target in &package.targets {
                crates.push((target.name.replace('-', "_"), package.name.to_string()));
            }
        } else if package.source.is_none() {
            outside.push(entry);
        }
    }
    // A member may lie inside another: the deepest folder is right.
    for places in [&mut members, &mut outside] {
        places.sort_by_key(|(dir, _)| std::cmp::Reverse(dir.len()));
    }
    Places {
        root: workspace.root.to_string(),
        members,
        outside,
        crates,
    }
}
