//! Recordings made up for tests: small ones by hand, realistic ones from a seed, and arbitrary ones
//! that hold whatever a broken file may hold. Other crates' tests get them by the feature
//! `synthetic`.

use crate::measure::Random;
use crate::recording::{
    CacheAnswer, Needs, RECORDING_SCHEMA, Recording, Unit, UnitDep, UnitKind, UnitProfile,
};
use proptest::prelude::*;

pub fn end(unit: usize) -> UnitDep {
    UnitDep {
        unit,
        needs: Needs::End,
    }
}

pub fn metadata(unit: usize) -> UnitDep {
    UnitDep {
        unit,
        needs: Needs::Metadata,
    }
}

/// An empty recording of a machine with two cores.
pub fn empty() -> Recording {
    Recording {
        schema: RECORDING_SCHEMA,
        created: 1_750_000_000,
        command: "cargo build".to_owned(),
        rustc: "rustc 1.95.0 (0000000 2026-04-14)".to_owned(),
        profile: "dev".to_owned(),
        key: "key".to_owned(),
        cores: 2,
        jobs: 2,
        memory_bytes: 8 << 30,
        wall_s: 0.0,
        target_bytes: Some(427_000_000),
        cache: None,
        units: Vec::new(),
    }
}

/// A library of another package that nothing is known of but its times.
pub fn unit(package: &str, start_s: f64, end_s: f64) -> Unit {
    Unit {
        package: package.to_owned(),
        version: "1.0.0".to_owned(),
        target: package.replace('-', "_"),
        kind: UnitKind::Lib,
        member: false,
        for_host: false,
        profile: UnitProfile {
            opt_level: "0".to_owned(),
            debuginfo: "2".to_owned(),
            incremental: false,
            test: false,
            codegen_units: None,
            lto: None,
        },
        start_s,
        metadata_s: None,
        end_s,
        link_s: None,
        cpu_s: None,
        peak_bytes: None,
        cache: None,
        deps: Vec::new(),
    }
}

/// Units `p0`, `p1`, ... that each wait for the end of the one before.
pub fn chain(durations: &[f64]) -> Recording {
    let mut recording = empty();
    let mut now = 0.0;
    for (index, duration) in durations.iter().enumerate() {
        let mut unit = unit(&format!("p{index}"), now, now + duration);
        unit.deps = index.checked_sub(1).map(end).into_iter().collect();
        recording.units.push(unit);
        now += duration;
    }
    recording.wall_s = now;
    recording
}

/// A recording as cargo would make it: layered packages, pipelining, build scripts, proc-macros, and
/// binaries at the end.
pub fn realistic() -> impl Strategy<Value = Recording> {
    (any::<u64>(), 1_usize..60, 1_u32..9).prop_map(|(seed, n, jobs)| generate(seed, n, jobs))
}

/// Anything that the type allows: circles, dangling edges, times that are no numbers.
pub fn arbitrary() -> impl Strategy<Value = Recording> {
    let time = prop_oneof![
        4 => -1.0..50.0_f64,
        1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY), any::<f64>()],
    ];
    let time = time.boxed();
    let dep = (0_usize..25, any::<bool>()).prop_map(|(u, e)| if e { end(u) } else { metadata(u) });
    let kinds = prop::sample::select(vec![
        UnitKind::Lib,
        UnitKind::ProcMacro,
        UnitKind::Bin,
        UnitKind::BuildScript,
        UnitKind::RunBuildScript,
        UnitKind::Test,
    ]);
    let unit = (
        (time.clone(), time.clone(), kinds, any::<[bool; 3]>()),
        prop::option::of(time.clone()),
        prop::option::of(time.clone()),
        prop::option::of(time.clone()),
        prop::option::of(any::<u64>()),
        prop::collection::vec(dep, 0..5),
        "\\PC{0,12}",
    )
        .prop_map(
            |((start, end, kind, flags), meta, link, cpu, peak, deps, name)| {
                let mut unit = unit(&name, start, end);
                (unit.kind, unit.member, unit.for_host) = (kind, flags[0], flags[1]);
                unit.cache = flags[2].then_some(CacheAnswer::Hit);
                (unit.metadata_s, unit.link_s, unit.cpu_s) = (meta, link, cpu);
                (unit.peak_bytes, unit.deps) = (peak, deps);
                unit
            },
        );
    let numbers = (any::<u32>(), any::<u32>(), any::<u64>(), time);
    (prop::collection::vec(unit, 0..20), numbers).prop_map(|(units, (cores, jobs, bytes, wall))| {
        let mut recording = empty();
        recording.units = units;
        (recording.cores, recording.jobs, recording.memory_bytes) = (cores, jobs, bytes);
        recording.wall_s = wall;
        recording
    })
}

/// Few are long, most are short, as compile times are.
fn duration(random: &mut Random) -> f64 {
    0.05 + 1.6 * random.unit().powi(4) + 0.35 * random.unit()
}

