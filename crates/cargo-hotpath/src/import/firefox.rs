//! The processed-profile format of profiler.firefox.com, as samply, the Firefox profiler and we write it.

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::Value;

use super::named::{DEEPEST, Named, Stacks};
use crate::names::origin::Places;
use crate::profile::{Profile, Sample, StackId, Unit};

/// What we read of the file; what else it holds is of no concern.
#[derive(Debug, Deserialize)]
struct File {
    meta: Meta,
    threads: Vec<Thread>,
    /// Newer versions keep here what older ones keep in each thread.
    #[serde(default)]
    shared: Tables,
}

#[derive(Debug, Deserialize)]
struct Meta {
    /// Milliseconds between two samples.
    interval: f64,
    #[serde(default)]
    product: String,
    #[serde(default, rename = "sampleUnits")]
    units: Option<Units>,
}

#[derive(Debug, Deserialize)]
struct Units {
    #[serde(rename = "threadCPUDelta", default)]
    cpu: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Thread {
    #[serde(default)]
    name: String,
    #[serde(default)]
    process_name: Option<String>,
    /// A number, or one as text.
    #[serde(default)]
    pid: Value,
    #[serde(default)]
    tid: Value,
    samples: Samples,
    #[serde(flatten)]
    tables: Tables,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Samples {
    #[serde(default)]
    stack: Vec<Option<usize>>,
    #[serde(default)]
    time: Option<Vec<f64>>,
    #[serde(default)]
    time_deltas: Option<Vec<f64>>,
    #[serde(default)]
    weight: Option<Vec<Option<f64>>>,
    #[serde(default, rename = "threadCPUDelta")]
    cpu: Option<Vec<Option<f64>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tables {
    #[serde(default)]
    stack_table: Option<StackTable>,
    #[serde(default)]
    frame_table: Option<FrameTable>,
    #[serde(default)]
    func_table: Option<FuncTable>,
    #[serde(default)]
    resource_table: Option<ResourceTable>,
    #[serde(default, alias = "stringTable")]
    string_array: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
struct StackTable {
    #[serde(default)]
    prefix: Vec<Option<usize>>,
    #[serde(default)]
    frame: Vec<usize>,
}

#[derive(Debug, Deserialize)]
struct FrameTable {
    #[serde(default)]
    func: Vec<usize>,
    #[serde(default)]
    line: Vec<Option<u32>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FuncTable {
    #[serde(default)]
    name: Vec<usize>,
    #[serde(default)]
    resource: Vec<i64>,
    #[serde(default)]
    file_name: Vec<Option<usize>>,
}

#[derive(Debug, Deserialize)]
struct ResourceTable {
    #[serde(default)]
    name: Vec<usize>,
}

/// Whether the text looks like it.
pub fn is_firefox(text: &str) -> bool {
    let start: String = text.trim_start().chars().take(4096).collect();
    start.starts_with('{')
        && ["\"meta\"", "\"libs\"", "\"threads\""]
            .iter()
            .any(|key| start.contains(key))
}

pub fn read(text: &str, places: &Places) -> Result<Profile> {
    let file: File =
        serde_json::from_str(text).context("it is no profile of the Firefox profiler's format")?;
    let interval_ns = file.meta.interval * 1e6;
    ensure!(
        interval_ns.is_finite() && interval_ns >= 0.0,
        "its interval is no time"
    );
    let mut stacks = Stacks::new(places, Unit::Nanoseconds, "samples");
    let about = stacks.about();
    about.command.clone_from(&file.meta.product);
    about.rate_hz = if interval_ns > 0.0 {
        (1e9 / interval_ns).round() as u32
    } else {
        0
    };
    let cpu_ns = match file.meta.units.as_ref().map(|units| units.cpu.as_str()) {
        Some("ns") => 1.0,
        Some("µs") => 1e3,
        _ => 0.0,
    };
    for thread in &file.threads {
        Reading {
            thread,
            shared: &file.shared,
            interval_ns,
            cpu_ns,
        }
        .into(&mut stacks)?;
    }
    Ok(stacks.finish())
}

/// One thread, and what it is read with.
struct Reading<'f> {
    thread: &'f Thread,
    shared: &'f Tables,
    interval_ns: f64,
    /// Nanoseconds of a unit of CPU time; 0 where it is not told.
    cpu_ns: f64,
}

const MISSING: &str = "it names an entry that it does not hold";

impl<'f> Reading<'f> {
    fn into(self, stacks: &mut Stacks<'_>) -> Result<()> {
        let samples = &self.thread.samples;
        let process = self.thread.process_name.as_deref();
        let id = stacks.thread(
            number(&self.thread.pid),
            number(&self.thread.tid),
            match self.thread.name.as_str() {
                "" => process.unwrap_or_default(),
                name => name,
            },
        );
        let mut known: HashMap<usize, Option<StackId>> = HashMap::new();
        let mut time_ms = 0.0;
        for (at, stack) in samples.stack.iter().enumerate() {
            let (weight, count) = self.weight(at);
            time_ms = self.time(at, time_ms);
            if weight == 0 {
                // It waited.
                continue;
            }
            let stack = match stack {
                None => None,
                Some(leaf) => match known.get(leaf) {
                    Some(known) => *known,
                    None => {
                        let frames = self.frames(*leaf)?;
                        let stack = stacks.stack(frames);
                        known.insert(*leaf, stack);
                        stack
                    }
                },
            };
            stacks.sample(Sample {
                thread: id,
                time_ns: whole(time_ms * 1e6),
                stack,
                weight,
                count,
                truncated: false,
            });
        }
        Ok(())
    }

    /// Nanoseconds that a sample stands for, and how many samples it is.
    fn weight(&self, at: usize) -> (u64, u64) {
        let samples = &self.thread.samples;
        let of = |list: &Option<Vec<Option<f64>>>| list.as_ref().and_then(|list| *list.get(at)?);
        let count = of(&samples.weight).unwrap_or(1.0);
        let told = samples
            .cpu
            .as_ref()
            .filter(|list| self.cpu_ns > 0.0 && has_time(list));
        let weight = match told {
            Some(_) => of(&samples.cpu).unwrap_or(0.0) * self.cpu_ns,
            None => count * self.interval_ns,
        };
        (whole(weight), whole(count).max(1))
    }

    fn time(&self, at: usize, before: f64) -> f64 {
        let samples = &self.thread.samples;
        let of = |list: &Option<Vec<f64>>| list.as_ref().and_then(|list| list.get(at).copied());
        match (of(&samples.time), of(&samples.time_deltas)) {
            (Some(time), _) => time,
            (None, Some(delta)) => before + delta,
            (None, None) => 0.0,
        }
    }

    /// A table of the thread, else the one that all share.
    fn table<T>(&self, of: impl Fn(&'f Tables) -> Option<&'f T>) -> Result<&'f T> {
        let own = of(&self.thread.tables);
        own.or_else(|| of(self.shared))
            .context("a table of it is missing")
    }

    /// The frames of a stack, the outermost first.
    fn frames(&self, leaf: usize) -> Result<Vec<Named<'f>>> {
        let table = self.table(|tables| tables.stack_table.as_ref())?;
        let mut frames = Vec::new();
        let mut next = Some(leaf);
        while let Some(at) = next {
            let (prefix, frame) = table
                .prefix
                .get(at)
                .zip(table.frame.get(at))
                .context(MISSING)?;
            ensure!(
                prefix.is_none_or(|prefix| prefix < at),
                "a stack of it calls itself"
            );
            frames.push(self.frame(*frame)?);
            next = *prefix;
        }
        frames.reverse();
        frames.truncate(DEEPEST);
        Ok(frames)
    }

    fn frame(&self, at: usize) -> Result<Named<'f>> {
        let frames = self.table(|tables| tables.frame_table.as_ref())?;
        let functions = self.table(|tables| tables.func_table.as_ref())?;
        let strings = self.table(|tables| tables.string_array.as_ref())?;
        let function = *frames.func.get(at).context(MISSING)?;
        let text = |index: usize| strings.get(index).map(String::as_str);
        let name = functions.name.get(function).and_then(|name| text(*name));
        let name = name.context(MISSING)?;
        let file = functions
            .file_name
            .get(function)
            .copied()
            .flatten()
            .and_then(text);
        let line = frames.line.get(at).copied().flatten();
        let resource = functions.resource.get(function);
        let module = resource.and_then(|resource| {
            let resources = self.table(|tables| tables.resource_table.as_ref()).ok()?;
            text(*resources.name.get(usize::try_from(*resource).ok()?)?)
        });
        // An address is what stands for a name that was not looked up.
        let is_address = name.strip_prefix("0x").is_some_and(|digits| {
            !digits.is_empty() && digits.chars().all(|c| c.is_ascii_hexdigit())
        });
        Ok(Named {
            name: if is_address { "" } else { name },
            module,
            home: file,
            at: file.map(|file| (file, line.unwrap_or(0))),
        })
    }
}

fn has_time(list: &[Option<f64>]) -> bool {
    list.iter().flatten().any(|delta| *delta > 0.0)
}

/// What a broken file may claim is cut to what counts.
fn whole(value: f64) -> u64 {
    value.clamp(0.0, 1e15).round() as u64
}

/// Ids stand there as numbers or as text, `123` or `123.1`.
fn number(id: &Value) -> i32 {
    let text = match id {
        Value::String(text) => text.split('.').next().unwrap_or_default().to_owned(),
        other => other.to_string(),
    };
    text.parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::{Filter, View, totals};
    use crate::export;
    use crate::profile::synthetic;

    #[test]
    fn what_we_export_comes_back_with_the_same_totals() {
        let profile = synthetic::sample();
        let view = View::new(&profile, &Filter::default());
        let folder = tempfile::tempdir().unwrap();
        let path = camino::Utf8Path::from_path(folder.path())
            .unwrap()
            .join("a.json");
        export::write(&view, &path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(is_firefox(&text));
        let back = read(&text, &Places::default()).unwrap();
        assert!(back.is_sound());
        let again = View::new(&back, &Filter::default());
        let shares = |view: &View<'_>| -> Vec<(String, u64)> {
            let rows = totals::by_function(view)
                .into_iter()
                .filter(|row| row.own > 0);
            let share = |own: u64| own * 1000 / view.weight().max(1);
            let rows = rows.map(|row| (view.groups[row.key as usize].name.clone(), share(row.own)));
            let mut rows: Vec<_> = rows.collect();
            rows.sort();
            rows
        };
        assert_eq!(shares(&view), shares(&again));
    }

    #[test]
    fn a_profile_of_shared_tables_is_read_with_its_lines() {
        let text = r#"{"meta": {"interval": 1, "product": "app"}, "libs": [],
            "shared": {"stringArray": ["main", "work", "src/main.rs", "app", "0x1f"],
                "stackTable": {"prefix": [null, 0, 0], "frame": [0, 1, 2]},
                "frameTable": {"func": [0, 1, 2], "line": [3, 7, null]},
                "funcTable": {"name": [0, 1, 4], "resource": [0, 0, -1], "fileName": [2, 2, null]},
                "resourceTable": {"name": [3]}},
            "threads": [{"name": "t", "pid": "12.1", "tid": 13,
                "samples": {"stack": [1, 1, 2, null], "timeDeltas": [1, 1, 1, 1]}}]}"#;
        let profile = read(text, &Places::default()).unwrap();
        assert_eq!((profile.count(), profile.total_weight()), (4, 4_000_000));
        let leaf = profile.frames_of(profile.samples[1].stack).next().unwrap();
        assert_eq!(profile.function_of(leaf).name, "work");
        assert_eq!(
            (profile.path(leaf.file), leaf.line),
            (Some("src/main.rs"), Some(7))
        );
        let nameless = profile.frames_of(profile.samples[2].stack).next().unwrap();
        assert!(!profile.function_of(nameless).resolved);
        assert_eq!((profile.threads[0].pid, profile.threads[0].tid), (12, 13));
        assert_eq!(profile.samples[2].time_ns, 3_000_000);
    }

    #[test]
    fn what_contradicts_itself_is_an_error() {
        let of = |prefix: &str, stack: &str| {
            format!(
                r#"{{"meta": {{"interval": 1}}, "threads": [{{"samples": {{"stack": [{stack}]}},
                "stackTable": {{"prefix": [{prefix}], "frame": [0]}}, "frameTable": {{"func": [0]}},
                "funcTable": {{"name": [0]}}, "stringTable": ["a"]}}]}}"#
            )
        };
        assert!(read(&of("null", "0"), &Places::default()).is_ok());
        for (prefix, stack) in [("0", "0"), ("5", "0"), ("null", "9")] {
            assert!(read(&of(prefix, stack), &Places::default()).is_err());
        }
        assert!(read("{\"meta\"", &Places::default()).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_indices_are_read_or_refused(
            stack in "(null|[0-9]|-1|1e9)(,(null|[0-9]))?", prefix in "(null|[0-9])(,(null|[0-9]))?",
            frame in "[0-9](,[0-9])?", weight in "(null|[0-9]|-5|1e300)",
        ) {
            let text = format!(
                r#"{{"meta": {{"interval": 1}}, "threads": [{{"samples": {{"stack": [{stack}],
                "weight": [{weight}]}}, "stackTable": {{"prefix": [{prefix}], "frame": [{frame}]}},
                "frameTable": {{"func": [0, 1], "line": [1, null]}}, "funcTable": {{"name": [0, 7],
                "resource": [-1, 3]}}, "stringTable": ["a"]}}]}}"#
            );
            if let Ok(profile) = read(&text, &Places::default()) {
                proptest::prop_assert!(profile.is_sound());
            }
        }
    }
}
