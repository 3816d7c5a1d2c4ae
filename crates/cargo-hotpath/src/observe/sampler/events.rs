//! Which event is sampled, and what to do about a kernel that refuses: hardware cycles before the
//! software clock, kernel frames before none, big rings before small ones.

use std::io;
use std::os::fd::{AsFd as _, OwnedFd};

use linux_perf_event_reader::{
    AttrFlags, BranchSampleFormat, Endianness, PerfClock, PerfEventAttr, PerfEventType, ReadFormat,
    RecordParseInfo, SampleFormat, SamplingPolicy, SoftwareCounterType, WakeupPolicy,
};
use perf_event_open_sys::bindings::{
    PERF_COUNT_HW_CPU_CYCLES, PERF_COUNT_SW_CONTEXT_SWITCHES, PERF_COUNT_SW_CPU_CLOCK,
    PERF_TYPE_HARDWARE, PERF_TYPE_SOFTWARE, perf_event_attr,
};

use super::sys::{self, Ring};
use super::{Options, Unavailable};
use crate::observe::registers::USER_REGISTERS;

/// The event that this kernel grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Granted {
    pub event: Event,
    pub kernel: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    Cycles,
    CpuClock,
    /// A thread leaves its processor.
    OffCpu,
}

impl Event {
    pub fn name(self) -> &'static str {
        match self {
            Self::Cycles => "cycles",
            Self::CpuClock => "cpu-clock",
            Self::OffCpu => "off-cpu",
        }
    }
}

/// What each sample carries. Decoding depends on it, so it stands beside the attributes.
const FORMAT: SampleFormat = SampleFormat::IP
    .union(SampleFormat::TID)
    .union(SampleFormat::TIME)
    .union(SampleFormat::CALLCHAIN)
    .union(SampleFormat::PERIOD)
    .union(SampleFormat::REGS_USER)
    .union(SampleFormat::STACK_USER);

/// How the records of our events are read.
pub fn parse_info() -> RecordParseInfo {
    let attr = PerfEventAttr {
        type_: PerfEventType::Software(SoftwareCounterType::CpuClock),
        sampling_policy: SamplingPolicy::NoSampling,
        sample_format: FORMAT,
        read_format: ReadFormat::empty(),
        flags: AttrFlags::SAMPLE_ID_ALL,
        wakeup_policy: WakeupPolicy::Watermark(0),
        branch_sample_format: BranchSampleFormat::empty(),
        sample_regs_user: USER_REGISTERS,
        sample_stack_user: 0,
        clock: PerfClock::Default,
        sample_regs_intr: 0,
        aux_watermark: 0,
        sample_max_stack: 0,
        aux_sample_size: 0,
        sig_data: 0,
    };
    RecordParseInfo::new(&attr, Endianness::NATIVE)
}

fn attributes(granted: Granted, options: &Options, on_exec: bool) -> perf_event_attr {
    let mut attr = perf_event_attr {
        size: size_of::<perf_event_attr>() as u32,
        sample_type: FORMAT.bits(),
        sample_regs_user: USER_REGISTERS,
        sample_stack_user: options.stack_bytes,
        clockid: libc::CLOCK_MONOTONIC,
        ..perf_event_attr::default()
    };
    match granted.event {
        Event::Cycles => {
            attr.type_ = PERF_TYPE_HARDWARE;
            attr.config = PERF_COUNT_HW_CPU_CYCLES.into();
            attr.set_freq(1);
            attr.__bindgen_anon_1.sample_freq = options.rate_hz.into();
        }
        Event::CpuClock => {
            attr.type_ = PERF_TYPE_SOFTWARE;
            attr.config = PERF_COUNT_SW_CPU_CLOCK.into();
            attr.__bindgen_anon_1.sample_period = 1_000_000_000 / u64::from(options.rate_hz);
        }
        Event::OffCpu => {
            attr.type_ = PERF_TYPE_SOFTWARE;
            attr.config = PERF_COUNT_SW_CONTEXT_SWITCHES.into();
            attr.__bindgen_anon_1.sample_period = 1;
            // Says when it is back.
            attr.set_context_switch(1);
        }
    }
    attr.set_disabled(1);
    attr.set_enable_on_exec(on_exec.into());
    attr.set_inherit(1);
    attr.set_exclude_kernel((!granted.kernel).into());
    attr.set_exclude_hv(1);
    // Our own unwinder does better than the kernel's walk along frame pointers, but that one goes on where
    // the copy of a stack ends.
    attr.set_exclude_callchain_user(0);
    attr.set_exclude_callchain_kernel((!granted.kernel).into());
    attr.set_mmap(1);
    attr.set_mmap2(1);
    attr.set_comm(1);
    attr.set_comm_exec(1);
    attr.set_task(1);
    attr.set_sample_id_all(1);
    attr.set_use_clockid(1);
    attr.set_watermark(1);
    attr
}

