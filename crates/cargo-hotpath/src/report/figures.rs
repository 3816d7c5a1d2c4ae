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
        let share = Share::of(10, 100, 100);
        assert_eq!(with_interval(&share), " 10.0 % [5.5, 17.4]");
    }
}
