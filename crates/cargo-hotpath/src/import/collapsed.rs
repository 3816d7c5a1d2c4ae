//! Collapsed stacks, as inferno and the flamegraph scripts write them: `main;a::run;a::work 123`.

use anyhow::{Context as _, Result};
use rayon::prelude::*;

use super::named::{Named, Stacks};
use crate::names::origin::Places;
use crate::profile::{Profile, Sample, Unit};

/// Whether the text looks like it: most of the first lines end in a number.
pub fn is_collapsed(text: &str) -> bool {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.is_empty())
        .take(20)
        .collect();
    let good = lines.iter().filter(|line| split(line).is_some()).count();
    good > 0 && good * 2 > lines.len()
}

/// The frames and the weight of a line.
fn split(line: &str) -> Option<(&str, u64)> {
    let (frames, weight) = line.trim_end().rsplit_once(' ')?;
    Some((frames, weight.parse().ok()?))
}

/// Below it, starting a thread takes longer than it saves.
const LEAST_PART: usize = 1 << 20;

pub fn read(text: &str, places: &Places) -> Result<Profile> {
    let most = text.len() / LEAST_PART;
    in_parts(text, places, most.clamp(1, rayon::current_num_threads()))
}

/// The same, however many parts there are: what is seen first keeps its place.
fn in_parts(text: &str, places: &Places, count: usize) -> Result<Profile> {
    let parts = parts(text, count);
    let read: Vec<(Stacks<'_>, u64)> = (parts.into_par_iter())
        .map(|part| part_of(part, places))
        .collect::<Result<_>>()?;
    let mut read = read.into_iter();
    let (mut all, mut total) = match read.next() {
        Some(first) => first,
        None => (stacks(places), 0),
    };
    for (next, weight) in read {
        total = sum(total, weight)?;
        all.append(next);
    }
    Ok(all.finish())
}

/// Of about the same length, each up to the end of a line.
fn parts(text: &str, count: usize) -> Vec<&str> {
    let mut rest = text;
    let mut parts = Vec::with_capacity(count);
    for left in (1..=count).rev() {
        let around = rest.len() / left;
        let end = rest.as_bytes()[around..]
            .iter()
            .position(|byte| *byte == b'\n');
        let end = end.map_or(rest.len(), |end| around + end + 1);
        let (part, next) = rest.split_at(end);
        parts.push(part);
        rest = next;
    }
    parts
}

fn stacks(places: &Places) -> Stacks<'_> {
    Stacks::new(places, Unit::Samples, "samples")
}

fn sum(total: u64, weight: u64) -> Result<u64> {
    total
        .checked_add(weight)
        .context("its weights add up to more than any program runs")
}

fn part_of<'a>(text: &str, places: &'a Places) -> Result<(Stacks<'a>, u64)> {
    let mut stacks = stacks(places);
    let thread = stacks.thread(0, 0, "");
    let mut total: u64 = 0;
    for line in text.lines() {
        // A line that is none is a remark of the tool that wrote it.
        let Some((frames, weight)) = split(line) else {
            continue;
        };
        total = sum(total, weight)?;
        let stack = stacks.stack(frames.split(';').map(|name| Named {
            name: annotated(name).0,
            module: annotated(name).1,
            ..Named::default()
        }));
        stacks.sample(Sample {
            thread,
            stack,
            weight,
            count: weight,
            ..Sample::default()
        });
    }
    Ok((stacks, total))
}

/// inferno marks kernel functions with `_[k]` and inlined ones with `_[i]`.
fn annotated(name: &str) -> (&str, Option<&str>) {
    if let Some(name) = name.strip_suffix("_[k]") {
        return (name, Some("[kernel]"));
    }
    let name = name.strip_suffix("_[i]").unwrap_or(name);
    (name.strip_suffix("_[j]").unwrap_or(name), None)
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
        let text = export::collapsed_lines(&view).join("\n");
        assert!(is_collapsed(&text));
        let back = read(&text, &Places::default()).unwrap();
        let again = View::new(&back, &Filter::default());
        let own = |view: &View<'_>| -> Vec<(String, u64)> {
            let rows = totals::by_function(view).into_iter();
            let rows = rows.map(|row| (view.groups[row.key as usize].name.clone(), row.own));
            let mut rows: Vec<_> = rows.filter(|(_, own)| *own > 0).collect();
            rows.sort();
            rows
        };
        assert_eq!(own(&view), own(&again));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "([a-z:;<> ]{0,20} ?[0-9]{0,22}\n){0,6}") {
            if let Ok(profile) = read(&text, &Places::default()) {
                proptest::prop_assert!(profile.is_sound());
            }
        }

        #[test]
        fn parts_make_the_same_whole(text in "([ab;é]{0,8} [0-9]{1,19}\n?){0,9}", count in 1_usize..6) {
            let whole = in_parts(&text, &Places::default(), 1);
            let parts = in_parts(&text, &Places::default(), count);
            proptest::prop_assert_eq!(parts.ok(), whole.ok());
        }
    }
}
