//! Files of other profilers: read into a profile that does not contradict itself, or refused. What is
//! read can be asked and written again.

use cargo_hotpath::import;
use cargo_hotpath::names::origin::Places;
use cargo_hotpath::profile::Profile;
use pitcrew_core::store::Store;

use crate::Place;

fn places() -> Places {
    Places {
        root: "/home/me/app".to_owned(),
        members: vec![("/home/me/app".to_owned(), "app".to_owned())],
        outside: Vec::new(),
        crates: vec![("app".to_owned(), "app".to_owned())],
    }
}

fn sound(read: Result<Profile, impl std::fmt::Debug>) {
    let Ok(profile) = read else { return };
    assert!(profile.is_sound(), "a profile that contradicts itself");
    let kept = serde_json::to_string(&profile).unwrap();
    assert_eq!(serde_json::from_str::<Profile>(&kept).unwrap(), profile);
}

fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

pub fn perf_data(bytes: &[u8]) {
    let place = Place::new();
    let path = place.write("perf.data", bytes);
    let store = Store::new(&place.folder, "hotpath");
    sound(import::perf_data::read(&path, &places(), &store));
}

pub fn perf_script(bytes: &[u8]) {
    let text = text(bytes);
    let _ = import::perf_script::is_perf_script(&text);
    sound(import::perf_script::read(&text, &places()));
}

pub fn firefox(bytes: &[u8]) {
    let text = text(bytes);
    let _ = import::firefox::is_firefox(&text);
    sound(import::firefox::read(&text, &places()));
}

pub fn xctrace(bytes: &[u8]) {
    let text = text(bytes);
    let _ = import::xctrace::is_xctrace(&text);
    sound(import::xctrace::read(&text, &places()));
}

pub fn callgrind(bytes: &[u8]) {
    let text = text(bytes);
    let _ = import::callgrind::is_callgrind(&text);
    sound(import::callgrind::read(&text, &places()));
}

pub fn dhat(bytes: &[u8]) {
    let text = text(bytes);
    let _ = import::dhat::is_dhat(&text);
    sound(import::dhat::read(&text, &places()));
}

pub fn collapsed(bytes: &[u8]) {
    let text = text(bytes);
    let _ = import::collapsed::is_collapsed(&text);
    sound(import::collapsed::read(&text, &places()));
}
