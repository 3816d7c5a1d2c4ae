//! What `xctrace export` writes of a recording of Instruments' Time Profiler: rows of XML in which each
//! thing is written once and named by its number from then on.
//!
//! `xcrun xctrace export --input app.trace --xpath '/trace-toc/run/data/table[@schema="time-profile"]'`

use std::collections::HashMap;
use std::rc::Rc;

use anyhow::{Context, Result, bail, ensure};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::named::{Named, Stacks};
use crate::names::origin::Places;
use crate::profile::{Profile, Sample, Unit};

/// Whether the text looks like it.
pub fn is_xctrace(text: &str) -> bool {
    let start: String = text.chars().take(400).collect();
    start.trim_start().starts_with("<?xml") && start.contains("<trace-query-result")
}

pub fn read(text: &str, places: &Places) -> Result<Profile> {
    let mut stacks = Stacks::new(places, Unit::Nanoseconds, "time-profile");
    let mut elements = Elements::default();
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut rows = 0_u64;
    loop {
        let event = reader
            .read_event()
            .with_context(|| format!("it is no XML at byte {}", reader.buffer_position()))?;
        let closed = match event {
            Event::Start(start) => {
                ensure!(open.len() < DEEPEST, "its elements are nested too deep");
                open.push(Element::of(&start)?);
                None
            }
            Event::Empty(empty) => Some(Element::of(&empty)?),
            Event::Text(text) => {
                if let Some(last) = open.last_mut() {
                    last.text.push_str(&text.decode()?);
                }
                None
            }
            Event::End(_) => open.pop(),
            Event::Eof => break,
            _ => None,
        };
        let Some(element) = closed else { continue };
        let element = elements.known(element)?;
        if element.tag == "row" {
            rows += 1;
            row(&element, &mut stacks)?;
        } else if let Some(parent) = open.last_mut()
            && parent.tag != "node"
            && parent.tag != "trace-query-result"
        {
            // What is above the rows would only grow.
            parent.children.push(element);
        }
    }
    if rows == 0 {
        bail!(
            "it has no rows of the time profile: export them with --xpath \
             '/trace-toc/run/data/table[@schema=\"time-profile\"]'"
        );
    }
    Ok(stacks.finish())
}

/// Rows are about ten deep.
const DEEPEST: usize = 64;

#[derive(Debug, Default)]
struct Element {
    tag: String,
    attributes: HashMap<String, String>,
    text: String,
    children: Vec<Rc<Element>>,
}

