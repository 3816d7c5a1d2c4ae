//! The page of `cargo buildspeed --html`, opened in headless Chromium, and the file it is written to.

#![expect(clippy::unwrap_used, reason = "a set-up that fails must fail its test")]

mod file;
mod hostile;

use camino::Utf8PathBuf;
use pitcrew_tests::Project;
use pitcrew_tests::browser::{Browser, Held, Point};
use pitcrew_tests::page::{data, written};
use serde_json::Value;

/// The page of a real recording of `project`; what was recorded is kept there.
fn recorded(project: &Project) -> Utf8PathBuf {
    written(project, project.buildspeed(&["--no-measure", "--offline"]))
}

/// The unit with the most of something, by its index.
fn greatest(data: &Value, weight: impl Fn(&Value) -> f64) -> usize {
    let units = data["units"].as_array().unwrap();
    let weight = |index: &usize| weight(&units[*index]);
    (0..units.len())
        .max_by(|a, b| weight(a).total_cmp(&weight(b)))
        .unwrap()
}

fn duration(unit: &Value) -> f64 {
    unit["end"].as_f64().unwrap() - unit["start"].as_f64().unwrap()
}

/// The middle of a unit's bar.
fn bar(browser: &mut Browser, unit: usize) -> Point {
    let mut at = |name| browser.number(&format!("window.buildTimeline.barOf({unit}).{name}"));
    Point {
        x: at("x") + at("width") / 2.0,
        y: at("y") + at("height") / 2.0,
    }
}

fn span(browser: &mut Browser) -> (f64, f64) {
    let mut at = |name| browser.number(&format!("window.buildTimeline.stretch.{name}"));
    (at("from"), at("to"))
}

/// A column of the table, as shown.
fn column(browser: &mut Browser, index: usize) -> Vec<String> {
    let cells = browser.eval(&format!(
        "[...document.querySelectorAll('#units tbody tr')].map((row) => row.cells[{index}].textContent)"
    ));
    serde_json::from_value(cells).unwrap()
}

fn rows_in_all(browser: &mut Browser) -> f64 {
    browser.number("Number(document.getElementById('units').ariaRowCount) - 1")
}

fn details(browser: &mut Browser) -> String {
    browser.text("document.getElementById('details').innerText")
}

#[test]
fn the_page_of_a_real_build_shows_it_and_answers_to_pointer_and_keys() {
    let project = Project::sample();
    let page = recorded(&project);
    let data = data(&page);
    let Some(mut browser) = Browser::open(&page) else {
        return;
    };
    renders(&mut browser, &data);
    selects(&mut browser, &data);
    zooms_and_pans(&mut browser);
    moves_by_keys(&mut browser, &data);
    sorts_and_filters(&mut browser, &data);
    changes_its_theme(&mut browser);
    assert!(browser.print().starts_with(b"%PDF"));
    browser.assert_sound();
}

fn renders(browser: &mut Browser, data: &Value) {
    let units = data["units"].as_array().unwrap().len();
    assert!(units > 10, "the sample workspace has dependencies: {units}");
    browser.press("#mode-lanes");
    let shown = browser.number("window.buildTimeline.shown().length");
    assert_eq!(shown, units as f64);
    let title = browser.text("document.querySelector('h1').textContent");
    assert_eq!(title, data["command"].as_str().unwrap());
    // Without the critical path nothing steps back, so bars have the very colours of the legend.
    browser.press("#critical");
    let kinds = browser.number("document.querySelectorAll('#kind option').length") as usize - 1;
    assert!(kinds >= 3, "{kinds} kinds of units");
    let painted = (1..=kinds)
        .filter(|n| {
            let swatch = format!("#legend li:nth-child({n}) .swatch");
            browser.painted_like("#timeline", &swatch) > 100.0
        })
        .count();
    assert!(painted >= 3, "{painted} of {kinds} kinds are painted");
    browser.press("#critical");
    assert_eq!(
        browser.eval("document.getElementById('critical').checked"),
        true
    );
}

