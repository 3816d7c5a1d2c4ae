//! The kernel's functions, where it lets us know them.

use std::fs;

/// The functions that /proc/kallsyms lists, by address.
#[derive(Debug, Default)]
pub struct Kallsyms {
    sorted: Vec<(u64, String)>,
}

impl Kallsyms {
    /// Those of the running kernel; none where it hides their addresses.
    pub fn read() -> Self {
        fs::read_to_string("/proc/kallsyms")
            .map(|text| Self::parse(&text))
            .unwrap_or_default()
    }

    /// `ffffffff81000000 T startup_64`, and for a module's own `... [module]`.
    fn parse(text: &str) -> Self {
        let mut sorted: Vec<(u64, String)> = text.lines().filter_map(function).collect();
        sorted.sort();
        sorted.dedup_by_key(|(address, _)| *address);
        Self { sorted }
    }

    pub fn find(&self, address: u64) -> Option<&str> {
        let after = self.sorted.partition_point(|(start, _)| *start <= address);
        let (_, name) = self.sorted.get(after.checked_sub(1)?)?;
        Some(name)
    }
}

fn function(line: &str) -> Option<(u64, String)> {
    let mut words = line.split_ascii_whitespace();
    // Hidden addresses are all 0.
    let address = u64::from_str_radix(words.next()?, 16).ok()?;
    let kind = words.next()?;
    let name = words.next()?;
    (address > 0 && matches!(kind, "t" | "T" | "w" | "W")).then(|| (address, name.to_owned()))
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
    fn hidden_addresses_are_none() {
        let symbols = Kallsyms::parse("0000000000000000 T first\n0000000000000000 T second\n");
        assert_eq!(symbols.find(0xffff_ffff_8100_0000), None);
    }
}
