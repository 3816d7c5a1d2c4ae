//! Whether it is known that code can need what goes without naming it: from this depends which other
//! builds the proof makes.

use std::fs;

use camino::Utf8Path;

use super::{dropped, read};

/// What the dependency's feature `b` brings, and whether code can need that without a name.
const CASES: &[(&str, &str, bool)] = &[
    (
        "an implementation for a type that stays",
        "pub struct Kept; #[cfg(feature = \"b\")] impl Clone for Kept { fn clone(&self) -> Self { Kept } }",
        true,
    ),
    (
        "one for a type that goes too",
        "#[cfg(feature = \"b\")] pub struct Gone; #[cfg(feature = \"b\")] impl Drop for Gone { fn drop(&mut self) {} }",
        false,
    ),
    (
        "one of a trait for a type of this module that goes too",
        "pub struct Kept; #[cfg(feature = \"b\")] pub struct Gone; \
         #[cfg(feature = \"b\")] impl From<Gone> for Kept { fn from(_: Gone) -> Self { Kept } }",
        false,
    ),
    (
        "one of a trait for a type of this module that stays",
        "pub struct Kept; pub struct Other; \
         #[cfg(feature = \"b\")] impl From<Other> for Kept { fn from(_: Other) -> Self { Kept } }",
        true,
    ),
    (
        "one whose argument has the name of a type that goes, in another module",
        "pub struct Kept; pub mod net { #[cfg(feature = \"b\")] pub struct String; } \
         #[cfg(feature = \"b\")] impl From<String> for Kept { fn from(_: String) -> Self { Kept } }",
        true,
    ),
    (
        "one of a trait that nobody outside can name",
        "pub struct Kept; trait Hidden {} #[cfg(feature = \"b\")] impl Hidden for Kept {}",
        false,
    ),
    (
        "a field of a type that stays",
        "pub struct Kept { pub a: u32, #[cfg(feature = \"b\")] pub b: u32 }",
        true,
    ),
    (
        "a function that only has a name",
        "#[cfg(feature = \"b\")] pub fn gone() -> u32 { 2 }",
        false,
    ),
];

#[test]
fn what_code_can_need_without_naming_it_is_told() {
    for (what, code, unnamed) in CASES {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let write = |name: &str, text: &str| {
            let path = dir.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let package = |name: &str, rest: &str| {
            format!(
                "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n{rest}"
            )
        };
        let dep = "[dependencies]\ndep = { path = \"../dep\", features = [\"a\", \"b\"] }\n";
        write("app/Cargo.toml", &package("app", dep));
        write(
            "app/src/main.rs",
            "fn main() { println!(\"{}\", dep::run()); }\n",
        );
        write(
            "dep/Cargo.toml",
            &package("dep", "[features]\na = []\nb = []\n"),
        );
        let run = "#[cfg(feature = \"a\")] pub fn run() -> u32 { 1 }\n";
        write("dep/src/lib.rs", &format!("{run}{code}\n"));
        let outcome = read(dir);
        assert!(dropped(&outcome).contains("dep/b"), "{what}");
        let told: Vec<bool> = (outcome.slimmed.iter())
            .map(|slimmed| slimmed.takes_unnamed)
            .collect();
        assert_eq!(told, [*unnamed], "{what}");
    }
}
