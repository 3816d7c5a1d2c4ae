//! Prints what a crate's sources say of its gates.
#![allow(clippy::print_stdout, clippy::unwrap_used)]
use cargo_depslim::gates::{Library, Source, lookup};
use std::time::Instant;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let root = camino::Utf8PathBuf::from(&args[1]);
    let start = Instant::now();
    let library = Library::new(vec![Source {
        root: Some(root),
        krate: args[2].clone(),
        ..Source::default()
    }]);
    let model = library.model(0);
    println!(
        "{:?}: {} files {} modules {} names {} impls {} members {} sites",
        start.elapsed(),
        model.files.len(),
        model.modules.len(),
        model.names.len(),
        model.impls.len(),
        model.members.len(),
        model.sites.len()
    );
    for u in &model.unread {
        println!("unread {} {}", u.file, u.reason);
    }
    println!(
        "no_std {:?} refusals {:?}",
        model
            .no_std
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        model
            .refusals
            .iter()
            .map(|(g, m)| format!("{g}: {m}"))
            .collect::<Vec<_>>()
    );
    match args.get(3).map(String::as_str) {
        Some("sites") => {
            for s in &model.sites {
                println!(
                    "{:?} {} [{}] outer [{}] {}:{} text={} {:?}",
                    s.shape,
                    model.owner_path(&s.owner),
                    s.gate,
                    s.outer,
                    model.files[s.place.file].file_name().unwrap(),
                    s.place.line,
                    s.mentions.text,
                    s.mentions.names
                );
            }
        }
        Some(path) => {
            let path: Vec<String> = path.split("::").map(str::to_owned).collect();
            for space in [lookup::Space::Code, lookup::Space::Macro] {
                for found in lookup::resolve(&library, 0, &path, space) {
                    println!(
                        "{space:?} {:?} {}",
                        found.what,
                        found
                            .gates
                            .0
                            .iter()
                            .map(|(k, g)| format!("{k}: {g}"))
                            .collect::<Vec<_>>()
                            .join(" & ")
                    );
                }
            }
        }
        None => {}
    }
}
