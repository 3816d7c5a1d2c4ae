//! Stacks out of registers and a copy of the stack's bytes, by the unwind tables of the files that
//! were mapped at that moment.

use std::sync::Arc;

use framehop::aarch64::{CacheAarch64, PtrAuthMask, UnwindRegsAarch64, UnwinderAarch64};
use framehop::x86_64::{CacheX86_64, UnwindRegsX86_64, UnwinderX86_64};
use framehop::{Error, ExplicitModuleSectionInfo, FrameAddress, Module, Unwinder};

use super::decode::User;
use super::elf::{ModuleFile, Section};
use super::registers::{Arch, Registers};

type Bytes = Arc<[u8]>;

/// Deeper stacks are recursion that no report shows; the outermost callers are cut.
const DEEPEST: usize = 512;

/// What unwinding remembers between samples; one serves all processes.
pub enum Cache {
    X86_64(Box<CacheX86_64>),
    Aarch64(Box<CacheAarch64>),
}

/// The unwind tables of one process.
#[derive(Clone)]
pub enum Tables {
    X86_64(UnwinderX86_64<Bytes>),
    Aarch64(UnwinderAarch64<Bytes>),
}

/// One unwound stack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unwound {
    /// Addresses to look up, the innermost first: of a caller, one inside its call instruction.
    pub addresses: Vec<u64>,
    /// The outermost callers are missing.
    pub truncated: bool,
}

impl Unwound {
    /// Goes on along the frame pointers, whose chain is of addresses likewise: from the outermost frame that
    /// both know, at worst where the sample was taken. The chain leaves out the caller of a function without
    /// a frame pointer; had it reached any other frame that is known here, that would stand in it.
    pub fn go_on(&mut self, chain: &[u64]) -> bool {
        let mut known = self.addresses.iter().enumerate().rev();
        let found = known.find_map(|(at, address)| {
            // The same call may stand there several times, one within the other.
            let nth = self.addresses[..at].iter().filter(|one| *one == address);
            let mut places = chain.iter().enumerate().filter(|(_, one)| *one == address);
            places.nth(nth.count()).map(|(place, _)| place)
        });
        let more = found.and_then(|at| chain.get(at + 1..)).unwrap_or_default();
        let room = DEEPEST.saturating_sub(self.addresses.len());
        let more = &more[..more.len().min(room)];
        self.addresses.extend_from_slice(more);
        !more.is_empty()
    }
}

impl Cache {
    pub fn new(arch: Arch) -> Self {
        match arch {
            Arch::X86_64 => Self::X86_64(Box::new(CacheX86_64::new())),
            Arch::Aarch64 => Self::Aarch64(Box::new(CacheAarch64::new())),
        }
    }
}

impl Tables {
    pub fn new(arch: Arch) -> Self {
        match arch {
            Arch::X86_64 => Self::X86_64(UnwinderX86_64::new()),
            Arch::Aarch64 => Self::Aarch64(UnwinderAarch64::new()),
        }
    }

    /// Adds a mapping of `file` at `start`, whose addresses are `bias` more than the file's.
    pub fn add(&mut self, file: &ModuleFile, start: u64, length: u64, bias: u64) {
        let module = Module::new(
            file.path.clone(),
            start..start.saturating_add(length),
            bias,
            sections(file),
        );
        match self {
            Self::X86_64(unwinder) => unwinder.add_module(module),
            Self::Aarch64(unwinder) => unwinder.add_module(module),
        }
    }

    pub fn remove(&mut self, start: u64) {
        match self {
            Self::X86_64(unwinder) => unwinder.remove_module(start),
            Self::Aarch64(unwinder) => unwinder.remove_module(start),
        }
    }

    pub fn unwind(&self, user: &User, cache: &mut Cache) -> Unwound {
        let stack = Copied::new(user);
        let Registers { ip, sp, fp, lr } = user.registers;
        match (self, cache) {
            (Self::X86_64(unwinder), Cache::X86_64(cache)) => walk(
                unwinder,
                ip,
                UnwindRegsX86_64::new(ip, sp, fp),
                cache,
                &stack,
            ),
            (Self::Aarch64(unwinder), Cache::Aarch64(cache)) => {
                let mask = match unwinder.max_known_code_address() {
                    // Nothing is mapped: no address tells how wide addresses are.
                    0 => PtrAuthMask::new_24_40(),
                    highest => PtrAuthMask::from_max_known_address(highest),
                };
                let registers = UnwindRegsAarch64::new_with_ptr_auth_mask(mask, lr, sp, fp);
                walk(unwinder, ip, registers, cache, &stack)
            }
            // A cache of another architecture knows nothing of these tables.
            _ => Unwound {
                addresses: vec![ip],
                truncated: true,
            },
        }
    }
}

fn sections(file: &ModuleFile) -> ExplicitModuleSectionInfo<Bytes> {
    let unwind = &file.unwind;
    let bytes = |section: &Option<Section>| section.as_ref().map(|s| Arc::clone(&s.bytes));
    let range = |section: &Option<Section>| section.as_ref().map(|s| s.range.clone());
    ExplicitModuleSectionInfo {
        base_svma: 0,
        text_svma: unwind.text.clone(),
        got_svma: unwind.got.clone(),
        eh_frame_svma: range(&unwind.eh_frame),
        eh_frame: bytes(&unwind.eh_frame),
        eh_frame_hdr_svma: range(&unwind.eh_frame_hdr),
        eh_frame_hdr: bytes(&unwind.eh_frame_hdr),
        debug_frame: bytes(&unwind.debug_frame),
        ..ExplicitModuleSectionInfo::default()
    }
}

