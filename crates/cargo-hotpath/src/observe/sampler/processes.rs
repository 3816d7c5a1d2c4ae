//! What /proc tells of a process that ran before we looked, and the files that are mapped.

use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};

use crate::observe::decode::{Event, Mapping};
use crate::observe::elf::ModuleFile;

/// The ids of a process's threads.
pub fn threads(pid: i32) -> Result<Vec<i32>> {
    let folder = format!("/proc/{pid}/task");
    let entries = fs::read_dir(&folder)
        .with_context(|| format!("there is no process {pid}, or it is not yours to look at"))?;
    let ids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let ids: Vec<i32> = ids.collect();
    ensure!(!ids.is_empty(), "process {pid} has no threads any more");
    Ok(ids)
}

pub fn is_alive(pid: i32) -> bool {
    // A zombie has ended: nobody has asked for its status yet.
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        stat.rsplit(") ")
            .next()
            .is_some_and(|rest| !rest.starts_with('Z'))
    })
}

/// The names and mappings that a process has now, as the events that would have told of them.
pub fn present(pid: i32) -> Result<Vec<Event>> {
    let maps = format!("/proc/{pid}/maps");
    let maps = fs::read_to_string(&maps)
        .with_context(|| format!("cannot read {maps}: process {pid} is not yours to look at"))?;
    let mut ids = threads(pid)?;
    // The main thread names the process.
    ids.sort_by_key(|tid| *tid != pid);
    let mut events = Vec::new();
    for tid in ids {
        let name = fs::read_to_string(format!("/proc/{pid}/task/{tid}/comm")).unwrap_or_default();
        events.push(Event::Named {
            pid,
            tid,
            name: name.trim_end().to_owned(),
            exec: false,
        });
    }
    let mapped = maps.lines().filter_map(|line| executable(pid, line));
    events.extend(mapped.map(Event::Mapped));
    Ok(events)
}

/// `7f12a000-7f12b000 r-xp 00026000 fe:00 1234   /usr/lib/libc.so.6`
fn executable(pid: i32, line: &str) -> Option<Mapping> {
    let mut words = line.split_ascii_whitespace();
    let (start, end) = words.next()?.split_once('-')?;
    let rights = words.next()?;
    let file_offset = u64::from_str_radix(words.next()?, 16).ok()?;
    let path = line.splitn(6, ' ').nth(5).unwrap_or_default().trim();
    let start = u64::from_str_radix(start, 16).ok()?;
    let end = u64::from_str_radix(end, 16).ok()?;
    rights.contains('x').then(|| Mapping {
        pid,
        start,
        length: end.saturating_sub(start),
        file_offset,
        path: path.to_owned(),
    })
}

/// Reads what was mapped. A file that was replaced or removed meanwhile is read as it was mapped,
/// while its process lives.
pub fn load(mapping: &Mapping) -> ModuleFile {
    if mapping.path == "[vdso]" {
        return vdso().unwrap_or_else(|_| ModuleFile::unreadable(&mapping.path));
    }
    if !mapping.path.starts_with('/') {
        return ModuleFile::unreadable(&mapping.path);
    }
    let path = mapping.path.trim_end_matches(" (deleted)");
    ModuleFile::open(path)
        .or_else(|_| ModuleFile::open(&format!("/proc/{}/root{path}", mapping.pid)))
        .unwrap_or_else(|_| ModuleFile::unreadable(path))
}

/// The kernel's own library is in no file, but it is the same in every process, and so in ours.
fn vdso() -> Result<ModuleFile> {
    let maps = fs::read_to_string("/proc/self/maps").context("cannot read our own mappings")?;
    let line = maps.lines().find(|line| line.ends_with("[vdso]"));
    let map = line.and_then(|line| executable(0, line));
    let map = map.context("this process has no vDSO")?;
    let mut memory = fs::File::open("/proc/self/mem").context("cannot read our own memory")?;
    memory.seek(SeekFrom::Start(map.start))?;
    let mut image = vec![0; usize::try_from(map.length)?];
    memory.read_exact(&mut image)?;
    ModuleFile::in_memory("[vdso]", Arc::from(image))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn executable_mappings_are_read_and_others_are_not() {
        let line =
            "7f12a000-7f12b000 r-xp 00026000 fe:00 1234                       /usr/lib/a b.so";
        let expected = Mapping {
            pid: 7,
            start: 0x7f12_a000,
            length: 0x1000,
            file_offset: 0x26000,
            path: "/usr/lib/a b.so".to_owned(),
        };
        assert_eq!(executable(7, line), Some(expected));
        assert_eq!(
            executable(7, "7f12a000-7f12b000 rw-p 00000000 00:00 0 "),
            None
        );
        assert_eq!(executable(7, "rubbish"), None);
    }

    #[test]
    fn our_own_vdso_can_be_unwound() {
        let vdso = vdso().unwrap();
        assert!(vdso.unwind.eh_frame.is_some());
    }

    #[test]
    fn this_process_is_alive_and_has_an_executable_mapping() {
        let pid = i32::try_from(std::process::id()).unwrap();
        assert!(is_alive(pid));
        let events = present(pid).unwrap();
        assert!(events.iter().any(|event| matches!(event, Event::Mapped(_))));
    }
}
