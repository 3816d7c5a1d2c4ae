//! The profile as one page that needs nothing else: a flame graph to zoom into, tables, the advice, and
//! the source with the time of each line. Core assembles it; here is what is this plugin's own in it.

mod data;
mod flat;
mod listings;

use std::io::{self, Write};

use pitcrew_core::finding::Finding;
use pitcrew_core::page::Page;

use crate::analyse::View;
use crate::report::Sources;

const PAGE: Page<'_> = Page {
    title: "Profile",
    body: include_str!("html/body.html"),
    styles: &[include_str!("html/page.css")],
    // In the order they depend on each other; they share one scope.
    scripts: &[
        include_str!("html/model.js"),
        include_str!("html/view.js"),
        include_str!("html/flame.js"),
        include_str!("html/source.js"),
        include_str!("html/details.js"),
        include_str!("html/tables.js"),
        include_str!("html/main.js"),
    ],
};

/// Writes the page of a profile.
pub fn write(
    view: &View<'_>,
    sources: &Sources<'_>,
    findings: &[Finding],
    out: &mut dyn Write,
) -> io::Result<()> {
    PAGE.write(&data::page(view, sources, findings), out)
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;
    use serde_json::Value;

    use super::*;
    use crate::analyse::Filter;
    use crate::profile::{Profile, synthetic};

    fn html(profile: &Profile) -> String {
        let view = View::new(profile, &Filter::default());
        let sources = Sources::new(Utf8Path::new("/nowhere"), None);
        let mut out = Vec::new();
        write(&view, &sources, &[], &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn data_of(html: &str) -> &str {
        let (_, rest) = html.split_once("type=\"application/json\">").unwrap();
        rest.split_once("</script>").unwrap().0
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        let html = html(&synthetic::sample());
        for outside in ["http:", "https:", "src=", "@import", "url(", "<!--slot"] {
            assert!(!html.contains(outside), "the page holds {outside}");
        }
    }

    #[test]
    fn names_stand_in_the_data_and_nowhere_else() {
        let mut profile = synthetic::sample();
        let hostile = "</script><script>alert(1)</script><!--\u{2028}'\"&amp;";
        profile.functions[0].name = hostile.to_owned();
        profile.about.command = hostile.to_owned();
        let html = html(&profile);
        let data = data_of(&html);
        assert_eq!(
            html.matches("alert(1)").count(),
            data.matches("alert(1)").count()
        );
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["command"], hostile);
    }

    #[test]
    fn the_outermost_frames_hold_the_whole() {
        let profile = synthetic::sample();
        let html = html(&profile);
        let data: Value = serde_json::from_str(data_of(&html)).unwrap();
        let nodes = &data["nodes"];
        let at = |column: &str, index: usize| nodes[column][index].as_u64().unwrap();
        let count = nodes["depth"].as_array().unwrap().len();
        let roots = (0..count).filter(|index| at("depth", *index) == 0);
        assert_eq!(
            roots.map(|index| at("total", index)).sum::<u64>(),
            data["weight"]
        );
        for index in 0..count {
            assert!(at("own", index) <= at("total", index));
        }
    }
}
