//! One apply as it stands in the journal: JSON that a person can read, with everything that is needed
//! to go either way.

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Raised when the meaning of a field changes.
pub(super) const SCHEMA: u32 = 1;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub schema: u32,
    pub tool: String,
    /// Rises with each apply that stands in the history.
    pub id: u64,
    /// Directories that the apply creates, parents first.
    pub directories: Vec<Utf8PathBuf>,
    pub files: Vec<SavedFile>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SavedFile {
    /// As the plan named it.
    pub path: Utf8PathBuf,
    /// Where it really lies, with links followed.
    pub target: Utf8PathBuf,
    /// Beside the target, so that a rename replaces it at once.
    pub temporary: Utf8PathBuf,
    /// None: the apply creates the file.
    pub old: Option<Content>,
    pub new: Content,
}

/// The two states that a file of an entry can be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Old,
    New,
}

impl Side {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Old => Self::New,
            Self::New => Self::Old,
        }
    }
}

impl SavedFile {
    /// What the file holds on this side; none where it does not exist.
    pub(super) fn bytes(&self, side: Side) -> Option<&[u8]> {
        match side {
            Side::Old => self.old.as_ref().map(|content| content.bytes.as_slice()),
            Side::New => Some(&self.new.bytes),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "StoredContent", try_from = "StoredContent")]
pub(super) struct Content {
    pub bytes: Vec<u8>,
}

impl From<&[u8]> for Content {
    fn from(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.to_vec(),
        }
    }
}

/// Content as JSON: text where it is text.
#[derive(Serialize, Deserialize)]
struct StoredContent {
    sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hex: Option<String>,
}

impl From<Content> for StoredContent {
    fn from(content: Content) -> Self {
        let sha256 = hash(&content.bytes);
        let (text, hex) = match String::from_utf8(content.bytes) {
            Ok(text) => (Some(text), None),
            Err(error) => (None, Some(to_hex(error.as_bytes()))),
        };
        Self { sha256, text, hex }
    }
}

impl TryFrom<StoredContent> for Content {
    type Error = &'static str;

    fn try_from(stored: StoredContent) -> Result<Self, Self::Error> {
        let bytes = match (stored.text, stored.hex) {
            (Some(text), None) => text.into_bytes(),
            (None, Some(hex)) => from_hex(&hex).ok_or("bytes that are not hexadecimal")?,
            _ => return Err("a file without content"),
        };
        if hash(&bytes) == stored.sha256 {
            Ok(Self { bytes })
        } else {
            Err("content that differs from its checksum")
        }
    }
}

/// SHA-256 in hexadecimal.
pub(super) fn hash(bytes: &[u8]) -> String {
    to_hex(&Sha256::digest(bytes))
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits
        .chunks_exact(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_stays_readable_and_damage_is_noticed() {
        let json = serde_json::to_string(&Content::from(&b"a = 1\r\n"[..])).unwrap();
        assert!(json.contains(r#""text":"a = 1\r\n""#), "{json}");
        let damaged = json.replace("a = 1", "a = 2");
        let error = serde_json::from_str::<Content>(&damaged).unwrap_err();
        assert!(error.to_string().contains("checksum"), "{error}");
    }

    proptest! {
        #[test]
        fn any_bytes_come_back(bytes: Vec<u8>) {
            let content = Content::from(bytes.as_slice());
            let json = serde_json::to_vec(&content).unwrap();
            prop_assert_eq!(serde_json::from_slice::<Content>(&json).unwrap(), content);
        }
    }
}
