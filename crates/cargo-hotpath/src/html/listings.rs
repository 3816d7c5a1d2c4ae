//! The sources that a page carries: those of the workspace whole, of others the surroundings of what is
//! hot.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::analyse::View;
use crate::analyse::lines;
use crate::analyse::totals::{self, Row};
use crate::profile::FileId;
use crate::report::Sources;

/// A source with the time of its lines.
#[derive(Debug, Serialize)]
pub struct Listing {
    path: String,
    yours: bool,
    /// The number and the text of each line that is shown.
    lines: Vec<(u32, String)>,
    /// Line, own time, time with all that is called.
    times: Vec<(u32, u64, u64)>,
}

/// Lines shown on both sides of a hot one that is not the user's.
const AROUND: u32 = 12;
/// A page stays small enough to be sent around.
const LARGEST: usize = 4 << 20;
const LONGEST_LINE: usize = 400;

/// The sources with the most time first.
pub fn listings(view: &View<'_>, sources: &Sources<'_>) -> Vec<Listing> {
    let mut by_file: BTreeMap<FileId, Vec<Row<lines::Line>>> = BTreeMap::new();
    for row in totals::by(view, |stack| lines::line_of(view, stack)) {
        by_file.entry(row.key.0).or_default().push(row);
    }
    let yours = yours(view);
    let least = view.weight() / 500;
    let mut files: Vec<(FileId, Vec<Row<lines::Line>>)> = by_file.into_iter().collect();
    let own = |rows: &[Row<lines::Line>]| -> u64 { rows.iter().map(|row| row.own).sum() };
    files.sort_by_key(|(file, rows)| (!yours.contains(file), std::cmp::Reverse(own(rows)), *file));
    let mut listings = Vec::new();
    let mut room = LARGEST;
    for (file, rows) in files {
        let path = view.profile.path(Some(file)).unwrap_or_default();
        let is_yours = yours.contains(&file);
        let Some(text) = sources.text(path) else {
            continue;
        };
        let hot = rows.iter().filter(|row| is_yours || row.own > least);
        let hot: Vec<u32> = hot.map(|row| row.key.1).collect();
        let near = |number: u32| hot.iter().any(|line| line.abs_diff(number) <= AROUND);
        let shown = (1..)
            .zip(text.lines())
            .filter(|(number, _)| is_yours || near(*number));
        let lines: Vec<(u32, String)> = shown
            .map(|(number, text)| (number, text.chars().take(LONGEST_LINE).collect()))
            .collect();
        let size: usize = lines.iter().map(|(_, text)| text.len() + 8).sum();
        if hot.is_empty() || size > room {
            continue;
        }
        room -= size;
        let mut times: Vec<_> = rows
            .iter()
            .map(|row| (row.key.1, row.own, row.total))
            .collect();
        times.sort_unstable();
        listings.push(Listing {
            path: sources.shortened(path),
            yours: is_yours,
            lines,
            times,
        });
    }
    listings
}

/// The files of frames of the workspace.
fn yours(view: &View<'_>) -> BTreeSet<FileId> {
    let frames = view.profile.frames.iter();
    let yours = frames.filter(|frame| view.profile.function_of(frame).origin.is_yours());
    yours.filter_map(|frame| frame.file).collect()
}
