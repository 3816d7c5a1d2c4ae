//! Reads the functions of an executable: ELF, Mach-O and PE, from the symbol table alone, so that no
//! debug information is needed.

use std::collections::BTreeSet;
use std::fs;

use camino::Utf8Path;
use object::read::{File, Object as _, ObjectSection as _, ObjectSymbol as _, SymbolSection};
use object::{SectionKind, SymbolKind};

use super::name::demangled;
use super::{LinkedError, Program, fold};

/// Reads the program at `path`.
pub fn read(path: &Utf8Path) -> Result<Program, LinkedError> {
    let bytes = fs::read(path).map_err(|source| LinkedError::Read {
        path: path.to_owned(),
        source,
    })?;
    match parse(&bytes) {
        Ok(Some(program)) => Ok(program),
        Ok(None) => Err(LinkedError::Stripped {
            path: path.to_owned(),
        }),
        Err(reason) => Err(LinkedError::Malformed {
            path: path.to_owned(),
            reason: reason.to_string(),
        }),
    }
}

/// The functions of an executable or object file; none where it names no Rust function.
pub fn parse(bytes: &[u8]) -> Result<Option<Program>, object::Error> {
    let file = File::parse(bytes)?;
    let mut found = Vec::new();
    for symbol in file.symbols() {
        let is_code = symbol.kind() == SymbolKind::Text && symbol.is_definition();
        let SymbolSection::Section(section) = symbol.section() else {
            continue;
        };
        // A name that is not text is not Rust's.
        let Ok(name) = symbol.name() else { continue };
        if is_code {
            found.push(Symbol {
                name,
                section: section.0,
                address: symbol.address(),
                size: symbol.size(),
            });
        }
    }
    // Mach-O and PE tell no sizes: a function reaches to the next one.
    if found.iter().all(|symbol| symbol.size == 0) {
        infer_sizes(&file, &mut found);
    }
    let mut program = Program::default();
    let mut is_rust = false;
    let mut seen = BTreeSet::new();
    for symbol in &found {
        if symbol.size == 0 || !seen.insert((symbol.section, symbol.address, symbol.name)) {
            continue;
        }
        let demangled = demangled(symbol.name);
        is_rust |= demangled.is_rust;
        program.add(fold(&demangled.text), symbol.size);
    }
    Ok(is_rust.then_some(program))
}

struct Symbol<'a> {
    name: &'a str,
    section: usize,
    address: u64,
    size: u64,
}

fn infer_sizes(file: &File<'_>, symbols: &mut [Symbol<'_>]) {
    let ends: Vec<(usize, u64)> = file
        .sections()
        .filter(|section| section.kind() == SectionKind::Text)
        .map(|section| {
            let end = section.address().saturating_add(section.size());
            (section.index().0, end)
        })
        .collect();
    symbols.sort_by_key(|symbol| (symbol.section, symbol.address));
    let mut next: Option<(usize, u64)> = None;
    for index in (0..symbols.len()).rev() {
        let (section, address) = (symbols[index].section, symbols[index].address);
        // Of several names of one address all get the same size.
        let later = symbols
            .get(index + 1)
            .filter(|later| later.section == section && later.address == address && later.size > 0);
        let end = match (later, next) {
            (Some(later), _) => address.saturating_add(later.size),
            (None, Some((at, start))) if at == section => start,
            _ => ends
                .iter()
                .find(|(at, _)| *at == section)
                .map_or(address, |(_, end)| *end),
        };
        symbols[index].size = end.saturating_sub(address);
        next = Some((section, address));
    }
}
