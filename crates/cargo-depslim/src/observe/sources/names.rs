//! The names that a scan looks for. Most identifiers of a source are none of them, so a look at the
//! first byte and the length must do for nearly all.

use std::collections::{HashMap, HashSet};

/// A name that is looked for, by its number.
pub type NameId = u16;

/// A set of identifiers.
#[derive(Debug, Clone, Default)]
pub struct Names {
    ids: HashMap<String, NameId>,
    list: Vec<String>,
    /// By first byte, a bit for each length.
    lengths: Vec<u64>,
    /// Those of crates that give nothing but macros.
    macros: HashSet<NameId>,
}

impl Names {
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        let mut out = Self {
            lengths: vec![0; 256],
            ..Self::default()
        };
        for name in names {
            out.add(name);
        }
        out
    }

    /// Tells of some of the names that their crates give nothing but macros.
    #[must_use]
    pub fn of_macros<'n>(mut self, names: impl IntoIterator<Item = &'n String>) -> Self {
        let names = names.into_iter();
        self.macros = names.filter_map(|name| self.get(name)).collect();
        self
    }

    /// Whether what is imported from `name` can only be a macro, which no path begins with.
    pub fn gives_only_macros(&self, name: &str) -> bool {
        self.get(name).is_some_and(|id| self.macros.contains(&id))
    }

    fn add(&mut self, name: String) {
        let Ok(id) = NameId::try_from(self.list.len()) else {
            return;
        };
        let Some(first) = name.bytes().next() else {
            return;
        };
        if self.ids.contains_key(&name) {
            return;
        }
        self.lengths[usize::from(first)] |= length_bit(&name);
        self.list.push(name.clone());
        self.ids.insert(name, id);
    }

    /// The number of `name`, if it is looked for.
    pub fn get(&self, name: &str) -> Option<NameId> {
        let first = name.bytes().next()?;
        let lengths = self.lengths.get(usize::from(first))?;
        if lengths & length_bit(name) == 0 {
            return None;
        }
        self.ids.get(name).copied()
    }

    pub fn name(&self, id: NameId) -> &str {
        self.list.get(usize::from(id)).map_or("", String::as_str)
    }

    pub fn iter(&self) -> impl Iterator<Item = (NameId, &str)> {
        (0..).zip(self.list.iter().map(String::as_str))
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

fn length_bit(name: &str) -> u64 {
    1 << name.len().min(63)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_names_themselves_are_found() {
        let long = "a".repeat(80);
        let names = Names::new(["serde", "syn", "serde", long.as_str()].map(str::to_owned));
        assert_eq!(names.get("serde"), Some(0));
        assert_eq!(names.get("syn"), Some(1));
        assert_eq!(names.get("sun"), None);
        assert_eq!(names.get("serd"), None);
        assert_eq!(names.get(""), None);
        assert_eq!(names.get(&long).map(|id| names.name(id)), Some(&*long));
    }
}
