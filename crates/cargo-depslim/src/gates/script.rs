//! Which features a build script asks about: what it does with the answer nobody can read off it.

use std::collections::BTreeSet;

use camino::Utf8Path;
use pitcrew_core::regular_file;

/// What is known of a build script.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    pub exists: bool,
    /// As the environment has them: `USE_SYSTEM_LIB`.
    asks: BTreeSet<String>,
    /// It goes through all of them, or cannot be read.
    asks_all: bool,
}

const PREFIX: &str = "CARGO_FEATURE_";

/// Reads the script at `path`, and what stands beside it in a folder of its own.
pub(super) fn read(path: &Utf8Path) -> Script {
    let mut script = Script {
        exists: true,
        ..Script::default()
    };
    script.file(path);
    // `build/main.rs` may have modules; `build.rs` stands beside everything else.
    let folder = path.parent().filter(|folder| {
        path.file_name() == Some("main.rs") || folder.file_name() == Some("build")
    });
    let entries = folder.and_then(|folder| folder.read_dir_utf8().ok());
    for entry in entries.into_iter().flatten().flatten() {
        if entry.path() != path && entry.path().extension() == Some("rs") {
            script.file(entry.path());
        }
    }
    script
}

impl Script {
    fn file(&mut self, path: &Utf8Path) {
        match regular_file::read(path) {
            Ok(bytes) => self.text(&String::from_utf8_lossy(&bytes)),
            Err(_) => self.asks_all = true,
        }
    }

    fn text(&mut self, text: &str) {
        for (at, _) in text.match_indices(PREFIX) {
            let rest = &text[at + PREFIX.len()..];
            let length = rest
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            let name = &rest[..length];
            // `format!("CARGO_FEATURE_{name}")`
            if name.is_empty() {
                self.asks_all = true;
            } else {
                self.asks.insert(name.to_owned());
            }
        }
        // `cfg!(feature = "x")`, which is compiled with the features of the package.
        for (at, _) in text.match_indices("feature") {
            let rest = text[at + "feature".len()..].trim_start();
            let value = rest.strip_prefix('=').map(str::trim_start);
            let value = value.and_then(|rest| rest.strip_prefix('"')?.split('"').next());
            if let Some(name) = value {
                self.asks.insert(variable(name));
            }
        }
    }

    /// Whether what it does may hang on this feature.
    pub fn asks(&self, feature: &str) -> bool {
        self.exists && (self.asks_all || self.asks.contains(&variable(feature)))
    }
}

/// A feature's name as cargo puts it into the environment.
fn variable(feature: &str) -> String {
    feature.to_uppercase().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(text: &str) -> Script {
        let mut script = Script {
            exists: true,
            ..Script::default()
        };
        script.text(text);
        script
    }

    #[test]
    fn features_are_asked_about_by_environment_or_cfg() {
        let one = script(
            "if std::env::var_os(\"CARGO_FEATURE_USE_SYSTEM\").is_some() {} \
             if cfg!( feature = \"zlib-ng\") {}",
        );
        assert!(one.asks("use-system"));
        assert!(one.asks("zlib-ng"));
        assert!(!one.asks("system"));
        let all = script("env::var(format!(\"CARGO_FEATURE_{}\", name))");
        assert!(all.asks("anything"));
        assert!(!script("let feature = 1;").asks("x"));
        assert!(!Script::default().asks("x"));
    }
}
