//! The processed-profile format of profiler.firefox.com: every sample with its time and thread.

use std::collections::HashMap;
use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Context, Result};
use fxprof_processed_profile::{
    CategoryColor, CategoryHandle, CpuDelta, Frame, FrameFlags, FrameInfo, Profile,
    SamplingInterval, StackHandle, ThreadHandle, Timestamp,
};

use crate::analyse::View;
use crate::profile::{Origin, StackId, Unit};

pub fn export(view: &View<'_>) -> Result<Vec<u8>> {
    let about = &view.profile.about;
    let created = UNIX_EPOCH + Duration::from_secs(about.created);
    let rate = about.rate_hz.max(1);
    let interval = SamplingInterval::from_hz(rate as f32);
    let mut profile = Profile::new(&about.command, created.into(), interval);
    profile.set_product("cargo hotpath");
    let categories = Categories::new(&mut profile);
    let threads = threads(view, &mut profile);
    let mut stacks: HashMap<(u32, StackId), Option<StackHandle>> = HashMap::new();
    for sample in view.samples.iter() {
        let Some(thread) = threads.get(sample.thread as usize).copied() else {
            continue;
        };
        let stack = view.leaf(sample).and_then(|leaf| {
            *stacks.entry((sample.thread, leaf)).or_insert_with(|| {
                let mut path: Vec<StackId> = view.walk(Some(leaf)).collect();
                path.reverse();
                let frames = path.into_iter().map(|stack| {
                    let group = &view.groups[view.group(stack) as usize];
                    FrameInfo {
                        frame: Frame::Label(profile.intern_string(&group.name)),
                        category_pair: categories.of(&group.origin).into(),
                        flags: FrameFlags::empty(),
                    }
                });
                let frames: Vec<FrameInfo> = frames.collect();
                profile.intern_stack_frames(thread, frames.into_iter())
            })
        });
        let cpu = match about.unit {
            Unit::Nanoseconds => CpuDelta::from_nanos(sample.weight),
            _ => CpuDelta::ZERO,
        };
        let weight = i32::try_from(sample.count).unwrap_or(i32::MAX);
        let time = Timestamp::from_nanos_since_reference(sample.time_ns);
        profile.add_sample(thread, time, stack, cpu, weight);
    }
    serde_json::to_vec(&profile).context("cannot write the profile as JSON")
}

/// A thread of the format for each of ours, in processes by their ids.
fn threads(view: &View<'_>, profile: &mut Profile) -> Vec<ThreadHandle> {
    let start = Timestamp::from_nanos_since_reference(0);
    let mut processes = HashMap::new();
    let threads = view.profile.threads.iter().map(|thread| {
        let id = |id: i32| u32::try_from(id).unwrap_or(0);
        let process = *processes
            .entry(thread.pid)
            .or_insert_with(|| profile.add_process(&thread.process, id(thread.pid), start));
        let is_main = thread.pid == thread.tid;
        let handle = profile.add_thread(process, id(thread.tid), start, is_main);
        profile.set_thread_name(handle, &thread.name);
        handle
    });
    threads.collect()
}

/// Whose code it is, as the colours of the graph.
struct Categories {
    yours: CategoryHandle,
    dependency: CategoryHandle,
    system: CategoryHandle,
    kernel: CategoryHandle,
}

impl Categories {
    fn new(profile: &mut Profile) -> Self {
        Self {
            yours: profile.add_category("Yours", CategoryColor::Green),
            dependency: profile.add_category("Dependency", CategoryColor::Blue),
            system: profile.add_category("std and libraries", CategoryColor::Yellow),
            kernel: profile.add_category("Kernel", CategoryColor::Orange),
        }
    }

    fn of(&self, origin: &Origin) -> CategoryHandle {
        match origin {
            Origin::Workspace(_) => self.yours,
            Origin::Dependency(_) => self.dependency,
            Origin::Kernel => self.kernel,
            Origin::Unknown => CategoryHandle::OTHER,
            Origin::Std | Origin::Allocator | Origin::Libc | Origin::Library(_) => self.system,
        }
    }
}
