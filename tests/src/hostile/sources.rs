//! Sources that nest without end, that are huge, that are no sources.

use pitcrew_core::source::nesting;

use super::{Case, Must, Size};
use crate::Project;

/// Each nests in another way: what stands before, what opens, what is inside, what closes, what follows.
const NESTED: &[(&str, [&str; 5])] = &[
    ("parentheses", ["fn f() { let x = ", "(", "1", ")", "; }"]),
    ("arrays", ["fn f() { let x = ", "[", "1", "]", "; }"]),
    ("blocks", ["fn f() { ", "{", "", "}", " }"]),
    ("calls", ["fn f() { ", "g(1, ", "1", ")", "; }"]),
    ("operators", ["fn f() { let x = ", "!", "1", "", "; }"]),
    ("references", ["fn f(x: ", "&", "u8", "", ") {}"]),
    ("closures", ["fn f() { let x = ", "|a, b| ", "1", "", "; }"]),
    ("a sum", ["fn f() { let x = 1", "", "", " + 1", "; }"]),
    ("methods", ["async fn f() { x", "", "", ".a().await", "; }"]),
    ("generics", ["type T = ", "A<B, ", "u8", ">", ";"]),
    ("else if", ["fn f() { ", "if a { b } else ", "{}", "", " }"]),
    ("modules", ["", "mod a { ", "", "}", ""]),
    ("functions", ["", "fn a() { ", "", "}", ""]),
    ("imports", ["use ", "a::{b, ", "c", "}", ";"]),
    ("macros", ["fn f() { let x = ", "vec![1, ", "1", "]", "; }"]),
    (
        "conditions",
        ["#[cfg(", "not(all(", "unix", "))", ")] fn f() {}"],
    ),
    (
        "conditional attributes",
        ["#[", "cfg_attr(unix, ", "inline", ")", "] fn f() {}"],
    ),
    ("comments", ["", "/* ", "", "*/", "fn f() {}"]),
    (
        "async blocks",
        ["fn f() { let x = ", "async { ", "1", "}", "; }"],
    ),
];

/// Each source in a project of its own; where they are small, all in one.
pub fn cases(size: Size) -> Vec<Case> {
    let sources = sources(size);
    let case = |name: &str, sources: &[Source]| {
        Case::new(format!("source: {name}"), with(sources), Must::Report)
    };
    match size {
        Size::Small => vec![case("all of them", &sources)],
        Size::Large => sources
            .iter()
            .map(|one| case(&one.0, std::slice::from_ref(one)))
            .collect(),
    }
}

/// What it is, and its bytes.
type Source = (String, Vec<u8>);

fn sources(size: Size) -> Vec<Source> {
    let depth = size.of(20_000, 100_000);
    let mut sources: Vec<Source> = Vec::new();
    for (name, parts) in NESTED {
        sources.push((
            format!("{depth} nested {name}"),
            nested(parts, depth).into_bytes(),
        ));
        // And as deep as is read: whatever walks it has to bear that.
        let most = deepest(parts, depth);
        sources.push((
            format!("{most} nested {name}"),
            nested(parts, most).into_bytes(),
        ));
    }
    let many = size.of(10_000, 200_000);
    let long = [
        (
            "functions",
            "pub async fn f() { g(1).await; }\n".repeat(many),
        ),
        (
            "arguments",
            format!("fn f() {{ g({}); }}\n", "1, ".repeat(many)),
        ),
        ("a line", format!("// {}\n", "x".repeat(many * 16))),
        (
            "a string",
            format!("const S: &str = \"{}\";\n", "a::b ".repeat(many)),
        ),
        (
            "attributes",
            format!("{}fn f() {{}}\n", "#[a]\n".repeat(many)),
        ),
    ];
    sources.extend(long.map(|(name, text)| (format!("long, {name}"), text.into_bytes())));
    let broken: [(&str, &[u8]); 5] = [
        ("no UTF-8", b"pub fn f() { \xff\xfe }\n"),
        ("zero bytes", b"\0\0\0\0fn f() {}\0"),
        ("an open string", b"fn f() { \"a"),
        ("an open bracket", b"fn f() { (((("),
        ("control characters", b"fn f() { \x1b[31m\x08 }\n"),
    ];
    sources.extend(broken.map(|(name, bytes)| (name.to_owned(), bytes.to_vec())));
    sources
}

fn nested([before, opening, inside, closing, after]: &[&str; 5], depth: usize) -> String {
    let (opening, closing) = (opening.repeat(depth), closing.repeat(depth));
    format!("{before}{opening}{inside}{closing}{after}\n")
}

/// The most levels, up to `most`, that are not refused.
fn deepest(parts: &[&str; 5], most: usize) -> usize {
    let (mut fits, mut over) = (0, most);
    while fits + 1 < over {
        let middle = usize::midpoint(fits, over);
        match nesting::check(&nested(parts, middle)) {
            Ok(()) => fits = middle,
            Err(_) => over = middle,
        }
    }
    fits
}

/// A project in which each is a module, beside a plain one.
fn with(sources: &[Source]) -> Project {
    let project = Project::small();
    project.write("src/plain.rs", "pub async fn f() -> u8 {\n    1\n}\n");
    let mut root = "pub mod plain;\n".to_owned();
    for (index, (_, bytes)) in sources.iter().enumerate() {
        root.push_str(&format!("pub mod odd{index};\n"));
        std::fs::write(project.root.join(format!("src/odd{index}.rs")), bytes).unwrap();
    }
    project.write("src/lib.rs", &root);
    project
}
