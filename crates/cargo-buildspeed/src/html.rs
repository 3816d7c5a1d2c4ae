//! The build as one page that needs nothing else: a zoomable timeline of the units, the CPU curve,
//! and a table. Core assembles it; here is what is this plugin's own in it.

mod data;

use std::io::{self, Write};

use anyhow::{Result, bail};
use pitcrew_core::cli::Out;
use pitcrew_core::model::Analyses;
use pitcrew_core::page::{self, Page};
use pitcrew_core::recording::Recording;
use pitcrew_core::style::printable;

use crate::args::Args;

const PAGE: Page<'_> = Page {
    title: "Build timeline",
    body: include_str!("html/body.html"),
    styles: &[include_str!("html/page.css")],
    // In the order they depend on each other; they share one scope.
    scripts: &[
        include_str!("html/model.js"),
        include_str!("html/view.js"),
        include_str!("html/timeline.js"),
        include_str!("html/curve.js"),
        include_str!("html/details.js"),
        include_str!("html/units.js"),
        include_str!("html/main.js"),
    ],
};

/// Writes the page of a recording to the file that the user named, if one was, and says so.
pub fn save(
    args: &Args,
    recording: Option<(&Recording, &Analyses)>,
    out: &mut Out<'_>,
) -> Result<()> {
    let Some(file) = &args.html else {
        return Ok(());
    };
    let Some((recording, analyses)) = recording else {
        let flag = if args.apply.check {
            "--check"
        } else {
            "--no-build"
        };
        bail!(
            "no recording of this build is at hand for `--html` to show, and `{flag}` makes none: \
             leave `{flag}` out once"
        );
    };
    page::save(file, |out| write(recording, analyses, out))?;
    if !args.output.quiet {
        let file = printable(file.as_str());
        writeln!(out.stderr, "Wrote {file}: open it in a browser.")?;
    }
    Ok(())
}

/// Writes the page.
pub fn write(recording: &Recording, analyses: &Analyses, out: &mut dyn Write) -> io::Result<()> {
    PAGE.write(&data::page(recording, analyses), out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use pitcrew_core::model::dominators::recorded_packages;
    use pitcrew_core::model::{analyse, synthetic};

    fn html(recording: &Recording) -> String {
        let analyses = analyse(recording, &recorded_packages(recording), &[8]);
        let mut out = Vec::new();
        write(recording, &analyses, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn data_of(html: &str) -> &str {
        let (_, rest) = html.split_once("type=\"application/json\">").unwrap();
        rest.split_once("</script>").unwrap().0
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        let html = html(&synthetic::generate(1, 20, 2));
        for outside in ["http:", "https:", "src=", "@import", "url(", "<!--slot"] {
            assert!(!html.contains(outside), "the page holds {outside}");
        }
    }

    #[test]
    fn names_stand_in_the_data_and_nowhere_else() {
        let mut recording = synthetic::chain(&[1.0, 1.0]);
        let hostile = "</script><script>alert(1)</script><!--\u{2028}'\"&amp;";
        recording.units[0].package = hostile.to_owned();
        recording.command = hostile.to_owned();
        let html = html(&recording);
        let data = data_of(&html);
        assert_eq!(
            html.matches("alert(1)").count(),
            data.matches("alert(1)").count()
        );
        let data: serde_json::Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["units"][0]["package"], hostile);
    }

    proptest! {
        #[test]
        fn any_recording_makes_a_page_with_sound_data(recording in synthetic::arbitrary()) {
            let html = html(&recording);
            let data: serde_json::Value = serde_json::from_str(data_of(&html)).unwrap();
            for unit in data["units"].as_array().unwrap() {
                prop_assert!(unit["start"].as_f64().unwrap() <= unit["end"].as_f64().unwrap());
            }
        }
    }
}
