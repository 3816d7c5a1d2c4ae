//! The kernel's functions, where it lets us know them.

use std::collections::HashMap;
use std::fs;

use pitcrew_core::store::Store;
use sha2::{Digest as _, Sha256};

use crate::observe::elf::hex;

/// The names of these addresses. The kernel takes a while to tell them, so they are kept in `store` for
/// as long as the same kernel runs with the same modules.
pub fn names(addresses: &[u64], store: Option<&Store>) -> HashMap<u64, String> {
    if addresses.is_empty() {
        return HashMap::new();
    }
    let cached = store.zip(running());
    let kept = cached
        .as_ref()
        .and_then(|(store, key)| store.load::<Vec<(u64, String)>>(KEPT, key));
    let mut known: HashMap<u64, String> = kept.into_iter().flatten().collect();
    let missing: Vec<u64> = (addresses.iter().copied())
        .filter(|address| !known.contains_key(address))
        .collect();
    if missing.is_empty() {
        return known;
    }
    let text = fs::read_to_string("/proc/kallsyms").unwrap_or_default();
    let listed = Kallsyms::parse(&text);
    let found = missing.into_iter().filter_map(|address| {
        let name = listed.find(address)?;
        Some((address, name.to_owned()))
    });
    known.extend(found);
    if let Some((store, key)) = cached.filter(|_| !known.is_empty()) {
        let mut all: Vec<(&u64, &String)> = known.iter().collect();
        all.sort();
        // What cannot be kept is asked for again.
        let _ = store.keep(KEPT, &key, &all);
    }
    known
}

/// Beside the files' symbols, which are kept by their build ids.
const KEPT: &str = "kernel";

/// What tells this start of the kernel, and its modules, from any other.
fn running() -> Option<String> {
    let boot = fs::read("/proc/sys/kernel/random/boot_id").ok()?;
    let modules = fs::read("/proc/modules").unwrap_or_default();
    let told = Sha256::new().chain_update(boot).chain_update(modules);
    Some(hex(&told.finalize()))
}

/// The functions that /proc/kallsyms lists, by address.
#[derive(Debug, Default)]
struct Kallsyms<'t> {
    sorted: Vec<(u64, &'t str)>,
}

impl<'t> Kallsyms<'t> {
    /// `ffffffff81000000 T startup_64`, and for a module's own `... [module]`; none where the kernel
    /// hides their addresses.
    fn parse(text: &'t str) -> Self {
        let mut sorted: Vec<(u64, &str)> = text.lines().filter_map(function).collect();
        sorted.sort();
        sorted.dedup_by_key(|(address, _)| *address);
        Self { sorted }
    }

    fn find(&self, address: u64) -> Option<&'t str> {
        let after = self.sorted.partition_point(|(start, _)| *start <= address);
        let (_, name) = self.sorted.get(after.checked_sub(1)?)?;
        Some(name)
    }
}

fn function(line: &str) -> Option<(u64, &str)> {
    let mut words = line.split_ascii_whitespace();
    // Hidden addresses are all 0.
    let address = u64::from_str_radix(words.next()?, 16).ok()?;
    let kind = words.next()?;
    let name = words.next()?;
    (address > 0 && matches!(kind, "t" | "T" | "w" | "W")).then_some((address, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_found_by_an_address_inside_them() {
        let text = "ffffffff81000100 T second\nffffffff81000000 t first\nffffffff81000050 d data\n";
        let symbols = Kallsyms::parse(text);
        assert_eq!(symbols.find(0xffff_ffff_8100_0050), Some("first"));
        assert_eq!(symbols.find(0xffff_ffff_8100_0100), Some("second"));
        assert_eq!(symbols.find(0x10), None);
    }

    #[test]
    fn what_is_kept_is_of_this_kernel_only() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(camino::Utf8Path::from_path(folder.path()).unwrap(), "t");
        assert_eq!(names(&[], Some(&store)), HashMap::new());
        let Some(key) = running() else { return };
        let own = vec![(16_u64, "kept".to_owned())];
        store.keep(KEPT, &key, &own).unwrap();
        assert_eq!(names(&[16], Some(&store))[&16], "kept");
        store.keep(KEPT, "another start", &own).unwrap();
        assert!(!names(&[16], Some(&store)).contains_key(&16));
    }

    #[test]
    fn hidden_addresses_are_none() {
        let symbols = Kallsyms::parse("0000000000000000 T first\n0000000000000000 T second\n");
        assert_eq!(symbols.find(0xffff_ffff_8100_0000), None);
    }
}
