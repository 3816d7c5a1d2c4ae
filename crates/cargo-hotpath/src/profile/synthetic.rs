//! Made-up profiles, for tests of everything that reads one.

use super::{
    Figures, Frame, Function, Heap, Origin, Profile, ProfileBuilder, Sample, Site, Thread, Unit,
};

/// One frame of a made-up stack.
#[derive(Debug, Clone)]
pub struct Made<'a> {
    pub name: &'a str,
    pub origin: Origin,
    /// File and line.
    pub at: Option<(&'a str, u32)>,
    pub inlined: bool,
}

pub fn yours<'a>(name: &'a str, file: &'a str, line: u32) -> Made<'a> {
    Made {
        name,
        origin: Origin::Workspace("app".to_owned()),
        at: Some((file, line)),
        inlined: false,
    }
}

pub fn of(origin: Origin, name: &str) -> Made<'_> {
    Made {
        name,
        origin,
        at: None,
        inlined: false,
    }
}

pub fn inlined<'a>(origin: Origin, name: &'a str, file: &'a str, line: u32) -> Made<'a> {
    Made {
        name,
        origin,
        at: Some((file, line)),
        inlined: true,
    }
}

/// A profile of these stacks, the outermost frame first, each seen so many times, a millisecond each.
pub fn profile(stacks: &[(&[Made<'_>], u64)]) -> Profile {
    let mut builder = ProfileBuilder::default();
    let thread = builder.thread(&Thread {
        pid: 7,
        tid: 7,
        process: "app".to_owned(),
        name: "app".to_owned(),
    });
    let mut time_ns = 0;
    for (frames, count) in stacks {
        let mut stack = None;
        for made in *frames {
            let file = made.at.map(|(file, _)| builder.file(file));
            let function = builder.function(Function {
                name: made.name.to_owned(),
                full: made.name.to_owned(),
                module: None,
                file,
                origin: made.origin.clone(),
                resolved: true,
            });
            let frame = builder.frame(Frame {
                function,
                file,
                line: made.at.map(|(_, line)| line),
                inlined: made.inlined,
                address: 0,
            });
            stack = Some(builder.stack(stack, frame));
        }
        for _ in 0..*count {
            builder.sample(Sample {
                thread,
                time_ns,
                stack,
                weight: 1_000_000,
                count: 1,
                truncated: false,
            });
            time_ns += 1_000_000;
        }
    }
    let about = builder.about();
    about.command = "app --fast".to_owned();
    about.recorder = "cargo hotpath".to_owned();
    about.event = "cpu-clock".to_owned();
    about.unit = Unit::Nanoseconds;
    about.rate_hz = 1000;
    about.wall_s = time_ns as f64 / 1e9;
    about.ended = super::Ended::Exited { code: 0 };
    builder.finish()
}

/// A small program: half of its time pushing to a vector that grows, a quarter in a dependency.
pub fn sample() -> Profile {
    let main = of(Origin::Std, "main");
    let run = |line| yours("app::run", "src/main.rs", line);
    let push = inlined(
        Origin::Std,
        "alloc::vec::Vec<_>::push",
        "/rustc/x/library/alloc/src/vec/mod.rs",
        10,
    );
    let write = inlined(
        Origin::Std,
        "core::ptr::write",
        "/rustc/x/library/core/src/ptr/mod.rs",
        20,
    );
    let grow = of(Origin::Std, "alloc::raw_vec::RawVec<_>::grow_one");
    let realloc = of(Origin::Allocator, "realloc");
    let parse = of(Origin::Dependency("csv".to_owned()), "csv::reader::parse");
    profile(&[
        (&[main.clone(), run(3), push.clone(), write], 100),
        (&[main.clone(), run(3), push.clone(), grow.clone()], 60),
        (&[main.clone(), run(3), push, grow, realloc], 40),
        (&[main.clone(), run(5), parse], 100),
        (&[main.clone(), run(7)], 90),
        (&[main], 10),
    ])
}

/// Allocations of a small program: a buffer in a loop, a vector that grows, and what is never freed.
pub fn heap() -> Profile {
    let main = of(Origin::Std, "main");
    let run = |line| yours("app::run", "src/main.rs", line);
    let format = of(Origin::Std, "alloc::fmt::format");
    let grow = of(Origin::Std, "alloc::raw_vec::RawVec<_>::grow_one");
    let malloc = of(Origin::Allocator, "__rdl_alloc");
    let realloc = of(Origin::Allocator, "__rdl_realloc");
    let mut profile = profile(&[
        (&[main.clone(), run(3), format, malloc.clone()], 1),
        (&[main.clone(), run(5), grow, realloc], 1),
        (&[main, run(7), malloc], 1),
    ]);
    let figures = [
        Figures {
            samples: 5000,
            blocks: 5000,
            bytes: 120_000,
            max_blocks: 1,
            max_bytes: 24,
            lifetimes: 5_000_000,
            ..Figures::default()
        },
        Figures {
            samples: 15,
            blocks: 15,
            bytes: 524_256,
            grown_blocks: 14,
            grown_bytes: 524_224,
            moved_bytes: 262_112,
            max_blocks: 1,
            max_bytes: 262_144,
            peak_blocks: 1,
            peak_bytes: 262_144,
            lifetimes: 1_000_000,
            ..Figures::default()
        },
        Figures {
            samples: 2000,
            blocks: 2000,
            bytes: 200_000,
            max_blocks: 2000,
            max_bytes: 200_000,
            peak_blocks: 1000,
            peak_bytes: 100_000,
            end_blocks: 2000,
            end_bytes: 200_000,
            lifetimes: 9_000_000,
            quarters: [50_000, 100_000, 150_000, 200_000],
            ..Figures::default()
        },
    ];
    let sites = profile.samples.iter().zip(figures);
    let sites = sites.map(|(sample, figures)| Site {
        stack: sample.stack,
        thread: sample.thread,
        figures,
    });
    let heap = Heap {
        exact: true,
        samples: 7015,
        duration: 40_000_000,
        peak_at: 20_000_000,
        sites: sites.collect(),
        ..Heap::default()
    };
    heap.attach(&mut profile);
    profile.about.unit = Unit::Bytes;
    profile.about.event = "allocated bytes".to_owned();
    profile
}
