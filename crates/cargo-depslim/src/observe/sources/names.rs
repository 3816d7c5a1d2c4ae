//! The names that a scan looks for. Most identifiers of a source are none of them, so a look at the
//! first byte and the length must do for nearly all.

use std::collections::HashMap;

/// A name that is looked for, by its number.
pub type NameId = u16;

/// A set of identifiers.
#[derive(Debug, Clone, Default)]
pub struct Names {
    ids: HashMap<String, NameId>,
    list: Vec<String>,
    /// By first byte, a bit for each length.
    lengths: Vec<u64>,
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
