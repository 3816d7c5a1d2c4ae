//! Sums over a small made-up profile of 400 samples.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use super::totals::Row;
use super::*;
use crate::profile::{Origin, Profile, Sample, Thread, synthetic};

fn view(profile: &Profile) -> View<'_> {
    View::new(profile, &Filter::default())
}

/// Own and total milliseconds of a function.
fn function(view: &View<'_>, name: &str) -> (u64, u64) {
    let rows = totals::by_function(view);
    let mut named = rows.iter();
    let row = named.find(|row| view.groups[row.key as usize].name == name);
    row.map_or((0, 0), |row| (row.own / 1_000_000, row.total / 1_000_000))
}

#[test]
fn glue_is_its_callers_and_telling_functions_stay() {
    let profile = synthetic::sample();
    let folded = view(&profile);
    assert_eq!(function(&folded, "alloc::vec::Vec<_>::push"), (100, 200));
    assert_eq!(function(&folded, "core::ptr::write"), (0, 0));
    assert_eq!(
        function(&folded, "alloc::raw_vec::RawVec<_>::grow_one"),
        (60, 100)
    );
    assert_eq!(function(&folded, "app::run"), (90, 390));
    let unfolded = View::unfolded(&profile, &Filter::default());
    assert_eq!(function(&unfolded, "core::ptr::write"), (100, 100));
    assert_eq!(function(&unfolded, "main"), (10, 400));
}

#[test]
fn a_crowd_of_threads_is_one_row() {
    let mut profile = synthetic::sample();
    let stack = profile.samples[0].stack;
    profile.threads.clear();
    profile.samples.clear();
    // Five of a test run's processes, and two workers.
    let names = ["fd", "fd", "worker", "fd", "fd", "worker", "fd"];
    for (at, name) in (0_u32..).zip(names) {
        profile.threads.push(Thread {
            process: "fd".to_owned(),
            name: name.to_owned(),
            ..Thread::default()
        });
        profile.samples.push(Sample {
            thread: at,
            stack,
            weight: u64::from(at) + 1,
            count: 1,
            ..Sample::default()
        });
    }
    let rows = totals::by_crowd(&view(&profile), 4);
    let rows: Vec<_> = rows
        .iter()
        .map(|row| (row.own, row.key.members, row.key.thread))
        .collect();
    assert_eq!(rows, [(19, 5, 6), (6, 1, 5), (3, 1, 2)]);
    let each = totals::by_crowd(&view(&profile), 5);
    assert_eq!(each.len(), 7);
}

#[test]
fn crates_and_lines_and_threads_add_up() {
    let profile = synthetic::sample();
    let view = view(&profile);
    let total = |own: u64| own / 1_000_000;
    let crates: Vec<(Origin, u64)> = totals::by_origin(&view)
        .into_iter()
        .map(|row| (row.key.clone(), total(row.own)))
        .collect();
    let expected = [
        (Origin::Std, 170),
        (Origin::Dependency("csv".to_owned()), 100),
        (Origin::Workspace("app".to_owned()), 90),
        (Origin::Allocator, 40),
    ];
    assert_eq!(crates, expected);
    let yours: Vec<(u32, u64)> = lines::yours(&view)
        .iter()
        .map(|row| (row.key.1, total(row.own)))
        .collect();
    assert_eq!(yours, [(3, 200), (5, 100), (7, 90)]);
    let threads: Vec<Row<u32>> = totals::by_thread(&view);
    assert_eq!((threads.len(), total(threads[0].own)), (1, 400));
}

#[test]
fn focus_and_ignore_pick_samples_by_their_stacks() {
    let profile = synthetic::sample();
    let pick = |focus: Option<&str>, ignore: Option<&str>| {
        let regex = |text: Option<&str>| text.map(|text| Regex::new(text).unwrap());
        let filter = Filter {
            focus: regex(focus),
            ignore: regex(ignore),
        };
        View::new(&profile, &filter).count()
    };
    assert_eq!(pick(Some("RawVec"), None), 100);
    assert_eq!(pick(None, Some("RawVec")), 300);
    assert_eq!(pick(Some("app::run"), Some("csv|RawVec")), 190);
    assert_eq!(pick(Some("nowhere"), None), 0);
}

#[test]
fn neighbours_are_callers_and_callees() {
    let profile = synthetic::sample();
    let view = view(&profile);
    let groups = view.matching(&Regex::new("Vec<_>::push$").unwrap());
    let found = neighbours::of(&view, &groups);
    assert_eq!((found.total, found.own), (200_000_000, 100_000_000));
    let name = |group: u32| view.groups[group as usize].name.as_str();
    assert_eq!(found.callers[0].0.map(name), Some("app::run"));
    assert_eq!(
        name(found.callees[0].0),
        "alloc::raw_vec::RawVec<_>::grow_one"
    );
    assert_eq!(found.callees[0].1, 100_000_000);
}

