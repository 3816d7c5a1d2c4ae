//! Times as they are typed on a command line.

use std::time::Duration;

/// `90`, `90s`, `10m`, `1h`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        _ => return Err("give a number of seconds, minutes or hours: 90s, 10m, 1h".to_owned()),
    };
    let number: u64 = digits
        .parse()
        .map_err(|_| "give a whole number with s, m or h: 90s".to_owned())?;
    match number
        .checked_mul(unit)
        .filter(|seconds| *seconds > 0 && *seconds < 31_536_000)
    {
        Some(seconds) => Ok(Duration::from_secs(seconds)),
        None => Err("give a time between 1s and a year".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_nonsense_is_refused() {
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(duration("1h"), Ok(Duration::from_secs(3600)));
        for bad in [
            "",
            "0",
            "m",
            "1.5m",
            "-3s",
            "10 m",
            "99999999999999999999h",
            "1d",
            "３m",
        ] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
