//! TOML edits on manifests and cargo configuration: each change touches its own key and leaves every
//! other byte, comments, order and spacing included, as it was.

use serde::{Deserialize, Serialize};

/// Sets one key, or removes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TomlChange {
    /// The path of keys: `["profile", "dev", "package", "*", "debug"]`.
    pub key: Vec<String>,
    /// The new value as TOML text (`"\"line-tables-only\""`, `"16"`, `"false"`); none removes the key.
    pub value: Option<String>,
    /// The value is an array whose elements go behind those of the array that is there: flags in a
    /// configuration file, where setting the array would drop the user's own. Elements that are
    /// there already, in this order, are not added again.
    #[serde(default)]
    pub append: bool,
}

impl TomlChange {
    /// Sets `key` to the TOML text `value`.
    pub fn set<const N: usize>(key: [&str; N], value: impl Into<String>) -> Self {
        Self {
            key: key.map(str::to_owned).to_vec(),
            value: Some(value.into()),
            append: false,
        }
    }

    /// Appends the elements of the TOML array `value` to the array `key`, or sets it where there is
    /// none.
    pub fn append<const N: usize>(key: [&str; N], value: impl Into<String>) -> Self {
        Self {
            append: true,
            ..Self::set(key, value)
        }
    }

    /// Removes `key`.
    pub fn remove<const N: usize>(key: [&str; N]) -> Self {
        Self {
            key: key.map(str::to_owned).to_vec(),
            value: None,
            append: false,
        }
    }
}
