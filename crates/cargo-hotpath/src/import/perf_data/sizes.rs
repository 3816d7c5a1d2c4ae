//! Checks what a perf.data file says of its own sizes, before its reader takes that at its word: a file of
//! a hundred bytes that claims a section of some terabytes would end the process.

use std::io::{Read, Seek, SeekFrom};

use anyhow::{Context, Result, bail, ensure};

/// `struct perf_file_header`: magic, two sizes, three sections, 256 flags.
const HEADER: usize = 104;
/// A section's offset and size.
const SECTION: usize = 16;
/// Attributes have grown from 64 bytes to 136 in fifteen years.
const LARGEST_ATTRIBUTE: u64 = 4096;
const COMMAND_LINE: usize = 11;
const EVENT_DESCRIPTION: usize = 12;
const SIMPLEPERF_META_INFO: usize = 129;
/// The only record that is followed by as much as it says.
const AUXTRACE: u32 = 71;

/// Fails where `file`, of `length` bytes, promises more than it holds.
///
/// # Errors
///
/// What cannot be read, and the first size that does not fit.
pub fn check(file: &mut (impl Read + Seek), length: u64) -> Result<()> {
    file.rewind()?;
    let mut header = [0; HEADER];
    file.read_exact(&mut header)
        .context("its header is cut off")?;
    let order = match &header[..8] {
        b"PERFILE2" => Order::Little,
        b"2ELIFREP" => Order::Big,
        _ => bail!("it does not begin as a perf.data file does"),
    };
    let sizes = Sizes { order, length };
    ensure!(
        order.u64(&header, 8) <= length,
        "its header is larger than the file"
    );
    let attribute = order.u64(&header, 16);
    ensure!(
        (SECTION as u64..=LARGEST_ATTRIBUTE).contains(&attribute),
        "its attributes have {attribute} bytes each"
    );
    let attributes = sizes.section(&header, 24)?;
    let data = sizes.section(&header, 40)?;
    let types = sizes.section(&header, 56)?;
    let flags = header[72..].chunks_exact(8).map(|word| order.u64(word, 0));
    let features: Vec<usize> = (0..)
        .step_by(64)
        .zip(flags)
        .flat_map(|(first, word)| {
            (0..64)
                .filter(move |bit| word >> bit & 1 == 1)
                .map(move |bit| first + bit)
        })
        .collect();
    sizes.features(file, data.end(), &features)?;
    // Each entry ends with the section of the event's ids.
    sizes.ids(file, types, attribute + SECTION as u64)?;
    if features.contains(&SIMPLEPERF_META_INFO) {
        sizes.ids(file, attributes, attribute)?;
    }
    sizes.records(file, data)?;
    file.rewind()?;
    Ok(())
}

#[derive(Clone, Copy)]
enum Order {
    Little,
    Big,
}

impl Order {
    fn u64(self, bytes: &[u8], at: usize) -> u64 {
        let mut word = [0; 8];
        if let Some(found) = bytes.get(at..at + 8) {
            word.copy_from_slice(found);
        }
        match self {
            Self::Little => u64::from_le_bytes(word),
            Self::Big => u64::from_be_bytes(word),
        }
    }

    fn u32(self, bytes: &[u8], at: usize) -> u32 {
        let mut word = [0; 4];
        if let Some(found) = bytes.get(at..at + 4) {
            word.copy_from_slice(found);
        }
        match self {
            Self::Little => u32::from_le_bytes(word),
            Self::Big => u32::from_be_bytes(word),
        }
    }
}

/// A piece of the file that lies within it.
#[derive(Clone, Copy)]
struct Section {
    offset: u64,
    size: u64,
}

impl Section {
    fn end(self) -> u64 {
        self.offset + self.size
    }
}

struct Sizes {
    order: Order,
    length: u64,
}

impl Sizes {
    fn section(&self, bytes: &[u8], at: usize) -> Result<Section> {
        let (offset, size) = (self.order.u64(bytes, at), self.order.u64(bytes, at + 8));
        let fits = offset
            .checked_add(size)
            .is_some_and(|end| end <= self.length);
        ensure!(fits, "a section of {size} bytes at {offset} is not in it");
        Ok(Section { offset, size })
    }

    fn read(&self, file: &mut (impl Read + Seek), section: Section) -> Result<Vec<u8>> {
        file.seek(SeekFrom::Start(section.offset))?;
        let mut bytes = Vec::new();
        file.by_ref().take(section.size).read_to_end(&mut bytes)?;
        ensure!(
            bytes.len() as u64 == section.size,
            "it breaks off in the middle"
        );
        Ok(bytes)
    }

