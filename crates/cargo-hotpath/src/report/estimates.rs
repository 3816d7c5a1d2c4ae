//! What criterion measured, for people.

use std::io::Write;

use anyhow::Result;
use pitcrew_core::style::{Palette, printable};

use crate::profile::{Estimate, Nanoseconds};

pub fn write(estimates: &[Estimate], palette: Palette, out: &mut dyn Write) -> Result<()> {
    if estimates.is_empty() {
        return Ok(());
    }
    let title = "Criterion's estimates of one call [95 % interval]";
    writeln!(out, "\n{}", palette.heading(title))?;
    for estimate in estimates {
        let time = format!("  {}", shown(&estimate.now));
        writeln!(out, "{time:<27}  {}", printable(&estimate.id))?;
        if let Some((change, sure)) = estimate.change() {
            let before = estimate.baseline.as_ref().map_or("", |(name, _)| name);
            let change = format!("{:+.1} % against {}", change * 100.0, printable(before));
            let doubt = if sure { "" } else { ", within the noise" };
            writeln!(
                out,
                "{:27}  {}",
                "",
                palette.dim(format!("{change}{doubt}"))
            )?;
        }
    }
    Ok(())
}

/// All three in the unit of the first.
fn shown(time: &Nanoseconds) -> String {
    let units = [("ns", 1.0), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)];
    let fitting = units
        .into_iter()
        .rev()
        .find(|(_, size)| time.point >= *size);
    let (unit, size) = fitting.unwrap_or(units[0]);
    let digits = |value: f64| format!("{:.1}", value / size);
    format!(
        "{} {unit} [{}, {}]",
        digits(time.point),
        digits(time.low),
        digits(time.high)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_reads_like_this() {
        let time = |point: f64| Nanoseconds {
            point,
            low: point - 200.0,
            high: point + 300.0,
        };
        let estimate = |id: &str, baseline| Estimate {
            id: id.to_owned(),
            now: time(26_400.0),
            baseline,
        };
        let estimates = [
            estimate("fib/20", Some(("main".to_owned(), time(25_000.0)))),
            estimate("words", None),
        ];
        let mut out = Vec::new();
        write(&estimates, Palette::new(false), &mut out).unwrap();
        let expected = "
Criterion's estimates of one call [95 % interval]
  26.4 µs [26.2, 26.7]       fib/20
                             +5.6 % against main
  26.4 µs [26.2, 26.7]       words
";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
