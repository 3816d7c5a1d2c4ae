//! A flamegraph in one SVG file that zooms and searches by itself; of two profiles, with what grew in red
//! and what shrank in blue.

use std::io::Cursor;

use anyhow::{Context, Result};
use inferno::differential;
use inferno::flamegraph::{Options, from_lines, from_reader};

use super::collapsed;
use crate::analyse::View;
use crate::profile::{About, Unit};

const NOTHING: &str = "there is nothing to draw: the profile has no samples";

pub fn export(view: &View<'_>) -> Result<Vec<u8>> {
    let mut options = options(&view.profile.about);
    let lines = collapsed::lines(view);
    let mut svg = Vec::new();
    from_lines(&mut options, lines.iter().map(String::as_str), &mut svg).context(NOTHING)?;
    Ok(svg)
}

/// As wide as the times of `new`, coloured by how they differ from those of `base`.
pub fn difference(base: &[View<'_>], new: &[View<'_>]) -> Result<Vec<u8>> {
    let texts = |views: &[View<'_>]| views.iter().flat_map(collapsed::lines).collect::<Vec<_>>();
    let (before, after) = (texts(base).join("\n"), texts(new).join("\n"));
    let both = differential::Options {
        // Sides of several recordings each need not have the same number of them.
        normalize: base.len() != new.len(),
        ..differential::Options::default()
    };
    let mut joined = Vec::new();
    differential::from_readers(both, before.as_bytes(), after.as_bytes(), &mut joined)
        .context("the profiles cannot be joined")?;
    let about = new.first().or(base.first()).map(|view| &view.profile.about);
    let mut options = about.map_or_else(Options::default, options);
    options.title = format!("{}: red takes more than before, blue less", options.title);
    let mut svg = Vec::new();
    from_reader(&mut options, Cursor::new(joined), &mut svg).context(NOTHING)?;
    Ok(svg)
}

fn options(about: &About) -> Options<'static> {
    let mut options = Options::default();
    options.title.clone_from(&about.command);
    options.deterministic = true;
    options.count_name = match about.unit {
        Unit::Nanoseconds => "ns",
        Unit::Cycles => "cycles",
        Unit::Instructions => "instructions",
        Unit::Bytes => "bytes",
        Unit::Samples => "samples",
    }
    .to_owned();
    options
}
