//! Names for addresses: a recording becomes a profile.

pub mod cache;
pub mod dwarf;
pub mod kernel;

use std::collections::{BTreeSet, HashMap};

use pitcrew_core::store::Store;
use serde::{Deserialize, Serialize};

use super::elf::ModuleFile;
use super::raw::{Place, Raw};
use crate::names;
use crate::names::origin::{Places, Seen};
use crate::profile::{
    FileId, Frame, FrameId, Function, Module, ModuleKind, Profile, ProfileBuilder, Sample, StackId,
};
use cache::Known;
use kernel::Kallsyms;

/// A function at an address, as the file's debug information or symbol table has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    /// Mangled, where it is.
    pub symbol: String,
    /// The body of an `async fn` or an `async` block.
    pub async_body: bool,
    pub file: Option<String>,
    pub line: Option<u32>,
}

pub(crate) fn is_mangled(symbol: &str) -> bool {
    symbol.starts_with("_R") || symbol.starts_with("_ZN")
}

/// The recording with names for its addresses. `store` keeps what was looked up, where there is one.
pub fn symbolise(raw: &Raw, places: &Places, store: Option<&Store>) -> Profile {
    let known: Vec<Known> = raw
        .modules
        .iter()
        .enumerate()
        .map(|(index, module)| resolve(module, &addresses(raw, index), store))
        .collect();
    let in_kernel = |stack: &super::raw::RawStack| matches!(stack.place, Place::Kernel(_));
    let kernel = if raw.stacks.iter().any(in_kernel) {
        Kallsyms::read()
    } else {
        Kallsyms::default()
    };
    let asyncs = async_bodies(&known);
    let namer = Namer {
        raw,
        known: &known,
        kernel: &kernel,
        places,
        asyncs: &asyncs,
    };
    namer.profile()
}

/// The distinct addresses of a module, sorted.
fn addresses(raw: &Raw, index: usize) -> Vec<u64> {
    let places = raw.stacks.iter().filter_map(|stack| match stack.place {
        Place::Module(module, address) if module as usize == index => Some(address),
        _ => None,
    });
    let distinct: BTreeSet<u64> = places.collect();
    distinct.into_iter().collect()
}

/// From the cache what it has, from the file the rest.
fn resolve(module: &ModuleFile, addresses: &[u64], store: Option<&Store>) -> Known {
    let cached = store.zip(module.build_id.as_deref());
    let mut known = cached.map_or_else(Known::default, |(store, id)| Known::load(store, id));
    let missing = |address: &&u64| !known.by_address.contains_key(*address);
    let missing: Vec<u64> = addresses.iter().filter(missing).copied().collect();
    if missing.is_empty() {
        return known;
    }
    let Ok(bytes) = module.bytes() else {
        return known;
    };
    let resolved = dwarf::resolve(&bytes, &missing);
    known.by_address.extend(missing.into_iter().zip(resolved));
    if let Some((store, id)) = cached {
        known.keep(store, id);
    }
    known
}

/// The demangled names of all async bodies, so that what is inside them is named by their function.
fn async_bodies(known: &[Known]) -> BTreeSet<String> {
    let resolved = known.iter().flat_map(|known| known.by_address.values());
    resolved
        .flatten()
        .filter(|resolved| resolved.async_body)
        .map(|resolved| names::demangle(&resolved.symbol))
        .collect()
}

struct Namer<'a> {
    raw: &'a Raw,
    known: &'a [Known],
    kernel: &'a Kallsyms,
    places: &'a Places,
    asyncs: &'a BTreeSet<String>,
}

impl Namer<'_> {
    fn profile(&self) -> Profile {
        let mut builder = ProfileBuilder::default();
        let mut frames: HashMap<Place, Vec<FrameId>> = HashMap::new();
        let mut stacks: Vec<Option<StackId>> = Vec::with_capacity(self.raw.stacks.len());
        for stack in &self.raw.stacks {
            let mut at = stack.parent.and_then(|parent| stacks[parent as usize]);
            let expanded = frames
                .entry(stack.place)
                .or_insert_with(|| self.frames(stack.place, &mut builder));
            for frame in expanded {
                at = Some(builder.stack(at, *frame));
            }
            stacks.push(at);
        }
        let threads: Vec<u32> = (self.raw.threads.iter())
            .map(|thread| builder.thread(thread))
            .collect();
        for sample in &self.raw.samples {
            builder.sample(Sample {
                thread: threads.get(sample.thread as usize).copied().unwrap_or(0),
                time_ns: sample.time_ns,
                stack: sample.stack.and_then(|stack| stacks[stack as usize]),
                weight: sample.weight,
                count: 1,
                truncated: sample.truncated,
            });
        }
        builder.about().lost = self.raw.lost;
        builder.finish()
    }

    /// The functions at a place, the outermost first.
    fn frames(&self, place: Place, builder: &mut ProfileBuilder) -> Vec<FrameId> {
        let (module, address) = match place {
            Place::Module(module, address) => (module, address),
            Place::Kernel(address) => {
                let name = self.kernel.find(address).unwrap_or("[kernel]");
                let module = Module {
                    path: "[kernel]".to_owned(),
                    kind: ModuleKind::Kernel,
                    ..Module::default()
                };
                return vec![self.plain(name, true, &module, address, builder)];
            }
            Place::Nowhere(address) => {
                let module = Module {
                    path: "[unknown]".to_owned(),
                    ..Module::default()
                };
                return vec![self.plain("[unknown]", false, &module, address, builder)];
            }
        };
        let file = &self.raw.modules[module as usize];
        let described = Module {
            path: file.path.clone(),
            build_id: file.build_id.clone(),
            kind: file.kind,
        };
        let found = self.known[module as usize].by_address.get(&address);
        match found.filter(|found| !found.is_empty()) {
            Some(found) => self.resolved(found, &described, address, builder),
            None => {
                let name = file.path.rsplit('/').next().unwrap_or("?");
                let name = format!("{name}+{address:#x}");
                vec![self.plain(&name, false, &described, address, builder)]
            }
        }
    }

    fn plain(
        &self,
        name: &str,
        resolved: bool,
        module: &Module,
        address: u64,
        builder: &mut ProfileBuilder,
    ) -> FrameId {
        let seen = Seen {
            name,
            file: None,
            module,
        };
        let function = Function {
            name: name.to_owned(),
            full: name.to_owned(),
            origin: self.places.origin(&seen),
            module: Some(builder.module(module)),
            file: None,
            resolved,
        };
        let function = builder.function(function);
        builder.frame(Frame {
            function,
            address,
            ..Frame::default()
        })
    }

    fn resolved(
        &self,
        found: &[Resolved],
        module: &Module,
        address: u64,
        builder: &mut ProfileBuilder,
    ) -> Vec<FrameId> {
        let module_id = builder.module(module);
        let mut frames = Vec::with_capacity(found.len());
        for (depth, resolved) in found.iter().enumerate().rev() {
            let full = names::demangle(&resolved.symbol);
            let file: Option<FileId> = resolved
                .file
                .as_deref()
                .map(|path| builder.file(&self.places.shown(path)));
            let seen = Seen {
                name: &full,
                file: resolved.file.as_deref(),
                module,
            };
            let function = builder.function(Function {
                name: names::fold(&names::without_async(&full, self.asyncs)),
                origin: self.places.origin(&seen),
                full,
                module: Some(module_id),
                file,
                resolved: true,
            });
            frames.push(builder.frame(Frame {
                function,
                file,
                line: resolved.line,
                inlined: depth + 1 < found.len(),
                address,
            }));
        }
        frames
    }
}
