//! Records as the kernel writes them, decoded into plain events. What is not understood is left out:
//! a new kernel may write more kinds.

use linux_perf_event_reader::{
    ContextSwitchRecord, Endianness, EventRecord, Mmap2Record, RawData, RawEventRecord,
    RecordParseInfo, RecordType, SampleFormat, SampleRecord, TaskWasPreempted,
};

use super::registers::{Arch, Registers};

/// Something that happened in a recorded process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Sample(Sample),
    /// Executable memory was mapped.
    Mapped(Mapping),
    Named {
        pid: i32,
        tid: i32,
        name: String,
        /// The process runs another program from here on: its old mappings are gone.
        exec: bool,
    },
    /// A thread where `pid` equals `parent_pid`, else a process with its parent's mappings.
    Started {
        pid: i32,
        tid: i32,
        parent_pid: i32,
        parent_tid: i32,
    },
    Ended {
        pid: i32,
        tid: i32,
    },
    /// A thread leaves its processor, or is back on one.
    Switched {
        pid: i32,
        tid: i32,
        time_ns: u64,
        switch: Switch,
    },
    Lost(u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// It waits for something.
    Away,
    /// It could go on, but another's turn has come.
    PutOff,
    Back,
}

/// What was on the stack when the clock rang.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sample {
    pub pid: i32,
    pub tid: i32,
    pub time_ns: u64,
    pub period: u64,
    /// Innermost first.
    pub kernel: Vec<u64>,
    pub user: Option<User>,
    /// The stack as the kernel walked it, where nobody asked for its bytes; the innermost first, of a
    /// caller the address that it returns to.
    pub chain: Vec<u64>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct User {
    pub registers: Registers,
    /// The stack's bytes from the stack pointer upwards.
    pub stack: Vec<u8>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    pub pid: i32,
    pub start: u64,
    pub length: u64,
    pub file_offset: u64,
    pub path: String,
}

/// The callchain's markers are the last few addresses: `PERF_CONTEXT_MAX` and above.
const FIRST_MARKER: u64 = -4095_i64 as u64;
/// `PERF_CONTEXT_KERNEL`.
const KERNEL_MARKER: u64 = -128_i64 as u64;
/// `PERF_CONTEXT_USER`.
const USER_MARKER: u64 = -512_i64 as u64;
const PROT_EXEC: u32 = 4;

/// The event of one record with its header, and when it happened.
pub fn decode(record: &[u8], info: &RecordParseInfo, arch: Arch) -> Option<(u64, Event)> {
    let (header, body) = record.split_at_checked(8)?;
    let kind = u32::from_ne_bytes(header[..4].try_into().ok()?);
    let misc = u16::from_ne_bytes(header[4..6].try_into().ok()?);
    // `PERF_RECORD_LOST_SAMPLES`, which the reader leaves raw.
    if kind == 13 {
        let lost = u64::from_ne_bytes(body.get(..8)?.try_into().ok()?);
        return Some((0, Event::Lost(lost)));
    }
    event_of(
        &RawEventRecord::new(RecordType(kind), misc, RawData::Single(body), *info),
        arch,
    )
}

/// The event of a record that is taken apart already, and when it happened.
pub fn event_of(raw: &RawEventRecord<'_>, arch: Arch) -> Option<(u64, Event)> {
    if !is_readable(raw) {
        return None;
    }
    let time_ns = raw.timestamp().unwrap_or(0);
    let event = match raw.parse().ok()? {
        EventRecord::Sample(sample) => Event::Sample(decode_sample(&sample, arch)?),
        EventRecord::Mmap2(map) => Event::Mapped(decode_mapping(&map)?),
        EventRecord::Comm(comm) => Event::Named {
            pid: comm.pid,
            tid: comm.tid,
            name: text(comm.name),
            exec: comm.is_execve,
        },
        EventRecord::Fork(fork) => Event::Started {
            pid: fork.pid,
            tid: fork.tid,
            parent_pid: fork.ppid,
            parent_tid: fork.ptid,
        },
        EventRecord::Exit(exit) => Event::Ended {
            pid: exit.pid,
            tid: exit.tid,
        },
        EventRecord::ContextSwitch(record) => {
            let common = raw.common_data().ok()?;
            Event::Switched {
                pid: common.pid?,
                tid: common.tid?,
                time_ns,
                switch: switch_of(&record),
            }
        }
        EventRecord::Lost(lost) => Event::Lost(lost.count),
        _ => return None,
    };
    Some((time_ns, event))
}

