//! Follows the recorded processes, event by event in the order in which they happened, and unwinds
//! each sample with the mappings of its moment. What comes out is a recording of addresses.

use std::collections::HashMap;
use std::sync::Arc;

use super::decode::{Event, Mapping, Sample, Switch};
use super::elf::ModuleFile;
use super::raw::{Place, Raw, RawSample};
use super::registers::Arch;
use super::unwind::{Cache, Tables, Unwound};
use super::waits::Waits;
use crate::profile::Thread;

/// Finds the file of a mapping.
pub type Loader<'a> = Box<dyn FnMut(&Mapping) -> ModuleFile + 'a>;

pub struct Collector<'a> {
    arch: Arch,
    load: Loader<'a>,
    files: HashMap<String, Arc<ModuleFile>>,
    processes: HashMap<i32, Process>,
    threads: HashMap<(i32, i32), u32>,
    cache: Cache,
    start_ns: Option<u64>,
    /// Where it is waits that are recorded.
    waits: Option<Waits>,
    raw: Raw,
}

#[derive(Clone)]
struct Process {
    name: String,
    tables: Tables,
    mapped: Vec<Mapped>,
}

#[derive(Clone)]
struct Mapped {
    start: u64,
    end: u64,
    bias: u64,
    module: Arc<ModuleFile>,
}

impl Process {
    fn new(arch: Arch) -> Self {
        Self {
            name: String::new(),
            tables: Tables::new(arch),
            mapped: Vec::new(),
        }
    }

    fn map(&mut self, mapping: &Mapping, module: Arc<ModuleFile>) {
        let (start, end) = (mapping.start, mapping.start.saturating_add(mapping.length));
        // A new mapping replaces what it covers.
        let tables = &mut self.tables;
        self.mapped.retain(|old| {
            let covered = old.start < end && start < old.end;
            if covered {
                tables.remove(old.start);
            }
            !covered
        });
        let bias = module.bias(start, mapping.file_offset);
        tables.add(&module, start, mapping.length, bias);
        let at = self.mapped.partition_point(|old| old.start < start);
        self.mapped.insert(
            at,
            Mapped {
                start,
                end,
                bias,
                module,
            },
        );
    }

    fn find(&self, address: u64) -> Option<&Mapped> {
        let after = self.mapped.partition_point(|map| map.start <= address);
        let found = self.mapped.get(after.checked_sub(1)?)?;
        (address < found.end).then_some(found)
    }
}

impl<'a> Collector<'a> {
    pub fn new(arch: Arch, load: Loader<'a>) -> Self {
        Self {
            arch,
            load,
            files: HashMap::new(),
            processes: HashMap::new(),
            threads: HashMap::new(),
            cache: Cache::new(arch),
            start_ns: None,
            waits: None,
            raw: Raw::default(),
        }
    }

    /// The same for a recording of waits, each sample of which is a thread that leaves its processor.
    pub fn of_waits(arch: Arch, load: Loader<'a>) -> Self {
        Self {
            waits: Some(Waits::default()),
            ..Self::new(arch, load)
        }
    }

    /// Takes the next event; they must come in the order of their times.
    pub fn event(&mut self, event: Event) {
        match event {
            Event::Sample(sample) => self.sample(&sample),
            Event::Mapped(mapping) => {
                let module = self.file(&mapping);
                self.process(mapping.pid).map(&mapping, module);
            }
            Event::Named {
                pid,
                tid,
                name,
                exec,
            } => self.named(pid, tid, name, exec),
            Event::Started {
                pid,
                tid,
                parent_pid,
                parent_tid,
            } => {
                if pid != parent_pid {
                    let process = self.process(parent_pid).clone();
                    self.processes.insert(pid, process);
                }
                let parent = self.thread(parent_pid, parent_tid);
                let name = self.raw.threads[parent as usize].name.clone();
                // An id that is used again is another thread.
                self.threads.remove(&(pid, tid));
                let thread = self.thread(pid, tid);
                self.raw.threads[thread as usize].name = name;
            }
            Event::Ended { pid, tid } => {
                if pid == tid {
                    self.processes.remove(&pid);
                }
            }
            Event::Switched {
                pid,
                tid,
                time_ns,
                switch,
            } => self.switched((pid, tid), time_ns, switch),
            Event::Lost(count) => self.raw.lost += count,
        }
    }

    pub fn so_far(&self) -> &Raw {
        &self.raw
    }

    pub fn samples(&self) -> usize {
        self.raw.samples.len()
    }

    pub fn finish(mut self) -> Raw {
        if let Some(waits) = self.waits.take() {
            waits.finish(&mut self.raw.samples);
        }
        let sampled: Vec<bool> = self.sampled();
        // A thread that never ran says nothing.
        let mut kept = HashMap::new();
        let threads = std::mem::take(&mut self.raw.threads);
        for (at, thread) in threads.into_iter().enumerate() {
            if sampled[at] {
                kept.insert(at as u32, self.raw.threads.len() as u32);
                self.raw.threads.push(thread);
            }
        }
        for sample in &mut self.raw.samples {
            sample.thread = kept.get(&sample.thread).copied().unwrap_or(0);
        }
        self.raw
    }

