//! The build as one page that needs nothing else: a zoomable timeline of the units, the CPU curve,
//! and a table. It opens from disk and loads nothing; names from the recording travel as data and
//! reach the page as text only.

mod data;

use std::io::{self, Write};

use pitcrew_core::model::Analyses;
use pitcrew_core::recording::Recording;

const TEMPLATE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/page.css");
/// In the order they depend on each other; they share one scope.
const SCRIPTS: [&str; 8] = [
    include_str!("html/model.js"),
    include_str!("html/view.js"),
    include_str!("html/paint.js"),
    include_str!("html/timeline.js"),
    include_str!("html/curve.js"),
    include_str!("html/details.js"),
    include_str!("html/table.js"),
    include_str!("html/main.js"),
];

/// Writes the page.
pub fn page(recording: &Recording, analyses: &Analyses, out: &mut dyn Write) -> io::Result<()> {
    let data = serde_json::to_string(&data::page(recording, analyses))?;
    for part in TEMPLATE.split_inclusive("-->") {
        let (text, slot) = match part.split_once("<!--slot:") {
            Some((text, slot)) => (text, slot.trim_end_matches("-->")),
            None => (part, ""),
        };
        out.write_all(text.as_bytes())?;
        match slot {
            "style" => out.write_all(STYLE.as_bytes())?,
            "data" => out.write_all(inert(&data).as_bytes())?,
            "script" => {
                for script in SCRIPTS {
                    out.write_all(script.as_bytes())?;
                }
            }
            _ => {}
        }
    }
    out.flush()
}

/// JSON that cannot end the element it stands in, nor start another, nor break a line of script.
/// Outside of strings JSON has none of these characters, and inside an escape means the same.
fn inert(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => text.push_str("\\u003c"),
            '>' => text.push_str("\\u003e"),
            '&' => text.push_str("\\u0026"),
            '\u{2028}' => text.push_str("\\u2028"),
            '\u{2029}' => text.push_str("\\u2029"),
            c => text.push(c),
        }
    }
    text
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
        page(recording, &analyses, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn data_of(html: &str) -> &str {
        let (_, rest) = html.split_once("type=\"application/json\">").unwrap();
        rest.split_once("</script>").unwrap().0
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        let html = html(&synthetic::generate(1, 20, 2));
        for outside in ["http://", "https://", "src=", "@import", "url("] {
            assert!(!html.contains(outside), "the page mentions {outside}");
        }
        assert!(!html.contains("<!--slot"), "every slot is filled");
    }

    #[test]
    fn names_cannot_leave_the_data() {
        let mut recording = synthetic::chain(&[1.0, 1.0]);
        let hostile = "</script><script>alert(1)</script><!--\u{2028}'\"&amp;";
        recording.units[0].package = hostile.to_owned();
        recording.command = hostile.to_owned();
        let html = html(&recording);
        let data = data_of(&html);
        for c in ['<', '>', '&', '\u{2028}'] {
            assert!(!data.contains(c), "{c:?} is in the data");
        }
        let data: serde_json::Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["units"][0]["package"], hostile);
        assert_eq!(
            html.matches("alert(1)").count(),
            data_of(&html).matches("alert(1)").count()
        );
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
