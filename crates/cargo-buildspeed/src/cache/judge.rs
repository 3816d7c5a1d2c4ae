//! What is wrong with the cache's settings, and what its servers say: a pure function.

use pitcrew_core::finding::{Evidence, Finding, RuleInfo};

use super::backend::Kind;
use super::reach::Reach;
use super::rules;
use super::sccache::{INSTALL, Server};
use super::situation::{Situation, Wrapper};
use super::stats::Stats;

/// All that there is to say, gravest first.
pub fn judge(situation: &Situation) -> Vec<Finding> {
    let parts = [
        secrets(situation),
        unsupported(situation),
        unreachable(situation),
        elsewhere(situation),
        unguarded(situation),
        unused(situation),
        incremental(situation),
        troubles(situation),
    ];
    let mut findings: Vec<Finding> = parts.into_iter().flatten().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

fn found(rule: &RuleInfo, subject: &str, message: impl Into<String>, fact: String) -> Finding {
    Finding::new(rule, subject, message).evidence(Evidence::Configured { fact })
}

fn secrets(situation: &Situation) -> Vec<Finding> {
    let secret = |(name, location): &(String, Option<_>)| {
        found(
            &rules::SECRET,
            name,
            format!(
                "`{name}` stands in a configuration file: whoever reads it can write the cache"
            ),
            "cargo's [env] holds it".to_owned(),
        )
        .at(location.clone())
        .help("take it out, renew it, and set it in the environment of those who may use it")
    };
    situation.secrets.iter().map(secret).collect()
}

/// Built without a backend, sccache uses the disk and says nothing.
fn unsupported(situation: &Situation) -> Vec<Finding> {
    let backend = situation.backend.backend();
    let Some(sccache) = &situation.sccache else {
        return Vec::new();
    };
    if sccache.has(backend.feature) {
        return Vec::new();
    }
    let kind = situation.backend.name();
    let finding = found(
        &rules::UNSUPPORTED,
        kind,
        format!(
            "the sccache on PATH was built without {kind}: it keeps everything on this machine's disk \
             and says nothing"
        ),
        format!("`{} --help` lists the backends that it has", sccache.path),
    );
    vec![finding.next(format!("{INSTALL} --force"))]
}

fn unreachable(situation: &Situation) -> Vec<Finding> {
    let Some((address, reach)) = situation.storage.as_ref().filter(|(_, r)| !r.is_well()) else {
        return Vec::new();
    };
    let costs = match (&situation.wrapper, reach) {
        (Wrapper::Guard(_), _) => "builds go on without the cache",
        (_, Reach::Silent(_)) => {
            "a build fails after 10 s, or waits a minute for each crate where the server runs already"
        }
        _ => "a build fails after 10 s where sccache's server must be started",
    };
    let finding = Finding::new(
        &rules::UNREACHABLE,
        address,
        format!("{address} {}: {costs}", reach.in_words()),
    )
    .evidence(Evidence::Recorded {
        fact: format!(
            "asked now, waiting at most {:.1} s",
            situation.wait.as_secs_f64()
        ),
    });
    vec![finding.next("cargo buildspeed cache status")]
}

/// One server serves all of a user's builds, with the settings of the build that started it.
fn elsewhere(situation: &Situation) -> Vec<Finding> {
    let stats = match &situation.server {
        Server::Up(stats) => stats,
        Server::Silent(said) => {
            let finding = found(
                &rules::OTHER_SERVER,
                "sccache",
                "something listens where sccache's server should, and does not answer as it does",
                said.clone(),
            );
            return vec![finding.next("sccache --stop-server")];
        }
        Server::Down => return Vec::new(),
    };
    let backend = situation.backend.backend();
    let expected = match situation.settings.get("SCCACHE_DIR") {
        Some(dir) if situation.backend == Kind::Local => dir.value.as_str(),
        _ => backend.location,
    };
    let location = stats.location.to_ascii_lowercase();
    let is_chain = situation.settings.contains_key("SCCACHE_MULTILEVEL_CHAIN");
    if is_chain || location.contains(&expected.to_ascii_lowercase()) {
        return Vec::new();
    }
    let finding = found(
        &rules::OTHER_SERVER,
        "sccache",
        format!(
            "the server that runs keeps its entries elsewhere ({}) than this project's settings say \
             ({expected}): it was started with other ones",
            stats.location
        ),
        "a server keeps the settings that it was started with".to_owned(),
    );
    vec![finding.next("sccache --stop-server")]
}

fn unguarded(situation: &Situation) -> Vec<Finding> {
    if situation.wrapper != Wrapper::Sccache
        || matches!(situation.backend, Kind::Local | Kind::Dist)
    {
        return Vec::new();
    }
    let kind = situation.backend.name();
    let finding = found(
        &rules::UNGUARDED,
        "build.rustc-wrapper",
        format!("nothing stands between builds and a {kind} that is down"),
        "rustc is called by sccache itself".to_owned(),
    );
    vec![finding.next(format!(
        "cargo buildspeed cache setup --backend {kind} --apply"
    ))]
}

fn unused(situation: &Situation) -> Vec<Finding> {
    let (message, fact) = match (&situation.wrapper, &situation.sccache) {
        (Wrapper::None, None) => (
            "no compilation cache is installed",
            "sccache is not on PATH",
        ),
        (Wrapper::None, Some(_)) => (
            "sccache is installed and no build here uses it",
            "build.rustc-wrapper is not set",
        ),
        (Wrapper::Sccache, None) => (
            "cargo is told to call sccache, which is not on PATH: no build works here",
            "build.rustc-wrapper names it",
        ),
        (Wrapper::Guard(_), None) => (
            "the cache is set up, and sccache is not on PATH: builds go on without it",
            "build.rustc-wrapper stands guard over it",
        ),
        _ => return Vec::new(),
    };
    let finding = found(&rules::UNUSED, "sccache", message, fact.to_owned());
    let next = match &situation.sccache {
        None => INSTALL,
        Some(_) => "cargo buildspeed cache trial",
    };
    vec![finding.next(next)]
}

fn incremental(situation: &Situation) -> Vec<Finding> {
    let uses = matches!(situation.wrapper, Wrapper::Sccache | Wrapper::Guard(_));
    if !situation.incremental || !uses {
        return Vec::new();
    }
    let finding = found(
        &rules::UNCACHEABLE,
        "profile.dev.incremental",
        "the workspace's own crates compile incrementally in the dev profile, and are not cached",
        "profile.dev.incremental is on".to_owned(),
    );
    vec![
        finding
            .help("CARGO_INCREMENTAL=0 in CI, where nothing is built twice in one place")
            .next("cargo buildspeed cache trial --no-incremental"),
    ]
}

fn troubles(situation: &Situation) -> Vec<Finding> {
    let (Server::Up(stats), uses) = (&situation.server, situation.wrapper != Wrapper::None) else {
        return Vec::new();
    };
    if !uses || stats.troubles() == 0 {
        return Vec::new();
    }
    let Stats {
        timeouts,
        read_errors,
        write_errors,
        ..
    } = **stats;
    let finding = Finding::new(
        &rules::UNREACHABLE,
        "sccache",
        "the storage failed sccache's server since its start",
    )
    .evidence(Evidence::Recorded {
        fact: format!(
            "{timeouts} timeouts, {read_errors} failed reads, {write_errors} failed writes"
        ),
    });
    vec![finding.help("each timeout held a crate up for a minute")]
}

#[cfg(test)]
mod tests;
