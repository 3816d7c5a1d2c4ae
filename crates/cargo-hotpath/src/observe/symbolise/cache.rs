//! What was once looked up in a file, kept by its build id: another recording of the same program
//! reads only what it has not seen.

use std::collections::HashMap;

use pitcrew_core::store::Store;
use serde::{Deserialize, Serialize};

use super::Resolved;

/// Raised when what is kept changes.
const FORMAT: &str = concat!("1-", env!("CARGO_PKG_VERSION"));

/// The resolved addresses of one file.
#[derive(Debug, Default)]
pub struct Known {
    pub by_address: HashMap<u64, Vec<Resolved>>,
}

/// The same with each text once.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    texts: Vec<String>,
    addresses: Vec<(u64, Vec<KeptFunction>)>,
}

/// Symbol, whether an async body, file (0 for none, else its index plus 1), line (0 for none).
type KeptFunction = (u32, bool, u32, u32);

impl Known {
    pub fn load(store: &Store, build_id: &str) -> Self {
        let kept: Option<Kept> = store.load(build_id, FORMAT);
        kept.and_then(Kept::restore).unwrap_or_default()
    }

    /// A cache that cannot be written costs the next report time, not this one its answer.
    pub fn keep(&self, store: &Store, build_id: &str) {
        let _ = store.keep(build_id, FORMAT, &Kept::of(self));
    }
}

impl Kept {
    fn of(known: &Known) -> Self {
        let mut kept = Self::default();
        let mut indices: HashMap<&str, u32> = HashMap::new();
        let mut addresses: Vec<_> = known.by_address.iter().collect();
        addresses.sort_by_key(|(address, _)| **address);
        for (address, functions) in addresses {
            let mut text = |text| {
                let texts = &mut kept.texts;
                *indices.entry(text).or_insert_with(|| {
                    texts.push(String::from(text));
                    texts.len() as u32 - 1
                })
            };
            let functions = functions.iter().map(|f| {
                let file = f.file.as_deref().map_or(0, |file| text(file) + 1);
                (text(&f.symbol), f.async_body, file, f.line.unwrap_or(0))
            });
            let functions = functions.collect();
            kept.addresses.push((*address, functions));
        }
        kept
    }

    /// None where an index points nowhere: somebody else wrote this file.
    fn restore(self) -> Option<Known> {
        let text = |index: u32| self.texts.get(index as usize).cloned();
        let mut by_address = HashMap::with_capacity(self.addresses.len());
        for (address, functions) in &self.addresses {
            let mut restored = Vec::with_capacity(functions.len());
            for (symbol, async_body, file, line) in functions {
                restored.push(Resolved {
                    symbol: text(*symbol)?,
                    async_body: *async_body,
                    file: match file {
                        0 => None,
                        index => Some(text(index - 1)?),
                    },
                    line: (*line > 0).then_some(*line),
                });
            }
            by_address.insert(*address, restored);
        }
        Some(Known { by_address })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(camino::Utf8Path::from_path(folder.path()).unwrap(), "t");
        let function = |symbol: &str, file: Option<&str>| Resolved {
            symbol: symbol.to_owned(),
            async_body: symbol == "b",
            file: file.map(str::to_owned),
            line: file.map(|_| 7),
        };
        let functions = vec![function("a", Some("a.rs")), function("b", None)];
        let known = Known {
            by_address: HashMap::from([(5, functions), (9, Vec::new())]),
        };
        known.keep(&store, "abc");
        assert_eq!(Known::load(&store, "abc").by_address, known.by_address);
        assert!(Known::load(&store, "other").by_address.is_empty());
    }
}
