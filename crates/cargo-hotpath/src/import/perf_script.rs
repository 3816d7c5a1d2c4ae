//! The text of `perf script`: for each sample a line that says whose and when, then its stack, the
//! innermost frame first, then an empty line. Of a recording without stacks each line has its one frame.

use anyhow::{Result, ensure};

use super::named::{Named, Stacks};
use crate::names::origin::Places;
use crate::profile::{Profile, Sample, Unit};

/// The line of a sample.
struct Head<'a> {
    comm: &'a str,
    pid: i32,
    tid: i32,
    time_ns: u64,
    period: u64,
    event: &'a str,
    /// What ran, where no stack was recorded.
    frame: Option<Named<'a>>,
}

/// Whether the text looks like it: a stack stands below one of the first lines, or a frame in it.
pub fn is_perf_script(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.starts_with('#')).take(50);
    let mut after_head = false;
    lines.any(|line| {
        let is_stack = after_head && frame(line).is_some();
        let head = head(line);
        after_head = head.is_some();
        is_stack || head.is_some_and(|head| head.frame.is_some())
    })
}

pub fn read(text: &str, places: &Places) -> Result<Profile> {
    let mut stacks = Stacks::new(places, Unit::Samples, "samples");
    let mut lines = text.lines().peekable();
    let mut start_ns = None;
    let mut total: u64 = 0;
    let mut event = String::new();
    while let Some(line) = lines.next() {
        let Some(head) = head(line) else { continue };
        let mut frames: Vec<Named<'_>> = Vec::new();
        if let Some(frame) = head.frame {
            frames.push(frame);
        } else {
            while let Some(frame) = lines.peek().and_then(|line| frame(line)) {
                frames.push(frame);
                lines.next();
            }
        }
        if event.is_empty() {
            head.event.clone_into(&mut event);
        } else if head.event != event {
            // Two events in one profile would be counted twice.
            continue;
        }
        let sum = total.checked_add(head.period);
        ensure!(
            sum.is_some(),
            "its periods add up to more than any program runs"
        );
        total += head.period;
        let thread = stacks.thread(head.pid, head.tid, head.comm);
        let stack = stacks.stack(frames.into_iter().rev());
        let start_ns = *start_ns.get_or_insert(head.time_ns);
        stacks.sample(Sample {
            thread,
            time_ns: head.time_ns.saturating_sub(start_ns),
            stack,
            weight: head.period,
            count: 1,
            truncated: false,
        });
    }
    let about = stacks.about();
    about.unit = match event.split(':').next().unwrap_or_default() {
        "cpu-clock" | "task-clock" => Unit::Nanoseconds,
        "cycles" => Unit::Cycles,
        "instructions" => Unit::Instructions,
        _ => Unit::Samples,
    };
    about.event = event;
    Ok(stacks.finish())
}

/// `name 24855/24860 [001]  4790.948515:    1001001 cpu-clock:u: `, with or without the thread's id,
/// the CPU, and the period. A name may hold spaces. Without stacks names are aligned to the right, and
/// the frame follows.
fn head(line: &str) -> Option<Head<'_>> {
    let is_above_stack = line.trim_end().ends_with(':');
    if line.starts_with('#') || is_above_stack && line.starts_with(['\t', ' ']) {
        return None;
    }
    // The time is the first word that is a number with a fraction and a colon.
    let (time_at, time) = words(line).find(|(_, word)| {
        let number = word.strip_suffix(':').unwrap_or_default();
        number.contains('.') && number.chars().all(|c| c.is_ascii_digit() || c == '.')
    })?;
    let before = line[..time_at].trim_end();
    let before = match before.rsplit_once('[') {
        Some((rest, cpu)) if cpu.ends_with(']') => rest.trim_end(),
        _ => before,
    };
    let (comm, ids) = before.rsplit_once([' ', '\t'])?;
    let (pid, tid) = ids.split_once('/').unwrap_or((ids, ids));
    let (first, rest) = word(&line[time_at + time.len()..])?;
    let (period, (event, rest)) = match first.parse() {
        Ok(period) => (period, word(rest)?),
        Err(_) => (1, (first, rest)),
    };
    let frame = match is_above_stack {
        true => None,
        false => Some(place(rest.trim_start())?),
    };
    Some(Head {
        comm: comm.trim(),
        pid: pid.parse().ok()?,
        tid: tid.parse().ok()?,
        time_ns: nanoseconds(time.strip_suffix(':')?)?,
        period,
        event: event.strip_suffix(':')?.trim_end_matches(':'),
        frame,
    })
}

/// The first word, and what follows it.
fn word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let end = text.find([' ', '\t']).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    line.split_whitespace().map(move |word| {
        // Both point into the same line.
        (word.as_ptr().addr() - line.as_ptr().addr(), word)
    })
}

