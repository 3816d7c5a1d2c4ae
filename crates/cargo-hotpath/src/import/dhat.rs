//! DHAT's files, of Valgrind and of dhat-rs: version 2 of its JSON, in heap mode.

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use super::named::{Named, Stacks};
use crate::names::origin::Places;
use crate::profile::{Clock, Figures, Heap, Profile, Sample, Site, Unit};

/// What we read of the file; what else it holds is of no concern.
#[derive(Debug, Deserialize)]
struct File {
    #[serde(rename = "dhatFileVersion")]
    version: u64,
    mode: String,
    /// Whether blocks have lifetimes.
    #[serde(default)]
    bklt: bool,
    tu: String,
    cmd: String,
    pid: i64,
    te: u64,
    #[serde(default)]
    tg: u64,
    pps: Vec<Point>,
    ftbl: Vec<String>,
}

/// A place that allocates: a program point, as DHAT calls it.
#[derive(Debug, Deserialize)]
struct Point {
    tb: u64,
    tbk: u64,
    #[serde(default)]
    tl: u64,
    #[serde(default)]
    mb: u64,
    #[serde(default)]
    mbk: u64,
    #[serde(default)]
    gb: u64,
    #[serde(default)]
    gbk: u64,
    #[serde(default)]
    eb: u64,
    #[serde(default)]
    ebk: u64,
    fs: Vec<usize>,
}

/// Whether the text looks like it.
pub fn is_dhat(text: &str) -> bool {
    let start: String = text.chars().take(200).collect();
    start.trim_start().starts_with('{') && start.contains("\"dhatFileVersion\"")
}

pub fn read(text: &str, places: &Places) -> Result<Profile> {
    let file: File = serde_json::from_str(text).context("it is no DHAT file")?;
    ensure!(
        file.version == 2,
        "it is of version {} of DHAT's format; 2 is read",
        file.version
    );
    ensure!(
        file.bklt,
        "it was recorded in mode `{}`, without lifetimes; heap mode is read",
        file.mode
    );
    let (clock, scale) = match file.tu.as_str() {
        "instrs" => (Clock::Instructions, 1),
        // dhat-rs counts microseconds.
        "µs" => (Clock::Nanoseconds, 1000),
        other => bail!("its times are in `{other}`; instructions and microseconds are read"),
    };
    let mut stacks = Stacks::new(places, Unit::Bytes, "allocated bytes");
    let pid = i32::try_from(file.pid).unwrap_or(0);
    let name = file.cmd.split(' ').next().unwrap_or_default();
    let name = name.rsplit('/').next().unwrap_or_default();
    let thread = stacks.thread(pid, pid, name);
    let mut sites = Vec::with_capacity(file.pps.len());
    let mut total = 0_u64;
    for point in &file.pps {
        let sum = total.checked_add(point.tb);
        total = sum.context("its bytes add up to more than any program allocates")?;
        let mut frames = Vec::with_capacity(point.fs.len());
        for index in &point.fs {
            let frame = file.ftbl.get(*index);
            frames.push(named(
                frame.context("it names a frame that it does not list")?,
            ));
        }
        let stack = stacks.stack(frames.into_iter().rev());
        stacks.sample(Sample {
            thread,
            stack,
            weight: point.tb,
            ..Sample::default()
        });
        sites.push(Site {
            stack,
            thread,
            figures: figures(point, scale),
        });
    }
    let about = stacks.about();
    about.command = file.cmd;
    let mut profile = stacks.finish();
    let blocks = file.pps.iter().map(|point| point.tbk);
    let heap = Heap {
        exact: true,
        samples: blocks.fold(0, u64::saturating_add),
        clock,
        duration: file.te.saturating_mul(scale),
        peak_at: file.tg.saturating_mul(scale),
        sites,
        ..Heap::default()
    };
    heap.attach(&mut profile);
    Ok(profile)
}

fn figures(point: &Point, scale: u64) -> Figures {
    Figures {
        samples: point.tbk,
        blocks: point.tbk,
        bytes: point.tb,
        peak_blocks: point.gbk,
        peak_bytes: point.gb,
        max_blocks: point.mbk,
        max_bytes: point.mb,
        end_blocks: point.ebk,
        end_bytes: point.eb,
        lifetimes: point.tl.saturating_mul(scale),
        ..Figures::default()
    }
}

/// `0x11BAA1: r::grow (/tmp/r.rs:3)`, `0x48417B4: malloc (in /usr/lib/x.so)`, `0x1234: ???`.
fn named(text: &str) -> Named<'_> {
    let text = match text.split_once(": ") {
        Some((address, rest)) if address.starts_with("0x") => rest,
        _ => text,
    };
    let Some((name, place)) = text.rsplit_once(" (") else {
        let name = if text == "???" { "" } else { text };
        return Named {
            name,
            ..Named::default()
        };
    };
    let place = place.strip_suffix(')').unwrap_or(place);
    let name = if name == "???" { "" } else { name };
    if let Some(module) = place.strip_prefix("in ") {
        return Named {
            name,
            module: Some(module),
            ..Named::default()
        };
    }
    Named {
        name,
        at: at(place),
        ..Named::default()
    }
}

