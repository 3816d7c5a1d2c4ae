//! One line a stack: `main;a::run;a::work 123`.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::analyse::View;

pub fn export(view: &View<'_>) -> Result<Vec<u8>> {
    Ok(lines(view).join("\n").into_bytes())
}

/// The stacks, sorted, with the weight of each.
pub fn lines(view: &View<'_>) -> Vec<String> {
    let mut stacks: BTreeMap<String, u64> = BTreeMap::new();
    for &(leaf, weight) in &view.leaves {
        let names = view.walk(Some(leaf)).map(|stack| {
            let name = &view.groups[view.group(stack) as usize].name;
            // What separates frames and lines cannot be part of a name.
            name.replace(';', ":").replace('\n', " ")
        });
        let mut names: Vec<String> = names.collect();
        names.reverse();
        *stacks.entry(names.join(";")).or_default() += weight;
    }
    stacks
        .into_iter()
        .map(|(stack, weight)| format!("{stack} {weight}"))
        .collect()
}
