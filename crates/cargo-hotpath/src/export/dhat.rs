//! DHAT's file, version 2 of its JSON, for the viewer that comes with Valgrind.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context, Result};
use serde::Serialize;

use crate::analyse::View;
use crate::profile::{Clock, Figures, Frame, Profile};

#[derive(Debug, Serialize)]
struct File<'a> {
    #[serde(rename = "dhatFileVersion")]
    version: u32,
    mode: &'static str,
    verb: &'static str,
    /// Blocks have lifetimes.
    bklt: bool,
    /// Nobody recorded what was read and written in them.
    bkacc: bool,
    tu: &'static str,
    #[serde(rename = "Mtu")]
    mtu: &'static str,
    /// Blocks that live shorter, in `tu`, are short-lived.
    tuth: u64,
    cmd: &'a str,
    pid: i32,
    te: u64,
    tg: u64,
    pps: Vec<Point>,
    ftbl: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Point {
    tb: u64,
    tbk: u64,
    tl: u64,
    mb: u64,
    mbk: u64,
    gb: u64,
    gbk: u64,
    eb: u64,
    ebk: u64,
    fs: Vec<usize>,
}

pub fn export(view: &View<'_>) -> Result<Vec<u8>> {
    let profile = view.profile;
    let heap = profile.heap.as_ref();
    let heap = heap.context("only a recording of allocations can be written for DHAT's viewer")?;
    let (tu, mtu, tuth, scale) = match heap.clock {
        Clock::Instructions => ("instrs", "Minstr", 500, 1),
        // As dhat-rs writes them.
        Clock::Nanoseconds => ("µs", "s", 10, 1000),
    };
    let mut frames = Frames::new(profile);
    // The viewer takes each stack once; two processes may have the same.
    let mut points: BTreeMap<Vec<usize>, Figures> = BTreeMap::new();
    let sites = heap.sites.iter();
    let sites: HashMap<_, _> = sites.map(|s| ((s.stack, s.thread), s.figures)).collect();
    for sample in view.samples.iter() {
        if let Some(figures) = sites.get(&(sample.stack, sample.thread)) {
            let stack = profile
                .frames_of(sample.stack)
                .map(|frame| frames.index(frame));
            *points.entry(stack.collect()).or_default() += *figures;
        }
    }
    let file = File {
        version: 2,
        mode: "rust-heap",
        verb: "Allocated",
        bklt: true,
        bkacc: false,
        tu,
        mtu,
        tuth,
        cmd: &profile.about.command,
        pid: profile.threads.first().map_or(0, |thread| thread.pid),
        te: heap.duration / scale,
        tg: heap.peak_at / scale,
        pps: points
            .into_iter()
            .map(|(fs, f)| point(fs, &f, scale))
            .collect(),
        ftbl: frames.table,
    };
    serde_json::to_vec(&file).context("cannot write the profile as JSON")
}

fn point(fs: Vec<usize>, figures: &Figures, scale: u64) -> Point {
    Point {
        tb: figures.bytes,
        tbk: figures.blocks,
        tl: figures.lifetimes / scale,
        mb: figures.max_bytes,
        mbk: figures.max_blocks,
        gb: figures.peak_bytes,
        gbk: figures.peak_blocks,
        eb: figures.end_bytes,
        ebk: figures.end_blocks,
        fs,
    }
}

/// The table of frames, each text once.
struct Frames<'a> {
    profile: &'a Profile,
    table: Vec<String>,
    known: HashMap<String, usize>,
}

impl<'a> Frames<'a> {
    fn new(profile: &'a Profile) -> Self {
        Self {
            profile,
            // The viewer's own name for what all stacks begin with.
            table: vec!["[root]".to_owned()],
            known: HashMap::new(),
        }
    }

    fn index(&mut self, frame: &Frame) -> usize {
        let text = self.text(frame);
        *self.known.entry(text).or_insert_with_key(|text| {
            self.table.push(text.clone());
            self.table.len() - 1
        })
    }

    /// `0x11BAA1: app::grow (src/main.rs:3)`
    fn text(&self, frame: &Frame) -> String {
        let function = self.profile.function_of(frame);
        let place = match (self.profile.path(frame.file), frame.line, function.module) {
            (Some(path), Some(line), _) => format!(" ({path}:{line})"),
            (_, _, Some(module)) => {
                let path = &self.profile.modules[module as usize].path;
                format!(" (in {path})")
            }
            _ => String::new(),
        };
        format!("{:#X}: {}{place}", frame.address, function.full).replacen("0X", "0x", 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::Filter;
    use crate::import::dhat;
    use crate::names::origin::Places;
    use crate::profile::synthetic;

    #[test]
    fn what_we_export_comes_back_with_the_same_figures() {
        let profile = synthetic::heap();
        let view = View::new(&profile, &Filter::default());
        let text = String::from_utf8(export(&view).unwrap()).unwrap();
        assert!(dhat::is_dhat(&text));
        let back = dhat::read(&text, &Places::default()).unwrap();
        let (before, after) = (profile.heap.unwrap(), back.heap.unwrap());
        assert_eq!(before.clock, after.clock);
        let figures = |heap: &crate::profile::Heap| {
            let total = heap.total();
            (
                total.bytes,
                total.blocks,
                total.peak_bytes,
                total.end_blocks,
            )
        };
        assert_eq!(figures(&before), figures(&after));
    }

    #[test]
    fn a_profile_of_time_is_refused() {
        let profile = synthetic::sample();
        let view = View::new(&profile, &Filter::default());
        assert!(export(&view).is_err());
    }
}
