//! Times as they are typed on a command line.

use std::time::Duration;

const YEAR_S: u32 = 31_536_000;

/// `90`, `90s`, `10m`, `1h`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit_s) = split(text, "90s, 10m, 1h")?;
    let number: u64 = number
        .parse()
        .map_err(|_| "give a whole number with s, m or h: 90s".to_owned())?;
    match number
        .checked_mul(unit_s.into())
        .filter(|seconds| *seconds > 0 && *seconds < YEAR_S.into())
    {
        Some(seconds) => Ok(Duration::from_secs(seconds)),
        None => Err("give a time between 1s and a year".to_owned()),
    }
}

/// The same with fractions, for what may be over in less than a second: `0.5s`, `1.5m`.
pub fn fine_duration(text: &str) -> Result<Duration, String> {
    let (number, unit_s) = split(text, "10s, 2m, 1h")?;
    let number: f64 = number
        .parse()
        .map_err(|_| "give a number with s, m or h: 10s".to_owned())?;
    let seconds = number * f64::from(unit_s);
    if (0.01..YEAR_S.into()).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err("give a time between 0.01s and a year".to_owned())
    }
}

/// The number, and the seconds of its unit.
fn split<'a>(text: &'a str, examples: &str) -> Result<(&'a str, u32), String> {
    let number = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit_s = match &text[number.len()..] {
        "" | "s" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        _ => {
            return Err(format!(
                "give a number of seconds, minutes or hours: {examples}"
            ));
        }
    };
    Ok((number, unit_s))
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

    #[test]
    fn fractions_are_read_where_they_may_be_needed() {
        assert_eq!(fine_duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(fine_duration("0.5s"), Ok(Duration::from_millis(500)));
        assert_eq!(fine_duration("10m"), Ok(Duration::from_secs(600)));
        for bad in ["", "0", "m", "-3s", "10 m", "1d", "nan", "inf", "1e999s"] {
            assert!(fine_duration(bad).is_err(), "{bad}");
        }
    }
}
