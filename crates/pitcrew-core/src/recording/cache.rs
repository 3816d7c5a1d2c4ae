//! The counters of a compilation cache that the user's wrapper talks to.

use std::process::Command;

use camino::Utf8Path;
use serde_json::Value;

use super::{CacheAnswer, CacheCounters, Unit, UnitKind};
use crate::cargo::CargoRun;
use crate::wrapper::rustc_args::RustcArgs;

/// Whether the wrapper is the client of a server that compiles.
pub(super) fn has_a_server(wrapper: &str) -> bool {
    matches!(
        Utf8Path::new(wrapper).file_stem(),
        Some("sccache" | "cachepot")
    )
}

/// Whether sccache may answer a call from its cache: libraries only, and not what is incremental.
pub(super) fn is_cacheable(args: &RustcArgs) -> bool {
    let cacheable = |kind: &String| matches!(kind.as_str(), "lib" | "rlib" | "staticlib");
    !args.incremental && !args.test && args.crate_types.iter().all(cacheable)
}

/// What the cache has counted since its server started; none where the wrapper has no counters.
pub(super) fn counters(wrapper: &str, build: &CargoRun) -> Option<CacheCounters> {
    if !has_a_server(wrapper) {
        return None;
    }
    let mut ask = Command::new(wrapper);
    ask.args(["--show-stats", "--stats-format", "json"]);
    // The server that the build talks to may be one of its own.
    for name in &build.env_remove {
        ask.env_remove(name);
    }
    ask.envs(build.env.iter().map(|(name, value)| (name, value)));
    let output = ask.output().ok()?;
    parse(wrapper, &output.stdout)
}

fn parse(wrapper: &str, json: &[u8]) -> Option<CacheCounters> {
    let json: Value = serde_json::from_slice(json).ok()?;
    let stats = json.get("stats")?;
    let rust = |name: &str| stats[name]["counts"]["Rust"].as_u64().unwrap_or(0);
    Some(CacheCounters {
        wrapper: wrapper.to_owned(),
        hits: rust("cache_hits"),
        misses: rust("cache_misses"),
        not_cacheable: stats["requests_not_cacheable"].as_u64().unwrap_or(0),
    })
}

/// What was counted in between; none where the server was restarted in between.
pub(super) fn between(before: &CacheCounters, after: &CacheCounters) -> Option<CacheCounters> {
    Some(CacheCounters {
        wrapper: after.wrapper.clone(),
        hits: after.hits.checked_sub(before.hits)?,
        misses: after.misses.checked_sub(before.misses)?,
        not_cacheable: after.not_cacheable.checked_sub(before.not_cacheable)?,
    })
}

/// Notes on each unit what the cache answered, where the counters leave no doubt: all the same
/// answer, and as many answers as there were questions.
pub(super) fn note_answers(units: &mut [Unit], counters: &CacheCounters) {
    let asks = |unit: &Unit| unit.kind == UnitKind::Lib && !unit.profile.incremental;
    let questions = units.iter().filter(|unit| asks(unit)).count() as u64;
    let answer = match (counters.hits, counters.misses) {
        (hits, 0) if hits == questions => CacheAnswer::Hit,
        (0, misses) if misses == questions => CacheAnswer::Miss,
        _ => return,
    };
    for unit in units.iter_mut().filter(|unit| asks(unit)) {
        unit.cache = Some(answer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::UnitProfile;

    const STATS: &str = r#"{"stats":{"compile_requests":9,"requests_not_cacheable":2,
        "cache_hits":{"counts":{"C/C++":4,"Rust":3}},"cache_misses":{"counts":{}}}}"#;

    fn counters(hits: u64, misses: u64) -> CacheCounters {
        CacheCounters {
            wrapper: "/bin/sccache".to_owned(),
            hits,
            misses,
            not_cacheable: 2,
        }
    }

    fn lib() -> Unit {
        Unit {
            package: "a".to_owned(),
            version: "1.0.0".to_owned(),
            target: "a".to_owned(),
            kind: UnitKind::Lib,
            member: false,
            for_host: false,
            profile: UnitProfile::default(),
            start_s: 0.0,
            metadata_s: None,
            end_s: 1.0,
            link_s: None,
            cpu_s: None,
            peak_bytes: None,
            cache: None,
            deps: Vec::new(),
        }
    }

    #[test]
    fn rusts_counters_are_read() {
        assert_eq!(
            parse("/bin/sccache", STATS.as_bytes()),
            Some(counters(3, 0))
        );
        assert_eq!(parse("/bin/sccache", b"{}"), None);
        assert_eq!(parse("/bin/sccache", b"error"), None);
    }

    #[test]
    fn a_restarted_server_counts_for_nothing() {
        assert_eq!(between(&counters(5, 1), &counters(2, 0)), None);
        let between = between(&counters(5, 1), &counters(7, 1)).unwrap();
        assert_eq!((between.hits, between.misses), (2, 0));
    }

    #[test]
    fn answers_are_noted_only_without_doubt() {
        let bin = Unit {
            kind: UnitKind::Bin,
            ..lib()
        };
        let noted = |hits, misses| {
            let mut units = [lib(), bin.clone(), lib()];
            note_answers(&mut units, &counters(hits, misses));
            units.map(|unit| unit.cache)
        };
        let (hit, miss) = (Some(CacheAnswer::Hit), Some(CacheAnswer::Miss));
        assert_eq!(noted(2, 0), [hit, None, hit]);
        assert_eq!(noted(0, 2), [miss, None, miss]);
        assert_eq!(noted(1, 1), [None; 3]);
        assert_eq!(noted(5, 0), [None; 3]);
    }

    #[test]
    fn only_clients_of_servers_have_counters() {
        assert!(has_a_server("/usr/bin/sccache"));
        assert!(!has_a_server("/home/me/my-wrapper.sh"));
        assert!(is_cacheable(&RustcArgs::parse([
            "a.rs",
            "--crate-type",
            "lib"
        ])));
        assert!(!is_cacheable(&RustcArgs::parse([
            "a.rs",
            "--crate-type",
            "bin"
        ])));
    }
}
