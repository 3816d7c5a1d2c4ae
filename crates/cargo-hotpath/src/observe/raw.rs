//! A recording before it is symbolised: the same shape as a profile, with addresses for functions.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::elf::ModuleFile;

/// Where code was running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// An address as the module's file has it, by the index of the module.
    Module(u32, u64),
    Kernel(u64),
    /// Memory that no file was mapped to.
    Nowhere(u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RawStack {
    pub parent: Option<u32>,
    pub place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawSample {
    pub thread: u32,
    pub time_ns: u64,
    pub stack: Option<u32>,
    pub weight: u64,
    pub truncated: bool,
}

/// Everything that a recorder saw.
#[derive(Debug, Default)]
pub struct Raw {
    pub modules: Vec<Arc<ModuleFile>>,
    pub threads: Vec<crate::profile::Thread>,
    pub stacks: Vec<RawStack>,
    pub samples: Vec<RawSample>,
    pub lost: u64,
    known: FxHashMap<RawStack, u32>,
}

impl Raw {
    pub fn stack(&mut self, parent: Option<u32>, place: Place) -> u32 {
        let stack = RawStack { parent, place };
        *self.known.entry(stack).or_insert_with(|| {
            self.stacks.push(stack);
            u32::try_from(self.stacks.len() - 1).unwrap_or(u32::MAX)
        })
    }

    /// The index of a module, told apart by its path and build id.
    pub fn module(&mut self, module: &Arc<ModuleFile>) -> u32 {
        let at = self
            .modules
            .iter()
            .position(|known| Arc::ptr_eq(known, module));
        let at = at.unwrap_or_else(|| {
            self.modules.push(Arc::clone(module));
            self.modules.len() - 1
        });
        u32::try_from(at).unwrap_or(u32::MAX)
    }
}
