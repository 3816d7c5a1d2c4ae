//! Names that are looked up while the program still runs: reading the debug information of a large program
//! takes longer than all else between its end and the report. A thread of its own opens the file and looks
//! up what is seen; at the end only the addresses of the last moment are left.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use pitcrew_core::store::Store;

use super::cache::Known;
use super::dwarf;
use crate::observe::elf::ModuleFile;
use crate::observe::raw::{Place, Raw};
use crate::profile::ModuleKind;

/// What ends sooner is small enough to be looked up at the end, and has its cores for itself.
const AFTER: Duration = Duration::from_secs(3);
const EVERY: Duration = Duration::from_secs(1);

/// Looks up the addresses of programs; those of libraries are few.
pub struct Ahead {
    store: Option<Store>,
    /// When stacks are looked at next.
    next: Instant,
    /// How many of the recording's stacks were looked at.
    looked_at: usize,
    workers: HashMap<u32, Worker>,
}

struct Worker {
    addresses: Sender<Vec<u64>>,
    thread: JoinHandle<Known>,
}

impl Ahead {
    pub fn new(store: Option<Store>) -> Self {
        Self {
            store,
            next: Instant::now() + AFTER,
            looked_at: 0,
            workers: HashMap::new(),
        }
    }

    /// Hands on what is new, where it is time.
    pub fn look(&mut self, raw: &Raw) {
        if Instant::now() >= self.next {
            self.next = Instant::now() + EVERY;
            self.hand_on(raw);
        }
    }

    fn hand_on(&mut self, raw: &Raw) {
        let mut found: HashMap<u32, Vec<u64>> = HashMap::new();
        for stack in &raw.stacks[self.looked_at..] {
            if let Place::Module(module, address) = stack.place {
                found.entry(module).or_default().push(address);
            }
        }
        self.looked_at = raw.stacks.len();
        for (at, addresses) in found {
            let module = &raw.modules[at as usize];
            if module.kind != ModuleKind::Program || module.build_id.is_none() {
                continue;
            }
            let store = &self.store;
            let worker = self
                .workers
                .entry(at)
                .or_insert_with(|| Worker::start(module, store.clone()));
            // One that has gone away leaves its addresses to the end.
            let _ = worker.addresses.send(addresses);
        }
    }

    /// What is known of each module that was looked at, by its index.
    pub fn finish(mut self, raw: &Raw) -> HashMap<u32, Known> {
        if !self.workers.is_empty() {
            self.hand_on(raw);
        }
        let ended = self.workers.into_iter().filter_map(|(at, worker)| {
            drop(worker.addresses);
            Some((at, worker.thread.join().ok()?))
        });
        ended.collect()
    }
}

impl Worker {
    fn start(module: &Arc<ModuleFile>, store: Option<Store>) -> Self {
        let (addresses, received) = channel();
        let module = Arc::clone(module);
        let thread = thread::spawn(move || look_up(&module, store.as_ref(), &received));
        Self { addresses, thread }
    }
}

/// Looks up all that comes, and keeps it with what was known before.
fn look_up(module: &ModuleFile, store: Option<&Store>, received: &Receiver<Vec<u64>>) -> Known {
    let cached = store.zip(module.build_id.as_deref());
    let mut known = cached.map_or_else(Known::default, |(store, id)| Known::load(store, id));
    let before = known.count();
    if let Ok(bytes) = module.bytes() {
        dwarf::open(&bytes, |resolve| {
            for mut addresses in received {
                addresses.sort_unstable();
                addresses.dedup();
                addresses.retain(|address| !known.has(*address));
                known.extend(addresses.into_iter().map(|at| (at, resolve(at))));
            }
        });
    }
    if let Some((store, id)) = cached
        && known.count() > before
    {
        known.keep(store, id);
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    /// This very test is a program with debug information.
    fn this_program() -> Arc<ModuleFile> {
        let path = std::env::current_exe().unwrap();
        let mut module = ModuleFile::open(path.to_str().unwrap()).unwrap();
        module.build_id.get_or_insert_with(|| "made-up".to_owned());
        Arc::new(module)
    }

    #[test]
    fn what_was_looked_up_ahead_is_what_is_looked_up_at_the_end() {
        let module = this_program();
        let start = module.segments.first().unwrap().address;
        let addresses: Vec<u64> = (0..400).map(|n| start + 0x1000 + n * 61).collect();
        let mut raw = Raw::default();
        let at = raw.module(&module);
        let mut ahead = Ahead::new(None);
        ahead.look(&raw);
        assert!(ahead.workers.is_empty(), "short runs have no worker");
        ahead.next = Instant::now();
        raw.stack(None, Place::Module(at, addresses[0]));
        ahead.look(&raw);
        assert_eq!(ahead.workers.len(), 1);
        for address in &addresses[1..] {
            raw.stack(None, Place::Module(at, *address));
        }
        let known = ahead.finish(&raw).remove(&at).unwrap();
        let bytes = module.bytes().unwrap();
        for (address, resolved) in addresses.iter().zip(dwarf::resolve(&bytes, &addresses)) {
            assert!(known.has(*address));
            let symbols: Vec<&str> = known
                .at(*address)
                .map(|one| known.text(one.symbol))
                .collect();
            let wanted: Vec<&str> = resolved.iter().map(|one| one.symbol.as_str()).collect();
            assert_eq!(symbols, wanted);
        }
    }
}
