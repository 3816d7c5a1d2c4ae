//! A folder of recordings, one file for each process, into one profile: events of all threads in one
//! order, stacks symbolised as those of the sampler are.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::store::Store;

use super::chunks::{Chunk, Chunks, Process};
use super::format;
use super::mappings::{Files, Mappings};
use super::records::{Event, Record, Records, Stack};
use super::replay::{Replay, Span, Sums};
use crate::names::origin::Places;
use crate::observe::raw::{Raw, RawSample};
use crate::observe::symbolise;
use crate::profile::{Clock, Heap, Mapped, Profile, Site, Thread, Unit};

/// The ending of a recording's name.
const ENDING: &str = "heap";

/// Chunks that are open at one time may take so much memory.
const MOST_OPEN: usize = 512 << 20;

/// Reads the recordings in `folder`; none where the recorder was never loaded. `main` is the process that
/// we started.
pub fn folder(
    folder: &Utf8Path,
    main: Option<u32>,
    places: &Places,
    symbols: Option<&Store>,
) -> Result<Option<Profile>> {
    let mut recordings = Vec::new();
    let mut broken = false;
    for path in files(folder)? {
        let mut chunks = Chunks::open(&path)?;
        match chunks.process() {
            Some(process) => recordings.push(Recording::new(chunks, process)),
            // A process may end before it has written its first page.
            None => broken |= !chunks.all.is_empty(),
        }
    }
    if recordings.is_empty() {
        return Ok(None);
    }
    let last = last_of(&recordings, main);
    let sums = replay(&mut recordings, last)?;
    let raw = raw(&mut recordings, &sums)?;
    let mut profile = symbolise::symbolise(&raw, places, symbols);
    let mut heap = whole(&recordings, &sums);
    let sites = profile.samples.iter().zip(sums.sites.values());
    let sites = sites.map(|(sample, figures)| Site {
        stack: sample.stack,
        thread: sample.thread,
        figures: *figures,
    });
    heap.sites = sites.collect();
    heap.attach(&mut profile);
    let about = &mut profile.about;
    about.recorder = "cargo hotpath heap".to_owned();
    about.event = "allocated bytes".to_owned();
    about.unit = Unit::Bytes;
    let lost = recordings.iter().map(|recording| recording.process.lost);
    about.lost = lost.fold(0, u64::saturating_add);
    if broken || recordings.iter().any(|recording| recording.broken) {
        let note = "a part of the recording makes no sense and was left out";
        about.notes.push(note.to_owned());
    }
    if recordings.iter().any(|recording| recording.process.full) {
        let note = "the recording is not complete: its file reached --limit, or the disk is full, or \
                    the program changed its user or its root";
        about.notes.push(note.to_owned());
    }
    Ok(Some(profile))
}

/// What concerns all sites.
fn whole(recordings: &[Recording], sums: &Sums) -> Heap {
    let begun_ns = recordings
        .iter()
        .map(|r| r.span.first_ns)
        .min()
        .unwrap_or(0);
    let ended_ns = recordings.iter().map(|r| r.span.last_ns).max().unwrap_or(0);
    let mut mapped = Mapped::default();
    for recording in recordings {
        let process = &recording.process;
        mapped.calls = mapped.calls.saturating_add(process.mappings);
        mapped.bytes = mapped.bytes.saturating_add(process.mapped_bytes);
    }
    Heap {
        exact: recordings.iter().all(|recording| recording.process.exact),
        samples: sums.samples,
        clock: Clock::Nanoseconds,
        duration: ended_ns.saturating_sub(begun_ns),
        peak_at: sums.peak_at_ns.saturating_sub(begun_ns),
        mapped,
        sites: Vec::new(),
    }
}

/// The recordings of a folder, by name.
fn files(folder: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let entries = folder.read_dir_utf8();
    let entries = entries.with_context(|| format!("cannot read {folder}"))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path().to_owned();
        if path.extension() == Some(ENDING) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

struct Recording {
    chunks: Chunks,
    process: Process,
    span: Span,
    stacks: HashMap<u32, Stack>,
    broken: bool,
}

impl Recording {
    fn new(chunks: Chunks, process: Process) -> Self {
        let last_ns = chunks.all.iter().map(|chunk| chunk.last_ns).max();
        let span = Span {
            first_ns: process.begun_ns,
            last_ns: last_ns.unwrap_or(0).max(process.begun_ns),
        };
        Self {
            chunks,
            process,
            span,
            stacks: HashMap::new(),
            broken: false,
        }
    }

    /// The file's name of the program.
    fn name(&self) -> String {
        let path = self.process.executable.as_str();
        path.rsplit('/').next().unwrap_or(path).to_owned()
    }
}

/// The recording of the program that we started, after it last replaced itself: it holds what it has to
/// the end. Others hold it to their own last event.
fn last_of(recordings: &[Recording], main: Option<u32>) -> Option<usize> {
    let of_main = recordings.iter().enumerate();
    let of_main = of_main.filter(|(_, recording)| Some(recording.process.pid) == main);
    let latest = of_main.max_by_key(|(_, recording)| recording.process.begun_ns);
    latest.map(|(at, _)| at)
}

/// A chunk that is being read, with the event that comes next.
struct Cursor {
    process: usize,
    records: Records,
    next: Event,
}

/// Chunks that wait for their time, and those that are read.
struct Merge<'r> {
    recordings: &'r mut [Recording],
    /// Process and chunk, the latest first.
    waiting: Vec<(usize, Chunk)>,
    open: Vec<Option<Cursor>>,
    order: BinaryHeap<Reverse<(u64, usize)>>,
    bytes: usize,
    /// Of each process, the chunks that still have events.
    left: Vec<usize>,
}

