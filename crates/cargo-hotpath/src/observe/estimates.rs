//! Reads the estimates that criterion left in its folder, and those of a saved baseline.

use std::fs;

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::nearest::suggestion;
use regex::Regex;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::profile::{Estimate, Nanoseconds};

/// What criterion keeps of the last run; every other folder beside it is a saved baseline.
const LAST: &str = "new";
/// Deeper than criterion nests its groups.
const DEEPEST: u32 = 8;

#[derive(Deserialize)]
struct Benchmark {
    full_id: String,
}

#[derive(Deserialize)]
struct Estimates {
    mean: Statistic,
    /// Of benchmarks whose samples grow; better than the mean where it is there.
    slope: Option<Statistic>,
}

#[derive(Deserialize)]
struct Statistic {
    confidence_interval: ConfidenceInterval,
    point_estimate: f64,
}

#[derive(Deserialize)]
struct ConfidenceInterval {
    lower_bound: f64,
    upper_bound: f64,
}

/// The last estimates of the benchmarks whose id matches, by id, beside those of `baseline`.
pub fn read(
    folder: &Utf8Path,
    name: Option<&Regex>,
    baseline: Option<&str>,
) -> Result<Vec<Estimate>> {
    let mut folders = Vec::new();
    find(folder, 0, &mut folders);
    let mut found = Vec::new();
    let mut saved: Vec<String> = Vec::new();
    for folder in folders {
        let benchmark: Benchmark = json(&folder.join(LAST).join("benchmark.json"))?;
        if name.is_some_and(|name| !name.is_match(&benchmark.full_id)) {
            continue;
        }
        saved.extend(baselines(&folder));
        let before = match baseline.map(|name| (name, estimates(&folder.join(name)))) {
            Some((name, Some(before))) => Some((name.to_owned(), before?)),
            _ => None,
        };
        let now = estimates(&folder.join(LAST));
        found.push(Estimate {
            id: benchmark.full_id,
            now: now.with_context(|| format!("{folder} holds no estimates"))??,
            baseline: before,
        });
    }
    if let Some(wanted) = baseline.filter(|_| found.iter().all(|one| one.baseline.is_none())) {
        saved.sort();
        saved.dedup();
        let hint = suggestion(wanted, saved.iter().map(String::as_str));
        bail!(
            "criterion has no baseline `{wanted}` of these benchmarks{hint}\nsave one with `cargo bench -- \
             --save-baseline {wanted}`"
        );
    }
    found.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(found)
}

/// The folders of benchmarks: those with a last run in them.
fn find(folder: &Utf8Path, depth: u32, found: &mut Vec<Utf8PathBuf>) {
    let Ok(entries) = folder.read_dir_utf8() else {
        return;
    };
    for entry in entries.flatten().filter(|entry| entry.path().is_dir()) {
        if entry.file_name() == LAST && entry.path().join("benchmark.json").is_file() {
            found.push(folder.to_owned());
        } else if depth < DEEPEST {
            find(entry.path(), depth + 1, found);
        }
    }
}

fn baselines(folder: &Utf8Path) -> Vec<String> {
    let entries = folder.read_dir_utf8().into_iter().flatten().flatten();
    let saved = entries
        .filter(|entry| entry.file_name() != LAST && entry.path().join("benchmark.json").is_file());
    saved.map(|entry| entry.file_name().to_owned()).collect()
}

/// None where nothing was saved under that name.
fn estimates(folder: &Utf8Path) -> Option<Result<Nanoseconds>> {
    let path = folder.join("estimates.json");
    if !path.is_file() {
        return None;
    }
    Some(json(&path).map(|read: Estimates| {
        let best = read.slope.unwrap_or(read.mean);
        Nanoseconds {
            point: best.point_estimate,
            low: best.confidence_interval.lower_bound,
            high: best.confidence_interval.upper_bound,
        }
    }))
}

fn json<T: DeserializeOwned>(path: &Utf8Path) -> Result<T> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?;
    serde_json::from_str(&text).with_context(|| format!("{path} is not criterion's: measure again"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As criterion 0.8 writes it.
    fn put(folder: &Utf8Path, id: &str, run: &str, point: f64, slope: bool) {
        let folder = folder.join(id.replace(' ', "_")).join(run);
        fs::create_dir_all(&folder).unwrap();
        let benchmark = format!(
            r#"{{"group_id":"g","function_id":null,"value_str":null,"throughput":null,"full_id":"{id}","directory_name":"x","title":"{id}"}}"#
        );
        fs::write(folder.join("benchmark.json"), benchmark).unwrap();
        let statistic = |point: f64| {
            format!(
                r#"{{"confidence_interval":{{"confidence_level":0.95,"lower_bound":{},"upper_bound":{}}},"point_estimate":{point},"standard_error":0.1}}"#,
                point - 1.0,
                point + 1.0
            )
        };
        let slope = if slope {
            statistic(point)
        } else {
            "null".to_owned()
        };
        let mean = statistic(point + 0.5);
        let estimates = format!(r#"{{"mean":{mean},"median":{mean},"slope":{slope}}}"#);
        fs::write(folder.join("estimates.json"), estimates).unwrap();
    }

    #[test]
    fn the_last_run_is_read_beside_a_baseline() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap();
        put(folder, "fib/20", "new", 110.0, true);
        put(folder, "fib/20", "main", 100.0, true);
        put(folder, "words", "new", 50.0, false);
        let matching = |name: Option<&str>, baseline| {
            let name = name.map(|name| Regex::new(name).unwrap());
            read(folder, name.as_ref(), baseline)
        };
        let all = matching(None, Some("main")).unwrap();
        let ids: Vec<&str> = all.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids, ["fib/20", "words"]);
        let (slower, sure) = all[0].change().unwrap();
        assert!((slower - 0.1).abs() < 1e-9 && sure);
        assert_eq!(all[1].baseline, None);
        assert!(
            (all[1].now.point - 50.5).abs() < 1e-9,
            "the mean, for want of a slope"
        );
        assert_eq!(matching(Some("^fib"), None).unwrap().len(), 1);
        let missing = matching(Some("fib"), Some("mian")).unwrap_err().to_string();
        assert!(missing.contains("main"), "{missing}");
        fs::write(folder.join("words/new/estimates.json"), "{").unwrap();
        let broken = matching(Some("words"), None).unwrap_err().to_string();
        assert!(broken.contains("measure again"), "{broken}");
        assert_eq!(read(&folder.join("nothing"), None, None).unwrap(), []);
    }
}
