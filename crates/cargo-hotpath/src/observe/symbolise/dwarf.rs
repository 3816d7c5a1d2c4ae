//! Names, files and lines of a file's addresses, inlined functions included, out of its debug
//! information and symbol table. Many addresses are looked up side by side.

use std::borrow::Cow;
use std::sync::LazyLock;

use addr2line::Context;
use gimli::{AttributeValue, DW_AT_abstract_origin, DW_AT_name, DW_AT_specification, EndianSlice};
use gimli::{DwarfSections, RunTimeEndian, UnitOffset};
use object::{Object as _, ObjectSection as _, ObjectSymbol as _, SymbolKind};
use rayon::prelude::*;

use super::Resolved;

type Reader<'a> = EndianSlice<'a, RunTimeEndian>;

/// Addresses near each other share a unit, which is read once in each piece.
const PIECE: usize = 512;

/// Resolves `addresses`, which must be sorted, in the file of these bytes. An address that nothing is
/// known of gets an empty list.
pub fn resolve(bytes: &[u8], addresses: &[u64]) -> Vec<Vec<Resolved>> {
    let Ok(object) = object::File::parse(bytes) else {
        return vec![Vec::new(); addresses.len()];
    };
    let (sections, endian) = (sections(&object), endian(&object));
    // Sorting them takes a while, and only few addresses need them.
    let symbols = LazyLock::new(|| Symbols::read(&object));
    let pieces = rayon::current_num_threads().max(1);
    let size = (addresses.len() / pieces + 1).max(PIECE);
    let resolved: Vec<Vec<Vec<Resolved>>> = addresses
        .par_chunks(size)
        .map(|addresses| {
            let context = sections
                .as_ref()
                .and_then(|sections| context(sections, endian));
            let resolve = |address: &u64| one(context.as_ref(), &symbols, *address);
            addresses.iter().map(resolve).collect()
        })
        .collect();
    resolved.into_iter().flatten().collect()
}

/// Hands `use_it` what resolves addresses of the file, again and again: a unit that was read once is not
/// read anew.
pub fn open<T>(bytes: &[u8], use_it: impl FnOnce(&dyn Fn(u64) -> Vec<Resolved>) -> T) -> T {
    let Ok(object) = object::File::parse(bytes) else {
        return use_it(&|_| Vec::new());
    };
    let (sections, endian) = (sections(&object), endian(&object));
    let context = sections
        .as_ref()
        .and_then(|sections| context(sections, endian));
    let symbols = LazyLock::new(|| Symbols::read(&object));
    use_it(&|address| one(context.as_ref(), &symbols, address))
}

fn endian(object: &object::File<'_>) -> RunTimeEndian {
    match object.is_little_endian() {
        true => RunTimeEndian::Little,
        false => RunTimeEndian::Big,
    }
}

type Sections<'a> = DwarfSections<Cow<'a, [u8]>>;

fn sections<'a>(object: &object::File<'a>) -> Option<Sections<'a>> {
    let load = |id: gimli::SectionId| -> Result<Cow<'a, [u8]>, gimli::Error> {
        let section = object.section_by_name(id.name());
        Ok(section
            .and_then(|section| section.uncompressed_data().ok())
            .unwrap_or_default())
    };
    DwarfSections::load(load).ok()
}

fn context<'a>(sections: &'a Sections<'_>, endian: RunTimeEndian) -> Option<Context<Reader<'a>>> {
    let dwarf = sections.borrow(|section| EndianSlice::new(section, endian));
    Context::from_dwarf(dwarf).ok()
}

/// The functions at one address, the innermost first.
fn one(
    context: Option<&Context<Reader<'_>>>,
    symbols: &Symbols<'_>,
    address: u64,
) -> Vec<Resolved> {
    let mut found = context.map_or_else(Vec::new, |context| frames(context, address));
    match found.last_mut() {
        Some(outermost) if super::is_mangled(&outermost.symbol) => {}
        // Reduced debug information has bare names; the symbol has the whole one.
        Some(outermost) => {
            if let Some(symbol) = symbols.find(address) {
                symbol.clone_into(&mut outermost.symbol);
            }
        }
        None => found.extend(symbols.find(address).map(|symbol| Resolved {
            symbol: symbol.to_owned(),
            ..Resolved::default()
        })),
    }
    found.retain(|resolved| !resolved.symbol.is_empty());
    found
}

fn frames(context: &Context<Reader<'_>>, address: u64) -> Vec<Resolved> {
    let mut found = Vec::new();
    let Ok(mut frames) = context.find_frames(address).skip_all_loads() else {
        return found;
    };
    while let Ok(Some(frame)) = frames.next() {
        let name = frame.function.as_ref().and_then(|f| f.raw_name().ok());
        let location = frame.location.as_ref();
        let symbol = name.map(Cow::into_owned).unwrap_or_default();
        // Closures and async bodies have the same kind of symbol; only the entry tells.
        let async_body = symbol.contains("NC")
            && frame
                .dw_die_offset
                .and_then(|offset| entry_name(context, address, offset))
                .is_some_and(|name| name.starts_with("{async"));
        found.push(Resolved {
            symbol,
            async_body,
            file: location.and_then(|l| l.file).map(str::to_owned),
            line: location.and_then(|l| l.line).filter(|line| *line > 0),
        });
    }
    found
}

/// The name that the debug information gives to an entry, its origin's where it has none itself.
fn entry_name(context: &Context<Reader<'_>>, address: u64, offset: UnitOffset) -> Option<String> {
    let unit = context.find_dwarf_and_unit(address).skip_all_loads()?;
    let mut offset = offset;
    // An origin's origin is the deepest there is; a loop in broken data ends too.
    for _ in 0..4 {
        let entry = unit.entry(offset).ok()?;
        if let Some(name) = entry.attr_value(DW_AT_name) {
            let name = unit.attr_string(name).ok()?;
            return Some(name.to_string_lossy().into_owned());
        }
        let origin = entry
            .attr_value(DW_AT_abstract_origin)
            .or_else(|| entry.attr_value(DW_AT_specification))?;
        let AttributeValue::UnitRef(next) = origin else {
            return None;
        };
        offset = next;
    }
    None
}

/// The functions of the symbol table, by address.
struct Symbols<'a> {
    sorted: Vec<(u64, u64, &'a str)>,
}

impl<'a> Symbols<'a> {
    fn read(object: &object::File<'a>) -> Self {
        let mut sorted: Vec<(u64, u64, &str)> = object
            .symbols()
            .chain(object.dynamic_symbols())
            .filter(|symbol| symbol.is_definition() && symbol.kind() == SymbolKind::Text)
            .filter_map(|symbol| Some((symbol.address(), symbol.size(), symbol.name().ok()?)))
            .filter(|(_, _, name)| !name.is_empty())
            .collect();
        // Of several names for one place, the shortest is the one that people know.
        sorted.sort_by_key(|(address, size, name)| (*address, u64::MAX - size, name.len(), *name));
        sorted.dedup_by_key(|(address, ..)| *address);
        Self { sorted }
    }

    fn find(&self, address: u64) -> Option<&'a str> {
        let after = self.sorted.partition_point(|(start, ..)| *start <= address);
        let (start, size, name) = *self.sorted.get(after.checked_sub(1)?)?;
        // Symbols of assembly have no size: they reach to the next.
        (size == 0 || address - start < size).then_some(name)
    }
}
