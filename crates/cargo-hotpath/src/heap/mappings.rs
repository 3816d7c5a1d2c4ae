//! Which file an address lay in, by the mappings that the recorder wrote down.

use std::collections::HashMap;
use std::sync::Arc;

use crate::observe::elf::ModuleFile;
use crate::observe::raw::{Place, Raw};

/// The mappings of code of one process at one time.
#[derive(Debug, Default)]
pub struct Mappings {
    /// By their start.
    sorted: Vec<Mapping>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Mapping {
    start: u64,
    end: u64,
    offset: u64,
    path: String,
}

/// Mapped files, each read once.
#[derive(Debug, Default)]
pub struct Files {
    by_path: HashMap<String, Arc<ModuleFile>>,
}

impl Mappings {
    /// Adds lines of `/proc/self/maps`.
    pub fn add(&mut self, lines: &str) {
        self.sorted.extend(lines.lines().filter_map(mapping));
        self.sorted.sort();
    }

    /// What lies at an address.
    pub fn place(mappings: Option<&Self>, address: u64, files: &mut Files, raw: &mut Raw) -> Place {
        let Some(mapping) = mappings.and_then(|mappings| mappings.find(address)) else {
            return Place::Nowhere(address);
        };
        let file = files.get(&mapping.path);
        let bias = file.bias(mapping.start, mapping.offset);
        Place::Module(raw.module(&file), address.wrapping_sub(bias))
    }

    fn find(&self, address: u64) -> Option<&Mapping> {
        let after = self.sorted.partition_point(|map| map.start <= address);
        let found = self.sorted.get(after.checked_sub(1)?)?;
        (address < found.end).then_some(found)
    }
}

impl Files {
    fn get(&mut self, path: &str) -> Arc<ModuleFile> {
        if let Some(file) = self.by_path.get(path) {
            return Arc::clone(file);
        }
        // What is no plain file could make us wait for ever.
        let is_file = std::path::Path::new(path).is_file();
        let read = is_file.then(|| ModuleFile::open(path).ok()).flatten();
        let file = Arc::new(read.unwrap_or_else(|| ModuleFile::unreadable(path)));
        self.by_path.insert(path.to_owned(), Arc::clone(&file));
        file
    }
}

/// `7f12a000-7f12b000 r-xp 00026000 fe:00 1234   /usr/lib/libc.so.6`
fn mapping(line: &str) -> Option<Mapping> {
    let mut words = line.splitn(6, ' ');
    let (start, end) = words.next()?.split_once('-')?;
    let offset = words.nth(1)?;
    let path = words.nth(2).unwrap_or_default().trim();
    Some(Mapping {
        start: u64::from_str_radix(start, 16).ok()?,
        end: u64::from_str_radix(end, 16).ok()?,
        offset: u64::from_str_radix(offset, 16).ok()?,
        path: path.trim_end_matches(" (deleted)").to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_in_their_file() {
        let mut mappings = Mappings::default();
        mappings.add(
            "7000-8000 r-xp 00001000 fe:00 12    /nowhere/a b.so\nrubbish\n9000-9100 r-xp 0 0 0 \n",
        );
        let (mut files, mut raw) = (Files::default(), Raw::default());
        let mut place = |address| Mappings::place(Some(&mappings), address, &mut files, &mut raw);
        assert_eq!(place(0x7010), Place::Module(0, 0x1010));
        assert_eq!(place(0x8000), Place::Nowhere(0x8000));
        assert_eq!(place(0x9000), Place::Module(1, 0));
        assert_eq!(raw.modules[0].path, "/nowhere/a b.so");
        let nowhere = Mappings::place(None, 5, &mut files, &mut raw);
        assert_eq!(nowhere, Place::Nowhere(5));
    }
}
