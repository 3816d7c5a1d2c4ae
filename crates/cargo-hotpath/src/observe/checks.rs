//! Where the built program checks an index: the lines of the calls to the panic for one that is outside,
//! and those that are passed to it. The compiler drops a check that it can prove, and only the program
//! itself tells which are left.

mod passed;

use std::collections::{BTreeMap, BTreeSet};

use object::{Architecture, Object as _, ObjectSection as _, ObjectSymbol as _, SectionKind};

use super::elf::ModuleFile;
use super::symbolise::dwarf;
use crate::analyse::lines::Line;
use crate::profile::{ModuleKind, Profile};

/// The lines out of `wanted` at which a program of the profile has such a call; none where nothing was
/// asked, or no program could be read.
pub fn at(profile: &Profile, wanted: &BTreeSet<Line>) -> Option<BTreeSet<Line>> {
    if wanted.is_empty() {
        return None;
    }
    let by_place: BTreeMap<(&str, u32), Line> = (wanted.iter())
        .filter_map(|line| Some(((profile.path(Some(line.0))?, line.1), *line)))
        .collect();
    let programs = profile
        .modules
        .iter()
        .filter(|module| module.kind == ModuleKind::Program);
    let mut found: Option<BTreeSet<Line>> = None;
    for program in programs {
        let Ok(file) = ModuleFile::open(&program.path) else {
            continue;
        };
        // Built anew since then it has other lines.
        if file.build_id != program.build_id {
            continue;
        }
        let Ok(bytes) = file.bytes() else { continue };
        let Some(calls) = calls(&bytes) else { continue };
        let lines = found.get_or_insert_default();
        let resolved = dwarf::resolve(&bytes, &calls.addresses).into_iter();
        let called = resolved.flatten();
        let called = called.filter_map(|resolved| resolved.file.zip(resolved.line));
        for (path, line) in called.chain(calls.places) {
            let place = by_place
                .iter()
                .find(|((shown, at), _)| *at == line && is_path(&path, shown));
            lines.extend(place.map(|(_, line)| *line));
        }
    }
    found
}

/// Whether a path of the debug information is the shown one: the same, or below the workspace's root.
fn is_path(full: &str, shown: &str) -> bool {
    let rest = full.strip_suffix(shown);
    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}

/// The calls to the panics of indices.
struct Calls {
    /// Their addresses, sorted.
    addresses: Vec<u64>,
    /// The files and lines that are passed to them.
    places: Vec<(String, u32)>,
}

fn calls(bytes: &[u8]) -> Option<Calls> {
    let object = object::File::parse(bytes).ok()?;
    let panics: BTreeSet<u64> = (object.symbols())
        .filter(|symbol| symbol.name().is_ok_and(is_panic))
        .map(|symbol| symbol.address())
        .collect();
    let arm = match object.architecture() {
        Architecture::X86_64 => false,
        Architecture::Aarch64 => true,
        _ => return None,
    };
    let filled = slots(&object, &panics);
    let mut calls = Vec::new();
    for section in object
        .sections()
        .filter(|section| section.kind() == SectionKind::Text)
    {
        let Ok(code) = section.data() else { continue };
        let from = section.address();
        match arm {
            true => branches(code, from, &panics, &mut calls),
            false => {
                near_calls(code, from, &panics, &mut calls);
                calls_by_slot(code, from, &filled, &mut calls);
            }
        }
    }
    calls.sort_unstable();
    let places = match arm {
        true => Vec::new(),
        false => passed::places(&object, &calls),
    };
    Some(Calls {
        addresses: calls,
        places,
    })
}

fn is_panic(name: &str) -> bool {
    name.contains("panic_bounds_check")
}

/// `call rel32` of x86-64: a byte and the distance from the next instruction. That other bytes look
/// like a call of just this function is one chance in billions.
fn near_calls(code: &[u8], from: u64, targets: &BTreeSet<u64>, calls: &mut Vec<u64>) {
    const CALL: u8 = 0xe8;
    for (at, window) in code.windows(5).enumerate() {
        let [CALL, a, b, c, d] = *window else {
            continue;
        };
        let distance = i64::from(i32::from_le_bytes([a, b, c, d]));
        let here = from + at as u64;
        if targets.contains(&(here + 5).wrapping_add_signed(distance)) {
            calls.push(here);
        }
    }
}

/// `call [rip + distance]` of x86-64, by a slot that the loader fills.
fn calls_by_slot(code: &[u8], from: u64, slots: &BTreeSet<u64>, calls: &mut Vec<u64>) {
    for (at, window) in code.windows(6).enumerate() {
        let [0xff, 0x15, a, b, c, d] = *window else {
            continue;
        };
        let distance = i64::from(i32::from_le_bytes([a, b, c, d]));
        let here = from + at as u64;
        if slots.contains(&(here + 6).wrapping_add_signed(distance)) {
            calls.push(here);
        }
    }
}

/// Where the loader writes the address of one of the targets.
fn slots(object: &object::File<'_>, targets: &BTreeSet<u64>) -> BTreeSet<u64> {
    let relocations = object.dynamic_relocations().into_iter().flatten();
    let ours = relocations.filter(|(_, relocation)| {
        u64::try_from(relocation.addend()).is_ok_and(|address| targets.contains(&address))
    });
    ours.map(|(slot, _)| slot).collect()
}

/// `bl imm26` of aarch64.
fn branches(code: &[u8], from: u64, targets: &BTreeSet<u64>, calls: &mut Vec<u64>) {
    const BL: u32 = 0b10_0101;
    for (at, word) in code.chunks_exact(4).enumerate() {
        let word = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
        if word >> 26 != BL {
            continue;
        }
        let distance = i64::from((word << 6) as i32 >> 4);
        let here = from + 4 * at as u64;
        if targets.contains(&here.wrapping_add_signed(distance)) {
            calls.push(here);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_found_by_where_they_go() {
        let targets = BTreeSet::from([0x2000]);
        let mut calls = Vec::new();
        // At 0x1003: to 0x2000; at 0x1008: elsewhere.
        let mut code = vec![0x90, 0xe8, 0x00];
        code.push(0xe8);
        code.extend(0x0ff8_i32.to_le_bytes());
        code.push(0xe8);
        code.extend(7_i32.to_le_bytes());
        near_calls(&code, 0x1000, &targets, &mut calls);
        assert_eq!(calls, [0x1003]);
        let mut calls = Vec::new();
        let mut code = vec![0xff, 0x15];
        code.extend(0x0ffa_i32.to_le_bytes());
        calls_by_slot(&code, 0x1000, &targets, &mut calls);
        assert_eq!(calls, [0x1000]);
        let back = BTreeSet::from([0x0ff0]);
        let mut calls = Vec::new();
        let word: u32 = (0b10_0101 << 26) | ((-4_i32 as u32) & 0x03ff_ffff);
        branches(&word.to_le_bytes(), 0x1000, &back, &mut calls);
        assert_eq!(calls, [0x1000]);
    }

    #[test]
    fn paths_are_compared_by_their_ends() {
        assert!(is_path("/home/me/app/src/main.rs", "src/main.rs"));
        assert!(is_path("src/main.rs", "src/main.rs"));
        assert!(!is_path("/home/me/app/othersrc/main.rs", "src/main.rs"));
    }

    #[test]
    fn nothing_is_said_of_what_nobody_asks() {
        assert_eq!(at(&Profile::default(), &BTreeSet::new()), None);
    }
}
