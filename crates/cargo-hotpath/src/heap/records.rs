//! The records of a chunk, one after the other.

use super::format;

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    Stack(Stack),
    Event(Event),
}

/// A stack that events refer to by its id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stack {
    pub id: u32,
    /// Of the mappings in which its addresses lie.
    pub generation: u32,
    /// The outermost callers are missing.
    pub cut: bool,
    /// Return addresses as they were written, checked: most are never looked at twice.
    addresses: Box<[u8]>,
}

/// A block's beginning or end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    pub time_ns: u64,
    pub what: What,
    pub stack: u32,
    pub size: u64,
    pub scale: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Allocated,
    /// By `realloc`, from a block of so many bytes.
    Grown {
        from: u64,
    },
    /// After so many nanoseconds.
    Freed {
        life_ns: u64,
    },
    /// The same, by `realloc`.
    Moved {
        life_ns: u64,
    },
}

/// Reads the records of one chunk.
#[derive(Debug)]
pub struct Records {
    bytes: Vec<u8>,
    at: usize,
    time_ns: u64,
    /// A record made no sense: the rest of the chunk is not read.
    pub broken: bool,
}

impl Records {
    pub fn new(bytes: Vec<u8>, first_ns: u64) -> Self {
        Self {
            bytes,
            at: 0,
            time_ns: first_ns,
            broken: false,
        }
    }

    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    fn read(&mut self) -> Option<Record> {
        let tag = self.byte()?;
        let kind = tag & ((1 << format::KIND_BITS) - 1);
        if kind == format::STACK {
            return self.stack().map(Record::Stack);
        }
        let distance = self.number()?;
        let stack = u32::try_from(self.number()?).ok()?;
        let size = self.number()?;
        let what = match kind {
            format::ALLOCATED => What::Allocated,
            format::GROWN => What::Grown {
                from: self.number()?,
            },
            format::FREED => What::Freed {
                life_ns: self.number()?,
            },
            format::MOVED => What::Moved {
                life_ns: self.number()?,
            },
            _ => return None,
        };
        self.time_ns = self.time_ns.saturating_add(distance);
        Some(Record::Event(Event {
            time_ns: self.time_ns,
            what,
            stack,
            size,
            scale: u32::from(tag >> format::KIND_BITS),
        }))
    }

    fn stack(&mut self) -> Option<Stack> {
        let id = u32::try_from(self.number()?).ok()?;
        let generation = u32::try_from(self.number()?).ok()?;
        let cut = self.number()? != 0;
        let count = usize::try_from(self.number()?).ok()?;
        if count > format::DEEPEST {
            return None;
        }
        let start = self.at;
        for _ in 0..count {
            self.number()?;
        }
        Some(Stack {
            id,
            generation,
            cut,
            addresses: self.bytes[start..self.at].into(),
        })
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = self.bytes.get(self.at).copied()?;
        self.at += 1;
        Some(byte)
    }

    fn number(&mut self) -> Option<u64> {
        let (number, length) = number(&self.bytes[self.at..])?;
        self.at += length;
        Some(number)
    }
}

impl Iterator for Records {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        if self.broken || self.at == self.bytes.len() {
            return None;
        }
        let record = self.read();
        self.broken = record.is_none();
        record
    }
}

/// A number and how many bytes it takes.
fn number(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut number = 0_u64;
    for (at, byte) in bytes.iter().take(10).enumerate() {
        let part = u64::from(byte & 0x7f);
        let shift = 7 * at as u32;
        if part.leading_zeros() < shift {
            return None;
        }
        number |= part << shift;
        if byte & 0x80 == 0 {
            return Some((number, at + 1));
        }
    }
    None
}

impl Stack {
    /// The return addresses, the innermost first.
    pub fn addresses(&self) -> Vec<u64> {
        let mut addresses = Vec::new();
        let (mut at, mut address) = (0, 0_u64);
        while let Some((distance, length)) = number(&self.addresses[at..]) {
            at += length;
            let signed = (distance >> 1) as i64 ^ -((distance & 1) as i64);
            address = address.wrapping_add_signed(signed);
            addresses.push(address);
        }
        addresses
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_in_their_order() {
        let bytes = [
            // Stack 7 of generation 1, whole, with the addresses 100 and 98.
            &[format::STACK, 7, 1, 0, 2, 0xc8, 1, 3][..],
            &[format::ALLOCATED | 9 << format::KIND_BITS, 5, 7, 64],
            &[format::MOVED | 9 << format::KIND_BITS, 10, 7, 64, 10],
            &[format::GROWN, 0, 7, 0x80, 1, 64],
        ];
        let mut records = Records::new(bytes.concat(), 1000);
        let Some(Record::Stack(stack)) = records.next() else {
            panic!("the stack stands first");
        };
        assert_eq!((stack.id, stack.generation, stack.cut), (7, 1, false));
        assert_eq!(stack.addresses(), [100, 98]);
        let events: Vec<Record> = records.by_ref().collect();
        let event = |time_ns, what, size, scale| {
            Record::Event(Event {
                time_ns,
                what,
                stack: 7,
                size,
                scale,
            })
        };
        let expected = [
            event(1005, What::Allocated, 64, 9),
            event(1015, What::Moved { life_ns: 10 }, 64, 9),
            event(1015, What::Grown { from: 64 }, 128, 0),
        ];
        assert_eq!(events, expected);
        assert!(!records.broken);
    }

    #[test]
    fn what_makes_no_sense_ends_the_chunk() {
        for bytes in [
            &[0_u8][..],
            &[format::ALLOCATED, 1],
            &[format::STACK, 1, 1, 0, 0xff, 0xff, 1],
            &[
                format::ALLOCATED,
                0xff,
                0xff,
                0xff,
                0xff,
                0xff,
                0xff,
                0xff,
                0xff,
                0xff,
                0x7f,
                1,
                1,
            ],
        ] {
            let mut records = Records::new(bytes.to_vec(), 0);
            assert_eq!(records.next(), None);
            assert!(records.broken, "{bytes:?}");
        }
    }
}
