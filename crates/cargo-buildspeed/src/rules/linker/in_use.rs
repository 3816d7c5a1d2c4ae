//! Which linker is in use, by cargo's and rustc's own rules, and who said so.

use pitcrew_core::config::{FlagSource, Origin};
use pitcrew_core::finding::Location;
use pitcrew_core::toolchain::DefaultLinker;

use crate::facts::Facts;
use crate::flags;
use crate::place;

/// The linker in use.
pub(super) struct InUse {
    /// `mold`, `clang`, `the system's linker`.
    pub name: String,
    /// A flag chooses the linker.
    pub by_flag: bool,
    /// A flag or `target.<host>.linker` chooses what is called to link, other than `cc`.
    pub driver: Option<Driver>,
    /// None where it is the default.
    pub place: Option<(String, Option<Location>)>,
    /// A flag switches rustc's own lld off.
    pub without_lld: bool,
}

/// What rustc calls to link.
pub(super) struct Driver {
    pub name: String,
    pub by_flag: bool,
}

/// The linker where nobody configures one.
pub(super) fn default_name(facts: &Facts) -> &'static str {
    match facts.toolchain.default_linker() {
        DefaultLinker::RustLld => "lld",
        DefaultLinker::System => "the system's linker",
        DefaultLinker::Msvc => "link.exe",
    }
}

pub(super) fn in_use(facts: &Facts) -> InUse {
    let in_force = flags::in_force(facts);
    let options = flags::codegen_options(&in_force.flags);
    let flag_place = match &in_force.source {
        FlagSource::Nothing => None,
        FlagSource::Env(name) => Some((format!("by {name}"), None)),
        FlagSource::Target(origin) | FlagSource::Build(origin) => Some(placed(facts, origin)),
    };
    let (driver, driver_place) = match options.iter().rev().find_map(|o| driver_of(o)) {
        Some(name) => (Some((name, true)), flag_place.clone()),
        None => match configured_driver(facts) {
            Some((name, origin)) => (Some((name, false)), Some(placed(facts, origin))),
            None => (None, None),
        },
    };
    // It is what rustc calls by itself: nothing changes.
    let driver = driver.filter(|(name, _)| name != "cc");
    let driver = driver.map(|(name, by_flag)| Driver { name, by_flag });
    let without_lld = options.iter().any(|option| is_without_lld(option));
    let named = options.iter().rev().find_map(|option| named_by(option));
    let (name, by_flag, place) = match (named, &driver) {
        (Some(name), _) => (name, true, flag_place),
        (None, Some(driver)) => (driver.name.clone(), driver.by_flag, driver_place),
        (None, None) if without_lld => ("the system's linker".to_owned(), true, flag_place),
        (None, None) => (default_name(facts).to_owned(), false, None),
    };
    InUse {
        name,
        by_flag,
        driver,
        place,
        without_lld,
    }
}

fn placed(facts: &Facts, origin: &Origin) -> (String, Option<Location>) {
    let root = &facts.workspace.root;
    (place::words(root, origin), place::of_origin(root, origin))
}

/// `target.<host>.linker` or a matching cfg table's, by its last component.
fn configured_driver(facts: &Facts) -> Option<(String, &Origin)> {
    let value = flags::target_value(facts, "linker")?;
    Some((file_stem(value.value.as_str()?), &value.origin))
}

/// What a codegen option makes rustc call.
fn driver_of(option: &str) -> Option<String> {
    option.strip_prefix("linker=").map(file_stem)
}

/// The linker that a codegen option asks the driver for.
fn named_by(option: &str) -> Option<String> {
    let arg = option
        .strip_prefix("link-arg=")
        .or_else(|| option.strip_prefix("link-args="))?;
    let path = arg.split_whitespace().rev().find_map(|arg| {
        arg.strip_prefix("-fuse-ld=")
            .or_else(|| arg.strip_prefix("--ld-path="))
    })?;
    let name = file_stem(path);
    Some(name.strip_prefix("ld.").unwrap_or(&name).to_owned())
}

/// Switches rustc's own lld off.
fn is_without_lld(option: &str) -> bool {
    option == "linker-features=-lld"
}

/// Whether a codegen option chooses a linker, and nothing that the program may need besides.
pub(super) fn chooses_linker(option: &str) -> bool {
    named_by(option).is_some()
        || is_without_lld(option)
        || driver_of(option).is_some_and(|driver| is_for_speed(&driver))
}

/// Compilers and linkers of the host, which a project sets to link faster. Anything else may be a
/// cross compiler or a script that the build needs.
pub(super) fn is_for_speed(driver: &str) -> bool {
    let known = ["clang", "gcc", "lld-link", "rust-lld", "mold", "wild"];
    known.contains(&driver)
}

fn file_stem(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.strip_suffix(".exe").unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_linker_that_a_flag_names() {
        assert_eq!(named_by("link-arg=-fuse-ld=mold").as_deref(), Some("mold"));
        assert_eq!(
            named_by("link-arg=-fuse-ld=/usr/bin/ld.lld").as_deref(),
            Some("lld")
        );
        assert_eq!(named_by("link-arg=--ld-path=wild").as_deref(), Some("wild"));
        assert_eq!(named_by("link-arg=-Wl,-s"), None);
        assert_eq!(named_by("target-cpu=native"), None);
    }

    #[test]
    fn only_what_chooses_a_linker_may_go() {
        assert!(chooses_linker("linker=/usr/bin/clang"));
        assert!(chooses_linker("linker-features=-lld"));
        assert!(!chooses_linker("linker=scripts/link.sh"));
        assert!(!chooses_linker("link-arg=-Tlink.x"));
    }
}
