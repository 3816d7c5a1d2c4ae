//! Situations that are well but for one thing, and what is said of it.

use std::collections::BTreeMap;
use std::time::Duration;

use pitcrew_core::finding::{Location, Severity};

use super::*;
use crate::cache::sccache::Sccache;
use crate::cache::situation::{Place, Setting};

/// A Redis that is well, guarded, with its server running.
fn well() -> Situation {
    Situation {
        wrapper: Wrapper::Guard("sccache".to_owned()),
        sccache: Some(Sccache {
            path: "/bin/sccache".into(),
            version: Some("0.19.0".to_owned()),
            features: BTreeMap::from([("Redis".to_owned(), true)]),
        }),
        settings: BTreeMap::new(),
        backend: Kind::Redis,
        server: Server::Up(Box::new(Stats {
            location: "redis, name: , prefix: /".to_owned(),
            ..Stats::default()
        })),
        storage: Some(("cache.lan:6379".to_owned(), Reach::Answers)),
        guard: None,
        incremental: false,
        rustflags: None,
        secrets: Vec::new(),
        has_credentials: false,
        wait: Duration::from_secs(2),
    }
}

fn rules_of(situation: &Situation) -> Vec<String> {
    judge(situation).into_iter().map(|f| f.rule).collect()
}

#[test]
fn nothing_is_said_of_what_is_well() {
    assert_eq!(judge(&well()), []);
    let not_started = Situation {
        server: Server::Down,
        ..well()
    };
    assert_eq!(judge(&not_started), []);
}

#[test]
fn an_sccache_without_the_backend_is_an_error() {
    let mut situation = well();
    if let Some(sccache) = &mut situation.sccache {
        sccache.features.insert("Redis".to_owned(), false);
    }
    let findings = judge(&situation);
    assert_eq!(findings[0].rule, "cache-unsupported");
    assert_eq!(findings[0].severity, Severity::Error);
}

#[test]
fn what_a_dead_storage_costs_depends_on_the_guard() {
    let dead = |wrapper| Situation {
        storage: Some((
            "cache.lan:6379".to_owned(),
            Reach::Refused("Connection refused".to_owned()),
        )),
        wrapper,
        ..well()
    };
    let guarded = judge(&dead(Wrapper::Guard("sccache".to_owned())));
    assert!(guarded[0].message.contains("go on without"), "{guarded:?}");
    let bare = judge(&dead(Wrapper::Sccache));
    assert!(bare[0].message.contains("fails after 10 s"), "{bare:?}");
}

#[test]
fn a_silent_storage_is_told_with_the_time_waited() {
    let situation = Situation {
        storage: Some((
            "cache.lan:6379".to_owned(),
            Reach::Silent(Duration::from_secs(2)),
        )),
        ..well()
    };
    let message = &judge(&situation)[0].message;
    assert!(
        message.contains("does not answer within 2.0 s"),
        "{message}"
    );
}

#[test]
fn a_server_with_other_settings_is_found_by_its_location() {
    let mut situation = well();
    situation.server = Server::Up(Box::new(Stats {
        location: "Local disk: \"/home/u/.cache/sccache\"".to_owned(),
        ..Stats::default()
    }));
    assert_eq!(rules_of(&situation), ["cache-other-server"]);
    let dir = |value: &str| {
        let setting = Setting {
            value: value.to_owned(),
            origin: Place::Environment,
        };
        BTreeMap::from([("SCCACHE_DIR".to_owned(), setting)])
    };
    situation.backend = Kind::Local;
    situation.settings = dir("/home/u/.cache/sccache");
    assert_eq!(rules_of(&situation), [""; 0]);
    situation.settings = dir("/other");
    assert_eq!(rules_of(&situation), ["cache-other-server"]);
    situation.server = Server::Silent("timed out".to_owned());
    assert_eq!(rules_of(&situation), ["cache-other-server"]);
}

#[test]
fn only_a_network_needs_a_guard() {
    let mut situation = well();
    situation.wrapper = Wrapper::Sccache;
    assert_eq!(rules_of(&situation), ["cache-unguarded"]);
    situation.backend = Kind::Local;
    situation.storage = None;
    situation.server = Server::Down;
    assert_eq!(rules_of(&situation), [""; 0]);
}

#[test]
fn what_is_not_installed_or_not_used_is_said_with_the_command() {
    let mut situation = well();
    situation.wrapper = Wrapper::None;
    situation.server = Server::Down;
    assert_eq!(judge(&situation)[0].next, ["cargo buildspeed cache trial"]);
    situation.sccache = None;
    assert_eq!(judge(&situation)[0].next, [INSTALL]);
    situation.wrapper = Wrapper::Sccache;
    situation.backend = Kind::Local;
    assert!(judge(&situation)[0].message.contains("no build works here"));
}

#[test]
fn incremental_counts_only_where_the_cache_is_used() {
    let mut situation = well();
    situation.incremental = true;
    assert_eq!(rules_of(&situation), ["cache-uncacheable"]);
    situation.wrapper = Wrapper::Other("/opt/wrap".to_owned());
    assert_eq!(rules_of(&situation), [""; 0]);
}

#[test]
fn a_secret_comes_first_and_has_its_place() {
    let mut situation = well();
    situation.incremental = true;
    let location = Location {
        path: ".cargo/config.toml".into(),
        line: 2,
        column: 1,
    };
    situation.secrets = vec![("SCCACHE_REDIS_PASSWORD".to_owned(), Some(location.clone()))];
    let findings = judge(&situation);
    assert_eq!(findings[0].rule, "cache-secret");
    assert_eq!(findings[0].location, Some(location));
}
