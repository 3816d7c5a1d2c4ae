//! What was once looked up in a file, kept by its build id: another recording of the same program
//! reads only what it has not seen.

use pitcrew_core::store::Store;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::Resolved;

/// Raised when what is kept changes.
const FORMAT: &str = concat!("1-", env!("CARGO_PKG_VERSION"));

/// The resolved addresses of one file, each text once.
#[derive(Debug, Default, PartialEq)]
pub struct Known {
    texts: Vec<String>,
    by_address: FxHashMap<u64, Vec<KnownFunction>>,
}

/// Symbol, whether an async body, file (0 for none, else its index plus 1), line (0 for none).
type KnownFunction = (u32, bool, u32, u32);

/// A function at an address, with its texts as indices: equal ones are equal texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    pub symbol: u32,
    pub async_body: bool,
    pub file: Option<u32>,
    pub line: Option<u32>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    texts: Vec<String>,
    addresses: Vec<(u64, Vec<KnownFunction>)>,
}

impl Known {
    pub fn load(store: &Store, build_id: &str) -> Self {
        let kept: Option<Kept> = store.load(build_id, FORMAT);
        kept.filter(Kept::is_sound)
            .map_or_else(Self::default, |kept| Self {
                texts: kept.texts,
                by_address: kept.addresses.into_iter().collect(),
            })
    }

    /// A cache that cannot be written costs the next report time, not this one its answer.
    pub fn keep(&self, store: &Store, build_id: &str) {
        let mut addresses: Vec<_> = self.by_address.iter().collect();
        addresses.sort_unstable_by_key(|(address, _)| **address);
        let _ = store.keep(
            build_id,
            FORMAT,
            &(KeptRef {
                texts: &self.texts,
                addresses,
            }),
        );
    }

    /// How many addresses are known.
    pub fn count(&self) -> usize {
        self.by_address.len()
    }

    pub fn has(&self, address: u64) -> bool {
        self.by_address.contains_key(&address)
    }

    /// Adds what was found at addresses that are not known yet.
    pub fn extend(&mut self, found: impl Iterator<Item = (u64, Vec<Resolved>)>) {
        let texts = self.texts.iter().cloned().zip(0..);
        let mut indices: FxHashMap<String, u32> = texts.collect();
        for (address, functions) in found {
            let mut index = |text: String| {
                *indices.entry(text).or_insert_with_key(|text| {
                    self.texts.push(text.clone());
                    self.texts.len() as u32 - 1
                })
            };
            let functions = functions.into_iter().map(|f| {
                let file = f.file.map_or(0, |file| index(file) + 1);
                (index(f.symbol), f.async_body, file, f.line.unwrap_or(0))
            });
            let functions = functions.collect();
            self.by_address.insert(address, functions);
        }
    }

    /// The functions at an address, the innermost first.
    pub fn at(&self, address: u64) -> impl DoubleEndedIterator<Item = Named> + ExactSizeIterator {
        let functions = self.by_address.get(&address).map_or(&[][..], Vec::as_slice);
        functions
            .iter()
            .map(|(symbol, async_body, file, line)| Named {
                symbol: *symbol,
                async_body: *async_body,
                file: file.checked_sub(1),
                line: (*line > 0).then_some(*line),
            })
    }

    pub fn text(&self, index: u32) -> &str {
        self.texts.get(index as usize).map_or("", String::as_str)
    }

    /// The symbols of all async bodies.
    pub fn async_bodies(&self) -> impl Iterator<Item = &str> {
        let functions = self.by_address.values().flatten();
        let bodies = functions.filter(|(_, async_body, ..)| *async_body);
        bodies.map(|(symbol, ..)| self.text(*symbol))
    }
}

#[derive(Serialize)]
struct KeptRef<'a> {
    texts: &'a [String],
    addresses: Vec<(&'a u64, &'a Vec<KnownFunction>)>,
}

impl Kept {
    /// An index that points nowhere: somebody else wrote this file.
    fn is_sound(&self) -> bool {
        let count = self.texts.len();
        let mut functions = self.addresses.iter().flat_map(|(_, functions)| functions);
        functions.all(|(symbol, _, file, _)| (*symbol as usize) < count && *file as usize <= count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(symbol: &str, file: Option<&str>) -> Resolved {
        Resolved {
            symbol: symbol.to_owned(),
            async_body: symbol == "b",
            file: file.map(str::to_owned),
            line: file.map(|_| 7),
        }
    }

    #[test]
    fn what_is_kept_comes_back_and_more_can_be_added() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(camino::Utf8Path::from_path(folder.path()).unwrap(), "t");
        let mut known = Known::default();
        let functions = vec![function("a", Some("a.rs")), function("b", None)];
        known.extend([(5, functions), (9, Vec::new())].into_iter());
        known.keep(&store, "abc");
        let mut back = Known::load(&store, "abc");
        assert_eq!(back, known);
        back.extend([(11, vec![function("b", Some("a.rs"))])].into_iter());
        let named: Vec<Named> = back.at(5).chain(back.at(11)).collect();
        let names: Vec<&str> = named.iter().map(|named| back.text(named.symbol)).collect();
        assert_eq!(names, ["a", "b", "b"]);
        assert_eq!(named[0].file, named[2].file);
        assert_eq!(named[2].line, Some(7));
        assert_eq!(named[1].file, None);
        assert_eq!(back.async_bodies().count(), 2);
        assert!(back.has(9) && !back.has(10));
        assert_eq!(back.at(9).len(), 0);
        assert!(!Known::load(&store, "other").has(5));
    }

    #[test]
    fn a_file_whose_indices_point_nowhere_is_none() {
        let sound = |function: KnownFunction| {
            let texts = vec!["a".to_owned()];
            Kept {
                texts,
                addresses: vec![(5, vec![function])],
            }
            .is_sound()
        };
        assert!(sound((0, false, 1, 3)));
        assert!(!sound((1, false, 0, 3)));
        assert!(!sound((0, false, 2, 3)));
    }
}