fn nanoseconds(seconds: &str) -> Option<u64> {
    let (whole, fraction) = seconds.split_once('.')?;
    let digits = u32::try_from(fraction.len()).ok()?;
    let scale = 10_u64.checked_pow(9_u32.checked_sub(digits)?)?;
    let fraction: u64 = fraction.parse().ok()?;
    let whole: u64 = whole.parse().ok()?;
    whole
        .checked_mul(1_000_000_000)?
        .checked_add(fraction * scale)
}

/// `   150dc main+0x2c (/path/to/module)`
fn frame(line: &str) -> Option<Named<'_>> {
    place(line.strip_prefix(['\t', ' '])?.trim_start())
}

fn place(text: &str) -> Option<Named<'_>> {
    let (address, rest) = text.split_once(' ')?;
    u64::from_str_radix(address, 16).ok()?;
    let (name, module) = match rest.rsplit_once(" (") {
        Some((name, module)) => (name, Some(module.strip_suffix(')').unwrap_or(module))),
        None => (rest, None),
    };
    let name = match name.rsplit_once("+0x") {
        Some((name, offset)) if offset.chars().all(|c| c.is_ascii_hexdigit()) => name,
        _ => name,
    };
    Some(Named {
        name: name.trim(),
        // A path that was removed meanwhile says so.
        module: module.map(|module| module.trim_end_matches(" (deleted)")),
        ..Named::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::{Filter, View, totals};
    use crate::profile::Origin;

    const TEXT: &str = "\
tokio worker 24855/24860 [001]  4790.948515:    1001001 cpu-clock:u: 
\tffffffff81b4530e blk_mq_run_hw_queue+0x8e ([kernel.kallsyms])
\t    7f63894f2ad7 <alloc::vec::Vec<u8>>::push+0x10 (/w/target/app)
\t           150dc app::main+0x2c (/w/target/app)

app 24855  4790.949517:    1001001 cpu-clock:u: 
\t           150dc app::main+0x2c (/w/target/app)
";

    #[test]
    fn samples_and_stacks_are_read() {
        assert!(is_perf_script(TEXT));
        let profile = read(TEXT, &Places::default()).unwrap();
        assert!(profile.is_sound());
        assert_eq!(profile.samples.len(), 2);
        assert_eq!(profile.samples[1].time_ns, 1_002_000);
        assert_eq!(
            (profile.about.unit, &*profile.about.event),
            (Unit::Nanoseconds, "cpu-clock:u")
        );
        assert_eq!(
            (&*profile.threads[0].name, profile.threads[0].tid),
            ("tokio worker", 24860)
        );
        let view = View::new(&profile, &Filter::default());
        let rows = totals::by_function(&view);
        let named = |row: &totals::Row<u32>| view.groups[row.key as usize].name.clone();
        assert_eq!(named(&rows[0]), "app::main");
        assert_eq!((rows[0].own, rows[0].total), (1_001_001, 2_002_002));
        assert!(
            rows.iter()
                .any(|row| named(row) == "alloc::vec::Vec<_>::push")
        );
        assert!(profile.functions.iter().any(|f| f.origin == Origin::Kernel));
    }

    #[test]
    fn a_recording_without_stacks_has_its_frames_beside() {
        let text = "\
              fd 4855 26070.910431:    1000000 cpu-clock:      7fe8411280a4 pthread_attr_getstack@@GLIBC_2.34+0x4 (/usr/lib/libc.so.6)
              fd 4855 26070.911430:    1000000 cpu-clock:      564b4e89b894 app::main+0x24 (/w/target/app)
     tokio worker 4855/4860 [001] 26070.912430:     cpu-clock:u:      564b4e89b898 app::main+0x28 (/w/target/app)
";
        assert!(is_perf_script(text));
        let profile = read(text, &Places::default()).unwrap();
        assert!(profile.is_sound());
        assert_eq!(profile.samples.len(), 2, "another event is left out");
        let names: Vec<&str> = profile.functions.iter().map(|f| f.full.as_str()).collect();
        assert_eq!(names, ["pthread_attr_getstack", "app::main"]);
        assert_eq!(&*profile.threads[0].name, "fd");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "([a-z ]{0,5}[0-9/]{0,9} [0-9.]{0,12}: [0-9]{0,22} ?[a-z]{0,3}: \n(\t[0-9a-f]{0,18} [a-z+0x<>]{0,9} \\(?/?a?\\)?\n){0,3}\n?){0,4}") {
            is_perf_script(&text);
            if let Ok(profile) = read(&text, &Places::default()) {
                proptest::prop_assert!(profile.is_sound());
            }
        }
    }
}