/// The copied part of a stack.
struct Copied<'a> {
    start: u64,
    bytes: &'a [u8],
}

impl<'a> Copied<'a> {
    fn new(user: &'a User) -> Self {
        Self {
            start: user.registers.sp,
            bytes: &user.stack,
        }
    }

    fn read(&self, address: u64) -> Result<u64, ()> {
        let offset = address.checked_sub(self.start).ok_or(())?;
        let offset = usize::try_from(offset).map_err(|_| ())?;
        let bytes = self.bytes.get(offset..).and_then(|rest| rest.first_chunk());
        bytes.map(|bytes| u64::from_le_bytes(*bytes)).ok_or(())
    }
}

fn walk<U: Unwinder>(
    unwinder: &U,
    ip: u64,
    registers: U::UnwindRegs,
    cache: &mut U::Cache,
    stack: &Copied<'_>,
) -> Unwound {
    let mut read = |address| stack.read(address);
    let mut frames = unwinder.iter_frames(ip, registers, cache, &mut read);
    let mut addresses = Vec::with_capacity(32);
    loop {
        match frames.next() {
            Ok(Some(frame)) if addresses.len() < DEEPEST => {
                addresses.push(FrameAddress::address_for_lookup(frame));
            }
            Ok(Some(_)) => {
                return Unwound {
                    addresses,
                    truncated: true,
                };
            }
            Ok(None) => {
                return Unwound {
                    addresses,
                    truncated: false,
                };
            }
            Err(error) => {
                return Unwound {
                    truncated: is_cut(error, &addresses),
                    addresses,
                };
            }
        }
    }
}

/// Whether callers are missing. A null return address where the program begins is its end.
fn is_cut(error: Error, addresses: &[u64]) -> bool {
    addresses.len() < 2 || !matches!(error, Error::ReturnAddressIsNull)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(ip: u64, sp: u64, fp: u64, words: &[u64]) -> User {
        User {
            registers: Registers { ip, sp, fp, lr: 0 },
            stack: words.iter().flat_map(|word| word.to_le_bytes()).collect(),
        }
    }

    /// Without tables the frame pointers are followed: each frame holds its caller's frame pointer and
    /// its return address.
    #[test]
    fn frame_pointers_are_followed_where_there_are_no_tables() {
        let words = [7, 8, 0x7040, 0x1111, 9, 9, 9, 9, 0, 0x2222, 0, 0];
        let tables = Tables::new(Arch::X86_64);
        let unwound = tables.unwind(
            &user(0x1000, 0x7000, 0x7010, &words),
            &mut Cache::new(Arch::X86_64),
        );
        assert_eq!(unwound.addresses[..2], [0x1000, 0x1110]);
    }

    #[test]
    fn a_stack_that_was_not_copied_far_enough_is_truncated() {
        let tables = Tables::new(Arch::X86_64);
        let unwound = tables.unwind(
            &user(0x1000, 0x7000, 0x9000, &[1, 2]),
            &mut Cache::new(Arch::X86_64),
        );
        assert_eq!(unwound.addresses, [0x1000]);
        assert!(unwound.truncated);
    }

    #[test]
    fn frame_pointers_go_on_where_the_copy_ends() {
        let cut = |addresses: &[u64]| Unwound {
            addresses: addresses.to_vec(),
            truncated: true,
        };
        let chain = [10, 20, 30, 40];
        let mut unwound = cut(&[10, 15, 20]);
        assert!(unwound.go_on(&chain));
        assert_eq!(unwound.addresses, [10, 15, 20, 30, 40]);
        // The last frame has no frame pointer.
        let mut unwound = cut(&[10, 20, 25]);
        assert!(unwound.go_on(&chain));
        assert_eq!(unwound.addresses, [10, 20, 25, 30, 40]);
        let mut unwound = cut(&[10, 20, 20]);
        assert!(unwound.go_on(&[10, 20, 20, 20, 30]));
        assert_eq!(unwound.addresses, [10, 20, 20, 20, 30]);
        let mut unwound = cut(&[10]);
        assert!(unwound.go_on(&chain));
        assert_eq!(unwound.addresses, chain);
        // The leaf has no frame pointer: its caller's is still there.
        let mut unwound = cut(&[10, 15]);
        assert!(unwound.go_on(&chain));
        assert_eq!(unwound.addresses, [10, 15, 20, 30, 40]);
        for (known, chain) in [
            (&[10, 40][..], &chain[..]),
            (&[11, 12], &chain),
            (&[10, 20], &[]),
        ] {
            let mut unwound = cut(known);
            assert!(!unwound.go_on(chain), "{known:?}");
            assert_eq!(unwound.addresses, known);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_stack_is_unwound_without_a_panic(
            ip: u64, sp: u64, fp: u64, lr: u64, stack in proptest::collection::vec(0..=255_u8, 0..400),
        ) {
            for arch in [Arch::X86_64, Arch::Aarch64] {
                let user = User { registers: Registers { ip, sp, fp, lr }, stack: stack.clone() };
                let unwound = Tables::new(arch).unwind(&user, &mut Cache::new(arch));
                proptest::prop_assert!(unwound.addresses.len() <= DEEPEST);
            }
        }
    }
}