#[test]
fn recursion_counts_once_and_is_its_own_neighbour_not() {
    let f = || synthetic::yours("app::f", "src/main.rs", 1);
    let g = synthetic::yours("app::g", "src/main.rs", 9);
    let profile = synthetic::profile(&[(&[f(), f(), f()], 10), (&[f(), f(), g], 10)]);
    let view = view(&profile);
    assert_eq!(function(&view, "app::f"), (10, 20));
    let groups = view.matching(&Regex::new("app::f").unwrap());
    let found = neighbours::of(&view, &groups);
    assert_eq!((found.own, found.total), (10_000_000, 20_000_000));
    assert_eq!(found.callers, [(None, 20_000_000)]);
    assert_eq!(found.callees.len(), 1);
}

#[test]
fn the_tree_has_every_weight_once() {
    let profile = synthetic::sample();
    let view = view(&profile);
    let nodes = tree::tree(&view);
    fn own(nodes: &[tree::Node]) -> u64 {
        nodes.iter().map(|node| node.own + own(&node.callees)).sum()
    }
    assert_eq!(own(&nodes), view.weight());
    let names: Vec<&str> = nodes
        .iter()
        .map(|node| view.groups[node.group as usize].name.as_str())
        .collect();
    assert_eq!(names, ["app::run", "main"]);
}

#[test]
fn changes_are_told_apart_from_chance() {
    let work = |name| synthetic::yours(name, "src/main.rs", 1);
    let base = synthetic::profile(&[(&[work("app::a")], 500), (&[work("app::b")], 500)]);
    let new = synthetic::profile(&[(&[work("app::a")], 900), (&[work("app::b")], 510)]);
    let found = changes::between(&[view(&base)], &[view(&new)]).unwrap();
    let told: Vec<(&str, bool)> = found
        .rows
        .iter()
        .map(|row| (row.name.as_str(), row.is_regression()))
        .collect();
    assert_eq!(told, [("app::a", true), ("app::b", false)]);
}

proptest::proptest! {
    /// Against the definitions, stack by stack: glue (`main`, an adapter), recursion, shared beginnings.
    #[test]
    fn the_walk_and_the_sums_are_those_of_each_stack_alone(
        stacks in proptest::collection::vec((proptest::collection::vec(0_usize..5, 0..6), 0_u64..4), 0..12)
    ) {
        let made = [
            synthetic::of(Origin::Std, "main"),
            synthetic::inlined(Origin::Std, "core::ptr::write", "ptr.rs", 1),
            synthetic::inlined(Origin::Std, "alloc::raw_vec::grow", "vec.rs", 1),
            synthetic::yours("app::a", "a.rs", 1),
            synthetic::yours("app::b", "b.rs", 2),
        ];
        let frames: Vec<(Vec<_>, u64)> = stacks
            .iter()
            .map(|(stack, count)| (stack.iter().map(|at| made[*at].clone()).collect(), *count))
            .collect();
        let slices: Vec<(&[_], u64)> = frames
            .iter()
            .map(|(stack, count)| (stack.as_slice(), *count))
            .collect();
        let profile = synthetic::profile(&slices);
        for view in [view(&profile), View::unfolded(&profile, &Filter::default())] {
            let mut expected: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
            for sample in view.samples.iter() {
                let groups = view.walk(sample.stack.and(view.leaf(sample)));
                let groups: Vec<u32> = groups.map(|stack| view.group(stack)).collect();
                if let Some(leaf) = groups.first() {
                    expected.entry(*leaf).or_default().0 += sample.weight;
                }
                for group in BTreeSet::from_iter(groups) {
                    expected.entry(group).or_default().1 += sample.weight;
                }
            }
            let rows = totals::by_function(&view);
            let rows: BTreeMap<u32, (u64, u64)> =
                rows.iter().map(|row| (row.key, (row.own, row.total))).collect();
            proptest::prop_assert_eq!(rows, expected);

            let leaves = view.leaves.iter().map(|(leaf, _)| *leaf);
            let seen: BTreeSet<u32> = leaves.flat_map(|leaf| view.walk(Some(leaf))).collect();
            proptest::prop_assert_eq!(view.order.len(), seen.len());
            let mut path: Vec<u32> = Vec::new();
            for step in &view.order {
                let siblings = path.get(step.depth as usize).copied();
                proptest::prop_assert!(siblings.is_none_or(|before| before < step.stack));
                path.truncate(step.depth as usize);
                proptest::prop_assert_eq!(path.last().copied(), view.caller(step.stack));
                path.push(step.stack);
            }
        }
    }
}