const NAMES: [&str; 24] = [
    "libc",
    "cfg-if",
    "memchr",
    "bytes",
    "serde",
    "syn",
    "quote",
    "tokio",
    "regex",
    "clap",
    "mio",
    "hashbrown",
    "futures",
    "tracing",
    "parking-lot",
    "once-cell",
    "indexmap",
    "http",
    "hyper",
    "rand",
    "url",
    "time",
    "log",
    "rustix",
];

/// `packages` packages (and their build scripts) scheduled on `jobs` jobs; the last ones are members.
pub fn generate(seed: u64, packages: usize, jobs: u32) -> Recording {
    let mut random = Random::new(seed);
    let mut recording = empty();
    (recording.jobs, recording.cores) = (jobs, jobs);
    let mut libs: Vec<usize> = Vec::new();
    for index in 0..packages {
        let name = format!("{}-{index}", NAMES[index % NAMES.len()]);
        let member = index * 20 >= packages * 19;
        let mut deps: Vec<UnitDep> = Vec::new();
        for _ in 0..random.below(4).min(libs.len()) {
            let dep = libs[libs.len() - 1 - random.below(libs.len().min(25))];
            if !deps.iter().any(|known| known.unit == dep) {
                deps.push(match recording.units[dep].kind {
                    UnitKind::ProcMacro => end(dep),
                    _ => metadata(dep),
                });
            }
        }
        let base = unit(&name, 0.0, 0.0);
        if random.below(6) == 0 {
            let script = Unit {
                target: "build-script-build".to_owned(),
                kind: UnitKind::BuildScript,
                for_host: true,
                ..base.clone()
            };
            recording.units.push(script);
            let script = recording.units.len() - 1;
            recording.units.push(Unit {
                kind: UnitKind::RunBuildScript,
                deps: vec![end(script)],
                ..recording.units[script].clone()
            });
            deps.push(end(script + 1));
        }
        let macros = random.below(10) == 0;
        recording.units.push(Unit {
            kind: if macros {
                UnitKind::ProcMacro
            } else {
                UnitKind::Lib
            },
            for_host: macros,
            member,
            deps,
            ..base
        });
        libs.push(recording.units.len() - 1);
    }
    for bin in 0..1 + packages / 40 {
        let mut unit = unit("app", 0.0, 0.0);
        unit.target = format!("app-{bin}");
        (unit.kind, unit.member) = (UnitKind::Bin, true);
        let needs_all = |dep: &&usize| recording.units[**dep].kind == UnitKind::Lib;
        unit.deps = libs
            .iter()
            .rev()
            .filter(needs_all)
            .take(40)
            .map(|&dep| end(dep))
            .collect();
        recording.units.push(unit);
    }
    schedule(&mut recording, &mut random);
    recording
}

/// Gives each unit its times, on the recording's jobs: always next is the unit that can start first.
fn schedule(recording: &mut Recording, random: &mut Random) {
    let units = &mut recording.units;
    let mut free: Vec<f64> = vec![0.08; recording.jobs.max(1) as usize];
    let mut order: Vec<usize> = Vec::with_capacity(units.len());
    let mut known = vec![false; units.len()];
    let mut waiting: Vec<usize> = (0..units.len()).collect();
    while !waiting.is_empty() {
        free.sort_by(f64::total_cmp);
        let ready = |unit: usize| {
            let deps = units[unit].deps.iter();
            let may = deps.clone().all(|dep| known[dep.unit]);
            let ready = deps.map(|dep| units[dep.unit].ready_s(dep.needs));
            may.then(|| ready.fold(free[0], f64::max))
        };
        let next = (0..waiting.len()).filter_map(|at| Some((at, ready(waiting[at])?)));
        let Some((at, start_s)) = next.min_by(|a, b| a.1.total_cmp(&b.1)) else {
            return;
        };
        let index = waiting.remove(at);
        run(&mut units[index], start_s + 0.002, random);
        free[0] = units[index].end_s;
        order.push(index);
        known[index] = true;
    }
    let mut place = vec![0; order.len()];
    for (new, &old) in order.iter().enumerate() {
        place[old] = new;
    }
    let mut sorted: Vec<Unit> = order.iter().map(|&old| units[old].clone()).collect();
    for dep in sorted.iter_mut().flat_map(|unit| &mut unit.deps) {
        dep.unit = place[dep.unit];
    }
    recording.wall_s = 0.05 + sorted.iter().map(|unit| unit.end_s).fold(0.0, f64::max);
    recording.units = sorted;
}

fn run(unit: &mut Unit, start_s: f64, random: &mut Random) {
    let duration = duration(random) * if unit.kind == UnitKind::Bin { 1.5 } else { 1.0 };
    unit.start_s = start_s;
    unit.end_s = start_s + duration;
    unit.cpu_s = Some(duration * (0.85 + 0.6 * random.unit()));
    unit.peak_bytes = Some(60_000_000 + (duration * 250_000_000.0) as u64);
    if unit.kind == UnitKind::Lib {
        unit.metadata_s = Some(start_s + duration * (0.3 + 0.5 * random.unit()));
    }
    if unit.kind.links() {
        unit.link_s = Some(duration * 0.3);
    }
}
