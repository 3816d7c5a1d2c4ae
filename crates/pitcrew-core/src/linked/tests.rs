//! Programs of all three formats, real ones and broken ones.

use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use object::write::{Object, Symbol, SymbolSection};
use object::{Architecture, BinaryFormat, Endianness, SymbolFlags, SymbolKind, SymbolScope};
use proptest::prelude::*;

use super::*;

fn folded(name: &str) -> String {
    fold(&name::demangled(name).text).name
}

#[test]
fn both_manglings_give_one_name() {
    for (one, other, expected) in [
        (
            "<alloc::vec::Vec<u8>>::push",
            "alloc::vec::Vec<T,A>::push",
            "alloc::vec::Vec::push",
        ),
        (
            "core::ptr::drop_in_place::<alloc::boxed::Box<dyn core::any::Any>>",
            "core::ptr::drop_in_place<u8>",
            "core::ptr::drop_in_place",
        ),
        (
            "<a::S<fn(u8) -> Vec<u8>> as a::Trait<b::X>>::run::{closure#2}",
            "<a::S<T> as a::Trait<U>>::run::{{closure}}",
            "<a::S as a::Trait>::run::{closure}",
        ),
        (
            "<u32 as core::fmt::Debug>::fmt",
            "core::fmt::num::<impl core::fmt::Debug for u32>::fmt",
            "<u32 as core::fmt::Debug>::fmt",
        ),
        (
            "<[u8]>::to_vec",
            "alloc::slice::<impl [u8]>::to_vec",
            "<[u8]>::to_vec",
        ),
    ] {
        assert_eq!(fold(one).name, expected);
        assert_eq!(fold(other).name, expected);
    }
    assert_eq!(
        folded("_ZN4core3ptr9swap_impl17h0123456789abcdefE"),
        "core::ptr::swap_impl"
    );
    assert_eq!(
        folded("_RNvCs1234_7mycrate3foo"),
        "mycrate::foo",
        "without the crate's disambiguator"
    );
    assert_eq!(folded("memcpy"), "memcpy");
}

#[test]
fn the_crate_of_origin_is_whose_source_it_is() {
    for (name, origin) in [
        ("tokio::net::TcpStream::connect", "tokio"),
        ("<tokio::net::TcpStream as core::fmt::Debug>::fmt", "tokio"),
        ("<&mut tokio::Thing as std::io::Read>::read", "tokio"),
        ("<u8 as serde::Serialize>::serialize", "serde"),
        ("<alloc::vec::Vec as mini::Named>::name::{closure}", "mini"),
        ("<(A, B) as core::fmt::Debug>::fmt", "core"),
        ("alloc::vec::Vec::push", "alloc"),
        ("memcpy", ""),
    ] {
        assert_eq!(fold(name).origin, origin, "{name}");
    }
}

#[test]
fn summaries_name_modules() {
    let change = |name: &str| Change {
        name: name.to_owned(),
        origin: String::new(),
        before: 10,
        after: 0,
    };
    let changes = [
        "tokio::process::imp::Child::kill",
        "tokio::process::Command::new",
        "<tokio::process::Command as core::fmt::Debug>::fmt",
        "tokio::spawn",
        "memcpy",
    ]
    .map(change);
    assert_eq!(
        Difference::places(&changes, 9),
        [
            ("tokio::process".to_owned(), 3),
            ("memcpy".to_owned(), 1),
            ("tokio".to_owned(), 1),
        ]
    );
    assert_eq!(Difference::places(&changes, 1).len(), 1);
}

fn program(functions: &[(&str, &[u64])]) -> Program {
    let mut program = Program::default();
    for (name, sizes) in functions {
        for size in *sizes {
            program.add(fold(name), *size);
        }
    }
    program
}

fn names(changes: &[Change]) -> Vec<&str> {
    changes.iter().map(|change| change.name.as_str()).collect()
}

