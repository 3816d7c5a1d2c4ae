//! What is observed beside the profile: the machine's cores and the settings of the release profile.

use std::thread::available_parallelism;

use camino::Utf8Path;
use toml_edit::{DocumentMut, Item};

use crate::facts::{Around, Release};

/// What surrounds the workspace at `root`; a folder without a manifest is none.
pub fn of(root: &Utf8Path) -> Around {
    let cores = available_parallelism().map_or(1, usize::from);
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).ok();
    Around {
        cores: u32::try_from(cores).unwrap_or(u32::MAX),
        checks: None,
        release: manifest.and_then(|text| release(&text)),
    }
}

/// The release profile of a manifest, with cargo's defaults where it says nothing.
fn release(manifest: &str) -> Option<Release> {
    let manifest: DocumentMut = manifest.parse().ok()?;
    let profile = manifest
        .get("profile")
        .and_then(|profiles| profiles.get("release"));
    let setting = |key: &str| profile.and_then(|profile| profile.get(key));
    let text = |key: &str| setting(key).and_then(Item::as_str);
    Some(Release {
        has_lto: setting("lto").and_then(Item::as_bool) == Some(true)
            || matches!(text("lto"), Some("thin" | "fat")),
        one_codegen_unit: setting("codegen-units").and_then(Item::as_integer) == Some(1),
        optimises_size: matches!(text("opt-level"), Some("s" | "z")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_in_every_form() {
        assert_eq!(release("[package]\nname = 'a'\n"), Some(Release::default()));
        let all =
            release("[profile.release]\nlto = \"thin\"\ncodegen-units = 1\nopt-level = 's'\n")
                .unwrap();
        assert!(all.has_lto && all.one_codegen_unit && all.optimises_size);
        assert!(release("profile.release.lto = true\n").unwrap().has_lto);
        assert!(!release("profile.release.lto = \"off\"\n").unwrap().has_lto);
        assert!(release("[").is_none());
    }
}