fn switch_of(record: &ContextSwitchRecord) -> Switch {
    match record {
        ContextSwitchRecord::In { .. } => Switch::Back,
        ContextSwitchRecord::Out {
            preempted: TaskWasPreempted::Yes,
            ..
        } => Switch::PutOff,
        ContextSwitchRecord::Out { .. } => Switch::Away,
    }
}

/// The reader panics at lengths that cannot be; only a broken file has such.
fn is_readable(raw: &RawEventRecord<'_>) -> bool {
    const BUILD_ID: u16 = 1 << 14;
    const BUILD_ID_AT: usize = 32;
    match raw.record_type {
        RecordType::MMAP2 if raw.misc & BUILD_ID != 0 => {
            let length = raw.data.get(BUILD_ID_AT..BUILD_ID_AT + 1);
            length.is_some_and(|length| length.as_slice()[0] <= 20)
        }
        RecordType::SAMPLE => has_room_for_chain(raw),
        _ => true,
    }
}

/// Whether the callchain is no longer than its record.
fn has_room_for_chain(raw: &RawEventRecord<'_>) -> bool {
    let format = raw.parse_info.sample_format;
    if !format.contains(SampleFormat::CALLCHAIN) {
        return true;
    }
    if format.contains(SampleFormat::READ) {
        // How far in it stands depends on what was counted beside the samples: nothing of ours.
        return false;
    }
    let before = SampleFormat::IDENTIFIER
        | SampleFormat::IP
        | SampleFormat::TID
        | SampleFormat::TIME
        | SampleFormat::ADDR
        | SampleFormat::ID
        | SampleFormat::STREAM_ID
        | SampleFormat::CPU
        | SampleFormat::PERIOD;
    let at = format.intersection(before).bits().count_ones() as usize * 8;
    let Some(length) = raw.data.get(at..at + 8) else {
        return false;
    };
    let bytes = length.as_slice();
    let mut word = [0; 8];
    word.copy_from_slice(&bytes);
    let length = match raw.parse_info.endian {
        Endianness::LittleEndian => u64::from_le_bytes(word),
        Endianness::BigEndian => u64::from_be_bytes(word),
    };
    length <= raw.data.len() as u64 / 8
}

fn decode_mapping(map: &Mmap2Record<'_>) -> Option<Mapping> {
    (map.protection & PROT_EXEC != 0).then(|| Mapping {
        pid: map.pid,
        start: map.address,
        length: map.length,
        file_offset: map.page_offset,
        path: text(map.path),
    })
}

fn decode_sample(sample: &SampleRecord<'_>, arch: Arch) -> Option<Sample> {
    let (mut kernel, mut chain) = (Vec::new(), Vec::new());
    if let Some(addresses) = &sample.callchain {
        let mut context = 0;
        for at in 0..addresses.len() {
            match (addresses.get(at)?, context) {
                (marker, _) if marker >= FIRST_MARKER => context = marker,
                (address, KERNEL_MARKER) => kernel.push(address),
                (address, USER_MARKER) => chain.push(address),
                _ => {}
            }
        }
    }
    let user = sample.user_regs.as_ref().and_then(|registers| {
        let (ip, sp, fp, lr) = arch.numbers();
        let stack = sample.user_stack.map(|(bytes, used)| {
            let used = usize::try_from(used).unwrap_or(0).min(bytes.len());
            bytes.as_slice()[..used].to_vec()
        });
        Some(User {
            registers: Registers {
                ip: registers.get(ip)?,
                sp: registers.get(sp)?,
                fp: registers.get(fp)?,
                lr: lr.and_then(|lr| registers.get(lr)).unwrap_or(0),
            },
            stack: stack.unwrap_or_default(),
        })
    });
    Some(Sample {
        pid: sample.pid?,
        tid: sample.tid?,
        time_ns: sample.timestamp?,
        period: sample.period.unwrap_or(1),
        kernel,
        user,
        chain,
    })
}

fn text(bytes: RawData<'_>) -> String {
    String::from_utf8_lossy(&bytes.as_slice()).into_owned()
}

#[cfg(test)]
mod tests;
