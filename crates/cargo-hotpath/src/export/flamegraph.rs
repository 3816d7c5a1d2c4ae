//! A flamegraph in one SVG file that zooms and searches by itself.

use anyhow::{Context, Result};
use inferno::flamegraph::{Options, from_lines};

use super::collapsed;
use crate::analyse::View;
use crate::profile::Unit;

pub fn export(view: &View<'_>) -> Result<Vec<u8>> {
    let about = &view.profile.about;
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
    let lines = collapsed::lines(view);
    let mut svg = Vec::new();
    from_lines(&mut options, lines.iter().map(String::as_str), &mut svg)
        .context("there is nothing to draw: the profile has no samples")?;
    Ok(svg)
}
