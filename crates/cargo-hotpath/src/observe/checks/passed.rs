//! The places that a program passes to its panics. Where several checks fail alike the compiler keeps one
//! call for all of them, whose line is then nobody's or only one's; but each check still hands over its own
//! `core::panic::Location`, for the message.

use std::collections::BTreeMap;

use object::{Object as _, ObjectSection as _, SectionKind};

/// `lea REGISTER, [rip + distance]` of x86-64: into the register of the third argument, after the index and
/// the length, or into one that is moved there before the call.
const LOAD_LENGTH: usize = 7;
/// `call [rip + distance]`.
const CALL_BY_SLOT: [u8; 2] = [0xff, 0x15];
/// How far the call is from there, or from where a jump leads: the other two arguments stand between.
const NEAR: usize = 32;

/// The files, as the compiler was told them, and the lines that are passed to the calls at these sorted
/// addresses.
pub fn places(object: &object::File<'_>, calls: &[u64]) -> Vec<(String, u32)> {
    let mut data = None;
    let mut places = Vec::new();
    for section in object
        .sections()
        .filter(|section| section.kind() == SectionKind::Text)
    {
        let Ok(code) = section.data() else { continue };
        for passed in passed(code, section.address(), calls) {
            let data = data.get_or_insert_with(|| Data::of(object));
            places.extend(data.location(passed));
        }
    }
    places
}

/// The addresses that are loaded as the third argument of one of the calls.
fn passed(code: &[u8], from: u64, calls: &[u64]) -> Vec<u64> {
    let loads = memchr::memchr2_iter(0x48, 0x4c, code).filter(|at| is_load(code, *at));
    let reaching = loads.filter_map(|at| {
        let distance = distance(code, at + 3)?;
        let next = at + LOAD_LENGTH;
        reaches(code, from, next, calls).then(|| (from + next as u64).wrapping_add_signed(distance))
    });
    reaching.collect()
}

/// Whether one of the calls follows at once, or after a jump.
fn reaches(code: &[u8], from: u64, next: usize, calls: &[u64]) -> bool {
    let end = code.len().min(next.saturating_add(NEAR));
    let Some(near) = code.get(next..end) else {
        return false;
    };
    // Beyond another load it is that one's call, and beyond another call none.
    let ends = |at: &usize| {
        let other = near[*at..].starts_with(&CALL_BY_SLOT);
        is_load(near, *at) || other && !has_call(calls, from, next + at, 1)
    };
    let near = &near[..(0..near.len()).find(ends).unwrap_or(near.len())];
    if has_call(calls, from, next, near.len()) {
        return true;
    }
    (0..near.len()).any(|at| {
        let at = next + at;
        let to = match code[at] {
            0xeb => code
                .get(at + 1)
                .and_then(|byte| (at + 2).checked_add_signed(isize::from(byte.cast_signed()))),
            0xe9 => distance(code, at + 1)
                .and_then(|distance| isize::try_from(distance).ok())
                .and_then(|distance| (at + 5).checked_add_signed(distance)),
            _ => None,
        };
        to.is_some_and(|to| has_call(calls, from, to, NEAR))
    })
}

fn is_load(code: &[u8], at: usize) -> bool {
    match code.get(at..at + 3) {
        Some([0x48 | 0x4c, 0x8d, register]) => register & 0xc7 == 0x05,
        _ => false,
    }
}

fn has_call(calls: &[u64], from: u64, at: usize, length: usize) -> bool {
    let (start, end) = (from + at as u64, from + at as u64 + length as u64);
    let first = calls.partition_point(|call| *call < start);
    calls.get(first).is_some_and(|call| *call < end)
}

/// The four bytes of a distance.
fn distance(code: &[u8], at: usize) -> Option<i64> {
    let bytes = code.get(at..at + 4)?;
    Some(i64::from(i32::from_le_bytes(bytes.try_into().ok()?)))
}

/// What a program holds beside its code.
struct Data<'d> {
    sections: Vec<(u64, &'d [u8])>,
    /// What the loader writes, by address.
    pointers: BTreeMap<u64, u64>,
}