    fn sampled(&self) -> Vec<bool> {
        let mut sampled = vec![false; self.raw.threads.len()];
        for sample in &self.raw.samples {
            sampled[sample.thread as usize] = true;
        }
        sampled
    }

    fn switched(&mut self, thread: (i32, i32), now_ns: u64, switch: Switch) {
        let Some(waits) = &mut self.waits else { return };
        match switch {
            // Its sample has come before.
            Switch::Away => {}
            Switch::PutOff => waits.was_put_off(thread),
            Switch::Back => waits.is_back(thread, now_ns, &mut self.raw.samples),
        }
    }

    fn process(&mut self, pid: i32) -> &mut Process {
        let arch = self.arch;
        self.processes
            .entry(pid)
            .or_insert_with(|| Process::new(arch))
    }

    fn file(&mut self, mapping: &Mapping) -> Arc<ModuleFile> {
        if let Some(file) = self.files.get(&mapping.path) {
            return Arc::clone(file);
        }
        let file = Arc::new((self.load)(mapping));
        self.files.insert(mapping.path.clone(), Arc::clone(&file));
        file
    }

    fn named(&mut self, pid: i32, tid: i32, name: String, exec: bool) {
        if exec {
            let mut process = Process::new(self.arch);
            process.name.clone_from(&name);
            self.processes.insert(pid, process);
        } else if pid == tid {
            self.process(pid).name.clone_from(&name);
        }
        let process = self.process(pid).name.clone();
        let thread = self.thread(pid, tid) as usize;
        self.raw.threads[thread].name = name;
        self.raw.threads[thread].process = process;
    }

    fn thread(&mut self, pid: i32, tid: i32) -> u32 {
        if let Some(id) = self.threads.get(&(pid, tid)) {
            return *id;
        }
        let process = self.process(pid).name.clone();
        let id = u32::try_from(self.raw.threads.len()).unwrap_or(u32::MAX);
        self.raw.threads.push(Thread {
            pid,
            tid,
            name: process.clone(),
            process,
        });
        self.threads.insert((pid, tid), id);
        id
    }

    fn sample(&mut self, sample: &Sample) {
        let thread = self.thread(sample.pid, sample.tid);
        let start_ns = *self.start_ns.get_or_insert(sample.time_ns);
        let unwound = self.unwind(sample);
        let mut stack = None;
        for &address in unwound.addresses.iter().rev() {
            let process = self.processes.get(&sample.pid);
            let place = match process.and_then(|process| process.find(address)) {
                Some(map) => {
                    Place::Module(self.raw.module(&map.module), address.wrapping_sub(map.bias))
                }
                None => Place::Nowhere(address),
            };
            stack = Some(self.raw.stack(stack, place));
        }
        for &address in sample.kernel.iter().rev() {
            stack = Some(self.raw.stack(stack, Place::Kernel(address)));
        }
        let weight = match &mut self.waits {
            Some(waits) => {
                let number = self.raw.samples.len();
                waits.left((sample.pid, sample.tid), number, sample.time_ns);
                0
            }
            None => sample.period,
        };
        self.raw.samples.push(RawSample {
            thread,
            time_ns: sample.time_ns.saturating_sub(start_ns),
            stack,
            weight,
            truncated: unwound.truncated,
        });
    }

    /// The program's own part of a stack.
    fn unwind(&mut self, sample: &Sample) -> Unwound {
        let arch = self.arch;
        let process = self.processes.entry(sample.pid);
        let process = process.or_insert_with(|| Process::new(arch));
        let mut chain = sample.chain.clone();
        // A caller's address is the one after its call.
        for caller in chain.iter_mut().skip(1) {
            *caller = caller.saturating_sub(1);
        }
        let Some(user) = &sample.user else {
            return Unwound {
                addresses: chain,
                truncated: false,
            };
        };
        let mut unwound = process.tables.unwind(user, &mut self.cache);
        // A register that holds something else leads nowhere.
        let code = chain.iter().take_while(|at| process.find(**at).is_some());
        let code = code.count();
        if unwound.truncated && unwound.go_on(&chain[..code]) {
            let outermost = unwound.addresses.last();
            let outermost = outermost.and_then(|address| process.find(*address));
            unwound.truncated = !outermost.is_some_and(|map| starts_programs(&map.module.path));
        }
        unwound
    }
}

/// Whether the outermost frame of a whole stack lies there: what calls `main`, and what starts threads.
fn starts_programs(module: &str) -> bool {
    let file = module.rsplit('/').next().unwrap_or(module);
    ["libc.", "libc-", "libpthread", "ld-"]
        .iter()
        .any(|start| file.starts_with(start))
}

#[cfg(test)]
mod tests;
