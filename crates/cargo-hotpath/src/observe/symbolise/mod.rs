//! Names for addresses: a recording becomes a profile.

pub mod ahead;
pub mod cache;
pub mod dwarf;
pub mod kernel;

use std::collections::{BTreeSet, HashMap};

use pitcrew_core::store::Store;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::elf::ModuleFile;
use super::raw::{Place, Raw};
use crate::names;
use crate::names::origin::{Places, Seen};
use crate::profile::{
    FileId, Frame, FrameId, Function, FunctionId, Module, ModuleKind, Profile, ProfileBuilder,
    Sample, StackId,
};
use cache::Known;

/// A function at an address, as the file's debug information or symbol table has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
    symbolise_the_rest(raw, places, store, HashMap::new())
}

/// The same, where some modules' names were looked up already, by the module's index.
pub fn symbolise_the_rest(
    raw: &Raw,
    places: &Places,
    store: Option<&Store>,
    mut ahead: HashMap<u32, Known>,
) -> Profile {
    let wanted = addresses(raw);
    let ahead: Vec<Option<Known>> = (0..raw.modules.len())
        .map(|at| ahead.remove(&u32::try_from(at).ok()?))
        .collect();
    let modules = || -> Vec<Known> {
        let each = raw.modules.par_iter().zip(&wanted.by_module).zip(ahead);
        each.map(|((module, addresses), known)| resolve(module, addresses, known, store))
            .collect()
    };
    let (known, kernel) = rayon::join(modules, || kernel::names(&wanted.kernel, store));
    let asyncs = async_bodies(&known);
    let namer = Namer {
        raw,
        known: &known,
        kernel: &kernel,
        places,
        asyncs: &asyncs,
        functions: FxHashMap::default(),
    };
    namer.profile()
}

/// Distinct addresses, sorted.
struct Addresses {
    by_module: Vec<Vec<u64>>,
    kernel: Vec<u64>,
}

fn addresses(raw: &Raw) -> Addresses {
    let mut found = Addresses {
        by_module: vec![Vec::new(); raw.modules.len()],
        kernel: Vec::new(),
    };
    for stack in &raw.stacks {
        match stack.place {
            Place::Module(module, address) => found.by_module[module as usize].push(address),
            Place::Kernel(address) => found.kernel.push(address),
            Place::Nowhere(_) => {}
        }
    }
    for addresses in found.by_module.iter_mut().chain([&mut found.kernel]) {
        addresses.sort_unstable();
        addresses.dedup();
    }
    found
}

/// What is known already, from the cache what it has, from the file the rest.
fn resolve(
    module: &ModuleFile,
    addresses: &[u64],
    known: Option<Known>,
    store: Option<&Store>,
) -> Known {
    let cached = store.zip(module.build_id.as_deref());
    let mut known = known.unwrap_or_else(|| {
        cached.map_or_else(Known::default, |(store, id)| Known::load(store, id))
    });
    let missing = |address: &&u64| !known.has(**address);
    let missing: Vec<u64> = addresses.iter().filter(missing).copied().collect();
    if missing.is_empty() {
        return known;
    }
    let Ok(bytes) = module.bytes() else {
        return known;
    };
    let resolved = dwarf::resolve(&bytes, &missing);
    known.extend(missing.into_iter().zip(resolved));
    if let Some((store, id)) = cached {
        known.keep(store, id);
    }
    known
}

/// The demangled names of all async bodies, so that what is inside them is named by their function.
fn async_bodies(known: &[Known]) -> BTreeSet<String> {
    let symbols: BTreeSet<&str> = known.iter().flat_map(Known::async_bodies).collect();
    symbols.into_iter().map(names::demangle).collect()
}

/// A module, and in it the indices of a symbol and a file.
type Source = (u32, u32, Option<u32>);

struct Namer<'a> {
    raw: &'a Raw,
    known: &'a [Known],
    kernel: &'a HashMap<u64, String>,
    places: &'a Places,
    asyncs: &'a BTreeSet<String>,
    /// By module, symbol and file: one function is at many addresses.
    functions: FxHashMap<Source, (FunctionId, Option<FileId>)>,
}

impl Namer<'_> {
    fn profile(mut self) -> Profile {
        let mut builder = ProfileBuilder::default();
        let mut frames: FxHashMap<Place, Vec<FrameId>> = FxHashMap::default();
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
    fn frames(&mut self, place: Place, builder: &mut ProfileBuilder) -> Vec<FrameId> {
        let (module, address) = match place {
            Place::Module(module, address) => (module, address),
            Place::Kernel(address) => {
                let name = self.kernel.get(&address).map_or("[kernel]", String::as_str);
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
        let frames = self.resolved((module, &described), address, builder);
        if !frames.is_empty() {
            return frames;
        }
        let name = file.path.rsplit('/').next().unwrap_or("?");
        let name = format!("{name}+{address:#x}");
        vec![self.plain(&name, false, &described, address, builder)]
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
        &mut self,
        (module, described): (u32, &Module),
        address: u64,
        builder: &mut ProfileBuilder,
    ) -> Vec<FrameId> {
        let known = &self.known[module as usize];
        let found = known.at(address);
        let count = found.len();
        let frames = found.enumerate().rev().map(|(depth, named)| {
            let key = (module, named.symbol, named.file);
            let (function, file) = match self.functions.get(&key) {
                Some(made) => *made,
                None => {
                    let file = named.file.map(|file| known.text(file));
                    let seen = (known.text(named.symbol), file);
                    let made = self.function(seen, described, builder);
                    self.functions.insert(key, made);
                    made
                }
            };
            builder.frame(Frame {
                function,
                file,
                line: named.line,
                inlined: depth + 1 < count,
                address,
            })
        });
        frames.collect()
    }

    fn function(
        &self,
        (symbol, path): (&str, Option<&str>),
        module: &Module,
        builder: &mut ProfileBuilder,
    ) -> (FunctionId, Option<FileId>) {
        let full = names::demangle(symbol);
        let file = path.map(|path| builder.file(&self.places.shown(path)));
        let seen = Seen {
            name: &full,
            file: path,
            module,
        };
        let function = Function {
            name: names::fold(&names::without_async(&full, self.asyncs)),
            origin: self.places.origin(&seen),
            full,
            module: Some(builder.module(module)),
            file,
            resolved: true,
        };
        (builder.function(function), file)
    }
}