impl<'d> Data<'d> {
    fn of(object: &object::File<'d>) -> Self {
        let relocations = object.dynamic_relocations().into_iter().flatten();
        let pointers = relocations
            .filter_map(|(at, relocation)| Some((at, u64::try_from(relocation.addend()).ok()?)));
        let sections = object.sections().filter_map(|section| {
            let data = section.data().ok()?;
            (section.address() != 0).then(|| (section.address(), data))
        });
        Self {
            sections: sections.collect(),
            pointers: pointers.collect(),
        }
    }

    /// A `core::panic::Location`: a pointer to the file's name, its length, line and column.
    fn location(&self, at: u64) -> Option<(String, u32)> {
        const LONGEST: u64 = 4096;
        let bytes = self.bytes(at, 24)?;
        let word = |at: usize| Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
        let name = self.pointers.get(&at).copied().or_else(|| word(0))?;
        let length = word(8).filter(|length| *length <= LONGEST)?;
        let line = u32::from_le_bytes(bytes.get(16..20)?.try_into().ok()?);
        let file = std::str::from_utf8(self.bytes(name, length)?).ok()?;
        file.ends_with(".rs").then(|| (file.to_owned(), line))
    }

    fn bytes(&self, at: u64, length: u64) -> Option<&'d [u8]> {
        self.sections.iter().find_map(|(from, data)| {
            let start = usize::try_from(at.checked_sub(*from)?).ok()?;
            let end = start.checked_add(usize::try_from(length).ok()?)?;
            data.get(start..end)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `lea rdx` to this distance.
    fn load(distance: i32) -> Vec<u8> {
        let mut code = vec![0x48, 0x8d, 0x15];
        code.extend(distance.to_le_bytes());
        code
    }

    #[test]
    fn what_is_loaded_belongs_to_the_call_that_it_reaches() {
        // At 0x1000 a load, two moves, the call at 0x100d.
        let mut code = load(0x100);
        code.extend([0x48, 0x89, 0xc7, 0x48, 0x89, 0xde]);
        code.extend([0xe8, 0, 0, 0, 0]);
        assert_eq!(passed(&code, 0x1000, &[0x100d]), [0x1107]);
        assert_eq!(passed(&code, 0x1000, &[0x5000]), [0_u64; 0]);
        // At 0x1000 a load and a jump back or ahead to the call.
        for jump in [
            vec![0xeb, 0x40],
            [vec![0xe9], 0x3d_i32.to_le_bytes().to_vec()].concat(),
        ] {
            let mut code = load(-0x10);
            code.extend(jump);
            code.resize(0x80, 0x90);
            assert_eq!(passed(&code, 0x1000, &[0x1050]), [0xff7]);
        }
        // Of two loads the nearer one.
        let code = [load(0x100), load(0x200), vec![0xe8, 0, 0, 0, 0]].concat();
        assert_eq!(passed(&code, 0x1000, &[0x100e]), [0x120e]);
        // Into rax, and from there to rdx where the calls of several are one.
        let mut code = vec![0x48, 0x8d, 0x05];
        code.extend(0x100_i32.to_le_bytes());
        code.extend([0xeb, 0x07]);
        code.extend([0x90; 7]);
        code.extend([0x48, 0x89, 0xc2, 0xff, 0x15, 0, 0, 0, 0]);
        assert_eq!(passed(&code, 0x1000, &[0x1013]), [0x1107]);
        // Another call comes first.
        let code = [load(0x100), vec![0xff, 0x15, 0, 0, 0, 0, 0xe8]].concat();
        assert_eq!(passed(&code, 0x1000, &[0x100d]), [0_u64; 0]);
        // The code ends in the middle.
        assert_eq!(passed(&load(1)[..5], 0x1000, &[0x1007]), [0_u64; 0]);
        assert_eq!(
            passed(&[load(1), vec![0xeb]].concat(), 0x1000, &[]),
            [0_u64; 0]
        );
    }
}
