//! The sizes of futures, from what rustc prints with `-Zprint-type-sizes`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The size of a coroutine, and the largest thing that it keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    pub bytes: u64,
    /// The name of the variable and its bytes.
    pub largest: Option<(String, u64)>,
}

/// Reads the lines one after another, and keeps those about coroutines.
#[derive(Debug, Default)]
pub struct Layouts {
    /// By the type as MIR prints it: `{async fn body of a::b()}`.
    pub sizes: BTreeMap<String, Size>,
    current: Option<String>,
}

const PREFIX: &str = "print-type-size ";

impl Layouts {
    /// Takes a line; whether it was about a type.
    pub fn line(&mut self, line: &str) -> bool {
        let Some(rest) = line.strip_prefix(PREFIX) else {
            return false;
        };
        if let Some(ty) = rest.strip_prefix("type: `") {
            self.current = self.begin(ty);
        } else if let Some(current) = &self.current
            && let Some(size) = self.sizes.get_mut(current)
            && let Some((name, bytes)) = kept(rest.trim_start())
            && size.largest.as_ref().is_none_or(|(_, most)| *most < bytes)
        {
            size.largest = Some((name.to_owned(), bytes));
        }
        true
    }

    fn begin(&mut self, ty: &str) -> Option<String> {
        let (ty, rest) = ty.rsplit_once("`: ")?;
        let bytes = rest.split(' ').next()?.parse().ok()?;
        ty.starts_with("{async ").then(|| {
            // A generic future has several: the largest counts.
            let size = self.sizes.entry(ty.to_owned()).or_default();
            if bytes >= size.bytes {
                *size = Size {
                    bytes,
                    largest: None,
                };
            }
            ty.to_owned()
        })
    }
}

/// ``local `.g`: 16 bytes``, ``upvar `.m`: 8 bytes``
fn kept(line: &str) -> Option<(&str, u64)> {
    let rest = line
        .strip_prefix("local `.")
        .or(line.strip_prefix("upvar `."))?;
    let (name, rest) = rest.split_once("`: ")?;
    Some((name, rest.split(' ').next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_future_has_a_size_and_something_largest() {
        let mut layouts = Layouts::default();
        let text = "\
print-type-size type: `{async fn body of a::held()}`: 40 bytes, alignment: 8 bytes
print-type-size     discriminant: 1 bytes
print-type-size     variant `Suspend0`: 32 bytes
print-type-size         upvar `.m`: 8 bytes, offset: 0 bytes, alignment: 8 bytes
print-type-size         local `.g`: 16 bytes
print-type-size         local `.__awaitee`: 8 bytes, type: {async fn body of other()}
print-type-size type: `std::vec::Vec<u8>`: 24 bytes, alignment: 8 bytes
print-type-size         local `.no`: 99 bytes";
        for line in text.lines() {
            assert!(layouts.line(line));
        }
        assert!(!layouts.line("warning: else"));
        let expected = Size {
            bytes: 40,
            largest: Some(("g".to_owned(), 16)),
        };
        assert_eq!(layouts.sizes["{async fn body of a::held()}"], expected);
        assert_eq!(layouts.sizes.len(), 1);
        assert!(layouts.line("print-type-size type: `{async fn"), "torn");
    }
}