fn replay(recordings: &mut [Recording], last: Option<usize>) -> Result<Sums> {
    let mut replay = Replay::new(recordings.iter().map(|r| r.span).collect());
    let mut going_on = vec![true; recordings.len()];
    let mut merge = Merge::new(recordings);
    while let Some((process, event, is_last)) = merge.next()? {
        replay.event(process, &event);
        if is_last && Some(process) != last {
            replay.ended(process);
            going_on[process] = false;
        }
    }
    for (process, _) in going_on.iter().enumerate().filter(|(_, goes_on)| **goes_on) {
        replay.ended(process);
    }
    Ok(replay.finish())
}

impl<'r> Merge<'r> {
    fn new(recordings: &'r mut [Recording]) -> Self {
        let mut waiting = Vec::new();
        let mut left = Vec::new();
        for (process, recording) in recordings.iter().enumerate() {
            let events = |chunk: &&Chunk| chunk.kind == format::EVENTS;
            let chunks: Vec<_> = recording.chunks.all.iter().filter(events).collect();
            left.push(chunks.len());
            waiting.extend(chunks.into_iter().map(|chunk| (process, chunk.clone())));
        }
        waiting.sort_by_key(|(process, chunk)| Reverse((chunk.first_ns, *process, chunk.offset)));
        Self {
            recordings,
            waiting,
            open: Vec::new(),
            order: BinaryHeap::new(),
            bytes: 0,
            left,
        }
    }

    /// The next event of all, whose it is, and whether it is that process's last.
    fn next(&mut self) -> Result<Option<(usize, Event, bool)>> {
        loop {
            let earliest = self
                .order
                .peek()
                .map_or(u64::MAX, |Reverse((time, _))| *time);
            let is_due = self
                .waiting
                .last()
                .is_some_and(|(_, c)| c.first_ns <= earliest);
            if !is_due {
                break;
            }
            self.open_next()?;
        }
        let Some(Reverse((_, at))) = self.order.pop() else {
            return Ok(None);
        };
        let Some(mut cursor) = self.open[at].take() else {
            return Ok(None);
        };
        let (process, event) = (cursor.process, cursor.next);
        match advance(&mut cursor.records, &mut self.recordings[process]) {
            Some(next) => {
                cursor.next = next;
                self.order.push(Reverse((next.time_ns, at)));
                self.open[at] = Some(cursor);
            }
            None => self.close(process, &cursor.records),
        }
        Ok(Some((process, event, self.left[process] == 0)))
    }

    fn open_next(&mut self) -> Result<()> {
        let Some((process, chunk)) = self.waiting.pop() else {
            return Ok(());
        };
        let recording = &mut self.recordings[process];
        let bytes = recording.chunks.records(&chunk)?;
        self.bytes += bytes.len();
        ensure!(
            self.bytes <= MOST_OPEN,
            "a recording of allocations has more threads at a time than can be put in order"
        );
        let mut records = Records::new(bytes, chunk.first_ns);
        match advance(&mut records, recording) {
            Some(next) => {
                let free = self.open.iter().position(Option::is_none);
                let at = free.unwrap_or(self.open.len());
                let cursor = Some(Cursor {
                    process,
                    records,
                    next,
                });
                match free {
                    Some(at) => self.open[at] = cursor,
                    None => self.open.push(cursor),
                }
                self.order.push(Reverse((next.time_ns, at)));
            }
            None => self.close(process, &records),
        }
        Ok(())
    }

    fn close(&mut self, process: usize, records: &Records) {
        self.bytes -= records.size();
        self.left[process] -= 1;
        self.recordings[process].broken |= records.broken;
    }
}

/// The next event of a chunk; stacks on the way are kept.
fn advance(records: &mut Records, recording: &mut Recording) -> Option<Event> {
    loop {
        match records.next()? {
            Record::Stack(stack) => {
                recording.stacks.insert(stack.id, stack);
            }
            Record::Event(event) => return Some(event),
        }
    }
}

/// The sites as samples of addresses, in the order of the sums.
fn raw(recordings: &mut [Recording], sums: &Sums) -> Result<Raw> {
    let mut raw = Raw::default();
    let mut files = Files::default();
    let mut mappings: BTreeMap<(usize, u32), Mappings> = BTreeMap::new();
    for (process, recording) in recordings.iter_mut().enumerate() {
        let name = recording.name();
        let pid = i32::try_from(recording.process.pid).unwrap_or(0);
        raw.threads.push(Thread {
            pid,
            tid: pid,
            process: name.clone(),
            name,
        });
        for chunk in recording.chunks.all.clone() {
            if chunk.kind == format::MAPS {
                let lines = recording.chunks.records(&chunk)?;
                let lines = String::from_utf8_lossy(&lines);
                mappings
                    .entry((process, chunk.thread))
                    .or_default()
                    .add(&lines);
            }
        }
    }
    for ((process, id), figures) in &sums.sites {
        let known = recordings[*process].stacks.get(id);
        let mut stack = None;
        if let Some(known) = known {
            let mappings = mappings.get(&(*process, known.generation));
            for address in known.addresses().into_iter().rev() {
                // A return address is the one behind the call.
                let address = address.saturating_sub(1);
                let place = Mappings::place(mappings, address, &mut files, &mut raw);
                stack = Some(raw.stack(stack, place));
            }
        }
        raw.samples.push(RawSample {
            thread: u32::try_from(*process).unwrap_or(0),
            time_ns: 0,
            stack,
            weight: figures.bytes,
            truncated: known.is_some_and(|known| known.cut),
        });
    }
    Ok(raw)
}