fn selects(browser: &mut Browser, data: &Value) {
    let path = details(browser);
    assert!(path.contains("Critical path"), "{path}");
    let steps = data["path"]["steps"].as_array().unwrap().len();
    let listed = browser.number("document.querySelectorAll('#details ol li').length");
    assert_eq!(listed, steps as f64);

    let longest = greatest(data, duration);
    let unit = &data["units"][longest];
    let label = unit["label"].as_str().unwrap();
    let at = bar(browser, longest);
    browser.hover(at);
    let tip = browser.text("document.getElementById('tip').innerText");
    assert!(tip.contains(label) && tip.contains(" s"), "{tip}");
    browser.click(at);
    let shown = details(browser);
    for wanted in [label, "Duration", "Start", "End", "Profile"] {
        assert!(shown.contains(wanted), "{wanted} is not in {shown}");
    }
    let seconds = format!("{:.2} s", duration(unit));
    assert!(shown.contains(&seconds), "{seconds} is not in {shown}");
    assert_eq!(
        browser.number("window.buildTimeline.view.selected"),
        longest as f64
    );
    let deps = unit["deps"].as_array().unwrap().len();
    if deps > 0 {
        assert!(shown.contains(&format!("Waited for ({deps})")), "{shown}");
    }
    browser.press("#details .close");
    assert!(details(browser).contains("Critical path"));
}

fn zooms_and_pans(browser: &mut Browser) {
    let all = span(browser);
    let middle = browser.middle_of("#timeline");
    browser.wheel(middle, (0.0, -240.0), Held::Nothing);
    let zoomed = span(browser);
    assert!(zoomed.1 - zoomed.0 < all.1 - all.0, "{zoomed:?} of {all:?}");
    let center = |(from, to): (f64, f64)| (from + to) / 2.0;
    let moved = (center(zoomed) - center(all)).abs();
    assert!(moved < 0.01 * all.1, "what is pointed at stays: {zoomed:?}");

    browser.wheel(middle, (120.0, 0.0), Held::Nothing);
    let panned = span(browser);
    assert!(panned.0 > zoomed.0, "{panned:?} after {zoomed:?}");
    let to = Point {
        x: middle.x + 60.0,
        ..middle
    };
    browser.drag(middle, to, Held::Nothing);
    let dragged = span(browser);
    assert!(dragged.0 < panned.0, "{dragged:?} after {panned:?}");
    browser.press("#zoom-fit");
    assert_eq!(span(browser), all);

    let middle = browser.middle_of("#curve");
    let to = Point {
        x: middle.x + 200.0,
        ..middle
    };
    browser.drag(middle, to, Held::Shift);
    let marked = span(browser);
    assert!((marked.0 - center(all)).abs() < 0.01 * all.1, "{marked:?}");
    assert!(marked.1 < all.1, "{marked:?}");

    // Where there are rows to scroll the wheel scrolls them, and zooms with Ctrl.
    browser.press("#mode-rows");
    let middle = browser.middle_of("#timeline");
    let before = span(browser);
    browser.wheel(middle, (0.0, -100.0), Held::Ctrl);
    let zoomed = span(browser);
    assert!(zoomed.1 - zoomed.0 < before.1 - before.0, "{zoomed:?}");
    browser.press("#zoom-fit");
    browser.press("#mode-lanes");
}

fn moves_by_keys(browser: &mut Browser, data: &Value) {
    browser.eval("document.getElementById('timeline').focus()");
    let all = span(browser);
    browser.key("+");
    let zoomed = span(browser);
    assert!(zoomed.0 > all.0 && zoomed.1 < all.1, "{zoomed:?}");
    browser.key("ArrowRight");
    let right = span(browser);
    assert!(right.0 > zoomed.0, "{right:?} after {zoomed:?}");
    browser.key("ArrowLeft");
    assert!(span(browser).0 < right.0);
    browser.key("-");
    browser.key("0");
    assert_eq!(span(browser), all);

    browser.key("ArrowDown");
    let first = browser.number("window.buildTimeline.view.selected") as usize;
    let start = |unit: &Value| unit["start"].as_f64().unwrap();
    let units = data["units"].as_array().unwrap();
    let earliest = units.iter().map(start).fold(f64::INFINITY, f64::min);
    assert_eq!(start(&units[first]), earliest);
    let spoken = browser.text("document.getElementById('announce').textContent");
    assert!(spoken.contains(units[first]["label"].as_str().unwrap()));
    browser.key("Escape");
    assert_eq!(
        browser.eval("window.buildTimeline.view.selected"),
        Value::Null
    );
}

