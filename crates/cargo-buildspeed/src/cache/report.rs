//! What the subcommands of `cache` print: a few lines of figures, then findings; in the formats for
//! machines the findings, with the figures in their summary.

use std::fs;

use anyhow::Result;
use camino::Utf8Path;
use pitcrew_core::cli::{Out, OutputFlags};
use pitcrew_core::exit::Exit;
use pitcrew_core::finding::{Finding, Severity};
use pitcrew_core::handover::{Call, Steps};
use pitcrew_core::render::{self, Format, Report};
use pitcrew_core::session::Session;
use pitcrew_core::style::printable;
use serde_json::{Value, json};

use super::guard;
use super::rules;
use super::sccache::Server;
use super::situation::{Situation, Wrapper};

/// What one call has to tell.
pub struct Told<'a> {
    /// For people, before the findings.
    pub lines: Vec<String>,
    /// For machines, beside the findings.
    pub summary: Value,
    pub findings: &'a [Finding],
}

pub fn print(
    session: &Session,
    output: &OutputFlags,
    told: &Told<'_>,
    out: &mut Out<'_>,
) -> Result<()> {
    if output.format == Format::Human {
        for line in &told.lines {
            writeln!(out.stdout, "{}", printable(line))?;
        }
        if told.findings.is_empty() {
            return Ok(());
        }
        writeln!(out.stdout)?;
    }
    // The lines have these figures already.
    let in_lines =
        |finding: &&Finding| output.format != Format::Human || finding.rule != rules::TRIAL.id;
    let findings: Vec<Finding> = told.findings.iter().filter(in_lines).cloned().collect();
    let root = session.root();
    let texts = |path: &Utf8Path| fs::read_to_string(root.join(path)).ok();
    let call = out.call.clone();
    let report = Report {
        tool: "cargo-buildspeed",
        version: env!("CARGO_PKG_VERSION"),
        findings: &findings,
        summary: told.summary.clone(),
        rules: &crate::rule_infos(),
        source: &texts,
        snippets: output.verbose > 0,
        steps: &|finding| steps(&call, finding),
    };
    render::render(
        output.format,
        &report,
        out.stdout_palette(),
        out.width,
        out.stdout,
    )
}

/// `trial` and `setup` check nothing themselves: the state of the cache tells.
fn steps(call: &Call, finding: &Finding) -> Steps {
    let verify = if call.has("doctor") {
        call.with(&["--check"])
    } else {
        "cargo buildspeed cache status --check".to_owned()
    };
    Steps {
        next: call.next(finding),
        verify: vec![verify],
    }
}

/// Under `--check` what is wrong fails; advice does not.
pub fn exit(findings: &[Finding], check: bool) -> Exit {
    let wrong = |finding: &Finding| finding.severity >= Severity::Warning;
    if check && findings.iter().any(wrong) {
        Exit::Findings
    } else {
        Exit::Clean
    }
}

/// The state in a few aligned lines.
pub fn situation(situation: &Situation) -> Vec<String> {
    let wrapper = match &situation.wrapper {
        Wrapper::None => "none: builds use no cache".to_owned(),
        Wrapper::Sccache => "sccache".to_owned(),
        Wrapper::Guard(program) => format!("cargo-buildspeed, standing guard over {program}"),
        Wrapper::Other(other) => format!("{other}, which is no cache that is known here"),
    };
    let sccache = situation.sccache.as_ref().map_or_else(
        || "not on PATH".to_owned(),
        |sccache| {
            let version = sccache
                .version
                .as_deref()
                .unwrap_or("of an unknown version");
            format!("{version} at {}", sccache.path)
        },
    );
    let mut lines = vec![
        format!("rustc wrapper   {wrapper}"),
        format!("sccache         {sccache}"),
        format!("backend         {}", situation.backend.name()),
    ];
    if let Some((address, reach)) = &situation.storage {
        lines.push(format!("storage         {address} {}", reach.in_words()));
    }
    let ways = situation.backend.backend().credentials;
    if !ways.is_empty() {
        let state = if situation.has_credentials {
            "set in the environment".to_owned()
        } else {
            let ways: Vec<String> = ways.iter().map(|way| way.join(" and ")).collect();
            format!(
                "none in the environment; it would be {}",
                ways.join(", or ")
            )
        };
        lines.push(format!("credentials     {state}"));
    }
    lines.extend(server(&situation.server));
    if let Some(found) = &situation.guard {
        let ago = guard::now().saturating_sub(found.at);
        let said = match &found.trouble {
            None => "the cache was used".to_owned(),
            Some(trouble) => format!("builds went on without the cache: {trouble}"),
        };
        lines.push(format!("last build      {ago} s ago {said}"));
    }
    lines
}

fn server(server: &Server) -> Vec<String> {
    let stats = match server {
        Server::Down => {
            return vec!["server          not running; the next build starts it".to_owned()];
        }
        Server::Silent(said) => {
            return vec![format!(
                "server          listens, and does not answer: {said}"
            )];
        }
        Server::Up(stats) => stats,
    };
    let rate = stats.answered().map_or_else(
        || "nothing asked yet".to_owned(),
        |rate| {
            format!(
                "{:.0} % of {} answered",
                100.0 * rate,
                stats.hits + stats.misses
            )
        },
    );
    let mut lines = vec![format!(
        "server          running, {}: {rate}, {} stored",
        stats.location, stats.writes
    )];
    if let Some(bytes) = stats.bytes {
        lines.push(format!("store           {}", size(bytes, stats.max_bytes)));
    }
    if !stats.uncached.is_empty() {
        let mut reasons: Vec<_> = stats.uncached.iter().collect();
        reasons.sort_by_key(|(why, count)| (std::cmp::Reverse(**count), why.as_str()));
        let reasons: Vec<String> = reasons
            .iter()
            .map(|(why, count)| format!("{count} {why}"))
            .collect();
        lines.push(format!("not cacheable   {}", reasons.join(", ")));
    }
    lines
}

fn size(bytes: u64, most: Option<u64>) -> String {
    let most = most.map_or_else(String::new, |most| {
        format!(" of at most {}", megabytes(most))
    });
    format!("{}{most}", megabytes(bytes))
}

/// `12.3 MB`.
pub fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

pub fn situation_json(situation: &Situation) -> Value {
    let wrapper = match &situation.wrapper {
        Wrapper::None => json!(null),
        Wrapper::Sccache => json!("sccache"),
        Wrapper::Guard(program) => json!(format!("guard of {program}")),
        Wrapper::Other(other) => json!(other),
    };
    let server = match &situation.server {
        Server::Down => json!({ "state": "down" }),
        Server::Silent(said) => json!({ "state": "silent", "said": said }),
        Server::Up(stats) => json!({ "state": "up", "stats": stats }),
    };
    json!({
        "wrapper": wrapper,
        "sccache": situation.sccache.as_ref().map(|sccache| json!({
            "path": sccache.path,
            "version": sccache.version,
            "features": sccache.features,
        })),
        "backend": situation.backend.name(),
        "storage": situation.storage.as_ref().map(|(address, reach)| json!({
            "address": address,
            "answers": reach.is_well(),
            "said": reach.in_words(),
        })),
        "has_credentials": situation.has_credentials,
        "server": server,
        "guard": situation.guard,
        "incremental": situation.incremental,
    })
}