#[test]
fn instances_cancel_and_bodies_do_not() {
    let before = program(&[
        ("a::gone", &[8]),
        ("a::same", &[8, 16]),
        ("a::fewer", &[8, 16, 16]),
        ("a::body", &[8]),
    ]);
    let after = program(&[
        ("a::same", &[16, 8]),
        ("a::fewer", &[16]),
        ("a::body", &[9]),
        ("a::new", &[4]),
    ]);
    let difference = compare(&before, &after);
    assert_eq!(names(&difference.removed), ["a::gone"]);
    assert_eq!(names(&difference.added), ["a::new"]);
    assert_eq!(names(&difference.resized), ["a::body"]);
    assert_eq!(names(&difference.instances), ["a::fewer"]);
    assert_eq!(difference.saved_bytes(), 8 + 24 - 1 - 4);
    assert!(!difference.is_only_less());
    assert_eq!(
        difference.evidence(),
        Evidence::LinkedCode {
            removed: 1,
            added: 1,
            resized: 1
        }
    );
    assert!(compare(&before, &before).is_empty());
    let less = compare(
        &before,
        &program(&[("a::same", &[8, 16]), ("a::body", &[8])]),
    );
    assert!(less.is_only_less() && !less.is_empty());
    let mut both = difference.clone();
    both.merge(difference.clone());
    assert_eq!(both, difference, "one program twice is no more");
}

/// An object file of a format with two functions, one of them Rust's.
fn object_file(format: BinaryFormat, rust: &str) -> Vec<u8> {
    let mut object = Object::new(format, Architecture::X86_64, Endianness::Little);
    let text = object.section_id(object::write::StandardSection::Text);
    object.append_section_data(text, &[0x90; 48], 16);
    for (name, value, size) in [(rust, 0, 32), ("plain_c", 32, 16)] {
        object.add_symbol(Symbol {
            name: name.as_bytes().to_vec(),
            value,
            size,
            kind: SymbolKind::Text,
            scope: SymbolScope::Linkage,
            weak: false,
            section: SymbolSection::Section(text),
            flags: SymbolFlags::None,
        });
    }
    object.write().unwrap()
}

const SYMBOL: &str = "_ZN5tokio7process5spawn17h0123456789abcdefE";
const FORMATS: [BinaryFormat; 3] = [BinaryFormat::Elf, BinaryFormat::MachO, BinaryFormat::Coff];

#[test]
fn every_format_tells_names_and_sizes() {
    for format in FORMATS {
        let program = parse(&object_file(format, SYMBOL)).unwrap().unwrap();
        let function = &program.functions["tokio::process::spawn"];
        assert_eq!(function.sizes, [32], "{format:?}");
        assert_eq!(function.origin, "tokio", "{format:?}");
        let c = program
            .functions
            .iter()
            .find(|(name, _)| name.contains("plain_c"));
        assert_eq!(c.unwrap().1.sizes, [16], "{format:?}");
    }
}

#[test]
fn a_program_without_rust_names_says_so() {
    for format in FORMATS {
        assert_eq!(parse(&object_file(format, "main")).unwrap(), None);
    }
    let dir = tempfile::tempdir().unwrap();
    let dir = Utf8Path::from_path(dir.path()).unwrap();
    std::fs::write(dir.join("c"), object_file(BinaryFormat::Elf, "main")).unwrap();
    let error = read(&dir.join("c")).unwrap_err();
    assert!(error.to_string().contains("stripped"), "{error}");
    std::fs::write(dir.join("text"), "no program").unwrap();
    let error = read(&dir.join("text")).unwrap_err();
    assert!(error.to_string().contains("no executable"), "{error}");
    let error = read(&dir.join("missing")).unwrap_err();
    assert!(matches!(error, LinkedError::Read { .. }));
}

proptest! {
    /// Whatever the bytes, there is an answer or an error.
    #[test]
    fn broken_files_end_in_an_error(
        which in 0..3_usize,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..24),
        cut in any::<prop::sample::Index>(),
        cuts in any::<bool>(),
    ) {
        let mut bytes = object_file(FORMATS[which], SYMBOL);
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if cuts {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = parse(&bytes);
    }

    #[test]
    fn any_text_folds_to_what_folds_to_itself(name in "[a-c<>{}:# ,&()\\[\\]-]{0,40}|.{0,20}") {
        let once = fold(&name).name;
        // Unbalanced brackets are nobody's names; they only must not end in a panic.
        if name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == ':') {
            prop_assert_eq!(&fold(&once).name, &once);
        }
        module_names(&once);
    }
}