/// `src/main.rs:12`, and of dhat-rs with the column behind it.
fn at(place: &str) -> Option<(&str, u32)> {
    let (path, last) = place.rsplit_once(':')?;
    let last: u32 = last.parse().ok()?;
    match path.rsplit_once(':') {
        Some((shorter, line)) if line.parse::<u32>().is_ok() => Some((shorter, line.parse().ok()?)),
        _ => Some((path, last)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::allocations::{Allocations, Measure};
    use crate::analyse::{Filter, View};

    const TEXT: &str = r#"{"dhatFileVersion":2
,"mode":"heap","verb":"Allocated"
,"bklt":true,"bkacc":true
,"tu":"instrs","Mtu":"Minstr"
,"tuth":500
,"cmd":"./app --fast"
,"pid":9197
,"te":409672
,"tg":400660
,"pps":
 [{"tb":1024,"tbk":4,"tl":2000,"mb":256,"mbk":1,"gb":256,"gbk":1,"eb":0,"ebk":0,"rb":1,"wb":2,"acc":[-8,1],"fs":[1,2,3]}
 ,{"tb":72,"tbk":1,"tl":9,"mb":72,"mbk":1,"gb":0,"gbk":0,"eb":72,"ebk":1,"rb":0,"wb":0,"fs":[1,4]}
 ]
,"ftbl":
 ["[root]"
 ,"0x48417B4: malloc (in /usr/libexec/valgrind/vgpreload_dhat-amd64-linux.so)"
 ,"0x11BAA1: push<u64, alloc::alloc::Global> (/rustc/abc/library/alloc/src/vec/mod.rs:992)"
 ,"0x11BAA1: app::grow (/w/src/main.rs:3)"
 ,"0x12: ???"
 ]
}"#;

    fn places() -> Places {
        Places {
            root: "/w".to_owned(),
            members: vec![("/w".to_owned(), "app".to_owned())],
            ..Places::default()
        }
    }

    #[test]
    fn points_become_sites_with_their_figures() {
        assert!(is_dhat(TEXT));
        let profile = read(TEXT, &places()).unwrap();
        assert!(profile.is_sound());
        assert_eq!(profile.about.command, "./app --fast");
        let view = View::new(&profile, &Filter::default());
        let allocations = Allocations::of(&view).unwrap();
        let total = &allocations.total;
        assert_eq!((total.bytes, total.blocks, total.end_bytes), (1096, 5, 72));
        let lines = allocations.by_line(Measure::Bytes);
        assert_eq!(lines.len(), 1);
        assert_eq!(profile.path(Some(lines[0].key.0)), Some("src/main.rs"));
        assert_eq!((lines[0].key.1, lines[0].own.peak_bytes), (3, 256));
    }

    #[test]
    fn frames_of_each_kind_are_read() {
        let unknown = named("0x12: ???");
        assert_eq!((unknown.name, unknown.module), ("", None));
        let library = named("0x1: ??? (in /usr/lib/x.so)");
        assert_eq!((library.name, library.module), ("", Some("/usr/lib/x.so")));
        let rust = named("0x5: <a::B as a::C>::f (a/src/b.rs:84:9)");
        assert_eq!(rust.name, "<a::B as a::C>::f");
        assert_eq!(rust.at, Some(("a/src/b.rs", 84)));
    }

    #[test]
    fn other_modes_and_versions_are_refused() {
        for (from, to, said) in [
            ("Version\":2", "Version\":1", "version 1"),
            ("bklt\":true", "bklt\":false", "without lifetimes"),
            ("instrs", "fortnights", "fortnights"),
            ("[1,2,3]", "[1,2,99]", "does not list"),
            ("\"tb\":1024", "\"tb\":18446744073709551615", "add up"),
            ("\"tb\":1024", "\"tb\":-5", "no DHAT file"),
        ] {
            let text = TEXT.replacen(from, to, 1);
            let error = format!("{:#}", read(&text, &places()).unwrap_err());
            assert!(error.contains(said), "{error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_changed_file_is_read_or_refused(at in 0..TEXT.len(), byte in 32..127_u8, cut in proptest::bool::ANY) {
            let mut bytes = TEXT.as_bytes().to_vec();
            bytes[at] = byte;
            if cut {
                bytes.truncate(at);
            }
            let text = String::from_utf8(bytes).unwrap();
            if let Ok(profile) = read(&text, &places()) {
                proptest::prop_assert!(profile.is_sound());
            }
        }
    }
}
