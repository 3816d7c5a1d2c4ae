//! Reading what rustc and other tools print about their versions: pure, so that recorded outputs of
//! every platform test it.

use anyhow::{Context as _, Result};

use super::Channel;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Version {
    pub first_line: String,
    pub release: (u32, u32, u32),
    pub channel: Channel,
    pub host: String,
}

/// `rustc -vV`.
pub(super) fn verbose_version(text: &str) -> Result<Version> {
    let field = |name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            .map(str::trim)
            .with_context(|| format!("no line `{name}: ..`"))
    };
    let first_line = text.lines().next().context("it printed nothing")?.trim();
    let release = field("release")?;
    Ok(Version {
        first_line: first_line.to_owned(),
        release: numbers(release).with_context(|| format!("the release is `{release}`"))?,
        channel: channel(release),
        host: field("host")?.to_owned(),
    })
}

/// `1.95.0`, `1.96.0-beta.3`, `1.97.0-nightly`, `1.97.0-dev`.
fn channel(release: &str) -> Channel {
    match release.split_once('-').map(|(_, suffix)| suffix) {
        None => Channel::Stable,
        Some(suffix) if suffix.starts_with("beta") => Channel::Beta,
        Some(suffix) if suffix.starts_with("nightly") => Channel::Nightly,
        Some(_) => Channel::Dev,
    }
}

fn numbers(release: &str) -> Option<(u32, u32, u32)> {
    let plain = release.split(['-', '+', ' ']).next()?;
    let mut parts = plain.split('.').map(str::parse);
    let mut next = || parts.next()?.ok();
    Some((next()?, next()?, next()?))
}

/// The first token that looks like a version: `2.34.1` in `mold 2.34.1 (compatible with GNU ld)`.
/// A year in a name or a bare number is none.
pub(super) fn first_version(text: &str) -> Option<String> {
    let separators = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',' | ';' | '/');
    text.split(separators).find_map(|token| {
        // `valgrind-3.19.0`, `v2.4`, `14.0.6-2ubuntu1`, `2.43.0.windows.1`
        let start = token.find(|c: char| c.is_ascii_digit())?;
        if !token[..start].ends_with(['-', 'v']) && start != 0 {
            return None;
        }
        let digits = token[start..]
            .split(|c: char| !c.is_ascii_digit() && c != '.')
            .next()?
            .trim_end_matches('.');
        digits.contains('.').then(|| digits.to_owned())
    })
}