fn module_names(name: &str) {
    let change = Change {
        name: name.to_owned(),
        origin: String::new(),
        before: 1,
        after: 0,
    };
    assert_eq!(Difference::places(&[change], 1).len(), 1);
}

/// Compiles a program with the flags of a mangling.
fn compiled(dir: &Utf8Path, name: &str, source: &str, mangling: &[&str]) -> Utf8PathBuf {
    let path = dir.join(format!("{name}.rs"));
    std::fs::write(&path, source).unwrap();
    let out = dir.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let status = Command::new(rustc)
        .args(["--edition=2021", "--crate-name=program", "-Copt-level=0"])
        .args(mangling)
        .args([path.as_str(), "-o", out.as_str()])
        .status()
        .unwrap();
    assert!(status.success());
    out
}

#[test]
fn two_builds_of_a_real_program_differ_by_what_was_changed() {
    let dir = tempfile::tempdir().unwrap();
    let dir = Utf8Path::from_path(dir.path()).unwrap();
    let before = "#![allow(dead_code)]\n\
                  mod help { pub fn show() { println!(\"usage\") } }\n\
                  struct S<T>(T);\n\
                  impl<T: std::fmt::Debug> S<T> { fn say(&self) { println!(\"{:?}\", self.0) } }\n\
                  fn run(n: u8) -> u8 { S(n).say(); help::show(); n / 2 }\n\
                  fn main() { std::process::exit(run(4).into()) }\n";
    let after = before.replace("help::show(); ", "");
    // The compiler's own choice, and the one that it is moving to.
    for mangling in [&[][..], &["-Csymbol-mangling-version=v0"]] {
        if cfg!(target_env = "msvc") {
            return; // The names are in the .pdb.
        }
        let old = compiled(dir, "before", before, mangling);
        let new = compiled(dir, "after", &after, mangling);
        let (old, new) = (read(&old).unwrap(), read(&new).unwrap());
        assert!(old.functions.contains_key("program::S::say"));
        let difference = compare(&old, &new);
        // What of the standard library only the removed code called is gone too.
        let own = |changes: &[Change]| -> Vec<String> {
            let own = changes.iter().filter(|change| change.origin == "program");
            own.map(|change| change.name.clone()).collect()
        };
        assert_eq!(own(&difference.removed), ["program::help::show"]);
        assert_eq!(own(&difference.resized), ["program::run"]);
        assert_eq!(names(&difference.added), [] as [&str; 0]);
    }
}

#[test]
fn what_a_library_leads_to_is_told_without_a_program() {
    let dir = tempfile::tempdir().unwrap();
    let dir = Utf8Path::from_path(dir.path()).unwrap();
    let library = |name: &str, source: &str, args: &[&str]| {
        let path = dir.join(format!("{name}.rs"));
        std::fs::write(&path, source).unwrap();
        let out = dir.join(format!("lib{name}.rlib"));
        let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
        let mut command = Command::new(rustc);
        command.args(["--edition=2021", "--crate-type=rlib", "--crate-name", name]);
        command.args([path.as_str(), "-o", out.as_str()]).args(args);
        assert!(command.status().unwrap().success());
        out
    };
    let base = "pub fn called() { inner() }\nfn inner() { println!(\"x\") }\n\
                pub fn idle() { println!(\"y\") }\npub trait T { fn t(&self) {} }\n\
                pub struct S;\nimpl T for S { fn t(&self) { println!(\"z\") } }\n\
                pub fn boxed() -> Box<dyn T> { Box::new(S) }\n";
    let base = library("base", base, &[]);
    let external = format!("--extern=base={base}");
    let own = "pub fn api() { base::called(); base::boxed().t() }\n";
    let own = library("own", own, &[&external]);
    let found = reachable(&[&own], &[&base]).unwrap();
    let has = |name: &str| found.functions.contains_key(name);
    assert!(has("own::api") && has("base::called") && has("base::inner"));
    assert!(has("<base::S as base::T>::t"), "by its table of methods");
    // Sections of a function each, as on Linux, tell them apart.
    if cfg!(target_os = "linux") {
        assert!(!has("base::idle"));
    }
    assert!(reachable(&[&dir.join("own.rs")], &[]).is_err());
}
