//! Any `.cargo/config.toml`, beside any `--config` argument, is read or refused; and each key that comes
//! out of it can be taken apart and put together again.
//!
//! A line `----` stands between the file and the argument.

use std::collections::BTreeMap;

use pitcrew_core::config::{self, key, split_key};

use crate::Place;

pub fn holds(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (file, argument) = text.split_once("\n----\n").unwrap_or((&text, ""));
    let place = Place::new();
    // Not the text: what is no UTF-8 must be survived too.
    place.write(".cargo/config.toml", &bytes[..file.len().min(bytes.len())]);
    let home = place.folder.join("home");
    let environment = BTreeMap::from([
        ("CARGO_BUILD_RUSTFLAGS".to_owned(), "-a -b".to_owned()),
        ("CARGO_PROFILE_DEV_DEBUG".to_owned(), "1".to_owned()),
    ]);
    let arguments: Vec<String> = argument.lines().map(str::to_owned).collect();
    let Ok(read) = config::load(&place.folder, Some(&home), &environment, &arguments) else {
        return;
    };
    for name in read.values.keys() {
        assert_eq!(&key(&split_key(name)), name);
        let _ = (read.str(name), read.bool(name));
        let _ = read.path(name, &place.folder);
        let _ = read.program(name, &place.folder);
    }
    let _ = read.below(&["profile"]).count();
    let _ = config::configured_rustflags(&read, None);
}
