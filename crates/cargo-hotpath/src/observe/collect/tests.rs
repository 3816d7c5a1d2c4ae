//! Processes that fork, run other programs and map over old mappings, told event by event.

use super::*;
use crate::observe::decode::{Mapping, Sample};
use crate::observe::elf::{ModuleFile, Segment};

/// A file whose addresses are its offsets.
fn load(mapping: &Mapping) -> ModuleFile {
    ModuleFile {
        path: mapping.path.clone(),
        segments: vec![Segment {
            file: 0..0x10_0000,
            address: 0,
        }],
        ..ModuleFile::default()
    }
}

fn collector() -> Collector<'static> {
    Collector::new(Arch::X86_64, Box::new(load))
}

fn mapped(pid: i32, start: u64, path: &str) -> Event {
    Event::Mapped(Mapping {
        pid,
        start,
        length: 0x1000,
        file_offset: 0,
        path: path.to_owned(),
    })
}

fn started(pid: i32, tid: i32, parent: i32) -> Event {
    Event::Started {
        pid,
        tid,
        parent_pid: parent,
        parent_tid: parent,
    }
}

fn named(pid: i32, name: &str, exec: bool) -> Event {
    Event::Named {
        pid,
        tid: pid,
        name: name.to_owned(),
        exec,
    }
}

fn sample(pid: i32, tid: i32, chain: &[u64], kernel: &[u64]) -> Event {
    Event::Sample(Sample {
        pid,
        tid,
        time_ns: 1000,
        period: 5,
        kernel: kernel.to_vec(),
        user: None,
        chain: chain.to_vec(),
    })
}

/// The places of the last sample, the innermost first, modules by their paths.
fn last(raw: &Raw) -> Vec<String> {
    let mut at = raw.samples.last().and_then(|sample| sample.stack);
    let mut places = Vec::new();
    while let Some(stack) = at {
        let stack = raw.stacks[stack as usize];
        places.push(match stack.place {
            Place::Module(module, address) => {
                format!("{}+{address:#x}", raw.modules[module as usize].path)
            }
            Place::Kernel(address) => format!("kernel {address:#x}"),
            Place::Nowhere(address) => format!("nowhere {address:#x}"),
        });
        at = stack.parent;
    }
    places
}

#[test]
fn a_caller_is_looked_up_inside_its_call_and_the_kernel_lies_above() {
    let mut collector = collector();
    collector.event(named(1, "app", true));
    collector.event(mapped(1, 0x7000, "/app"));
    collector.event(sample(
        1,
        1,
        &[0x7010, 0x7020, 0x9999],
        &[0xffff_0001, 0xffff_0002],
    ));
    let raw = collector.finish();
    let expected = [
        "kernel 0xffff0001",
        "kernel 0xffff0002",
        "/app+0x10",
        "/app+0x1f",
        "nowhere 0x9998",
    ];
    assert_eq!(last(&raw), expected);
    assert_eq!((raw.samples[0].weight, raw.samples[0].time_ns), (5, 0));
}

#[test]
fn a_child_has_its_parents_mappings_until_it_runs_another_program() {
    let mut collector = collector();
    collector.event(named(1, "app", true));
    collector.event(mapped(1, 0x7000, "/app"));
    collector.event(started(2, 2, 1));
    collector.event(sample(2, 2, &[0x7010], &[]));
    assert_eq!(last(&collector.raw), ["/app+0x10"]);
    collector.event(named(2, "sh", true));
    collector.event(sample(2, 2, &[0x7010], &[]));
    let raw = collector.finish();
    assert_eq!(last(&raw), ["nowhere 0x7010"]);
    let thread = &raw.threads[raw.samples[1].thread as usize];
    assert_eq!((thread.process.as_str(), thread.pid), ("sh", 2));
}

#[test]
fn a_thread_shares_its_process_and_has_a_name_of_its_own() {
    let mut collector = collector();
    collector.event(named(1, "app", true));
    collector.event(started(1, 9, 1));
    collector.event(Event::Named {
        pid: 1,
        tid: 9,
        name: "worker".to_owned(),
        exec: false,
    });
    collector.event(mapped(1, 0x7000, "/late.so"));
    collector.event(sample(1, 9, &[0x7010], &[]));
    let raw = collector.finish();
    assert_eq!(last(&raw), ["/late.so+0x10"]);
    assert_eq!(raw.threads.len(), 1, "a thread that never ran is left out");
    assert_eq!(
        (
            raw.threads[0].name.as_str(),
            raw.threads[0].process.as_str()
        ),
        ("worker", "app")
    );
}

#[test]
fn a_new_mapping_replaces_what_it_covers() {
    let mut collector = collector();
    collector.event(mapped(1, 0x7000, "/old.so"));
    collector.event(mapped(1, 0x7800, "/new.so"));
    collector.event(sample(1, 1, &[0x7010], &[]));
    assert_eq!(last(&collector.raw), ["nowhere 0x7010"]);
    collector.event(sample(1, 1, &[0x7810], &[]));
    assert_eq!(last(&collector.raw), ["/new.so+0x10"]);
    collector.event(Event::Lost(3));
    assert_eq!(collector.finish().lost, 3);
}