/// Opens an event for each of `tasks` on each CPU, with one ring a CPU.
pub fn open_all(
    tasks: &[i32],
    cpus: &[i32],
    options: &Options,
    on_exec: bool,
) -> Result<(Granted, Vec<Ring>, Vec<OwnedFd>), Unavailable> {
    let (Some(&task), Some(&cpu)) = (tasks.first(), cpus.first()) else {
        return Err(Unavailable::nothing_to_sample());
    };
    let granted = granted(task, cpu, options, on_exec)?;
    let mut attr = attributes(granted, options, on_exec);
    let pages = ring_pages(&mut attr, task, cpu)?;
    attr.__bindgen_anon_2.wakeup_watermark = watermark(pages);
    let mut rings = Vec::with_capacity(cpus.len());
    let mut others = Vec::new();
    for &cpu in cpus {
        let mut ring: Option<Ring> = None;
        for &task in tasks {
            let event = match sys::open(&attr, task, cpu) {
                Ok(event) => event,
                // A CPU that went offline, or a thread that ended meanwhile.
                Err(error) if matches!(error.raw_os_error(), Some(libc::ENODEV | libc::ESRCH)) => {
                    continue;
                }
                Err(error) => return Err(Unavailable::refused(&error)),
            };
            match &ring {
                Some(ring) => {
                    sys::share_ring(event.as_fd(), ring.event())
                        .map_err(|error| Unavailable::refused(&error))?;
                    others.push(event);
                }
                None => {
                    let mapped = Ring::map(event, pages);
                    ring = Some(mapped.map_err(|error| Unavailable::refused(&error))?);
                }
            }
        }
        rings.extend(ring);
    }
    if rings.is_empty() {
        return Err(Unavailable::nothing_to_sample());
    }
    Ok((granted, rings, others))
}

/// The first event that the kernel opens for this task.
fn granted(task: i32, cpu: i32, options: &Options, on_exec: bool) -> Result<Granted, Unavailable> {
    if options.off_cpu {
        let granted = Granted {
            event: Event::OffCpu,
            kernel: true,
        };
        let opened = sys::open(&attributes(granted, options, on_exec), task, cpu);
        return match opened {
            Ok(_) => Ok(granted),
            Err(error) if matches!(error.raw_os_error(), Some(libc::EACCES | libc::EPERM)) => {
                Err(Unavailable::waits_are_hidden())
            }
            Err(error) => Err(Unavailable::refused(&error)),
        };
    }
    let mut last = None;
    for event in [Event::Cycles, Event::CpuClock] {
        for kernel in [true, false] {
            let granted = Granted { event, kernel };
            match sys::open(&attributes(granted, options, on_exec), task, cpu) {
                Ok(_) => return Ok(granted),
                Err(error) => last = Some(error),
            }
        }
    }
    let last = last.unwrap_or_else(|| io::Error::other("no event was tried"));
    Err(Unavailable::refused(&last))
}

/// The biggest ring that may be locked into memory. Without privileges that is about 512 KiB a CPU.
fn ring_pages(attr: &mut perf_event_attr, task: i32, cpu: i32) -> Result<usize, Unavailable> {
    const BIGGEST_BYTES: usize = 4 << 20;
    let mut pages = BIGGEST_BYTES / sys::page_size();
    loop {
        attr.__bindgen_anon_2.wakeup_watermark = watermark(pages);
        let event = sys::open(attr, task, cpu).map_err(|error| Unavailable::refused(&error))?;
        match Ring::map(event, pages) {
            Ok(_) => return Ok(pages),
            Err(_) if pages > 16 => pages /= 2,
            Err(error) => return Err(Unavailable::refused(&error)),
        }
    }
}

/// We are woken when a quarter is full: seldom, and with room left while we wake.
fn watermark(pages: usize) -> u32 {
    u32::try_from(pages * sys::page_size() / 4).unwrap_or(u32::MAX)
}

/// The CPUs that are online: `0-3,8`.
pub fn online_cpus(text: &str) -> Vec<i32> {
    let mut cpus = Vec::new();
    for part in text.trim().split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        if let (Ok(first), Ok(last)) = (first.parse::<i32>(), last.parse::<i32>())
            && (0..=last).contains(&first)
            && last < 1 << 16
        {
            cpus.extend(first..=last);
        }
    }
    cpus
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_cpus_are_read() {
        assert_eq!(online_cpus("0-1\n"), [0, 1]);
        assert_eq!(online_cpus("0,2-3,8\n"), [0, 2, 3, 8]);
        assert_eq!(online_cpus("x,3-1,-1,9999999"), [0; 0]);
    }
}
