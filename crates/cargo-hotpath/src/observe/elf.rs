//! Executables and libraries as files: what unwinding and symbolising read of them, and no more.

use std::borrow::Cow;
use std::fs;
use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use anyhow::{Context, Result};
use object::elf::PF_X;
use object::read::ReadCache;
use object::{Object as _, ObjectSection as _, ObjectSegment as _, ReadRef, SegmentFlags};
use pitcrew_core::regular_file;

use crate::profile::ModuleKind;

/// A mapped file, with what unwinding needs of it.
#[derive(Debug, Default)]
pub struct ModuleFile {
    pub path: String,
    pub build_id: Option<String>,
    pub kind: ModuleKind,
    /// Of each segment of code: its range in the file, and the address that the file gives its start.
    pub segments: Vec<Segment>,
    pub unwind: UnwindSections,
    /// The bytes, where there is no file to read again: the vDSO.
    pub image: Option<Arc<[u8]>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    pub file: Range<u64>,
    pub address: u64,
}

/// Sections with their addresses.
#[derive(Debug, Default)]
pub struct UnwindSections {
    pub eh_frame: Option<Section>,
    pub eh_frame_hdr: Option<Section>,
    pub debug_frame: Option<Section>,
    pub text: Option<Range<u64>>,
    pub got: Option<Range<u64>>,
}

#[derive(Debug, Clone)]
pub struct Section {
    pub range: Range<u64>,
    pub bytes: Arc<[u8]>,
}

impl ModuleFile {
    /// Reads what is needed of the file at `path`.
    pub fn open(path: &str) -> Result<Self> {
        // A recording may name anything.
        regular_file::check(path).with_context(|| format!("cannot read {path}"))?;
        let file = File::open(path).with_context(|| format!("cannot read {path}"))?;
        let cache = ReadCache::new(file);
        Self::read(path, &cache).with_context(|| format!("cannot read {path} as an executable"))
    }

    /// The same of a file that is only in memory.
    pub fn in_memory(path: &str, image: Arc<[u8]>) -> Result<Self> {
        let mut module = Self::read(path, &*image)
            .with_context(|| format!("cannot read {path} as an executable"))?;
        module.image = Some(image);
        Ok(module)
    }

    /// A mapping whose file cannot be read: its addresses stay numbers.
    pub fn unreadable(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            kind: kind_of(path, false),
            ..Self::default()
        }
    }

    fn read<'a>(path: &str, data: impl ReadRef<'a>) -> object::Result<Self> {
        let object = object::File::parse(data)?;
        let section = |name: &str| -> Option<Section> {
            let section = object.section_by_name(name)?;
            let bytes = section.uncompressed_data().ok()?;
            Some(Section {
                range: section.address()..section.address() + section.size(),
                bytes: bytes.into(),
            })
        };
        let range = |name: &str| -> Option<Range<u64>> {
            let section = object.section_by_name(name)?;
            Some(section.address()..section.address() + section.size())
        };
        // Neighbours share the page at their border: only code is mapped to be run.
        let code = object.segments().filter(|segment| match segment.flags() {
            SegmentFlags::Elf { p_flags, .. } => p_flags & PF_X == PF_X,
            _ => true,
        });
        let segments = code.map(|segment| {
            let (offset, size) = segment.file_range();
            Segment {
                file: offset..offset.saturating_add(size),
                address: segment.address(),
            }
        });
        Ok(Self {
            path: path.to_owned(),
            build_id: object.build_id()?.map(hex),
            kind: kind_of(path, object.entry() != 0),
            segments: segments.collect(),
            unwind: UnwindSections {
                eh_frame: section(".eh_frame"),
                eh_frame_hdr: section(".eh_frame_hdr"),
                debug_frame: section(".debug_frame"),
                text: range(".text"),
                got: range(".got"),
            },
            image: None,
        })
    }

    /// What to add to the file's addresses to get those of a mapping of `file_offset` at `start`.
    pub fn bias(&self, start: u64, file_offset: u64) -> u64 {
        // A mapping begins at a page, a segment anywhere in it.
        let segment = self.segments.iter().find(|segment| {
            let first_page = segment.file.start / PAGE * PAGE;
            (first_page..segment.file.end).contains(&file_offset)
        });
        let base = match segment {
            Some(segment) => segment
                .address
                .wrapping_add(file_offset)
                .wrapping_sub(segment.file.start),
            None => file_offset,
        };
        start.wrapping_sub(base)
    }

    /// All of the file's bytes.
    pub fn bytes(&self) -> Result<Cow<'_, [u8]>> {
        if let Some(image) = &self.image {
            return Ok(Cow::Borrowed(image));
        }
        let path = self.debug_file().unwrap_or_else(|| self.path.clone());
        let bytes = fs::read(&path).with_context(|| format!("cannot read {path}"))?;
        Ok(Cow::Owned(bytes))
    }

    /// Where distributions put the debug information of what they strip.
    fn debug_file(&self) -> Option<String> {
        let (head, tail) = self.build_id.as_deref()?.split_at_checked(2)?;
        let path = format!("/usr/lib/debug/.build-id/{head}/{tail}.debug");
        std::path::Path::new(&path).is_file().then_some(path)
    }
}

const PAGE: u64 = 4096;

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A position-independent executable is a shared object to ELF; its name tells them apart.
fn kind_of(path: &str, has_entry: bool) -> ModuleKind {
    let name = path.rsplit('/').next().unwrap_or(path);
    if name.contains(".so") || name.starts_with('[') {
        ModuleKind::Library
    } else if has_entry {
        ModuleKind::Program
    } else {
        ModuleKind::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(segments: &[(u64, u64, u64)]) -> ModuleFile {
        let segments = segments.iter().map(|(start, end, address)| Segment {
            file: *start..*end,
            address: *address,
        });
        ModuleFile {
            segments: segments.collect(),
            ..ModuleFile::default()
        }
    }

    #[test]
    fn the_bias_is_that_of_the_mapped_segment() {
        // As lld lays a Rust program out: text at file offset 0x15900, address 0x16900.
        let module = module(&[(0x158f0, 0x60000, 0x168f0)]);
        assert_eq!(module.bias(0x5555_0001_6000, 0x15000), 0x5555_0000_0000);
    }

    #[test]
    fn a_file_that_is_not_an_executable_is_an_error() {
        assert!(ModuleFile::in_memory("x", Arc::from(&b"#!/bin/sh\n"[..])).is_err());
        assert!(ModuleFile::open("/nowhere/at/all").is_err());
    }
}