impl Element {
    fn of(start: &BytesStart<'_>) -> Result<Self> {
        let mut attributes = HashMap::new();
        for attribute in start.attributes() {
            let attribute = attribute.context("it has an attribute that is none")?;
            let key = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
            let value = String::from_utf8_lossy(&attribute.value);
            let value =
                quick_xml::escape::unescape(&value).map_or_else(|_| value.to_string(), Into::into);
            attributes.insert(key, value);
        }
        Ok(Self {
            tag: String::from_utf8_lossy(start.name().as_ref()).into_owned(),
            attributes,
            ..Self::default()
        })
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// The first of this kind below it.
    fn find(&self, tag: &str) -> Option<&Element> {
        let children = self.children.iter();
        let direct = children.clone().find(|child| child.tag == tag);
        match direct {
            Some(found) => Some(found),
            None => children.into_iter().find_map(|child| child.find(tag)),
        }
    }

    fn number(&self) -> Option<u64> {
        self.text.trim().parse().ok()
    }
}

/// Everything that was written in full so far, by its number.
#[derive(Default)]
struct Elements {
    by_id: HashMap<String, Rc<Element>>,
}

impl Elements {
    /// The element itself, or the one that it stands for.
    fn known(&mut self, element: Element) -> Result<Rc<Element>> {
        if let Some(number) = element.attribute("ref") {
            let found = self.by_id.get(number);
            let found =
                found.with_context(|| format!("it names element {number} before it is there"))?;
            return Ok(Rc::clone(found));
        }
        let id = element.attribute("id").map(str::to_owned);
        let element = Rc::new(element);
        if let Some(id) = id {
            self.by_id.insert(id, Rc::clone(&element));
        }
        Ok(element)
    }
}

fn row(row: &Element, stacks: &mut Stacks<'_>) -> Result<()> {
    let thread = row.find("thread");
    let id = |tag: &str| {
        let number = thread.and_then(|thread| thread.find(tag)?.number());
        number
            .and_then(|number| i32::try_from(number).ok())
            .unwrap_or(0)
    };
    let shown = thread
        .and_then(|thread| thread.attribute("fmt"))
        .unwrap_or_default();
    // `main 0x1a2b3 (app, pid: 123)`
    let name = shown.split(" 0x").next().unwrap_or_default();
    let thread = stacks.thread(id("pid"), id("tid"), name);
    let weight = row.find("weight").and_then(Element::number);
    let weight = weight.context("a row has no weight")?;
    ensure!(weight < 1 << 50, "a row weighs more than any program runs");
    let time_ns = row
        .find("sample-time")
        .and_then(Element::number)
        .unwrap_or(0);
    // The innermost frame stands first.
    let frames = row.find("backtrace").map(|backtrace| {
        let frames = backtrace
            .children
            .iter()
            .filter(|child| child.tag == "frame");
        frames.rev().map(|frame| named(frame))
    });
    let stack = frames.and_then(|frames| stacks.stack(frames));
    stacks.sample(Sample {
        thread,
        time_ns,
        stack,
        weight,
        count: 1,
        truncated: false,
    });
    Ok(())
}

fn named(frame: &Element) -> Named<'_> {
    let source = frame.find("source");
    let path = source
        .and_then(|source| source.find("path"))
        .map(|path| path.text.trim());
    let line = source.and_then(|source| source.attribute("line")?.parse().ok());
    let name = frame.attribute("name").unwrap_or_default();
    Named {
        // An address is what stands for a name that is not known.
        name: if name.starts_with("0x") { "" } else { name },
        module: frame
            .find("binary")
            .and_then(|binary| binary.attribute("path").or(binary.attribute("name"))),
        home: path,
        at: path.map(|path| (path, line.unwrap_or(0))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = r#"<?xml version="1.0"?>
<trace-query-result>
<node xpath='//trace-toc[1]/run[1]/data[1]/table[6]'><schema name="time-profile"><col><mnemonic>time</mnemonic></col></schema>
<row><sample-time id="1" fmt="00:00.2">200000000</sample-time><thread id="2" fmt="main 0x1f (app, pid: 77)"><tid id="3" fmt="0x1f">31</tid><process id="4" fmt="app (77)"><pid id="5" fmt="77">77</pid></process></thread><weight id="6" fmt="1.00 ms">1000000</weight><backtrace id="7"><frame id="8" name="app::work&lt;u8&gt;" addr="0x1"><binary id="9" name="app" path="/w/target/release/app"/><source line="7"><path id="10">src/main.rs</path></source></frame><frame id="11" name="main" addr="0x2"><binary ref="9"/></frame></backtrace></row>
<row><sample-time id="12" fmt="x">201000000</sample-time><thread ref="2"/><weight ref="6"/><tagged-backtrace id="13" fmt="x"><backtrace id="14"><frame ref="8"/><frame ref="11"/></backtrace></tagged-backtrace></row>
<row><sample-time id="15" fmt="x">202000000</sample-time><thread ref="2"/><weight ref="6"/><backtrace ref="7"/></row>
</node></trace-query-result>"#;

    #[test]
    fn rows_are_read_and_what_they_refer_to_is_found() {
        assert!(is_xctrace(TRACE));
        let profile = read(TRACE, &Places::default()).unwrap();
        assert!(profile.is_sound());
        assert_eq!((profile.count(), profile.total_weight()), (3, 3_000_000));
        assert_eq!(profile.threads[0].name, "main");
        assert_eq!((profile.threads[0].pid, profile.threads[0].tid), (77, 31));
        for sample in &profile.samples {
            let names: Vec<&str> = (profile.frames_of(sample.stack))
                .map(|frame| profile.function_of(frame).full.as_str())
                .collect();
            assert_eq!(names, ["app::work<u8>", "main"]);
        }
        let leaf = profile.frames_of(profile.samples[1].stack).next().unwrap();
        assert_eq!(
            (profile.path(leaf.file), leaf.line),
            (Some("src/main.rs"), Some(7))
        );
    }

    #[test]
    fn what_is_broken_or_of_another_table_is_an_error() {
        for (broken, said) in [
            (
                TRACE.replace("ref=\"9\"", "ref=\"99\""),
                "before it is there",
            ),
            (TRACE.replace("1000000</weight>", "</weight>"), "no weight"),
            (
                TRACE.replace("<row>", "<ro>").replace("</row>", "</ro>"),
                "no rows",
            ),
            (TRACE.replace("</thread>", "</tread>"), "no XML"),
        ] {
            let error = format!("{:#}", read(&broken, &Places::default()).unwrap_err());
            assert!(error.contains(said), "{error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_cut_is_read_or_refused(at in 0..TRACE.len(), skipped in 0..40_usize) {
            let mut text = TRACE.to_owned();
            let end = (at + skipped).min(text.len());
            text.replace_range(at..end, "");
            if let Ok(profile) = read(&text, &Places::default()) {
                proptest::prop_assert!(profile.is_sound());
            }
        }
    }
}
