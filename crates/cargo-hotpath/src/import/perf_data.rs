//! perf.data files: the kernel's own records in a file. They go the way of our own recordings: followed,
//! unwound and symbolised here.

mod sizes;

use std::fs::File;
use std::io::BufReader;

use anyhow::{Context, Result};
use camino::Utf8Path;
use linux_perf_data::{PerfFileReader, PerfFileRecord};
use pitcrew_core::store::Store;

use crate::names::origin::Places;
use crate::observe::collect::Collector;
use crate::observe::decode::{Event, Mapping, event_of};
use crate::observe::elf::ModuleFile;
use crate::observe::registers::Arch;
use crate::observe::symbolise;
use crate::profile::{Profile, Unit};

pub fn read(path: &Utf8Path, places: &Places, symbols: &Store) -> Result<Profile> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut file = BufReader::new(file);
    sizes::check(&mut file, length)?;
    let PerfFileReader {
        mut perf_file,
        mut record_iter,
    } = PerfFileReader::parse_file(file).context("its header cannot be read")?;
    let arch = match perf_file.arch().ok().flatten() {
        Some("aarch64") => Arch::Aarch64,
        _ => Arch::X86_64,
    };
    let event = perf_file.event_attributes().first().and_then(|a| a.name());
    let event = event.unwrap_or("samples").to_owned();
    let command = perf_file
        .cmdline()
        .ok()
        .flatten()
        .unwrap_or_default()
        .join(" ");
    let mut collector = Collector::new(arch, Box::new(load));
    let (mut first_ns, mut last_ns) = (None, 0);
    while let Some(record) = record_iter
        .next_record(&mut perf_file)
        .context("it breaks off in the middle")?
    {
        let PerfFileRecord::EventRecord { record, attr_index } = record else {
            continue;
        };
        let Some((time_ns, event)) = event_of(&record, arch) else {
            continue;
        };
        // Two events in one profile would be counted twice.
        if attr_index > 0 && matches!(event, Event::Sample(_)) {
            continue;
        }
        if let Event::Sample(_) = event {
            first_ns.get_or_insert(time_ns);
            last_ns = last_ns.max(time_ns);
        }
        collector.event(event);
    }
    let mut profile = symbolise::symbolise(&collector.finish(), places, Some(symbols));
    let about = &mut profile.about;
    about.unit = match event.split(':').next().unwrap_or_default() {
        "cpu-clock" | "task-clock" => Unit::Nanoseconds,
        "cycles" | "cpu-cycles" => Unit::Cycles,
        "instructions" => Unit::Instructions,
        _ => Unit::Samples,
    };
    about.event = event;
    about.command = command;
    about.wall_s = last_ns.saturating_sub(first_ns.unwrap_or(last_ns)) as f64 / 1e9;
    Ok(profile)
}

fn load(mapping: &Mapping) -> ModuleFile {
    if !mapping.path.starts_with('/') {
        return ModuleFile::unreadable(&mapping.path);
    }
    ModuleFile::open(&mapping.path).unwrap_or_else(|_| ModuleFile::unreadable(&mapping.path))
}
