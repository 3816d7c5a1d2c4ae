//! The rustc wrapper that stands guard over sccache. sccache alone fails every compilation while its
//! server cannot start, and waits a minute for each crate while the storage behind it is silent. The
//! guard asks first, within a second, and where the cache does not answer rustc is called without it.
//!
//! cargo calls it because `build.rustc-wrapper` names this plugin, and it knows of that by the variable
//! [`GUARDED`], which `cargo buildspeed cache setup` writes beside it into `[env]`. It says nothing:
//! cargo would keep its words with the crate and say them again. What it found is kept for
//! `cargo buildspeed cache status`.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use camino::Utf8PathBuf;
use pitcrew_core::journal;
use pitcrew_core::recording;
use pitcrew_core::whole_file;
use pitcrew_core::wrapper::{GUARDED, hand_over};
use serde::{Deserialize, Serialize};

use super::backend::BACKENDS;
use super::reach;
use super::sccache::is_up;

/// For one question to the storage.
const ASK: Duration = Duration::from_secs(1);
/// For sccache's server to start, which asks the storage too.
const START: Duration = Duration::from_secs(5);
/// How long an answer is believed: a server that dies costs those who asked just before.
const BELIEVE_S: u64 = 3;
/// How long no answer is believed: each question costs a second.
const DOUBT_S: u64 = 60;

/// What was found when it was last asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Seconds since the epoch.
    pub at: u64,
    /// Why the cache is not used; none where it is.
    pub trouble: Option<String>,
}

impl Found {
    /// Whether it need not be asked again yet. A clock that was set back is no reason to believe.
    fn holds(&self, now: u64) -> bool {
        let believed = if self.trouble.is_some() {
            DOUBT_S
        } else {
            BELIEVE_S
        };
        self.at <= now && now - self.at < believed
    }
}

/// Does the guard's work where this process was started as one: with the variable set, and a compiler
/// to call.
pub fn run_if_invoked() -> Option<ExitCode> {
    let cache = env::var_os(GUARDED).filter(|cache| !cache.is_empty())?;
    let mut args = env::args_os().skip(1);
    let compiler = args.next().filter(is_compiler)?;
    let args: Vec<OsString> = args.collect();
    // Set by cargo for the calls that compile a crate, and not for its questions to the compiler.
    let compiles = env::var_os("CARGO_CRATE_NAME").is_some();
    let mut command = if compiles && usable(&cache) {
        let mut command = Command::new(&cache);
        command.arg(&compiler);
        command
    } else {
        Command::new(&compiler)
    };
    command.args(args);
    Some(hand_over(command))
}

/// A subcommand and a flag are the user's words to the plugin.
fn is_compiler(first: &OsString) -> bool {
    let path = Path::new(first);
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    path.components().count() > 1 || matches!(stem, Some("rustc" | "clippy-driver"))
}

fn usable(cache: &OsString) -> bool {
    let variable = |name: &str| env::var(name).ok();
    let file = file(&variable);
    let now = now();
    if let Some(found) = file
        .as_ref()
        .and_then(read)
        .filter(|found| found.holds(now))
    {
        return found.trouble.is_none();
    }
    let trouble = trouble(cache, &variable);
    let usable = trouble.is_none();
    if let Some(file) = file {
        write(&file, &Found { at: now, trouble });
    }
    usable
}

/// Why the cache cannot be used now.
fn trouble(cache: &OsString, variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    if let Some((address, endpoint)) = storage(variable) {
        let reach = reach::ask(&endpoint, ASK);
        if !reach.is_well() {
            return Some(format!("{address} {}", reach.in_words()));
        }
    }
    if is_up(variable, ASK) {
        return None;
    }
    start(cache).err()
}

/// The storage that is to be asked, with its address for people.
pub fn storage(variable: &dyn Fn(&str) -> Option<String>) -> Option<(String, reach::Endpoint)> {
    let set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    let backend = BACKENDS.iter().find(|backend| backend.is_named_by(&set))?;
    let addresses = backend.choices.iter().filter_map(|choice| {
        (choice.name == super::backend::Name::Endpoint).then(|| variable(choice.variable))?
    });
    let address = addresses.into_iter().next()?;
    let endpoint = reach::endpoint(backend.kind, &address)?;
    Some((format!("{}:{}", endpoint.host, endpoint.port), endpoint))
}

