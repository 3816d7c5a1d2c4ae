//! Folders with links in circles, pipes, and names that a shell or a terminal would take for something
//! else.

use std::fs;
use std::path::Path;

use super::{Case, Must};
use crate::{Project, copy};

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    #[cfg(unix)]
    cases.extend(unix());
    for name in [
        "a b",
        "it's \"quoted\"",
        "-rf",
        "--help",
        "$(touch traced)`touch traced`",
        "%s%n{}{0}",
        "ünïcödé ❤",
        "a;b&c|d",
    ] {
        cases.push(beneath(name));
    }
    cases
}

/// A project in a folder of this name, with a member and a module of this name.
fn beneath(name: &str) -> Case {
    let project = Project::empty();
    let root = project.root.join(name);
    copy(&Project::small().root, &root);
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let quoted = toml_edit::Value::from(format!("{name}/member"));
    let manifest = format!("{manifest}\n[workspace]\nmembers = [{quoted}]\n");
    fs::write(root.join("Cargo.toml"), manifest).unwrap();
    let member = root.join(name).join("member");
    fs::create_dir_all(member.join("src")).unwrap();
    fs::write(
        member.join("Cargo.toml"),
        "[package]\nname = \"member\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    )
    .unwrap();
    let path = format!("{name}.rs");
    let root_file = format!("#[path = {path:?}]\npub mod odd;\n");
    fs::write(member.join("src/lib.rs"), root_file).unwrap();
    fs::write(member.join("src").join(&path), "pub async fn f() {}\n").unwrap();
    let _ = fs::remove_file(root.join("Cargo.lock"));
    let mut case = Case::new(format!("names: {name}"), project, Must::Report);
    case.within = name.to_owned();
    case
}

#[cfg(unix)]
fn unix() -> Vec<Case> {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;

    let links: [(&str, &[(&str, &str)]); 4] = [
        ("a link to its own folder", &[(".", "src/again")]),
        (
            "links in a circle",
            &[("two", "src/one"), ("one", "src/two")],
        ),
        ("a link to the root of the disk", &[("/", "everything")]),
        (
            "a link that leads nowhere",
            &[("/nowhere/at/all.rs", "src/gone.rs")],
        ),
    ];
    let mut cases: Vec<Case> = links
        .into_iter()
        .map(|(name, links)| {
            let project = Project::small();
            for (to, at) in links {
                symlink(to, project.root.join(at)).unwrap();
            }
            Case::new(format!("tree: {name}"), project, Must::Report)
        })
        .collect();

    for at in ["pipe", "src/pipe.rs", "tests/pipe.rs"] {
        let project = Project::small();
        let path = project.root.join(at);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success(), "mkfifo {path}");
        cases.push(Case::new(
            format!("tree: a pipe at {at}"),
            project,
            Must::End,
        ));
    }

    let project = Project::small();
    let odd = Path::new(project.root.as_str()).join(OsStr::from_bytes(b"src/caf\xe9.rs"));
    fs::write(odd, "fn f() {}\n").unwrap();
    cases.push(Case::new(
        "tree: a name that is no UTF-8",
        project,
        Must::Report,
    ));

    let project = Project::small();
    project.write(
        "src/lib.rs",
        "#[path = \"a\\nb\\u{1b}[31m.rs\"]\npub mod odd;\n",
    );
    project.write("src/a\nb\u{1b}[31m.rs", "pub fn f( {\n");
    cases.push(Case::new(
        "tree: a name with a line end and an escape",
        project,
        Must::Report,
    ));

    let mut project = beneath("line\nend");
    project.must = Must::End;
    cases.push(project);
    cases
}
