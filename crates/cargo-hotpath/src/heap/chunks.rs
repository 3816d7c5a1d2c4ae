//! The chunks of a recording's file: found, checked, and read one at a time. What a header claims is
//! bounded by the format and by the file.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use anyhow::{Context, Result};
use camino::Utf8Path;

use super::format;

/// One chunk, by its header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    pub kind: u32,
    pub offset: u64,
    /// Bytes of records, behind the header.
    pub used: usize,
    /// The thread, or the generation of mappings.
    pub thread: u32,
    pub first_ns: u64,
    pub last_ns: u64,
    /// The thread's.
    pub name: String,
}

/// A recording's file.
#[derive(Debug)]
pub struct Chunks {
    file: File,
    pub all: Vec<Chunk>,
}

impl Chunks {
    /// Opens the file and reads the headers.
    pub fn open(path: &Utf8Path) -> Result<Self> {
        let mut file = File::open(path).with_context(|| format!("cannot read {path}"))?;
        let length = file.metadata()?.len();
        let mut all = Vec::new();
        let mut offset = 0;
        let page = format::PAGE as u64;
        while offset + page <= length {
            let mut header = [0; format::HEADER];
            file.seek(SeekFrom::Start(offset))?;
            file.read_exact(&mut header)
                .with_context(|| format!("cannot read {path}"))?;
            match chunk(&header, offset, length - offset) {
                Some((chunk, size)) => {
                    all.push(chunk);
                    offset += size;
                }
                // A chunk that was reserved when the process ended.
                None => offset += page,
            }
        }
        Ok(Self { file, all })
    }

    /// The records of a chunk.
    pub fn records(&mut self, chunk: &Chunk) -> Result<Vec<u8>> {
        let mut records = vec![0; chunk.used];
        let start = chunk.offset + format::HEADER as u64;
        self.file.seek(SeekFrom::Start(start))?;
        self.file.read_exact(&mut records)?;
        Ok(records)
    }

    /// What the first page tells of the process; none where it is not one.
    pub fn process(&mut self) -> Option<Process> {
        let first = self.all.first()?;
        let is_process = first.kind == format::PROCESS && first.offset == 0;
        let mut page = vec![0; format::PAGE];
        self.file.seek(SeekFrom::Start(0)).ok()?;
        self.file.read_exact(&mut page).ok()?;
        if !is_process || u32_at(&page, format::AT_VERSION) != format::VERSION {
            return None;
        }
        let length = u32_at(&page, format::AT_PATH_LENGTH) as usize;
        let end = format::AT_PATH + length.min(format::LONGEST_PATH);
        let executable = page.get(format::AT_PATH..end).unwrap_or_default();
        Some(Process {
            pid: u32_at(&page, format::AT_PID),
            exact: u32_at(&page, format::AT_SCALE) == 0,
            executable: String::from_utf8_lossy(executable).into_owned(),
            begun_ns: u64_at(&page, format::AT_FIRST),
            mappings: u64_at(&page, format::AT_MAPPINGS),
            mapped_bytes: u64_at(&page, format::AT_MAPPED),
            lost: u64_at(&page, format::AT_LOST),
            full: u32_at(&page, format::AT_FULL) != 0,
        })
    }
}

/// What a recording tells of its process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Process {
    pub pid: u32,
    pub exact: bool,
    pub executable: String,
    pub begun_ns: u64,
    pub mappings: u64,
    pub mapped_bytes: u64,
    pub lost: u64,
    /// The recording ended before the process: its file was full, or the disk.
    pub full: bool,
}

/// The chunk of this header, and how many bytes it takes of the file.
fn chunk(header: &[u8; format::HEADER], offset: u64, left: u64) -> Option<(Chunk, u64)> {
    let size = u32_at(header, format::AT_SIZE) as usize;
    let used = u32_at(header, format::AT_USED) as usize;
    let kind = u32_at(header, format::AT_KIND);
    let is_sound = u32_at(header, format::AT_MAGIC) == format::MAGIC
        && matches!(kind, format::PROCESS | format::EVENTS | format::MAPS)
        && size > 0
        && size.is_multiple_of(format::PAGE)
        && size <= format::LARGEST_CHUNK
        && size as u64 <= left
        && used <= size - format::HEADER;
    if !is_sound {
        return None;
    }
    let name = &header[format::AT_NAME..format::AT_NAME + format::NAME_BYTES];
    let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
    let chunk = Chunk {
        kind,
        offset,
        used,
        thread: u32_at(header, format::AT_THREAD),
        first_ns: u64_at(header, format::AT_FIRST),
        last_ns: u64_at(header, format::AT_LAST),
        name: String::from_utf8_lossy(name).into_owned(),
    };
    Some((chunk, size as u64))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let four = bytes.get(at..).and_then(|rest| rest.first_chunk());
    four.map_or(0, |four| u32::from_le_bytes(*four))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let eight = bytes.get(at..).and_then(|rest| rest.first_chunk());
    eight.map_or(0, |eight| u64::from_le_bytes(*eight))
}