    /// The features' sections, whose table stands at `table`.
    fn features(
        &self,
        file: &mut (impl Read + Seek),
        table: u64,
        features: &[usize],
    ) -> Result<()> {
        let size = (features.len() * SECTION) as u64;
        let fits = table
            .checked_add(size)
            .is_some_and(|end| end <= self.length);
        ensure!(fits, "the table of its features is cut off");
        let bytes = self.read(
            file,
            Section {
                offset: table,
                size,
            },
        )?;
        let mut sum = 0_u64;
        for (index, feature) in features.iter().enumerate() {
            let section = self.section(&bytes, index * SECTION)?;
            // They do not overlap, so that together they are no larger than the file.
            sum = sum.saturating_add(section.size);
            ensure!(sum <= self.length, "its features are larger than the file");
            match *feature {
                COMMAND_LINE => {
                    let words = self.read(file, section)?;
                    let count = u64::from(self.order.u32(&words, 0));
                    ensure!(
                        count * 4 <= section.size,
                        "its command line has {count} words"
                    );
                }
                EVENT_DESCRIPTION => self.events(&self.read(file, section)?)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Each event: its attribute, the number of its ids, its name with its length, its ids.
    fn events(&self, bytes: &[u8]) -> Result<()> {
        let count = self.order.u32(bytes, 0) as usize;
        let attribute = self.order.u32(bytes, 4) as usize;
        let least = attribute.saturating_add(8).saturating_mul(count);
        ensure!(least <= bytes.len(), "it describes {count} events");
        let mut at = 8;
        for _ in 0..count {
            at += attribute;
            let ids = self.order.u32(bytes, at) as usize;
            let name = self.order.u32(bytes, at + 4) as usize;
            at = at
                .saturating_add(8)
                .saturating_add(name)
                .saturating_add(ids.saturating_mul(8));
            ensure!(
                at <= bytes.len(),
                "an event has {ids} ids and a name of {name} bytes"
            );
        }
        Ok(())
    }

    fn ids(&self, file: &mut (impl Read + Seek), section: Section, entry: u64) -> Result<()> {
        let bytes = self.read(file, section)?;
        for one in bytes.chunks_exact(usize::try_from(entry)?) {
            self.section(one, one.len() - SECTION)?;
        }
        Ok(())
    }

    fn records(&self, file: &mut (impl Read + Seek), data: Section) -> Result<()> {
        file.seek(SeekFrom::Start(data.offset))?;
        let mut left = data.size;
        while left >= 16 {
            let mut start = [0; 16];
            file.read_exact(&mut start)
                .context("it breaks off in the middle")?;
            let size = u64::from(match self.order {
                Order::Little => u16::from_le_bytes([start[6], start[7]]),
                Order::Big => u16::from_be_bytes([start[6], start[7]]),
            });
            // What is too short for a record is the reader's own error.
            if size < 8 {
                break;
            }
            let mut whole = size;
            if self.order.u32(&start, 0) == AUXTRACE {
                let trace = self.order.u64(&start, 8);
                ensure!(trace <= left, "a trace of {trace} bytes is not in it");
                whole += trace;
            }
            left = left.saturating_sub(whole);
            let skipped = i64::try_from(whole)? - 16;
            file.seek_relative(skipped)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// A header with these three sections and no feature.
    fn header(sections: [(u64, u64); 3], attribute: u64) -> Vec<u8> {
        let mut bytes = b"PERFILE2".to_vec();
        bytes.extend(104_u64.to_le_bytes());
        bytes.extend(attribute.to_le_bytes());
        for (offset, size) in sections {
            bytes.extend(offset.to_le_bytes());
            bytes.extend(size.to_le_bytes());
        }
        bytes.extend([0; 32]);
        bytes
    }

    fn said(bytes: Vec<u8>) -> String {
        let length = bytes.len() as u64;
        let checked = check(&mut Cursor::new(bytes), length);
        checked.map_or_else(|error| format!("{error:#}"), |()| "fits".to_owned())
    }

    #[test]
    fn what_fits_is_let_through_and_what_does_not_is_refused() {
        assert_eq!(said(header([(104, 0); 3], 136)), "fits");
        for sections in [
            [(104, 1), (104, 0), (104, 0)],
            [(104, 0), (u64::MAX, 2), (104, 0)],
            [(104, 0), (104, 0), (0, 1 << 60)],
        ] {
            assert!(said(header(sections, 136)).contains("is not in it"));
        }
        assert!(said(header([(104, 0); 3], 0)).contains("0 bytes each"));
        assert!(said(b"PERFILE2".to_vec()).contains("cut off"));
    }

    #[test]
    fn a_feature_larger_than_the_file_is_refused() {
        let mut bytes = header([(104, 0); 3], 136);
        bytes[72 + 1] = 1 << 4;
        assert!(said(bytes.clone()).contains("table of its features"));
        bytes.extend(0_u64.to_le_bytes());
        bytes.extend((1_u64 << 50).to_le_bytes());
        assert!(said(bytes).contains("is not in it"));
    }

    #[test]
    fn a_trace_larger_than_the_file_is_refused() {
        let mut bytes = header([(104, 0), (104, 16), (104, 0)], 136);
        bytes.extend(AUXTRACE.to_le_bytes());
        bytes.extend([0, 0, 16, 0]);
        bytes.extend((1_u64 << 40).to_le_bytes());
        assert!(said(bytes).contains("a trace of"));
    }
}