fn sorts_and_filters(browser: &mut Browser, data: &Value) {
    let units = data["units"].as_array().unwrap();
    assert_eq!(rows_in_all(browser), units.len() as f64);
    let longest = &units[greatest(data, duration)]["label"];
    assert_eq!(column(browser, 0)[0], longest.as_str().unwrap());
    browser.press("#units th[data-key='label'] button");
    let names = column(browser, 0);
    browser.press("#units th[data-key='label'] button");
    let mut turned = column(browser, 0);
    turned.reverse();
    assert_eq!(names, turned);
    browser.press("#units th[data-key='peak'] button");
    let largest = &units[greatest(data, |unit| unit["peak"].as_f64().unwrap_or(0.0))]["label"];
    assert_eq!(column(browser, 0)[0], largest.as_str().unwrap());

    browser.key("/");
    browser.type_text("INKwell");
    let found = column(browser, 0);
    assert!(!found.is_empty() && found.len() < units.len(), "{found:?}");
    assert!(found.iter().all(|name| name.contains("inkwell")));
    let count = browser.text("document.getElementById('count').textContent");
    assert_eq!(count, format!("{} of {} units", found.len(), units.len()));
    browser.eval(
        "(() => {
            const kind = document.getElementById('kind');
            kind.value = 'bin';
            kind.dispatchEvent(new Event('input'));
        })()",
    );
    assert_eq!(column(browser, 1), ["Binary"]);
    browser.eval(
        "['filter', 'kind'].forEach((id) => {
            document.getElementById(id).value = '';
            document.getElementById(id).dispatchEvent(new Event('input'));
        })",
    );
    browser.press("#only-path");
    let steps = data["path"]["steps"].as_array().unwrap();
    assert_eq!(rows_in_all(browser), steps.len() as f64);
    browser.press("#only-path");

    browser.press("#units tbody tr:first-child td button");
    let name = column(browser, 0).remove(0);
    assert!(details(browser).contains(&name), "a row selects its unit");
    assert_eq!(rows_in_all(browser), units.len() as f64);
}

fn changes_its_theme(browser: &mut Browser) {
    let background = "getComputedStyle(document.body).backgroundColor";
    let swatch = "#legend li:first-child .swatch";
    browser.press("#details .close");
    browser.press("#critical");
    let light = browser.text(background);
    browser.press("#theme");
    browser.frame();
    let dark = browser.text(background);
    assert_ne!(light, dark);
    assert!(
        browser.painted_like("#timeline", swatch) > 100.0,
        "the canvas follows"
    );
    browser.press("#theme");
    assert_eq!(browser.text(background), light);
}

#[test]
fn the_page_follows_the_systems_theme_and_fits_narrow_windows() {
    let project = Project::small();
    let page = recorded(&project);
    let Some(mut browser) = Browser::open(&page) else {
        return;
    };
    let background = "getComputedStyle(document.body).backgroundColor";
    let light = browser.text(background);
    browser.prefer("dark");
    browser.frame();
    assert_ne!(browser.text(background), light);
    browser.resize(600, 900);
    browser.frame();
    let over = browser.number("document.documentElement.scrollWidth - innerWidth");
    assert!(over <= 0.0, "{over} pixels stand out on the right");
    assert_eq!(browser.number("window.buildTimeline.shown().length"), 1.0);
    browser.assert_sound();
}
