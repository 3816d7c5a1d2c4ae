//! The project's own settings: how much concurrency is too much, and what is said of tests.

use anyhow::{Context, Result, bail};
use pitcrew_core::finding::Severity;
use pitcrew_core::settings::Settings;
use serde_json::Value;

use crate::facts::Limits;

/// The keys beside `allow`.
pub const KEYS: &[&str] = &[
    "facts",
    "tests",
    "generated",
    "io-concurrency",
    "cpu-concurrency-per-core",
    "database-concurrency",
    "small-collection",
    "large-future",
];

/// The limits in force.
pub fn read(settings: &Settings, cores: u32) -> Result<Limits> {
    let usual = Limits::default();
    let number = |key: &str, usual: u32| -> Result<u32> {
        let Some(value) = settings.value(None, key) else {
            return Ok(usual);
        };
        let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
        number
            .filter(|number| *number > 0)
            .with_context(|| format!("`{key}` must be a whole number above 0, not {value}"))
    };
    Ok(Limits {
        io: number("io-concurrency", usual.io)?,
        cpu_per_core: number("cpu-concurrency-per-core", usual.cpu_per_core)?,
        cores: cores.max(1),
        database: number("database-concurrency", usual.database)?,
        small: number("small-collection", usual.small)?,
        future_bytes: u64::from(number("large-future", usual.future_bytes as u32)?),
    })
}

/// A switch that is off unless the project turns it on.
pub fn is_on(settings: &Settings, key: &str) -> Result<bool> {
    match settings.value(None, key) {
        None => Ok(false),
        Some(Value::Bool(on)) => Ok(*on),
        Some(other) => bail!("`{key}` must be true or false, not {other}"),
    }
}

/// What findings in a package's tests weigh; none where they are not shown.
pub fn tests(settings: &Settings, package: &str) -> Result<Option<Severity>> {
    let Some(value) = settings.value(Some(package), "tests") else {
        return Ok(None);
    };
    match value.as_str() {
        Some("off") => Ok(None),
        Some("note") => Ok(Some(Severity::Note)),
        Some("advice") => Ok(Some(Severity::Advice)),
        Some("warning") => Ok(Some(Severity::Warning)),
        Some("error") => Ok(Some(Severity::Error)),
        _ => bail!(
            "`tests` must be \"off\", \"note\", \"advice\", \"warning\" or \"error\", not {value}"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(key: &str, value: Value) -> Settings {
        Settings {
            values: [(key.to_owned(), value)].into(),
            ..Settings::default()
        }
    }

    #[test]
    fn numbers_are_read_and_nonsense_is_refused() {
        let limits = read(&settings("io-concurrency", 12.into()), 4).unwrap();
        assert_eq!((limits.io, limits.cores), (12, 4));
        for bad in [Value::from(0), Value::from(-3), Value::from("many")] {
            let error = read(&settings("io-concurrency", bad), 4).unwrap_err();
            assert!(error.to_string().contains("io-concurrency"), "{error}");
        }
    }

    #[test]
    fn tests_are_off_unless_asked_for() {
        assert_eq!(tests(&Settings::default(), "p").unwrap(), None);
        let on = settings("tests", "note".into());
        assert_eq!(tests(&on, "p").unwrap(), Some(Severity::Note));
        assert!(tests(&settings("tests", "loud".into()), "p").is_err());
    }
}
