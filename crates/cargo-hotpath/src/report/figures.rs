//! Figures as the report writes them.

use crate::analyse::Share;
use crate::profile::Unit;

/// `12.3 %`
pub fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// `12.3 % [10.9, 13.9]`
pub fn with_interval(share: &Share) -> String {
    format!(
        "{:>5.1} % [{:.1}, {:.1}]",
        share.share * 100.0,
        share.low * 100.0,
        share.high * 100.0
    )
}

/// `1,830`
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A weight in words: `1.83 s`, `12.4 M instructions`.
pub fn weight(weight: u64, unit: Unit) -> String {
    match unit {
        Unit::Nanoseconds => seconds(weight as f64 / 1e9),
        Unit::Cycles => format!("{} cycles", scaled(weight)),
        Unit::Instructions => format!("{} instructions", scaled(weight)),
        Unit::Bytes => bytes(weight),
        Unit::Samples => format!("{} samples", count(weight)),
    }
}

pub fn seconds(seconds: f64) -> String {
    if seconds >= 1.0 {
        format!("{seconds:.2} s")
    } else {
        format!("{:.0} ms", seconds * 1e3)
    }
}

/// Bytes with three digits: `812 B`, `8.12 kB`, `1.24 GB`.
pub fn bytes(number: u64) -> String {
    match three_digits(number) {
        (number, "") => format!("{number} B"),
        (number, letter) => format!("{number} {letter}B"),
    }
}

/// A number in few columns: `9,120`, then `91.2 k`, `1.24 M`.
pub fn amount(number: u64) -> String {
    if number < 10_000 {
        return count(number);
    }
    let (number, letter) = three_digits(number);
    format!("{number} {letter}")
}

/// A time in nanoseconds: `80 ns`, `1.24 ms`.
pub fn time(nanoseconds: u64) -> String {
    let seconds = nanoseconds as f64 / 1e9;
    let (number, unit) = match nanoseconds {
        0..1_000 => return format!("{nanoseconds} ns"),
        1_000..1_000_000 => (seconds * 1e6, "µs"),
        1_000_000..1_000_000_000 => (seconds * 1e3, "ms"),
        _ => (seconds, "s"),
    };
    format!("{} {unit}", rounded(number))
}

fn three_digits(number: u64) -> (String, &'static str) {
    let mut scaled = number as f64;
    let mut letters = ["", "k", "M", "G", "T", "P", "E"].into_iter();
    let mut letter = letters.next().unwrap_or_default();
    // What would be rounded to 1000 is 1.00 of the next.
    while scaled >= 999.5 {
        let Some(next) = letters.next() else { break };
        letter = next;
        scaled /= 1000.0;
    }
    if letter.is_empty() {
        return (number.to_string(), letter);
    }
    (rounded(scaled), letter)
}

/// Three digits of a number under 1000.
fn rounded(number: f64) -> String {
    let decimals = match number {
        ..9.995 => 2,
        ..99.95 => 1,
        _ => 0,
    };
    format!("{number:.decimals$}")
}

fn scaled(number: u64) -> String {
    let number = number as f64;
    for (scale, letter) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] {
        if number >= scale {
            return format!("{:.1} {letter}", number / scale);
        }
    }
    format!("{number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(count(12), "12");
        assert_eq!(weight(1_830_000_000, Unit::Nanoseconds), "1.83 s");
        assert_eq!(weight(12_000_000, Unit::Nanoseconds), "12 ms");
        assert_eq!(
            weight(12_400_000, Unit::Instructions),
            "12.4 M instructions"
        );
        assert_eq!(bytes(812), "812 B");
        assert_eq!(bytes(999_600), "1.00 MB");
        assert_eq!(bytes(1_236_000_000), "1.24 GB");
        assert_eq!(bytes(u64::MAX), "18.4 EB");
        assert_eq!((&*amount(9_120), &*amount(91_234)), ("9,120", "91.2 k"));
        assert_eq!((&*time(80), &*time(1_236_000)), ("80 ns", "1.24 ms"));
        assert_eq!(time(12_000_000_000), "12.0 s");
        let share = Share::of(10, 100, 100);
        assert_eq!(with_interval(&share), " 10.0 % [5.5, 17.4]");
    }
}
