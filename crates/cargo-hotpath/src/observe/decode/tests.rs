//! Records byte by byte, as the kernel lays them out.

use linux_perf_event_reader::{
    AttrFlags, BranchSampleFormat, Endianness, PerfClock, PerfEventAttr, PerfEventType, ReadFormat,
    SampleFormat, SamplingPolicy, SoftwareCounterType, WakeupPolicy,
};
use proptest::prelude::*;

use super::*;

/// What our own recorder asks for.
fn info() -> RecordParseInfo {
    let attr = PerfEventAttr {
        type_: PerfEventType::Software(SoftwareCounterType::CpuClock),
        sampling_policy: SamplingPolicy::NoSampling,
        sample_format: SampleFormat::IP
            | SampleFormat::TID
            | SampleFormat::TIME
            | SampleFormat::CALLCHAIN
            | SampleFormat::PERIOD
            | SampleFormat::REGS_USER
            | SampleFormat::STACK_USER,
        read_format: ReadFormat::empty(),
        flags: AttrFlags::SAMPLE_ID_ALL,
        wakeup_policy: WakeupPolicy::Watermark(0),
        branch_sample_format: BranchSampleFormat::empty(),
        sample_regs_user: Arch::X86_64.mask(),
        sample_stack_user: 16,
        clock: PerfClock::Default,
        sample_regs_intr: 0,
        aux_watermark: 0,
        sample_max_stack: 0,
        aux_sample_size: 0,
        sig_data: 0,
    };
    RecordParseInfo::new(&attr, Endianness::NATIVE)
}

/// A record of this kind with this body.
fn record(kind: u32, misc: u16, body: &[u8]) -> Vec<u8> {
    let size = u16::try_from(body.len() + 8).unwrap();
    let header = [
        &kind.to_ne_bytes()[..],
        &misc.to_ne_bytes(),
        &size.to_ne_bytes(),
    ]
    .concat();
    [header, body.to_vec()].concat()
}

fn words(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_ne_bytes()).collect()
}

fn ids(first: i32, second: i32) -> Vec<u8> {
    [first.to_ne_bytes(), second.to_ne_bytes()].concat()
}

fn decoded(record: &[u8]) -> Option<(u64, Event)> {
    decode(record, &info(), Arch::X86_64)
}

#[test]
fn a_sample_has_its_registers_its_stack_and_the_kernels_frames() {
    let chain = [KERNEL_MARKER, 0xffff_0001, 0xffff_0002];
    let body = [
        words(&[0x1234]),
        ids(7, 9),
        words(&[5_000, chain.len() as u64]),
        words(&chain),
        words(&[1_000_000]),
        // Registers: the ABI, then frame pointer, stack pointer, instruction pointer.
        words(&[2, 0xf0, 0x50, 0x1234]),
        // Of 16 bytes asked for, 8 were there.
        words(&[16, 0x1111, 0, 8]),
    ]
    .concat();
    // The order of the fields: IP, TID, TIME, then the period before the callchain.
    let body = reorder(&body);
    let (time_ns, event) = decoded(&record(9, 2, &body)).unwrap();
    assert_eq!(time_ns, 5_000);
    let expected = Sample {
        pid: 7,
        tid: 9,
        time_ns: 5_000,
        period: 1_000_000,
        kernel: vec![0xffff_0001, 0xffff_0002],
        user: Some(User {
            registers: Registers {
                ip: 0x1234,
                sp: 0x50,
                fp: 0xf0,
                lr: 0,
            },
            stack: words(&[0x1111]),
        }),
        chain: Vec::new(),
    };
    assert_eq!(event, Event::Sample(expected));
}

/// The kernel writes the period before the callchain.
fn reorder(body: &[u8]) -> Vec<u8> {
    let (head, rest) = body.split_at(24);
    let (chain, rest) = rest.split_at(8 * 4);
    let (period, rest) = rest.split_at(8);
    [head, period, chain, rest].concat()
}

#[test]
fn only_executable_mappings_count() {
    let body = |protection: u32| {
        [
            ids(7, 7),
            words(&[0x7000, 0x1000, 0x200]),
            words(&[0, 0, 0]),
            protection.to_ne_bytes().to_vec(),
            2_u32.to_ne_bytes().to_vec(),
            b"/a\0\0\0\0\0\0".to_vec(),
            ids(7, 7),
            words(&[77]),
        ]
        .concat()
    };
    let expected = Mapping {
        pid: 7,
        start: 0x7000,
        length: 0x1000,
        file_offset: 0x200,
        path: "/a".to_owned(),
    };
    assert_eq!(
        decoded(&record(10, 0, &body(5))),
        Some((77, Event::Mapped(expected)))
    );
    assert_eq!(decoded(&record(10, 0, &body(3))), None);
}

#[test]
fn a_build_id_that_cannot_be_is_left_out() {
    let body = [ids(7, 7), words(&[0x7000, 0x1000, 0, 255, 0, 0, 0, 0, 0])].concat();
    assert_eq!(decoded(&record(10, 1 << 14, &body)), None);
}

#[test]
fn names_starts_ends_and_losses_are_read() {
    let comm = [ids(7, 9), b"worker\0\0".to_vec(), ids(7, 9), words(&[3])].concat();
    let named = Event::Named {
        pid: 7,
        tid: 9,
        name: "worker".to_owned(),
        exec: true,
    };
    assert_eq!(decoded(&record(3, 1 << 13, &comm)), Some((3, named)));
    let fork = [ids(7, 1), ids(8, 2), words(&[4]), ids(7, 8), words(&[4])].concat();
    let started = Event::Started {
        pid: 7,
        tid: 8,
        parent_pid: 1,
        parent_tid: 2,
    };
    assert_eq!(decoded(&record(7, 0, &fork)), Some((4, started)));
    assert_eq!(
        decoded(&record(4, 0, &fork)),
        Some((4, Event::Ended { pid: 7, tid: 8 }))
    );
    let lost = [words(&[1, 12]), ids(7, 8), words(&[6])].concat();
    assert_eq!(decoded(&record(2, 0, &lost)), Some((6, Event::Lost(12))));
    assert_eq!(
        decoded(&record(13, 0, &words(&[4]))),
        Some((0, Event::Lost(4)))
    );
    assert_eq!(decoded(&record(99, 0, &words(&[4]))), None);
}

proptest! {
    #[test]
    fn any_record_is_decoded_or_left_out(
        kind in 0..20_u32, misc: u16, body in proptest::collection::vec(0..=255_u8, 0..200),
    ) {
        // A length of a list is taken as it is; only what the record has is read.
        let _ = decoded(&record(kind, misc, &body));
    }
}
