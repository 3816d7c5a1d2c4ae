//! What an sccache server has counted, from its own JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The counters since the server's start, and where it keeps what it stores.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Stats {
    /// `Local disk: "/home/…"`, `redis, name: …`.
    pub location: String,
    pub version: String,
    /// Compilations of Rust that it answered, and that it could not.
    pub hits: u64,
    pub misses: u64,
    /// Compilations that it does not cache, by its own reasons.
    pub uncached: BTreeMap<String, u64>,
    pub timeouts: u64,
    pub read_errors: u64,
    pub write_errors: u64,
    pub writes: u64,
    /// Bytes in the store, where it lies on this machine.
    pub bytes: Option<u64>,
    pub max_bytes: Option<u64>,
    pub read_only: bool,
    pub basedirs: Vec<String>,
}

/// Reads `sccache --show-stats --stats-format json`; none where it is something else.
pub fn parse(json: &str) -> Option<Stats> {
    let json: Value = serde_json::from_str(json).ok()?;
    let stats = json.get("stats")?;
    let count = |name: &str| stats[name].as_u64().unwrap_or(0);
    let rust = |name: &str| stats[name]["counts"]["Rust"].as_u64().unwrap_or(0);
    let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
    let uncached = stats["not_cached"].as_object();
    let basedirs = json["basedirs"].as_array();
    Some(Stats {
        location: text("cache_location"),
        version: text("version"),
        hits: rust("cache_hits"),
        misses: rust("cache_misses"),
        uncached: uncached
            .into_iter()
            .flatten()
            .filter_map(|(why, count)| Some((why.clone(), count.as_u64()?)))
            .filter(|(why, _)| is_of_a_crate(why))
            .collect(),
        timeouts: count("cache_timeouts"),
        read_errors: count("cache_read_errors"),
        write_errors: count("cache_write_errors"),
        writes: count("cache_writes"),
        bytes: json["cache_size"].as_u64(),
        max_bytes: json["max_cache_size"].as_u64(),
        read_only: json["effective_cache_mode"] == "ReadOnly",
        basedirs: basedirs
            .into_iter()
            .flatten()
            .filter_map(|dir| dir.as_str().map(str::to_owned))
            .collect(),
    })
}

/// cargo asks the compiler for its version and its defaults too; those compile nothing.
fn is_of_a_crate(why: &str) -> bool {
    !matches!(why, "missing input" | "-")
}

impl Stats {
    pub fn answered(&self) -> Option<f64> {
        let asked = self.hits + self.misses;
        (asked > 0).then(|| self.hits as f64 / asked as f64)
    }

    pub fn troubles(&self) -> u64 {
        self.timeouts + self.read_errors + self.write_errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATS: &str = r#"{"stats":{"compile_requests":27,"requests_not_cacheable":23,
        "cache_hits":{"counts":{"Rust":2,"C/C++":7}},"cache_misses":{"counts":{"Rust":6}},
        "cache_timeouts":1,"cache_read_errors":2,"cache_write_errors":3,"cache_writes":4,
        "not_cached":{"crate-type (bin)":6,"incremental":2,"missing input":6,"-":3}},
        "cache_location":"Local disk: \"/c\"","cache_size":8581,"max_cache_size":10737418240,
        "version":"0.19.0","basedirs":["/w"],"effective_cache_mode":"ReadWrite"}"#;

    #[test]
    fn the_counters_of_rust_are_read() {
        let stats = parse(STATS).unwrap();
        assert_eq!((stats.hits, stats.misses, stats.troubles()), (2, 6, 6));
        assert_eq!(stats.answered(), Some(0.25));
        assert_eq!(stats.bytes, Some(8581));
        assert_eq!(stats.basedirs, ["/w"]);
        let why: Vec<&str> = stats.uncached.keys().map(String::as_str).collect();
        assert_eq!(why, ["crate-type (bin)", "incremental"]);
        assert!(!stats.read_only);
    }

    #[test]
    fn what_is_no_json_of_sccache_is_none() {
        assert_eq!(parse("sccache: error: couldn't connect"), None);
        assert_eq!(parse("{}"), None);
    }

    #[test]
    fn nothing_asked_is_no_rate() {
        assert_eq!(Stats::default().answered(), None);
    }
}
