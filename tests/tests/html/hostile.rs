//! The page of thousands of units whose names try to be more than text.

use std::collections::BTreeSet;

use pitcrew_core::model::synthetic;
use pitcrew_core::recording::Recording;
use pitcrew_tests::Project;
use pitcrew_tests::browser::{Browser, Held};
use pitcrew_tests::page::data;
use serde_json::Value;

use crate::{bar, column, recorded, rows_in_all};

/// What a name must never be taken for.
const HOSTILE: [&str; 14] = [
    "</script><script>window.hacked = 1; alert(1)</script>",
    "\"><img src=x onerror=\"window.hacked = 1\">",
    "' onmouseover='window.hacked = 1' x='",
    "<svg onload=window.hacked=1>",
    "${window.hacked = 1}",
    "javascript:window.hacked=1",
    "<!--<script>",
    "]]>&lt;&#60;&quot;",
    "__proto__",
    "constructor",
    "",
    "\u{202e}reversed\u{2028}\u{0}\u{7}",
    "a\nb\tc\\u003c/script>",
    "👩‍👩‍👧‍👦𝕏ﷺ漢字",
];

/// Replaces the kept recording of a project by a made-up one, so that the plugin takes it for its own.
fn plant(project: &Project, recording: &Recording) {
    let folder = project.root.join("target/pitcrew/buildspeed");
    let kept = folder
        .read_dir_utf8()
        .unwrap()
        .map(|entry| entry.unwrap().into_path())
        .find(|path| {
            let name = path.file_name().unwrap();
            name.starts_with("recording-") && !name.contains("rebuild")
        })
        .unwrap();
    let key = Recording::load(&kept).unwrap().key;
    let planted = Recording {
        key,
        ..recording.clone()
    };
    planted.save(&kept).unwrap();
}

fn hostile() -> Recording {
    let mut recording = synthetic::generate(7, 2_800, 16);
    let long = "x".repeat(3_000);
    let names: Vec<&str> = HOSTILE.into_iter().chain([long.as_str()]).collect();
    recording.command = HOSTILE[0].to_owned();
    recording.rustc = HOSTILE[1].to_owned();
    recording.profile = HOSTILE[2].to_owned();
    for (index, unit) in recording.units.iter_mut().enumerate() {
        let name = names[index % names.len()];
        unit.package = name.to_owned();
        unit.target = name.to_owned();
        unit.version = names[(index + 1) % names.len()].to_owned();
        unit.profile.opt_level = names[(index + 2) % names.len()].to_owned();
    }
    recording
}

#[test]
fn thousands_of_units_with_hostile_names_are_shown_as_text() {
    let project = Project::small();
    recorded(&project);
    let recording = hostile();
    plant(&project, &recording);
    let page = project.temporary.join("hostile.html");
    let args = ["--no-build", "--offline", "--html", page.as_str()];
    project.buildspeed(&args).assert().success();
    let data = data(&page);
    let units = recording.units.len();
    assert!(units > 3_000, "{units}");
    assert_eq!(data["units"].as_array().unwrap().len(), units);
    let Some(mut browser) = Browser::open(&page) else {
        return;
    };
    assert_eq!(
        browser.number("window.buildTimeline.shown().length"),
        units as f64
    );
    assert_eq!(rows_in_all(&mut browser), units as f64);
    shows_each_name(&mut browser, &data);
    survives_everything(&mut browser);
    let strangers = "document.querySelectorAll('script, img, svg, iframe, object').length";
    assert_eq!(browser.number(strangers), 2.0, "its data and its script");
    assert_eq!(browser.text("typeof window.hacked"), "undefined");
    browser.assert_sound();

    // Even if a name had broken out, the policy would not let it run.
    browser.eval(
        "(() => {
            const script = document.createElement('script');
            script.textContent = 'window.hacked = 1';
            document.body.append(script);
        })()",
    );
    assert_eq!(browser.text("typeof window.hacked"), "undefined");
    assert!(browser.complaints()[0].contains("Content Security Policy"));
}

/// The details of a unit of each name hold exactly that name.
fn shows_each_name(browser: &mut Browser, data: &Value) {
    let title = browser.text("document.querySelector('h1').textContent");
    assert_eq!(title, HOSTILE[0]);
    browser.eval("document.getElementById('timeline').focus()");
    let mut seen = BTreeSet::new();
    for _ in 0..2 * HOSTILE.len() {
        browser.key("ArrowDown");
        let unit = browser.number("window.buildTimeline.view.selected") as usize;
        let unit = &data["units"][unit];
        let shown = browser.text("document.querySelector('#details .title').textContent");
        assert_eq!(shown, unit["label"].as_str().unwrap());
        seen.insert(unit["package"].as_str().unwrap().to_owned());
    }
    assert!(HOSTILE.iter().all(|name| seen.contains(*name)), "{seen:?}");
    browser.key("Enter");
    let selected = browser.number("window.buildTimeline.view.selected") as usize;
    let at = bar(browser, selected);
    browser.hover(at);
    let tip = browser.text("document.querySelector('#tip strong').textContent");
    assert_eq!(tip, data["units"][selected]["label"].as_str().unwrap());
    browser.key("0");
}

/// Every view of a large page, one after the other.
fn survives_everything(browser: &mut Browser) {
    browser.press("#mode-rows");
    let rows = browser.middle_of("#timeline");
    browser.wheel(rows, (0.0, 2_000.0), Held::Nothing);
    browser.wait_for("document.getElementById('rows').scrollTop > 0");
    browser.press("#curve-memory");
    browser.press("#curve-cpu");
    browser.eval("document.getElementById('timeline').focus()");
    for key in [
        "+",
        "+",
        "End",
        "Home",
        "c",
        "ArrowDown",
        "Enter",
        "0",
        "Escape",
    ] {
        browser.key(key);
    }
    browser.press("#mode-lanes");
    for key in ["label", "category", "cpu", "deps"] {
        browser.press(&format!("#units th[data-key='{key}'] button"));
    }
    browser.eval("document.querySelector('.scroll').scrollTop = 1e6");
    browser.wait_for("document.querySelectorAll('#units tbody tr').length > 250");
    browser.eval("document.getElementById('filter').focus()");
    browser.type_text("onerror=");
    let found = column(browser, 0);
    assert!(!found.is_empty());
    assert!(found.iter().all(|name| name.contains("onerror=")));
    browser.press("#theme");
}
