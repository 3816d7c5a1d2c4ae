//! Whatever rustc may print as MIR one day is summarised, and the summary is kept and read back as it
//! was.

use std::io::Cursor;

use cargo_concurrency_lint::mir::summarise::{Crate, summarise};
use cargo_concurrency_lint::mir::summary::Summary;

pub fn holds(bytes: &[u8]) {
    let krate = Crate {
        name: "app".to_owned(),
        externs: vec![("tokio".to_owned(), "tokio-1".to_owned())],
        dir: "/nowhere".into(),
        member: true,
    };
    // What is no UTF-8 is an error of the reader.
    let Ok(summary) = summarise(Cursor::new(bytes), krate) else {
        return;
    };
    let kept = summary.to_bytes().unwrap();
    assert_eq!(
        Summary::from_bytes(&kept).unwrap().to_bytes().unwrap(),
        kept
    );
}