/// Starts sccache's server, which asks the storage by itself and gives up on one that is not there.
fn start(cache: &OsString) -> Result<(), String> {
    let mut command = Command::new(cache);
    command
        .arg("--start-server")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let name = cache.to_string_lossy().into_owned();
    let mut child = command
        .spawn()
        .map_err(|error| format!("`{name}` cannot be run: {error}"))?;
    let begun = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            // Another call of the same build was faster.
            Ok(Some(_)) if is_up(&|name| env::var(name).ok(), ASK) => return Ok(()),
            Ok(Some(_)) => return Err(format!("the server of `{name}` does not start")),
            Ok(None) if begun.elapsed() < START => std::thread::sleep(Duration::from_millis(10)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                let bound = START.as_secs();
                return Err(format!(
                    "the server of `{name}` does not start within {bound} s"
                ));
            }
            Err(error) => return Err(format!("`{name}` was lost: {error}")),
        }
    }
}

/// Where what was found is kept: one file for each set of settings.
pub fn file(variable: &dyn Fn(&str) -> Option<String>) -> Option<Utf8PathBuf> {
    let names =
        super::backend::all_variables().chain(["SCCACHE_SERVER_PORT", "SCCACHE_SERVER_UDS"]);
    let settings: Vec<Vec<u8>> = names
        .map(|name| variable(name).unwrap_or_default().into_bytes())
        .collect();
    let key = recording::key(settings.iter().map(Vec::as_slice));
    let home = journal::default_home(variable).ok()?;
    Some(home.join("cache").join(format!("{key}.json")))
}

/// What was found last.
pub fn read(file: &Utf8PathBuf) -> Option<Found> {
    serde_json::from_str(&fs::read_to_string(file).ok()?).ok()
}

/// Where it cannot be written, the next call asks again.
fn write(file: &Utf8PathBuf, found: &Found) {
    let Ok(bytes) = serde_json::to_vec(found) else {
        return;
    };
    let _ = file.parent().map(fs::create_dir_all);
    let _ = whole_file::write(file, |out| out.write_all(&bytes));
}

pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_believed_for_a_moment_and_no_answer_for_longer() {
        let found = |trouble: Option<&str>| Found {
            at: 100,
            trouble: trouble.map(str::to_owned),
        };
        assert!(found(None).holds(101) && !found(None).holds(100 + BELIEVE_S));
        let dead = found(Some("refused"));
        assert!(dead.holds(100 + BELIEVE_S) && !dead.holds(100 + DOUBT_S));
        assert!(!dead.holds(99), "the clock was set back");
    }

    #[test]
    fn the_storage_is_the_one_that_the_variables_name() {
        let redis = |name: &str| {
            (name == "SCCACHE_REDIS_ENDPOINT").then(|| "redis://cache.lan:7000".to_owned())
        };
        let (address, _) = storage(&redis).unwrap();
        assert_eq!(address, "cache.lan:7000");
        assert_eq!(storage(&|_| None), None);
        let disk = |name: &str| (name == "SCCACHE_DIR").then(|| "/c".to_owned());
        assert_eq!(storage(&disk), None);
    }

    #[test]
    fn only_a_compiler_is_guarded() {
        for yes in ["/tool/bin/rustc", "rustc", "clippy-driver", "/opt/my-rustc"] {
            assert!(is_compiler(&yes.into()), "{yes}");
        }
        for no in ["buildspeed", "--help", "cache"] {
            assert!(!is_compiler(&no.into()), "{no}");
        }
    }

    #[test]
    fn other_settings_have_another_file() {
        let home = |name: &str| (name == "PITCREW_STATE_DIR").then(|| "/s".to_owned());
        let redis = |name: &str| match name {
            "SCCACHE_REDIS_ENDPOINT" => Some("redis://h".to_owned()),
            name => home(name),
        };
        assert_ne!(file(&home), file(&redis));
        assert!(file(&home).unwrap().starts_with("/s/cache"));
    }
}
