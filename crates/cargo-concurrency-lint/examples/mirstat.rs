use cargo_concurrency_lint::mir::{bodies, body::Body, statement::*};
use std::{fs, io::BufReader, time::Instant};
fn main() {
    let mut ex = vec![];
    for p in std::env::args().skip(1) {
        let t = Instant::now();
        let (mut n, mut un, mut bad, mut other, mut noend, mut calls, mut noname) = (0, 0, 0, 0, 0, 0, 0);
        let cut = bodies::each(BufReader::with_capacity(1 << 20, fs::File::open(&p).unwrap()), &mut |text| {
            n += 1;
            let Some(b) = Body::read(text) else { bad += 1; ex.push(text.lines().next().unwrap().to_owned()); return };
            un += b.unread.len();
            if let Some(x) = b.unread.first() { ex.push(x.to_string()); }
            for blk in &b.blocks {
                if blk.cleanup { continue }
                if blk.end.is_none() { noend += 1; ex.push(format!("noend {}", b.path)); }
                if let Some((Terminator::Call(c), _)) = &blk.end { calls += 1; if blk.name.is_none() && matches!(c.callee, Callee::Path(_)) { noname += 1; } }
                for (s, _) in &blk.statements { if let Statement::Assign(_, Value::Other) = s { other += 1; if other < 20 { ex.push(format!("other in {}", b.path)); } } }
            }
        }).unwrap();
        println!("{:40} {:6} bodies {:4} ms {:5} MB unread {un} bad {bad} other {other} noend {noend} calls {calls} noname {noname}", p.rsplit('/').next().unwrap(), n, t.elapsed().as_millis(), cut.bytes / 1000000);
    }
    ex.truncate(40);
    for e in ex { println!("  {e}"); }
}
