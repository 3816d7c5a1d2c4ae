//! The registers that unwinding needs, for each architecture as data: perf's numbers for them, and how
//! an unwinder is fed. The machine that reads a recording need not be the one that made it.

/// An architecture that can be unwound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arch {
    X86_64,
    Aarch64,
}

/// The registers of one sample.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Registers {
    pub ip: u64,
    pub sp: u64,
    /// `rbp` or `x29`.
    pub fp: u64,
    /// The return address where the architecture keeps one in a register; else 0.
    pub lr: u64,
}

impl Arch {
    pub const HOST: Option<Self> = if cfg!(target_arch = "x86_64") {
        Some(Self::X86_64)
    } else if cfg!(target_arch = "aarch64") {
        Some(Self::Aarch64)
    } else {
        None
    };

    /// perf's numbers of the instruction pointer, the stack pointer, the frame pointer and, where
    /// there is one, the link register.
    pub fn numbers(self) -> (u64, u64, u64, Option<u64>) {
        match self {
            // asm/perf_regs.h: AX BX CX DX SI DI BP SP IP ...
            Self::X86_64 => (8, 7, 6, None),
            // asm/perf_regs.h: X0..X28, X29 (frame), LR, SP, PC.
            Self::Aarch64 => (32, 31, 29, Some(30)),
        }
    }

    pub const fn mask(self) -> u64 {
        match self {
            Self::X86_64 => 1 << 8 | 1 << 7 | 1 << 6,
            Self::Aarch64 => 1 << 32 | 1 << 31 | 1 << 30 | 1 << 29,
        }
    }
}

/// What we ask the kernel for on this machine.
pub const USER_REGISTERS: u64 = match Arch::HOST {
    Some(arch) => arch.mask(),
    None => 0,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_holds_exactly_the_numbers() {
        for arch in [Arch::X86_64, Arch::Aarch64] {
            let (ip, sp, fp, lr) = arch.numbers();
            let mut mask = 1 << ip | 1 << sp | 1 << fp;
            if let Some(lr) = lr {
                mask |= 1 << lr;
            }
            assert_eq!(arch.mask(), mask);
        }
    }
}
